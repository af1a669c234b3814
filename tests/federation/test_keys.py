"""Keys: ours made, stored and loaded; strangers' believed only when bound to their actor."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st

from federation import keys
from federation.errors import RefusedError
from federation.keys import PublicKey

ALICE = "https://a.example/users/alice"
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


@functools.cache
def pair() -> keys.Pair:
    return keys.generate()


@functools.cache
def rsa_public() -> RSAPublicKey:
    key = keys.load_public_der(pair().rsa_public)
    assert isinstance(key, RSAPublicKey)
    return key


def rsa_entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": f"{ALICE}#main-key",
        "owner": ALICE,
        "publicKeyPem": keys.to_pem(rsa_public()),
        **changes,
    }


def multikey(**changes: Any) -> dict[str, Any]:
    curve = keys.load_public_raw(pair().ed25519_public)
    return {
        "id": f"{ALICE}#ed25519-key",
        "type": "Multikey",
        "controller": ALICE,
        "publicKeyMultibase": keys.to_multibase(curve),
        **changes,
    }


def actor(**properties: Any) -> dict[str, Any]:
    return {"id": ALICE, "type": "Person", "inbox": f"{ALICE}/inbox", **properties}


def pem(key: ec.EllipticCurvePublicKey | RSAPublicKey) -> str:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def test_a_new_pair_is_rsa_2048_and_ed25519_and_survives_storage() -> None:
    main = keys.load_private_der(pair().rsa_private)
    proof = keys.load_private_raw(pair().ed25519_private)

    assert main.key_size == 2048
    assert keys.public_der(main.public_key()) == pair().rsa_public
    assert keys.public_raw(proof.public_key()) == pair().ed25519_public
    assert keys.made(rsa_public(), keys.sign_rsa(main, b"text"), b"text")
    assert keys.made(proof.public_key(), proof.sign(b"text"), b"text")
    assert not keys.made(rsa_public(), keys.sign_rsa(main, b"text"), b"texts")
    assert not keys.made(rsa_public(), b"", b"text")


def test_only_an_rsa_key_is_loaded_as_one() -> None:
    curve = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    for data in (curve, b"", b"\x30\x00"):
        with pytest.raises(ValueError):
            keys.load_private_der(data)


def test_pem_and_multikey_say_the_same_key() -> None:
    curve = keys.load_public_raw(pair().ed25519_public)

    for key in (rsa_public(), curve):
        again = keys.from_pem(keys.to_pem(key))
        assert keys.to_pem(again) == keys.to_pem(key)
        assert keys.to_pem(keys.from_multibase(keys.to_multibase(key))) == keys.to_pem(key)
    windows = keys.to_pem(rsa_public()).replace("\n", "\r\n")
    assert keys.to_pem(keys.from_pem(f"\r\n {windows} \n")) == keys.to_pem(rsa_public())


def private_pem() -> str:
    return (
        keys.load_private_der(pair().rsa_private)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n\x00é\ud800\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n" * 1000,
        pem(ec.generate_private_key(ec.SECP256R1()).public_key()),
        private_pem(),
    ],
    ids=["empty", "word", "garbage", "no text", "long", "EC", "private"],
)
def test_sec_sig_06_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        keys.from_pem(text)

    assert refusal.value.status_code == 401
    assert keys.keys_of(actor(publicKey=rsa_entry(publicKeyPem=text))) == []


def weak(kind: str) -> RSAPublicKey:
    n = rsa_public().public_numbers().n
    match kind:
        case "1024 bits":
            return rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
        case "exponent 3":
            return rsa.RSAPublicNumbers(3, n).public_key()
        case "huge exponent":
            return rsa.RSAPublicNumbers(2**65 + 1, n).public_key()
        case "even modulus":
            return rsa.RSAPublicNumbers(65537, n + 1).public_key()
        case _:
            return rsa.RSAPublicNumbers(65537, (1 << 8999) | 1).public_key()


@pytest.mark.parametrize(
    "kind", ["1024 bits", "exponent 3", "huge exponent", "even modulus", "9000 bits"]
)
def test_sec_sig_06_weak_rsa_keys_are_left_out_and_refused(kind: str) -> None:
    try:
        key = weak(kind)
    except ValueError:
        # The library would not even build it: then nobody can publish it either.
        return

    with pytest.raises(RefusedError):
        keys.check(key)
    assert keys.keys_of(actor(publicKey=rsa_entry(publicKeyPem=pem(key)))) == []
    with pytest.raises(RefusedError):
        keys.check_usable(PublicKey(f"{ALICE}#k", ALICE, "rsa", key), NOW)


def test_sec_sig_06_an_exponent_of_one_is_refused() -> None:
    # Written by hand, because no library makes such a key.
    spki = bytearray(pair().rsa_public)
    assert spki[-5:] == b"\x02\x03\x01\x00\x01"
    spki[-3:] = b"\x00\x00\x01"
    entry = rsa_entry(publicKeyPem=keys.to_pem(rsa_public()).replace("IDAQAB\n", "IDAAAB\n"))

    assert entry["publicKeyPem"] != keys.to_pem(rsa_public())
    assert keys.keys_of(actor(publicKey=entry)) == []
    with pytest.raises(RefusedError):
        keys.check(keys.load_public_der(bytes(spki)))


@pytest.mark.parametrize(
    "text",
    ["", "z", "zzzz", "u6Mk", "z" + "1" * 3000, "z0OIl", "z6Mk", "zé", "z 6Mk", 7, None],
)
def test_w_521a_01_what_is_no_multikey_is_refused(text: Any) -> None:
    with pytest.raises(RefusedError):
        keys.from_multibase(text)
    assert keys.keys_of(actor(assertionMethod=multikey(publicKeyMultibase=text))) == []


def test_w_521a_01_a_multikey_has_one_spelling_only() -> None:
    right = multikey()["publicKeyMultibase"]

    for other in (right + "\n", right + " ", "z1" + right[1:], right + "1"):
        with pytest.raises(RefusedError):
            keys.from_multibase(other)


def test_sec_sig_06_ed25519_keys_have_exactly_32_bytes() -> None:
    for length in (0, 31, 33, 64):
        with pytest.raises(RefusedError):
            keys.load_public_raw(bytes(length))


def test_w_key_02_an_actors_own_keys_are_read() -> None:
    found = keys.keys_of(actor(publicKey=rsa_entry(), assertionMethod=[multikey()]))

    assert [(key.id, key.owner, key.algorithm) for key in found] == [
        (f"{ALICE}#main-key", ALICE, "rsa"),
        (f"{ALICE}#ed25519-key", ALICE, "ed25519"),
    ]
    assert isinstance(found[1].key, Ed25519PublicKey)
    several = [rsa_entry(), rsa_entry(id=f"{ALICE}/main-key"), rsa_entry()]
    assert len(keys.keys_of(actor(publicKey=several))) == 2


@pytest.mark.parametrize(
    "entry",
    [
        rsa_entry(id="https://evil.example/users/alice#main-key"),
        rsa_entry(id="http://a.example/users/alice#main-key"),
        rsa_entry(id="https://a.example:444/users/alice#main-key"),
        rsa_entry(id="https://sub.a.example/users/alice#main-key"),
        rsa_entry(id=f"{ALICE}#" + "k" * 3000),
        rsa_entry(id=None),
        rsa_entry(id=[f"{ALICE}#main-key"]),
        rsa_entry(owner="https://a.example/users/bob"),
        rsa_entry(owner="https://victim.example/users/alice"),
        rsa_entry(owner=None),
        rsa_entry(owner=[ALICE]),
        rsa_entry(publicKeyPem=None),
        rsa_entry(expires="soon"),
        rsa_entry(revoked=7),
        f"{ALICE}#main-key",
        None,
        7,
        [[rsa_entry()]],
    ],
)
def test_sec_ori_05_a_key_that_is_not_bound_to_its_actor_is_left_out(entry: Any) -> None:
    document = actor(publicKey=entry)

    assert keys.keys_of(document) == []
    with pytest.raises(RefusedError) as refusal:
        keys.key_of(document, f"{ALICE}#main-key")
    assert refusal.value.status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"controller": "https://a.example/users/bob"},
        {"controller": None},
        {"type": "Key"},
        {"type": None},
        {"id": "https://evil.example/key"},
    ],
)
def test_w_521a_01_a_multikey_of_somebody_else_is_left_out(changes: dict[str, Any]) -> None:
    assert keys.keys_of(actor(assertionMethod=[multikey(**changes)])) == []


def test_w_key_02_at_most_ten_keys_are_read() -> None:
    many = [rsa_entry(id=f"{ALICE}#key-{number}") for number in range(30)]

    assert len(keys.keys_of(actor(publicKey=many, assertionMethod=[multikey()]))) == 10


@pytest.mark.parametrize("name", ["expires", "revoked"])
def test_w_key_04_expired_and_revoked_keys_keep_their_dates_and_are_refused(name: str) -> None:
    entry = rsa_entry(**{name: "2026-09-01T12:00:00Z"})
    key = keys.key_of(actor(publicKey=entry), f"{ALICE}#main-key")

    assert getattr(key, name) == NOW
    keys.check_usable(key, datetime(2026, 9, 1, 11, 59, 59, tzinfo=UTC))
    with pytest.raises(RefusedError) as refusal:
        keys.check_usable(key, NOW)
    assert refusal.value.status_code == 401


def test_w_key_01_the_forms_of_a_key_id_lead_to_their_owner() -> None:
    stub = {"id": ALICE, "type": "Person", "publicKey": rsa_entry(id=f"{ALICE}/main-key")}
    alone = rsa_entry(id=f"{ALICE}/publickey")
    whole = actor(publicKey=rsa_entry())
    multi = actor(assertionMethod=[multikey()])

    assert keys.owner_of(whole, f"{ALICE}#main-key") == ALICE
    assert keys.owner_of(stub, f"{ALICE}/main-key") == ALICE
    assert keys.owner_of(alone, f"{ALICE}/publickey") == ALICE
    assert keys.owner_of(multi, f"{ALICE}#ed25519-key") == ALICE
    assert keys.owner_of(whole, ALICE) == ALICE
    assert keys.key_of(whole, ALICE).id == ALICE


@pytest.mark.parametrize(
    "document",
    [
        rsa_entry(id="https://evil.example/key", owner=ALICE),
        {"id": ALICE, "publicKey": rsa_entry(id="https://evil.example/key")},
        {"id": "https://evil.example/other", "owner": "https://evil.example/users/eve"},
        {"id": "https://evil.example/key"},
        {},
    ],
)
def test_sec_ori_05_a_key_document_cannot_name_an_owner_elsewhere(document: Any) -> None:
    with pytest.raises(RefusedError) as refusal:
        keys.owner_of(document, "https://evil.example/key")
    assert refusal.value.status_code == 401


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "owner", "controller", "publicKeyPem", "expires", "x"])
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(JSON, JSON, st.sampled_from([ALICE, None, 7, "", "https://["]))
def test_sec_par_04_reading_keys_never_fails_unexpectedly(one: Any, two: Any, own: Any) -> None:
    document = {"id": own, "publicKey": one, "assertionMethod": two}

    assert keys.keys_of(document) == []
    with pytest.raises(RefusedError):
        keys.key_of(document, f"{ALICE}#main-key")


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_sec_sig_06_reading_pem_and_multibase_only_refuses(text: str) -> None:
    wrapped = f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----"
    for read in (keys.from_pem, keys.from_multibase):
        for candidate in (text, wrapped, f"z{text}"):
            with pytest.raises(RefusedError):
                read(candidate)
