"""Requests bent out of shape at a running commune: each is refused, and leaves no trace."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
import pytest

from federation import keys
from tests.hostile.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="module")

Headers = dict[str, str]
Bend = Callable[[bytes, Headers], tuple[bytes, Headers]]


@dataclass(frozen=True, slots=True)
class Bent:
    """A well signed request, *bend* (body, headers), and the status of the answer."""

    name: str
    bend: Bend
    answer: int = 401


def _without(name: str) -> Bend:
    return lambda body, headers: (body, {k: v for k, v in headers.items() if k != name})


def _with(name: str, value: str) -> Bend:
    return lambda body, headers: (body, {**headers, name: value})


def _signature(old: str, new: str) -> Bend:
    def bend(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
        assert old in headers["Signature"], headers["Signature"]
        return body, {**headers, "Signature": headers["Signature"].replace(old, new)}

    return bend


def _body(change: Callable[[bytes], bytes]) -> Bend:
    return lambda body, headers: (change(body), headers)


NOTHING: Final = base64.b64encode(bytes(32)).decode()
BENT: Final = [
    Bent("sec_sig_01_without_a_signature", _without("Signature")),
    Bent("sec_sig_01_without_a_date", _without("Date")),
    Bent("sec_sig_01_without_a_digest", _without("Digest")),
    Bent("sec_sig_01_the_target_is_not_covered", _signature("(request-target) ", "")),
    Bent("sec_sig_01_the_host_is_not_covered", _signature(" host", "")),
    Bent("sec_sig_01_the_date_is_not_covered", _signature(" date", "")),
    Bent("sec_sig_01_the_digest_is_not_covered", _signature(" digest", "")),
    Bent("sec_sig_02_another_body", _body(lambda body: body.replace(b"Like", b"Lake"))),
    Bent("sec_sig_02_one_byte_more", _body(lambda body: body + b" ")),
    Bent("sec_sig_02_another_digest", _with("Digest", f"SHA-256={NOTHING}")),
    Bent("sec_sig_02_an_old_kind_of_digest", _with("Digest", "MD5=1B2M2Y8AsgTpgAmY7PhCfg==")),
    Bent("sec_sig_03_another_host", _with("Host", "evil.localhost"), 421),
    Bent("sec_sig_06_a_key_that_is_not_there", _signature("#main-key", "#no-key")),
    Bent("sec_sig_07_rubbish", _with("Signature", '"' * 100)),
    Bent("sec_sig_07_too_long", _with("Signature", "a" * 9000)),
    Bent("w_in_compressed", lambda body, headers: (gzip.compress(body), _gzip(headers)), 415),
    Bent("w_in_no_activity", _with("Content-Type", "text/plain"), 415),
    Bent("w_in_another_profile", _with("Content-Type", 'application/ld+json; profile="x"'), 415),
    Bent("sec_dos_01_two_mebibytes", _body(lambda body: body + b" " * 2**21), 413),
]


def _gzip(headers: Headers) -> Headers:
    return {**headers, "Content-Encoding": "gzip"}


@pytest.mark.parametrize("bent", BENT, ids=lambda bent: bent.name)
async def test_a_bent_request_is_refused_and_changes_nothing(siege: Siege, bent: Bent) -> None:
    like = siege.says("mallory", "Like", siege.posts["public"].object_id)
    body = orjson.dumps(like)
    headers = siege.signed("mallory", body)
    before = await siege.everything()

    answer = await siege.post(*bent.bend(body, headers))

    assert answer.status_code == bent.answer, answer.text
    assert await siege.everything() == before
    assert await _received(siege, like["id"]) == 0


@pytest.mark.parametrize("minutes", [-66, 61])
async def test_sec_sig_04_an_old_and_a_future_request_are_refused(
    siege: Siege, minutes: int
) -> None:
    like = siege.says("mallory", "Like", siege.posts["public"].object_id)
    body = orjson.dumps(like)
    before = await siege.everything()

    when = siege.clock() + timedelta(minutes=minutes)
    answer = await siege.post(body, siege.signed("mallory", body, now=when))

    assert answer.status_code == 401
    assert await siege.everything() == before


async def test_sec_sig_05_a_replay_and_the_same_id_with_other_words_have_no_second_effect(
    siege: Siege,
) -> None:
    create = siege.says("mallory", "Create", siege.note("mallory", "once"))
    body = orjson.dumps(create)
    headers = siege.signed("mallory", body)
    assert (await siege.post(body, headers)).status_code == 202
    before = await siege.everything()

    again = await siege.post(body, headers)
    other = {**create, "object": siege.note("mallory", "twice")}
    another = await siege.send("mallory", other)

    assert (again.status_code, another) == (202, 202)
    assert await siege.everything() == before
    assert not any("twice" in row for row in before["commune.post"])


def _key_document(siege: Siege, key_id: str, owner: str) -> dict[str, Any]:
    """A key of Mallory's, said to be of *owner*."""
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": key_id,
        "type": "Key",
        "owner": owner,
        "publicKeyPem": keys.to_pem(siege["mallory"].public.key),
    }


@pytest.mark.parametrize("host", ["evil.localhost", "ada.localhost"])
async def test_sec_ori_05_a_key_that_its_owner_does_not_list_proves_nothing(
    siege: Siege, host: str
) -> None:
    """The server of the key says whose it is; that owner must say so too (W-KEY-02)."""
    key_id = siege.server.url(host, f"/keys/{siege.number()}")
    siege.shows(_key_document(siege, key_id, siege["ada"].id))
    like = siege.says("ada", "Like", siege.posts["public"].object_id)
    body = orjson.dumps(like)
    before = await siege.everything()

    answer = await siege.post(body, siege.signed("mallory", body, key_id=key_id))

    assert answer.status_code == 401
    assert await siege.everything() == before
    assert await _received(siege, like["id"]) == 0


async def test_sec_ori_06_nobody_signs_for_ours(siege: Siege) -> None:
    like = siege.says("mallory", "Like", siege.posts["public"].object_id)
    ours = {**like, "actor": siege.paul.actor_id, "id": f"{siege.town.origin}/ap/activities/1"}
    before = await siege.everything()

    assert await siege.send("mallory", ours) == 403

    assert await siege.everything() == before


@pytest.mark.parametrize("kind", ["signature", "proof"])
async def test_sec_sig_09_a_broken_proof_is_not_made_good_by_who_brings_it(
    siege: Siege, kind: str
) -> None:
    create = siege.says("ada", "Create", siege.note("ada", "carried"))
    siege.shows(create)
    siege.shows(siege.note("ada", "carried"))
    broken = {
        "signature": {
            "type": "RsaSignature2017",
            "creator": siege["ada"].key_id,
            "created": "2026-09-01T08:00:00Z",
            "signatureValue": NOTHING,
        },
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "proofPurpose": "assertionMethod",
            "verificationMethod": siege["ada"].proof_key_id,
            "created": "2026-09-01T08:00:00Z",
            "proofValue": "z" + "1" * 64,
        },
    }
    before = await siege.everything()

    assert await siege.send("mallory", {**create, kind: broken[kind]}) == 401

    assert await siege.everything() == before


async def _received(siege: Siege, activity_id: str) -> int:
    pool = siege.town.commune.database.pool
    query = "select count(*) from inbox.received where id = $1"
    return int(await pool.fetchval(query, activity_id))
