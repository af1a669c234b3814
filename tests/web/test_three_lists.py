"""What a citizen appreciates, takes part in and brings to life: buttons, lists, first steps."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.collections.queries import three as stored
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft as PlaceDraft
from tests.support import browsers
from tests.support.browsers import Browser
from tests.support.communes import Town, pair

LISTS = "/settings/lists"


async def shop(town: Town, founder: Account, username: str = "garage") -> Account:
    draft = Draft("business", username, username.capitalize(), latitude=-21.17, longitude=55.29)
    async with town.commune.database.transaction() as tx:
        return await organisations.found(tx, founder, draft, pair(3))


async def count(town: Town, account: Account) -> int:
    return await stored.count_appreciations(town.commune.database.pool, account.id)


async def test_marie_appreciates_a_garage_and_everybody_sees_it(
    town: Town, browser: Browser
) -> None:
    marie, luc = await town.citizen("marie"), await town.citizen("luc")
    garage = await shop(town, luc)
    await browser.sign_in(marie)
    await browser.open("/@garage")

    await browser.send(LISTS, do="put")

    assert browser.page.url.path == "/@garage"
    assert await count(town, garage) == 1
    async with browsers.browser(town) as visitor:
        page = await visitor.open("/@garage")
        assert "1 person appreciates" in page.text
        assert "/@marie" in page.text
        assert "/@garage" in (await visitor.open("/@marie")).text
        document = await visitor.client.get(
            f"{marie.actor_id}/collections", headers={"Accept": "application/activity+json"}
        )
        assert document.json()["totalItems"] == 1

    await browser.open("/@garage")
    await browser.send(LISTS, do="take")
    assert await count(town, garage) == 0


async def test_who_keeps_the_lists_is_a_number_without_a_name(town: Town, browser: Browser) -> None:
    marie, luc = await town.citizen("marie"), await town.citizen("luc")
    garage = await shop(town, luc)
    await browser.sign_in(marie)
    await browser.open("/@garage")
    await browser.send(LISTS, do="put")
    await browser.open(LISTS)

    await browser.send(LISTS, do="keep")

    assert await count(town, garage) == 1
    async with browsers.browser(town) as visitor:
        page = await visitor.open("/@garage")
        assert "1 person appreciates" in page.text
        assert "/@marie" not in page.text
        assert "/@garage" not in (await visitor.open("/@marie")).text
        api = await visitor.client.get(f"/api/v1/accounts/{marie.id}/collections")
        assert "garage" not in api.text


async def test_a_place_that_nobody_speaks_for_is_listed_here_and_told_to_nobody(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    async with town.commune.database.transaction() as tx:
        draft = PlaceDraft("Snack du port", -21.17, 55.29, kind="business", claimable=True)
        place = await places.add(tx, marie, draft)
    await browser.sign_in(marie)
    await browser.open("/welcome")
    assert "Snack du port" in browser.page.text

    await browser.send(LISTS, do="put", place=str(place.id))

    assert await stored.count_place(town.commune.database.pool, place.id) == 1
    assert "Snack du port" in (await browser.open("/@marie")).text
    list_id = await town.commune.database.pool.fetchval("select id from commune.collection")
    document = await browser.client.get(
        town.commune.instance.collection(list_id), headers={"Accept": "application/activity+json"}
    )
    assert document.json()["totalItems"] == 0
    assert "Snack" not in document.text
    async with browsers.browser(town) as visitor:
        shown = await visitor.open(f"/collections/{list_id}")
        assert f"/places/{place.id}" in shown.text
        assert "Nobody is here yet" not in shown.text


async def test_product_8_6_a_place_counts_who_appreciates_it_and_names_who_shows_it(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    async with town.commune.database.transaction() as tx:
        draft = PlaceDraft("Snack du port", -21.17, 55.29, kind="business", claimable=True)
        place = await places.add(tx, marie, draft)
    page = f"/places/{place.id}"
    async with browsers.browser(town) as visitor:
        shown = await visitor.open(page)
        assert f"/sign-in?return_to={page}" in shown.text
        assert "appreciates" not in shown.text
    await browser.sign_in(marie)
    await browser.open(page)

    await browser.send(LISTS, do="put")

    assert browser.page.url.path == page
    assert 'aria-pressed="true"' in browser.page.text
    async with browsers.browser(town) as visitor:
        shown = await visitor.open(page)
        assert "1 person appreciates" in shown.text
        assert "/@marie" in shown.text
        await browser.open(LISTS)
        await browser.send(LISTS, do="keep")
        shown = await visitor.open(page)
        assert "1 person appreciates" in shown.text
        assert 'href="/@marie"' not in shown.text

    await browser.open(page)
    await browser.send(LISTS, do="take")
    assert await stored.count_place(town.commune.database.pool, place.id) == 0
    async with browsers.browser(town) as visitor:
        assert "appreciates" not in (await visitor.open(page)).text


async def test_the_three_steps_lead_through_the_three_lists_and_may_be_skipped(
    town: Town, browser: Browser
) -> None:
    marie, luc = await town.citizen("marie"), await town.citizen("luc")
    await shop(town, luc)
    await town.organisation(luc, "theatre")
    await town.project(luc, "jardin")
    await browser.sign_in(marie)

    for step, name in ((1, "Garage"), (2, "Theatre"), (3, "Jardin")):
        page = await browser.open(f"/welcome?step={step}")
        assert name in page.text
        await browser.send(LISTS, do="put")
        assert browser.page.url.path == "/welcome"
        assert browser.page.url.fragment == "entry-1", "one stays where one was"

    sizes = await stored.sizes(town.commune.database.pool, marie.id)
    assert list(sizes.values()) == [1, 1, 1]
    page = await browser.open("/welcome")
    assert "Skip" in page.text
    for step, own in ((1, "/places/new"), (2, "/found"), (3, "/found?kind=project")):
        page = await browser.open(f"/welcome?step={step}")
        assert f'href="{own}"' in page.text, "what is not here yet can be told"
    assert 'href="/@marie"' in page.text


async def test_who_does_not_want_to_be_listed_is_not(town: Town, browser: Browser) -> None:
    marie, luc = await town.citizen("marie"), await town.citizen("luc")
    garage = await shop(town, luc)
    async with town.commune.database.transaction() as tx:
        await accounts.edit(tx, garage, Changes(discoverable=False))
    await browser.sign_in(marie)
    await browser.open("/@garage")

    await browser.send(LISTS, do="put")

    assert browser.page.status_code == 422
    assert await town.count("commune.collection_item") == 0


@pytest.mark.parametrize(
    "form",
    [
        {"do": "put", "account": "7"},
        {"do": "put", "place": "7"},
        {"do": "put", "account": "٣"},
        {"do": "take", "account": "9" * 30},
        {"do": "dance"},
    ],
)
async def test_sec_par_03_nonsense_changes_nothing(
    town: Town, browser: Browser, form: dict[str, str]
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    await browser.open(LISTS)
    csrf = browsers.forms_of(browser.page)[LISTS]["csrf"]

    refused = await browser.client.post(LISTS, data={**form, "csrf": csrf})

    assert refused.status_code == 404
    assert await town.count("commune.collection") == 0


async def test_sec_aut_08_another_site_fills_no_list(town: Town, browser: Browser) -> None:
    marie, luc = await town.citizen("marie"), await town.citizen("luc")
    garage = await shop(town, luc)
    await browser.sign_in(marie)

    refused = await browser.client.post(LISTS, data={"do": "put", "account": str(garage.id)})

    assert refused.status_code == 403
    assert await town.count("commune.collection") == 0
