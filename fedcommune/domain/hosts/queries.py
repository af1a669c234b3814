"""SQL about other servers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.hosts.model import Host, Policy, covering


def _host(row: Any) -> Host:
    return Host(**{**row, "policy": Policy(row["policy"])})


async def by_name(db: Executor, name: str) -> Host | None:
    """Return the host of exactly this (normalised) name."""
    row = await db.fetchrow(
        """
        select name, policy, reason, first_seen_at, policy_at
        from commune.host
        where name = $1
        """,
        name,
    )
    return None if row is None else _host(row)


async def listed(db: Executor, *, after: str = "", limit: int = 100) -> list[Host]:
    """Return hosts by name, those behind *after*, at most *limit*."""
    rows = await db.fetch(
        """
        select name, policy, reason, first_seen_at, policy_at
        from commune.host
        where name > $1
        order by name
        limit $2
        """,
        after,
        limit,
    )
    return [_host(row) for row in rows]


async def count(db: Executor) -> int:
    """Return how many other servers we have heard of."""
    return int(await db.fetchval("select count(*) from commune.host"))


async def peers(db: Executor) -> list[str]:
    """Return the names of the servers we have heard of and listen to, in order."""
    rows = await db.fetch("select name from commune.host where policy <> 'blocked' order by name")
    return [row["name"] for row in rows]


async def restrained(db: Executor) -> list[Host]:
    """Return the servers we keep away from, or show less of, by name."""
    rows = await db.fetch(
        """
        select name, policy, reason, first_seen_at, policy_at
        from commune.host
        where policy <> 'open'
        order by name
        """
    )
    return [_host(row) for row in rows]


async def policies(db: Executor) -> dict[str, Policy]:
    """Return the policy of every host that is not simply open."""
    rows = await db.fetch("select name, policy from commune.host where policy <> 'open'")
    return {row["name"]: Policy(row["policy"]) for row in rows}


async def refused_among(db: Executor, hosts: Collection[str]) -> set[str]:
    """Return those of *hosts* (normalised authorities) that a blocked name covers (SEC-MOD-01)."""
    names = {host: covering(host) for host in hosts}
    if not names:
        return set()
    rows = await db.fetch(
        """
        select name
        from commune.host
        where policy = 'blocked'
          and name = any($1::text[])
        """,
        sorted({name for each in names.values() for name in each}),
    )
    blocked = {row["name"] for row in rows}
    return {host for host, each in names.items() if blocked.intersection(each)}


async def seen(db: Executor, name: str, now: datetime) -> None:
    """Remember that we heard of the host *name*; nothing changes when we knew."""
    await db.execute(
        """
        insert into commune.host (name, first_seen_at)
        values ($1, $2)
        on conflict (name) do nothing
        """,
        name,
        now,
    )


async def set_policy(
    db: Executor, name: str, policy: Policy, *, reason: str, now: datetime
) -> Host:
    """Store the policy of the host *name* (normalised) and tell every process of ours."""
    row = await db.fetchrow(
        """
        insert into commune.host (name, policy, reason, first_seen_at, policy_at)
        values ($1, $2, $3, $4, $4)
        on conflict (name) do update
        set policy = excluded.policy,
            reason = excluded.reason,
            policy_at = excluded.policy_at
        returning name, policy, reason, first_seen_at, policy_at
        """,
        name,
        policy,
        reason,
        now,
    )
    assert row is not None, "an upsert returns its row"
    await db.execute("select pg_notify('hosts', '')")
    return _host(row)
