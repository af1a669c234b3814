"""A commune with somebody who moderates it, and things to decide about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.grants.model import ALL, Scopes
from fedcommune.domain.hosts.model import Policy
from fedcommune.domain.moderation import actions
from fedcommune.mastodon.call import Endpoint
from tests.mastodon.conftest import App, Neighbours
from tests.support.communes import Town

ALL_SCOPES = Scopes(ALL)
# What a refusal, or a reader, must leave as it is.
TABLES = (
    *("account", "citizen", "report", "host", "host_allowance", "email_domain_block"),
    *("ip_block", "canonical_email_block", "strike", "severance", "severed", "measure"),
    *("notification", "session", "post", "follow", "letter"),
)


async def promoted(town: Town, account: Account, role: Role = Role.MODERATOR) -> Account:
    """Give a role to *account*."""
    async with town.commune.database.transaction() as tx:
        return await actions.give_role(tx, account, role)


async def moderator(
    neighbours: Neighbours, username: str = "simone", role: Role = Role.MODERATOR
) -> App:
    """Return the app of somebody who moderates here, allowed everything."""
    app = await neighbours.app(username, scopes=ALL_SCOPES)
    await promoted(neighbours.here, app.account, role)
    return app


async def waiting(town: Town, username: str) -> Account:
    """Return the account of somebody who confirmed their address and waits to be let in."""
    account = await town.citizen(username)
    pool = town.commune.database.pool
    await pool.execute(
        "update commune.citizen set approved_at = null where account_id = $1", account.id
    )
    await pool.execute(
        "update commune.account set suspended_at = created_at where id = $1", account.id
    )
    return account


async def everything(town: Town) -> dict[str, str | None]:
    """Return a digest of each table that moderation touches."""
    pool = town.commune.database.pool
    return {
        table: await pool.fetchval(
            f"select md5(string_agg(each::text, '|' order by each::text)) from commune.{table} each"
        )
        for table in TABLES
    }


@dataclass
class Scene:
    """Who and what there is to decide about; the texts are ids."""

    paul: Account
    ids: dict[str, str]

    def address(self, endpoint: Endpoint) -> str:
        """Return the address of *endpoint* with the id of something that it is about."""
        path = endpoint.path
        for part, id_ in self.ids.items():
            if path.startswith(part):
                return path.replace("{id}", id_)
        return path.replace("{id}", str(self.paul.id))

    async def call(self, http: httpx.AsyncClient, endpoint: Endpoint, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = BODIES.get((endpoint.method, endpoint.path))
        return await http.request(
            endpoint.method, self.address(endpoint), headers=headers, json=body
        )


_ADMIN = "/api/v1/admin"
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{_ADMIN}/accounts/{{id}}/action"): {"type": "silence", "text": "Trop fort"},
    ("PUT", f"{_ADMIN}/reports/{{id}}"): {"category": "spam"},
    ("POST", f"{_ADMIN}/domain_blocks"): {"domain": "new.example", "severity": "suspend"},
    ("PUT", f"{_ADMIN}/domain_blocks/{{id}}"): {"severity": "noop", "reject_media": True},
    ("POST", f"{_ADMIN}/domain_allows"): {"domain": "friend.example"},
    ("POST", f"{_ADMIN}/email_domain_blocks"): {"domain": "spam.example"},
    ("POST", f"{_ADMIN}/canonical_email_blocks"): {"email": "spam@example.org"},
    ("POST", f"{_ADMIN}/canonical_email_blocks/test"): {"email": "spam@example.org"},
    ("POST", f"{_ADMIN}/ip_blocks"): {"ip": "192.0.2.0/24", "severity": "sign_up_block"},
    ("PUT", f"{_ADMIN}/ip_blocks/{{id}}"): {"severity": "no_access"},
    **{
        ("POST", f"{_ADMIN}/{word}"): {"start_at": "2026-11-01", "end_at": "2026-11-07"}
        for word in ("measures", "dimensions", "retention")
    },
}


async def scene(neighbours: Neighbours) -> Scene:
    """Open a scene: people who wait, a report, a limited server, barriers."""
    here = neighbours.here
    paul = await here.citizen("paul")
    lea, ines, luc = (
        await here.citizen("lea"),
        await waiting(here, "ines"),
        await waiting(here, "luc"),
    )
    database = here.commune.database
    async with database.transaction() as tx:
        report = await actions.report(tx, lea, paul, content="Il crie")
        host = await actions.limit_host(tx, "loud.example")
        noted = await actions.note_host(tx, "calm.example")
        domain = await actions.block_email_domain(tx, "throwaway.example")
        email = await actions.block_email(tx, email="x@example.org")
        network = await actions.block_address(tx, "198.51.100.0/24", "sign_up_block")
        gone = await here.find("@lea")
        await actions.suspend(tx, gone)
    assert host.policy is Policy.LIMITED
    accounts = f"{_ADMIN}/accounts/{{id}}"
    return Scene(
        paul,
        {
            f"{accounts}/approve": str(ines.id),
            f"{accounts}/reject": str(luc.id),
            f"{_ADMIN}/reports/": str(report.id),
            f"{_ADMIN}/domain_blocks/": str(host.decision_id),
            f"{_ADMIN}/domain_allows/": str(noted.id),
            f"{_ADMIN}/email_domain_blocks/": str(domain.id),
            f"{_ADMIN}/canonical_email_blocks/": str(email.id),
            f"{_ADMIN}/ip_blocks/": str(network.id),
            "deleted": str(lea.id),
        },
    )
