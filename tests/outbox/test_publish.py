"""What is put on the queue, what is refused, and what may travel on."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from federation.errors import RefusedError
from federation.names import AS2, MAX_OUTGOING_BODY, PUBLIC
from outbox import publish, store, upkeep
from tests.outbox.conftest import ALICE, BOB, Commune
from tests.outbox.peers import Peer

STRANGER = "https://far.example/users/eve"


def _note(**changes: object) -> dict[str, Any]:
    document: dict[str, Any] = {
        "@context": AS2,
        "id": "https://commune.example/ap/activities/1",
        "type": "Create",
        "actor": ALICE,
        "to": [PUBLIC],
        "object": {
            "id": "https://commune.example/ap/posts/1",
            "type": "Note",
            "content": "<p>é</p>",
        },
    }
    document |= changes
    return {name: value for name, value in document.items() if value is not None}


async def _publish(commune: Commune, document: dict[str, Any], *inboxes: str) -> None:
    async with commune.pool.acquire() as db, db.transaction():
        await publish.publish(
            db,
            document,
            actor_id=ALICE,
            inboxes=inboxes,
            now=commune.clock(),
            public=True,
        )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"id": None}, id="S2S-11"),
        pytest.param({"type": None}, id="no-type"),
        pytest.param({"actor": None}, id="no-actor"),
        pytest.param({"actor": BOB}, id="somebody-else"),
        pytest.param({"object": None}, id="S2S-08"),
        pytest.param({"object": {}}, id="S2S-08-empty"),
        pytest.param({"type": "Add"}, id="S2S-09"),
        pytest.param({"@context": None}, id="no-context"),
        pytest.param({"content": "x" * MAX_OUTGOING_BODY}, id="too-long"),
    ],
)
async def test_s2s_08_to_11_an_incomplete_activity_is_refused_and_nothing_is_kept(
    commune: Commune, peer: Peer, changes: dict[str, object]
) -> None:
    with pytest.raises(RefusedError) as refused:
        await _publish(commune, _note(**changes), peer.inbox())

    assert str(refused.value).endswith(".")
    assert await commune.count("outbox.activity") == 0
    assert await commune.count("outbox.delivery") == 0


async def test_w_del_01_a_body_of_sixty_kilobytes_is_the_longest(
    commune: Commune, peer: Peer
) -> None:
    room = MAX_OUTGOING_BODY - len(json.dumps(_note(content=""), separators=(",", ":")).encode())
    # json writes é as six bytes, the queue as two
    longest = _note(content="x" * (room + 4))

    await _publish(commune, longest, peer.inbox())
    await commune.deliver()

    assert len(peer.letters[0].body) == MAX_OUTGOING_BODY
    with pytest.raises(RefusedError):
        await _publish(commune, _note(content="x" * (room + 5)), peer.inbox())


async def test_w_del_01_blind_copies_are_not_sent(commune: Commune, peer: Peer) -> None:
    note = _note(bto=["https://a.example/1"], bcc=["https://a.example/2"])
    note["object"]["bto"] = ["https://a.example/1"]

    await _publish(commune, note, peer.inbox())
    await commune.deliver()

    assert b"bto" not in peer.letters[0].body
    assert b"bcc" not in peer.letters[0].body
    assert note["bto"] == ["https://a.example/1"]


async def test_w_del_01_one_body_is_kept_for_many_deliveries(commune: Commune, peer: Peer) -> None:
    await _publish(commune, _note(), *(peer.inbox(f"h{number}") for number in range(30)))

    assert await commune.count("outbox.activity") == 1
    assert await commune.count("outbox.delivery") == 30


async def test_s2s_05_an_inbox_named_twice_gets_it_once(commune: Commune, peer: Peer) -> None:
    await _publish(commune, _note(), peer.inbox(), peer.inbox())
    await _publish(commune, _note(), peer.inbox(), peer.inbox("b"))

    await commune.deliver()

    assert sorted(letter.authority for letter in peer.letters) == [peer.host("a"), peer.host("b")]


async def test_an_inbox_that_is_nonsense_does_not_hold_up_the_others(
    commune: Commune, peer: Peer
) -> None:
    await _publish(commune, _note(), "mailto:eve@far.example", "", peer.inbox())

    await commune.deliver()

    assert len(peer.letters) == 1
    assert await upkeep.pending(commune.pool) == 0


async def test_a_public_activity_is_readable_by_its_id_as_it_was_sent(
    commune: Commune, peer: Peer
) -> None:
    await _publish(commune, _note(), peer.inbox())
    await commune.deliver()

    body = await store.public_activity(commune.pool, "https://commune.example/ap/activities/1")

    assert body == peer.letters[0].body
    assert await store.public_activity(commune.pool, "https://commune.example/other") is None


async def test_workers_are_told_when_the_transaction_is_kept(
    commune: Commune, peer: Peer, database_url: str
) -> None:
    heard: list[str] = []
    listener = await asyncpg.connect(database_url)
    await listener.add_listener("outbox", lambda *told: heard.append(str(told[2])))
    try:
        async with commune.pool.acquire() as db, db.transaction():
            await publish.publish(
                db,
                _note(),
                actor_id=ALICE,
                inboxes=[peer.inbox()],
                now=commune.clock(),
                public=True,
            )
            await listener.execute("select 1")
            assert heard == []
        await listener.execute("select 1")
        assert heard == ["outbox"]
    finally:
        await listener.close()


async def test_publishers_never_wait_for_one_another(
    commune: Commune, peer: Peer, database_url: str
) -> None:
    await commune.say(peer.inbox())
    await commune.deliver()
    other = await asyncpg.connect(database_url, command_timeout=20)
    try:
        async with other.transaction():
            await publish.publish(
                other,
                _note(id="https://commune.example/ap/activities/slow"),
                actor_id=ALICE,
                inboxes=[peer.inbox()],
                now=commune.clock(),
                public=True,
            )
            said = await commune.say(peer.inbox())
            await commune.deliver()
            assert peer.ids[1:] == [said]
    finally:
        await other.close()
    await commune.deliver()

    assert len(peer.letters) == 3


def _foreign(**changes: object) -> dict[str, Any]:
    return _note(
        **{
            "id": "https://far.example/activities/1",
            "actor": STRANGER,
            "object": {"id": "https://far.example/posts/1", "type": "Note"},
            "signature": {"type": "RsaSignature2017"},
            **changes,
        }
    )


async def _forward(commune: Commune, body: bytes, *inboxes: str) -> None:
    async with commune.pool.acquire() as db, db.transaction():
        await publish.forward(
            db,
            body,
            activity_id="https://far.example/activities/1",
            actor_id=ALICE,
            inboxes=inboxes,
            now=commune.clock(),
        )


async def test_w_fwd_01_the_original_bytes_are_forwarded(commune: Commune, peer: Peer) -> None:
    body = json.dumps(_foreign(), indent=3).encode()

    await _forward(commune, body, peer.inbox(), "https://far.example/inbox")
    await commune.deliver()

    (letter,) = peer.letters
    assert letter.body == body
    assert f'keyId="{ALICE}#main-key"' in str(letter.header("Signature"))
    assert await upkeep.pending(commune.pool) == 0  # nothing goes back to where it came from
    assert await commune.count("outbox.activity") == 0
    gone = await store.public_activity(commune.pool, "https://far.example/activities/1")
    assert gone is None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"to": [f"{STRANGER}/followers"]}, id="W-FWD-02-followers"),
        pytest.param({"to": [ALICE]}, id="SEC-VIS-08-direct"),
        pytest.param({"signature": None}, id="W-FWD-01-no-proof"),
        *(
            pytest.param({"type": kind}, id=f"W-FWD-02-{kind}")
            for kind in ("Follow", "Accept", "Block", "Move", "Reject", "Flag")
        ),
        pytest.param({"id": "https://far.example/activities/2"}, id="another-id"),
        pytest.param({"content": "x" * MAX_OUTGOING_BODY}, id="too-long"),
    ],
)
async def test_w_fwd_02_what_may_not_travel_on_stays_here(
    commune: Commune, peer: Peer, changes: dict[str, object]
) -> None:
    await _forward(commune, json.dumps(_foreign(**changes)).encode(), peer.inbox())
    await commune.deliver()

    assert peer.letters == []
    assert await commune.count("outbox.activity") == 0
