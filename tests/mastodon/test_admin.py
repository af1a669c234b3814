"""What moderators do through an application, and the library that bots of theirs use."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError

from fedcommune.domain.accounts.roles import Role
from tests.mastodon import schemas_admin as schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.moderating import everything, moderator, scene, waiting
from tests.support.communes import Town

T = TypeVar("T")


@pytest.fixture(autouse=True)
def names_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``saint-leu.localhost`` be found where the system does not know such names."""
    find = socket.getaddrinfo

    def found(host: Any, *rest: Any, **more: Any) -> Any:
        local = isinstance(host, str) and host.endswith(".localhost")
        return find("127.0.0.1" if local else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.fixture
async def simone(neighbours: Neighbours) -> App:
    """Somebody who moderates Saint-Leu, with an application that may do everything."""
    return await moderator(neighbours)


def library(town: Town, app: App) -> Mastodon:
    return Mastodon(
        access_token=app.token,
        api_base_url=town.origin,
        ratelimit_method="throw",
        version_check_mode="none",
    )


async def away(call: Callable[[], T]) -> T:
    """Call the library, which waits, in a thread of its own."""
    return await asyncio.to_thread(call)


async def test_mastodon_py_finds_people_and_takes_measures(
    neighbours: Neighbours, simone: App
) -> None:
    here = neighbours.here
    paul, ines = await neighbours.app("paul"), await waiting(here, "ines")
    pierre = await here.meet(await neighbours.there.citizen("pierre"))
    api = library(here, simone)

    local = await away(lambda: api.admin_accounts_v2(origin="local", status="active"))
    assert {each.username for each in local} >= {"paul", "simone"}
    assert "ines" not in {each.username for each in local}
    remote = await away(lambda: api.admin_accounts_v2(origin="remote"))
    assert [each.username for each in remote] == ["pierre"]
    assert remote[0].domain == pierre.domain
    pending = await away(lambda: api.admin_accounts_v2(status="pending"))
    assert [each.username for each in pending] == ["ines"]
    assert not pending[0].suspended
    staff = await away(lambda: api.admin_accounts_v2(permissions="staff"))
    assert [each.username for each in staff] == ["simone"]
    first = await away(lambda: api.admin_accounts_v1(remote=True))
    assert [str(each["id"]) for each in first] == [str(pierre.id)]

    approved = await away(lambda: api.admin_account_approve(ines.id))
    assert approved.approved
    one = await away(lambda: api.admin_account(paul.account.id))
    assert one.email == "paul@mail.example"
    assert isinstance(one.created_at, datetime)
    for action, flag, undo in (
        ("silence", "silenced", api.admin_account_unsilence),
        ("sensitive", "sensitized", api.admin_account_unsensitive),
        ("disable", "disabled", api.admin_account_enable),
        ("suspend", "suspended", api.admin_account_unsuspend),
    ):
        await away(lambda action=action: api.admin_account_moderate(one.id, action))  # type: ignore[misc]
        assert (await away(lambda: api.admin_account(one.id)))[flag], action
        again = await away(lambda undo=undo: undo(one.id))  # type: ignore[misc]
        assert not again[flag], action
    with pytest.raises(MastodonNotFoundError):
        await away(lambda: api.admin_account(1))
    with pytest.raises(MastodonAPIError):
        await away(lambda: api.admin_account_moderate(one.id, "banish"))


async def test_mastodon_py_looks_into_reports(neighbours: Neighbours, simone: App) -> None:
    here = neighbours.here
    paul, lea = await neighbours.app("paul"), await neighbours.app("lea")
    status = (await paul.http.post("/api/v1/statuses", json={"status": "Bande de nuls"})).json()
    made = await lea.http.post(
        "/api/v1/reports",
        json={
            "account_id": str(paul.account.id),
            "status_ids": [status["id"]],
            "comment": "Insultes",
            "category": "spam",
        },
    )
    assert made.status_code == 200
    api = library(here, simone)

    (report,) = await away(api.admin_reports)
    assert (report.comment, report.category) == ("Insultes", "spam")
    assert report.target_account.username == "paul"
    assert report.account.username == "lea"
    assert [str(each.id) for each in report.statuses] == [status["id"]]
    taken = await away(lambda: api.admin_report_assign(report))
    assert taken.assigned_account.username == "simone"
    assert (await away(lambda: api.admin_report_unassign(report))).assigned_account is None
    closed = await away(lambda: api.admin_report_resolve(report))
    assert closed.action_taken
    assert closed.action_taken_by_account.username == "simone"
    assert await away(api.admin_reports) == []
    assert [each.id for each in await away(lambda: api.admin_reports(resolved=True))] == [report.id]
    assert not (await away(lambda: api.admin_report_reopen(report))).action_taken
    # A measure closes the report behind it.
    await away(lambda: api.admin_account_moderate(paul.account.id, "silence", report_id=report.id))
    assert await away(api.admin_reports) == []


async def test_mastodon_py_decides_about_servers(neighbours: Neighbours, simone: App) -> None:
    api = library(neighbours.here, simone)

    made = await away(
        lambda: api.admin_create_domain_block(
            "evil.example", "silence", public_comment="Bruyant", private_comment="Pour nous"
        )
    )
    assert (made.domain, made.severity) == ("evil.example", "silence")
    changed = await away(
        lambda: api.admin_update_domain_block(made.id, severity="suspend", reject_media=True)
    )
    assert (changed.severity, changed.reject_media) == ("suspend", True)
    assert changed.private_comment == "Pour nous"
    assert [each.id for each in await away(api.admin_domain_blocks)] == [made.id]
    assert (await away(lambda: api.admin_domain_blocks(made.id))).public_comment == "Bruyant"
    with pytest.raises(MastodonAPIError):
        await away(lambda: api.admin_create_domain_block("evil.example"))
    await away(lambda: api.admin_delete_domain_block(made.id))
    assert await away(api.admin_domain_blocks) == []


async def test_mastodon_py_asks_how_the_place_does(neighbours: Neighbours, simone: App) -> None:
    here = neighbours.here
    marie = await neighbours.app("marie")
    post = await here.say(marie.account, "Bonjour #jardin")
    await simone.http.post(f"/api/v1/statuses/{post.id}/favourite")
    api, now = library(here, simone), here.commune.database.clock()
    since = now - timedelta(days=6)

    measures = await away(
        lambda: api.admin_measures(
            since, now, active_users=True, new_users=True, interactions=True, tag_uses="jardin"
        )
    )
    totals = {each.key: str(each.total) for each in measures}
    assert totals == {
        "active_users": "1",
        "new_users": "2",
        "interactions": "1",
        "tag_uses": "1",
    }
    assert {len(each.data) for each in measures} == {7}
    dimensions = await away(
        lambda: api.admin_dimensions(
            since, now, languages=True, servers=True, space_usage=True, software_versions=True
        )
    )
    assert [each.key for each in dimensions] == [
        *("languages", "servers", "space_usage", "software_versions"),
    ]
    assert [each.key for each in dimensions[1].data] == [here.domain]
    (cohort,) = await away(lambda: api.admin_retention(since, now))
    assert [(str(each.value), each.rate) for each in cohort.data] == [("1", 0.5)]


async def test_each_answer_has_the_shape_that_mastodon_documents(
    neighbours: Neighbours, simone: App
) -> None:
    await scene(neighbours)
    shapes = {
        "/api/v1/admin/accounts": schemas.ADMIN_ACCOUNT,
        "/api/v2/admin/accounts": schemas.ADMIN_ACCOUNT,
        "/api/v1/admin/reports?resolved=1&unresolved=1": schemas.ADMIN_REPORT,
        "/api/v1/admin/domain_blocks": schemas.ADMIN_DOMAIN_BLOCK,
        "/api/v1/admin/domain_allows": schemas.ADMIN_DOMAIN_ALLOW,
        "/api/v1/admin/email_domain_blocks": schemas.ADMIN_EMAIL_DOMAIN_BLOCK,
        "/api/v1/admin/ip_blocks": schemas.ADMIN_IP_BLOCK,
        "/api/v1/admin/canonical_email_blocks": schemas.ADMIN_CANONICAL_EMAIL_BLOCK,
        "/api/v1/admin/roles": schemas.ROLE,
    }
    for path, shape in shapes.items():
        found = (await simone.http.get(path)).json()
        assert found, path
        for each in found:
            shape(each, path)


async def test_long_lists_come_in_pages_that_miss_nobody(
    neighbours: Neighbours, simone: App
) -> None:
    for name in ("ana", "bob", "eve"):
        await neighbours.here.citizen(name)
    seen: list[str] = []
    address = "/api/v2/admin/accounts?origin=local&limit=2"
    while True:
        answer = await simone.http.get(address)
        seen += [each["username"] for each in answer.json()]
        if "next" not in answer.links:
            break
        address = answer.links["next"]["url"]

    whole = (await simone.http.get("/api/v2/admin/accounts?origin=local")).json()
    assert seen == [each["username"] for each in whole]
    assert {"ana", "bob", "eve", "simone"} <= set(seen)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v2/admin/accounts?origin=moon", None),
        ("GET", "/api/v2/admin/accounts?status=asleep", None),
        ("POST", "/api/v1/admin/domain_blocks", {"domain": "no host"}),
        ("POST", "/api/v1/admin/domain_blocks", {"domain": "a.example", "severity": "death"}),
        ("POST", "/api/v1/admin/domain_blocks", {}),
        ("POST", "/api/v1/admin/email_domain_blocks", {"domain": "@"}),
        ("POST", "/api/v1/admin/ip_blocks", {"ip": "x", "severity": "no_access"}),
        ("POST", "/api/v1/admin/ip_blocks", {"ip": "0.0.0.0/0", "severity": "no_access"}),
        ("POST", "/api/v1/admin/ip_blocks", {"ip": "192.0.2.1"}),
        ("POST", "/api/v1/admin/canonical_email_blocks", {"canonical_email_hash": "zz"}),
        ("POST", "/api/v1/admin/measures", {"keys": ["new_users"]}),
        ("POST", "/api/v1/admin/measures", {"start_at": "1990-01-01", "end_at": "2026-01-01"}),
        ("POST", "/api/v1/admin/retention", {"start_at": "2026-02-01", "end_at": "2026-01-01"}),
    ],
)
async def test_bad_input_is_told_and_changes_nothing(
    neighbours: Neighbours, simone: App, method: str, path: str, body: Any
) -> None:
    before = await everything(neighbours.here)

    answer = await simone.http.request(method, path, json=body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]
    assert await everything(neighbours.here) == before


async def test_our_own_server_is_never_kept_away(neighbours: Neighbours, simone: App) -> None:
    before = await everything(neighbours.here)

    answer = await simone.http.post(
        "/api/v1/admin/domain_blocks", json={"domain": "localhost", "severity": "suspend"}
    )

    assert answer.status_code == 403
    assert await everything(neighbours.here) == before


async def test_roles_are_shown_as_badges_and_to_their_bearer(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    simone = await moderator(neighbours)
    rose = await moderator(neighbours, "rose", Role.ADMINISTRATOR)
    marie = await neighbours.app("marie")

    own = (await simone.http.get("/api/v1/accounts/verify_credentials")).json()
    assert own["role"]["permissions"] == "1980"
    assert own["role"]["highlighted"]
    boss = (await rose.http.get("/api/v1/accounts/verify_credentials")).json()
    assert int(boss["role"]["permissions"]) & 1
    nobody = (await marie.http.get("/api/v1/accounts/verify_credentials")).json()
    assert (nobody["role"]["id"], nobody["role"]["permissions"]) == ("-99", "0")
    shown = (await anyone.get(f"/api/v1/accounts/{simone.account.id}")).json()
    assert [badge["id"] for badge in shown["roles"]] == ["1"]
    await neighbours.here.commune.database.pool.execute(
        "update commune.account set role_shown = false"
    )
    shown = (await anyone.get(f"/api/v1/accounts/{simone.account.id}")).json()
    assert shown["roles"] == []
