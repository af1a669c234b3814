"""Somebody new fills three lists, plans a word and sees both; with scripts and without."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft
from tests.browser.conftest import sign_in
from tests.browser.visitor import Visitor
from tests.support.communes import Town, pair


async def test_three_steps_fill_three_lists(town: Town, anybody: Visitor, marie: Account) -> None:
    luc = await town.citizen("luc")
    async with town.commune.database.transaction() as tx:
        await organisations.found(tx, luc, Draft("business", "garage", "Garage"), pair(5))
    await town.organisation(luc, "theatre")
    await town.project(luc, "jardin")
    await sign_in(anybody)

    await anybody.open("/home")
    await anybody.follow("Begin in three steps")
    for verb, onwards in (
        ("♡ I appreciate it", "Next"),
        ("♡ I take part", "Next"),
        ("♡ I bring it to life", "See my page"),
    ):
        await anybody.press(verb)
        assert await anybody.main.locator("[aria-pressed=true]").count() == 1
        await anybody.follow(onwards)

    await anybody.is_at("/@marie")
    await anybody.sees("Garage", "Theatre", "Jardin")


async def test_nothing_has_to_be_filled_in(town: Town, anybody: Visitor, marie: Account) -> None:
    await sign_in(anybody)

    await anybody.open("/welcome")
    for step in (2, 3):
        await anybody.follow("Skip →")
        assert anybody.page.url.endswith(f"/welcome?step={step}")
    await anybody.follow("See my page")

    await anybody.is_at("/@marie")
    assert await town.count("commune.collection_item") == 0


async def test_a_word_for_later_is_planned_and_moved(
    town: Town, anybody: Visitor, marie: Account
) -> None:
    day = (datetime.now(UTC) + timedelta(days=3)).date()
    await sign_in(anybody)

    await anybody.open("/write")
    await anybody.fill(text="À samedi !")
    await anybody.page.get_by_text("Later", exact=True).click()
    await anybody.fill(day=day.isoformat(), hour="18:30")
    await anybody.press("Publish")

    await anybody.is_at("/planned")
    await anybody.sees("À samedi !", "6:30")
    await anybody.fill(hour="19:45")
    await anybody.press("Keep this moment")
    await anybody.sees("7:45")
    await anybody.press("Do not publish it")
    await anybody.sees("Nothing is planned")
    assert await town.count("commune.post") == 0
