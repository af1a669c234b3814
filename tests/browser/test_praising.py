"""The three lists of a citizen, and words with which one recommends."""

from __future__ import annotations

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft
from tests.browser.visitor import Visitor
from tests.support.communes import Town, pair


async def test_one_appreciates_takes_part_brings_to_life_and_recommends(
    town: Town, anybody: Visitor, marie: Account
) -> None:
    luc = await town.citizen("luc")
    shop = Draft("business", "garage", "Garage Payet", latitude=-21.17, longitude=55.29)
    async with town.commune.database.transaction() as tx:
        await organisations.found(tx, luc, shop, pair(3))
    await town.organisation(luc, "theatre")
    await town.project(luc, "jardin")

    await anybody.be(marie)
    for step, name in ((1, "Garage Payet"), (2, "Theatre"), (3, "Jardin")):
        await anybody.open(f"/welcome?step={step}")
        await anybody.press(name, within=f"main li:has-text('{name}')")
    await anybody.open("/@marie")
    await anybody.sees("Garage Payet", "Theatre", "Jardin")
    await anybody.open("/@garage")
    await anybody.sees("1 person appreciates", "Marie")
    await anybody.follow("Recommend it in your own words")
    await anybody.fill(words="honnête et rapide.")
    await anybody.press("Recommend")
    await anybody.sees("honnête et rapide.")

    await anybody.open("/settings/lists")
    await anybody.press("Keep them to myself")
    await anybody.be(luc)
    await anybody.open("/@garage")
    await anybody.sees("1 person appreciates", "honnête et rapide.")
    await anybody.follow("Answer")
    await anybody.fill(words="Merci, à bientôt !")
    await anybody.press("Answer")
    await anybody.sees("Merci, à bientôt !")

    await anybody.be(None)
    await anybody.open("/@marie")
    await anybody.misses("Theatre", "Jardin")
    await anybody.open("/@garage")
    await anybody.sees("honnête et rapide.", "Merci, à bientôt !")
