"""Whatever makes us ask, nothing that a stranger writes makes us look inside."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from federation import keys, nodeinfo, webfinger
from federation.errors import RefusedError, UnavailableError
from federation.iris import Reach
from federation.keys import Signer
from federation.network import Client, fetch, post
from federation.network.hosts import UNREACHABLE
from federation.webfinger import Handle
from tests.support.evil import AS2, EvilServer, Names

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "ssrf_addresses.json").read_text("utf-8")
)
SIGNER = Signer(
    actor_id="https://commune.example/actor",
    key_id="https://commune.example/actor#main-key",
    key=keys.load_private_der(keys.generate().rsa_private),
)

Ask = Callable[[Client, str], Awaitable[object]]


async def ask_document(client: Client, host: str) -> object:
    return await fetch.document(client, f"https://{host}/users/a", signer=SIGNER)


async def ask_key(client: Client, host: str) -> object:
    return await fetch.document(client, f"https://{host}/users/a#main-key", signer=SIGNER)


async def ask_handle(client: Client, host: str) -> object:
    return await webfinger.resolve(client, Handle("a", host))


async def ask_way_back(client: Client, host: str) -> object:
    actor = {"id": f"https://{host}/users/a", "type": "Person", "preferredUsername": "a"}
    return await webfinger.confirm(client, actor)


async def ask_nodeinfo(client: Client, host: str) -> object:
    return await nodeinfo.fetch(client, host)


async def ask_inbox(client: Client, host: str) -> object:
    return await post.activity(
        client,
        f"https://{host}/inbox",
        b"{}",
        signer=SIGNER,
        scheme="cavage",
        now=datetime(2026, 9, 1, tzinfo=UTC),
    )


async def ask_raw(client: Client, host: str) -> object:
    return await client.post(f"https://{host}/inbox", b"{}", {})


ASKS: list[Ask] = [
    ask_document,
    ask_key,
    ask_handle,
    ask_way_back,
    ask_nodeinfo,
    ask_inbox,
    ask_raw,
]


@pytest.fixture
async def evil() -> AsyncIterator[EvilServer]:
    async with EvilServer() as server:
        yield server


@pytest.mark.parametrize("ask", ASKS)
async def test_sec_net_01_a_bare_address_is_refused_everywhere(ask: Ask) -> None:
    names = Names({"*": ["127.0.0.1"]})
    client = Client(reach=Reach(high_ports=True), user_agent="test", resolver=names)

    for address in VECTORS["deny"]:
        with pytest.raises(RefusedError):
            await ask(client, f"[{address}]" if ":" in address else address)
    for spelling in VECTORS["refuse_host_spellings"]:
        with pytest.raises(RefusedError):
            await ask(client, spelling)

    assert names.asked == []
    await client.aclose()


@pytest.mark.parametrize("ask", ASKS)
async def test_sec_net_01_a_name_that_leads_inside_is_dialled_by_nobody(
    ask: Ask, evil: EvilServer
) -> None:
    inside = {f"n{n}.d{n}.example": [address] for n, address in enumerate(VECTORS["deny"])}
    inside["both.example"] = ["1.1.1.1", "127.0.0.1"]
    client = Client(reach=Reach(high_ports=True), user_agent="test", resolver=Names(inside))

    for host in inside:
        with pytest.raises(UnavailableError, match=UNREACHABLE):
            await ask(client, f"{host}:{evil.port}")

    assert evil.connections == 0
    await client.aclose()


@pytest.mark.parametrize("ask", ASKS[:5])
async def test_sec_net_05_a_redirect_inside_is_followed_by_nobody(
    ask: Ask, evil: EvilServer
) -> None:
    names = Names({"evil.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]})
    client = Client(reach=Reach(development=True), user_agent="test", resolver=names)
    local = f"evil.example:{evil.port}"
    for path in (
        "/users/a",
        "/.well-known/nodeinfo",
        "/.well-known/host-meta",
        f"/.well-known/webfinger?resource=acct:a@{local}",
    ):
        evil.redirects(path, "http://169.254.169.254/latest/meta-data")

    with pytest.raises((RefusedError, UnavailableError)):
        await over_http(ask, client, local)

    assert len(evil.asked) == 1
    await client.aclose()


async def over_http(ask: Ask, client: Client, host: str) -> object:
    """Ask as *ask* does, in plain http where the address itself says how."""
    if ask in (ask_document, ask_key):
        return await fetch.document(client, f"http://{host}/users/a", signer=SIGNER)
    if ask is ask_way_back:
        actor = {"id": f"http://{host}/users/a", "type": "Person", "preferredUsername": "a"}
        return await webfinger.confirm(client, actor)
    return await ask(client, host)


@pytest.mark.parametrize("text", ["\r\nX-Evil: yes", " HTTP/1.1\r\nHost: x", "\n", "\t", "\\"])
async def test_sec_net_06_a_request_cannot_be_smuggled_into_an_address(
    text: str, evil: EvilServer
) -> None:
    client = Client(
        reach=Reach(development=True), user_agent="test", resolver=Names({"*": ["127.0.0.1"]})
    )

    for url in (
        f"http://evil.example:{evil.port}/inbox{text}",
        f"http://evil.example{text}:{evil.port}/inbox",
    ):
        with pytest.raises(RefusedError):
            await client.get(url, accept=AS2, limit=100)
        with pytest.raises(RefusedError):
            await client.post(url, b"{}", {})

    assert evil.connections == 0
    await client.aclose()
