"""What other sites show within their pages: the agenda and the map, and nothing else of ours."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser, expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.places import telling
from fedcommune.domain.places.model import Draft
from tests.support.communes import Town
from tests.support.evil import Asked, EvilServer, answer
from tests.web.test_agenda import announce


async def test_another_site_shows_the_agenda_and_the_map_and_no_page_of_ours(
    browser: Browser, town: Town, marie: Account
) -> None:
    """SEC-XSS-04, with a browser that keeps to it."""
    await announce(town, marie)
    async with town.commune.database.transaction() as tx:
        await telling.tell(tx, marie, Draft("Boîte à livres", -21.17, 55.288))
    frames = "".join(
        f'<iframe title="{path}" src="{town.origin}{path}" width="600" height="500"></iframe>'
        for path in ("/embed/agenda", "/embed/map", "/")
    )
    page_of_theirs = f"<!doctype html><title>La gazette</title>{frames}".encode()

    async def gazette(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(200, page_of_theirs, [("Content-Type", "text/html; charset=utf-8")]))

    async with EvilServer() as site:
        site.plays("/", gazette)
        page = await browser.new_page(locale="en-GB")
        try:
            await page.goto(site.url("127.0.0.1"))
            agenda, around = (
                page.frame_locator("[title='/embed/agenda']"),
                page.frame_locator("[title='/embed/map']"),
            )
            await expect(agenda.get_by_role("heading", level=1)).to_contain_text("Agenda")
            await expect(agenda.get_by_role("link", name="Marché de nuit")).to_be_visible()
            mark = around.locator("#map.alive .leaflet-marker-icon")
            await expect(mark).to_have_count(1)
            await mark.click()
            await expect(around.locator(".leaflet-popup")).to_contain_text("Boîte à livres")
            # A browser that may not show it tells so in a page of its own.
            refused = page.frames[3]
            assert await refused.locator("main").count() == 0
            assert await page.context.cookies() == []
        finally:
            await page.close()
