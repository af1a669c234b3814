"""Linked-data signatures: made for old software, read with suspicion and without network."""

from __future__ import annotations

import contextlib
import functools
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from federation import contexts, documents, keys
from federation.errors import RefusedError
from federation.keys import PublicKey
from federation.names import AS2, CID_V1, DATA_INTEGRITY_V2, PUBLIC, SECURITY_V1
from federation.proofs import graph, integrity, linked_data
from federation.vocabulary.context import CONTEXT

ALICE = "https://a.example/users/alice"
KEY_ID = f"{ALICE}#main-key"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@functools.cache
def private_key() -> RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key() -> PublicKey:
    return PublicKey(KEY_ID, ALICE, "rsa", private_key().public_key())


def activity(**changes: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "id": "https://a.example/activities/1",
        "type": "Create",
        "actor": ALICE,
        "to": [PUBLIC],
        "cc": [f"{ALICE}/followers"],
        "object": {
            "id": "https://a.example/notes/1",
            "type": "Note",
            "attributedTo": ALICE,
            "to": [PUBLIC],
            "content": "<p>Bonjour</p>",
            "contentMap": {"fr": "<p>Bonjour</p>"},
            "sensitive": False,
            "published": "2026-09-01T12:00:00Z",
            "tag": [
                {"type": "Hashtag", "href": "https://a.example/tags/x", "name": "#x"},
                {"type": "Mention", "href": ALICE, "name": "@alice@a.example"},
            ],
            "attachment": [{"type": "Image", "focalPoint": [0.5, -0.25], "width": 12}],
        },
        **changes,
    }


@functools.cache
def signed_text() -> bytes:
    return documents.write(signed(activity()))


def signed(document: dict[str, Any]) -> dict[str, Any]:
    return linked_data.sign(document, key=private_key(), key_id=KEY_ID, now=NOW)


def test_w_lds_01_what_we_sign_is_read_back_in_our_own_words() -> None:
    received = documents.read(documents.write(signed(activity())))

    read = linked_data.verify(received, public_key(), NOW)

    assert linked_data.creator(received) == KEY_ID
    assert read["@context"] == [AS2, SECURITY_V1]
    assert (read["id"], read["type"], read["actor"], read["to"]) == (
        *("https://a.example/activities/1", "Create", ALICE, PUBLIC),
    )
    note = read["object"]
    assert note["contentMap"] == {"fr": "<p>Bonjour</p>"}
    assert sorted(tag["type"] for tag in note["tag"]) == ["Hashtag", "Mention"]
    assert note["attachment"] == {"type": "Image", "focalPoint": [0.5, -0.25], "width": 12}


def test_w_lds_01_signing_again_replaces_the_signature() -> None:
    assert signed(signed(activity())) == signed(activity())


def test_w_lds_03_an_update_of_an_actor_keeps_its_domains_only_when_they_are_signed() -> None:
    terms = {"toot": "http://joinmastodon.org/ns#"}
    person = {"id": ALICE, "type": "Person", "attributionDomains": ["a.example"]}
    plain = {**terms, "attributionDomains": "toot:attributionDomains"}
    loose = {**terms, "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"}}

    for definition, expected in ((plain, "a.example"), (loose, None)):
        update = activity(type="Update", object=person, **{"@context": [AS2, definition]})
        read = linked_data.verify(signed(update), public_key(), NOW)
        assert read["object"].get("attributionDomains") == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "https://a.example/users/bob"},
        {"id": "https://b.example/activities/1"},
        {"id": None},
        {"id": "relative"},
        {"actor": [ALICE, "https://a.example/users/bob"]},
    ],
)
def test_w_lds_03_a_true_signature_of_the_wrong_actor_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        linked_data.verify(signed(activity(**changes)), public_key(), NOW)


def test_w_lds_03_the_signature_is_not_one_of_a_proof_key() -> None:
    curve = keys.load_public_raw(keys.generate().ed25519_public)

    with pytest.raises(RefusedError):
        linked_data.verify(signed(activity()), PublicKey(KEY_ID, ALICE, "ed25519", curve), NOW)


def test_w_oip_01_a_proof_stands_beside_a_signature() -> None:
    pair = keys.generate()
    key = keys.load_private_raw(pair.ed25519_private)
    proven = integrity.sign(activity(), key=key, key_id=f"{ALICE}#ed25519-key", now=NOW)

    both = signed(proven)

    public = PublicKey(f"{ALICE}#ed25519-key", ALICE, "ed25519", key.public_key())
    integrity.verify(both, public, NOW)


@pytest.mark.parametrize("iri", contexts.DOCUMENTS)
def test_sec_par_05_bundled_contexts_are_valid_json_ld(iri: str) -> None:
    expanded = jsonld.expand({"@context": iri, "@id": "https://a.example/1", "@type": "x:y"})

    assert expanded == [{"@id": "https://a.example/1", "@type": ["x:y"]}]


def test_w_doc_10_bundled_contexts_say_what_the_published_ones_say() -> None:
    def meaning(iri: str, term: str, value: Any) -> Any:
        [node] = jsonld.expand({"@context": iri, "@id": "https://a.example/1", term: value})
        return {name: inner for name, inner in node.items() if name != "@id"}

    security = "https://w3id.org/security#"
    pem = [{"@value": "PEM"}]
    assert meaning(SECURITY_V1, "publicKeyPem", "PEM") == {f"{security}publicKeyPem": pem}
    owner = {f"{security}owner": [{"@id": ALICE}]}
    assert meaning(SECURITY_V1, "owner", ALICE) == owner
    assert meaning(contexts.IDENTITY_V1, "owner", ALICE) == owner
    assert meaning(CID_V1, "assertionMethod", ALICE) == {
        f"{security}assertionMethod": [{"@id": ALICE}]
    }
    assert meaning(AS2, "inbox", ALICE) == {"http://www.w3.org/ns/ldp#inbox": [{"@id": ALICE}]}
    assert f"{security}proof" in meaning(DATA_INTEGRITY_V2, "proof", {"nonce": "1"})


def test_sec_sig_10_a_remote_context_is_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def dial(*_: object) -> None:
        raise AssertionError("the network was asked for a context")

    monkeypatch.setattr(socket, "getaddrinfo", dial)
    remote = activity(**{"@context": [AS2, "https://evil.example/context"]})

    with pytest.raises(RefusedError):
        signed(remote)
    with pytest.raises(RefusedError):
        linked_data.verify(
            {**remote, "signature": signed(activity())["signature"]}, public_key(), NOW
        )
    with pytest.raises(jsonld.JsonLdError):
        jsonld.expand({"@context": "https://evil.example/context", "name": "x"})
    with pytest.raises(RefusedError):
        contexts.load("https://evil.example/context")


def blank(depth: int, width: int) -> dict[str, Any]:
    """Return a tree of blank nodes that all look alike."""
    inner = [blank(depth - 1, width) for _ in range(width)] if depth else []
    return {"type": "Note", "attachment": inner}


@pytest.mark.parametrize(
    "tree",
    [
        [blank(1, 12), blank(1, 12)],
        [blank(3, 5), blank(3, 5)],
        [blank(2, 7), blank(2, 7)],
        [{"type": "Note", "name": str(number)} for number in range(250)],
        {"type": "Note", "focalPoint": [0.5] * 250},
    ],
    ids=["twins", "deep twins", "wide twins", "many", "long list"],
)
def test_sec_par_05_a_poisonous_graph_is_refused_soon(tree: Any) -> None:
    document = activity(object=tree)

    with pytest.raises(RefusedError, match="blank nodes"):
        graph.digest(graph.expand(document))
    with pytest.raises(RefusedError) as refusal:
        linked_data.verify(
            {**document, "signature": signed(activity())["signature"]}, public_key(), NOW
        )
    assert refusal.value.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 200_000},
        {"name": ["x"] * 3000},
        {"x" * 200_000: "name"},
        {"@context": [AS2, {f"t{number}": "as:name" for number in range(3000)}]},
        {"@context": [AS2] * 20},
    ],
)
def test_sec_par_05_a_large_document_is_refused_before_it_is_processed(
    changes: dict[str, Any],
) -> None:
    document = activity(**changes)
    document["signature"] = signed(activity())["signature"]

    with pytest.raises(RefusedError):
        linked_data.verify(document, public_key(), NOW)


def test_sec_par_05_a_deep_document_is_refused() -> None:
    deep: dict[str, Any] = {"type": "Note"}
    for _ in range(40):
        deep = {"type": "Note", "attachment": deep}
    document = activity(object=deep, signature=signed(activity())["signature"])

    with pytest.raises(RefusedError):
        linked_data.verify(document, public_key(), NOW)


def test_sec_par_05_a_poll_of_twenty_options_is_not_poison() -> None:
    options = [
        {"type": "Note", "name": f"{n}", "replies": {"type": "Collection", "totalItems": 0}}
        for n in range(20)
    ]
    question = {"id": "https://a.example/q", "type": "Question", "oneOf": options}

    read = linked_data.verify(signed(activity(object=question)), public_key(), NOW)

    assert len(read["object"]["oneOf"]) == 20


NAMES = st.sampled_from(
    [
        *("@context", "@id", "@type", "@graph", "@value", "@list", "@set", "@language", "@reverse"),
        *("id", "type", "actor", "object", "to", "as:name", "_:b", "contentMap", "orderedItems"),
    ]
) | st.text(max_size=5)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([AS2, "@id", "@graph", "as:", "_:b0", ALICE, "https://[", "a b"])
    | st.text(max_size=8)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(NAMES, JSON, st.booleans())
def test_sec_sig_10_only_refusals_leave_for_any_document(
    name: str, value: Any, inside: bool
) -> None:
    document = documents.read(signed_text())
    target = document["object"] if inside else document
    target[name] = value

    linked_data.creator(document)
    with contextlib.suppress(RefusedError):
        linked_data.verify(document, public_key(), NOW)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_sec_par_05_expansion_only_refuses(value: Any) -> None:
    document = value if isinstance(value, dict) else {"name": value}
    with contextlib.suppress(RefusedError):
        graph.digest(graph.expand(document))
