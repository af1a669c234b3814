"""SQL about other servers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, Literal

from fedcommune import identifiers
from fedcommune.database import Executor
from fedcommune.domain.hosts.model import NO_RULES, Allowance, Host, Policy, Rules, covering

_COLUMNS: Final = """name, policy, reason, first_seen_at, policy_at, decision_id, reject_media,
    reject_reports, public_comment, obfuscate"""


def _host(row: Any) -> Host:
    columns = dict(row)
    rules = Rules(**{name: columns.pop(name) for name in Rules.__dataclass_fields__})
    return Host(**{**columns, "policy": Policy(row["policy"]), "rules": rules})


async def by_name(db: Executor, name: str) -> Host | None:
    """Return the host of exactly this (normalised) name."""
    row = await db.fetchrow(
        f"""
        select {_COLUMNS}
        from commune.host
        where name = $1
        """,
        name,
    )
    return None if row is None else _host(row)


async def listed(db: Executor, *, after: str = "", limit: int = 100) -> list[Host]:
    """Return hosts by name, those behind *after*, at most *limit*."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
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
        f"""
        select {_COLUMNS}
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


async def rules_for(db: Executor, hosts: Collection[str]) -> Rules:
    """Return what is rejected of *hosts* (normalised authorities) by any name that covers them."""
    row = await db.fetchrow(
        """
        select coalesce(bool_or(reject_media), false) as reject_media,
               coalesce(bool_or(reject_reports), false) as reject_reports
        from commune.host
        where decision_id is not null
          and name = any($1::text[])
        """,
        sorted({name for host in hosts for name in covering(host)}),
    )
    assert row is not None, "an aggregate has a row"
    return Rules(**row)


async def by_decision(db: Executor, decision_id: int) -> Host | None:
    """Return the host that this decision is about."""
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.host where decision_id = $1", decision_id
    )
    return None if row is None else _host(row)


async def decided(
    db: Executor, *, ceiling: int, floor: int, order: Literal["asc", "desc"], limit: int
) -> list[Host]:
    """Return the hosts that somebody decided about, the latest decision first."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.host
        where decision_id < $1
          and decision_id > $2
        order by decision_id {order}
        limit $3
        """,
        ceiling,
        floor,
        limit,
    )
    return sorted(map(_host, rows), key=lambda each: each.decision_id or 0, reverse=True)


async def set_policy(
    db: Executor,
    name: str,
    policy: Policy,
    *,
    reason: str,
    now: datetime,
    rules: Rules | None = None,
) -> Host:
    """Store the policy of the host *name* (normalised) and tell every process of ours.

    Without *rules*, an open host is treated as any other again: nothing is decided about it
    any more.
    """
    chosen = rules or NO_RULES
    decided = policy is not Policy.OPEN or rules is not None
    row = await db.fetchrow(
        f"""
        insert into commune.host (
            name, policy, reason, first_seen_at, policy_at, decision_id, reject_media,
            reject_reports, public_comment, obfuscate
        )
        values ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9)
        on conflict (name) do update
        set policy = excluded.policy,
            reason = excluded.reason,
            policy_at = excluded.policy_at,
            decision_id = case
                when excluded.decision_id is null then null
                else coalesce(host.decision_id, excluded.decision_id)
            end,
            reject_media = excluded.reject_media,
            reject_reports = excluded.reject_reports,
            public_comment = excluded.public_comment,
            obfuscate = excluded.obfuscate
        returning {_COLUMNS}
        """,
        name,
        policy,
        reason,
        now,
        identifiers.new(now) if decided else None,
        chosen.reject_media,
        chosen.reject_reports,
        chosen.public_comment,
        chosen.obfuscate,
    )
    assert row is not None, "an upsert returns its row"
    await db.execute("select pg_notify('hosts', '')")
    return _host(row)


async def allow(db: Executor, id_: int, name: str, now: datetime) -> Allowance | None:
    """Note down a host as welcome; None when it is noted already."""
    row = await db.fetchrow(
        """
        insert into commune.host_allowance (id, host, created_at)
        values ($1, $2, $3)
        on conflict (host) do nothing
        returning id, host, created_at
        """,
        id_,
        name,
        now,
    )
    return None if row is None else Allowance(**row)


async def disallow(db: Executor, id_: int) -> Allowance | None:
    """Strike out a host that was noted down; None when it is not there."""
    row = await db.fetchrow(
        "delete from commune.host_allowance where id = $1 returning id, host, created_at", id_
    )
    return None if row is None else Allowance(**row)


async def allowance(db: Executor, id_: int) -> Allowance | None:
    row = await db.fetchrow(
        "select id, host, created_at from commune.host_allowance where id = $1", id_
    )
    return None if row is None else Allowance(**row)


async def allowances(
    db: Executor, *, ceiling: int, floor: int, order: Literal["asc", "desc"], limit: int
) -> list[Allowance]:
    """Return the hosts that are noted down as welcome, the latest first."""
    rows = await db.fetch(
        f"""
        select id, host, created_at
        from commune.host_allowance
        where id < $1
          and id > $2
        order by id {order}
        limit $3
        """,
        ceiling,
        floor,
        limit,
    )
    return sorted((Allowance(**row) for row in rows), key=lambda each: each.id, reverse=True)
