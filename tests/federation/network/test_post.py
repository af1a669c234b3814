"""Posts share connections, survive one that was just closed, and read little of the answer."""

from __future__ import annotations

import asyncio

import pytest

from federation.errors import UnavailableError
from federation.network import Client
from federation.network.hosts import UNREACHABLE
from tests.support.evil import Asked, EvilServer, answer, endless_body, hangs_up


async def test_a_post_returns_whatever_the_status_is(client: Client, evil: EvilServer) -> None:
    for status in (200, 202, 401, 404, 410, 500):
        evil.says("/", b"why", status=status)

        received = await client.post(evil.url("evil.example"), b"{}", {"X-Mine": "yes"})

        assert (received.status, received.body) == (status, b"why")
        assert received.headers["content-type"] == "application/activity+json"
    assert evil.asked[0].header("x-mine") == "yes"


async def test_posts_one_after_the_other_share_a_connection(
    client: Client, evil: EvilServer
) -> None:
    evil.says("/", status=202)

    for _ in range(20):
        await client.post(evil.url("evil.example"), b"{}", {})

    assert len(evil.asked) == 20
    assert evil.connections == 1


async def test_a_connection_that_was_just_closed_costs_no_delivery(
    client: Client, evil: EvilServer
) -> None:
    served: set[asyncio.StreamWriter] = set()

    async def once_a_connection(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if writer in served:
            writer.close()
            return
        served.add(writer)
        writer.write(answer(202))

    evil.plays("/", once_a_connection)

    for _ in range(3):
        received = await client.post(evil.url("evil.example"), b"{}", {})
        assert received.status == 202

    assert evil.connections == 3


async def test_a_server_that_always_hangs_up_is_unreachable_after_two_attempts(
    client: Client, evil: EvilServer
) -> None:
    evil.plays("/", hangs_up)

    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.post(evil.url("evil.example"), b"{}", {})

    assert len(evil.asked) == 2


async def test_sec_net_08_an_endless_answer_to_a_post_is_cut(
    client: Client, evil: EvilServer
) -> None:
    evil.plays("/", endless_body)

    received = await client.post(evil.url("evil.example"), b"{}", {})

    assert len(received.body) == 64 * 1024


async def test_hundreds_of_posts_are_in_flight_at_once(client: Client, evil: EvilServer) -> None:
    waiting: list[asyncio.StreamWriter] = []

    async def all_together(asked: Asked, writer: asyncio.StreamWriter) -> None:
        waiting.append(writer)
        if len(waiting) == 300:
            for each in waiting:
                each.write(answer(202))

    evil.plays("/", all_together)

    received = await asyncio.gather(
        *(client.post(evil.url(f"s{n % 100}.example"), b"{}", {}) for n in range(300))
    )

    assert {each.status for each in received} == {202}
