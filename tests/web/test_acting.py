"""Acting as what one administers: joining, running pages, publishing, in the right name."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import actions as classifieds
from fedcommune.domain.classifieds.model import Draft
from fedcommune.domain.links import actions as link_actions
from fedcommune.domain.links import queries as links
from fedcommune.domain.links.model import Openness, State, Wish
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Town


@pytest.fixture
async def marie(town: Town, browser: Browser) -> Account:
    """Signed in, with an association that she runs and as which she acts."""
    account = await town.citizen("marie")
    await town.organisation(account, "lagon")
    await browser.sign_in(account)
    return account


async def act_as(browser: Browser, account: Account) -> None:
    page = await browser.open("/")
    form = forms_of(page, header=True)["/acting"]
    await browser.client.post("/acting", data={**form, "account": str(account.id)})


async def one(town: Town, query: str, *args: Any) -> Any:
    return await town.commune.database.pool.fetchrow(query, *args)


async def test_an_association_asks_to_take_part_and_takes_it_back(
    town: Town, browser: Browser, marie: Account
) -> None:
    paul, lagon = await town.citizen("paul"), await town.find("@lagon")
    garden = await town.project(paul, "jardin", Openness.MODERATED)
    await act_as(browser, lagon)

    form = await browser.open("/@jardin/join")
    assert f'value="{lagon.id}" selected' in form.text
    page = await browser.send("/@jardin/join", **{"as": str(lagon.id)})

    pool = town.commune.database.pool
    (asked,) = await links.of_target(pool, garden.id, state=State.PENDING)
    assert asked.subject_id == lagon.id
    assert "What Lagon takes part in" in page.text
    await browser.send(f"/links/{asked.id}", do="leave")
    assert await links.of_target(pool, garden.id, state=State.PENDING) == []


async def test_who_acts_as_an_association_may_still_ask_for_themselves(
    town: Town, browser: Browser, marie: Account
) -> None:
    paul, lagon = await town.citizen("paul"), await town.find("@lagon")
    garden = await town.project(paul, "jardin", Openness.MODERATED)
    await act_as(browser, lagon)
    await browser.open("/@jardin/join")

    await browser.send("/@jardin/join", **{"as": str(marie.id)})

    (asked,) = await links.of_target(town.commune.database.pool, garden.id, state=State.PENDING)
    assert asked.subject_id == marie.id


async def test_nobody_asks_in_the_name_of_what_others_run(
    town: Town, browser: Browser, marie: Account
) -> None:
    paul = await town.citizen("paul")
    garden, troupe = (
        await town.project(paul, "jardin", Openness.MODERATED),
        await town.organisation(paul, "troupe"),
    )
    form = forms_of(await browser.open("/@jardin/join"))["/@jardin/join"]

    refused = await browser.client.post("/@jardin/join", data={**form, "as": str(troupe.id)})

    assert refused.status_code == 403
    pool = town.commune.database.pool
    assert await links.of_target(pool, garden.id, state=State.PENDING) == []


async def test_nothing_takes_part_in_itself(town: Town, browser: Browser, marie: Account) -> None:
    lagon = await town.find("@lagon")
    before = await town.count("commune.link")
    await act_as(browser, lagon)
    form = forms_of(await browser.open("/settings/links"))["/settings/links"]

    said = {**form, "as": str(lagon.id), "handle": "@lagon"}
    refused = await browser.client.post("/settings/links", data=said)

    assert refused.status_code == 422
    assert "Nobody takes part in oneself" in refused.text
    assert await town.count("commune.link") == before


async def test_an_association_that_runs_a_project_runs_its_page(
    town: Town, browser: Browser, marie: Account
) -> None:
    paul, lagon = await town.citizen("paul"), await town.find("@lagon")
    garden = await town.project(paul, "jardin", Openness.MODERATED)
    async with town.commune.database.transaction() as tx:
        link = await link_actions.ask(tx, lagon, garden, Wish(as_admin=True))
        await link_actions.approve(tx, paul, link, (lagon, garden), as_admin=True)
    assert (await browser.open("/@jardin/edit")).status_code == 403

    await act_as(browser, lagon)
    await browser.open("/@jardin/edit")
    await browser.send("/@jardin/edit", name="Jardin de la Pointe")
    await browser.open("/@jardin/people")
    await browser.send("/@jardin/people", handle="@marie")
    await browser.open("/@jardin")
    await browser.send("/projects/jardin/stage", stage="started")
    assert (await town.find("@jardin")).details.stage == "started"

    assert (await town.find("@jardin")).name == "Jardin de la Pointe"
    (invited,) = await links.of_target(town.commune.database.pool, garden.id, state=State.INVITED)
    assert invited.subject_id == marie.id


async def test_what_is_published_bears_the_name_as_which_one_acts(
    town: Town, browser: Browser, marie: Account
) -> None:
    lagon = await town.find("@lagon")
    await act_as(browser, lagon)

    for address in ("/classifieds/new", "/needs/new", "/events/new", "/places/new"):
        page = await browser.open(address)
        assert f'<option value="{lagon.id}" selected>' in page.text, address


async def test_a_project_that_an_association_starts_is_carried_by_it_and_run_by_a_person(
    town: Town, browser: Browser, marie: Account
) -> None:
    lagon = await town.find("@lagon")
    await act_as(browser, lagon)
    page = await browser.open("/found?kind=project")
    assert f'<option value="{lagon.id}" selected>' in page.text

    form = forms_of(page)["/found"]
    said = {**form, "name": "Corail", "username": "corail", "as": str(lagon.id)}
    await browser.client.post("/found", data=said)

    coral = await town.find("@corail")
    assert coral.details.carried_by == lagon.actor_id
    assert await links.is_admin(town.commune.database.pool, marie.id, coral.id)


async def test_who_acts_as_an_association_answers_a_classified_as_it(
    town: Town, browser: Browser, marie: Account
) -> None:
    paul, lagon = await town.citizen("paul"), await town.find("@lagon")
    shop = await town.organisation(paul, "troupe")
    async with town.commune.database.transaction() as tx:
        post = await classifieds.publish(tx, shop, Draft("Costumes"))
    address = f"/classifieds/{post.id}"
    await act_as(browser, lagon)
    await browser.open(address)

    await browser.send(f"{address}/contact", text="Bonjour", **{"as": str(lagon.id)})

    found = await one(town, "select author_id from commune.post order by id desc limit 1")
    assert found["author_id"] == lagon.id
