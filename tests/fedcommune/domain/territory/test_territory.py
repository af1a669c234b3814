"""Communes by INSEE code: what the national geo API says, and what is made of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.domain.territory import geo_api
from fedcommune.domain.territory.model import (
    check_insee,
    check_postal_code,
    read,
    timezone_of,
)
from fedcommune.errors import Invalid, NotFound
from federation.errors import UnavailableError
from federation.iris import Reach
from federation.network import Client

OUTLINE = {"type": "Polygon", "coordinates": [[[55.2, -21.1], [55.3, -21.1], [55.2, -21.1]]]}
SAINT_LEU: dict[str, Any] = {
    "nom": "Saint-Leu",
    "code": "97413",
    "codesPostaux": ["97416", "97424", "97436"],
    "codeEpci": "249740101",
    "centre": {"type": "Point", "coordinates": [55.3305, -21.1652]},
    "contour": OUTLINE,
}


class Api:
    """The geo API of these tests: answers what it is told to."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.body = json.dumps(SAINT_LEU)
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        return web.Response(status=self.status, text=self.body, content_type="application/json")


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    api = Api()
    application = web.Application()
    application.router.add_get("/{tail:.*}", api.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api.url = f"http://localhost:{runner.addresses[0][1]}"
    yield api
    await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    client = Client(reach=Reach(development=True), user_agent="tests")
    yield client
    await client.aclose()


async def test_a_commune_is_found_by_its_insee_code(api: Api, client: Client) -> None:
    found = await geo_api.commune(client, " 97413 ", api=api.url)

    assert (found.name, found.insee, found.epci) == ("Saint-Leu", "97413", "249740101")
    assert found.postal_codes == ("97416", "97424", "97436")
    assert (found.latitude, found.longitude) == (-21.1652, 55.3305)
    assert found.timezone == "Indian/Reunion"
    assert found.outline == OUTLINE
    assert api.asked[0].startswith("/communes/97413?fields=")


async def test_one_postal_code_may_be_that_of_several_communes(api: Api, client: Client) -> None:
    api.body = json.dumps([{"nom": "B", "code": "01002"}, {"nom": "A", "code": "01001"}])

    found = await geo_api.communes_of(client, "01500", api=api.url)

    assert [each.name for each in found] == ["A", "B"]
    assert "codePostal=01500" in api.asked[0]


async def test_an_unknown_code_is_not_found(api: Api, client: Client) -> None:
    api.status = 404

    with pytest.raises(NotFound, match="97499"):
        await geo_api.commune(client, "97499", api=api.url)


@pytest.mark.parametrize("code", ["", "974", "97436x", "2C001", "974/13", "９７４１３"])
async def test_what_is_no_code_is_never_asked(api: Api, client: Client, code: str) -> None:
    with pytest.raises(Invalid):
        await geo_api.commune(client, code, api=api.url)
    with pytest.raises(Invalid):
        await geo_api.communes_of(client, code, api=api.url)

    assert api.asked == []


@pytest.mark.parametrize("body", ["", "nothing", "[]", "{}", '{"nom": 1, "code": "97413"}'])
async def test_nonsense_is_an_api_that_cannot_help_now(api: Api, client: Client, body: str) -> None:
    api.body = body

    with pytest.raises(UnavailableError):
        await geo_api.commune(client, "97413", api=api.url)


@pytest.mark.parametrize("body", ["{}", '[{"nom": "x"}]', "[1]"])
async def test_a_list_of_nonsense_is_one_too(api: Api, client: Client, body: str) -> None:
    api.body = body

    with pytest.raises(UnavailableError):
        await geo_api.communes_of(client, "97436", api=api.url)


async def test_an_api_that_fails_or_is_away_is_unavailable(api: Api, client: Client) -> None:
    api.status = 500
    with pytest.raises(UnavailableError):
        await geo_api.commune(client, "97413", api=api.url)

    with pytest.raises(UnavailableError):
        await geo_api.commune(client, "97413", api="http://localhost:1")


async def test_sec_net_01_the_api_is_asked_through_the_guarded_door(api: Api) -> None:
    client = Client(reach=Reach(), user_agent="tests")

    with pytest.raises(UnavailableError):
        await geo_api.commune(client, "97413", api=api.url)
    await client.aclose()

    assert api.asked == []


@pytest.mark.parametrize(
    ("insee", "zone"),
    [
        ("75056", "Europe/Paris"),
        ("2A004", "Europe/Paris"),
        ("97413", "Indian/Reunion"),
        ("98735", "Pacific/Tahiti"),
        ("97701", "America/St_Barthelemy"),
    ],
)
def test_the_code_says_which_clock_people_read(insee: str, zone: str) -> None:
    assert timezone_of(insee) == zone


def test_codes_are_read_generously_and_kept_strictly() -> None:
    assert check_insee(" 2a004 ") == "2A004"
    assert check_postal_code(" 97436 ") == "97436"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.fixed_dictionaries(dict.fromkeys(SAINT_LEU, JSON)))
def test_odd_descriptions_are_refused_or_read_without_their_oddities(
    odd: dict[str, Any],
) -> None:
    with pytest.raises(ValueError):
        read(odd)

    found = read({**odd, "nom": "Saint-Leu", "code": "97413"})

    assert found.name == "Saint-Leu"
    assert found.latitude is None or -90 <= found.latitude <= 90
    assert found.outline is None or found.outline["type"] in ("Polygon", "MultiPolygon")
