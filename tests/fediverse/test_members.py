"""Members as Mobilizon reads and writes them: served, invited, let in, removed (product 8.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links import actions, queries, showing
from fedcommune.domain.links.model import Link, Openness, State, Wish, relationship_with
from tests.fediverse import asking
from tests.fediverse.apps import app_of
from tests.fediverse.peers import mobilizon
from tests.fediverse.peers.server import Peer
from tests.inbox.strangers import Stranger
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer


@dataclass
class Scene:
    """Marie's garden in Saint-Leu; Lucie and her club on a server of Mobilizon."""

    town: Town
    peer: Peer
    marie: Account
    garden: Account
    lucie: Stranger
    club: Stranger

    async def post(self, who: Stranger, activity: dict[str, Any]) -> None:
        await self.peer.post(who, activity)
        await self.settle()

    async def settle(self) -> None:
        await communes.settle([self.town])

    async def link(self, subject: Account, target: Account) -> Link:
        found = await queries.between(
            self.town.commune.database.pool, subject.id, target.id, relationship_with(target.kind)
        )
        assert found is not None
        return found

    async def find(self, who: Stranger) -> Account:
        return await self.town.find(f"@{who.name}@{who.authority}")

    async def members(self, who: Stranger | None = None) -> list[mobilizon.Member]:
        group = await self.peer.fetch(self.garden.actor_id)
        return await mobilizon.members(self.peer, group, who)


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    async with (
        EvilServer() as server,
        communes.town("saint-leu", database_url, Clock()) as town,
    ):
        marie = await town.citizen("marie")
        garden = await town.project(marie, "jardin", Openness.MODERATED)
        peer = Peer(server, town, "mobilizon.localhost")
        lucie = peer.actor("lucie")
        club = peer.actor("club", 1, type="Group", openness="moderated")
        yield Scene(town, peer, marie, garden, lucie, club)


async def test_a_group_lists_its_members_and_each_has_a_document(scene: Scene) -> None:
    (found,) = await scene.members()

    assert (found.actor, found.group, found.role) == (
        scene.marie.actor_id,
        scene.garden.actor_id,
        "administrator",
    )
    assert mobilizon.member(await scene.peer.fetch(found.url)) == found
    relationship = await scene.peer.fetch(found.url.removesuffix("/member"))
    assert relationship["type"] == "Relationship"


async def test_somebody_of_mobilizon_joins_is_let_in_and_sees_the_members(scene: Scene) -> None:
    join = mobilizon.activity("Join", scene.lucie, scene.garden.actor_id, 1)
    await scene.post(scene.lucie, join)
    lucie = await scene.find(scene.lucie)
    link = await scene.link(lucie, scene.garden)
    assert link.state == State.PENDING
    assert len(await scene.members(scene.lucie)) == 1

    async with scene.town.commune.database.transaction() as tx:
        await actions.approve(tx, scene.marie, link, (lucie, scene.garden))
    await scene.settle()

    (accepted,) = scene.peer.heard_of("Accept")
    assert accepted["object"]["id"] == join["id"]
    found = {each.actor: each.role for each in await scene.members(scene.lucie)}
    assert found == {scene.marie.actor_id: "administrator", scene.lucie.id: "member"}

    async with scene.town.commune.database.transaction() as tx:
        link = await scene.link(lucie, scene.garden)
        await actions.remove(tx, scene.marie, link, (lucie, scene.garden))
    await scene.settle()
    (removed,) = scene.peer.heard_of("Remove")
    assert mobilizon.takes_removal(removed)
    assert (removed["object"], removed["origin"]) == (scene.lucie.id, scene.garden.actor_id)
    assert len(await scene.members()) == 1


async def test_somebody_of_mobilizon_accepts_our_invitation_by_a_member(scene: Scene) -> None:
    lucie = await scene.find(scene.lucie)
    async with scene.town.commune.database.transaction() as tx:
        await actions.invite(tx, scene.marie, scene.garden, lucie, Wish())
    await scene.settle()
    (invited,) = scene.peer.heard_of("Invite")
    assert (invited["object"], invited["target"]) == (scene.garden.actor_id, scene.lucie.id)

    member = {
        "type": "Member",
        "id": invited["id"],
        "actor": scene.lucie.id,
        "object": scene.garden.actor_id,
        "role": "member",
    }
    await scene.post(scene.lucie, mobilizon.activity("Accept", scene.lucie, member, 1))

    assert (await scene.link(lucie, scene.garden)).state == State.ACTIVE
    await scene.post(
        scene.lucie, mobilizon.activity("Leave", scene.lucie, scene.garden.actor_id, 2)
    )
    assert (await scene.link(lucie, scene.garden)).state == State.ENDED


async def test_somebody_of_mobilizon_declines_our_invitation_by_a_member(scene: Scene) -> None:
    lucie = await scene.find(scene.lucie)
    async with scene.town.commune.database.transaction() as tx:
        await actions.invite(tx, scene.marie, scene.garden, lucie, Wish())
    await scene.settle()
    (invited,) = scene.peer.heard_of("Invite")
    member = {
        "type": "Member",
        "id": invited["id"],
        "actor": scene.lucie.id,
        "object": scene.garden.actor_id,
        "role": "rejected",
    }

    await scene.post(scene.lucie, mobilizon.activity("Reject", scene.lucie, member, 1))

    assert (await scene.link(lucie, scene.garden)).state == State.ENDED


async def joined(scene: Scene) -> tuple[Account, dict[str, Any]]:
    """Let Marie ask to be a member of the club; return it, and how Mobilizon keeps that."""
    club = await scene.find(scene.club)
    async with scene.town.commune.database.transaction() as tx:
        await actions.ask(tx, scene.marie, club, Wish())
    await scene.settle()
    (asked,) = scene.peer.heard_of("Join")
    member = {
        "type": "Member",
        "id": asked["id"],  # the id of the Join is that of the Member
        "actor": scene.marie.actor_id,
        "object": scene.club.id,
        "role": "member",
    }
    return club, member


async def test_a_moderator_of_mobilizon_lets_us_in_raises_and_removes_us(scene: Scene) -> None:
    club, member = await joined(scene)

    await scene.post(scene.lucie, mobilizon.activity("Accept", scene.lucie, member, 1, scene.club))
    assert (await scene.link(scene.marie, club)).state == State.ACTIVE

    raised = {**member, "role": "administrator"}
    await scene.post(scene.lucie, mobilizon.activity("Update", scene.lucie, raised, 2, scene.club))
    assert (await scene.link(scene.marie, club)).is_admin

    remove = mobilizon.activity("Remove", scene.lucie, member["id"], 3)
    await scene.post(scene.lucie, {**remove, "origin": scene.club.id})
    assert (await scene.link(scene.marie, club)).state == State.ENDED


@pytest.mark.parametrize("type_", ["Create", "Update"])
async def test_a_member_that_is_told_lets_us_in(scene: Scene, type_: str) -> None:
    club, member = await joined(scene)

    await scene.post(scene.lucie, mobilizon.activity(type_, scene.lucie, member, 1, scene.club))

    assert (await scene.link(scene.marie, club)).state == State.ACTIVE


async def test_mobilizon_invites_and_we_answer(scene: Scene) -> None:
    invite = {
        **mobilizon.activity("Invite", scene.lucie, scene.club.id, 1, scene.club),
        "target": scene.marie.actor_id,
    }
    await scene.post(scene.lucie, invite)
    club = await scene.find(scene.club)
    link = await scene.link(scene.marie, club)
    assert link.state == State.INVITED

    async with scene.town.commune.database.transaction() as tx:
        await actions.accept_invitation(tx, link, (scene.marie, club))
    await scene.settle()

    (accepted,) = scene.peer.heard_of("Accept")
    assert accepted["object"]["id"] == invite["id"]


@pytest.mark.parametrize("type_", ["Accept", "Update", "Create", "Remove"])
async def test_sec_ori_04_another_server_says_nothing_of_our_membership(
    scene: Scene, type_: str
) -> None:
    """Product 8.0, rule 9."""
    club, member = await joined(scene)
    before = await scene.link(scene.marie, club)
    mallory = Peer(scene.peer.server, scene.town, "evil.localhost").actor("mallory", 2)
    said: Any = member["id"] if type_ == "Remove" else {**member, "role": "administrator"}
    activity = mobilizon.activity(type_, mallory, said, 1)
    if type_ == "Remove":
        activity |= {"origin": scene.club.id}

    await scene.post(mallory, activity)

    assert await scene.link(scene.marie, club) == before


async def test_sec_vis_11_who_hides_it_is_a_member_for_the_two_sides_alone(scene: Scene) -> None:
    join = mobilizon.activity("Join", scene.lucie, scene.garden.actor_id, 1)
    await scene.post(scene.lucie, join)
    lucie = await scene.find(scene.lucie)
    link = await scene.link(lucie, scene.garden)
    async with scene.town.commune.database.transaction() as tx:
        await actions.approve(tx, scene.marie, link, (lucie, scene.garden))
    hidden = await scene.link(scene.marie, scene.garden)
    async with scene.town.commune.database.transaction() as tx:
        await showing.hide(tx, scene.marie, hidden.id, hidden=True)

    assert [each.actor for each in await scene.members()] == [scene.lucie.id]
    assert [each.actor for each in await scene.members(scene.lucie)] == [scene.lucie.id]
    app = await app_of(scene.town, scene.marie)
    seen = await app.items(f"{scene.garden.actor_id}/members")
    assert {each["actor"] for each in seen} == {scene.marie.actor_id, scene.lucie.id}
    member = scene.town.commune.instance.member(hidden.id)
    assert (await asking.ask(scene.town, member)).status_code == 404
    assert (await asking.ask(scene.town, hidden.relationship_id or "")).status_code == 404
