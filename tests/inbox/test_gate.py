"""What costs nothing to refuse, and what a limit remembers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from starlette.requests import Request

from federation.errors import RefusedError, UnavailableError
from inbox.gate import Buckets, Limits, Rate, Turnstile, network_of, read_body
from tests.inbox.strangers import Commune, Stranger, record

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def test_sec_dos_08_a_million_addresses_are_not_remembered() -> None:
    buckets = Buckets(Rate(1, 5), remembered=100)

    for number in range(10_000):
        buckets.take(str(number), NOW)

    assert len(buckets) == 100


def test_secb_06_a_bucket_fills_again_with_time_and_never_beyond_its_burst() -> None:
    buckets = Buckets(Rate(2, 3))
    for _ in range(3):
        assert buckets.wait("a", NOW) is None
        buckets.take("a", NOW)

    assert buckets.wait("a", NOW) == 0.5
    assert buckets.wait("b", NOW) is None
    assert buckets.wait("a", NOW + timedelta(seconds=0.5)) is None
    later = NOW + timedelta(days=1)
    for _ in range(3):
        buckets.take("a", later)
    assert buckets.wait("a", later) is not None


def test_secb_06_one_network_of_ipv6_is_one_client() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert len(network_of("x" * 1000)) == 64


def test_secb_06_without_limits_everybody_passes() -> None:
    turnstile = Turnstile(None)
    for _ in range(10_000):
        turnstile.admit_address("192.0.2.1", NOW)
        turnstile.admit_host("a.example", NOW)
        turnstile.count_host("a.example", NOW)

    narrow = Turnstile(Limits(Rate(1, 1), Rate(1, 1)))
    narrow.admit_address("192.0.2.1", NOW)
    with pytest.raises(UnavailableError) as refused:
        narrow.admit_address("192.0.2.1", NOW)
    assert refused.value.status_code == 429


async def test_sec_dos_02_a_body_that_drips_is_given_up() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError("nobody waits that long")

    with pytest.raises(RefusedError) as refused:
        await read_body(Request({"type": "http", "headers": []}, receive), seconds=0.01)

    assert refused.value.status_code == 408


async def test_sec_dos_02_a_body_that_is_cut_off_is_refused() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(RefusedError) as refused:
        await read_body(Request({"type": "http", "headers": []}, receive))

    assert refused.value.status_code == 400


ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, "", "x" * 5_000, "\u202e", [], [[]], {}),
    *({"id": 1}, {"id": []}, {"type": "Note"}, [{"id": "http://a.localhost/1"}, 7]),
)


async def test_sec_par_04_whatever_stands_in_a_property_is_answered_and_never_fails_later(
    commune: Commune, alice: Stranger
) -> None:
    for type_ in ("Create", "Undo", "Follow"):
        commune.router.receives(type_)(record)
    commune.known.meet(alice)
    undo = alice.activity("Undo", alice.activity("Like", "http://other.localhost/n"), 7)
    number = 0
    for base in (alice.create(), undo):
        for name in ("id", "type", "actor", "object", "to", "cc", "published", "target", "tag"):
            for value in ODD:
                number += 1
                activity = {**base, "id": f"{alice.id}/odd/{number}", name: value}
                answer = await commune.deliver(alice, activity)
                assert answer.status_code in (202, 400, 401, 403), (name, value, answer.text)
        for name in ("id", "type", "attributedTo", "actor", "object", "content", "tag"):
            for value in ODD:
                number += 1
                activity = {**base, "id": f"{alice.id}/odd/{number}"}
                activity["object"] = {**base["object"], name: value}
                answer = await commune.deliver(alice, activity)
                assert answer.status_code in (202, 400, 401, 403), (name, value, answer.text)
    await commune.settle()

    assert await commune.count("inbox.failed") == 0
    assert await commune.count("inbox.waiting") == 0
    assert await commune.count("effect") > 100


async def test_sec_dos_05_a_message_about_too_many_things_is_refused(
    commune: Commune, alice: Stranger
) -> None:
    commune.known.meet(alice)
    flag = alice.activity("Flag", [f"http://other.localhost/{n}" for n in range(1_001)])

    answer = await commune.deliver(alice, orjson.dumps(flag))

    assert answer.status_code == 400
    await commune.assert_nothing_kept()
