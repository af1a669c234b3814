"""Ask a running commune as a stranger would: with or without a signature, in any spelling."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policy
from federation import signatures
from federation.signatures import Scheme
from tests.support.communes import Town

AS2 = "application/activity+json"
PAGE = "text/html"

Signer = tuple[Town, Account]


async def ask(
    town: Town,
    address: str,
    *,
    accept: str | None = AS2,
    method: str = "GET",
    signer: Signer | None = None,
    scheme: Scheme = "cavage",
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Ask *town* for *address* (an id or a path); redirects are not followed.

    With a *signer* the request is signed by that account, with the key its town keeps.
    """
    target = address.removeprefix(town.origin)
    sent = {"Host": town.domain, **({"Accept": accept} if accept is not None else {})}
    if signer is not None:
        home, account = signer
        clock = home.commune.database.clock
        sent |= signatures.sign(
            method=method,
            url=town.origin + target,
            body=None,
            signer=await home.commune.signers.signer(account.actor_id),
            scheme=scheme,
            now=clock(),
        )
    sent |= headers or {}
    port = urlsplit(town.origin).port
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:
        if accept is None:
            del client.headers["accept"]
        return await client.request(method, f"http://127.0.0.1:{port}{target}", headers=sent)


async def raw(town: Town, request: bytes) -> tuple[int, bytes]:
    """Send exactly these bytes to *town*; return the status and the whole answer."""
    port = urlsplit(town.origin).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        answer = await reader.read()
    finally:
        writer.close()
    return int(answer.split(b" ", 2)[1]), answer


async def document(town: Town, address: str, *, signer: Signer | None = None) -> dict[str, Any]:
    """Return the document at *address*; it must be there and be an ActivityStreams one."""
    answer = await ask(town, address, signer=signer)
    assert answer.status_code == 200, (address, answer.status_code, answer.text)
    assert answer.headers["content-type"] == f"{AS2}; charset=utf-8"
    found = answer.json()
    assert isinstance(found, dict)
    return found


async def pages(
    town: Town, address: str, *, signer: Signer | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Walk through a collection, from its first page to the last; every id is its address."""
    collection = await document(town, address, signer=signer)
    assert collection["id"] == address
    following = collection.get("first")
    while following is not None:
        assert "?" not in following
        page = await document(town, following, signer=signer)
        assert page["id"] == following
        assert page["partOf"] == address
        yield page
        following = page.get("next")


async def walk(town: Town, address: str, *, signer: Signer | None = None) -> list[Any]:
    """Return all items of a collection in their order."""
    found: list[Any] = []
    async for page in pages(town, address, signer=signer):
        found += page["orderedItems"] if "orderedItems" in page else page["items"]
    return found


async def set_policy(town: Town, host: str, policy: Policy) -> None:
    """Let *town* block or open *host*, as its command line does."""
    async with town.commune.database.transaction() as tx:
        await hosts.set_policy(tx.db, host, policy, reason="a test", now=tx.now)
    await town.commune.reload_policies()


class Page(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, its words."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.title = ""
        self._inside: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._inside == "title":
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of this name."""
        return [attributes for name, attributes in self.elements if name == tag]


async def page(town: Town, address: str, *, language: str = "fr") -> Page:
    """Return the page at *address*; it must be there."""
    answer = await ask(town, address, accept=PAGE, headers={"Accept-Language": language})
    assert answer.status_code == 200, (address, answer.status_code)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)
