"""Where the commune is, for servers and for maps."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from fedcommune.asgi import application
from fedcommune.commune import opened
from fedcommune.settings import CommuneSection
from tests.support.communes import config_of

OUTLINE = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": []}}


@pytest.fixture
async def browser(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks a commune with a centre and an outline."""
    (tmp_path / "outline.geojson").write_text(json.dumps(OUTLINE), encoding="utf-8")
    config = config_of("saint-leu", database_url, 3000)
    section = CommuneSection(
        name="Saint-Leu",
        domain=config.commune.domain,
        latitude=-21.0,
        longitude=55.2884,
        outline="outline.geojson",
    )
    config = msgspec.structs.replace(config, commune=section, base=tmp_path)
    async with opened(config, migrating=False) as commune:
        transport = httpx.ASGITransport(application(commune))
        async with httpx.AsyncClient(
            transport=transport, base_url=commune.instance.origin
        ) as client:
            yield client


async def test_w_doc_02_the_place_that_the_instance_names_is_there(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/territory", headers={"Accept": "application/activity+json"})

    assert answer.status_code == 200
    place = answer.json()
    assert place["id"] == "http://saint-leu.localhost:3000/territory"
    assert place["type"] == "Place"
    assert '"latitude":-21.0' in answer.text.replace(" ", "")


async def test_a_map_gets_the_outline(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/territory", headers={"Accept": "application/geo+json"})

    assert answer.headers["content-type"].startswith("application/geo+json")
    assert answer.json() == OUTLINE
