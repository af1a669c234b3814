"""A person at a real browser, on whose every page it is looked whether all can use it."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    CDPSession,
    FilePayload,
    Locator,
    Page,
    Request,
    expect,
)

from fedcommune.domain.accounts.model import Account
from tests.browser import usable
from tests.support import browsers
from tests.support.communes import Town

# What is shown is looked at once a run: the address, its heading and what went wrong make a page,
# and who runs no scripts sees another one where there are some.
_looked_at: set[tuple[str, str, str, str]] = set()


@dataclass
class Visitor:
    """One person; *town* is where they look, *page* what they see."""

    town: Town
    page: Page
    switch: CDPSession
    scripts: bool = True
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Type an address of the town, or a whole one."""
        await self.page.goto(path if "://" in path else f"{self.town.origin}{path}")
        await self.look()

    async def be(self, account: Account | None) -> None:
        """Be somebody who is signed in, or nobody any more; no form is filled in."""
        await self.page.context.clear_cookies()
        if account is not None:
            token = await browsers.session_of(self.town, account)
            await self.page.context.add_cookies(
                [{"name": "session", "value": token, "url": self.town.origin}]
            )

    async def fill(self, **fields: str) -> None:
        """Type into the fields with these names."""
        for name, text in fields.items():
            await self.page.locator(f"main [name={name}]:visible").fill(text)

    async def choose(self, **fields: str) -> None:
        """Choose what has these values in lists with these names."""
        for name, value in fields.items():
            await self.page.locator(f"main select[name={name}]").select_option(value)

    async def send_file(self, name: str, content: bytes) -> None:
        """Put a picture into the field with that *name*."""
        picture: FilePayload = {"name": "lagon.png", "mimeType": "image/png", "buffer": content}
        await self.page.locator(f"main [name={name}]").set_input_files(picture)

    async def tick(self, words: str) -> None:
        await self.page.get_by_label(words).check()

    async def unfold(self, words: str) -> None:
        """Open what is folded under these words."""
        await self.page.locator("summary", has_text=words).click()

    async def press(self, words: str, within: str = "body") -> None:
        """Press the button that says so, and look at the page that comes."""
        async with self.page.expect_navigation():
            await self.page.locator(within).get_by_role("button", name=words).click()
        await self.look()

    async def insist(self, words: str) -> None:
        """Press the button though the browser itself sees what is wrong: we must see it, too."""
        await self._let_scripts_run(True)
        await self.page.eval_on_selector_all(
            "form", "forms => forms.forEach(each => { each.noValidate = true; })"
        )
        await self._let_scripts_run(self.scripts)
        await self.press(words)

    async def is_told(self, field: str, words: str) -> None:
        """Wait until what to correct stands at the head, beside *field*, and in sight of it."""
        await expect(self.page.get_by_role("alert")).to_contain_text(words)
        beside = self.main.locator(f"#wrong-{field}")
        await expect(beside).to_contain_text(words)
        await expect(beside).to_be_in_viewport()
        await expect(self.main.locator(f"[name={field}]")).to_be_focused()

    async def follow(self, words: str) -> None:
        """Follow the link that says so, and look at the page that comes."""
        async with self.page.expect_navigation():
            await self.page.locator("main").get_by_role("link", name=words).click()
        await self.look()

    async def sees(self, *words: str) -> None:
        """Wait until all *words* stand on the page."""
        for each in words:
            await expect(self.page.locator("main")).to_contain_text(each)

    async def misses(self, *words: str) -> None:
        """Wait until none of *words* stands on the page."""
        for each in words:
            await expect(self.page.locator("main")).not_to_contain_text(each)

    async def is_at(self, path: str) -> None:
        await expect(self.page).to_have_url(re.compile(re.escape(path) + r"(\?.*)?$"))

    async def is_at_like(self, pattern: str) -> None:
        """Wait until the address ends with something like *pattern*, a regular expression."""
        await expect(self.page).to_have_url(re.compile(pattern + "$"))

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    async def look(self) -> None:
        """Look, once a run, whether everybody can use the page that is shown."""
        if not self.page.url.startswith(self.town.origin):
            return
        # Only what every page of the commune has; a document or a picture is no page.
        heading = await self.page.locator("h1").first.inner_text()
        alert = " ".join(await self.page.locator("[role=alert]:visible").all_inner_texts())
        path = re.sub(r"\d+", "0", urlsplit(self.page.url).path)
        scripted = await self.page.locator("script[src]").count() > 0
        seen = (path, heading, alert, "" if self.scripts or not scripted else "without scripts")
        if seen in _looked_at:
            return
        _looked_at.add(seen)
        wrong = await self.wrongs()
        assert not wrong, f"{seen}:\n" + "\n".join(wrong)
        await self.photograph(" ".join(seen))

    async def wrongs(self) -> list[str]:
        """Return what keeps people out of the page that is shown."""
        await self._let_scripts_run(True)
        try:
            return await usable.wrongs(self.page)
        finally:
            await self._let_scripts_run(self.scripts)

    async def _let_scripts_run(self, running: bool) -> None:
        """Those of a page that came without stay unread: only what looks at it can run."""
        await self.switch.send("Emulation.setScriptExecutionDisabled", {"value": not running})

    async def photograph(self, name: str) -> None:
        """Keep pictures of the page, in both schemes, on a telephone and on a desk.

        That is done where the variable PICTURES names a folder for them.
        """
        if not (folder := os.environ.get("PICTURES")):
            return
        name = re.sub(r"\W+", "-", name)[:80].strip("-")
        size = self.page.viewport_size
        for scheme, width in itertools.product(usable.SCHEMES, (usable.TELEPHONE, usable.DESK)):
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await self.page.set_viewport_size({"width": width, "height": usable.HEIGHT})
            path = Path(folder) / f"{name}-{scheme}-{width}.png"
            await self.page.screenshot(path=path, full_page=True)
        if size is not None:
            await self.page.set_viewport_size(size)

    def _asked(self, request: Request) -> None:
        """Nothing may be loaded from elsewhere; only going there is something else."""
        if not request.is_navigation_request() and not request.url.startswith(
            (self.town.origin, "data:")
        ):
            self.complaints.append(f"loaded from elsewhere: {request.url}")


@asynccontextmanager
async def visitor(
    browser: Browser, town: Town, *, scripts: bool = True, language: str = "en-GB"
) -> AsyncIterator[Visitor]:
    """Let somebody come with a browser of their own, and *scripts* or none."""
    context = await browser.new_context(
        locale=language, viewport={"width": usable.DESK, "height": usable.HEIGHT}
    )
    context.set_default_timeout(10_000)
    page = await context.new_page()
    person = Visitor(town, page, await context.new_cdp_session(page), scripts)
    await person._let_scripts_run(scripts)
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
