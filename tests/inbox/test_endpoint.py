"""The order of the pipeline, its reply codes, and that a refusal leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import orjson
import pytest

from inbox.gate import Limits, Rate
from tests.inbox.strangers import OURS, Commune, Stranger, a_commune
from tests.support.clock import Clock
from tests.support.evil import EvilServer


async def test_w_in_a_signed_activity_of_a_stranger_is_accepted_and_kept(
    commune: Commune, alice: Stranger
) -> None:
    answer = await commune.deliver(alice, alice.create())

    assert answer.status_code == 202
    assert answer.content == b""
    assert await commune.count("inbox.waiting") == 1
    assert commune.known.learnt == 1
    assert str(commune.known.handles[alice.id]) == f"alice@{alice.authority}"
    assert commune.hosts.heard_of == [alice.authority]


async def test_w_9421_01_the_other_signature_scheme_is_accepted_too(
    commune: Commune, alice: Stranger
) -> None:
    answer = await commune.deliver(alice, alice.create(), scheme="rfc9421")

    assert answer.status_code == 202
    assert await commune.count("inbox.waiting") == 1


async def test_s2s_15_an_activity_sent_twice_is_accepted_twice_and_kept_once(
    commune: Commune, alice: Stranger
) -> None:
    first = await commune.deliver(alice, alice.create())
    commune.clock.forward(timedelta(minutes=1))
    second = await commune.deliver(alice, alice.create())

    assert (first.status_code, second.status_code) == (202, 202)
    assert await commune.count("inbox.waiting") == 1


async def test_s2s_15_an_activity_handled_long_ago_is_not_received_again(
    commune: Commune, alice: Stranger
) -> None:
    await commune.deliver(alice, alice.create())
    await commune.settle()
    commune.clock.forward(timedelta(days=400))
    await commune.deliver(alice, alice.create())

    assert await commune.count("inbox.waiting") == 0
    assert await commune.count("inbox.received") == 1


async def test_sec_sig_05_the_same_request_twice_has_one_effect(
    commune: Commune, alice: Stranger
) -> None:
    follow = alice.activity("Follow", f"{OURS}/ap/actors/1")
    del follow["id"]
    body, headers = commune.signed(alice, follow)

    for _ in range(3):
        answer = await commune.http.post("/inbox", content=body, headers=headers)
        assert answer.status_code == 202

    assert await commune.count("inbox.waiting") == 1


async def test_sec_sig_05_a_second_follow_without_an_id_is_not_a_replay(
    commune: Commune, alice: Stranger
) -> None:
    follow = alice.activity("Follow", f"{OURS}/ap/actors/1")
    del follow["id"]

    await commune.deliver(alice, follow)
    commune.clock.forward(timedelta(minutes=3))
    await commune.deliver(alice, follow)

    assert await commune.count("inbox.waiting") == 2


Mutation = Callable[[bytes, dict[str, str]], tuple[bytes, dict[str, str]]]


def _without(name: str) -> Mutation:
    return lambda body, headers: (body, {k: v for k, v in headers.items() if k != name})


def _with(name: str, value: str) -> Mutation:
    return lambda body, headers: (body, {**headers, name: value})


def _signature(old: str, new: str) -> Mutation:
    return lambda body, headers: (
        body,
        {**headers, "Signature": headers["Signature"].replace(old, new)},
    )


# What is changed, and whether the key may still be asked for: only cryptography needs it.
MUTATIONS: dict[str, tuple[Mutation, int, bool]] = {
    "no signature": (_without("Signature"), 401, False),
    "no digest": (_without("Digest"), 401, False),
    "no date": (_without("Date"), 401, False),
    "another digest": (_with("Digest", "SHA-256=" + "A" * 43 + "="), 401, False),
    "digest of md5 only": (_with("Digest", "MD5=1B2M2Y8AsgTpgAmy7PhCfg=="), 401, False),
    "another date": (_with("Date", "Tue, 01 Sep 2026 08:00:01 GMT"), 401, True),
    "an old date": (_with("Date", "Mon, 31 Aug 2026 08:00:00 GMT"), 401, False),
    "another host": (_with("Host", "elsewhere.example"), 401, False),
    "target not covered": (_signature("(request-target) ", ""), 401, False),
    "host not covered": (_signature(" host ", " "), 401, False),
    "digest not covered": (_signature(" digest ", " "), 401, False),
    "date not covered": (_signature(" date ", " "), 401, False),
    "signature altered": (_signature('signature="', 'signature="AAAA'), 401, True),
    "signature not base64": (_signature('signature="', 'signature="?'), 400, False),
    "key id of nobody": (_signature("#main-key", "#other-key"), 401, True),
    "key id is a handle": (
        lambda body, headers: (
            body,
            {**headers, "Signature": 'keyId="acct:a@b.c",signature="AA=="'},
        ),
        401,
        False,
    ),
    "body altered": (
        lambda body, headers: (body.replace(b"Bonjour", b"Bonsoir"), headers),
        401,
        False,
    ),
    "body longer": (lambda body, headers: (body + b" ", headers), 401, False),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_sec_sig_01_a_changed_request_is_refused_and_leaves_nothing(
    commune: Commune, alice: Stranger, mutation: str
) -> None:
    change, status, may_ask = MUTATIONS[mutation]
    body, headers = change(*commune.signed(alice, alice.create()))

    answer = await commune.http.post("/inbox", content=body, headers=headers)

    assert answer.status_code == status
    await commune.assert_nothing_kept()
    assert commune.known.learnt == 0
    assert commune.hosts.heard_of == []
    assert set(commune.asked()) <= ({"/users/alice"} if may_ask else set())


async def test_sec_sig_03_a_message_for_another_inbox_is_refused(
    commune: Commune, alice: Stranger
) -> None:
    body, headers = commune.signed(alice, alice.create(), path="/inbox")

    answer = await commune.http.post("/ap/actors/1/inbox", content=body, headers=headers)

    assert answer.status_code == 401
    await commune.assert_nothing_kept()


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
    from federation import signatures

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


async def test_w_in_an_inbox_that_never_was_is_404_and_a_former_one_410(
    commune: Commune, alice: Stranger
) -> None:
    commune.residents.standings[f"{OURS}/ap/actors/2"] = "gone"

    here = await commune.deliver(alice, alice.create(1), path="/ap/actors/1/inbox")
    gone = await commune.deliver(alice, alice.create(2), path="/ap/actors/2/inbox")
    absent = await commune.deliver(alice, alice.create(3), path="/ap/actors/3/inbox")

    assert (here.status_code, gone.status_code, absent.status_code) == (202, 410, 404)
    assert await commune.count("inbox.waiting") == 1


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


async def test_sec_ori_06_nobody_speaks_for_our_own_actors(
    commune: Commune, alice: Stranger
) -> None:
    forged = {
        **alice.create(),
        "id": f"{OURS}/ap/activities/1",
        "actor": f"{OURS}/ap/actors/1",
    }

    answer = await commune.deliver(alice, forged)

    assert answer.status_code == 403
    await commune.assert_nothing_kept()
    assert commune.asked() == []


@pytest.mark.parametrize("type_", ["Delete", "Update"])
async def test_w_key_05_the_farewell_of_somebody_we_never_knew_is_no_work(
    commune: Commune, alice: Stranger, type_: str
) -> None:
    object_ = alice.id if type_ == "Delete" else alice.document()

    answer = await commune.deliver(alice, alice.activity(type_, object_))

    assert answer.status_code == 202
    await commune.assert_nothing_kept()
    assert commune.asked() == []


@pytest.fixture
async def busy(database_url: str, server: EvilServer, clock: Clock) -> AsyncIterator[Commune]:
    limits = Limits(per_address=Rate(1, 5), per_host=Rate(1, 3))
    async with a_commune(database_url, server, clock, limits=limits, most_waiting=4) as commune:
        yield commune


async def test_secb_06_one_address_that_asks_too_often_is_told_to_slow_down(
    busy: Commune,
) -> None:
    statuses = [(await busy.http.post("/inbox", content=b"")).status_code for _ in range(6)]
    last = await busy.http.post("/inbox", content=b"")
    busy.clock.forward(timedelta(seconds=2))
    later = await busy.http.post("/inbox", content=b"")

    assert statuses == [415] * 5 + [429]
    assert last.headers["Retry-After"] == "1"
    assert later.status_code == 415


async def test_secb_06_only_what_a_server_really_signed_counts_against_it(
    busy: Commune, alice: Stranger, bob: Stranger
) -> None:
    body, headers = busy.signed(alice, alice.create())
    headers["Signature"] = headers["Signature"].replace('signature="', 'signature="AAAA')
    for number in range(5):
        busy.address = f"192.0.2.{number}"
        forged = await busy.http.post("/inbox", content=body, headers=headers)
        assert forged.status_code == 401
    statuses = []
    for number in range(4):
        busy.address = f"198.51.100.{number}"
        statuses.append((await busy.deliver(alice, alice.create(number))).status_code)
    other = await busy.deliver(bob, bob.create())

    assert statuses == [202, 202, 202, 429]
    assert other.status_code == 202


async def test_w_in_when_too_much_waits_senders_are_asked_to_come_back(
    busy: Commune, alice: Stranger
) -> None:
    for number in range(5):
        busy.address = f"192.0.2.{number}"
        busy.clock.forward(timedelta(seconds=6))
        await busy.deliver(alice, alice.create(number))
    busy.clock.forward(timedelta(seconds=6))
    answer = await busy.deliver(alice, alice.create(9))

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert await busy.count("inbox.waiting") == 5

    await busy.settle()
    busy.clock.forward(timedelta(seconds=6))
    assert (await busy.deliver(alice, alice.create(9))).status_code == 202


async def test_w_in_when_nothing_can_be_kept_all_are_told_to_come_back(
    commune: Commune, alice: Stranger
) -> None:
    commune.known.meet(alice)
    await commune.pool.execute(
        "alter table inbox.waiting add constraint no check (false) not valid"
    )

    answers = await asyncio.gather(
        *(commune.deliver(alice, alice.create(number)) for number in range(8))
    )

    assert [answer.status_code for answer in answers] == [503] * 8
    assert all("Retry-After" in answer.headers for answer in answers)
    await commune.assert_nothing_kept()


@pytest.mark.parametrize("where", ["key", "actor", "object", "author", "inner", "target"])
async def test_sec_mod_01_a_blocked_host_is_refused_wherever_it_is_named(
    commune: Commune, alice: Stranger, server: EvilServer, where: str
) -> None:
    evil = Stranger(server, "mallory", "a.evil.localhost", 2).move_in()
    commune.hosts.blocked.add("evil.localhost")
    activity = alice.activity("Announce", alice.id)
    sender = alice
    if where == "key":
        sender = evil
    elif where == "actor":
        activity = evil.create()
    elif where == "object":
        activity = alice.activity("Announce", f"{evil.id}/notes/1")
    elif where == "author":
        note = {"id": f"{alice.id}/notes/1", "type": "Note", "attributedTo": evil.id}
        activity = alice.activity("Announce", note)
    elif where == "inner":
        activity = alice.activity("Announce", evil.create())
    else:
        activity = alice.activity("Move", alice.id, target=evil.id)

    answer = await commune.deliver(sender, activity)

    assert answer.status_code == 403
    await commune.assert_nothing_kept()
    assert commune.asked() == []


async def test_sec_mod_01_a_name_that_only_ends_alike_is_not_blocked(
    commune: Commune, server: EvilServer
) -> None:
    commune.hosts.blocked.add("evil.localhost")
    good = Stranger(server, "carol", "notevil.localhost").move_in()

    assert (await commune.deliver(good, good.create())).status_code == 202
