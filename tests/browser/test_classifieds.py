"""Classifieds: offer with a picture and a price, answer in private, renew, close."""

from __future__ import annotations

from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from tests.browser.visitor import Visitor
from tests.support import pictures
from tests.support.communes import Clock, Town


async def test_something_is_offered_answered_renewed_and_taken(
    town: Town, clock: Clock, anybody: Visitor, marie: Account
) -> None:
    paul = await town.citizen("paul")
    await anybody.be(marie)
    await anybody.open("/classifieds")
    await anybody.follow("Publish a classified")
    await anybody.fill(title="Vélo d'enfant", text="Rouge, 20 pouces.", price="cher")
    await anybody.tick("sale")
    await anybody.send_file("picture", pictures.png())
    await anybody.fill(description="Un vélo rouge", place="La Pointe")
    await anybody.press("Publish it")
    await expect(anybody.page.get_by_role("alert")).to_be_visible()
    await anybody.fill(price="25,50")
    await anybody.send_file("picture", pictures.png())
    await anybody.press("Publish it")
    await anybody.sees("Vélo d'enfant", "25", "It is yours")
    await expect(anybody.main.get_by_role("img", name="Un vélo rouge")).to_be_visible()
    offer = anybody.page.url

    await anybody.be(paul)
    await anybody.open("/classifieds?purpose=offer")
    await anybody.follow("Vélo d'enfant")
    await anybody.fill(text="Je le prends samedi ?")
    await anybody.press("Send it")
    await anybody.sees("Your message is on its way.")

    await anybody.be(None)
    await anybody.open(offer)
    await anybody.misses("Je le prends samedi ?")
    await anybody.sees("Sign in to answer")

    await anybody.be(marie)
    await anybody.open("/messages")
    await anybody.sees("Je le prends samedi ?")
    await anybody.open(offer)
    stands = anybody.main.get_by_text("It stands until")
    before = await stands.inner_text()
    clock.pass_by(days=30)
    await anybody.press("Renew for 60 days")
    await expect(stands).not_to_have_text(before)
    await anybody.press("It was taken")
    await anybody.sees("Concluded")
    await anybody.open("/classifieds")
    await anybody.misses("Vélo d'enfant")
