"""One commune for all attacks of a file: none of them leaves a trace."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.conftest import empty_database
from tests.hostile.siege import Siege, besieged


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def siege(postgres_url: str, template: str) -> AsyncIterator[Siege]:
    """A commune with a past, as :mod:`tests.hostile.siege` describes it."""
    async with empty_database(postgres_url, template) as url, besieged(url) as siege:
        yield siege
