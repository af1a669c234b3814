"""What is no activity is refused at the door: method, media type, size, JSON, shape."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import orjson
import pytest

from federation import signatures
from tests.inbox.strangers import OURS, Commune, Stranger


async def test_w_in_another_method_is_answered_405(commune: Commune) -> None:
    answer = await commune.http.put("/inbox", content=b"{}")

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert (await commune.http.get("/inbox")).status_code == 405


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/activity+json", 202),
        ("application/activity+json; charset=utf-8", 202),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams"', 202),
        ("application/ld+json", 202),
        ('application/ld+json; profile="https://example.org/other"', 415),
        ("application/json", 415),
        ("text/html", 415),
        ("text/plain; application/activity+json", 415),
        ("", 415),
    ],
)
async def test_w_in_only_activities_are_taken(
    commune: Commune, alice: Stranger, content_type: str, status: int
) -> None:
    commune.known.meet(alice)
    body = orjson.dumps(alice.create())
    headers = signatures.sign(
        method="POST", url=f"{OURS}/inbox", body=body, signer=alice.signer, scheme="cavage",
        now=commune.clock(), content_type=content_type,
    )  # fmt: skip

    answer = await commune.http.post("/inbox", content=body, headers=headers)

    assert answer.status_code == status
    assert await commune.count("inbox.waiting") == (status == 202)


async def test_w_in_a_compressed_body_is_answered_415(commune: Commune, alice: Stranger) -> None:
    body, headers = commune.signed(alice, alice.create())

    answer = await commune.http.post(
        "/inbox", content=body, headers={**headers, "Content-Encoding": "gzip"}
    )

    assert answer.status_code == 415
    await commune.assert_nothing_kept()


async def test_sec_dos_01_a_body_beyond_the_limit_is_refused_while_it_arrives(
    commune: Commune, alice: Stranger
) -> None:
    _, headers = commune.signed(alice, alice.create())
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536
            if sent > 8 * 1024 * 1024:
                raise AssertionError("nobody stopped it")

    answer = await commune.http.post("/inbox", content=endless(), headers=headers)

    assert answer.status_code == 413
    assert sent < 2 * 1024 * 1024
    await commune.assert_nothing_kept()
    assert commune.asked() == []


@pytest.mark.parametrize(
    ("lengths", "status"),
    [(["-1"], 400), (["12", "12"], 400), (["1e3"], 400), (["99999999"], 413), (["9" * 40], 413)],
)
async def test_sec_dos_01_an_impossible_length_is_refused_unread(
    commune: Commune, alice: Stranger, lengths: list[str], status: int
) -> None:
    body, headers = commune.signed(alice, alice.create())
    request = httpx.Request("POST", f"{OURS}/inbox", content=body, headers=headers)
    request.headers = httpx.Headers(
        [(k, v) for k, v in request.headers.items() if k != "content-length"]
        + [("content-length", length) for length in lengths]
    )

    answer = await commune.http.send(request)

    assert answer.status_code == status
    await commune.assert_nothing_kept()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'"text"',
        b"[]",
        b"\xff\xfe",
        b"",
        b'{"a":"\\ud800',
    ],
)
async def test_sec_par_01_what_is_not_strict_json_is_answered_400(
    commune: Commune, alice: Stranger, body: bytes
) -> None:
    answer = await commune.deliver(alice, body)

    assert answer.status_code == 400
    await commune.assert_nothing_kept()
    assert commune.asked() == []


async def test_sec_par_02_poison_in_texts_does_not_stop_an_activity(
    commune: Commune, alice: Stranger
) -> None:
    create = alice.create(text="nul")
    body = orjson.dumps(create).replace(b'"nul"', b'"\\u0000 \\ud800"')

    answer = await commune.deliver(alice, body)
    await commune.settle()

    assert answer.status_code == 202
    assert await commune.outcomes() == {create["id"]: "ignored"}


@pytest.mark.parametrize("poison", ["\\u0000", "\\ud800"])
@pytest.mark.parametrize("name", ["id", "actor", "type"])
async def test_sec_par_02_poison_in_names_is_refused_or_removed(
    commune: Commune, alice: Stranger, name: str, poison: str
) -> None:
    create = alice.create()
    marked = create[name] + "POISON"
    body = orjson.dumps({**create, name: marked}).replace(b"POISON", poison.encode())

    answer = await commune.deliver(alice, body)
    await commune.settle()

    assert answer.status_code in (202, 400)
    assert await commune.count("inbox.waiting") == 0
    assert await commune.count("inbox.failed") == 0
    if name != "type":
        assert answer.status_code == 400
        await commune.assert_nothing_kept()


@pytest.mark.parametrize(
    "change",
    [
        {"type": None},
        {"type": ["Create", "Delete"]},
        {"actor": None},
        {"actor": ["http://a.example/", "http://b.example/"]},
        {"id": ["http://a.example/"]},
        {"id": 7},
        {"id": None},
        {"id": "http://elsewhere.localhost/1"},
        {"actor": "http://elsewhere.localhost/users/1"},
        {"actor": "ftp://peer.localhost/users/1"},
        {"object": None},
        {"@context": "https://example.org/"},
    ],
)
async def test_w_in_a_misshapen_activity_is_answered_400(
    commune: Commune, alice: Stranger, change: dict[str, object]
) -> None:
    answer = await commune.deliver(alice, {**alice.create(), **change})

    assert answer.status_code == 400
    await commune.assert_nothing_kept()
    assert commune.asked() == []
