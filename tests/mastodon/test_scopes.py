"""Every endpoint against every scope, and every token that is none (SEC-AUT-06)."""

from __future__ import annotations

import re

import httpx
import pytest

from fedcommune.domain.grants import actions, model
from fedcommune.domain.grants.model import ALL, Registration, Scopes
from fedcommune.domain.links import queries as links
from fedcommune.domain.moderation import actions as moderation
from fedcommune.mastodon.app import ENDPOINTS, Api, Undeclared
from fedcommune.mastodon.authentication import WAITING
from fedcommune.mastodon.call import Answer, Call, Endpoint
from tests.mastodon.conftest import Neighbours

OUTSIDE = {"error": "This action is outside the authorized scopes"}
INVALID = {"error": "The access token is invalid"}
NEEDS_SOMEBODY = {"error": "This method requires an authenticated user"}


def address(endpoint: Endpoint) -> str:
    """Return an address of *endpoint*, with something in its varying parts."""
    return re.sub(r"\{[^}]*\}", "1", endpoint.path)


def named(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


TABLES = ("post", "follow", "block", "reaction", "notification", "report")
SCOPED = [endpoint for endpoint in ENDPOINTS if endpoint.scopes]
CLOSED = [endpoint for endpoint in ENDPOINTS if endpoint.access != "anyone"]


async def call(http: httpx.AsyncClient, endpoint: Endpoint, token: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with http.stream(endpoint.method, address(endpoint), headers=headers) as answer:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            # A stream that begins has no end.
            return httpx.Response(answer.status_code, headers=answer.headers)
        await answer.aread()
        return answer


async def app_token(neighbours: Neighbours, scopes: str) -> str:
    async with neighbours.here.commune.database.transaction() as tx:
        registered, _ = await actions.register(
            tx, Registration("x", (model.OUT_OF_BAND,), Scopes.parse(scopes))
        )
        _, token = await actions.for_itself(tx, registered, Scopes.parse(scopes))
        return token


async def test_sec_aut_06_each_endpoint_refuses_each_scope_but_its_own(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    """A token with every scope that does not cover the endpoint's own shows that none opens it."""
    citizen = await neighbours.here.citizen("marie")
    tokens: dict[Scopes, str] = {}
    before = [await neighbours.here.count(f"commune.{table}") for table in TABLES]
    for endpoint in SCOPED:
        others = Scopes(
            scope
            for scope in ALL
            if not any(Scopes([scope]).covers(each) for each in endpoint.scopes)
        )
        if others not in tokens:
            tokens[others] = await neighbours.token(neighbours.here, citizen, others)
        answer = await call(anyone, endpoint, tokens[others])
        assert (answer.status_code, answer.json()) == (403, OUTSIDE), named(endpoint)

    assert [await neighbours.here.count(f"commune.{table}") for table in TABLES] == before


async def test_sec_aut_06_each_endpoint_opens_to_its_own_scope(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    citizen = await neighbours.here.citizen("marie")
    tokens = {
        scope: await neighbours.token(neighbours.here, citizen, Scopes([scope])) for scope in ALL
    }
    for endpoint in SCOPED:
        for scope, token in tokens.items():
            if not any(Scopes([scope]).covers(each) for each in endpoint.scopes):
                continue
            answer = await call(anyone, endpoint, token)
            said = answer.text
            assert answer.status_code not in (401, 405, 500), f"{named(endpoint)}: {said}"
            assert OUTSIDE["error"] not in said, named(endpoint)


async def test_sec_aut_06_each_closed_endpoint_refuses_no_token_and_an_unknown_one(
    anyone: httpx.AsyncClient,
) -> None:
    for endpoint in CLOSED:
        for token in ("", "unknown", "x" * 600):
            answer = await call(anyone, endpoint, token)
            assert (answer.status_code, answer.json()) == (401, INVALID), named(endpoint)
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_sec_aut_06_each_endpoint_for_citizens_refuses_an_application(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    """GHSA-58x8: a token of the client credentials grant has no person behind it."""
    token = await app_token(neighbours, "read write follow push profile")
    for endpoint in ENDPOINTS:
        if endpoint.access != "citizen" or any("admin" in each for each in endpoint.scopes):
            continue
        answer = await call(anyone, endpoint, token)
        assert (answer.status_code, answer.json()) == (403, NEEDS_SOMEBODY), named(endpoint)


async def test_sec_aut_07_each_closed_endpoint_refuses_a_revoked_token(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    citizen = await neighbours.here.citizen("marie")
    token = await neighbours.token(neighbours.here, citizen, Scopes(ALL))
    async with neighbours.here.commune.database.transaction() as tx:
        await actions.revoke_all(tx, citizen.id)

    for endpoint in CLOSED:
        answer = await call(anyone, endpoint, token)
        assert (answer.status_code, answer.json()) == (401, INVALID), named(endpoint)


async def test_sec_aut_08_a_token_counts_in_its_header_only(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    token = await neighbours.token(neighbours.here, await neighbours.here.citizen("marie"))

    for path in (f"/oauth/userinfo?access_token={token}", "/oauth/userinfo"):
        answer = await anyone.get(path, headers={"Cookie": f"session={token}; token={token}"})
        assert (answer.status_code, answer.json()) == (401, INVALID)


async def test_a_token_ends_when_it_was_to_end(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    citizen = await neighbours.here.citizen("marie")
    database = neighbours.here.commune.database
    async with database.transaction() as tx:
        token = await actions.issue(
            tx,
            citizen_id=citizen.id,
            account_id=citizen.id,
            scopes=Scopes(["profile"]),
            expires_at=database.clock(),
        )

    answer = await anyone.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


async def test_a_token_is_good_for_nothing_while_its_person_is_suspended(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    citizen = await neighbours.here.citizen("marie")
    token = await neighbours.token(neighbours.here, citizen)
    async with neighbours.here.commune.database.transaction() as tx:
        await moderation.suspend(tx, citizen)

    answer = await anyone.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()) == (401, INVALID)


@pytest.mark.parametrize("column", ["confirmed_at", "approved_at"])
async def test_sec_aut_09_a_person_who_is_not_let_in_yet_has_no_api(
    neighbours: Neighbours, anyone: httpx.AsyncClient, column: str
) -> None:
    citizen = await neighbours.here.citizen("marie")
    token = await neighbours.token(neighbours.here, citizen, Scopes(ALL))
    await neighbours.here.commune.database.pool.execute(
        f"update commune.citizen set {column} = null"
    )

    for endpoint in CLOSED:
        if endpoint.access == "newcomer":
            continue
        answer = await call(anyone, endpoint, token)
        assert (answer.status_code, answer.json()) == (403, {"error": WAITING}), named(endpoint)


async def test_a_token_acts_as_an_organisation_as_long_as_its_person_administers_it(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    here = neighbours.here
    citizen = await here.citizen("marie")
    club = await here.organisation(citizen, "club")
    token = await neighbours.token(here, citizen, acting=club)
    headers = {"Authorization": f"Bearer {token}"}

    acting = await anyone.get("/oauth/userinfo", headers=headers)
    async with here.commune.database.transaction() as tx:
        await links.end_all(tx.db, citizen.id, tx.now)
    afterwards = await anyone.get("/oauth/userinfo", headers=headers)

    assert acting.json()["sub"] == club.actor_id
    assert afterwards.status_code == 401


async def nothing(call: Call) -> Answer:
    return {}


@pytest.mark.parametrize(
    "wrong",
    [
        [Endpoint("GET", "/api/v1/x", nothing)],
        [Endpoint("GET", "/api/v1/x", nothing, scope="read:everything")],
        [Endpoint("FETCH", "/api/v1/x", nothing, access="anyone")],
        [Endpoint("GET", "/api/v1/{id}", nothing, access="app")] * 2,
    ],
)
async def test_sec_aut_06_an_endpoint_that_does_not_declare_itself_is_not_served(
    neighbours: Neighbours, wrong: list[Endpoint]
) -> None:
    with pytest.raises(Undeclared):
        Api(neighbours.here.commune, wrong)
