"""What happens is told at once, over WebSocket and server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.listening import ear


@pytest.fixture(autouse=True)
async def listening(neighbours: Neighbours) -> AsyncIterator[None]:
    """The process of Saint-Leu hears what its database tells."""
    workers = neighbours.here.commune.workers(inbox=0, outbox=0)
    workers.start()
    await workers.listening(10)
    try:
        yield
    finally:
        await workers.stop()


async def test_a_post_of_somebody_followed_comes_home_at_once(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    await marie.http.post(f"/api/v1/accounts/{paul.account.id}/follow")
    async with ear(neighbours.here, marie.token, "?stream=user") as app:
        await app.reached()
        post = await neighbours.here.say(paul.account, "Bonjour #jardin")
        stream, event, status = await app.event()

    assert (stream, event) == ("user", "update")
    asked = await marie.http.get(f"/api/v1/statuses/{post.id}")
    assert status == asked.json()
