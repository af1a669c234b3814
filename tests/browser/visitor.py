"""A person at a real browser, on whose every page it is looked whether all can use it."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, Locator, Page, Request, expect

from tests.support.communes import Town
from tests.support.node import MODULES

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WIDTHS: Final = (390, 1280)
HEIGHT: Final = 900
# What is shown is looked at once a run: the address, its heading and what went wrong make a page.
_looked_at: set[tuple[str, str, str]] = set()


@cache
def axe() -> str:
    """Return the script that looks for what keeps people out."""
    return (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@dataclass
class Visitor:
    """One person; *town* is where they look, *page* what they see."""

    town: Town
    page: Page
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Type an address of the town, or a whole one."""
        await self.page.goto(path if "://" in path else f"{self.town.origin}{path}")
        await self.look()

    async def fill(self, **fields: str) -> None:
        """Type into the fields with these names."""
        for name, text in fields.items():
            await self.page.locator(f"main [name={name}]:visible").fill(text)

    async def tick(self, words: str) -> None:
        await self.page.get_by_label(words).check()

    async def press(self, words: str) -> None:
        """Press the button that says so, and look at the page that comes."""
        async with self.page.expect_navigation():
            await self.page.get_by_role("button", name=words).click()
        await self.look()

    async def follow(self, words: str) -> None:
        """Follow the link that says so, and look at the page that comes."""
        async with self.page.expect_navigation():
            await self.page.locator("main").get_by_role("link", name=words).click()
        await self.look()

    async def sees(self, *words: str) -> None:
        """Wait until all *words* stand on the page."""
        for each in words:
            await expect(self.page.locator("main")).to_contain_text(each)

    async def is_at(self, path: str) -> None:
        await expect(self.page).to_have_url(re.compile(re.escape(path) + r"(\?.*)?$"))

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    async def look(self) -> None:
        """Look at the page, once a run, in light and dark, on a telephone and on a desk."""
        if not self.scripts or not self.page.url.startswith(self.town.origin):
            return
        # Only what every page of the commune has; a document or a picture is no page.
        heading = await self.page.locator("h1").first.inner_text()
        alert = " ".join(await self.page.locator("[role=alert]:visible").all_inner_texts())
        seen = (urlsplit(self.page.url).path, heading, alert)
        if seen in _looked_at:
            return
        _looked_at.add(seen)
        size = self.page.viewport_size
        for scheme, width in itertools.product(SCHEMES, WIDTHS):
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await self.page.set_viewport_size({"width": width, "height": HEIGHT})
            await self._photograph(seen, f"{scheme}-{width}")
            wrong = [*await self._what_keeps_out(), *await self._what_sticks_out()]
            assert not wrong, f"{seen}, {scheme}, {width} px:\n" + "\n".join(wrong)
        if size is not None:
            await self.page.set_viewport_size(size)

    async def _photograph(self, seen: tuple[str, str, str], how: str) -> None:
        """Keep a picture of the page when PICTURES names a folder for them."""
        if folder := os.environ.get("PICTURES"):
            name = re.sub(r"\W+", "-", " ".join(seen))[:80].strip("-")
            await self.page.screenshot(path=Path(folder) / f"{name}-{how}.png", full_page=True)

    async def _what_keeps_out(self) -> list[str]:
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(axe())
        found: list[dict[str, Any]] = await self.page.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"
        )
        return [
            f"{each['id']}: {each['help']}: {node['html']} ({node['failureSummary']})"
            for each in found
            for node in each["nodes"]
        ]

    async def _what_sticks_out(self) -> list[str]:
        wide: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return [f"The page is {wide} px too wide."] if wide > 0 else []

    def _asked(self, request: Request) -> None:
        """Nothing may be loaded from elsewhere; only going there is something else."""
        if not request.is_navigation_request() and not request.url.startswith(
            (self.town.origin, "data:")
        ):
            self.complaints.append(f"loaded from elsewhere: {request.url}")


@asynccontextmanager
async def visitor(browser: Browser, town: Town, *, scripts: bool = True) -> AsyncIterator[Visitor]:
    """Let somebody who reads English come with a browser of their own, and *scripts* or none."""
    context = await browser.new_context(
        java_script_enabled=scripts,
        locale="en-GB",
        viewport={"width": WIDTHS[1], "height": HEIGHT},
    )
    context.set_default_timeout(10_000)
    page = await context.new_page()
    person = Visitor(town, page, scripts)
    page.on("request", person._asked)
    page.on("pageerror", lambda error: person.complaints.append(f"script: {error}"))
    page.on(
        "console",
        lambda said: (
            person.complaints.append(f"console: {said.text}")
            if said.type == "error" and "status of 4" not in said.text
            else None
        ),
    )
    try:
        yield person
        assert person.complaints == []
    finally:
        await context.close()
