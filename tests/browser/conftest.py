"""A real Chromium at a real commune, over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import cast

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from fedcommune.domain.accounts.model import Account
from fedcommune.mail.send import Folder, Postman
from fedcommune.settings import CommuneSection
from tests.browser.visitor import Visitor, visitor
from tests.support import browsers, communes
from tests.support.chromium import launched
from tests.support.communes import Clock, Town

SAINT_LEU = CommuneSection(insee="97413", postal_codes=("97416", "97424", "97436"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of this folder in one loop: so they share one browser, slow to start."""
    together = pytest.mark.asyncio(loop_scope="session")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(together, append=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture(loop_scope="session")
async def town(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    """Saint-Leu, running."""
    async with communes.town("saint-leu", database_url, clock, commune=SAINT_LEU) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One for all; it finds every name below .localhost here."""
    async with launched() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def person(browser: Browser, town: Town) -> AsyncIterator[Visitor]:
    """Somebody at Saint-Leu whom nobody knows yet."""
    async with visitor(browser, town) as come:
        yield come


@pytest_asyncio.fixture(loop_scope="session", params=[True, False], ids=["scripts", "no_scripts"])
async def anybody(
    browser: Browser, town: Town, request: pytest.FixtureRequest
) -> AsyncIterator[Visitor]:
    """Somebody whose browser runs scripts; and somebody whose browser does not."""
    async with visitor(browser, town, scripts=request.param) as come:
        yield come


class Letters:
    """The letters of a town, as they lie in its folder."""

    def __init__(self, town: Town, folder: Path) -> None:
        commune = town.commune
        config = msgspec.structs.replace(commune.config, base=folder)
        self._folder = config.directory / "letters"
        self._postman = Postman(
            commune.database, Folder(config), commune.config, commune.database.clock
        )

    async def link(self, kind: str) -> str:
        """Return the link of the latest letter of that kind, from the text of the letter."""
        while await self._postman.step():
            pass
        files = sorted(self._folder.glob(f"*-{kind}.eml"), key=lambda path: path.stat().st_mtime_ns)
        assert files, f"no letter {kind}, but {[path.name for path in self._folder.iterdir()]}"
        letter = message_from_bytes(files[-1].read_bytes(), policy=policy.default)
        body = letter.get_body(("plain",))
        assert body is not None, "every letter has a text"
        text = cast(str, body.get_content())
        return next(word for word in text.split() if word.startswith("http"))


@pytest.fixture
def letters(town: Town, tmp_path: Path) -> Letters:
    return Letters(town, tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def marie(town: Town) -> Account:
    """A citizen with a password."""
    account = await town.citizen("marie")
    await browsers.with_password(town, account)
    return account


async def sign_in(visitor: Visitor, password: str = browsers.PASSWORD) -> None:
    """Sign Marie in by the page for it."""
    await visitor.open("/sign-in")
    await visitor.fill(email="marie@mail.example", password=password)
    await visitor.press("Sign in")
