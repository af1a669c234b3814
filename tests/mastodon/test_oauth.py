"""Applications register, exchange codes, revoke (SEC-AUT-05, SEC-AUT-07)."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.signing import BACK, VERIFIER, Client, challenge


@pytest.fixture
async def client(neighbours: Neighbours, anyone: httpx.AsyncClient) -> Client:
    return await Client.registered(neighbours.here, anyone)


async def me(neighbours: Neighbours, token: str) -> httpx.Response:
    http = await neighbours.http(token=token)
    return await http.get("/api/v1/apps/verify_credentials")


@pytest.mark.parametrize(
    ("how", "values"),
    [
        ("json", {"redirect_uris": [BACK, "icecubesapp://"]}),
        ("json", {"redirect_uris": f"{BACK}\nicecubesapp://"}),
        ("data", {"redirect_uris": f"{BACK} icecubesapp://"}),
        ("data", {"redirect_uris[]": [BACK, "icecubesapp://"]}),
    ],
)
async def test_an_application_registers_as_it_likes(
    anyone: httpx.AsyncClient, how: str, values: dict[str, Any]
) -> None:
    body: Any = {how: {"client_name": "Ice Cubes", "website": "https://app.example", **values}}

    answer = await anyone.post("/api/v1/apps", **body)

    assert answer.status_code == 200
    said = answer.json()
    assert said["redirect_uris"] == [BACK, "icecubesapp://"]
    assert said["redirect_uri"] == f"{BACK}\nicecubesapp://"
    assert said["scopes"] == ["read"]
    assert said["client_secret_expires_at"] == 0
    assert len(said["client_id"]) == len(said["client_secret"]) == 43


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "https://app.example/back#fragment",
        "https://*.app.example/back",
        "https://user@app.example/back",
        "//app.example/back",
        "/back",
        "https:",
        "",
    ],
)
async def test_sec_aut_05_dangerous_redirect_addresses_are_refused(
    neighbours: Neighbours, anyone: httpx.AsyncClient, address: str
) -> None:
    body = {"client_name": "x", "redirect_uris": [address]}

    answer = await anyone.post("/api/v1/apps", json=body)

    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Validation failed: Redirect URI")
    assert await neighbours.here.count("commune.application") == 0


@pytest.mark.parametrize(
    "values", [{"client_name": ""}, {"scopes": "read everything"}, {"website": "javascript:x"}]
)
async def test_a_wrong_registration_says_what_is_wrong(
    neighbours: Neighbours, anyone: httpx.AsyncClient, values: dict[str, str]
) -> None:
    answer = await anyone.post(
        "/api/v1/apps", json={"client_name": "x", "redirect_uris": BACK, **values}
    )

    assert answer.status_code == 422
    assert list(answer.json()["details"]) != []
    assert await neighbours.here.count("commune.application") == 0


async def test_a_code_becomes_a_token(neighbours: Neighbours, client: Client) -> None:
    marie = await neighbours.here.citizen("marie")

    answer = await client.exchange(await client.code(marie, "read write"))

    assert answer.status_code == 200
    said = answer.json()
    assert (said["token_type"], said["scope"]) == ("Bearer", "read write")
    assert answer.headers["cache-control"] == "private, no-store"
    assert (await me(neighbours, said["access_token"])).json()["name"] == "Un essai"


async def test_sec_aut_07_no_secret_is_kept_as_it_is(
    neighbours: Neighbours, client: Client
) -> None:
    marie = await neighbours.here.citizen("marie")
    code = await client.code(marie)
    token = (await client.exchange(code)).json()["access_token"]

    kept = ""
    for table in ("application", "authorisation", "token"):
        rows = await neighbours.here.commune.database.pool.fetch(
            f"select row_to_json({table})::text from commune.{table}"
        )
        kept += "".join(row[0] for row in rows)

    assert client.id in kept
    assert client.secret not in kept
    assert code not in kept
    assert token not in kept


async def test_sec_aut_05_a_code_is_used_once_and_its_reuse_revokes_the_token(
    neighbours: Neighbours, client: Client
) -> None:
    code = await client.code(await neighbours.here.citizen("marie"))
    token = (await client.exchange(code)).json()["access_token"]

    again = await client.exchange(code)

    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    assert (await me(neighbours, token)).status_code == 401


async def test_sec_aut_05_a_code_lives_ten_minutes(neighbours: Neighbours, client: Client) -> None:
    code = await client.code(await neighbours.here.citizen("marie"))
    neighbours.clock.pass_by(minutes=10)

    answer = await client.exchange(code)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await neighbours.here.count("commune.token") == 0


async def test_sec_aut_05_a_code_is_bound_to_its_application(
    neighbours: Neighbours, client: Client
) -> None:
    other = await Client.registered(neighbours.here, client.http)
    code = await client.code(await neighbours.here.citizen("marie"))

    answer = await other.exchange(code)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await neighbours.here.count("commune.token") == 0
    assert (await client.exchange(code)).status_code == 200


async def test_sec_aut_05_a_code_is_bound_to_its_redirect_address(
    neighbours: Neighbours, client: Client
) -> None:
    code = await client.code(await neighbours.here.citizen("marie"))

    answer = await client.exchange(code, redirect_uri=f"{BACK}/")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert await neighbours.here.count("commune.token") == 0


@pytest.mark.parametrize("verifier", ["", "short", "b" * 50, challenge()])
async def test_sec_aut_05_a_code_is_bound_to_its_challenge(
    neighbours: Neighbours, client: Client, verifier: str
) -> None:
    marie = await neighbours.here.citizen("marie")
    code = await client.code(marie, challenge=challenge())

    answer = await client.exchange(code, code_verifier=verifier)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await client.exchange(code, code_verifier=VERIFIER)).status_code == 200


async def test_sec_aut_05_a_verifier_without_challenge_is_refused(
    neighbours: Neighbours, client: Client
) -> None:
    code = await client.code(await neighbours.here.citizen("marie"))

    answer = await client.exchange(code, code_verifier=VERIFIER)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("kind", ["password", "implicit", "refresh_token"])
async def test_sec_aut_05_other_grants_do_not_exist(client: Client, kind: str) -> None:
    values = {"grant_type": kind, "username": "marie", "password": "x", **client.credentials}

    answer = await client.http.post("/oauth/token", data=values)

    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_a_grant_type_is_needed(client: Client) -> None:
    answer = await client.http.post("/oauth/token", data=client.credentials)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_wrong_secret_is_refused_as_an_unknown_application(client: Client) -> None:
    answers = [
        await client.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials", "client_id": name, "client_secret": "no"},
        )
        for name in (client.id, "nobody", "")
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["error"] == "invalid_client"


@pytest.mark.parametrize("how", ["json", "data", "basic"])
async def test_an_application_speaks_for_itself(
    neighbours: Neighbours, client: Client, how: str
) -> None:
    values = {"grant_type": "client_credentials", "scope": "read write"}
    if how == "basic":
        pair = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        answer = await client.http.post("/oauth/token", data=values, headers=headers)
    else:
        body: Any = {how: {**values, **client.credentials}}
        answer = await client.http.post("/oauth/token", **body)

    assert answer.status_code == 200
    assert answer.json()["scope"] == "read write"
    seen = (await me(neighbours, answer.json()["access_token"])).json()
    assert (seen["name"], seen["scopes"]) == ("Un essai", ["read", "write"])


@pytest.mark.parametrize("scope", ["follow", "push", "admin:read", "nonsense", "read admin:write"])
async def test_sec_aut_06_an_application_gets_no_more_than_it_registered_for(
    neighbours: Neighbours, client: Client, scope: str
) -> None:
    values = {"grant_type": "client_credentials", "scope": scope, **client.credentials}

    answer = await client.http.post("/oauth/token", data=values)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert await neighbours.here.count("commune.token") == 0


async def test_sec_aut_07_revoked_is_revoked_at_once_and_stays_so(
    neighbours: Neighbours, client: Client
) -> None:
    code = await client.code(await neighbours.here.citizen("marie"))
    token = (await client.exchange(code)).json()["access_token"]
    values = {**client.credentials, "token": token}

    first = await client.http.post("/oauth/revoke", data=values)
    again = await client.http.post("/oauth/revoke", data=values)

    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (200, {})
    assert (await me(neighbours, token)).status_code == 401


async def test_nobody_revokes_the_token_of_another_application(
    neighbours: Neighbours, client: Client
) -> None:
    other = await Client.registered(neighbours.here, client.http)
    code = await client.code(await neighbours.here.citizen("marie"))
    token = (await client.exchange(code)).json()["access_token"]

    answer = await client.http.post("/oauth/revoke", json={**other.credentials, "token": token})

    assert (answer.status_code, answer.json()["error"]) == (403, "unauthorized_client")
    assert (await me(neighbours, token)).status_code == 200


async def test_the_server_describes_itself(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    said = (await anyone.get("/.well-known/oauth-authorization-server")).json()

    origin = neighbours.here.origin
    assert said["issuer"] == f"{origin}/"
    assert said["authorization_endpoint"] == f"{origin}/oauth/authorize"
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["grant_types_supported"] == ["authorization_code", "client_credentials"]
    assert said["response_types_supported"] == ["code"]
    assert {"read", "write:statuses", "profile", "push", "admin:read"} <= set(
        said["scopes_supported"]
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_application_learns_who_signed_in(marie: App, method: str) -> None:
    said = (await marie.http.request(method, "/oauth/userinfo")).json()

    assert said["sub"] == marie.account.actor_id
    assert (said["preferred_username"], said["name"]) == ("marie", "Marie")
