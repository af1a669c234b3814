"""Join, invite, accept, refuse, leave, remove, change roles: between two communes, both ways."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.links import actions as links
from fedcommune.domain.links import queries
from fedcommune.domain.links.model import Link, Openness, State, Wish, relationship_with
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import Stage
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.visibility import ANYONE
from federation.network import fetch
from tests.fediverse.conftest import Neighbours
from tests.fediverse.test_two_communes import follow
from tests.support.communes import Town

pytestmark = pytest.mark.parametrize("way", [0, 1], ids=["there", "and back"])


async def link_at(town: Town, subject: Account, target: Account) -> Link | None:
    """Return the link between two actors as it is kept in *town*."""
    us, them = await town.known(subject), await town.known(target)
    if us is None or them is None:
        return None
    pool = town.commune.database.pool
    return await queries.between(pool, us.id, them.id, relationship_with(them.kind))


async def ask(town: Town, subject: Account, target: Account, wish: Wish) -> Link:
    known = await town.meet(target)
    async with town.commune.database.transaction() as tx:
        return await links.ask(tx, subject, known, wish)


async def told(town: Town, account: Account) -> list[str]:
    found = await notifications.page(town.commune.database.pool, account.id)
    return [str(each.kind) for each in found]


async def test_a_request_is_approved_and_both_sides_agree(neighbours: Neighbours, way: int) -> None:
    here, there = neighbours.both_ways()[way]
    jean, marie = await here.citizen("jean"), await there.citizen("marie")
    troupe = await there.organisation(marie, "theatre")

    asked = await ask(here, jean, troupe, Wish(("trésorier",), message="Je compte bien."))
    await neighbours.settle()

    waiting = await link_at(there, jean, troupe)
    assert asked.state == State.PENDING
    assert waiting is not None
    assert (waiting.state, waiting.roles) == (State.PENDING, ["trésorier"])
    assert waiting.message == "Je compte bien."
    assert "join_request" in await told(there, marie)

    guest = await there.known(jean)
    assert guest is not None
    async with there.commune.database.transaction() as tx:
        await links.approve(tx, marie, waiting, (guest, troupe))
    await neighbours.settle()

    ours, theirs = await link_at(here, jean, troupe), await link_at(there, jean, troupe)
    assert ours is not None
    assert theirs is not None
    assert (ours.state, theirs.state) == (State.ACTIVE, State.ACTIVE)
    assert ours.relationship_id == theirs.relationship_id == there.commune.instance.link(theirs.id)
    assert ours.roles == theirs.roles == ["trésorier"]
    assert not ours.is_admin
    document = await fetch.document(
        here.commune.client, ours.relationship_id or "", signer=await here.commune.signer()
    )
    assert document["subject"] == jean.actor_id
    assert document["object"] == troupe.actor_id
    assert document["cm:state"] == "active"


async def test_an_open_project_lets_in_at_once(neighbours: Neighbours, way: int) -> None:
    here, there = neighbours.both_ways()[way]
    jean, marie = await here.citizen("jean"), await there.citizen("marie")
    jardin = await there.project(marie, "jardin")

    await ask(here, jean, jardin, Wish(("semis",)))
    await neighbours.settle()

    ours = await link_at(here, jean, jardin)
    assert ours is not None
    assert (ours.state, ours.relationship) == (State.ACTIVE, "contributesTo")


async def test_a_refusal_ends_it_on_both_sides(neighbours: Neighbours, way: int) -> None:
    here, there = neighbours.both_ways()[way]
    jean, marie = await here.citizen("jean"), await there.citizen("marie")
    troupe = await there.organisation(marie, "theatre")
    await ask(here, jean, troupe, Wish())
    await neighbours.settle()

    guest, waiting = await there.known(jean), await link_at(there, jean, troupe)
    assert guest is not None
    assert waiting is not None
    async with there.commune.database.transaction() as tx:
        await links.refuse(tx, marie, waiting, (guest, troupe))
    await neighbours.settle()

    for town in (here, there):
        link = await link_at(town, jean, troupe)
        assert link is not None
        assert link.state == State.ENDED


async def test_by_invitation_only_answers_no_to_a_stranger(
    neighbours: Neighbours, way: int
) -> None:
    here, there = neighbours.both_ways()[way]
    jean, marie = await here.citizen("jean"), await there.citizen("marie")
    troupe = await there.organisation(marie, "theatre", Openness.INVITATION)

    await ask(here, jean, troupe, Wish())
    await neighbours.settle()

    ours = await link_at(here, jean, troupe)
    assert ours is not None
    assert ours.state == State.ENDED
    assert await link_at(there, jean, troupe) is None


async def test_an_invitation_across_is_accepted_with_its_rights(
    neighbours: Neighbours, way: int
) -> None:
    here, there = neighbours.both_ways()[way]
    jean, marie = await here.citizen("jean"), await there.citizen("marie")
    troupe = await there.organisation(marie, "theatre", Openness.INVITATION)
    guest = await there.meet(jean)

    async with there.commune.database.transaction() as tx:
        await links.invite(tx, marie, troupe, guest, Wish(("décors",), as_admin=True))
    await neighbours.settle()

    ours = await link_at(here, jean, troupe)
    assert ours is not None
    assert ours.state == State.INVITED
    assert "invite" in await told(here, jean)

    known = await here.meet(troupe)
    async with here.commune.database.transaction() as tx:
        await links.accept_invitation(tx, ours, (jean, known))
    await neighbours.settle()

    theirs, ours = await link_at(there, jean, troupe), await link_at(here, jean, troupe)
    assert theirs is not None
    assert ours is not None
    assert (theirs.state, theirs.is_admin) == (State.ACTIVE, True)
    assert (ours.state, ours.is_admin, ours.roles) == (State.ACTIVE, True, ["décors"])
    assert theirs.consent_id == ours.consent_id


async def test_leaving_and_being_removed_end_it_on_both_sides(
    neighbours: Neighbours, way: int
) -> None:
    here, there = neighbours.both_ways()[way]
    jean, paul = await here.citizen("jean"), await here.citizen("paul")
    marie = await there.citizen("marie")
    jardin = await there.project(marie, "jardin")
    for each in (jean, paul):
        await ask(here, each, jardin, Wish())
    await neighbours.settle()

    leaving = await link_at(here, jean, jardin)
    assert leaving is not None
    async with here.commune.database.transaction() as tx:
        await links.leave(tx, leaving, (jean, await here.meet(jardin)))
    removed, guest = await link_at(there, paul, jardin), await there.known(paul)
    assert removed is not None
    assert guest is not None
    async with there.commune.database.transaction() as tx:
        await links.remove(tx, marie, removed, (guest, jardin))
    await neighbours.settle()

    for town in (here, there):
        for each in (jean, paul):
            link = await link_at(town, each, jardin)
            assert link is not None
            assert link.state == State.ENDED
    assert "left" in await told(here, paul)
    assert "left" in await told(there, marie)


async def test_changed_roles_reach_the_subjects_commune(neighbours: Neighbours, way: int) -> None:
    here, there = neighbours.both_ways()[way]
    jean, marie = await here.citizen("jean"), await there.citizen("marie")
    jardin = await there.project(marie, "jardin")
    await ask(here, jean, jardin, Wish(("semis",)))
    await neighbours.settle()

    link, guest = await link_at(there, jean, jardin), await there.known(jean)
    assert link is not None
    assert guest is not None
    async with there.commune.database.transaction() as tx:
        await links.change(tx, marie, link, (guest, jardin), roles=("compost",), is_admin=True)
    await neighbours.settle()

    ours = await link_at(here, jean, jardin)
    assert ours is not None
    assert (ours.roles, ours.is_admin) == (["compost"], True)


async def test_a_stage_change_arrives_as_an_update_and_as_a_post(
    neighbours: Neighbours, way: int
) -> None:
    here, there = neighbours.both_ways()[way]
    jean, marie = await here.citizen("jean"), await there.citizen("marie")
    jardin = await there.project(marie, "jardin")
    await follow(neighbours, here, jean, there, jardin)
    before = await here.known(jardin)
    assert before is not None
    assert (before.kind, before.details.stage) == ("project", "idea")

    async with there.commune.database.transaction() as tx:
        post = await projects.move(tx, marie, jardin, Stage.STARTED)
    await neighbours.settle()

    after = await here.known(jardin)
    assert after is not None
    assert after.details.stage == "started"
    assert post is not None
    home = await timelines.home(here.commune.database.pool, jean.id)
    assert post.object_id in [entry.post.object_id for entry in home]
    assert "démarré" in (await here.seen(post)).content


async def test_the_neighbours_instance_passes_on_what_is_public(
    neighbours: Neighbours, way: int
) -> None:
    here, there = neighbours.both_ways()[way]
    await follow(
        neighbours,
        here,
        await here.find("@commune"),
        there,
        await there.find("@commune"),
    )
    marie = await there.citizen("marie")

    post = await there.say(marie, "Le marché déménage place de la mairie")
    await neighbours.settle()

    kept = await here.seen(post)
    everywhere = await timelines.public(here.commune.database.pool, ANYONE)
    assert kept.object_id in [entry.post.object_id for entry in everywhere]
    assert await here.known(marie) is not None


async def test_the_square_passes_on_what_a_neighbour_addresses_to_it(
    neighbours: Neighbours, way: int
) -> None:
    here, there = neighbours.both_ways()[way]
    jean, marie = await here.citizen("jean"), await there.citizen("marie")
    square = await there.find("@place")
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, marie, square)

    post = await here.say(jean, f"@place@{there.domain} bonjour la place !")
    await neighbours.settle()

    kept = await there.seen(post)
    assert kept.shares_count == 1
    home = await timelines.home(there.commune.database.pool, marie.id)
    assert [entry.post.object_id for entry in home] == [post.object_id]
