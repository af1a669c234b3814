"""Every endpoint has a schema, and answers a good call as its schema says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fedcommune.mastodon.app import ENDPOINTS
from fedcommune.settings import CommuneSection
from tests.mastodon import every_call
from tests.mastodon.answers import ANSWERS, named
from tests.mastodon.checking import Checks
from tests.mastodon.conftest import Neighbours
from tests.support import communes
from tests.support.communes import Clock

# What no call of every_call.py reaches yet, and why.
UNHEARD: dict[str, str] = {}


@pytest.fixture
async def neighbours(
    database_url: str, second_database_url: str, clock: Clock, checks: Checks, tmp_path: Path
) -> AsyncIterator[Neighbours]:
    """Two communes, the first with every text that a house can have."""
    for name in ("about", "privacy", "terms"):
        (tmp_path / name).write_text(f"# {name}\n\nBonjour.")
    house = CommuneSection(
        insee="97413",
        about=str(tmp_path / "about"),
        privacy=str(tmp_path / "privacy"),
        terms=str(tmp_path / "terms"),
    )
    watching = [checks.middleware()]
    async with (
        communes.town("saint-leu", database_url, clock, commune=house, middleware=watching) as here,
        communes.town("trois-bassins", second_database_url, clock, middleware=watching) as there,
    ):
        both = Neighbours(here, there, clock)
        try:
            yield both
        finally:
            await both.aclose()


def test_every_endpoint_has_a_schema() -> None:
    declared = {named(endpoint) for endpoint in ENDPOINTS}

    assert sorted(declared - ANSWERS.keys()) == [], "say in answers.py what these answer"
    assert sorted(ANSWERS.keys() - declared) == [], "take these out of answers.py"


async def test_every_endpoint_answers_a_good_call_as_documented(
    neighbours: Neighbours, checks: Checks
) -> None:
    marie = await neighbours.app("marie")
    await every_call.the_house(neighbours, marie)
    await every_call.oneself(marie)
    await every_call.people(neighbours, marie)
    jean = await neighbours.app("jeanne")
    await every_call.Caller(marie.http)("POST", f"/api/v1/accounts/{jean.account.id}/follow")
    await every_call.statuses(marie, jean)
    await every_call.tags(marie)
    await every_call.lists(marie, jean)
    await every_call.filters(marie, jean)
    await every_call.told(neighbours, marie, jean)

    assert checks.wrong == []
    unheard = {named(endpoint) for endpoint in ENDPOINTS} - checks.heard
    assert sorted(unheard) == sorted(UNHEARD), "call these in every_call.py"
