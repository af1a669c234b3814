"""The address that was checked is the address that is dialled, and nothing else ever is."""

from __future__ import annotations

import socket

import aiohttp
import pytest

from federation.errors import RefusedError, UnavailableError
from federation.iris import PUBLIC_WEB, Reach
from federation.network.connector import GuardedConnector, GuardedResolver, tls_context
from federation.network.hosts import UNREACHABLE
from federation.network.resolver import SystemResolver
from tests.federation.network.conftest import DEVELOPMENT, Clock, MakeClient
from tests.support.evil import AS2, EvilServer, Names

ANY_PORT = Reach(high_ports=True)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::ffff:127.0.0.1"],
        ["169.254.169.254"],
        ["1.1.1.1", "127.0.0.1"],
        ["127.0.0.1", "1.1.1.1"],
        ["2606:4700:4700::1111", "::1"],
    ],
)
async def test_sec_net_04_a_name_with_one_address_inside_is_not_dialled_at_all(
    evil: EvilServer, make_client: MakeClient, addresses: list[str]
) -> None:
    names = Names({"evil.example": addresses})
    client = make_client(ANY_PORT, resolver=names)

    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.get(f"https://evil.example:{evil.port}/", accept=AS2, limit=100)
    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.post(f"https://evil.example:{evil.port}/", b"{}", {})

    assert names.asked
    assert evil.connections == 0


@pytest.mark.parametrize("addresses", [["1.1.1.1", "127.0.0.1"], ["::1", "1.1.1.1"], []])
async def test_sec_net_04_the_resolver_gives_all_addresses_or_none(
    addresses: list[str], clock: Clock
) -> None:
    names = Names(turns={"evil.example": [addresses, ["1.1.1.1"]]})
    guarded = GuardedResolver(names, PUBLIC_WEB, clock)

    with pytest.raises(OSError, match="nowhere"):
        await guarded.resolve("evil.example", 443)

    # What was refused is not remembered either.
    assert [found["host"] for found in await guarded.resolve("evil.example", 443)] == ["1.1.1.1"]


async def test_sec_net_04_a_name_that_moves_inside_is_not_followed(
    evil: EvilServer, make_client: MakeClient, clock: Clock
) -> None:
    evil.says("/", {}, headers=[("Connection", "close")])
    names = Names(turns={"evil.example": [["127.0.0.1"], ["10.0.0.1"]]})
    client = make_client(DEVELOPMENT, resolver=names)
    url = evil.url("evil.example")
    await client.get(url, accept=AS2, limit=100)
    clock.move(minutes=2)

    with pytest.raises(UnavailableError, match=UNREACHABLE):
        await client.get(url, accept=AS2, limit=100)

    assert names.asked == ["evil.example", "evil.example"]
    assert len(evil.asked) == 1


async def test_sec_net_04_one_answer_of_the_resolver_serves_check_and_dial(
    evil: EvilServer, make_client: MakeClient
) -> None:
    # Whoever asked twice would check the first answer and dial the second.
    evil.says("/", {})
    names = Names(turns={"evil.example": [["127.0.0.1"], ["10.0.0.1"]]})
    client = make_client(DEVELOPMENT, resolver=names)

    await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    assert names.asked == ["evil.example"]


async def test_sec_net_04_a_literal_address_is_checked_although_nobody_resolves_it(
    evil: EvilServer, clock: Clock
) -> None:
    names = Names()
    connector = GuardedConnector(
        GuardedResolver(names, PUBLIC_WEB, clock), PUBLIC_WEB, connections=5, per_host=5
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        for host in ("127.0.0.1", "[::1]"):
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(f"http://{host}:{evil.port}/")

    assert names.asked == []
    assert evil.connections == 0


async def test_sec_net_04_the_peer_is_looked_at_before_anything_is_said(
    evil: EvilServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the two checks before had been deceived.
    monkeypatch.setattr(
        GuardedConnector, "_socket", lambda _, info: socket.socket(info[0], info[1], info[2])
    )
    connector = GuardedConnector(
        GuardedResolver(Names(), PUBLIC_WEB, clock), PUBLIC_WEB, connections=5, per_host=5
    )
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"http://127.0.0.1:{evil.port}/")

    assert evil.asked == []


async def test_sec_net_02_development_resolves_localhost_by_itself(
    evil: EvilServer, make_client: MakeClient
) -> None:
    evil.says("/", {})
    names = Names({"*": ["10.0.0.1"]})
    client = make_client(DEVELOPMENT, resolver=names)

    for host in ("localhost", "saint-leu.localhost", "127.0.0.1"):
        await client.get(evil.url(host), accept=AS2, limit=100)

    assert names.asked == []
    assert len(evil.asked) == 3


async def test_sec_net_02_localhost_is_refused_on_the_public_web(
    evil: EvilServer, make_client: MakeClient
) -> None:
    client = make_client(ANY_PORT)

    for host in ("localhost", "saint-leu.localhost", "127.0.0.1", "[::1]"):
        with pytest.raises(RefusedError):
            await client.get(f"https://{host}:{evil.port}/", accept=AS2, limit=100)
        with pytest.raises(RefusedError):
            await client.post(f"https://{host}:{evil.port}/", b"{}", {})

    assert evil.connections == 0


async def test_sec_net_10_closed_filtered_private_and_absent_look_the_same(
    evil: EvilServer, make_client: MakeClient
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    names = Names({"private.example": ["192.168.1.1"], "closed.example": ["127.0.0.1"]})
    client = make_client(DEVELOPMENT, resolver=names)
    said = []
    for host in ("private.example", "closed.example", "absent.example"):
        with pytest.raises(UnavailableError) as caught:
            await client.get(f"http://{host}:{port}/", accept=AS2, limit=100)
        said.append((str(caught.value), caught.value.status_code, caught.value.retry_after))

    assert said == [(UNREACHABLE, 503, None)] * 3


async def test_sec_net_04_many_connections_to_one_name_are_one_question(clock: Clock) -> None:
    names = Names({"a.example": ["1.1.1.1", "2606:4700:4700::1111"]})
    guarded = GuardedResolver(names, PUBLIC_WEB, clock)

    first = await guarded.resolve("a.example", 443)
    again = await guarded.resolve("a.example", 443)

    assert [found["host"] for found in first] == ["1.1.1.1", "2606:4700:4700::1111"]
    assert again == first
    assert names.asked == ["a.example"]
    clock.move(minutes=1)
    await guarded.resolve("a.example", 443)
    assert names.asked == ["a.example", "a.example"]


async def test_sec_net_04_the_machine_is_asked_in_threads_of_its_own() -> None:
    resolver = SystemResolver()

    assert await resolver.resolve("127.0.0.1", 443) == ["127.0.0.1"]

    resolver.close()


def test_sec_net_07_tls_is_1_2_at_least_and_verified() -> None:
    context = tls_context()

    assert context.minimum_version == context.minimum_version.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode == context.verify_mode.CERT_REQUIRED
