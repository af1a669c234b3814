"""What citizens tell of themselves: page, API and document obey one rule (product 1.4)."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.grants import actions as grants
from fedcommune.domain.grants.model import Scopes
from tests.support import browsers
from tests.support.browsers import Browser
from tests.support.communes import Town

PHONE = "0692 00 11 22"


async def token_of(town: Town, reader: Account) -> str:
    async with town.commune.database.transaction() as tx:
        return await grants.issue(
            tx, citizen_id=reader.id, account_id=reader.id, scopes=Scopes.parse("read")
        )


async def sights(town: Town, marie: Account, reader: Account | None) -> dict[str, bool]:
    """Return where *reader* sees the telephone of Marie."""
    async with browsers.browser(town) as browser:
        headers = {}
        if reader is not None:
            await browser.sign_in(reader)
            headers["Authorization"] = f"Bearer {await token_of(town, reader)}"
        page = await browser.open("/@marie")
        api = await browser.client.get(f"/api/v1/accounts/{marie.id}", headers=headers)
        document = await browser.client.get(
            marie.actor_id, headers={"Accept": "application/activity+json"}
        )
    return {
        "page": PHONE in page.text,
        "api": PHONE in api.text,
        "document": PHONE in document.text,
    }


async def tell(browser: Browser, seen_by: str) -> None:
    await browser.open("/settings/personal")
    await browser.send("/settings/personal", phone=PHONE, **{"seen-phone": seen_by})


@pytest.mark.parametrize(
    ("seen_by", "visitors", "friends"),
    [("public", True, True), ("linked", False, True), ("private", False, False)],
)
async def test_sec_vis_who_sees_a_telephone_number_is_one_rule(
    town: Town, browser: Browser, seen_by: str, visitors: bool, friends: bool
) -> None:
    marie, jean, luc = [await town.citizen(name) for name in ("marie", "jean", "luc")]
    async with town.commune.database.transaction() as tx:
        await follows.follow(tx, marie, jean)
        await follows.follow(tx, jean, marie)
        await follows.follow(tx, luc, marie)
    await browser.sign_in(marie)

    await tell(browser, seen_by)

    public = seen_by == "public"
    for reader, sees in ((None, visitors), (luc, visitors), (jean, friends), (marie, True)):
        found = await sights(town, marie, reader)
        assert found == {"page": sees, "api": sees, "document": public}, reader


async def test_nothing_is_shown_unless_it_is_said(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    await browser.open("/settings/personal")
    fields = browsers.forms_of(browser.page)["/settings/personal"]
    fields["phone"] = PHONE
    await browser.client.post("/settings/personal", data=fields)

    assert await sights(town, marie, None) == {"page": False, "api": False, "document": False}


async def test_what_one_takes_part_in_is_kept_among_those_one_knows(
    town: Town, browser: Browser
) -> None:
    marie, luc = await town.citizen("marie"), await town.citizen("luc")
    await town.organisation(marie, "troupe")
    await browser.sign_in(marie)
    await tell(browser, "private")
    await browser.open("/settings/personal")
    await browser.send("/settings/personal", **{"seen-links": "linked"})

    async with browsers.browser(town) as visitor:
        assert "/@troupe" not in (await visitor.open("/@marie")).text
        assert "/@marie" not in (await visitor.open("/@troupe")).text
        await visitor.sign_in(luc)
        assert "/@troupe" not in (await visitor.open("/@marie")).text
    assert "/@troupe" in (await browser.open("/@marie")).text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("phone", "call me"),
        ("email", "nobody"),
        ("birth_date", "soon"),
        ("birth_date", "2999-01-01"),
    ],
)
async def test_what_needs_a_correction_is_said_and_nothing_is_kept(
    town: Town, browser: Browser, name: str, typed: str
) -> None:
    await browser.sign_in(await town.citizen("marie"))
    await browser.open("/settings/personal")

    await browser.send("/settings/personal", **{name: typed, f"seen-{name}": "public"})

    assert browser.page.status_code == 422
    assert await town.count("commune.personal_fact") == 0
