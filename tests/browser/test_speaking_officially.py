"""Official notices, and the letter of the week for people without an account."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.notices import actions as notices
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft
from tests.browser.conftest import Letters
from tests.browser.visitor import Visitor
from tests.support.communes import Clock, Town, pair


async def test_only_the_town_hall_gives_a_notice_which_is_pinned_until_its_day(
    town: Town, clock: Clock, anybody: Visitor, marie: Account
) -> None:
    paul = await town.citizen("paul")
    hall = Draft("authority", "mairie", "Mairie")
    async with town.commune.database.transaction() as tx:
        await notices.entrust(tx, await organisations.found(tx, marie, hall, pair(5)))
    zone = ZoneInfo(town.commune.instance.timezone)
    tomorrow = town.commune.database.clock().astimezone(zone).date() + timedelta(days=1)

    await anybody.be(paul)
    await anybody.open("/notices")
    await anybody.misses("Give a notice")
    await anybody.be(marie)
    await anybody.open("/notices")
    await anybody.tick("Danger")
    await anybody.fill(text="Cyclone : restez chez vous.", day=tomorrow.isoformat())
    await anybody.press("Tell everybody")
    await anybody.sees("Cyclone : restez chez vous.")

    await anybody.be(None)
    await anybody.open("/")
    warned = anybody.main.locator(".warned")
    await expect(warned).to_contain_text("Cyclone : restez chez vous.")
    # Before all else that is said there.
    assert await anybody.page.evaluate(
        "() => { const [warned, news] = ['.warned', '#news'].map(at => document.querySelector(at));"
        " return (warned.compareDocumentPosition(news) & 4) !== 0; }"
    )
    clock.pass_by(days=3)
    while await town.commune.schedule.step():
        pass
    await anybody.open("/")
    await expect(warned).to_have_count(0)
    await anybody.open("/notices")
    await anybody.sees("No notice lasts now.", "Before", "Cyclone : restez chez vous.")


async def test_the_week_comes_to_who_confirmed_and_stops_with_one_click(
    town: Town, anybody: Visitor, letters: Letters
) -> None:
    subscribed = "commune.subscriber where confirmed_at is not null"
    await anybody.open("/")
    await anybody.follow("Write to me once a week")
    await anybody.fill(email="zoe@mail.example")
    await anybody.press("Write to me once a week")
    link = await letters.link("weekly_confirm")
    await anybody.open(link)
    assert await town.count(subscribed) == 0, "looking confirms nothing"
    await anybody.press("Yes, write to me once a week")
    await anybody.sees("See you soon!", "zoe@mail.example")
    assert await town.count(subscribed) == 1

    # Who asks again is told how to stop it.
    await anybody.open("/letters")
    await anybody.fill(email="zoe@mail.example")
    await anybody.press("Write to me once a week")
    await anybody.open(await letters.link("weekly_known"))
    assert await town.count(subscribed) == 1, "looking stops nothing"
    await anybody.press("Write to me no more")
    await anybody.sees("It is done")
    assert await town.count("commune.subscriber") == 0
