"""Reports, suspensions, and servers kept away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.follows import queries as follow_queries
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policy
from fedcommune.domain.moderation import actions, incoming, queries
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from federation import activities
from federation.errors import IgnoredError, RefusedError
from inbox.gather import NOTHING
from tests.fedcommune.domain.people import People, activity, actor_document, gathered

MODS = "https://elsewhere.example/users/ada"


async def post(tx: Transaction, number: int, author: Account, visibility: str = "public") -> str:
    object_id = f"{author.actor_id}/posts/{number}"
    await tx.db.execute(
        """
        insert into commune.post (
            id, object_id, local, author_id, visibility, published_at, received_at
        )
        values ($1, $2, $3, $4, $5, $6, $6)
        """,
        number,
        object_id,
        author.local,
        author.id,
        visibility,
        tx.now,
    )
    return object_id


def flag(objects: Any, actor: str = MODS, **more: Any) -> activities.Activity:
    return activity("Flag", actor, objects, content="Spam", **more)


@pytest.mark.parametrize("single", [True, False])
async def test_w_act_flag_a_report_comes_as_one_id_or_as_several(
    people: People, tx: Transaction, single: bool
) -> None:
    marie = await people.citizen("marie")
    object_id = await post(tx, 7, marie)
    objects = marie.actor_id if single else [marie.actor_id, object_id, "https://x.example/1"]

    await incoming.reported(tx, flag(objects), gathered(actor_document("ada")))

    [report] = await queries.open_reports(tx.db)
    assert report.account_id == marie.id
    assert report.post_ids == (() if single else (7,))
    assert report.content == "Spam"


async def test_a_post_alone_reports_its_author(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")

    await incoming.reported(tx, flag(await post(tx, 7, marie)), NOTHING)

    [report] = await queries.open_reports(tx.db)
    assert (report.account_id, report.post_ids) == (marie.id, (7,))


async def test_sec_mod_04_reports_about_others_and_posts_unseen_are_not_kept(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    ada, bob = await people.stranger("ada"), await people.stranger("bob")
    private = await post(tx, 7, marie, "followers")
    direct = await post(tx, 8, marie, "direct")

    for objects in (
        bob.actor_id,
        [await post(tx, 9, bob)],
        [private, direct],
        "https://saint-leu.example/ap/actors/1",
    ):
        with pytest.raises(IgnoredError):
            await incoming.reported(tx, flag(objects), NOTHING)
    assert await queries.open_reports(tx.db) == []

    await people.follower(bob, marie)
    await incoming.reported(tx, flag([private, direct]), NOTHING)
    [report] = await queries.open_reports(tx.db)
    assert report.post_ids == (7,)
    assert report.reporter_id == ada.id


async def test_sec_mod_04_the_same_report_is_kept_once_and_a_domain_thirty_times_an_hour(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    ada = await people.stranger("ada")

    await incoming.reported(tx, flag(marie.actor_id), NOTHING)
    with pytest.raises(IgnoredError):
        await incoming.reported(tx, flag(marie.actor_id, id=f"{MODS}#again"), NOTHING)
    for number in range(29):
        await incoming.reported(
            tx, flag(await post(tx, number + 10, marie), id=f"{MODS}#{number}"), NOTHING
        )
    with pytest.raises(IgnoredError, match="too many"):
        await incoming.reported(tx, flag(await post(tx, 99, marie), id=f"{MODS}#99"), NOTHING)

    assert await queries.reports_from(tx.db, ada.domain, tx.now - timedelta(hours=1)) == 30
    later = replace(tx, now=tx.now + timedelta(hours=2))
    await incoming.reported(later, flag(f"{marie.actor_id}/posts/99", id=f"{MODS}#100"), NOTHING)


async def test_sec_mod_02_who_is_blocked_reports_nobody(people: People, tx: Transaction) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await blocks.block(tx, marie, ada)

    with pytest.raises(IgnoredError):
        await incoming.reported(tx, flag(marie.actor_id), NOTHING)

    assert await queries.open_reports(tx.db) == []


async def test_w_act_flag_a_forwarded_report_comes_from_the_commune_and_hides_who_reports(
    people: People, tx: Transaction
) -> None:
    commune, marie = await people.commune(), await people.citizen("marie")
    ada = await people.stranger("ada")
    object_id = await post(tx, 7, ada)

    made = await actions.report(tx, marie, ada, post_ids=[7], content="Insultes", forward=True)

    [sent] = await people.sent()
    assert sent.type == "Flag"
    assert sent.document["actor"] == commune.actor_id
    assert sent.document["object"] == [ada.actor_id, object_id]
    assert marie.actor_id not in orjson.dumps(sent.document).decode()
    assert marie.username not in orjson.dumps(sent.document).decode()
    assert sent.inboxes == (ada.inbox,)
    await actions.close_report(tx, made.id)
    with pytest.raises(NotFound):
        await actions.close_report(tx, made.id)


async def test_a_wrong_report_leaves_no_trace(people: People, tx: Transaction) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada = await people.stranger("ada")
    await post(tx, 7, paul)
    await post(tx, 8, ada, "direct")

    with pytest.raises(Conflict):
        await actions.report(tx, marie, marie)
    with pytest.raises(Invalid):
        await actions.report(tx, marie, ada, content="x" * 5_001)
    for unseen in (7, 8, 9):
        with pytest.raises(NotFound):
            await actions.report(tx, marie, ada, post_ids=[unseen])
    with pytest.raises(NotAllowed):
        await actions.report(tx, ada, marie)
    assert await queries.open_reports(tx.db) == []

    await actions.report(tx, marie, ada)
    with pytest.raises(Conflict):
        await actions.report(tx, marie, ada)


HEARD = ["Delete", "Reject", "Undo", "Update itself"]
UNHEARD = ["Create", "Update", "Announce", "Like", "Follow", "Accept", "Flag", "Move", "Block"]


@pytest.mark.parametrize("kind", HEARD + UNHEARD)
async def test_w_in_03_from_somebody_suspended_only_endings_and_its_own_changes_are_heard(
    people: People, tx: Transaction, kind: str
) -> None:
    ada = await people.stranger("ada")
    object_ = MODS if kind in ("Update itself", "Delete") else "https://elsewhere.example/1"
    said = activity(kind.split()[0], MODS, object_, target="https://elsewhere.example/2")
    await actions.welcome(tx, said)

    await actions.suspend(tx, ada, reason="spam")

    if kind in HEARD:
        await actions.welcome(tx, said)
    else:
        with pytest.raises(IgnoredError):
            await actions.welcome(tx, said)
    await actions.unsuspend(tx, ada)
    await actions.welcome(tx, said)


async def test_sec_mod_01_nobody_of_a_refused_host_is_welcome_by_id_nor_by_handle(
    people: People, tx: Transaction
) -> None:
    await people.stranger("eve", "evil.example", id="https://innocent.example/users/eve")
    marie = await people.citizen("marie")
    await hosts.set_policy(tx.db, "evil.example", Policy.BLOCKED, reason="", now=tx.now)

    for actor in (
        "https://innocent.example/users/eve",
        "https://a.evil.example/users/new",
        marie.actor_id,
    ):
        with pytest.raises(RefusedError):
            await actions.welcome(tx, activity("Like", actor, "https://saint-leu.example/1"))
    await actions.welcome(
        tx, activity("Like", "https://notevil.example/u", "https://saint-leu.example/1")
    )


async def test_sec_ori_10_somebody_deleted_is_not_welcome(people: People, tx: Transaction) -> None:
    await accounts.bury(tx.db, MODS, former_type="Person", local=False, now=tx.now)

    with pytest.raises(IgnoredError):
        await actions.welcome(tx, activity("Create", MODS, "https://elsewhere.example/1"))


async def test_sec_mod_03_a_suspension_hides_follows_without_cutting_them(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    marie = await actions.give_role(tx, marie, Role.MODERATOR)
    await people.follower(ada, marie)

    await actions.suspend(tx, ada, by=marie, reason="spam")
    await actions.suspend(tx, ada)
    assert await follow_queries.followers_recipients(tx.db, marie.id) == []

    await actions.unsuspend(tx, ada)
    assert await follow_queries.followers_recipients(tx.db, marie.id) == [ada.recipient]
    kinds = await tx.db.fetch("select kind from commune.measure order by id")
    assert [row["kind"] for row in kinds] == ["give_role", "suspend", "unsuspend"]


async def test_the_commune_itself_is_never_suspended(people: People, tx: Transaction) -> None:
    with pytest.raises(NotAllowed):
        await actions.suspend(tx, await people.commune())


async def test_sec_mod_01_a_blocked_host_loses_follows_and_what_waits_for_it(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    eve = await people.stranger("eve", "a.evil.example")
    bob = await people.stranger("bob", "notevil.example")
    for stranger in (eve, bob):
        await people.follower(stranger, marie)
    await follows.follow(tx, marie, eve)

    host = await actions.block_host(tx, "Evil.example.", by=marie, reason="spam")

    assert (host.name, host.policy, host.reason) == ("evil.example", Policy.BLOCKED, "spam")
    assert await tx.db.fetchval("select count(*) from commune.follow") == 1
    waiting = await tx.db.fetch("select inbox from outbox.delivery")
    assert [row["inbox"] for row in waiting] == [bob.inbox]
    with pytest.raises(RefusedError):
        await people.stranger("mallory", "evil.example")

    await actions.limit_host(tx, "evil.example")
    await actions.allow_host(tx, "evil.example")
    assert await hosts.policies(tx.db) == {}
    kinds = await tx.db.fetch("select kind from commune.measure order by id")
    assert [row["kind"] for row in kinds] == ["block_host", "limit_host", "allow_host"]


@pytest.mark.parametrize("name", ["", "a b", "victim.example/", "https://evil.example"])
async def test_what_is_no_host_cannot_be_blocked(tx: Transaction, name: str) -> None:
    with pytest.raises(Invalid):
        await actions.block_host(tx, name)

    assert await hosts.listed(tx.db) == []


@pytest.mark.parametrize("name", ["saint-leu.example", "example"])
async def test_we_do_not_block_ourselves(tx: Transaction, name: str) -> None:
    with pytest.raises(NotAllowed):
        await actions.block_host(tx, name)

    assert await hosts.listed(tx.db) == []
