"""The pages of who takes part: write, answer, like, follow, be told; usable by all."""

from __future__ import annotations

from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.visibility import Visibility
from tests.browser.conftest import sign_in
from tests.browser.visitor import Visitor
from tests.support.communes import Town


async def test_whoever_takes_part_can(town: Town, anybody: Visitor, marie: Account) -> None:
    paul = await town.citizen("paul")
    await town.organisation(marie, "petanque")
    post = await town.say(paul, "Qui vient à la plage samedi ? @marie #fete")
    async with town.commune.database.transaction() as tx:
        await feeds.publish(
            tx, paul, Draft("Entre nous, @marie", Visibility.DIRECT, mentioned=(marie,))
        )
    await sign_in(anybody)

    await anybody.open("/")
    await anybody.fill(text="Bonjour Saint-Leu !")
    await anybody.press("Publish")
    await anybody.sees("Bonjour Saint-Leu !")
    for path in (
        "/home",
        "/nearby",
        "/bookmarks",
        "/notifications",
        "/messages",
        "/find?q=plage",
    ):
        await anybody.open(path)
    await anybody.open("/messages")
    await anybody.follow("paul")
    await anybody.sees("Entre nous")
    await anybody.open("/")
    async with anybody.page.expect_navigation():
        await anybody.page.locator(f"#post-{post.id}").get_by_role("button", name="Like").click()
    await expect(
        anybody.page.locator(f"#post-{post.id}").get_by_role("button", name="Like")
    ).to_have_attribute("aria-pressed", "true")
    await anybody.open("/@paul")
    await anybody.press("Follow")
    await anybody.sees("You follow")
    assert post.url is not None
    await anybody.open(post.url)
    await anybody.fill(text="")
    await anybody.press("Send the answer")
    await anybody.sees("Write something first.")
    for path in (
        f"/posts/{post.id}/edit",
        f"/people/{paul.id}/report?post={post.id}",
        "/settings/profile",
        "/write",
        f"/write?quotes={post.id}",
    ):
        await anybody.open(path)
