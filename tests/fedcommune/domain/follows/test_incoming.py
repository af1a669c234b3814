"""What strangers say about following, and what nobody believes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, Changes, afresh
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.blocks import queries as block_queries
from fedcommune.domain.follows import actions, incoming, queries
from federation.errors import FederationError, IgnoredError, RefusedError, UnavailableError
from inbox.gather import NOTHING, Gathered
from tests.fedcommune.domain.people import People, activity, actor_document, gathered

ADA = "https://elsewhere.example/users/ada"


async def follows(tx: Transaction) -> list[tuple[int, int, str]]:
    rows = await tx.db.fetch(
        "select follower_id, followed_id, state from commune.follow order by follower_id"
    )
    return [(row["follower_id"], row["followed_id"], row["state"]) for row in rows]


async def test_a_newcomer_is_learnt_and_accepted_in_one_go(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")

    await incoming.followed(
        tx, activity("Follow", ADA, marie.actor_id), gathered(actor_document("ada"))
    )

    ada = await account_queries.by_actor_id(tx.db, ADA)
    assert ada is not None
    assert await follows(tx) == [(ada.id, marie.id, "accepted")]
    [accept] = await people.sent()
    assert accept.type == "Accept"
    assert accept.inboxes == (ada.inbox,)


@pytest.mark.parametrize(
    "object_",
    [
        "https://saint-leu.example/ap/actors/1",
        "https://saint-leu.example/ap/posts/1",
        "https://third.example/users/bob",
        "https://www.w3.org/ns/activitystreams#Public",
    ],
)
async def test_a_follow_of_nobody_here_is_ignored(
    people: People, tx: Transaction, object_: str
) -> None:
    await people.stranger("ada")

    with pytest.raises(IgnoredError):
        await incoming.followed(tx, activity("Follow", ADA, object_), NOTHING)

    assert await follows(tx) == []
    assert await people.sent() == []


async def test_a_follow_of_somebody_deleted_is_ignored(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    await accounts.delete(tx, marie)
    before = len(await people.sent())

    with pytest.raises(IgnoredError):
        await incoming.followed(tx, activity("Follow", ADA, marie.actor_id), NOTHING)

    assert await follows(tx) == []
    assert len(await people.sent()) == before


async def test_a_follow_undone_before_it_arrives_is_ignored_for_a_day(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    follow = activity("Follow", ADA, marie.actor_id)

    await incoming.undone(tx, activity("Undo", ADA, dict(follow.document)), NOTHING)
    with pytest.raises(IgnoredError):
        await incoming.followed(tx, follow, NOTHING)
    assert await follows(tx) == []

    later = replace(tx, now=tx.now + timedelta(hours=25))
    await incoming.followed(later, follow, NOTHING)
    assert len(await follows(tx)) == 1
    await accounts.forget_expired(later)
    assert await tx.db.fetchval("select count(*) from commune.forestalled") == 0


async def test_nobody_forestalls_the_follow_of_another_server(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    follow = activity("Follow", ADA, marie.actor_id)
    eve = "https://evil.example/users/eve"

    await incoming.undone(tx, activity("Undo", eve, {"type": "Follow", "id": follow.id}), NOTHING)
    assert await tx.db.fetchval("select count(*) from commune.forestalled") == 0

    await incoming.followed(tx, follow, NOTHING)
    assert len(await follows(tx)) == 1


@pytest.mark.parametrize("form", ["id", "embedded", "embedded without id", "embedded lost id"])
async def test_s2s_24_an_accept_of_our_follow_counts_in_every_form(
    people: People, tx: Transaction, form: str
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    made = await actions.follow(tx, marie, ada)
    embedded: dict[str, Any] = {
        "type": "Follow",
        "actor": marie.actor_id,
        "object": {"id": ADA, "type": "Person", "inbox": "x", "outbox": "y"},
    }
    if form != "embedded without id":
        embedded["id"] = made.activity_id if form == "embedded" else f"{ADA}#lost"
    object_ = made.activity_id if form == "id" else embedded

    assert await incoming.accept(tx, activity("Accept", ADA, object_))

    assert await follows(tx) == [(marie.id, ada.id, "accepted")]
    assert await queries.has_local_followers(tx.db, ada.id)


async def test_sec_ori_11_only_whom_we_asked_can_accept_or_reject(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    bob = await people.stranger("bob")
    made = await actions.follow(tx, marie, ada)
    before = await follows(tx)
    invented = {"type": "Follow", "id": "https://x.example/1"}
    forgeries: list[tuple[Account, object]] = [
        (bob, made.activity_id),
        (bob, {**invented, "actor": marie.actor_id, "object": ada.actor_id}),
        (bob, {**invented, "id": made.activity_id, "actor": marie.actor_id, "object": ADA}),
        (bob, {**invented, "actor": marie.actor_id, "object": bob.actor_id}),
        (ada, {**invented, "actor": bob.actor_id, "object": ada.actor_id}),
        (ada, {**invented, "actor": "https://saint-leu.example/nobody", "object": ada.actor_id}),
        (ada, "https://saint-leu.example/ap/activities/1"),
    ]

    for forger, object_ in forgeries:
        if isinstance(object_, dict):
            with pytest.raises(IgnoredError):
                await incoming.accepted(tx, activity("Accept", forger.actor_id, object_), NOTHING)
            with pytest.raises(IgnoredError):
                await incoming.refused(tx, activity("Reject", forger.actor_id, object_), NOTHING)
        assert not await incoming.accept(tx, activity("Accept", forger.actor_id, object_))
        assert not await incoming.reject(tx, activity("Reject", forger.actor_id, object_))

    assert await follows(tx) == before == [(marie.id, ada.id, "requested")]


async def test_sec_ori_11_nobody_accepts_a_request_made_to_one_of_ours(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie", locked=True)
    ada, bob = await people.stranger("ada"), await people.stranger("bob")
    follow_id = await people.follower(ada, marie)

    for forger in (ada, bob):
        assert not await incoming.accept(tx, activity("Accept", forger.actor_id, follow_id))

    assert await follows(tx) == [(ada.id, marie.id, "requested")]


@pytest.mark.parametrize("was_accepted", [False, True])
async def test_s2s_25_a_reject_ends_a_follow_whether_it_waits_or_stands(
    people: People, tx: Transaction, was_accepted: bool
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    made = await actions.follow(tx, marie, ada)
    if was_accepted:
        await incoming.accept(tx, activity("Accept", ADA, made.activity_id))

    await incoming.refused(
        tx,
        activity(
            "Reject",
            ADA,
            {"type": "Follow", "id": made.activity_id, "actor": marie.actor_id, "object": ADA},
        ),
        NOTHING,
    )

    assert await follows(tx) == []


@pytest.mark.parametrize("form", ["id", "embedded", "embedded without id"])
async def test_s2s_29_an_undo_ends_the_follow_of_its_own_actor(
    people: People, tx: Transaction, form: str
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    follow_id = await people.follower(ada, marie)
    embedded: dict[str, Any] = {"type": "Follow", "actor": ADA, "object": marie.actor_id}
    if form == "embedded":
        embedded["id"] = follow_id

    assert await incoming.undo(tx, activity("Undo", ADA, follow_id if form == "id" else embedded))

    assert await follows(tx) == []


async def test_w_ori_07_nobody_undoes_the_follow_of_another(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    bob = await people.stranger("bob")
    follow_id = await people.follower(ada, marie)
    ours = await actions.follow(tx, marie, ada)
    before = await follows(tx)

    for object_ in (follow_id, ours.activity_id):
        with pytest.raises(RefusedError):
            await incoming.undo(tx, activity("Undo", bob.actor_id, object_))
    embedded = {"type": "Follow", "actor": ADA, "object": marie.actor_id}
    assert not await incoming.undo(tx, activity("Undo", bob.actor_id, embedded))

    assert await follows(tx) == before


async def test_w_mov_01_ours_follow_somebody_who_moved_and_their_blocks_go_along(
    people: People, tx: Transaction
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada = await people.stranger("ada")
    await actions.follow(tx, marie, ada)
    await incoming.accept(
        tx, activity("Accept", ADA, (await follow_of(tx, marie, ada)).activity_id)
    )
    await blocks.block(tx, paul, ada)
    target = actor_document("ada", "new.example", alsoKnownAs=[ADA])

    await incoming.moved(tx, activity("Move", ADA, ADA, target=target["id"]), gathered(target))

    new = await account_queries.by_actor_id(tx.db, target["id"])
    old = await account_queries.by_actor_id(tx.db, ADA)
    assert new is not None
    assert old is not None
    assert (old.moved_to, old.moved_at) == (new.actor_id, tx.now)
    assert await follows(tx) == [(marie.id, new.id, "requested")]
    assert await block_queries.of(tx.db, paul.id, new.id) is not None
    assert [sent.type for sent in await people.sent()] == ["Follow", "Undo", "Follow"]
    with pytest.raises(IgnoredError):
        await incoming.moved(
            replace(tx, now=tx.now + timedelta(days=6)),
            activity("Move", ADA, ADA, target=target["id"]),
            gathered(target),
        )


async def follow_of(tx: Transaction, follower: Account, followed: Account) -> Any:
    made = await queries.between(tx.db, follower.id, followed.id)
    assert made is not None
    return made


async def test_sec_ori_12_a_move_without_consent_or_for_another_changes_nothing(
    people: People, tx: Transaction
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    bob = await people.stranger("bob", alsoKnownAs=[ADA])  # what is stored does not count
    await actions.follow(tx, marie, ada)
    before = await follows(tx)
    sent = len(await people.sent())
    silent = actor_document("ada", "new.example")
    willing = actor_document("ada", "new.example", alsoKnownAs=[ADA])
    nobody = "https://elsewhere.example/users/nobody"
    other = {**willing, "id": "https://new.example/users/other"}
    attempts: list[tuple[str, str, Any, Gathered]] = [
        (ADA, ADA, silent["id"], gathered(silent)),
        (ADA, ADA, ADA, gathered()),
        (ADA, bob.actor_id, willing["id"], gathered(willing)),
        (bob.actor_id, ADA, willing["id"], gathered(willing)),
        (ADA, ADA, bob.actor_id, gathered()),
        (ADA, ADA, marie.actor_id, gathered()),
        (ADA, ADA, willing["id"], Gathered({afresh(willing["id"]): other})),
        (nobody, nobody, willing["id"], gathered(willing)),
    ]

    for actor, object_, target, found in attempts:
        with pytest.raises(FederationError):
            await incoming.moved(tx, activity("Move", actor, object_, target=target), found)

    assert await follows(tx) == before
    assert len(await people.sent()) == sent
    assert await account_queries.by_actor_id(tx.db, ADA) == ada


async def test_a_move_waits_when_the_new_server_does_not_answer(
    people: People, tx: Transaction
) -> None:
    await people.stranger("ada")
    target = "https://new.example/users/ada"
    missing = Gathered(missing={afresh(target): UnavailableError("later")})

    with pytest.raises(UnavailableError):
        await incoming.moved(tx, activity("Move", ADA, ADA, target=target), missing)


async def test_somebody_moves_to_one_of_ours_who_agreed(people: People, tx: Transaction) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada = await people.stranger("ada")
    made = await actions.follow(tx, paul, ada)
    await incoming.accept(tx, activity("Accept", ADA, made.activity_id))
    await accounts.edit(tx, marie, Changes(also_known_as=(ADA,)))

    await incoming.moved(tx, activity("Move", ADA, ADA, target=marie.actor_id), NOTHING)

    assert await follows(tx) == [(paul.id, marie.id, "accepted")]
