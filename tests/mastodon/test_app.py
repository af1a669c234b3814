"""The road of a request: addresses, CORS, limits, errors, parameters, pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from fedcommune.domain.posts.model import MAX_PAGE
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from fedcommune.mastodon.app import Api, routes
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.errors import Gone
from fedcommune.mastodon.limits import PER_ADDRESS, REGISTRATION
from fedcommune.mastodon.pagination import linked, page
from federation.errors import RefusedError, UnavailableError
from tests.mastodon.conftest import App, Neighbours

Asks = Callable[..., Awaitable[httpx.Response]]


def client_of(neighbours: Neighbours, app: Starlette, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=("192.0.2.1", 5000))
    return httpx.AsyncClient(transport=transport, base_url=neighbours.here.origin, headers=headers)


async def served(neighbours: Neighbours, handler: Callable[[Call], Awaitable[Answer]]) -> Any:
    """Return a client of an API that has one endpoint."""
    commune = neighbours.here.commune
    endpoints = [
        Endpoint(method, "/api/v1/{name}/thing", handler, access="anyone")
        for method in ("GET", "POST")
    ]
    app = Starlette(routes=[Mount("/api", Api(commune, endpoints))])
    app.state.commune = commune
    return client_of(neighbours, app)


@pytest.fixture
async def limited(neighbours: Neighbours) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API with its limits in force, one address, as all counts begin anew."""
    commune = neighbours.here.commune
    longest = 1_800
    neighbours.clock.pass_by(seconds=longest - commune.database.clock().timestamp() % longest)
    development = msgspec.structs.replace(commune.config.development, no_rate_limits=False)
    config = msgspec.structs.replace(commune.config, development=development)
    strict = replace(commune, config=config)
    app = Starlette(routes=routes(strict))
    app.state.commune = strict
    async with client_of(neighbours, app) as client:
        yield client


async def test_sec_dos_11_an_address_that_asks_too_often_waits(
    neighbours: Neighbours, limited: httpx.AsyncClient
) -> None:
    path = "/.well-known/oauth-authorization-server"
    answers = [await limited.get(path) for _ in range(PER_ADDRESS.calls + 1)]

    first, *_, last, refused = answers
    assert (first.status_code, last.status_code, refused.status_code) == (200, 200, 429)
    assert first.headers["x-ratelimit-limit"] == "300"
    assert first.headers["x-ratelimit-remaining"] == "299"
    assert last.headers["x-ratelimit-remaining"] == "0"
    assert refused.json() == {"error": "Too many requests"}
    assert refused.headers["x-ratelimit-reset"].endswith(":00.000Z")
    assert 0 < int(refused.headers["retry-after"]) <= 300
    assert refused.headers["access-control-allow-origin"] == "*"

    neighbours.clock.pass_by(minutes=5)
    assert (await limited.get(path)).status_code == 200


async def test_sec_dos_11_a_token_has_a_count_of_its_own(
    marie: App, limited: httpx.AsyncClient
) -> None:
    headers = {"Authorization": f"Bearer {marie.token}"}
    for _ in range(PER_ADDRESS.calls):
        assert (await limited.get("/oauth/userinfo")).status_code == 401

    anonymous = await limited.get("/oauth/userinfo")
    signed_in = await limited.get("/oauth/userinfo", headers=headers)

    assert anonymous.status_code == 429
    assert signed_in.status_code == 200
    assert signed_in.headers["x-ratelimit-remaining"] == "299"


async def test_sec_dos_11_registrations_are_counted_on_the_endpoint_not_on_the_path(
    neighbours: Neighbours, limited: httpx.AsyncClient
) -> None:
    """CVE-2022-2166, CVE-2025-54879: no spelling of the address escapes the count."""
    body = {"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
    for _ in range(REGISTRATION.calls):
        assert (await limited.post("/api/v1/apps", json=body)).status_code == 200

    spellings = [
        *("/api/v1/apps", "/api/v1/%61pps", "/api/v1/apps?x=1", "/api/v1/apps.json"),
        *("/api/v1/apps/", "/api//v1/apps", "/API/v1/apps", "//api/v1/apps", "/api/v1/apps;x"),
    ]
    statuses = {
        spelling: (await limited.post(spelling, json=body)).status_code for spelling in spellings
    }

    assert set(statuses.values()) <= {404, 429}
    assert statuses["/api/v1/apps"] == statuses["/api/v1/%61pps"] == 429
    assert await neighbours.here.count("commune.application") == REGISTRATION.calls


async def test_sec_vis_12_any_page_may_read_the_api_and_no_cookie_comes_along(
    anyone: httpx.AsyncClient,
) -> None:
    origin = {"Origin": "https://elk.example"}
    paths = ["/api/v1/instance", "/api/v1/nothing", "/oauth/userinfo", "/oauth/token"]
    for path in paths:
        answer = await anyone.get(path, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        exposed = answer.headers["access-control-expose-headers"]
        for name in ("Link", "X-RateLimit-Reset", "X-Request-Id", "Mastodon-Async-Refresh"):
            assert name in exposed
        assert len(answer.headers["x-request-id"]) == 32


async def test_a_preflight_says_what_may_be_sent(anyone: httpx.AsyncClient) -> None:
    headers = {"Origin": "https://elk.example", "Access-Control-Request-Method": "POST"}

    answer = await anyone.options("/api/v1/apps", headers=headers)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    for name in ("Authorization", "Content-Type", "Idempotency-Key"):
        assert name in answer.headers["access-control-allow-headers"]


async def test_what_is_not_there_is_not_found(anyone: httpx.AsyncClient) -> None:
    for path in ("/api/v1/nothing", "/api/v9/instance", "/api/v1", "/api/v1//instance"):
        answer = await anyone.get(path)
        assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})


async def test_another_method_is_not_allowed(anyone: httpx.AsyncClient) -> None:
    answer = await anyone.delete("/api/v1/instance")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (NotFound(), 404, "Record not found"),
        (NotAllowed(), 403, "You are not allowed to do this."),
        (Invalid("name", "Too long."), 422, "Validation failed: Too long."),
        (Conflict("Look again."), 409, "Look again."),
        (Gone(), 410, "Gone"),
        (UnavailableError("down", 503), 503, "Remote data could not be fetched"),
        (RefusedError("no", 400), 422, "no"),
        (RuntimeError("secret"), 500, "Something went wrong on our side"),
    ],
)
async def test_errors_have_mastodons_shape(
    neighbours: Neighbours, error: Exception, status: int, message: str
) -> None:
    async def fails(call: Call) -> Answer:
        raise error

    async with await served(neighbours, fails) as http:
        answer = await http.get("/api/v1/some/thing")

    assert (answer.status_code, answer.json()["error"]) == (status, message)
    assert "secret" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_wrong_field_is_named(neighbours: Neighbours) -> None:
    async def fails(call: Call) -> Answer:
        raise Invalid("name", "Too long.")

    async with await served(neighbours, fails) as http:
        said = (await http.get("/api/v1/some/thing")).json()

    assert said["details"] == {"name": [{"error": "ERR_INVALID", "description": "Too long."}]}


async def test_sec_dos_01_a_body_that_is_too_large_is_refused(neighbours: Neighbours) -> None:
    async def echo(call: Call) -> Answer:
        return {"length": len(call.params.text("text"))}

    async def endless() -> AsyncIterator[bytes]:
        yield b'{"text": "'
        for _ in range(20):
            yield b"x" * 100_000

    async with await served(neighbours, echo) as http:
        small = await http.post("/api/v1/some/thing", json={"text": "x" * 1000})
        large = await http.post("/api/v1/some/thing", json={"text": "x" * 2_000_000})
        chunked = await http.post(
            "/api/v1/some/thing",
            content=endless(),
            headers={"Content-Type": "application/json"},
        )

    assert small.json() == {"length": 1000}
    assert (large.status_code, chunked.status_code) == (413, 413)


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"\xff", b'{"a": NaN}'])
async def test_json_that_cannot_be_read_is_refused(neighbours: Neighbours, body: bytes) -> None:
    async def echo(call: Call) -> Answer:
        return {}

    async with await served(neighbours, echo) as http:
        answer = await http.post(
            "/api/v1/some/thing", content=body, headers={"Content-Type": "application/json"}
        )

    assert answer.status_code == 400
    assert "error" in answer.json()


async def test_pages_lead_to_one_another(neighbours: Neighbours) -> None:
    async def listed(call: Call) -> Answer:
        asked = page(call, 20, 80)
        return linked(call, [asked.max_id, asked.since_id, asked.min_id, asked.limit], [9, 7, 5])

    async with await served(neighbours, listed) as http:
        answer = await http.get(
            "/api/v1/a%C3%A9/thing?max_id=10&limit=500&only=x&access_token=secret"
        )
        plain = await http.get("/api/v1/a/thing?since_id=3&limit=0")
        wrong = await http.get("/api/v1/a/thing?max_id=abc")

    there = f"{neighbours.here.origin}/api/v1/a%C3%A9/thing?limit=500&only=x"
    assert answer.json() == [10, None, None, MAX_PAGE]
    assert answer.headers["link"] == (
        f'<{there}&max_id=5>; rel="next", <{there}&min_id=9>; rel="prev"'
    )
    assert plain.json() == [None, 3, None, 1]
    assert wrong.status_code == 422


async def test_an_id_that_is_none_is_not_found(neighbours: Neighbours) -> None:
    async def numbered(call: Call) -> Answer:
        return {"id": call.number("name")}

    async with await served(neighbours, numbered) as http:
        known = await http.get("/api/v1/12/thing")
        others = [
            (await http.get(f"/api/v1/{text}/thing")).status_code
            for text in ("x", "-1", "1.0", "%D9%A1", "99999999999999999999", "9223372036854775808")
        ]

    assert known.json() == {"id": 12}
    assert set(others) == {404}
