"""Every answer, whatever was asked for: the safe headers, no secret, only our own name."""

from __future__ import annotations

import pytest

from tests.fediverse.asking import AS2, PAGE, ask, raw
from tests.fediverse.conftest import Neighbours
from tests.fediverse.sights import every_page

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(self)",
}


POLICIES = {
    "text/html": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'; style-src 'self'; script-src 'self'; font-src 'self'; "
    "connect-src 'self'; "
    "img-src 'self' data:; media-src 'self'",
    "": "default-src 'none'; frame-ancestors 'none'",
}


async def test_sec_xss_04_every_answer_carries_the_safe_headers(neighbours: Neighbours) -> None:
    here = neighbours.here
    addresses = [
        *await every_page(here),
        "/nothing",
        "/ap/posts/1",
        "/ap/answers/x",
        "/ap/links/1",
        "/inbox",
        "/.well-known/webfinger",
        "/.well-known/host-meta",
        "/.well-known/nodeinfo",
        "/nodeinfo/2.1",
        "/ns/v1",
        "/static/commune.css",
        "/static/icon.svg",
        "/static/nothing",
        "/static/../config.toml",
        "/@marie/outbox",
        "/%00",
        "/authorize_interaction",
    ]
    for address in addresses:
        for accept in (PAGE, AS2, "*/*"):
            for method in ("GET", "POST"):
                answer = await ask(here, address, accept=accept, method=method)
                assert answer.status_code < 500, address
                for name, value in HEADERS.items():
                    assert answer.headers[name] == value, (address, name)
                kind = answer.headers.get("content-type", "").partition(";")[0]
                policy = POLICIES["text/html" if kind == "text/html" else ""]
                assert answer.headers["content-security-policy"] == policy, address
                assert "unsafe" not in policy
                assert "server" not in answer.headers
                # In development there is no TLS to insist on.
                assert "strict-transport-security" not in answer.headers


async def test_sec_ops_02_a_bug_tells_nothing_and_is_as_safe(
    neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = neighbours.here
    pool = here.commune.database.pool
    await pool.execute("alter table commune.post rename to elsewhere")
    for accept in (PAGE, AS2):
        answer = await ask(here, "/", accept=accept)
        assert answer.status_code == 500
        for word in ("Traceback", "asyncpg", "commune.post", ".py", "relation"):
            assert word not in answer.text
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    await pool.execute("alter table commune.elsewhere rename to post")
    assert (await ask(here, "/", accept=PAGE)).status_code == 200


async def test_sec_ops_02_there_is_nothing_to_debug_with(neighbours: Neighbours) -> None:
    for address in ("/docs", "/%61dmin", "/admin", "/metrics", "/.git/config", "/static/"):
        assert (await ask(neighbours.here, address, accept=PAGE)).status_code == 404


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("{domain}", 200),
        ("SAINT-LEU.localhost:{port}", 200),
        ("evil.example", 421),
        ("{name}", 421),
        ("{name}:80", 421),
        ("{name}.:{port}", 421),
        ("{domain}.", 421),
        ("{domain}/", 421),
        ("{domain}?x", 421),
        ("{domain}#x", 421),
        ("evil.example@{domain}", 421),
        ("{domain}@evil.example", 421),
        ("{domain}, evil.example", 421),
        ("", 421),
        ("127.0.0.1:{port}", 421),
    ],
)
async def test_sec_sig_03_only_our_own_name_is_answered(
    neighbours: Neighbours, host: str, expected: int
) -> None:
    here = neighbours.here
    name, _, port = here.domain.partition(":")
    spelt = host.format(domain=here.domain, name=name, port=port)
    for target in ("/", "/actor", "/static/commune.css"):
        status, answer = await raw(
            here,
            f"GET {target} HTTP/1.1\r\nHost: {spelt}\r\nAccept: {AS2}\r\n"
            "Connection: close\r\n\r\n".encode(),
        )
        assert status == expected
        assert b"nosniff" in answer
    status, _ = await raw(
        here,
        f"POST /inbox HTTP/1.1\r\nHost: {spelt}\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n".encode(),
    )
    assert status == (421 if expected == 421 else 415) or status in (400, 401)


async def test_sec_sig_03_two_hosts_are_none(neighbours: Neighbours) -> None:
    here = neighbours.here
    for hosts in (f"Host: {here.domain}\r\nHost: evil.example\r\n", ""):
        status, _ = await raw(here, f"GET / HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n".encode())
        assert status in (400, 421)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
async def test_in_development_a_newcomer_is_led_to_the_right_name(
    neighbours: Neighbours, name: str
) -> None:
    here = neighbours.here
    port = here.domain.partition(":")[2]
    for host in (name, f"{name}:{port}"):
        answer = await ask(here, "/@marie?x=1", accept=PAGE, headers={"Host": host})
        assert answer.status_code == 307
        assert answer.headers["location"] == f"{here.origin}/@marie?x=1"
        path = await ask(here, "//evil.example/", accept=PAGE, headers={"Host": host})
        assert path.headers["location"].startswith(f"{here.origin}/")
        for method, accept in (("POST", PAGE), ("GET", AS2)):
            refused = await ask(here, "/", accept=accept, method=method, headers={"Host": host})
            assert refused.status_code == 421
    refused = await ask(here, "/", accept=PAGE, headers={"Host": "localhost.evil.example"})
    assert refused.status_code == 421
