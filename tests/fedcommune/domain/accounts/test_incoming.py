"""Actors elsewhere that change, and that are gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions, incoming, queries
from fedcommune.domain.accounts.model import afresh
from fedcommune.domain.follows import actions as follows
from fedcommune.errors import NotAllowed, NotFound
from federation.errors import FederationError, IgnoredError, RefusedError, UnavailableError
from inbox.gather import NOTHING, Gathered
from tests.fedcommune.domain.people import People, activity, actor_document, gathered

ADA = "https://elsewhere.example/users/ada"


async def test_an_update_is_only_the_occasion_to_ask_the_actors_own_server(
    people: People, tx: Transaction
) -> None:
    ada = await people.stranger("ada")
    said = actor_document("ada", name="Forged", publicKey=None)
    shown = actor_document("ada", name="Ada Lovelace")

    found = gathered(shown)
    assert list(incoming.itself(activity("Update", ADA, said), NOTHING)) == [afresh(ADA)]
    await incoming.updated(tx, activity("Update", ADA, said), found)

    stored = await queries.by_id(tx.db, ada.id)
    assert stored is not None
    assert stored.name == "Ada Lovelace"
    assert len(await queries.keys_of(tx.db, ada.id, tx.now)) == 1


async def test_w_ori_07_nobody_updates_or_deletes_another_actor(
    people: People, tx: Transaction
) -> None:
    ada, bob = await people.stranger("ada"), await people.stranger("bob")
    document = actor_document("ada", name="Forged")

    with pytest.raises(RefusedError):
        await incoming.updated(tx, activity("Update", bob.actor_id, document), gathered(document))
    with pytest.raises(RefusedError):
        await incoming.deleted(tx, activity("Delete", bob.actor_id, document), NOTHING)

    assert await queries.by_id(tx.db, ada.id) == ada


async def test_w_key_05_somebody_we_never_knew_may_say_what_they_like(tx: Transaction) -> None:
    document = actor_document("ada")

    with pytest.raises(IgnoredError):
        await incoming.updated(tx, activity("Update", ADA, document), gathered(document))
    with pytest.raises(IgnoredError):
        await incoming.deleted(tx, activity("Delete", ADA, ADA), NOTHING)

    assert await tx.db.fetchval("select count(*) from commune.account") == 0
    assert not await queries.is_dead(tx.db, ADA)


@pytest.mark.parametrize(
    "found",
    [
        NOTHING,
        Gathered({afresh(ADA): actor_document("eve")}),
        Gathered(missing={afresh(ADA): UnavailableError("later")}),
    ],
)
async def test_an_update_that_its_server_does_not_confirm_changes_nothing(
    people: People, tx: Transaction, found: Gathered
) -> None:
    ada = await people.stranger("ada")

    with pytest.raises(FederationError):
        await incoming.updated(tx, activity("Update", ADA, actor_document("ada")), found)

    assert await queries.by_id(tx.db, ada.id) == ada


async def test_w_act_delete_actor_somebody_gone_leaves_only_a_tombstone(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    ada = await people.stranger("ada")
    await people.follower(ada, marie)
    await follows.follow(tx, marie, ada)
    await post(tx, 1, marie.id, local=True)
    await post(tx, 2, ada.id, parent=1)
    await tx.db.execute("update commune.post set replies_count = 1, likes_count = 1 where id = 1")
    await tx.db.execute(
        """
        insert into commune.reaction (id, kind, account_id, post_id, activity_id, created_at)
        values (3, 'like', $1, 1, 'https://elsewhere.example/likes/1', $2)
        """,
        ada.id,
        tx.now,
    )

    await incoming.deleted(tx, activity("Delete", ADA, ADA), NOTHING)

    assert await queries.by_id(tx.db, ada.id) is None
    assert await queries.is_dead(tx.db, ADA)
    assert await tx.db.fetchval("select count(*) from commune.follow") == 0
    assert await tx.db.fetchval("select count(*) from commune.post") == 1
    row = await tx.db.fetchrow("select replies_count, likes_count from commune.post where id = 1")
    assert row is not None
    assert tuple(row) == (0, 0)
    assert (
        await tx.db.fetchval("select count(*) from commune.key where account_id = $1", ada.id) == 0
    )


async def post(
    tx: Transaction, id_: int, author_id: int, *, local: bool = False, parent: int | None = None
) -> None:
    host = "saint-leu.example" if local else "elsewhere.example"
    await tx.db.execute(
        """
        insert into commune.post (
            id, object_id, local, author_id, visibility, parent_id, published_at, received_at
        )
        values ($1, $2, $3, $4, 'public', $5, $6, $6)
        """,
        id_,
        f"https://{host}/ap/posts/{id_}",
        local,
        author_id,
        parent,
        tx.now,
    )


async def test_w_act_delete_actor_ours_takes_leave_of_every_server_we_know(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    await people.stranger("bob")
    await people.stranger("carl", "third.example")
    await people.follower(await people.stranger("ada"), marie)
    await post(tx, 1, marie.id, local=True)

    await actions.delete(tx, marie)

    farewell = (await people.sent())[-1]
    assert farewell.type == "Delete"
    assert farewell.document["object"] == farewell.document["actor"] == marie.actor_id
    assert "proof" in farewell.document
    assert "signature" in farewell.document
    assert set(farewell.inboxes) == {
        "https://elsewhere.example/inbox",
        "https://third.example/inbox",
    }
    gone = await queries.by_actor_id(tx.db, marie.actor_id)
    assert gone is not None
    assert gone.deleted_at == tx.now
    assert (gone.name, gone.summary) == ("", "")
    assert await queries.is_dead(tx.db, marie.actor_id)
    assert await queries.is_dead(tx.db, "https://saint-leu.example/ap/posts/1")
    assert await tx.db.fetchval("select count(*) from commune.citizen") == 0
    assert await tx.db.fetchval("select count(*) from commune.post") == 0
    assert await tx.db.fetchval("select count(*) from commune.follow") == 0
    with pytest.raises(NotFound):
        await actions.delete(tx, gone)


async def test_neither_the_commune_nor_a_stranger_is_deleted_so(
    people: People, tx: Transaction
) -> None:
    commune, ada = await people.commune(), await people.stranger("ada")
    marie = await people.citizen("marie")

    with pytest.raises(NotAllowed):
        await actions.delete(tx, commune)
    with pytest.raises(NotFound):
        await actions.delete(tx, ada)
    with pytest.raises(NotAllowed):
        await actions.forget_stranger(tx, marie)

    assert await tx.db.fetchval("select count(*) from commune.account") == 3
    assert await people.sent() == []


async def test_who_is_gone_has_no_keys_left_in_the_document_after_the_farewell(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    await actions.delete(tx, marie)

    later = replace(tx, now=tx.now + timedelta(days=9))

    assert await queries.keys_of(tx.db, marie.id, later.now) == []
