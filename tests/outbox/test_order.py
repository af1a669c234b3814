"""About one object, one inbox hears things in the order they were said; about others, at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outbox import upkeep
from tests.outbox.conftest import Commune
from tests.outbox.peers import Peer

POST = "https://commune.example/ap/posts/1"


async def test_w_del_01_create_update_and_delete_arrive_in_that_order(
    commune: Commune, peer: Peer
) -> None:
    said = [
        await commune.say(peer.inbox(), kind=kind, about=POST, order=POST)
        for kind in ("Create", "Update", "Update", "Delete")
    ]

    await commune.deliver()

    assert peer.ids == said


async def test_w_del_01_a_later_word_waits_until_the_earlier_one_has_arrived(
    commune: Commune, peer: Peer
) -> None:
    peer.answers = [500]
    created = await commune.say(peer.inbox(), order=POST)
    deleted = await commune.say(peer.inbox(), kind="Delete", order=POST)

    await commune.deliver()
    assert peer.ids == [created]
    commune.clock.move(minutes=1)
    await commune.deliver()

    assert peer.ids == [created, created, deleted]
    assert await upkeep.pending(commune.pool) == 0


async def test_w_del_01_a_later_word_goes_when_the_earlier_one_is_given_up(
    commune: Commune, peer: Peer
) -> None:
    peer.answers = [422]
    created = await commune.say(peer.inbox(), order=POST)
    updated = await commune.say(peer.inbox(), kind="Update", order=POST)

    await commune.deliver()

    assert peer.ids == [created, updated]
    assert await upkeep.pending(commune.pool) == 0


async def test_w_del_01_other_objects_and_other_inboxes_do_not_wait(
    commune: Commune, peer: Peer
) -> None:
    peer.statuses = {"/users/ill/inbox": 500}
    ill, well = peer.inbox(path="/users/ill/inbox"), peer.inbox(path="/users/well/inbox")
    await commune.say(ill, well, order=POST)
    await commune.say(ill, well, kind="Update", order=POST)
    await commune.say(ill, order="https://commune.example/ap/posts/2")
    await commune.say(ill)

    await commune.deliver()

    paths = [letter.path for letter in peer.letters]
    assert paths.count("/users/well/inbox") == 2
    assert paths.count("/users/ill/inbox") == 3
    assert await upkeep.pending(commune.pool) == 4


async def test_w_del_01_two_workers_keep_the_order_too(
    commune: Commune, start_peer: Callable[[], Awaitable[Peer]]
) -> None:
    peer = await start_peer()
    said: dict[str, list[str]] = {}
    for _ in range(6):
        for post in ("1", "2", "3"):
            order = f"https://commune.example/ap/posts/{post}"
            inboxes = [peer.inbox(f"h{number}") for number in range(6)]
            said.setdefault(post, []).append(
                await commune.say(*inboxes, kind="Update", about=order, order=order)
            )
    one, other = commune.deliverer(places=3), commune.deliverer(places=3)

    while True:
        did = [await one.step(), await other.step()]
        if not any(did):
            break

    assert len(peer.letters) == 6 * 3 * 6
    for number in range(6):
        heard = [
            letter.id for letter in peer.letters if letter.authority == peer.host(f"h{number}")
        ]
        for ids in said.values():
            assert [one for one in heard if one in ids] == ids


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([202, 500, 404])), max_size=15))
async def test_w_del_01_whatever_is_answered_no_word_overtakes_another(
    commune: Commune, peer: Peer, story: list[tuple[int, int]]
) -> None:
    peer.letters.clear()
    peer.answers = [status for _, status in story]
    said: dict[int, list[str]] = {}
    for post, _ in story:
        order = f"https://commune.example/ap/posts/{post}"
        said.setdefault(post, []).append(
            await commune.say(peer.inbox(), kind="Update", about=order, order=order)
        )

    for _ in range(20):
        await commune.deliver()
        commune.clock.move(hours=12)

    assert await upkeep.pending(commune.pool) == 0
    for ids in said.values():
        firsts = list(dict.fromkeys(one for one in peer.ids if one in ids))
        assert firsts == ids
        lasts = {one: place for place, one in enumerate(peer.ids)}
        assert [lasts[one] for one in ids] == sorted(lasts[one] for one in ids)
