"""What the door remembers is useful, short-lived, and bounded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from federation.errors import UnavailableError
from federation.iris import PUBLIC_WEB
from federation.network import Client
from federation.network.bounded import Bounded
from federation.network.hosts import UNREACHABLE, Circuits, Discoveries, Schemes
from tests.federation.network.conftest import DEVELOPMENT, Clock, MakeClient
from tests.support.evil import AS2, EvilServer, Names, hangs_up

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


async def test_w_key_03_an_unreachable_server_is_left_alone_for_five_minutes(
    make_client: MakeClient, clock: Clock
) -> None:
    names = Names()
    client = make_client(PUBLIC_WEB, resolver=names)

    for _ in range(3):
        with pytest.raises(UnavailableError, match=UNREACHABLE) as caught:
            await client.get("https://absent.example/", accept=AS2, limit=100)
    assert names.asked == ["absent.example"]
    assert caught.value.retry_after == 300

    clock.move(minutes=5)
    with pytest.raises(UnavailableError):
        await client.get("https://absent.example/", accept=AS2, limit=100)
    assert names.asked == ["absent.example"] * 2


async def test_w_key_03_servers_of_one_machine_are_left_alone_for_a_moment(
    make_client: MakeClient, evil: EvilServer, clock: Clock
) -> None:
    names = Names(turns={"evil.example": [["10.0.0.1"], ["127.0.0.1"]]})
    client = make_client(DEVELOPMENT, resolver=names)
    evil.says("/", {})
    with pytest.raises(UnavailableError):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    clock.move(seconds=2)

    await client.get(evil.url("evil.example"), accept=AS2, limit=100)


async def test_w_key_03_a_server_that_takes_a_post_is_asked_again_at_once(
    make_client: MakeClient, evil: EvilServer
) -> None:
    names = Names(turns={"evil.example": [["10.0.0.1"], ["127.0.0.1"]]})
    client = make_client(DEVELOPMENT, resolver=names)
    evil.says("/", {})
    with pytest.raises(UnavailableError):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    await client.post(evil.url("evil.example"), b"{}", {})

    await client.get(evil.url("evil.example"), accept=AS2, limit=100)


async def test_w_key_03_a_server_that_answers_badly_was_reached(
    client: Client, evil: EvilServer
) -> None:
    evil.plays("/", hangs_up)
    evil.says("/there", {})
    with pytest.raises(UnavailableError):
        await client.get(evil.url("evil.example"), accept=AS2, limit=100)

    await client.get(evil.url("evil.example", "/there"), accept=AS2, limit=100)


async def test_sec_dos_03_a_farm_of_names_is_visited_slowly(
    client: Client, evil: EvilServer, clock: Clock
) -> None:
    evil.says("/", {})
    for n in range(10):
        await client.get(evil.url(f"n{n}.farm.example"), accept=AS2, limit=100)

    with pytest.raises(UnavailableError, match=UNREACHABLE) as caught:
        await client.get(evil.url("n10.farm.example"), accept=AS2, limit=100)

    assert caught.value.retry_after == 300
    assert len(evil.asked) == 10
    await client.get(evil.url("n1.farm.example"), accept=AS2, limit=100)
    await client.get(evil.url("honest.example"), accept=AS2, limit=100)
    clock.move(minutes=5)
    await client.get(evil.url("n10.farm.example"), accept=AS2, limit=100)


async def test_sec_dos_03_redirects_spend_the_same_budget(client: Client, evil: EvilServer) -> None:
    for n in range(20):
        evil.redirects(f"/{n}", evil.url(f"n{n + 1}.farm.example", f"/{n + 1}"))

    for n in (0, 4, 8):
        with pytest.raises(Exception, match=r"too often|cannot be reached"):
            await client.get(evil.url(f"n{n}.farm.example", f"/{n}"), accept=AS2, limit=100)

    assert len({asked.host for asked in evil.asked}) == 10


def test_sec_dos_08_a_million_hosts_leave_a_bounded_memory() -> None:
    schemes = Schemes()
    circuits = Circuits(timedelta(minutes=5))
    discoveries = Discoveries()

    for n in range(50_000):
        host = f"h{n}.example"
        schemes.remember(host, "cavage", NOON)
        circuits.failed(host, NOON)
        discoveries.admit(f"h{n}.d{n}.example", NOON)

    assert schemes.known("h0.example", NOON) is None
    assert schemes.known("h49999.example", NOON) == "cavage"
    circuits.check("h0.example", NOON)
    with pytest.raises(UnavailableError):
        circuits.check("h49999.example", NOON)


def test_sec_dos_08_the_least_used_leave_first_and_the_old_leave_too() -> None:
    bounded: Bounded[str, int] = Bounded(2, timedelta(seconds=10))
    bounded.put("a", 1, NOON)
    bounded.put("b", 2, NOON)
    assert bounded.get("a", NOON) == 1

    bounded.put("c", 3, NOON)

    assert len(bounded) == 2
    assert bounded.get("b", NOON) is None
    assert bounded.get("a", NOON + timedelta(seconds=9)) == 1
    assert bounded.get("a", NOON + timedelta(seconds=10)) is None
    bounded.drop("c")
    bounded.drop("never there")
    assert len(bounded) == 0
