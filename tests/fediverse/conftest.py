"""Two neighbouring communes, each with its own database, talking over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from tests.support import communes
from tests.support.communes import Clock, Town


@dataclass
class Neighbours:
    """Saint-Leu, Trois-Bassins, their clock, and patience until all is settled."""

    here: Town
    there: Town
    clock: Clock

    async def settle(self) -> None:
        await communes.settle([self.here, self.there])

    def both_ways(self) -> list[tuple[Town, Town]]:
        return [(self.here, self.there), (self.there, self.here)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def neighbours(
    database_url: str, second_database_url: str, clock: Clock
) -> AsyncIterator[Neighbours]:
    """Two running communes."""
    async with communes.together(
        communes.town("saint-leu", database_url, clock),
        communes.town("trois-bassins", second_database_url, clock),
    ) as (here, there):
        yield Neighbours(here, there, clock)
