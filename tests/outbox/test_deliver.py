"""What is published arrives, once, signed, and one bad server delays nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from outbox import store, upkeep
from tests.outbox.conftest import ALICE, BOB, Commune, public_key
from tests.outbox.peers import Peer, nobody

StartPeer = Callable[[], Awaitable[Peer]]


async def test_w_del_01_what_is_published_arrives_once_at_each_inbox(
    commune: Commune, peer: Peer
) -> None:
    said = await commune.say(peer.inbox("a"), peer.inbox("b"), peer.inbox("b", "/users/x/inbox"))

    await commune.deliver()

    assert sorted(letter.authority + letter.path for letter in peer.letters) == [
        f"{peer.host('a')}/inbox",
        f"{peer.host('b')}/inbox",
        f"{peer.host('b')}/users/x/inbox",
    ]
    assert set(peer.ids) == {said}
    assert await upkeep.pending(commune.pool) == 0


async def test_w_sig_04_each_attempt_is_signed_anew_by_the_actor(
    commune: Commune, peer: Peer
) -> None:
    peer.answers = [500]
    await commune.say(peer.inbox(), actor_id=BOB)

    await commune.deliver()
    peer.letters[0].verify(public_key(BOB), commune.clock())
    commune.clock.move(minutes=1)
    await commune.deliver()

    first, second = peer.letters
    second.verify(public_key(BOB), commune.clock())
    assert first.header("Date") == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert second.header("Date") == "Mon, 02 Mar 2026 09:01:00 GMT"
    assert first.header("Signature") != second.header("Signature")
    assert first.body == second.body
    assert str(second.header("User-Agent")).startswith("fedcommune/")


async def test_s2s_01_the_media_type_is_that_of_the_specification(
    commune: Commune, peer: Peer
) -> None:
    await commune.say(peer.inbox())

    await commune.deliver()

    assert peer.letters[0].header("Content-Type") == (
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    )


async def test_w_sig_05_a_redirect_of_a_post_is_not_followed(
    commune: Commune, start_peer: StartPeer
) -> None:
    peer, elsewhere = await start_peer(), await start_peer()
    peer.status = 307
    peer.headers = {"Location": elsewhere.inbox()}
    await commune.say(peer.inbox())

    await commune.deliver()

    assert len(peer.letters) == 1
    assert elsewhere.letters == []
    assert await upkeep.pending(commune.pool) == 1


@pytest.mark.parametrize("trouble", ["down", "hanging", "slow", "500", "429", "410"])
async def test_w_del_05_a_peer_in_trouble_delays_nobody_else(
    commune: Commune, start_peer: StartPeer, trouble: str
) -> None:
    well, ill = await start_peer(), await start_peer()
    inbox = ill.inbox("ill")
    if trouble == "down":
        inbox = f"http://{nobody()}/inbox"
    elif trouble in ("hanging", "slow"):
        ill.gate.clear()
    else:
        ill.status = int(trouble)
    hosts = [f"h{number}" for number in range(12)]
    for _ in range(3):
        await commune.say(inbox, *(well.inbox(host) for host in hosts))

    deliverer = commune.deliverer()
    while len(well.letters) < 36 or await _waits_for(commune, well):
        assert await deliverer.step()

    assert ill.together <= 3
    if trouble == "slow":
        ill.gate.set()
        await deliverer.settled()
        assert await upkeep.pending(commune.pool) == 0
    assert len(well.letters) == 36


async def _waits_for(commune: Commune, peer: Peer) -> bool:
    return any(
        status.waiting and status.host.endswith(f":{peer.port}")
        for status in await upkeep.status(commune.pool, now=commune.clock())
    )


async def test_w_del_05_many_hanging_hosts_leave_places_for_the_others(
    commune: Commune, start_peer: StartPeer
) -> None:
    well, ill = await start_peer(), await start_peer()
    ill.status = 500
    for number in range(8):
        await commune.say(ill.inbox(f"h{number}"))
    await commune.deliver()
    commune.clock.move(minutes=1)
    ill.gate.clear()
    deliverer = commune.deliverer(places=8)
    await deliverer.step()

    for number in range(20):
        await commune.say(well.inbox(f"w{number}"))
    deliverer = commune.deliverer(places=8)
    while len(well.letters) < 20:
        assert await deliverer.step()

    assert len(well.letters) == 20


async def test_w_del_05_a_host_gets_three_requests_at_once_at_most(
    commune: Commune, peer: Peer
) -> None:
    peer.gate.clear()
    for _ in range(30):
        await commune.say(peer.inbox())
    deliverer = commune.deliverer()
    await deliverer.step()
    await peer.until(3)

    peer.gate.set()
    await deliverer.settled()

    assert len(set(peer.ids)) == len(peer.letters) == 30
    assert peer.most_together == 3


async def test_w_del_05_an_inbox_that_hangs_does_not_hold_up_its_host(
    commune: Commune, peer: Peer
) -> None:
    peer.gate.clear()
    peer.gated = {"/users/stuck/inbox"}
    await commune.say(peer.inbox(path="/users/stuck/inbox"))
    deliverer = commune.deliverer(wake=_soon)
    await deliverer.step()
    await peer.arrived.wait()
    for _ in range(50):
        await commune.say(peer.inbox())

    while len(peer.letters) < 51 or await upkeep.pending(commune.pool) > 1:
        assert await deliverer.step()

    assert peer.together == 1


async def test_what_is_published_while_others_hang_leaves_at_once(
    commune: Commune, start_peer: StartPeer
) -> None:
    well, ill = await start_peer(), await start_peer()
    ill.gate.clear()
    await commune.say(ill.inbox())
    published = asyncio.Event()

    async def wake(_: float) -> None:
        await published.wait()

    deliverer = commune.deliverer(wake=wake)
    await deliverer.step()
    step = asyncio.create_task(deliverer.step())
    await ill.arrived.wait()
    await commune.say(well.inbox())
    published.set()
    await step

    await well.arrived.wait()

    assert len(well.letters) == 1


async def test_w_del_01_two_workers_together_deliver_each_thing_once(
    commune: Commune, peer: Peer
) -> None:
    for number in range(40):
        await commune.say(*(peer.inbox(f"h{host}") for host in range(number % 5, 12)))
    expected = await upkeep.pending(commune.pool)

    await asyncio.gather(*(commune.deliverer(places=4).settled() for _ in range(3)))

    assert len(peer.letters) == expected
    assert len({(letter.id, letter.authority) for letter in peer.letters}) == expected
    assert await upkeep.pending(commune.pool) == 0


async def test_stop_finishes_what_has_begun_and_gives_the_rest_back(
    commune: Commune, peer: Peer
) -> None:
    peer.gate.clear()
    for _ in range(10):
        await commune.say(peer.inbox())
    deliverer = commune.deliverer()
    await deliverer.step()
    await peer.until(3)

    stopping = asyncio.create_task(deliverer.stop())
    await asyncio.sleep(0)
    peer.gate.set()
    await stopping

    assert len(peer.letters) == 3
    assert await upkeep.pending(commune.pool) == 7
    assert await deliverer.step() is False
    await commune.deliver()
    assert len(peer.letters) == len(set(peer.ids)) == 10


async def test_a_refused_host_gets_nothing_and_keeps_nothing_waiting(
    commune: Commune, peer: Peer
) -> None:
    await commune.say(peer.inbox("bad"), peer.inbox("good"))
    commune.hosts.blocked.add(peer.host("bad"))

    await commune.deliver()

    assert [letter.authority for letter in peer.letters] == [peer.host("good")]
    assert await upkeep.pending(commune.pool) == 0


async def test_an_actor_without_a_key_says_nothing_more(commune: Commune, peer: Peer) -> None:
    commune.signers.gone.add(BOB)
    await commune.say(peer.inbox(), actor_id=BOB)
    said = await commune.say(peer.inbox(), actor_id=ALICE)

    await commune.deliver()

    assert peer.ids == [said]
    assert await upkeep.pending(commune.pool) == 0


async def test_sec_net_02_an_inbox_inside_is_never_asked(commune: Commune, peer: Peer) -> None:
    await commune.say("http://192.168.0.1/inbox", peer.inbox())

    await commune.deliver()

    assert len(peer.letters) == 1
    assert await upkeep.pending(commune.pool) == 0


async def test_a_private_body_goes_away_with_its_last_delivery(
    commune: Commune, peer: Peer
) -> None:
    peer.statuses = {"/users/later/inbox": 500}
    private = await commune.say(peer.inbox(), peer.inbox(path="/users/later/inbox"), public=False)
    public = await commune.say(peer.inbox())
    await commune.deliver()
    assert await commune.count("outbox.activity") == 2

    peer.statuses = {}
    commune.clock.move(minutes=1)
    await commune.deliver()

    assert await commune.count("outbox.activity") == 1
    assert await store.public_activity(commune.pool, private) is None
    assert await store.public_activity(commune.pool, public) is not None


async def test_one_key_is_loaded_for_many_deliveries(commune: Commune, peer: Peer) -> None:
    for _ in range(5):
        await commune.say(*(peer.inbox(f"h{number}") for number in range(10)))

    await commune.deliver()

    assert len(peer.letters) == 50
    assert commune.signers.asked == 1


async def _soon(_: float) -> None:
    await asyncio.sleep(0)
