"""Looking in, trying again, dropping, forgetting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from outbox import store, upkeep
from tests.outbox.conftest import Commune
from tests.outbox.peers import Peer, nobody

POST = "https://commune.example/ap/posts/1"


async def test_status_tells_what_waits_for_whom_since_when(commune: Commune, peer: Peer) -> None:
    down = f"http://{nobody()}/inbox"
    await commune.say(down, peer.inbox())
    began = commune.clock()
    await commune.deliver()
    commune.clock.move(seconds=30)
    await commune.say(down)

    (status,) = await upkeep.status(commune.pool, now=commune.clock())

    assert status.host == down.split("/")[2]
    assert (status.waiting, status.oldest, status.failures) == (2, began, 1)
    assert status.state == "troubled"
    assert status.last_error
    assert status.last_failure_at == began
    assert await upkeep.pending(commune.pool) == 2


async def test_retry_makes_one_host_due_at_once(commune: Commune, peer: Peer) -> None:
    peer.status = 500
    await commune.say(peer.inbox("a"), peer.inbox("b"))
    await commune.deliver()
    peer.status = 202

    assert await upkeep.retry(commune.pool, peer.host("a"), now=commune.clock()) == 1
    await commune.deliver()

    assert [letter.authority for letter in peer.letters[2:]] == [peer.host("a")]
    assert await upkeep.pending(commune.pool) == 1


async def test_retry_ends_every_pause(commune: Commune, peer: Peer) -> None:
    peer.status = 500
    for _ in range(25):
        await commune.say(peer.inbox("a"), peer.inbox("b"))
    await commune.deliver()
    peer.status = 202

    assert await upkeep.retry(commune.pool, now=commune.clock()) == 50
    await commune.deliver()

    assert await upkeep.pending(commune.pool) == 0


async def test_drop_takes_one_activity_or_one_host_away(commune: Commune, peer: Peer) -> None:
    first = await commune.say(peer.inbox("a"), peer.inbox("b"))
    second = await commune.say(peer.inbox("a"), peer.inbox("b"))

    assert await upkeep.drop(commune.pool, first) == 2
    assert await upkeep.drop(commune.pool, peer.host("a")) == 1
    assert await upkeep.drop(commune.pool, "https://nowhere.example/1") == 0
    await commune.deliver()

    assert [(letter.id, letter.authority) for letter in peer.letters] == [(second, peer.host("b"))]


@pytest.mark.parametrize(
    ("blocked", "left"),
    [
        ("evil.example", ["evil.example.org", "notevil.example"]),
        (
            "a.evil.example",
            ["evil.example", "evil.example.org", "evil.example:8443", "notevil.example"],
        ),
        (
            "evil.example:8443",
            ["a.evil.example", "evil.example", "evil.example.org", "notevil.example"],
        ),
    ],
)
async def test_sec_mod_01_a_blocked_domain_loses_all_below_it(
    commune: Commune, blocked: str, left: list[str]
) -> None:
    hosts = [
        "evil.example",
        "evil.example:8443",
        "a.evil.example",
        "notevil.example",
        "evil.example.org",
    ]
    await commune.say(*(f"https://{host}/inbox" for host in hosts))

    dropped = await upkeep.drop_host(commune.pool, blocked)

    waiting = [status.host for status in await upkeep.status(commune.pool)]
    assert waiting == left
    assert dropped == len(hosts) - len(left)


async def test_forget_drops_everything_about_an_object_but_its_delete(
    commune: Commune, peer: Peer
) -> None:
    down = f"http://{nobody()}/inbox"
    said = [
        await commune.say(down, peer.inbox(), kind=kind, about=POST, order=POST)
        for kind in ("Create", "Update", "Delete")
    ]
    other = await commune.say(peer.inbox())

    await upkeep.forget(commune.pool, POST)
    await commune.deliver()

    assert sorted(peer.ids) == sorted([said[2], other])
    assert await store.public_activity(commune.pool, said[0]) is None
    assert await store.public_activity(commune.pool, said[2]) is not None
    assert await upkeep.pending(commune.pool) == 1


async def test_prune_removes_what_nobody_needs(commune: Commune, peer: Peer) -> None:
    old = await commune.say(peer.inbox())
    await commune.say(peer.inbox("z"), public=False)
    await upkeep.drop(commune.pool, peer.host("z"))
    await commune.deliver()
    commune.clock.move(days=100)
    waiting = await commune.say(f"http://{nobody()}/inbox", public=False)
    fresh = await commune.say(peer.inbox("b"))
    await commune.deliver()
    now = commune.clock()

    pruned = await upkeep.prune(commune.pool, public_before=now - timedelta(days=90), now=now)

    assert pruned == 2
    assert await store.public_activity(commune.pool, old) is None
    assert await store.public_activity(commune.pool, fresh) is not None
    left = await commune.pool.fetch("select id from outbox.activity order by key")
    assert [row["id"] for row in left] == [waiting, fresh]
    lanes = await commune.pool.fetch("select host from outbox.lane")
    assert peer.host() not in [row["host"] for row in lanes]
    assert len(lanes) == 2


async def test_revive_leaves_a_host_that_is_well_alone(commune: Commune, peer: Peer) -> None:
    await commune.say(peer.inbox())
    await commune.deliver()

    await upkeep.revive(commune.pool, peer.host(), now=commune.clock())
    await upkeep.revive(commune.pool, "never.heard.example", now=commune.clock())

    assert await commune.count("outbox.wake") == 0
    assert await commune.deliverer().next_due() is None


async def test_next_due_is_when_the_next_attempt_is(commune: Commune, peer: Peer) -> None:
    peer.status = 500
    deliverer = commune.deliverer()
    assert await deliverer.next_due() is None
    await commune.say(peer.inbox())
    assert await deliverer.next_due() == commune.clock()

    await deliverer.settled()

    assert await deliverer.next_due() == commune.clock() + timedelta(minutes=1)
