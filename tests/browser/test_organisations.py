"""Organisations and projects: found, invite, share, act for, leave; need, help, task."""

from __future__ import annotations

from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from tests.browser.visitor import Visitor
from tests.support.communes import Town


async def test_a_troupe_is_founded_shared_acted_for_and_left(
    town: Town, anybody: Visitor, marie: Account
) -> None:
    jean = await town.citizen("jean")
    await anybody.be(marie)
    await anybody.open("/settings/links")
    await anybody.follow("Found something together")
    await anybody.main.get_by_role("link", name="An association").click()
    await anybody.fill(name="La Troupe", username="troupe", text="On joue en créole.")
    await anybody.press("Found it")
    await anybody.is_at("/@troupe/edit")
    await anybody.fill(tags="#théâtre", phone="0262 34 00 00")
    await anybody.press("Keep")
    await anybody.sees("La Troupe", "théâtre", "0262 34 00 00")

    await anybody.follow("Who takes part")
    await anybody.fill(handle="@jean", roles="mise en scène")
    await anybody.press("Invite")
    await anybody.sees("Invited")

    await anybody.be(jean)
    await anybody.open("/@troupe")
    await anybody.follow("You are invited: answer")
    await anybody.press("Accept")
    await anybody.sees("You take part", "mise en scène")

    await anybody.be(marie)
    await anybody.open("/@troupe/people")
    await anybody.page.locator("li", has_text="Jean").locator("summary").click()
    await anybody.page.locator("li", has_text="Jean").get_by_label("Administrator").check()
    await anybody.press("Keep", within="main li:has-text('Jean')")
    await anybody.sees("administrator")

    await anybody.be(jean)
    await anybody.open("/@troupe")
    await anybody.page.locator(".me summary").click()
    await anybody.press("La Troupe", within=".me")
    await anybody.open("/")
    await anybody.fill(text="Répétition ouverte vendredi.")
    await anybody.press("Publish")
    await anybody.is_at_like(r"/@troupe/\d+")

    await anybody.be(marie)
    await anybody.open("/settings/links")
    await anybody.press("Leave", within="main li:has-text('La Troupe')")
    await anybody.sees("Nothing yet")
    await anybody.open("/@troupe")
    await expect(anybody.main.get_by_role("link", name="Change this page")).to_have_count(0)
    await anybody.sees("Jean", "Répétition ouverte vendredi.")


async def test_a_garden_moves_on_finds_help_and_gets_things_done(
    town: Town, anybody: Visitor, marie: Account
) -> None:
    paul = await town.citizen("paul")
    await town.project(marie, "jardin")
    await anybody.be(marie)
    await anybody.open("/@jardin")
    await anybody.press("started")
    await expect(anybody.main.locator("[aria-current=step]")).to_have_text("started")
    await anybody.fill(title="Bêcher")
    await anybody.press("Add it")
    await anybody.sees("Bêcher")
    await anybody.press("I take it")
    await anybody.press("Done")
    await anybody.sees("done")
    await anybody.follow("Say what is needed")
    await anybody.fill(title="Des bras samedi", helpers="1")
    await anybody.press("Publish it")
    await anybody.sees("Des bras samedi", "Nobody yet")
    need = anybody.page.url

    await anybody.be(paul)
    await anybody.open("/@jardin")
    await anybody.follow("Des bras samedi")
    await anybody.fill(text="Avec ma bêche.")
    await anybody.press("I can help")
    await anybody.sees("You said that you can help.")

    await anybody.be(marie)
    await anybody.open(need)
    await anybody.sees("Paul", "Avec ma bêche.")
    await anybody.press("Accept")
    await anybody.sees("helps", "Concluded")

    await anybody.be(paul)
    await anybody.open(need)
    await anybody.sees("You help with this. Thank you!")
