"""The one place where an activity leaves: proven, addressed, never too far."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policy
from fedcommune.domain.visibility import Visibility
from federation import documents, keys
from federation.errors import RefusedError
from federation.names import PUBLIC
from federation.proofs import integrity, linked_data
from outbox import envelope, store
from outbox.addressing import Recipient
from tests.fedcommune.domain.people import People

OPEN = [Visibility.PUBLIC, Visibility.UNLISTED]
CLOSED = [Visibility.FOLLOWERS, Visibility.LIMITED, Visibility.DIRECT]


def note(tx: Transaction, author: Account, **more: Any) -> dict[str, Any]:
    """Return a Create of a small note."""
    object_id = tx.instance.post(7)
    return envelope.create(
        tx.instance.activity(8),
        author.actor_id,
        {
            "id": object_id,
            "type": "Note",
            "attributedTo": author.actor_id,
            "content": "<p>Marché ce soir à 18 h\u00a0!</p>",
            "sensitive": False,
            "published": "2026-09-01T08:00:00Z",
            "to": [PUBLIC],
            "cc": [f"{author.actor_id}/followers"],
            "tag": [{"type": "Hashtag", "name": "#marche", "href": tx.instance.tag_page("marche")}],
            **more,
        },
    )


@pytest.mark.parametrize("visibility", OPEN)
async def test_w_oip_02_and_w_lds_02_what_is_public_carries_two_proofs_that_both_hold(
    people: People, tx: Transaction, visibility: Visibility
) -> None:
    marie = await people.citizen("marie")
    ada = await people.stranger("ada")

    await outgoing.send(tx, marie, note(tx, marie), to=[ada.recipient], visibility=visibility)

    [sent] = await people.sent()
    published = keys.keys_of(await outgoing.describe(tx, marie))
    by_id = {key.id: key for key in published}
    proof_key = by_id[integrity.method(sent.document) or ""]
    main_key = by_id[linked_data.creator(sent.document) or ""]
    now = tx.now + timedelta(minutes=1)
    integrity.verify(sent.document, proof_key, now)
    kept = linked_data.verify(sent.document, main_key, now)
    assert kept["object"]["content"] == sent.document["object"]["content"]
    assert kept["type"] == "Create"
    # Whoever drops one of them can still verify the other.
    without_signature = {k: v for k, v in sent.document.items() if k != "signature"}
    integrity.verify(without_signature, proof_key, now)
    forged = documents.read(
        documents.write(
            {**sent.document, "object": {**sent.document["object"], "content": "<p>Non</p>"}}
        )
    )
    with pytest.raises(RefusedError):
        integrity.verify(forged, proof_key, now)
    with pytest.raises(RefusedError):
        linked_data.verify(forged, main_key, now)


@pytest.mark.parametrize("visibility", CLOSED)
async def test_sec_vis_08_what_is_not_public_is_never_proven_nor_readable_by_its_id(
    people: People, tx: Transaction, visibility: Visibility
) -> None:
    marie = await people.citizen("marie")
    ada = await people.stranger("ada")
    activity = note(tx, marie, to=[ada.actor_id], cc=[])

    await outgoing.send(tx, marie, activity, to=[ada.recipient], visibility=visibility)

    [sent] = await people.sent()
    assert "proof" not in sent.document
    assert "signature" not in sent.document
    assert await store.public_activity(tx.db, activity["id"]) is None
    private = visibility is not Visibility.FOLLOWERS
    assert sent.inboxes == (ada.inbox if private else ada.shared_inbox,)


async def test_a_like_is_not_proven_even_when_it_is_public(people: People, tx: Transaction) -> None:
    marie = await people.citizen("marie")
    ada = await people.stranger("ada")
    like = envelope.like(tx.instance.activity(1), marie.actor_id, "https://elsewhere.example/1")

    await outgoing.send(tx, marie, like, to=[ada.recipient], visibility=Visibility.PUBLIC)

    [sent] = await people.sent()
    assert "proof" not in sent.document
    assert "signature" not in sent.document


async def test_c2s_08_blind_copies_are_removed_before_anything_is_proven(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    ada = await people.stranger("ada")
    activity = {**note(tx, marie), "bto": [ada.actor_id], "bcc": [ada.actor_id]}

    await outgoing.send(tx, marie, activity, to=[ada.recipient], visibility=Visibility.PUBLIC)

    [sent] = await people.sent()
    assert not {"bto", "bcc"} & set(sent.document)
    assert sent.inboxes == ("https://elsewhere.example/inbox",)


async def test_nothing_is_delivered_to_ourselves(people: People, tx: Transaction) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")

    await outgoing.send(
        tx, marie, note(tx, marie), to=[paul.recipient], visibility=Visibility.PUBLIC
    )
    await outgoing.send(
        tx,
        marie,
        envelope.follow(tx.instance.activity(9), marie.actor_id, paul.actor_id),
        to=[paul.recipient],
        visibility=Visibility.DIRECT,
    )

    [sent] = await people.sent()
    assert sent.type == "Create"
    assert sent.inboxes == ()
    assert await store.public_activity(tx.db, sent.document["id"]) is not None


async def test_sec_mod_01_nothing_is_delivered_to_a_refused_host_or_below_it(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    everybody = [
        Recipient(f"https://{host}/u", f"https://{host}/u/inbox", f"https://{host}/inbox")
        for host in ("evil.example", "a.evil.example", "notevil.example")
    ]
    await hosts.set_policy(tx.db, "evil.example", Policy.BLOCKED, reason="", now=tx.now)

    await outgoing.send(tx, marie, note(tx, marie), to=everybody, visibility=Visibility.PUBLIC)

    [sent] = await people.sent()
    assert sent.inboxes == ("https://notevil.example/inbox",)


async def test_sec_mod_02_across_a_block_only_endings_are_delivered(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    ada, bob = await people.stranger("ada"), await people.stranger("bob", "other.example")
    await blocks.be_blocked(tx, ada, marie, "https://elsewhere.example/blocks/1")
    both = [ada.recipient, bob.recipient]

    await outgoing.send(tx, marie, note(tx, marie), to=both, visibility=Visibility.PUBLIC)
    await outgoing.send(
        tx,
        marie,
        envelope.delete(tx.instance.activity(9), marie.actor_id, tx.instance.post(7), to=[PUBLIC]),
        to=both,
        visibility=Visibility.PUBLIC,
    )

    created, deleted = await people.sent()
    assert created.inboxes == ("https://other.example/inbox",)
    assert deleted.inboxes == ("https://elsewhere.example/inbox", "https://other.example/inbox")


async def test_an_activity_of_somebody_else_does_not_leave(people: People, tx: Transaction) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada = await people.stranger("ada")

    with pytest.raises(RefusedError):
        await outgoing.send(
            tx, paul, note(tx, marie), to=[ada.recipient], visibility=Visibility.DIRECT
        )

    assert await people.sent() == []


async def test_a_proof_made_after_a_rotation_holds_with_the_document_of_that_moment(
    people: People, tx: Transaction
) -> None:
    marie = await people.citizen("marie")
    later = replace(tx, now=tx.now + timedelta(days=1))

    await outgoing.send(later, marie, note(tx, marie), to=[], visibility=Visibility.PUBLIC)

    [sent] = await people.sent()
    by_id = {key.id: key for key in keys.keys_of(await outgoing.describe(later, marie))}
    integrity.verify(sent.document, by_id[integrity.method(sent.document) or ""], later.now)
