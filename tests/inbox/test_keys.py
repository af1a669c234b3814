"""Whose key it is, when it is fetched, and when it is not (W-KEY, SEC-ORI-05)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from inbox.keys import Fetched
from tests.inbox.strangers import OURS, Commune, Stranger
from tests.support.evil import EvilServer


async def test_w_key_02_the_key_is_fetched_once_for_many_at_the_same_time(
    commune: Commune, alice: Stranger
) -> None:
    answers = await asyncio.gather(
        *(commune.deliver(alice, alice.create(number)) for number in range(10))
    )

    assert {answer.status_code for answer in answers} == {202}
    assert commune.asked() == ["/users/alice"]
    assert commune.known.learnt == 1
    assert await commune.count("inbox.waiting") == 10


async def test_w_key_01_a_key_with_an_address_of_its_own_leads_to_its_owner(
    commune: Commune, alice: Stranger, server: EvilServer
) -> None:
    key_id = f"{alice.id}/main-key"
    alice.extra["publicKey"] = {**alice.document()["publicKey"], "id": key_id}
    stub = {k: v for k, v in alice.document().items() if k not in ("inbox", "outbox")}
    server.says("/users/alice", alice.document(), host=alice.host)
    server.says("/users/alice/main-key", stub, host=alice.host)
    body, headers = commune.signed(alice, alice.create())
    headers["Signature"] = headers["Signature"].replace(alice.key_id, key_id)

    answer = await commune.http.post("/inbox", content=body, headers=headers)

    assert answer.status_code == 202
    assert commune.known.learnt == 1


def _claims(evil: Stranger, victim: Stranger) -> dict[str, dict[str, Any]]:
    """Documents with which *evil* pretends that its key is *victim*'s."""
    mine = {"id": evil.key_id, "publicKeyPem": evil.document()["publicKey"]["publicKeyPem"]}
    return {
        "key document that names the victim": {
            "id": evil.key_id,
            "type": "Key",
            "owner": victim.id,
            "publicKeyPem": mine["publicKeyPem"],
        },
        "actor whose key belongs to the victim": {
            **evil.document(),
            "publicKey": {**mine, "owner": victim.id},
        },
        "document that claims to be the victim": {**victim.document(), "publicKey": mine},
        "actor that lists another key": {
            **evil.document(),
            "publicKey": {**mine, "id": f"{evil.id}#other", "owner": evil.id},
        },
        "key without an owner": {**evil.document(), "publicKey": mine},
    }


@pytest.mark.parametrize("claim", range(5))
async def test_sec_ori_05_a_key_that_its_owner_does_not_list_proves_nothing(
    commune: Commune, alice: Stranger, server: EvilServer, claim: int
) -> None:
    evil = Stranger(server, "mallory", "evil.localhost", 2)
    server.says("/users/mallory", [*_claims(evil, alice).values()][claim], host=evil.host)

    answer = await commune.deliver(evil, alice.create())

    assert answer.status_code == 401
    await commune.assert_nothing_kept()
    assert commune.known.learnt == 0
    assert set(commune.asked()) <= {"/users/mallory", "/users/alice"}


async def test_sec_ori_05_no_back_link_within_one_server_is_refused_too(
    commune: Commune, alice: Stranger, server: EvilServer
) -> None:
    # Somebody who can put a file on the same server claims to be alice.
    mallory = Stranger(server, "mallory", alice.host, 2)
    stray = {
        "@context": "https://w3id.org/security/v1",
        "id": mallory.key_id.partition("#")[0],
        "type": "Key",
        "owner": alice.id,
        "publicKeyPem": mallory.document()["publicKey"]["publicKeyPem"],
    }
    server.says("/users/mallory", stray, host=alice.host)
    body, headers = commune.signed(mallory, alice.create())
    headers["Signature"] = headers["Signature"].replace("#main-key", "")

    answer = await commune.http.post("/inbox", content=body, headers=headers)

    assert answer.status_code == 401
    await commune.assert_nothing_kept()
    assert commune.known.learnt == 0


async def test_sec_ori_05_a_stranger_cannot_sign_for_another(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    commune.known.meet(alice)
    commune.known.meet(bob)
    delete = alice.activity("Delete", alice.id)
    body, headers = commune.signed(bob, delete)
    headers["Signature"] = headers["Signature"].replace(bob.key_id, alice.key_id)

    answer = await commune.http.post("/inbox", content=body, headers=headers)

    assert answer.status_code == 401
    await commune.assert_nothing_kept()


async def test_sec_ori_06_a_key_of_ours_is_never_fetched(commune: Commune, alice: Stranger) -> None:
    body, headers = commune.signed(alice, alice.create())
    headers["Signature"] = headers["Signature"].replace(alice.key_id, f"{OURS}/actor#main-key")

    answer = await commune.http.post("/inbox", content=body, headers=headers)

    assert answer.status_code == 401
    assert commune.asked() == []
    await commune.assert_nothing_kept()


async def test_w_key_03_an_old_key_that_does_not_fit_is_fetched_anew_once(
    commune: Commune, alice: Stranger, server: EvilServer
) -> None:
    commune.known.meet(alice)
    commune.clock.forward(timedelta(minutes=6))
    alice.number = 3  # the key was changed
    alice.move_in()

    first = await commune.deliver(alice, alice.create(1))
    second = await commune.deliver(alice, alice.create(2))

    assert (first.status_code, second.status_code) == (202, 202)
    assert commune.asked() == ["/users/alice"]
    assert commune.known.keys[alice.key_id].key.key == alice.public.key


async def test_w_key_03_a_fresh_key_that_does_not_fit_is_not_fetched_again(
    commune: Commune, alice: Stranger
) -> None:
    commune.known.meet(alice)
    commune.clock.forward(timedelta(minutes=4))
    alice.number = 3
    alice.move_in()

    answer = await commune.deliver(alice, alice.create())

    assert answer.status_code == 401
    assert commune.asked() == []
    await commune.assert_nothing_kept()


async def test_w_key_03_rubbish_makes_us_ask_once_in_five_minutes(
    commune: Commune, alice: Stranger
) -> None:
    mallory = Stranger(alice.server, "alice", alice.host, 4)  # alice's name, another key
    for _ in range(5):
        assert (await commune.deliver(mallory, alice.create())).status_code == 401
        commune.clock.forward(timedelta(seconds=50))
    assert commune.asked() == ["/users/alice"]

    # The true one does not suffer, and needs no other fetch.
    assert (await commune.deliver(alice, alice.create())).status_code == 202
    assert commune.asked() == ["/users/alice"]


async def test_w_key_03_a_key_that_cannot_be_fetched_for_now_is_answered_503(
    commune: Commune, alice: Stranger, server: EvilServer
) -> None:
    server.says("/users/alice", status=500, host=alice.host)

    first = await commune.deliver(alice, alice.create())
    second = await commune.deliver(alice, alice.create())
    await commune.assert_nothing_kept()
    asked = commune.asked()
    alice.move_in()
    commune.clock.forward(timedelta(seconds=int(first.headers["Retry-After"])))
    third = await commune.deliver(alice, alice.create())

    assert (first.status_code, second.status_code, third.status_code) == (503, 503, 202)
    assert "Retry-After" in second.headers
    assert asked == ["/users/alice"]


async def test_w_key_03_a_server_that_is_not_there_is_answered_503(
    commune: Commune, server: EvilServer
) -> None:
    nobody = Stranger(server, "nobody", "nobody.localhost", 2)
    server_url = server.port
    server.port = 1  # nothing listens there
    try:
        answer = await commune.deliver(nobody, nobody.create())
    finally:
        server.port = server_url

    assert answer.status_code == 503
    await commune.assert_nothing_kept()


async def test_w_key_03_a_key_that_is_not_found_is_answered_401_and_deletes_nothing(
    commune: Commune, alice: Stranger, server: EvilServer
) -> None:
    commune.known.actors[alice.id] = alice.document()
    server.says("/users/alice", status=404, host=alice.host)

    answer = await commune.deliver(alice, alice.activity("Delete", alice.id))

    assert answer.status_code == 401
    await commune.assert_nothing_kept()


async def test_w_key_05_the_farewell_of_an_actor_whose_key_is_gone_is_the_truth(
    commune: Commune, alice: Stranger, server: EvilServer
) -> None:
    commune.known.actors[alice.id] = alice.document()
    server.says("/users/alice", status=410, host=alice.host)

    answer = await commune.deliver(alice, alice.activity("Delete", alice.id))

    assert answer.status_code == 202
    assert await commune.pool.fetchval("select how from inbox.waiting") == "gone"


@pytest.mark.parametrize("what", ["another activity", "somebody else", "a post", "other server"])
async def test_w_key_05_nothing_else_is_believed_of_a_key_that_is_gone(
    commune: Commune, alice: Stranger, bob: Stranger, server: EvilServer, what: str
) -> None:
    carol = Stranger(server, "carol", alice.host, 5).move_in()
    for each in (alice, bob, carol):
        commune.known.actors[each.id] = each.document()
    server.says("/users/alice", status=410, host=alice.host)
    activity = {
        "another activity": alice.create(),
        "somebody else": carol.activity("Delete", carol.id),
        "a post": alice.activity("Delete", f"{alice.id}/notes/1"),
        "other server": bob.activity("Delete", bob.id),
    }[what]

    answer = await commune.deliver(alice, activity)

    assert answer.status_code == 401
    await commune.assert_nothing_kept()


async def test_w_key_04_an_expired_key_verifies_nothing(commune: Commune, alice: Stranger) -> None:
    alice.extra["publicKey"] = {
        **alice.document()["publicKey"],
        "expires": "2026-01-01T00:00:00Z",
    }
    alice.move_in()

    answer = await commune.deliver(alice, alice.create())

    assert answer.status_code == 401
    await commune.assert_nothing_kept()


async def test_sec_sig_06_a_document_without_a_usable_key_is_answered_401(
    commune: Commune, alice: Stranger
) -> None:
    for pem in ("rubbish", "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----", ""):
        commune.clock.forward(timedelta(minutes=6))
        alice.extra["publicKey"] = {
            "id": alice.key_id,
            "owner": alice.id,
            "publicKeyPem": pem,
        }
        alice.move_in()
        assert (await commune.deliver(alice, alice.create())).status_code == 401
    await commune.assert_nothing_kept()


async def test_w_key_02_an_actor_the_application_does_not_want_is_refused(
    commune: Commune, alice: Stranger
) -> None:
    commune.known.unwanted.add(alice.id)

    answer = await commune.deliver(alice, alice.create())

    assert answer.status_code == 401
    await commune.assert_nothing_kept()


async def test_sec_dos_08_what_is_remembered_of_keys_is_bounded(
    commune: Commune, alice: Stranger
) -> None:
    remembered = commune.receiver._keys._remembered

    for number in range(6_000):
        remembered.put(f"{alice.id}#{number}", Fetched(alice.public, {}), commune.clock())

    assert len(remembered) == 5_000
