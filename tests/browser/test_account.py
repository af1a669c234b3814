"""What one decides about one's account with a browser."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.grants import actions as grants
from fedcommune.domain.grants.model import Scopes
from tests.browser.conftest import Letters, sign_in
from tests.browser.visitor import Visitor, visitor
from tests.support.browsers import PASSWORD
from tests.support.communes import Town

NEW = "trois tortues traversent"


async def test_sec_aut_03_an_address_is_changed_by_two_letters(
    town: Town, anybody: Visitor, marie: Account, letters: Letters
) -> None:
    await sign_in(anybody)
    await anybody.follow("E-mail address")
    await anybody.fill(email="new@mail.example", password="not this one at all")
    await anybody.press("Change it")
    await expect(anybody.page.get_by_role("alert")).to_contain_text("not your password")
    await anybody.fill(email="new@mail.example", password=PASSWORD)
    await anybody.press("Change it")
    await anybody.sees("It is to become new@mail.example")

    await anybody.open(await letters.link("leave_email"))
    await anybody.press("Yes, change it")
    await anybody.sees("Now open the link in the letter to the other address too.")
    await anybody.open(await letters.link("take_email"))
    await anybody.press("Yes, change it")
    await anybody.sees("Your e-mail address is changed.")
    await anybody.follow("My account")
    await anybody.sees("new@mail.example")


async def test_sec_aut_04_browsers_are_seen_and_signed_out(
    browser: Browser, town: Town, anybody: Visitor, marie: Account
) -> None:
    await sign_in(anybody)
    async with visitor(browser, town) as other:
        await sign_in(other)
        await anybody.follow("Where I am signed in")
        await anybody.sees("this browser")
        assert await anybody.main.locator(".rows li").count() == 2
        await anybody.press("Sign out everywhere else")
        await expect(anybody.main.locator(".rows li")).to_have_count(1)
        await other.open("/settings")
        await other.is_at("/sign-in")
    await anybody.open("/settings")
    await anybody.is_at("/settings")


async def test_sec_aut_04_applications_are_seen_and_taken_back(
    town: Town, anybody: Visitor, marie: Account
) -> None:
    async with town.commune.database.transaction() as tx:
        await grants.issue(
            tx, citizen_id=marie.id, account_id=marie.id, scopes=Scopes.parse("read")
        )
    await sign_in(anybody)
    await anybody.follow("Applications")
    await anybody.press("Take it back")
    await anybody.sees("No application acts in your name.")
    left = "select count(*) from commune.token where revoked_at is null"
    assert await town.commune.database.pool.fetchval(left) == 0


async def test_password_and_language_are_changed(
    town: Town, anybody: Visitor, marie: Account
) -> None:
    await sign_in(anybody)
    await anybody.follow("Password")
    await anybody.fill(password=PASSWORD, new_password=NEW)
    await anybody.press("Keep it")
    await anybody.is_at("/settings")
    await anybody.page.get_by_label("Language of the letters").select_option("en")
    await anybody.press("Keep it")
    await anybody.is_at("/settings")
    await expect(anybody.page.get_by_label("Language of the letters")).to_have_value("en")
    await anybody.press("Sign out")
    await sign_in(anybody, NEW)
    await anybody.is_at("/settings")


async def test_who_leaves_is_gone(town: Town, anybody: Visitor, marie: Account) -> None:
    await sign_in(anybody)
    await anybody.follow("Delete my account")
    await anybody.fill(username="mary", password=PASSWORD)
    await anybody.press("Delete my account for good")
    await expect(anybody.page.get_by_role("alert")).to_contain_text("Type your short name")
    assert await town.count("commune.citizen") == 1

    await anybody.fill(username="@marie", password=PASSWORD)
    await anybody.press("Delete my account for good")
    await anybody.sees("Your account is deleted")
    await anybody.open("/@marie")
    await anybody.sees("No longer here")
