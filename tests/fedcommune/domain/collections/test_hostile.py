"""What strangers say of collections, and what nobody believes (FEP-7aa9)."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.collections import actions, queries
from fedcommune.domain.collections.model import MAX_ITEMS, Collection, Draft, Item
from federation.errors import FederationError, IgnoredError, RefusedError, UnavailableError
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import PUBLIC, Wire, activity, actor_document

ADA = "https://elsewhere.example/users/ada"
EVE = "https://evil.example/users/eve"
THEIRS = f"{ADA}/collections/1"
STAMP = f"{ADA}/stamps/1"


@pytest.fixture
def wire(tx: Transaction) -> Wire:
    found = Wire(tx)
    policy = {"canFeature": {"automaticApproval": [PUBLIC]}}
    lists = {"featuredCollections": f"{ADA}/collections"}
    found.serve(actor_document("ada", interactionPolicy=policy, **lists))
    found.serve(actor_document("eve", "evil.example", interactionPolicy=policy))
    return found


async def learn(tx: Transaction, wire: Wire, actor_id: str = ADA) -> Account:
    return await accounts.learn(tx, wire.elsewhere[actor_id])


async def asked(tx: Transaction, wire: Wire, people: People) -> tuple[Collection, Item]:
    """Return a collection of Marie's, and the item by which it asks Ada."""
    marie = await people.citizen("marie")
    ada = await learn(tx, wire)
    made = await actions.make(tx, marie, Draft(name="Amies"), [ada])
    item = await queries.item_of(tx.db, made.id, ada.id)
    assert item is not None
    assert item.state == "pending"
    return made, item


async def states(tx: Transaction) -> list[str]:
    rows = await tx.db.fetch("select state from commune.collection_item order by id")
    return [row["state"] for row in rows]


def stamp(collection: str, **changes: Any) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": STAMP,
        "type": "FeatureAuthorization",
        "interactingObject": collection,
        "interactionTarget": ADA,
        **changes,
    }


def theirs(**changes: Any) -> dict[str, Any]:
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": THEIRS,
        "type": "FeaturedCollection",
        "name": "Cats",
        "attributedTo": ADA,
        "orderedItems": [],
        **changes,
    }


async def test_a_yes_counts_once_its_stamp_is_looked_at(
    tx: Transaction, wire: Wire, people: People
) -> None:
    made, item = await asked(tx, wire, people)
    wire.serve(stamp(made.object_id))

    await wire.receive(activity("Accept", item.activity_id, actor=ADA, result=STAMP))

    assert await states(tx) == ["accepted"]
    for _ in range(2):
        await wire.receive(activity("Delete", STAMP, actor=ADA))
    assert await states(tx) == ["refused"]


@pytest.mark.parametrize(
    "lie",
    [
        {"interactingObject": "https://saint-leu.example/ap/collections/1"},
        {"interactionTarget": EVE},
        {"type": "QuoteAuthorization"},
        {"id": f"{ADA}/stamps/2"},
    ],
)
async def test_sec_ori_11_a_stamp_that_says_something_else_is_no_consent(
    tx: Transaction, wire: Wire, people: People, lie: dict[str, str]
) -> None:
    made, item = await asked(tx, wire, people)
    wire.elsewhere[STAMP] = stamp(made.object_id, **lie)

    with pytest.raises(RefusedError):
        await wire.receive(activity("Accept", item.activity_id, actor=ADA, result=STAMP))

    assert await states(tx) == ["pending"]


async def test_sec_ori_11_nobody_agrees_for_somebody_else(
    tx: Transaction, wire: Wire, people: People
) -> None:
    made, item = await asked(tx, wire, people)
    lie = stamp(made.object_id, id="https://evil.example/stamps/1")
    wire.serve(lie, stamp(made.object_id))

    for document in (
        activity("Accept", item.activity_id, actor=EVE, result=STAMP),
        activity("Accept", item.activity_id, actor=ADA, result=lie["id"]),
        activity("Accept", item.activity_id, actor=ADA),
        activity("Reject", item.activity_id, actor=EVE),
    ):
        with pytest.raises(FederationError):
            await wire.receive(document)
        assert await states(tx) == ["pending"]
    await wire.receive(activity("Accept", item.activity_id, actor=ADA, result=STAMP))
    with pytest.raises(FederationError):
        await wire.receive(activity("Delete", stamp(made.object_id), actor=EVE))
    assert await states(tx) == ["accepted"]


async def test_a_stamp_that_cannot_be_read_now_is_read_later(
    tx: Transaction, wire: Wire, people: People
) -> None:
    _made, item = await asked(tx, wire, people)
    wire.hindered[STAMP] = UnavailableError("down")

    with pytest.raises(UnavailableError):
        await wire.receive(activity("Accept", item.activity_id, actor=ADA, result=STAMP))

    assert await states(tx) == ["pending"]


@pytest.mark.parametrize(
    "document",
    [
        theirs(attributedTo=EVE),
        theirs(id=f"{ADA}/collections/2"),
        theirs(type="OrderedCollection"),
        {**theirs(), "attributedTo": None},
    ],
)
async def test_sec_ori_06_one_is_asked_only_into_a_collection_of_who_asks(
    tx: Transaction, wire: Wire, people: People, document: dict[str, Any]
) -> None:
    garage = await people.actor("garage", kind=Kind.BUSINESS)
    wire.elsewhere[THEIRS] = document

    with pytest.raises(RefusedError):
        await wire.receive(
            activity("FeatureRequest", garage.actor_id, actor=ADA, instrument=THEIRS)
        )
    with pytest.raises(RefusedError):
        await wire.receive(
            activity("FeatureRequest", garage.actor_id, actor=EVE, instrument=THEIRS)
        )

    assert await states(tx) == []
    assert await people.sent() == []


async def test_a_question_is_answered_in_the_same_way_each_time(
    tx: Transaction, wire: Wire, people: People
) -> None:
    garage = await people.actor("garage", kind=Kind.BUSINESS)
    wire.serve(theirs())
    question = activity("FeatureRequest", garage.actor_id, actor=ADA, instrument=THEIRS)

    await wire.receive(question)

    [answer] = [each for each in await people.sent() if each.type == "Accept"]
    [item_id] = [row["id"] for row in await tx.db.fetch("select id from commune.collection_item")]
    assert answer.document["result"] == tx.instance.stamp(item_id)
    assert answer.document["object"]["id"] == question["id"]
    assert await states(tx) == ["accepted"]


async def test_who_refused_is_not_asked_again(tx: Transaction, wire: Wire, people: People) -> None:
    garage = await people.actor("garage", kind=Kind.BUSINESS)
    wire.serve(theirs())
    question = activity("FeatureRequest", garage.actor_id, actor=ADA, instrument=THEIRS)
    await wire.receive(question)
    [row] = await tx.db.fetch("select id, collection_id from commune.collection_item")
    await actions.revoke(tx, garage, row["collection_id"], row["id"])

    await wire.receive({**question, "id": f"{ADA}/featurerequest/2"})

    assert await states(tx) == ["refused"]
    assert [each.type for each in await people.sent()][-1] == "Reject"


async def test_sec_ori_03_nobody_changes_the_collection_of_somebody_else(
    tx: Transaction, wire: Wire, people: People
) -> None:
    garage = await people.actor("garage", kind=Kind.BUSINESS)
    wire.serve(theirs())
    await wire.receive(activity("FeatureRequest", garage.actor_id, actor=ADA, instrument=THEIRS))
    await learn(tx, wire, EVE)
    lie = theirs(name="Dogs")

    for document in (
        activity("Update", lie, actor=EVE),
        activity("Remove", THEIRS, actor=EVE, target=f"{ADA}/collections"),
        activity("Remove", THEIRS, actor=EVE, target=f"{EVE}/collections"),
        activity("Add", {**lie, "attributedTo": EVE}, actor=EVE, target=f"{ADA}/collections"),
    ):
        with pytest.raises(FederationError):
            await wire.receive(document)

    known = await queries.by_object_id(tx.db, THEIRS)
    assert known is not None
    assert known.name == "Cats"
    assert await states(tx) == ["accepted"]


async def test_nobody_stands_in_a_collection_without_a_stamp(
    tx: Transaction, wire: Wire, people: People
) -> None:
    garage = await people.actor("garage", kind=Kind.BUSINESS)
    wire.serve(theirs())
    await wire.receive(activity("FeatureRequest", garage.actor_id, actor=ADA, instrument=THEIRS))
    item = {
        "id": f"{THEIRS}/items/1",
        "type": "FeaturedItem",
        "featuredObject": EVE,
        "featureAuthorization": "https://evil.example/stamps/9",
    }

    for lie in (
        item,
        {**item, "featureAuthorization": STAMP},
        {**item, "featureAuthorization": None},
        {**item, "id": "https://evil.example/items/1"},
    ):
        with pytest.raises(FederationError):
            await wire.receive(activity("Add", lie, actor=ADA, target=THEIRS))
    assert await states(tx) == ["accepted"]

    wire.serve(stamp(THEIRS, id="https://evil.example/stamps/9", interactionTarget=EVE))
    await wire.receive(activity("Add", item, actor=ADA, target=THEIRS))
    assert await states(tx) == ["accepted", "accepted"]


async def test_sec_dos_05_a_collection_is_read_to_its_150th_item(
    tx: Transaction, wire: Wire, people: People
) -> None:
    garage = await people.actor("garage", kind=Kind.BUSINESS)
    wire.serve(theirs())
    await wire.receive(activity("FeatureRequest", garage.actor_id, actor=ADA, instrument=THEIRS))
    collection = await queries.by_object_id(tx.db, THEIRS)
    assert collection is not None
    await tx.db.execute(
        """
        with strangers as (
            insert into commune.account (
                id, actor_id, local, type, kind, username, domain, inbox, created_at, updated_at
            )
            select n, 'https://many.example/' || n, false, 'Person', 'stranger', 'n' || n,
                   'many.example', 'https://many.example/inbox', now(), now()
            from generate_series(1, $2::int) n
            returning id, actor_id
        )
        insert into commune.collection_item (
            id, collection_id, account_id, object_id, state, created_at
        )
        select id, $1, id, actor_id || '/item', 'accepted', now() from strangers
        """,
        collection.id,
        MAX_ITEMS - 1,
    )
    item = {
        "id": f"{THEIRS}/items/1",
        "type": "FeaturedItem",
        "featuredObject": EVE,
        "featureAuthorization": "https://evil.example/stamps/9",
    }
    wire.serve(stamp(THEIRS, id="https://evil.example/stamps/9", interactionTarget=EVE))

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Add", item, actor=ADA, target=THEIRS))

    assert len(await states(tx)) == MAX_ITEMS
