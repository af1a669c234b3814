"""Who said it when somebody else brings it: proofs, signatures in documents, or its origin."""

from __future__ import annotations

import ast
import copy
from pathlib import Path
from typing import Any

import pytest

import inbox
from federation.names import AS2, PUBLIC
from federation.proofs import integrity, linked_data
from tests.inbox.strangers import Commune, Stranger, record
from tests.support.evil import EvilServer


def proven(alice: Stranger, activity: dict[str, Any], commune: Commune) -> dict[str, Any]:
    key = alice.signer.proof_key
    assert key is not None
    return integrity.sign(activity, key=key, key_id=alice.proof_key_id, now=commune.clock())


def signed(alice: Stranger, activity: dict[str, Any], commune: Commune) -> dict[str, Any]:
    document = {**activity, "@context": [AS2, "https://w3id.org/security/v1"]}
    return linked_data.sign(
        document, key=alice.signer.key, key_id=alice.key_id, now=commune.clock()
    )


async def how(commune: Commune) -> list[str]:
    return [row["how"] for row in await commune.pool.fetch("select how from inbox.waiting")]


async def test_w_oip_01_a_forwarded_activity_with_a_proof_is_the_actors_word(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    answer = await commune.deliver(bob, proven(alice, alice.create(), commune))

    assert answer.status_code == 202
    assert await how(commune) == ["proof"]
    assert await commune.pool.fetchval("select sender from inbox.lane") == alice.id
    assert set(commune.known.actors) == {alice.id, bob.id}


async def test_w_lds_03_only_the_compacted_part_of_a_signed_document_is_kept(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    document = signed(alice, alice.create(text="Vrai"), commune)

    answer = await commune.deliver(bob, document)

    assert answer.status_code == 202
    assert await how(commune) == ["linked data"]
    body = await commune.pool.fetchval("select body from inbox.waiting")
    assert b"Vrai" in body
    assert b"signatureValue" not in body


def _broken(kind: str, alice: Stranger, bob: Stranger, commune: Commune) -> dict[str, Any]:
    proof, signature = (
        proven(alice, alice.create(), commune),
        signed(alice, alice.create(), commune),
    )
    document: dict[str, Any]
    if kind == "proof over another text":
        document = copy.deepcopy(proof)
        document["object"]["content"] = "Faux"
    elif kind == "proof by another":
        key = bob.signer.proof_key
        assert key is not None
        document = integrity.sign(
            alice.create(), key=key, key_id=bob.proof_key_id, now=commune.clock()
        )
    elif kind == "proof that is a word":
        document = {**alice.create(), "proof": "yes"}
    elif kind == "proof with a key of nobody":
        document = copy.deepcopy(proof)
        document["proof"]["verificationMethod"] = f"{alice.id}#nothing"
    elif kind == "broken proof beside a good signature":
        document = {**signature, "proof": {**proof["proof"], "proofValue": "z111"}}
    elif kind == "signature over another text":
        document = copy.deepcopy(signature)
        document["object"]["content"] = "Faux"
    elif kind == "signature by another":
        document = linked_data.sign(
            {**alice.create(), "@context": [AS2, "https://w3id.org/security/v1"]},
            key=bob.signer.key,
            key_id=bob.key_id,
            now=commune.clock(),
        )
    elif kind == "signature moved into a graph":
        document = {
            "@context": signature["@context"],
            "id": f"{alice.id}/activities/2",
            "type": "Delete",
            "actor": alice.id,
            "object": f"{alice.id}/notes/1",
            "@graph": [{k: v for k, v in signature.items() if k != "@context"}],
            "signature": signature["signature"],
        }
    else:
        document = {**alice.create(), "signature": {"type": "Unheard"}}
    return document


@pytest.mark.parametrize(
    "kind",
    [
        "proof over another text",
        "proof by another",
        "proof that is a word",
        "proof with a key of nobody",
        "broken proof beside a good signature",
        "signature over another text",
        "signature by another",
        "signature moved into a graph",
        "signature of a kind nobody knows",
    ],
)
async def test_sec_sig_09_a_broken_proof_refuses_the_message_whoever_brings_it(
    commune: Commune, alice: Stranger, bob: Stranger, kind: str
) -> None:
    answer = await commune.deliver(bob, _broken(kind, alice, bob, commune))

    assert answer.status_code == 401
    await commune.assert_nothing_kept()


async def test_w_lds_03_a_signature_in_the_document_does_not_matter_when_the_actor_brings_it(
    commune: Commune, alice: Stranger
) -> None:
    answer = await commune.deliver(alice, {**alice.create(), "signature": {"type": "Unheard"}})

    assert answer.status_code == 202
    assert await how(commune) == ["signature"]


async def test_sec_sig_09_what_nobody_vouches_for_counts_only_as_its_origin_shows_it(
    commune: Commune, alice: Stranger, bob: Stranger, server: EvilServer
) -> None:
    seen: list[object] = []

    @commune.router.receives("Create", of="Note")
    async def created(tx: Any, activity: Any, gathered: Any) -> None:
        seen.append(activity.object["content"])
        await record(tx, activity, gathered)

    true = alice.create(text="Vrai")
    server.says("/users/alice/activities/1", true, host=alice.host)

    answer = await commune.deliver(bob, alice.create(text="Faux"))
    assert await how(commune) == ["origin"]
    assert await commune.pool.fetchval("select sender from inbox.lane") == bob.id
    await commune.settle()

    assert answer.status_code == 202
    assert seen == ["Vrai"]
    assert await commune.effects() == [true["id"]]
    # And when the actor sends it too, it is not handled a second time.
    await commune.deliver(alice, true)
    await commune.settle()
    assert await commune.effects() == [true["id"]]


async def test_sec_sig_09_an_unproven_copy_cannot_stand_in_the_way_of_the_true_one(
    commune: Commune, alice: Stranger, bob: Stranger, server: EvilServer
) -> None:
    commune.router.receives("Create")(record)
    server.says("/users/alice/activities/1", status=404, host=alice.host)

    await commune.deliver(bob, alice.create(text="Faux"))
    await commune.settle()
    assert await commune.effects() == []
    await commune.deliver(alice, alice.create(text="Vrai"))
    await commune.settle()

    assert await commune.effects() == [alice.create()["id"]]


async def test_sec_sig_09_an_origin_that_shows_something_else_confirms_nothing(
    commune: Commune, alice: Stranger, bob: Stranger, server: EvilServer
) -> None:
    commune.router.receives("Create")(record)
    carol = Stranger(server, "carol", alice.host, 5).move_in()
    server.says("/users/alice/activities/1", {**alice.create(), "actor": carol.id}, host=alice.host)

    await commune.deliver(bob, alice.create())
    await commune.settle()

    assert await commune.effects() == []
    assert [*(await commune.outcomes()).values()] == ["refused"]


async def test_sec_sig_09_without_an_id_there_is_nothing_to_ask_for(
    commune: Commune, alice: Stranger, bob: Stranger
) -> None:
    follow = alice.activity("Follow", PUBLIC)
    del follow["id"]

    answer = await commune.deliver(bob, follow)

    assert answer.status_code == 401
    await commune.assert_nothing_kept()


def test_secb_01_only_authenticate_makes_a_sender() -> None:
    folder = Path(inbox.__file__).parent
    makers = {
        path.name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Sender"
    }

    assert makers == {"authenticate.py"}
