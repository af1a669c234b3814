"""A browser without JavaScript: it keeps cookies, reads forms, and sends them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser

import httpx
import msgspec

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.citizens import passwords
from fedcommune.domain.citizens import queries as citizen_queries
from fedcommune.domain.citizens.model import Browser as From
from fedcommune.mail.letters import Letter
from tests.support.communes import Town

PASSWORD = "lagon calme sous filaos"


class _Forms(HTMLParser):
    """Collects each form's action and the fields it would send untouched.

    The forms of the header, which every page has, stand in ``above``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.above: list[tuple[str, dict[str, str]]] = []
        self.forms = self.above

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.forms = []
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        elif tag in ("input", "textarea") and self.forms and "name" in given:
            if given.get("type") in ("checkbox", "radio") and "checked" not in given:
                return
            self.forms[-1][1][given["name"]] = given.get("value", "")


def forms_of(page: httpx.Response, *, header: bool = False) -> dict[str, dict[str, str]]:
    """Return the fields of each form of *page*, or of its *header*, by the form's action."""
    parser = _Forms()
    parser.feed(page.text)
    forms = parser.above if header else parser.forms
    return {action or page.url.path: found for action, found in forms}


class Browser:
    """One browser at *town*; ``client`` for what has no short word here."""

    def __init__(self, town: Town, client: httpx.AsyncClient) -> None:
        self.town = town
        self.client = client
        self.shown: httpx.Response | None = None

    @property
    def page(self) -> httpx.Response:
        assert self.shown is not None, "nothing was opened yet"
        return self.shown

    async def open(self, path: str) -> httpx.Response:
        """Show the page at *path*, an address of the town or a whole one."""
        self.shown = await self.client.get(path)
        return self.shown

    async def send(self, action: str = "", /, **fields: str) -> httpx.Response:
        """Send the form with *action* of the page that is shown (its only one by default)."""
        found = forms_of(self.page)
        action = action or next(iter(found))
        found = {**forms_of(self.page, header=True), **found}
        assert action in found, f"{action} is not among the forms {sorted(found)}"
        self.shown = await self.client.post(action, data={**found[action], **fields})
        return self.shown

    async def sign_in(self, account: Account) -> None:
        """Begin a session of *account*, as the pages would; no form is filled in."""
        token = await session_of(self.town, account)
        self.client.cookies.set("session", token, domain=self.town.commune.instance.host)


class Loopback(httpx.AsyncHTTPTransport):
    """Finds every name on this machine, as ``*.localhost`` should be but is not everywhere."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        there = httpx.Request(
            request.method,
            request.url.copy_with(host="127.0.0.1"),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await super().handle_async_request(there)


@asynccontextmanager
async def browser(town: Town, **headers: str) -> AsyncIterator[Browser]:
    """Open a browser at *town* that reads English and follows redirects."""
    async with httpx.AsyncClient(
        base_url=town.origin,
        transport=Loopback(),
        follow_redirects=True,
        timeout=30,
        headers={"Accept": "text/html", "Accept-Language": "en", **headers},
    ) as client:
        yield Browser(town, client)


async def session_of(town: Town, account: Account) -> str:
    """Begin a session of the citizen behind *account*; return what the cookie holds."""
    async with town.commune.database.transaction() as tx:
        citizen = await citizen_queries.by_account(tx.db, account.id)
        assert citizen is not None, f"{account.username} is no citizen"
        return await citizens.begin_session(tx, citizen, From("tests", "127.0.0.1"))


async def with_password(town: Town, account: Account, password: str = PASSWORD) -> str:
    """Give the citizen behind *account* a password; return it."""
    kept = await passwords.hash(password)
    async with town.commune.database.transaction() as tx:
        await citizen_queries.set_password(tx.db, account.id, kept)
    return password


async def letters(town: Town) -> list[Letter]:
    """Return the letters on their way from *town*, oldest first, as they will arrive."""
    commune = town.commune
    rows = await commune.database.pool.fetch("select id, body from commune.letter order by id")
    return [
        msgspec.json.decode(commune.keyring.open(row["body"], f"letter {row['id']}"), type=Letter)
        for row in rows
    ]


async def letter(town: Town, kind: str) -> Letter:
    """Return the latest letter of that kind; there must be one."""
    found = [each for each in await letters(town) if each.kind == kind]
    assert found, f"no letter {kind}, but {[each.kind for each in await letters(town)]}"
    return found[-1]
