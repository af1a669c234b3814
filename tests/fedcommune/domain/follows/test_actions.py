"""Follow, be followed, and stop, from both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from little_boxes.activitypub import ActivityType
from msgspec import structs

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Changes
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.blocks import queries as block_queries
from fedcommune.domain.follows import actions, queries
from fedcommune.domain.notifications import queries as notifications
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from federation.errors import RefusedError
from tests.fedcommune.domain.people import People, actor_document


async def told(tx: Transaction, account_id: int) -> list[tuple[str, int]]:
    """Return what somebody was told, oldest first."""
    page = await notifications.page(tx.db, account_id)
    return [(each.kind.value, each.from_id) for each in reversed(page)]


async def test_neighbours_follow_one_another_at_once_and_without_http(
    people: People, tx: Transaction
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")

    made = await actions.follow(tx, marie, paul)
    again = await actions.follow(tx, marie, paul)

    assert made.is_accepted
    assert again == made
    assert await queries.counts(tx.db, paul.id) == (1, 0)
    assert await told(tx, paul.id) == [("follow", marie.id)]
    assert await people.sent() == []


async def test_a_locked_neighbour_is_asked_first(people: People, tx: Transaction) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul", locked=True)

    made = await actions.follow(tx, marie, paul)

    assert not made.is_accepted
    assert not await queries.follows(tx.db, marie.id, paul.id)
    assert [account for _, account in await queries.requests(tx.db, paul.id)] == [marie]
    assert await told(tx, paul.id) == [("follow_request", marie.id)]

    await actions.approve(tx, paul, marie)

    assert await queries.follows(tx.db, marie.id, paul.id)
    assert await told(tx, paul.id) == [("follow", marie.id)]


async def test_w_act_follow_a_stranger_is_asked_by_a_follow_and_is_not_yet_followed(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")

    made = await actions.follow(tx, marie, ada)
    await actions.follow(tx, marie, ada)

    [sent] = await people.sent()
    assert sent.type == ActivityType.FOLLOW.value
    assert sent.document["id"] == made.activity_id
    assert (sent.document["actor"], sent.document["object"]) == (marie.actor_id, ada.actor_id)
    assert sent.inboxes == (ada.inbox,)
    assert await queries.counts(tx.db, marie.id) == (0, 0)
    assert not made.is_accepted


async def test_a_follow_is_undone_with_the_complete_follow(people: People, tx: Transaction) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    made = await actions.follow(tx, marie, ada)

    await actions.stop(tx, marie, ada)
    await actions.stop(tx, marie, ada)

    _, undo = await people.sent()
    assert undo.type == "Undo"
    assert undo.document["object"]["id"] == made.activity_id
    assert undo.document["object"]["type"] == "Follow"
    assert undo.document["object"]["object"] == ada.actor_id
    assert await queries.between(tx.db, marie.id, ada.id) is None


async def test_s2s_23_a_stranger_who_asks_is_accepted_told_and_counted_once(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")

    await actions.gain_follower(tx, ada, marie, "https://elsewhere.example/f/1")
    await actions.gain_follower(tx, ada, marie, "https://elsewhere.example/f/1")
    await actions.gain_follower(tx, ada, marie, "https://elsewhere.example/f/2")

    first, same, second = await people.sent()
    assert first.type == "Accept"
    assert first.document["object"] == {
        "id": "https://elsewhere.example/f/1",
        "type": "Follow",
        "actor": ada.actor_id,
        "object": marie.actor_id,
        "to": [marie.actor_id],
    }
    assert same.document == first.document
    assert second.document["id"] != first.document["id"]
    assert second.document["object"]["id"] == "https://elsewhere.example/f/2"
    assert await queries.counts(tx.db, marie.id) == (1, 0)
    assert await told(tx, marie.id) == [("follow", ada.id)]
    assert await queries.followers_recipients(tx.db, marie.id) == [ada.recipient]


async def test_a_locked_citizen_decides_who_follows(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie", locked=True)
    ada, bob = await people.stranger("ada"), await people.stranger("bob")
    for stranger in (ada, bob):
        await people.follower(stranger, marie)
    assert await people.sent() == []
    assert await queries.followers_recipients(tx.db, marie.id) == []

    await actions.approve(tx, marie, ada)
    await actions.refuse(tx, marie, bob)

    accept, reject = await people.sent()
    assert (accept.type, accept.inboxes) == ("Accept", (ada.inbox,))
    assert (reject.type, reject.inboxes) == ("Reject", (bob.inbox,))
    assert [account for _, account in await queries.followers(tx.db, marie.id)] == [ada]
    with pytest.raises(NotFound):
        await actions.approve(tx, marie, bob)


async def test_sec_mod_06_a_follower_is_removed_without_a_block(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    follow_id = await people.follower(ada, marie)

    await actions.remove_follower(tx, marie, ada)

    reject = (await people.sent())[-1]
    assert reject.type == "Reject"
    assert reject.document["object"]["id"] == follow_id
    assert await queries.counts(tx.db, marie.id) == (0, 0)
    assert not await block_queries.between(tx.db, marie.id, ada.id)


async def test_the_id_of_another_follow_is_refused(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    ada, bob = await people.stranger("ada"), await people.stranger("bob")
    await actions.gain_follower(tx, ada, marie, "https://elsewhere.example/f/1")

    with pytest.raises(RefusedError):
        await actions.gain_follower(tx, bob, marie, "https://elsewhere.example/f/1")

    assert await queries.counts(tx.db, marie.id) == (1, 0)


@pytest.mark.parametrize("reason", ["blocked", "blocking", "moved", "suspended"])
async def test_who_may_not_follow_is_rejected_and_leaves_no_follow(
    people: People, tx: Transaction, reason: str
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    if reason == "blocked":
        await blocks.block(tx, marie, ada)
    elif reason == "blocking":
        await blocks.be_blocked(tx, ada, marie, "https://elsewhere.example/b/1")
    elif reason == "moved":
        marie = await accounts.moved_away(tx, marie, ada)
    else:
        marie = structs.replace(marie, suspended_at=tx.now)

    await people.follower(ada, marie)

    [reject] = await people.sent()
    assert reject.type == "Reject"
    assert await queries.between(tx.db, ada.id, marie.id) is None
    assert await told(tx, marie.id) == []


async def test_one_does_not_follow_oneself_nor_somebody_gone_moved_or_beyond_a_block(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    bob = await people.stranger("bob", movedTo=ada.actor_id)
    carl = await people.stranger("carl")
    await blocks.block(tx, marie, carl)

    with pytest.raises(Conflict):
        await actions.follow(tx, marie, marie)
    with pytest.raises(Conflict, match=ada.actor_id):
        await actions.follow(tx, marie, bob)
    with pytest.raises(NotAllowed):
        await actions.follow(tx, marie, carl)
    with pytest.raises(NotFound):
        await actions.follow(tx, marie, structs.replace(ada, suspended_at=tx.now))
    with pytest.raises(NotAllowed):
        await actions.follow(tx, ada, marie)

    assert await tx.db.fetchval("select count(*) from commune.follow") == 0
    assert await people.sent() == []


async def test_followers_are_paged_newest_first(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    strangers = [await people.stranger(name) for name in ("ada", "bob", "carl")]
    for minutes, stranger in enumerate(strangers):
        later = People(replace(tx, now=tx.now + timedelta(minutes=minutes)))
        await later.follower(stranger, marie)

    first = await queries.followers(tx.db, marie.id, limit=2)
    rest = await queries.followers(tx.db, marie.id, before=first[-1][0], limit=2)

    assert [account.username for _, account in first] == ["carl", "bob"]
    assert [account.username for _, account in rest] == ["ada"]


async def test_sec_mod_01_cutting_a_host_ends_follows_with_its_people_and_no_others(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    evil = await people.stranger("eve", "evil.example")
    below = await people.stranger("eve", "a.evil.example")
    disguised = await people.stranger("eve", "nice.example", id="https://b.evil.example/u/1")
    other = await people.stranger("bob", "notevil.example")
    for stranger in (evil, below, disguised, other):
        await people.follower(stranger, marie)
    await actions.follow(tx, marie, evil)

    assert len(await queries.cut_host(tx.db, "evil.example")) == 4

    assert [account for _, account in await queries.followers(tx.db, marie.id)] == [other]


async def test_w_mov_01_a_move_tells_followers_elsewhere_and_takes_ours_along(
    people: People, tx: Transaction
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada = await people.stranger("ada")
    await people.follower(ada, marie)
    await actions.follow(tx, paul, marie)
    target = actor_document("marie", "elsewhere.example", alsoKnownAs=[marie.actor_id])

    moved = await actions.move(tx, marie, target)

    new = await account_queries.by_actor_id(tx.db, str(target["id"]))
    assert new is not None
    assert moved.moved_to == new.actor_id
    update, move, follow = (await people.sent())[1:]
    assert update.document["object"]["movedTo"] == new.actor_id
    assert (move.type, move.document["object"], move.document["target"]) == (
        "Move",
        marie.actor_id,
        new.actor_id,
    )
    assert move.inboxes == ("https://elsewhere.example/inbox",)
    assert (follow.type, follow.document["actor"]) == ("Follow", paul.actor_id)
    assert await queries.between(tx.db, paul.id, marie.id) is None
    assert await queries.between(tx.db, paul.id, new.id) is not None


async def test_a_move_between_two_accounts_of_ours_needs_the_alias_too(
    people: People, tx: Transaction
) -> None:
    marie, marion = await people.citizen("marie"), await people.citizen("marion")
    document = {**actor_document("marion", id=marion.actor_id), "alsoKnownAs": [marie.actor_id]}

    with pytest.raises(Invalid, match="aliases"):
        await actions.move(tx, marie, document)
    marion = await accounts.edit(tx, marion, Changes(also_known_as=(marie.actor_id,)))
    moved = await actions.move(tx, marie, document)

    assert moved.moved_to == marion.actor_id


@pytest.mark.parametrize("alias", [None, [], ["https://saint-leu.example/ap/actors/1"]])
async def test_sec_ori_12_nobody_moves_to_an_account_that_does_not_agree(
    people: People, tx: Transaction, alias: list[str] | None
) -> None:
    marie = await people.citizen("marie")

    with pytest.raises(Invalid, match="aliases"):
        await actions.move(tx, marie, actor_document("marie", alsoKnownAs=alias))

    assert await account_queries.by_id(tx.db, marie.id) == marie
    assert await people.sent() == []


async def test_nobody_moves_twice_within_seven_days(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    first = actor_document("marie", alsoKnownAs=[marie.actor_id])
    second = actor_document("marie", "other.example", alsoKnownAs=[marie.actor_id])
    moved = await actions.move(tx, marie, first)

    with pytest.raises(TooMany):
        await actions.move(replace(tx, now=tx.now + timedelta(days=6)), moved, second)
    again = await actions.move(replace(tx, now=tx.now + timedelta(days=7)), moved, second)

    assert again.moved_to == second["id"]
