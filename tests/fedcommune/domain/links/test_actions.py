"""Taking part in something of ours: who gets in, who decides, who may not leave."""

from __future__ import annotations

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links import actions as links
from fedcommune.domain.links import queries
from fedcommune.domain.links.model import Link, Openness, State, Wish
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft
from fedcommune.errors import Conflict, Invalid, NotAllowed
from tests.fedcommune.domain.people import People, pair


async def troupe(
    tx: Transaction, founder: Account, openness: Openness = Openness.MODERATED
) -> Account:
    draft = Draft("association", "theatre_du_lagon", "Théâtre du Lagon", openness=openness)
    return await organisations.found(tx, founder, draft, pair())


async def told(tx: Transaction, account: Account) -> list[str]:
    return [str(each.kind) for each in await notifications.page(tx.db, account.id)]


async def the_link(tx: Transaction, subject: Account, target: Account) -> Link:
    link = await queries.between(tx.db, subject.id, target.id, "memberOf")
    assert link is not None
    return link


async def test_the_founder_is_the_first_administrator(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")

    target = await troupe(tx, marie)

    assert await queries.is_admin(tx.db, marie.id, target.id)
    assert await queries.count(tx.db, target.id) == 1


async def test_a_request_waits_for_an_administrator(tx: Transaction, people: People) -> None:
    marie, jean = await people.citizen("marie"), await people.citizen("jean")
    target = await troupe(tx, marie)

    link = await links.ask(tx, jean, target, Wish(("trésorier",), message="Je compte bien."))

    assert link.state == State.PENDING
    assert await told(tx, marie) == ["join_request"]
    assert await queries.count(tx.db, target.id) == 1

    link = await links.approve(tx, marie, link, (jean, target))

    assert link.state == State.ACTIVE
    assert link.roles == ["trésorier"]
    assert not link.is_admin
    assert await queries.count(tx.db, target.id) == 2
    assert "joined" in await told(tx, jean)


async def test_an_open_door_lets_in_at_once_but_gives_no_keys(
    tx: Transaction, people: People
) -> None:
    marie, jean, ada = [await people.citizen(name) for name in ("marie", "jean", "ada")]
    target = await troupe(tx, marie, Openness.OPEN)

    entered = await links.ask(tx, jean, target, Wish())
    ambitious = await links.ask(tx, ada, target, Wish(as_admin=True))

    assert entered.state == State.ACTIVE
    assert ambitious.state == State.PENDING
    assert not await queries.is_admin(tx.db, ada.id, target.id)


async def test_by_invitation_only_refuses_who_was_not_invited(
    tx: Transaction, people: People
) -> None:
    marie, jean = await people.citizen("marie"), await people.citizen("jean")
    target = await troupe(tx, marie, Openness.INVITATION)

    with pytest.raises(NotAllowed):
        await links.ask(tx, jean, target, Wish())

    assert await queries.between(tx.db, jean.id, target.id, "memberOf") is None

    invited = await links.invite(tx, marie, target, jean, Wish(("décors",)))
    assert invited.state == State.INVITED
    assert await told(tx, jean) == ["invite"]
    entered = await links.ask(tx, jean, target, Wish())
    assert entered.state == State.ACTIVE
    assert entered.roles == ["décors"]


async def test_an_invitation_is_accepted_or_declined_by_the_invited(
    tx: Transaction, people: People
) -> None:
    marie, jean, ada = [await people.citizen(name) for name in ("marie", "jean", "ada")]
    target = await troupe(tx, marie)
    for_jean = await links.invite(tx, marie, target, jean, Wish(as_admin=True))
    for_ada = await links.invite(tx, marie, target, ada, Wish())

    accepted = await links.accept_invitation(tx, for_jean, (jean, target))
    declined = await links.decline_invitation(tx, for_ada, (ada, target))

    assert accepted.is_active
    assert await queries.is_admin(tx.db, jean.id, target.id)
    assert declined.state == State.ENDED
    with pytest.raises(Conflict):
        await links.accept_invitation(tx, declined, (ada, target))


async def test_only_an_administrator_approves_refuses_invites_and_removes(
    tx: Transaction, people: People
) -> None:
    marie, jean, ada = [await people.citizen(name) for name in ("marie", "jean", "ada")]
    target = await troupe(tx, marie)
    waiting = await links.ask(tx, jean, target, Wish())

    for attempt in (
        links.approve(tx, ada, waiting, (jean, target)),
        links.refuse(tx, ada, waiting, (jean, target)),
        links.invite(tx, ada, target, ada, Wish()),
        links.remove(tx, ada, waiting, (jean, target)),
        links.change(tx, ada, waiting, (jean, target), roles=("roi",)),
    ):
        with pytest.raises(NotAllowed):
            await attempt

    assert (await the_link(tx, jean, target)) == waiting


async def test_refused_people_may_ask_again(tx: Transaction, people: People) -> None:
    marie, jean = await people.citizen("marie"), await people.citizen("jean")
    target = await troupe(tx, marie)
    first = await links.ask(tx, jean, target, Wish())

    refused = await links.refuse(tx, marie, first, (jean, target))
    again = await links.ask(tx, jean, target, Wish())

    assert refused.state == State.ENDED
    assert again.state == State.PENDING
    assert again.id == first.id


async def test_the_last_administrator_hands_over_before_leaving(
    tx: Transaction, people: People
) -> None:
    marie, jean = await people.citizen("marie"), await people.citizen("jean")
    target = await troupe(tx, marie, Openness.OPEN)
    joined = await links.ask(tx, jean, target, Wish())
    founding = await the_link(tx, marie, target)

    with pytest.raises(Conflict):
        await links.leave(tx, founding, (marie, target))
    assert await queries.is_admin(tx.db, marie.id, target.id)

    await links.change(tx, marie, joined, (jean, target), is_admin=True)
    left = await links.leave(tx, founding, (marie, target))

    assert left.state == State.ENDED
    assert await queries.lock_admins(tx.db, target.id) == [jean.id]


async def test_too_many_or_too_long_roles_are_refused(tx: Transaction, people: People) -> None:
    marie, jean = await people.citizen("marie"), await people.citizen("jean")
    target = await troupe(tx, marie)

    with pytest.raises(Invalid):
        await links.ask(tx, jean, target, Wish(tuple(f"rôle {n}" for n in range(11))))
    with pytest.raises(Invalid):
        await links.ask(tx, jean, target, Wish(("x" * 101,)))
    with pytest.raises(Invalid):
        await links.ask(tx, jean, marie, Wish())

    assert await queries.between(tx.db, jean.id, target.id, "memberOf") is None
