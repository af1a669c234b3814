"""One running commune with its pages, and browsers to look at them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fedcommune.settings import CommuneSection
from tests.support import browsers, communes
from tests.support.browsers import Browser
from tests.support.communes import Clock, Town

SAINT_LEU = CommuneSection(insee="97413", postal_codes=("97416", "97424", "97436"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def town(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    """Saint-Leu, running, where nobody is told to slow down."""
    async with communes.town("saint-leu", database_url, clock, commune=SAINT_LEU) as running:
        yield running


@pytest.fixture
async def strict(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    """Saint-Leu, running, where everybody is."""
    async with communes.town(
        "saint-leu", database_url, clock, commune=SAINT_LEU, limited=True
    ) as running:
        yield running


@pytest.fixture
async def browser(town: Town) -> AsyncIterator[Browser]:
    """A browser at Saint-Leu that nobody is signed in with."""
    async with browsers.browser(town) as opened:
        yield opened
