"""Hosts that fail, ask for patience, go away, and come back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outbox import upkeep
from outbox.upkeep import HostStatus
from tests.outbox.conftest import Commune
from tests.outbox.peers import Peer, nobody


async def _status(commune: Commune) -> HostStatus:
    (status,) = await upkeep.status(commune.pool, now=commune.clock())
    return status


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_w_del_02_any_success_is_a_success(commune: Commune, peer: Peer, status: int) -> None:
    peer.status = status
    await commune.say(peer.inbox())

    await commune.deliver()

    assert await upkeep.pending(commune.pool) == 0
    assert await upkeep.status(commune.pool, now=commune.clock()) == []


@pytest.mark.parametrize("status", [404, 405, 413, 422, 501])
async def test_w_del_02_a_refusal_is_permanent(commune: Commune, peer: Peer, status: int) -> None:
    peer.status = status
    await commune.say(peer.inbox())

    await commune.deliver()
    commune.clock.move(days=1)
    await commune.deliver()

    assert len(peer.letters) == 1
    assert await upkeep.pending(commune.pool) == 0


@pytest.mark.parametrize("status", [408, 500, 502, 503])
async def test_w_del_02_a_failure_is_tried_again(commune: Commune, peer: Peer, status: int) -> None:
    peer.answers = [status, status]
    said = await commune.say(peer.inbox())

    await commune.deliver()
    await commune.deliver()
    assert peer.ids == [said]
    commune.clock.move(minutes=1)
    await commune.deliver()
    commune.clock.move(minutes=5)
    await commune.deliver()

    assert peer.ids == [said] * 3
    assert await upkeep.pending(commune.pool) == 0


async def test_s2s_10_a_network_error_is_tried_again(commune: Commune, peer: Peer) -> None:
    await peer.stop()
    said = await commune.say(peer.inbox())
    await commune.deliver()
    assert (await _status(commune)).failures == 1

    await peer.start()
    commune.clock.move(minutes=1)
    await commune.deliver()

    assert peer.ids == [said]


async def test_w_del_03_after_fifteen_attempts_a_delivery_is_given_up(
    commune: Commune, peer: Peer
) -> None:
    peer.statuses = {"/users/ill/inbox": 500}
    await commune.say(peer.inbox(path="/users/ill/inbox"), public=False)

    for _ in range(40):
        await commune.say(peer.inbox())  # the host itself is well
        await commune.deliver()
        commune.clock.move(hours=13)

    tried = [letter for letter in peer.letters if letter.path == "/users/ill/inbox"]
    assert len(tried) == 15
    assert await upkeep.pending(commune.pool) == 0
    assert await commune.pool.fetchval("select count(*) from outbox.activity where not public") == 0


async def test_w_del_03_a_delete_gets_two_attempts_more(commune: Commune, peer: Peer) -> None:
    peer.statuses = {"/users/ill/inbox": 500}
    await commune.say(peer.inbox(path="/users/ill/inbox"), kind="Delete")

    for _ in range(40):
        await commune.say(peer.inbox())
        await commune.deliver()
        commune.clock.move(hours=13)

    assert sum(letter.path == "/users/ill/inbox" for letter in peer.letters) == 17
    assert await upkeep.pending(commune.pool) == 0


async def test_w_del_02_retry_after_pauses_the_host(commune: Commune, peer: Peer) -> None:
    peer.status = 429
    peer.headers = {"Retry-After": "7200"}
    await commune.say(peer.inbox())
    await commune.deliver()
    await commune.say(peer.inbox("a", "/users/other/inbox"))
    peer.status, peer.headers = 202, {}

    commune.clock.move(minutes=119)
    await commune.deliver()
    assert len(peer.letters) == 1
    assert (await _status(commune)).state == "paused"
    commune.clock.move(minutes=1)
    await commune.deliver()

    assert len(peer.letters) == 3
    assert await upkeep.pending(commune.pool) == 0


async def test_w_del_02_nobody_makes_us_wait_longer_than_a_day(
    commune: Commune, peer: Peer
) -> None:
    peer.answers = [503]
    peer.headers = {"Retry-After": "99999999"}
    await commune.say(peer.inbox())
    await commune.deliver()

    commune.clock.move(hours=24)
    await commune.deliver()

    assert len(peer.letters) == 2


async def test_w_del_02_a_gone_inbox_is_dropped_and_reported(commune: Commune, peer: Peer) -> None:
    inbox = peer.inbox(path="/users/gone/inbox")
    peer.statuses = {"/users/gone/inbox": 410}
    await commune.say(inbox, peer.inbox())

    await commune.deliver()

    assert len(peer.letters) == 2
    assert await upkeep.pending(commune.pool) == 0
    assert await upkeep.gone_inboxes(commune.pool) == [inbox]
    await upkeep.forget_gone(commune.pool, [inbox])
    assert await upkeep.gone_inboxes(commune.pool) == []


async def test_w_del_02_a_401_is_tried_a_few_times_only(commune: Commune, peer: Peer) -> None:
    peer.understands = set()
    await commune.say(peer.inbox())

    for _ in range(10):
        await commune.deliver()
        commune.clock.move(hours=1)

    assert len(peer.letters) == 4 * 2  # each attempt knocks twice
    assert await upkeep.pending(commune.pool) == 0
    assert await upkeep.unavailable(commune.pool) == []


async def test_w_del_04_ten_failures_open_the_breaker(commune: Commune, peer: Peer) -> None:
    peer.status = 500
    for _ in range(30):
        await commune.say(peer.inbox())

    await commune.deliver()

    assert 10 <= len(peer.letters) <= 12
    status = await _status(commune)
    assert (status.state, status.waiting) == ("paused", 30)
    assert status.last_error == "The server answered 500."
    assert status.next_attempt == commune.clock() + timedelta(seconds=60)
    seen = len(peer.letters)
    commune.clock.move(seconds=60)
    await commune.deliver()
    assert len(peer.letters) == seen + 1  # one, to see


async def test_w_del_04_a_host_that_comes_back_gets_everything(
    commune: Commune, peer: Peer
) -> None:
    peer.status = 500
    said = {await commune.say(peer.inbox()) for _ in range(30)}
    await commune.deliver()

    peer.status = 202
    peer.letters.clear()
    for _ in range(6):
        commune.clock.move(minutes=1)
        await commune.deliver()

    assert set(peer.ids) == said
    assert len(peer.letters) == 30
    assert await upkeep.status(commune.pool, now=commune.clock()) == []


async def _until_unavailable(commune: Commune, inbox: str) -> None:
    """Publish every half day, deliver every hour, for two weeks."""
    for hour in range(24 * 14):
        if hour % 12 == 0:
            await commune.say(inbox)
        await commune.deliver()
        commune.clock.move(hours=1)


async def test_w_del_04_seven_days_of_giving_up_make_a_host_unavailable(
    commune: Commune, peer: Peer
) -> None:
    inbox = f"http://{nobody()}/inbox"
    host = inbox.split("/")[2]
    await _until_unavailable(commune, inbox)
    assert await upkeep.unavailable(commune.pool) == [host]
    waiting = await upkeep.pending(commune.pool)

    await commune.say(inbox, peer.inbox())
    await commune.deliver()

    assert len(peer.letters) == 1
    assert await upkeep.pending(commune.pool) <= waiting


async def test_w_del_04_a_weekly_probe_finds_a_host_that_is_back(
    commune: Commune, peer: Peer
) -> None:
    await peer.stop()
    await _until_unavailable(commune, peer.inbox())
    assert await upkeep.unavailable(commune.pool) == [peer.host()]
    await peer.start()

    for _ in range(8):
        commune.clock.move(days=1)
        await commune.say(peer.inbox())
        await commune.deliver()

    assert peer.letters != []
    assert await upkeep.unavailable(commune.pool) == []
    said = await commune.say(peer.inbox())
    await commune.deliver()
    assert peer.ids[-1] == said


async def test_w_del_04_a_verified_message_from_there_revives_a_host(
    commune: Commune, peer: Peer
) -> None:
    await peer.stop()
    await _until_unavailable(commune, peer.inbox())
    await peer.start()

    await upkeep.revive(commune.pool, peer.host(), now=commune.clock())
    said = await commune.say(peer.inbox())
    await commune.deliver()

    assert said in peer.ids
    assert await upkeep.unavailable(commune.pool) == []
    assert await upkeep.pending(commune.pool) == 0


async def test_w_del_04_a_host_that_talks_but_does_not_listen_is_asked_once_a_minute(
    commune: Commune, peer: Peer
) -> None:
    peer.status = 500
    for _ in range(20):
        await commune.say(peer.inbox())
    await commune.deliver()
    seen = len(peer.letters)

    for _ in range(5):
        commune.clock.move(seconds=1)
        await upkeep.revive(commune.pool, peer.host(), now=commune.clock())
        await commune.deliver()

    assert len(peer.letters) == seen
