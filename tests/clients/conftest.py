"""Two communes, a browser, and clients that are programs of their own."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.mastodon.conftest import anyone, checks, clock, hearing, marie, neighbours
from tests.support.chromium import launched

__all__ = ["anyone", "browser", "checks", "clock", "hearing", "marie", "neighbours"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A Chromium for the pages that an application opens."""
    async with launched() as running:
        yield running
