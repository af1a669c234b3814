"""The agenda: announce what comes every week, find it, come with and without an account."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from tests.browser.conftest import Letters
from tests.browser.visitor import Visitor
from tests.support.communes import Town


async def test_a_market_is_announced_found_attended_and_called_off(
    town: Town, anybody: Visitor, marie: Account, letters: Letters
) -> None:
    paul = await town.citizen("paul")
    here = ZoneInfo(town.commune.instance.timezone)
    today = town.commune.database.clock().astimezone(here).date()
    first, last = today + timedelta(days=3), today + timedelta(days=17)

    await anybody.be(marie)
    await anybody.open("/agenda")
    await anybody.sees("Nothing is announced yet")
    await anybody.follow("Announce something")
    await anybody.fill(
        name="Marché de nuit",
        starts_day=first.isoformat(),
        starts_time="18:00",
        ends_time="22:00",
        until=last.isoformat(),
        place="Front de mer",
        text="Vingt producteurs. #maloya",
    )
    await anybody.choose(repeat="weekly", category="FOOD_DRINK")
    await anybody.press("Announce it")
    await anybody.sees("Marché de nuit", "Front de mer", "It takes place again")
    event = anybody.page.url

    await anybody.open("/agenda")
    await expect(anybody.main.locator(".dates li", has_text="Marché de nuit")).to_have_count(3)
    for view in ("week", "month"):
        await anybody.open(f"/agenda?view={view}&from={first.isoformat()}")
        day = anybody.main.locator("td", has_text="Marché de nuit").first
        await expect(day).to_contain_text("18:00")
    await anybody.open("/agenda?tag=maloya")
    await anybody.choose(category="MUSIC")
    await anybody.press("Show")
    await anybody.misses("Marché de nuit")

    await anybody.be(paul)
    await anybody.open(event)
    await anybody.press("I take part")
    await anybody.sees("You are expected.", "1 person")

    await anybody.be(None)
    await anybody.open(event)
    await anybody.unfold("Without an account")
    await anybody.fill(name="Léa", email="lea@mail.example")
    await anybody.press("I take part")
    await anybody.sees("A letter is on its way")
    await anybody.open(await letters.link("event_confirm"))
    await anybody.press("Yes, I come")
    await anybody.sees("You are expected!")
    await anybody.open(event)
    await anybody.sees("2 people")
    await anybody.open(await letters.link("event_joined"))
    await anybody.press("Give my place back")
    await anybody.sees("Your place is given back")
    await anybody.open(event)
    await anybody.sees("1 person")

    await anybody.be(marie)
    await anybody.open(event)
    await anybody.follow("Who comes")
    await anybody.sees("Paul")
    await anybody.open(event)
    await anybody.unfold("Put it off or call it off")
    await anybody.fill(reason="Cyclone")
    await anybody.press("Call it off")
    await anybody.sees("Cancelled", "It does not take place as announced.")
    await anybody.open("/agenda")
    await expect(anybody.main.locator(".dates li", has_text="Cancelled")).to_have_count(1)
