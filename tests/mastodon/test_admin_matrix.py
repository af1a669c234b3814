"""Every endpoint for moderators against everybody who may, and may not, call it (SEC-AUT-06)."""

from __future__ import annotations

import httpx
import pytest

from fedcommune.domain.accounts.roles import Permission, Role
from fedcommune.domain.grants.model import ALL, Scopes
from fedcommune.mastodon.app import ENDPOINTS, Api, Undeclared
from fedcommune.mastodon.call import Answer, Call, Endpoint
from tests.mastodon.conftest import Neighbours
from tests.mastodon.moderating import ALL_SCOPES, everything, moderator, promoted, scene

INVALID = {"error": "The access token is invalid"}
OUTSIDE = {"error": "This action is outside the authorized scopes"}
NOT_ALLOWED = {"error": "This action is not allowed"}

ADMIN = [endpoint for endpoint in ENDPOINTS if "/admin/" in endpoint.path]
_ORDER = ("GET", "PUT", "POST", "DELETE")


def named(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def reads(endpoint: Endpoint) -> bool:
    """Tell whether *endpoint* only looks, whatever its method."""
    asks = ("/test", "/measures", "/dimensions", "/retention")
    return endpoint.method == "GET" or endpoint.path.endswith(asks)


def test_each_endpoint_for_moderators_needs_a_scope_of_theirs_and_a_permission() -> None:
    assert len(ADMIN) > 40
    for endpoint in ENDPOINTS:
        scoped = any(scope.startswith("admin:") for scope in endpoint.scopes)
        assert scoped == (endpoint in ADMIN) == (endpoint.permission is not None), named(endpoint)
        verb = "read" if reads(endpoint) else "write"
        if scoped:
            assert all(scope.startswith(f"admin:{verb}") for scope in endpoint.scopes)


async def nothing(call: Call) -> Answer:
    return {}


@pytest.mark.parametrize(
    "endpoint",
    [
        Endpoint("GET", "/api/v1/admin/x", nothing, "admin:read"),
        Endpoint("GET", "/api/v1/x", nothing, "read", permission=Permission.MANAGE_USERS),
        Endpoint(
            "GET",
            "/api/v1/admin/x",
            nothing,
            "admin:read",
            "anyone",
            permission=Permission.MANAGE_USERS,
        ),
    ],
)
async def test_what_is_half_declared_for_moderators_does_not_start(
    neighbours: Neighbours, endpoint: Endpoint
) -> None:
    with pytest.raises(Undeclared):
        Api(neighbours.here.commune, [endpoint])


async def test_sec_aut_06_nobody_else_reaches_what_moderators_reach(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    """A visitor, a citizen with every scope, one who moderated yesterday, an organisation."""
    here = neighbours.here
    there_is = await scene(neighbours)
    citizen = await here.citizen("marie")
    former = await moderator(neighbours, "jean")
    await promoted(here, former.account, Role.CITIZEN)
    simone = await moderator(neighbours)
    club = await here.organisation(simone.account, "club")
    callers = {
        "a visitor": ("", 401, INVALID),
        "a citizen": (await neighbours.token(here, citizen, ALL_SCOPES), 403, NOT_ALLOWED),
        "a former moderator": (former.token, 403, NOT_ALLOWED),
        "an organisation": (
            await neighbours.token(here, simone.account, ALL_SCOPES, acting=club),
            403,
            NOT_ALLOWED,
        ),
    }
    before = await everything(here)
    for endpoint in ADMIN:
        for who, (token, status, said) in callers.items():
            answer = await there_is.call(anyone, endpoint, token)
            assert (answer.status_code, answer.json()) == (status, said), (who, named(endpoint))

    assert await everything(here) == before


async def test_sec_aut_06_a_moderator_reaches_only_what_the_token_is_for(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    here = neighbours.here
    there_is = await scene(neighbours)
    simone = await moderator(neighbours)
    tokens: dict[Scopes, str] = {}
    before = await everything(here)
    for endpoint in ADMIN:
        others = Scopes(
            scope
            for scope in ALL
            if not any(Scopes([scope]).covers(each) for each in endpoint.scopes)
        )
        if others not in tokens:
            tokens[others] = await neighbours.token(here, simone.account, others)
        answer = await there_is.call(anyone, endpoint, tokens[others])
        assert (answer.status_code, answer.json()) == (403, OUTSIDE), named(endpoint)

    assert await everything(here) == before


async def test_a_moderator_reaches_everything_but_the_deletion_of_data(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    here = neighbours.here
    there_is = await scene(neighbours)
    simone = await moderator(neighbours)
    for endpoint in sorted(ADMIN, key=lambda each: _ORDER.index(each.method)):
        before = await everything(here)
        token = await neighbours.token(here, simone.account, Scopes(endpoint.scopes))
        answer = await there_is.call(anyone, endpoint, token)
        deletes = endpoint.permission is Permission.DELETE_USER_DATA
        expected = 403 if deletes else 200
        assert answer.status_code == expected, (named(endpoint), answer.text)
        if reads(endpoint) or deletes:
            assert await everything(here) == before, named(endpoint)


async def test_only_an_administrator_deletes_data_and_only_of_somebody_suspended(
    neighbours: Neighbours,
) -> None:
    there_is = await scene(neighbours)
    boss = await moderator(neighbours, "rose", Role.ADMINISTRATOR)

    living = await boss.http.delete(f"/api/v1/admin/accounts/{there_is.paul.id}")
    before = await everything(neighbours.here)
    suspended = await boss.http.delete(f"/api/v1/admin/accounts/{there_is.ids['deleted']}")

    assert living.status_code == 409
    assert suspended.status_code == 200
    assert suspended.json()["username"] == "lea"
    assert await everything(neighbours.here) != before
    again = await boss.http.get(f"/api/v1/admin/accounts/{there_is.ids['deleted']}")
    assert again.status_code == 404


async def test_who_loses_the_role_loses_the_power_at_once(neighbours: Neighbours) -> None:
    simone = await moderator(neighbours)
    assert (await simone.http.get("/api/v1/admin/reports")).status_code == 200

    await promoted(neighbours.here, simone.account, Role.CITIZEN)

    answer = await simone.http.get("/api/v1/admin/reports")
    assert (answer.status_code, answer.json()) == (403, NOT_ALLOWED)
    own = (await simone.http.get("/api/v1/accounts/verify_credentials")).json()
    assert (own["role"]["permissions"], own["roles"]) == ("0", [])


async def test_a_moderator_does_nothing_to_who_may_do_as_much_nor_to_themselves(
    neighbours: Neighbours,
) -> None:
    here = neighbours.here
    simone, rose = (
        await moderator(neighbours),
        await moderator(neighbours, "rose", Role.ADMINISTRATOR),
    )
    jean = await moderator(neighbours, "jean")
    before = await everything(here)

    for target in (simone, rose, jean):
        one = f"/api/v1/admin/accounts/{target.account.id}"
        for kind in ("none", "sensitive", "disable", "silence", "suspend"):
            answer = await simone.http.post(f"{one}/action", json={"type": kind})
            assert answer.status_code == 403, (kind, answer.text)
        for word in ("enable", "unsilence", "unsuspend", "unsensitive"):
            assert (await simone.http.post(f"{one}/{word}")).status_code == 403

    assert await everything(here) == before
    done = await rose.http.post(
        f"/api/v1/admin/accounts/{jean.account.id}/action", json={"type": "silence"}
    )
    assert done.status_code == 200
