"""Measures about people and servers, where no page and no application is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Permission, Role
from fedcommune.domain.citizens import barriers
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policy, Rules
from fedcommune.domain.moderation import actions, log, queries
from fedcommune.domain.moderation.model import Action
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import Wire, activity, note

PICTURE = {
    "type": "Image",
    "mediaType": "image/png",
    "url": "https://elsewhere.example/a.png",
}


def test_a_role_may_what_its_bits_say() -> None:
    assert not Role.CITIZEN.moderates
    assert Role.MODERATOR.may(Permission.MANAGE_REPORTS)
    assert not Role.MODERATOR.may(Permission.MANAGE_ROLES)
    assert not Role.MODERATOR.may(Permission.ADMINISTRATOR)
    assert all(Role.ADMINISTRATOR.may(each) for each in Permission)
    assert [role.rank for role in Role] == [0, 1, 2]


async def test_only_a_citizen_has_a_role_and_only_an_administrator_gives_it(
    people: People, tx: Transaction
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada, club = await people.stranger("ada"), await people.actor("club")
    mod = await actions.give_role(tx, marie, Role.MODERATOR)

    for other in (ada, club):
        with pytest.raises(NotAllowed):
            await actions.give_role(tx, other, Role.MODERATOR)
    for by in (mod, paul):
        with pytest.raises(NotAllowed):
            await actions.give_role(tx, paul, Role.ADMINISTRATOR, by=by)

    assert [each.id for each in await people_who_moderate(tx)] == [marie.id]
    boss = await actions.give_role(tx, marie, Role.ADMINISTRATOR)
    assert (await actions.give_role(tx, paul, Role.MODERATOR, by=boss)).role is Role.MODERATOR


async def people_who_moderate(tx: Transaction) -> list[Account]:
    return await citizens.moderators(tx.db)


async def test_the_commune_itself_and_who_is_not_open_are_left_alone(
    people: People, tx: Transaction
) -> None:
    commune, marie = await people.commune(), await people.citizen("marie")
    await tx.db.execute("update commune.citizen set approved_at = null")

    for action in (Action.SUSPEND, Action.SILENCE, Action.NONE):
        with pytest.raises(NotAllowed):
            await actions.act(tx, commune, action)
    with pytest.raises(Conflict):
        await actions.suspend(tx, marie)
    with pytest.raises(Conflict):
        await actions.unsuspend(tx, marie)
    with pytest.raises(Invalid):
        await actions.disable(tx, await people.stranger("ada"))
    with pytest.raises(Invalid):
        await actions.act(tx, marie, Action.DELETE_POSTS)

    assert await log.listed(tx.db) == []


async def test_a_measure_twice_is_once_and_a_report_about_somebody_else_stops_it(
    people: People, tx: Transaction
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    report = await actions.report(tx, marie, paul, content="Il crie")

    with pytest.raises(NotFound):
        await actions.act(tx, marie, Action.SILENCE, report_id=report.id)
    await actions.silence(tx, paul)
    await actions.silence(tx, paul)

    assert [each.kind for each in await log.listed(tx.db)] == ["silence"]


async def test_a_suspension_closes_every_report_about_somebody_another_measure_only_its_own(
    people: People, tx: Transaction
) -> None:
    marie, lea, paul = [await people.citizen(name) for name in ("marie", "lea", "paul")]
    first = await actions.report(tx, marie, paul)
    await actions.report(tx, lea, paul)

    await actions.act(tx, paul, Action.SILENCE, report_id=first.id)
    assert len(await queries.open_reports(tx.db)) == 1
    await actions.act(tx, paul, Action.SUSPEND)
    assert await queries.open_reports(tx.db) == []


async def test_posts_of_others_or_gone_are_neither_marked_nor_deleted(
    people: People, tx: Transaction
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    await tx.db.execute(
        """
        insert into commune.post (
            id, object_id, local, author_id, visibility, published_at, received_at
        )
        values (7, 'https://saint-leu.example/7', true, $1, 'public', $2, $2)
        """,
        marie.id,
        tx.now,
    )

    for measure in (actions.delete_posts, actions.mark_posts):
        for ids in ([7], [8], []):
            with pytest.raises((NotFound, Invalid)):
                await measure(tx, paul, ids)

    row = await tx.db.fetchrow("select sensitive, deleted_at from commune.post where id = 7")
    assert row is not None
    assert tuple(row) == (False, None)


async def test_sec_mod_01_pictures_of_a_server_are_forgotten_and_no_longer_taken(
    people: People, tx: Transaction
) -> None:
    await people.citizen("marie")
    ada = await people.stranger("ada", icon={"type": "Image", "url": PICTURE["url"]})
    await people.follower(ada, await people.citizen("paul"))
    wire = Wire(tx)
    await follow(tx, ada.id)
    await wire.receive(activity("Create", note(1, attachment=[PICTURE])))
    assert await count(tx, "attachment") == 1

    await actions.restrain_host(tx, "elsewhere.example", rules=Rules(reject_media=True))
    await wire.receive(activity("Create", note(2, attachment=[PICTURE]), 2))

    assert await count(tx, "post") == 2
    assert await count(tx, "attachment") == 0
    assert await tx.db.fetchval("select icon from commune.account where id = $1", ada.id) is None


async def follow(tx: Transaction, followed_id: int) -> None:
    """Let marie follow somebody, so that what they write concerns us."""
    await tx.db.execute(
        """
        insert into commune.follow (
            id, follower_id, followed_id, activity_id, state, created_at, accepted_at
        )
        select 1, id, $1, 'https://saint-leu.example/follow', 'accepted', $2, $2
        from commune.account
        where username = 'marie'
        """,
        followed_id,
        tx.now,
    )


async def count(tx: Transaction, table: str) -> int:
    return int(await tx.db.fetchval(f"select count(*) from commune.{table}"))


async def test_sec_mod_01_a_server_limits_its_people_by_handle_by_id_and_below_it(
    people: People, tx: Transaction
) -> None:
    shown = await people.stranger("ada", "notloud.example")
    hidden = [
        await people.stranger("eve", "loud.example"),
        await people.stranger("eve", "a.loud.example"),
        await people.stranger("eve", "nice.example", id="https://b.loud.example/u/1"),
    ]
    ids = [shown.id, *(each.id for each in hidden)]
    assert await limited(tx, ids) == set()

    await actions.limit_host(tx, "loud.example")
    assert await limited(tx, ids) == {each.id for each in hidden}

    await actions.allow_host(tx, "loud.example")
    assert await limited(tx, ids) == set()


async def limited(tx: Transaction, ids: list[int]) -> set[int]:
    found = await account_queries.tallies(tx.db, ids)
    return {account_id for account_id, tally in found.items() if tally.limited}


async def test_a_decision_keeps_its_number_while_it_stands_and_ends_with_it(
    tx: Transaction,
) -> None:
    made = await actions.limit_host(tx, "loud.example", reason="x")
    harder = await actions.block_host(tx, "loud.example")
    assert made.decision_id == harder.decision_id
    assert harder.decision_id is not None
    assert await hosts.by_decision(tx.db, harder.decision_id) == harder

    gone = await actions.allow_host(tx, "loud.example")
    assert (gone.policy, gone.decision_id, gone.rules) == (Policy.OPEN, None, Rules())
    assert await hosts.by_decision(tx.db, harder.decision_id) is None


async def test_barriers_know_an_address_however_it_is_written_and_end_when_they_should(
    tx: Transaction,
) -> None:
    await actions.block_email(tx, email="Ma.Rie@Mail.example")
    block = await actions.block_address(
        tx, "2001:db8::/32", "no_access", expires_at=tx.now.replace(year=2027)
    )

    for email in ("marie@mail.example", "m.a.r.i.e+2@mail.example", "MARIE@MAIL.EXAMPLE"):
        assert (await barriers.before(tx.db, email, "", tx.now)).refused, email
    assert not (await barriers.before(tx.db, "mario@mail.example", "x", tx.now)).refused
    assert await barriers.shut_out(tx.db, "2001:db8::1", tx.now)
    assert not await barriers.shut_out(tx.db, "2001:db9::1", tx.now)
    assert not await barriers.shut_out(tx.db, "2001:db8::1", tx.now.replace(year=2028))
    with pytest.raises(Conflict):
        await actions.block_address(tx, block.network, "no_access")
    with pytest.raises(NotFound):
        await actions.change_address(tx, replace(block, id=1))
