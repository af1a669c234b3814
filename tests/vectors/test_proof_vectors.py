"""The vectors for proofs inside documents: eddsa-jcs-2022, FEP-c390 and RsaSignature2017."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation import documents, instants, keys
from federation.errors import RefusedError
from federation.keys import PublicKey
from federation.proofs import canonical, graph, integrity, linked_data
from tests.vectors.files import vectors

EDDSA = vectors()["eddsa_jcs_2022"]
LD = vectors()["ld_signature_2017"]
IDENTITY = vectors()["fep_c390"]
NOW = datetime(2023, 2, 25, tzinfo=UTC)
ALICE = "https://server.example/users/alice"
BOB = "https://activitypub.academy/users/brauca_darradiul"


def raw_key() -> Ed25519PublicKey:
    key = keys.from_multibase(EDDSA["keypair"]["publicKeyMultibase"])
    assert isinstance(key, Ed25519PublicKey)
    return key


def private_key() -> Ed25519PrivateKey:
    encoded = base58.b58decode(EDDSA["keypair"]["privateKeyMultibase"][1:])
    assert encoded[:2] == b"\x80\x26"
    return Ed25519PrivateKey.from_private_bytes(encoded[2:])


def alice_key() -> PublicKey:
    return keys.key_of(EDDSA["fep_8b32"]["actor"], f"{ALICE}#ed25519-key")


# V-EDDSA


def test_w_521a_01_the_key_pair_of_the_vectors_is_read() -> None:
    assert keys.public_raw(raw_key()).hex() == EDDSA["public_key_hex"]
    assert keys.public_raw(private_key().public_key()).hex() == EDDSA["public_key_hex"]


@pytest.mark.parametrize("case", ["w3c", "fep_8b32"])
def test_w_oip_01_hashes_and_signatures_are_those_of_the_vectors(case: str) -> None:
    signed = EDDSA[case]["signed"]
    options = {name: value for name, value in signed["proof"].items() if name != "proofValue"}
    bare = {name: value for name, value in signed.items() if name != "proof"}

    assert canonical.jcs(options).decode() == EDDSA[case]["proof_canonical"]
    assert canonical.jcs(bare).decode() == EDDSA[case]["doc_canonical"]
    assert hashlib.sha256(canonical.jcs(options)).hexdigest() == EDDSA[case]["proof_hash"]
    assert hashlib.sha256(canonical.jcs(bare)).hexdigest() == EDDSA[case]["doc_hash"]
    integrity.check(signed, raw_key(), NOW)
    made = integrity.sign(
        bare,
        key=private_key(),
        key_id=signed["proof"]["verificationMethod"],
        now=instants.read(signed["proof"]["created"]),
    )
    assert made == signed


def test_w_oip_01_the_activity_of_fep_8b32_is_proven_by_its_actor() -> None:
    signed = EDDSA["fep_8b32"]["signed"]

    integrity.verify(signed, alice_key(), NOW)
    integrity.verify(documents.read(documents.write(signed)), alice_key(), NOW)
    assert integrity.method(signed) == f"{ALICE}#ed25519-key"


def test_w_oip_01_expiry_is_honoured() -> None:
    far, near = EDDSA["mastodon_expires"]
    created = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)

    integrity.verify(far, alice_key(), NOW)
    integrity.verify(near, alice_key(), created)
    with pytest.raises(RefusedError):
        integrity.verify(near, alice_key(), NOW)


def in_proof(**changes: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for name, value in changes.items():
            if value is None:
                del document["proof"][name]
            else:
                document["proof"][name] = value

    return change


def one_character(document: dict[str, Any]) -> None:
    document["object"]["content"] = "Hello worle"


def without_the_context_of_the_proof(document: dict[str, Any]) -> None:
    del document["proof"]["@context"]


VALUE = EDDSA["fep_8b32"]["signed"]["proof"]["proofValue"]
SHORT = "z" + base58.b58encode(base58.b58decode(VALUE[1:])[:63]).decode()


@pytest.mark.parametrize(
    "change",
    [
        one_character,
        without_the_context_of_the_proof,
        in_proof(proofPurpose="authentication"),
        in_proof(verificationMethod="https://server.example/users/bob#ed25519-key"),
        in_proof(created="yesterday"),
        in_proof(created=None),
        in_proof(created="2023-02-24T23:36:39Z"),
        in_proof(proofValue=VALUE[1:]),
        in_proof(proofValue=SHORT),
        in_proof(proofValue=None),
        in_proof(proofValue="z" * 5000),
        in_proof(proofValue="z0OIl"),
        in_proof(proofValue=7),
        in_proof(cryptosuite="eddsa-rdfc-2022"),
        in_proof(type="Ed25519Signature2020"),
        in_proof(expires="2099-01-01T00:00:00Z"),
        lambda document: document.pop("proof"),
        lambda document: document.update(proof=[document["proof"]]),
        lambda document: document.update(actor="https://server.example/users/bob"),
        lambda document: document.update(id="https://evil.example/activities/1"),
        lambda document: document.update(extra=1),
        lambda document: document["object"]["location"].update(latitude=float("nan")),
    ],
)
def test_w_oip_01_a_changed_proof_or_document_is_refused(
    change: Callable[[dict[str, Any]], None],
) -> None:
    document = copy.deepcopy(EDDSA["fep_8b32"]["signed"])
    change(document)

    with pytest.raises(RefusedError):
        integrity.verify(document, alice_key(), NOW)


def test_w_oip_01_a_duplicate_name_never_reaches_the_proof() -> None:
    body = documents.write(EDDSA["fep_8b32"]["signed"])
    twice = body.replace(b'"type":"Create"', b'"type":"Delete","type":"Create"', 1)

    assert twice != body
    with pytest.raises(RefusedError):
        documents.read(twice)


def test_w_oip_01_a_linked_data_signature_beside_the_proof_is_left_out_of_account() -> None:
    document = {**EDDSA["fep_8b32"]["signed"], "signature": {"type": "RsaSignature2017"}}

    integrity.verify(document, alice_key(), NOW)


# V-C390


def test_w_c390_01_the_identity_statement_is_proven() -> None:
    assert integrity.identity(IDENTITY, ALICE, NOW) == IDENTITY["subject"]


@pytest.mark.parametrize(
    "changes",
    [
        {"alsoKnownAs": "https://server.example/users/bob"},
        {"subject": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"},
        {"subject": "did:web:server.example"},
        {"subject": None},
        {"type": "Note"},
        {"proof": {**IDENTITY["proof"], "created": "2023-02-24T23:36:37Z"}},
        {"extra": True},
    ],
)
def test_w_c390_01_a_changed_identity_statement_is_refused(changes: dict[str, Any]) -> None:
    for actor in (ALICE, "https://server.example/users/bob"):
        with pytest.raises(RefusedError):
            integrity.identity({**IDENTITY, **changes}, actor, NOW)


# V-LD

CREATED = datetime(2024, 9, 12, 16, 50, 46, tzinfo=UTC)


def bob_key() -> PublicKey:
    public = keys.from_pem(LD["public_key_pem"])
    return PublicKey(LD["signature"]["creator"], BOB, "rsa", public)


def ld_document() -> dict[str, Any]:
    return copy.deepcopy({**LD["document"], "signature": LD["signature"]})


def test_w_lds_01_hashes_are_those_of_the_vector() -> None:
    options = {name: LD["signature"][name] for name in ("creator", "created")}

    assert graph.digest(graph.expand(LD["document"])) == LD["document_hash_hex"]
    assert linked_data.signed_text(LD["document"], options).decode() == LD["signed_string"]
    assert linked_data.creator(ld_document()) == f"{BOB}#main-key"


def test_w_lds_03_a_signed_activity_is_read_in_our_own_words() -> None:
    read = linked_data.verify(ld_document(), bob_key(), CREATED + timedelta(days=1))

    assert documents.speaks_activitystreams(read)
    assert read["type"] == "Create"
    assert read["id"] == LD["document"]["id"]
    assert read["actor"] == BOB
    assert read["to"] == "https://www.w3.org/ns/activitystreams#Public"
    note = read["object"]
    assert (note["type"], note["content"], note["sensitive"]) == ("Note", "<p>Test</p>", False)
    assert note["contentMap"] == {"en": "<p>Test</p>"}
    assert note["published"] == "2024-09-12T16:50:45Z"


def into_a_graph(document: dict[str, Any]) -> None:
    document["@graph"] = [{"id": document.pop("id"), "object": document.pop("object")}]


def object_into_a_graph(document: dict[str, Any]) -> None:
    document["object"] = {"@graph": [document["object"]]}


def inline(**terms: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["@context"].append(terms)


def alias(term: str, keyword: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["@context"].append({term: keyword})
        document[term] = [{"id": "https://evil.example/1", "type": "Note"}]

    return change


def signature_with(**changes: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["signature"].update(changes)


RESTRUCTURED: dict[str, Callable[[dict[str, Any]], None]] = {
    "@graph": into_a_graph,
    "object in @graph": object_into_a_graph,
    "alias of @graph": alias("parts", "@graph"),
    "alias of @included": alias("also", "@included"),
    "alias of @reverse": alias("back", "@reverse"),
    "alias of @nest": alias("inside", "@nest"),
    "alias of @id": alias("iri", "@id"),
    "@included": lambda document: document.update({"@included": []}),
    "@reverse": lambda document: document.update({"@reverse": {}}),
    "@nest": lambda document: document.update({"@nest": {}}),
    "@index": lambda document: document.update({"@index": "1"}),
    "reverse term": inline(wrote={"@reverse": "as:attributedTo"}),
    "index container": inline(parts={"@id": "as:tag", "@container": "@index"}),
    "graph container": inline(parts={"@id": "as:tag", "@container": ["@graph", "@id"]}),
    "scoped context": inline(Thing={"@id": "as:Note", "@context": {"actor": "as:target"}}),
    "@propagate": inline(**{"@propagate": False}),
    "@import": inline(**{"@import": "https://evil.example/context"}),
    "@vocab": inline(**{"@vocab": "https://evil.example/"}),
    "@base": inline(**{"@base": "https://evil.example/"}),
    "remote context": lambda document: document["@context"].append("https://evil.example/ctx"),
    "null context": lambda document: document["@context"].append(None),
    "context inside": lambda document: document["object"].update(
        {"@context": {"content": "as:summary"}}
    ),
    "redefined actor": inline(actor={"@id": "as:target", "@type": "@id"}),
    "redefined as text": inline(actor="as:actor"),
    "redefined to nothing": inline(object=None),
    "redefined prefix": inline(**{"as": "https://evil.example/#"}),
    "redefined publicKey": inline(publicKey={"@id": "as:icon", "@type": "@id"}),
    "redefined attributionDomains": inline(attributionDomains="as:name"),
    "swapped type": inline(type="as:type"),
    "no ActivityStreams": lambda document: document.update({"@context": []}),
    "blank id": lambda document: document["object"].update(id="_:b0"),
    "described twice": lambda document: document.update(
        tag={"id": document["object"]["id"], "type": "Note"}
    ),
}


@pytest.mark.parametrize("name", RESTRUCTURED)
def test_sec_sig_10_a_restructured_document_is_refused(name: str) -> None:
    document = ld_document()
    RESTRUCTURED[name](document)

    with pytest.raises(RefusedError):
        linked_data.verify(document, bob_key(), CREATED)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["object"].update(content="<p>Tess</p>"),
        lambda document: document["object"].update(name="added"),
        lambda document: document.update(to=[]),
        signature_with(creator=f"{ALICE}#main-key"),
        signature_with(created="2024-09-12T16:50:47Z"),
        signature_with(created="once"),
        signature_with(expires="2024-09-12T16:50:46Z"),
        signature_with(expires="2099-09-12T16:50:46Z"),
        signature_with(type="RsaSignature2018"),
        signature_with(signatureValue="AAAA"),
        signature_with(signatureValue="no base64"),
        signature_with(signatureValue=None),
        signature_with(**{"@context": {"created": "as:published"}}),
        lambda document: document.pop("signature"),
        lambda document: document.update(signature=[document["signature"]]),
    ],
)
def test_w_lds_03_a_changed_document_or_signature_is_refused(
    change: Callable[[dict[str, Any]], object],
) -> None:
    document = ld_document()
    change(document)

    with pytest.raises(RefusedError):
        linked_data.verify(document, bob_key(), CREATED)


def test_w_lds_03_the_signature_lives_for_seven_days() -> None:
    linked_data.verify(ld_document(), bob_key(), CREATED + timedelta(days=7))

    for age in (timedelta(days=7, seconds=1), -timedelta(minutes=61)):
        with pytest.raises(RefusedError):
            linked_data.verify(ld_document(), bob_key(), CREATED + age)


def test_w_lds_03_what_the_signature_does_not_cover_is_not_read() -> None:
    document = ld_document()
    document["bounty"] = "added"
    document["object"]["undefined"] = "added"
    document["object"]["type"] = ["Note"]
    document["object"]["image"] = "relative/address"
    document["object"]["_:blank"] = "added"

    read = linked_data.verify(document, bob_key(), CREATED)

    assert read == linked_data.verify(ld_document(), bob_key(), CREATED)


def test_w_lds_03_the_key_of_another_actor_is_refused() -> None:
    key = bob_key()
    other = PublicKey(key.id, "https://activitypub.academy/users/other", "rsa", key.key)

    with pytest.raises(RefusedError):
        linked_data.verify(ld_document(), other, CREATED)
