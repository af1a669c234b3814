"""Somebody reports, and who moderates looks into it and acts."""

from __future__ import annotations

from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.moderation import actions as moderation
from tests.browser.conftest import Letters
from tests.browser.visitor import Visitor
from tests.support.communes import Town


async def test_an_insult_is_reported_looked_into_and_deleted(
    town: Town, anybody: Visitor, marie: Account, letters: Letters
) -> None:
    paul, simone = await town.citizen("paul"), await town.citizen("simone")
    async with town.commune.database.transaction() as tx:
        await moderation.give_role(tx, simone, Role.MODERATOR)
    post = await town.say(paul, "Bande de nuls !")
    assert post.url is not None

    await anybody.be(marie)
    await anybody.open(f"/people/{paul.id}/report?post={post.id}")
    await anybody.sees("Bande de nuls !")
    await anybody.page.locator("[name=category][value=legal]").check()
    await anybody.fill(comment="Des insultes.")
    await anybody.press("Report")
    await anybody.sees("Thank you")
    await anybody.open("/moderation")
    await anybody.sees("Nothing here")

    await anybody.be(simone)
    await anybody.open("/settings")
    await anybody.follow("Moderation")
    await anybody.follow(f"@paul@{town.domain}")
    await anybody.sees("Des insultes.", "Bande de nuls !")
    await anybody.press("I look into it")
    await anybody.page.locator("[name=action][value=delete_statuses]").check()
    await anybody.fill(text="Pas ici.")
    await anybody.press("Do it, and close the report")
    await anybody.sees("Nobody reports anything.")
    await expect(anybody.main.locator(".rows", has_text="@paul")).to_be_visible()

    await anybody.be(None)
    await anybody.open(post.url)
    await anybody.sees("No longer here")
    await anybody.be(paul)
    await anybody.open("/settings")
    await anybody.sees("Pas ici.")
    assert await letters.link("strike")
