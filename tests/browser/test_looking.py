"""Whoever looks at pages sees what is wrong with one; and that nothing is with another."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser import usable

GOOD = """<!doctype html><html lang="fr"><head><title>Saint-Leu</title><style>
:root { color-scheme: light dark } body { color: #222; background: #fff }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } }
</style></head><body><main><h1>Saint-Leu</h1><p>Le lagon est calme.</p></main></body></html>"""


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("<h1>Saint-Leu</h1>", "<h2>Saint-Leu</h2>", "There are 0 headings of the page."),
        ("<p>", "<h1>Deux</h1><p>", "There are 2 headings of the page."),
        ("<title>Saint-Leu</title>", "", "The page has no title."),
        (' lang="fr"', "", "The page does not say its language."),
        ("<p>", '<img src="data:,"><p>', "light, 390 px: image-alt"),
        ("color: #222", "color: #ccc", "light, 390 px: color-contrast"),
        ("color: #eee", "color: #333", "dark, 1280 px: color-contrast"),
        ("<p>", '<p style="width: 350px">', "320 px: The page is"),
        ("<p>", '<p style="width: 1300px">', "1280 px: The page is"),
    ],
)
async def test_each_fault_is_found(browser: Browser, good: str, bad: str, said: str) -> None:
    page = await browser.new_page()
    try:
        await page.set_content(GOOD)
        assert await usable.wrongs(page) == []
        assert good in GOOD
        await page.set_content(GOOD.replace(good, bad))
        assert [each for each in await usable.wrongs(page) if said in each]
    finally:
        await page.close()
