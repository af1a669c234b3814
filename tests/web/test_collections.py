"""Agreeing to stand in a collection, or refusing, without an app (FEP-7aa9)."""

from __future__ import annotations

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.collections import actions
from fedcommune.domain.collections.model import Draft
from tests.support import browsers
from tests.support.browsers import Browser
from tests.support.communes import Town

MINE = "/settings/collections"


async def asked(town: Town, browser: Browser) -> Account:
    """Let Jean ask Marie, who is signed in, into his collection."""
    marie, jean = await town.citizen("marie"), await town.citizen("jean")
    async with town.commune.database.transaction() as tx:
        await actions.make(tx, jean, Draft(name="Voisines"), [marie])
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    return marie


async def states(town: Town) -> list[str]:
    rows = await town.commune.database.pool.fetch("select state from commune.collection_item")
    return [row["state"] for row in rows]


async def test_one_agrees_and_takes_that_back(town: Town, browser: Browser) -> None:
    await asked(town, browser)
    await browser.open(MINE)
    assert "Voisines" in browser.page.text

    await browser.send(MINE, answer="yes")
    assert await states(town) == ["accepted"]
    await browser.open(MINE)
    await browser.send(MINE, answer="no")

    assert await states(town) == ["refused"]
    assert "Voisines" not in (await browser.open(MINE)).text


async def test_sec_vis_11_nobody_answers_for_somebody_else(town: Town, browser: Browser) -> None:
    await asked(town, browser)
    luc = await town.citizen("luc")
    await browsers.with_password(town, luc)
    row = await town.commune.database.pool.fetchrow("select * from commune.collection_item")
    assert row is not None
    await browser.open(MINE)
    form = {"collection": str(row["collection_id"]), "item": str(row["id"]), "answer": "yes"}
    async with browsers.browser(town) as other:
        await other.sign_in(luc)
        await other.open("/settings")
        csrf = next(iter(browsers.forms_of(other.page).values()))["csrf"]
        refused = await other.client.post(MINE, data={**form, "csrf": csrf})

    assert refused.status_code == 404
    assert await states(town) == ["pending"]
