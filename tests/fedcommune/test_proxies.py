"""Who knocks: addresses behind proxies, and the names that are answered."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fedcommune.proxies import ClientAddress, OwnName, client_of, networks, rate_key

PROXIES = networks(["10.0.0.1", "10.1.0.0/16", "fd00::/8"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # nobody vouches for this header
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.1", "198.51.100.1"),  # the left is the client's word
        ("10.0.0.1", "1.2.3.4, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        ("10.0.0.1", "10.1.2.3, 10.1.2.4", "10.1.2.3"),
        ("10.0.0.1", " , 198.51.100.1 , ", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, 1.2.3.4:80", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4," * 3000 + "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "10.1.2.3," * 3000, "10.1.2.3"),
        ("10.0.0.1", "x" * 9000 + ", 198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("unknown", "198.51.100.1", "unknown"),
    ],
)
def test_sec_dos_12_the_client_is_the_right_most_that_no_proxy_vouches_away(
    peer: str, forwarded: str, expected: str
) -> None:
    assert client_of(peer, forwarded, PROXIES) == expected


def test_sec_dos_12_without_proxies_no_header_counts() -> None:
    assert client_of("127.0.0.1", "198.51.100.1", ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("unknown", "unknown"),
    ],
)
def test_sec_dos_12_requests_are_counted_by_network(address: str, key: str) -> None:
    assert rate_key(address) == key


def test_a_proxy_that_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError):
        networks(["proxy.example"])


def _request(peer: str | None, *forwarded: str) -> Request:
    return Request(
        {
            "type": "http",
            "client": None if peer is None else (peer, 1),
            "headers": [(b"x-forwarded-for", each.encode()) for each in forwarded],
        }
    )


def test_sec_dos_12_several_headers_are_one() -> None:
    address = ClientAddress(["10.0.0.1"])
    assert address(_request("10.0.0.1", "1.2.3.4", "198.51.100.1")) == "198.51.100.1"
    assert address(_request("198.51.100.9", "1.2.3.4")) == "198.51.100.9"
    assert address(_request(None)) == "unknown"


async def _get(domain: str, path: str, host: str) -> httpx.Response:
    async def echo(request: Request) -> Response:
        return PlainTextResponse(str(request.url))

    app = OwnName(Starlette(routes=[Route("/{path:path}", echo)]), domain=domain)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://proxy.example") as client:
        return await client.get(path, headers={"Host": host, "Accept": "text/html"})


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("commune.example", 200),
        ("COMMUNE.example", 200),
        ("commune.example:443", 200),
        ("commune.example:80", 421),
        ("commune.example:8000", 421),
        ("commune.example.", 421),
        ("www.commune.example", 421),
        ("localhost", 421),
        ("127.0.0.1:8000", 421),
        ("commune.example/", 421),
        ("commune.example@evil.example", 421),
    ],
)
async def test_sec_sig_03_a_public_commune_answers_to_its_name(host: str, status: int) -> None:
    answer = await _get("commune.example", "/a", host)
    assert answer.status_code == status
    if status == 200:
        # Our addresses are https, whatever the proxy speaks to us.
        assert answer.text.startswith("https://")


async def test_a_nul_in_an_address_is_refused() -> None:
    assert (await _get("commune.example", "/a%00b", "commune.example")).status_code == 400
