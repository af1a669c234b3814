"""One commune for all attacks of a file: none of them leaves a trace."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.hostile.siege import Siege, besieged
from tests.support.databases import Shelf


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def siege(shelf: Shelf) -> AsyncIterator[Siege]:
    """A commune with a past, as :mod:`tests.hostile.siege` describes it."""
    async with shelf.lend() as url, besieged(url) as siege:
        yield siege
