"""Places on pages: read by everybody, told and corrected by who is signed in, without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.places import actions, telling
from fedcommune.domain.places.model import Draft, Place
from tests.support import browsers, communes
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Clock, Town

GEO = {"Accept": "application/geo+json"}
AP = {"Accept": "application/activity+json"}
COMPOST = {
    "name": "Compost de la Pointe",
    "kind": "poi",
    "category": "compostPickup",
    "summary": "Ouvert tous les jours.",
    "text": "Apports : **marc de café**.",
    "street": "2 rue du Lagon",
    "postal_code": "97436",
    "locality": "Saint-Leu",
    "latitude": "-21.168",
    "longitude": "55,29",
    "opening_hours": "24/7",
    "accessibility": "yes",
    "website": "https://compost.example/pointe",
    "tags": "#Jardin, déchets",
}


async def commune_actor(town: Town) -> Account:
    account = await accounts.by_actor_id(town.commune.database.pool, town.commune.instance.actor)
    assert account is not None
    return account


async def a_place(
    town: Town, name: str = "Lavoir", by: Account | None = None, **more: Any
) -> Place:
    """Let the commune, or *by*, tell of a place."""
    draft = Draft(name, -21.17, 55.288, **more)
    by = by or await commune_actor(town)
    async with town.commune.database.transaction() as tx:
        return await telling.tell(tx, by, draft)


async def test_a_place_is_told_in_a_form_read_on_a_page_and_heard_of_in_a_post(
    town: Town, browser: Browser
) -> None:
    await browser.sign_in(await town.citizen("marie"))
    await browser.open("/places/new")

    page = await browser.send("/places/new", **COMPOST)

    assert page.history[0].status_code == 303
    for told in (
        *("Compost de la Pointe", "<strong>marc de café</strong>", "2 rue du Lagon"),
        *("every day: day and night", "Open now", "Accessible in a wheelchair", "#<bdi>jardin"),
        'href="https://compost.example/pointe" rel="nofollow noopener"',
    ):
        assert told in page.text
    news = (await browser.open("/")).text
    assert "Nouveau lieu : Compost de la Pointe" in news
    assert page.url.path in news
    assert "Compost de la Pointe" in (await browser.open("/directory?tag=jardin")).text


async def test_one_address_is_a_page_a_document_and_a_feature(town: Town, browser: Browser) -> None:
    place = await a_place(town)

    for path in (f"/places/{place.id}", f"/ap/places/{place.id}"):
        page = await browser.open(path)
        feature = await browser.client.get(path, headers=GEO)
        document = await browser.client.get(path, headers=AP)
        assert "<h1><bdi>Lavoir</bdi></h1>" in page.text
        assert f'href="{place.object_id}"' in page.text
        assert feature.json()["geometry"]["coordinates"] == [55.288, -21.17]
        assert feature.headers["content-type"] == "application/geo+json"
        assert feature.headers["access-control-allow-origin"] == "*"
        assert document.json()["type"] == "Place"
        assert document.json()["id"] == place.object_id


async def test_an_address_is_not_asked_for_when_nobody_can_tell_and_nothing_is_kept(
    town: Town, browser: Browser
) -> None:
    await browser.sign_in(await town.citizen("marie"))
    await browser.open("/places/new")

    lost = await browser.send("/places/new", **{**COMPOST, "latitude": "", "longitude": ""})

    assert lost.status_code == 422
    assert "choose a point on the map" in lost.text
    assert 'value="Compost de la Pointe"' in lost.text
    assert await town.count("commune.place") == 0
    assert await town.count("commune.post") == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"latitude": "123"}, "latitude"),
        ({"latitude": "nan"}, "latitude"),
        ({"latitude": "north"}, "latitude"),
        ({"category": "volcano"}, "category"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"summary": "x" * 501}, "summary"),
        ({"opening_hours": "x" * 501}, "opening_hours"),
        ({"tags": " ".join(f"#t{n}" for n in range(30))}, "tags"),
    ],
)
async def test_what_needs_a_correction_is_said_and_nothing_is_told(
    town: Town, browser: Browser, wrong: dict[str, str], field: str
) -> None:
    await browser.sign_in(await town.citizen("marie"))
    await browser.open("/places/new")

    answer = await browser.send("/places/new", **{**COMPOST, **wrong})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert await town.count("commune.place") == 0
    assert await town.count("commune.post") == 0


async def test_a_correction_stands_in_the_history_and_names_who_made_it(
    town: Town, browser: Browser
) -> None:
    place = await a_place(town, opening_hours="sur rendez-vous", same_as=("https://osm.example/1",))
    await browser.sign_in(await town.citizen("paul"))
    page = await browser.open(f"/places/{place.id}/correct")
    fields = forms_of(page)[f"/places/{place.id}/correct"]

    corrected = await browser.send(
        f"/places/{place.id}/correct", **{**fields, "name": "Grand lavoir", "kind": "poi"}
    )

    assert "<h1><bdi>Grand lavoir</bdi></h1>" in corrected.text
    assert "1 correction" in corrected.text
    assert "<del><bdi>Lavoir</bdi></del> → <ins><bdi>Grand lavoir</bdi></ins>" in corrected.text
    assert "Paul" in corrected.text
    assert "sur rendez-vous" in corrected.text
    async with town.commune.database.transaction() as tx:
        assert await tx.db.fetchval("select same_as from commune.place") == [
            "https://osm.example/1"
        ]


async def test_what_is_taken_away_is_gone_with_the_post_that_told_of_it(
    town: Town, browser: Browser
) -> None:
    place = await a_place(town)
    await browser.sign_in(await town.citizen("paul"))
    await browser.open(f"/places/{place.id}/remove")

    await browser.send(f"/places/{place.id}/remove")

    assert (await browser.open(f"/places/{place.id}")).status_code == 410
    assert (await browser.client.get(f"/places/{place.id}", headers=AP)).json()[
        "type"
    ] == "Tombstone"
    assert "Lavoir" not in (await browser.open("/directory")).text
    assert "Lavoir" not in (await browser.open("/")).text


async def test_only_who_looks_after_an_organisation_speaks_for_it(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    theatre = await town.organisation(marie, "theatre")
    await browser.sign_in(marie)
    await browser.open("/places/new")
    told = await browser.send("/places/new", **COMPOST, voice=str(theatre.id))
    assert "Theatre" in told.text
    await browser.sign_in(paul)
    await browser.open("/places/new")

    refused = await browser.send("/places/new", **COMPOST, voice=str(theatre.id))
    other = await browser.open(f"{told.url.path}/correct")

    assert refused.status_code == other.status_code == 403
    assert await town.count("commune.place") == 1
    assert "/correct" not in (await browser.open(told.url.path)).text


@pytest.mark.parametrize("path", ["/places/new", "/places/{}/correct", "/places/{}/remove"])
async def test_sec_aut_08_nothing_is_told_from_elsewhere_or_by_nobody(
    town: Town, browser: Browser, path: str
) -> None:
    place = await a_place(town)
    path = path.format(place.id)
    visitor = await browser.client.post(path, data=COMPOST)
    assert (await browser.open(path)).url.path == "/sign-in"
    await browser.sign_in(await town.citizen("paul"))
    fields = forms_of(await browser.open(path))[path]

    forged = await browser.client.post(
        path, data={**COMPOST, **fields}, headers={"Origin": "https://evil.example"}
    )
    bare = await browser.client.post(path, data=COMPOST)

    assert {visitor.status_code, forged.status_code, bare.status_code} == {403}
    assert await town.count("commune.place") == 1
    assert await town.count("commune.place_revision") == 0
    assert (await browser.open(f"/places/{place.id}")).status_code == 200


async def test_nobody_tells_of_hundreds_of_places_at_once(strict: Town) -> None:
    async with browsers.browser(strict) as browser:
        await browser.sign_in(await strict.citizen("marie"))
        await browser.open("/places/new")
        for _ in range(30):
            await browser.send("/places/new", **{**COMPOST, "name": ""})

        late = await browser.send("/places/new", **COMPOST)

        assert late.status_code == 429
        assert int(late.headers["retry-after"]) > 0
        assert await strict.count("commune.place") == 0


async def test_what_somebody_typed_marks_nothing_up(town: Town, browser: Browser) -> None:
    place = await a_place(
        town, "<b>*Gras*</b> @place #tag", summary="[lien](javascript:alert(1)) <script>"
    )

    page = await browser.open(f"/places/{place.id}")
    post = await town.commune.database.pool.fetchval("select content from commune.post")

    assert "<b>" not in page.text
    assert "<script>" not in page.text.split("<main", 1)[1].split("<aside", 1)[0]
    assert "<b>" not in post
    assert "<em>" not in post
    assert "javascript:" not in post or 'href="javascript' not in post
    assert await town.count("commune.mention") == 0


async def test_what_a_hidden_owner_told_of_is_not_found(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    theatre = await town.organisation(marie, "theatre")
    place = await a_place(town, by=theatre)
    await town.commune.database.pool.execute(
        "update commune.account set suspended_at = now() where id = $1", theatre.id
    )

    for headers in ({}, GEO, AP):
        answer = await browser.client.get(f"/places/{place.id}", headers=headers)
        assert answer.status_code == 404
    assert (await browser.open("/places/123456789")).status_code == 404


async def test_a_neighbours_place_has_a_page_here_marked_as_theirs_and_no_forms(
    database_url: str, second_database_url: str, clock: Clock
) -> None:
    async with communes.together(
        communes.town("saint-leu", database_url, clock),
        communes.town("trois-bassins", second_database_url, clock),
    ) as (here, there):
        ours = await commune_actor(here)
        theirs = await here.find(f"@{there.commune.instance.host}@{there.domain}")
        async with here.commune.database.transaction() as tx:
            await follows.follow(tx, ours, theirs)
        await communes.settle([here, there])
        place = await a_place(there, opening_hours="Mo-Su 08:00-18:00; PH off")
        await communes.settle([here, there])
        known = await here.commune.database.pool.fetchval("select id from commune.place")

        async with browsers.browser(here) as browser:
            await browser.sign_in(await here.citizen("marie"))
            page = await browser.open(f"/places/{known}")
            feature = await browser.client.get(f"/places/{known}", headers=GEO)
            refused = await browser.open(f"/places/{known}/correct")

            assert "Told by Trois-bassins (97413), a commune around." in page.text
            assert f'href="{place.object_id}" rel="nofollow noopener"' in page.text
            assert "every day: " in page.text
            assert f"/places/{known}/correct" not in page.text
            assert feature.json()["id"] == place.object_id
            assert refused.status_code == 403
            assert "Nouveau lieu : Lavoir" in (await browser.open("/")).text

        async with there.commune.database.transaction() as tx:
            commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
            assert commune is not None
            await actions.remove(tx, commune, place.id)
        await communes.settle([here, there])
        async with browsers.browser(here) as browser:
            assert (await browser.open(f"/places/{known}")).status_code in (404, 410)
            assert "Nouveau lieu" not in (await browser.open("/")).text
