"""The directory and the map: the same results, with and without scripts, tiles and strangers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from fedcommune.domain.accounts import actions as account_actions
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft, Place
from fedcommune.settings import CommuneSection, MapSection, StorageSection
from tests.support import browsers, communes
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer

HERE = (-21.17, 55.288)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
SAINT_LEU = CommuneSection(
    insee="97413", postal_codes=("97436",), latitude=HERE[0], longitude=HERE[1]
)
# What the address base is asked, near the commune.
ASKED = "/search/?q=12+rue+du+lagon&limit=5&autocomplete=0&lat=-21.1700&lon=55.2880"
LAGON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [55.2885, -21.1705]},
            "properties": {
                "label": "12 Rue du Lagon 97436 Saint-Leu",
                "name": "12 Rue du Lagon",
                "postcode": "97436",
                "city": "Saint-Leu",
                "citycode": "97413",
                "type": "housenumber",
            },
        }
    ],
}


async def a_place(town: Town, name: str, north: float = 0.0, **more: Any) -> Place:
    """Let the commune tell of a place *north* degrees from its middle."""
    async with town.commune.database.transaction() as tx:
        commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
        assert commune is not None
        return await places.add(tx, commune, Draft(name, HERE[0] + north, HERE[1], **more))


async def settle_at(town: Town, actor: Account, north: float) -> None:
    async with town.commune.database.transaction() as tx:
        await account_actions.edit(tx, actor, Changes(latitude=HERE[0] + north, longitude=HERE[1]))


@asynccontextmanager
async def asking(
    database_url: str, clock: Clock, stranger: EvilServer, storage: Path
) -> AsyncIterator[Browser]:
    """Saint-Leu, which asks *stranger* for tiles and addresses, and a browser there."""
    map_ = MapSection(
        tiles=stranger.url("127.0.0.1", "/{z}/{x}/{y}.png"),
        address_api=stranger.url("127.0.0.1", "").rstrip("/"),
    )
    async with (
        communes.town(
            "saint-leu",
            database_url,
            clock,
            commune=SAINT_LEU,
            map_=map_,
            storage=StorageSection(directory=str(storage)),
        ) as town,
        browsers.browser(town) as browser,
    ):
        yield browser


async def test_the_directory_finds_actors_and_places_by_words_without_accents(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await town.organisation(marie, "theatre")
    await a_place(town, "Boîte à livres", tags=("lecture",))

    page = await browser.open("/directory?q=boite+LIVRES")

    assert "Boîte à livres" in page.text
    assert "Theatre" not in page.text
    assert "1 result" in page.text
    everything = await browser.open("/directory")
    assert "Theatre" in everything.text
    assert "Marie" not in everything.text


async def test_chips_and_tags_narrow_the_directory(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await town.organisation(marie, "theatre")
    await a_place(town, "Boîte à livres", category="sharedLibrary", tags=("lecture",))

    associations = await browser.open("/directory?kind=association")
    tagged = await browser.open("/directory?tag=%23Lecture")

    assert "Theatre" in associations.text
    assert "Boîte" not in associations.text
    assert 'value="association" checked' in associations.text
    assert "Boîte" in tagged.text
    assert "Theatre" not in tagged.text


async def test_pages_of_the_directory_lead_to_each_other(town: Town, browser: Browser) -> None:
    for number in range(22):
        await a_place(town, f"Banc {number:02}")

    first = await browser.open("/directory?q=banc")
    second = await browser.open("/directory?q=banc&page=2")

    assert 'href="?q=banc&amp;page=2"' in first.text
    assert first.text.count('<span class="pin poi"') == 20
    assert second.text.count('<span class="pin poi"') == 2
    assert "22 results" in second.text


@pytest.mark.parametrize(
    "query",
    [
        "q=%00&kind=volcano&page=-1",
        "lat=999&lon=x&radius=-5",
        "page=99999999999999999999",
        "radius=nan&near=",
        "q=%27%3B--&tag=%25%25&commune=%2F%2F",
    ],
)
async def test_nonsense_in_a_search_is_never_an_error(
    town: Town, browser: Browser, query: str
) -> None:
    for path in ("/directory", "/map"):
        assert (await browser.open(f"{path}?{query}")).status_code == 200


async def test_the_map_is_drawn_for_who_has_no_scripts(town: Town, browser: Browser) -> None:
    await a_place(town, "<Boîte> à livres")

    page = await browser.open("/map")

    assert "<circle" in page.text
    assert "<title>&lt;Boîte&gt; à livres" in page.text
    assert (
        page.text.count('href="/places/') == 4
    )  # in the drawing, in the list; and twice to tell of one


async def test_the_points_of_the_map_are_there_for_everybody_as_geojson(
    town: Town, browser: Browser
) -> None:
    place = await a_place(town, "Boîte à livres")
    await a_place(town, "Ailleurs", 3.0)

    answer = await browser.open("/map.geojson?bbox=55,-22,56,-21&zoom=10")

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "application/geo+json"
    (feature,) = answer.json()["features"]
    assert feature["geometry"]["coordinates"] == [HERE[1], HERE[0]]
    assert feature["properties"]["name"] == "Boîte à livres"
    assert feature["properties"]["url"] == f"/places/{place.id}"


async def test_too_many_points_are_clusters_that_add_up(town: Town, browser: Browser) -> None:
    await town.commune.database.pool.execute(
        """
        insert into commune.listing (subject, id, kind, name, local, domain, latitude, longitude,
            updated_at)
        select 'place', n, 'poi', 'Banc', true, 'x', -21.17 + n / 10000.0, 55.288, now()
        from generate_series(1, 400) n
        """
    )

    answer = await browser.open("/map.geojson?bbox=55,-22,56,-21&zoom=10")

    counts = [each["properties"]["count"] for each in answer.json()["features"]]
    assert sum(counts) == 400
    assert len(counts) < 20


@pytest.mark.parametrize(
    "query", ["", "bbox=1,2,3", "bbox=3,2,1,0", "bbox=a,b,c,d", "bbox=0,0,1,1&zoom=x"]
)
async def test_a_part_of_the_map_that_is_none_is_refused_with_a_sentence(
    town: Town, browser: Browser, query: str
) -> None:
    answer = await browser.client.get(
        f"/map.geojson?{query}", headers={"Accept": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_an_address_is_asked_once_and_what_is_near_comes_first(
    database_url: str, clock: Clock, walkable: Path
) -> None:
    async with EvilServer() as stranger, asking(database_url, clock, stranger, walkable) as browser:
        stranger.says(ASKED, LAGON, content_type="application/json")
        await a_place(browser.town, "Loin", 0.02)
        await a_place(browser.town, "Près", 0.001)

        page = await browser.open("/directory?near=12+rue+du+Lagon&radius=5")
        again = await browser.open("/directory?near=12+RUE+du+lagon&radius=1")

        assert "Around 12 Rue du Lagon 97436 Saint-Leu" in page.text
        assert page.text.index("Près") < page.text.index("Loin")
        assert "170 m" in page.text
        assert "Loin" not in again.text
        assert stranger.targets() == [ASKED]


async def test_an_address_that_is_typed_wins_over_the_point_that_was_chosen(
    database_url: str, clock: Clock, walkable: Path
) -> None:
    async with EvilServer() as stranger, asking(database_url, clock, stranger, walkable) as browser:
        stranger.says(ASKED, LAGON, content_type="application/json")
        await a_place(browser.town, "Près", 0.001)
        there = "lat=48.85&lon=2.35&radius=5"

        far = await browser.open(f"/directory?{there}")
        near = await browser.open(f"/directory?{there}&near=12+rue+du+Lagon")

        assert "Près" not in far.text
        assert "Around the point that was chosen" in far.text
        form = forms_of(far)["/directory"]
        assert (form["lat"], form["lon"]) == ("48.85000", "2.35000"), (
            "the next search is there, too"
        )
        assert "Look everywhere" in far.text
        assert "Près" in near.text
        assert "Around 12 Rue du Lagon 97436 Saint-Leu" in near.text
        assert "lat" not in forms_of(near)["/directory"]


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"features": [{"geometry": 3}]}'])
async def test_an_address_base_that_answers_nonsense_is_told_to_the_reader(
    database_url: str, clock: Clock, walkable: Path, answer: bytes
) -> None:
    async with EvilServer() as stranger, asking(database_url, clock, stranger, walkable) as browser:
        stranger.says(ASKED, answer, content_type="application/json")

        page = await browser.open("/directory?near=12+rue+du+Lagon")

        assert page.status_code == 200
        assert "Nobody can tell now where this address is" in page.text


async def test_a_tile_is_asked_once_kept_and_served_when_its_source_is_gone(
    database_url: str, clock: Clock, walkable: Path
) -> None:
    async with EvilServer() as stranger, asking(database_url, clock, stranger, walkable) as browser:
        stranger.says("/13/5354/4586.png", PNG, content_type="image/png")

        answers = await asyncio.gather(
            *(browser.client.get("/tiles/13/5354/4586") for _ in range(8))
        )
        stranger.says("/13/5354/4586.png", b"", status=500)
        clock.pass_by(days=30)
        late = await browser.open("/tiles/13/5354/4586")

        assert {answer.content for answer in answers} == {PNG}
        assert answers[0].headers["content-type"] == "image/png"
        assert late.content == PNG
        assert stranger.targets() == ["/13/5354/4586.png"] * 2
        # Nothing of the visitor is told: not their address, nor their browser.
        told = {name.lower() for name, _ in stranger.asked[0].headers}
        assert told.isdisjoint({"x-forwarded-for", "forwarded", "referer", "cookie"})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tiles/13/5354/4586", b"<svg onload=alert(1)>"),
        ("/tiles/99/0/0", PNG),
        ("/tiles/1/5/0", PNG),
        ("/tiles/1/-1/0", PNG),
        ("/tiles/1/0/" + "9" * 300, PNG),
        ("/tiles/..%2f/0/0", PNG),
    ],
)
async def test_what_is_no_tile_is_not_served_and_not_kept(
    database_url: str, clock: Clock, walkable: Path, path: str, body: bytes
) -> None:
    async with EvilServer() as stranger, asking(database_url, clock, stranger, walkable) as browser:
        stranger.says("/13/5354/4586.png", body, content_type="image/png")

        answer = await browser.open(path)

        assert answer.status_code == 404
        assert [each for each in (walkable / "tiles").rglob("*") if each.is_file()] == []


async def test_the_outline_is_drawn_and_served(
    database_url: str, clock: Clock, walkable: Path
) -> None:
    outline = walkable / "outline.geojson"
    ring = [[55.27, -21.2], [55.31, -21.2], [55.31, -21.14], [55.27, -21.14], [55.27, -21.2]]
    outline.write_bytes(
        orjson.dumps(
            {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]}}
        )
    )
    section = CommuneSection(
        insee="97413", latitude=HERE[0], longitude=HERE[1], outline=str(outline)
    )
    async with (
        communes.town("saint-leu", database_url, clock, commune=section) as town,
        browsers.browser(town) as browser,
    ):
        page = await browser.open("/map")
        served = await browser.open("/territory.geojson")

    assert '<path class="border" d="M' in page.text
    assert 'data-outline="/territory.geojson"' in page.text
    assert served.json()["geometry"]["type"] == "MultiPolygon"


async def test_what_a_neighbour_tells_of_stands_on_our_map_marked_as_the_neighbours(
    database_url: str, second_database_url: str, clock: Clock
) -> None:
    async with communes.together(
        communes.town("saint-leu", database_url, clock, commune=SAINT_LEU),
        communes.town("trois-bassins", second_database_url, clock),
    ) as (here, there):
        async with here.commune.database.transaction() as tx:
            ours = await accounts.by_actor_id(tx.db, tx.instance.actor)
        assert ours is not None
        theirs = await here.find(f"@{there.commune.instance.host}@{there.domain}")

        async with here.commune.database.transaction() as tx:
            await follows.follow(tx, ours, theirs)
        await communes.settle([here, there])
        place = await a_place(there, "Lavoir", 0.01)
        await a_place(here, "Bassin pirogue")
        await communes.settle([here, there])

        async with browsers.browser(here) as browser:
            found = await browser.open("/directory?q=lavoir")
            assert "Lavoir" in found.text
            assert "Trois-bassins" in found.text
            for path in ("/directory", "/map"):
                page = await browser.open(path)
                assert f'<option value="{there.domain}">Trois-bassins (97413)</option>' in page.text
                page = await browser.open(f"{path}?commune={there.domain}")
                assert f'<option value="{there.domain}" selected>' in page.text
                assert ("Lavoir" in page.text, "Bassin pirogue" in page.text) == (True, False)
            async with there.commune.database.transaction() as tx:
                commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
                assert commune is not None
                await places.remove(tx, commune, place.id)
            await communes.settle([here, there])
            assert "Lavoir" not in (await browser.open("/directory?q=lavoir")).text


async def test_any_page_may_show_the_map_within_it_and_nothing_else_of_ours(
    town: Town, browser: Browser
) -> None:
    await browser.sign_in(await town.citizen("marie"))
    place = await a_place(town, "Boîte à livres", tags=("lecture",))

    page = await browser.open("/map?tag=lecture&kind=poi")
    framed = await browser.client.get("/embed/map?tag=lecture&kind=poi")

    assert "/embed/map?kind=poi&amp;amp;tag=lecture" in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    policy = framed.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "form-action 'none'" in policy
    assert "x-frame-options" not in framed.headers
    assert "set-cookie" not in framed.headers
    assert f'href="/places/{place.id}"' in framed.text
    assert "marie" not in framed.text.lower()
    assert "<form" not in framed.text
    assert "https://" not in framed.text.replace("https://www.openstreetmap.org/copyright", "")
