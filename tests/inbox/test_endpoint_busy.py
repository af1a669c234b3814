"""Whoever asks too much, or too early, is told to come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from inbox.gate import Limits, Rate
from tests.inbox.strangers import Commune, Stranger, a_commune
from tests.support.clock import Clock
from tests.support.evil import EvilServer


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
