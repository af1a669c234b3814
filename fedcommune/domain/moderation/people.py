"""SQL: everybody, as moderators see them, and what is decided about each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.citizens.model import Citizen
from fedcommune.domain.citizens.queries import people as citizens

Status: TypeAlias = Literal["active", "pending", "disabled", "silenced", "suspended", "sensitized"]
STATUSES: Final[tuple[Status, ...]] = (
    *("active", "pending", "disabled", "silenced", "suspended"),
    "sensitized",
)

# Who is not open yet is hidden in the same way as who is suspended (citizens.queries.hide).
_SUSPENDED: Final = """(
    account.suspended_at is not null
    and not (
        citizen.account_id is not null
        and (citizen.confirmed_at is null or citizen.approved_at is null)
        and account.suspended_at = account.created_at
    )
)"""


@dataclass(frozen=True, slots=True)
class Address:
    """From where somebody signed in, and when last. Times are UTC."""

    ip: str
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """An account as moderators see it; ``citizen`` is None when nobody signs in with it."""

    account: Account
    citizen: Citizen | None
    suspended: bool
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which accounts: None, or an empty text, is any."""

    local: bool | None = None
    status: Status | None = None
    roles: Collection[Role] | None = None
    username: str = ""
    name: str = ""
    domain: str = ""
    email: str = ""
    address: str = ""


EVERYBODY: Final = Wanted()


def _person(row: Any) -> Person:
    citizen = None if row["citizen_account_id"] is None else citizens.of_row(row, "citizen_")
    return Person(accounts.of_row(row), citizen, row["is_suspended"])


async def listed(
    db: Executor,
    wanted: Wanted = EVERYBODY,
    *,
    ceiling: int = 2**63 - 1,
    floor: int = 0,
    order: Literal["asc", "desc"] = "desc",
    limit: int = 100,
) -> list[Person]:
    """Return the accounts that are *wanted*, the commune's own and those gone left out."""
    rows = await db.fetch(
        f"""
        select {citizens.BESIDE}, {accounts.COLUMNS}, {_SUSPENDED} as is_suspended
        from commune.account
        left join commune.citizen on citizen.account_id = account.id
        where account.deleted_at is null
          and account.kind <> 'commune'
          and account.id < $1
          and account.id > $2
          and ($4::boolean is null or account.local = $4)
          and case coalesce($5::text, '')
              when 'active' then account.suspended_at is null
              when 'pending' then citizen.account_id is not null and citizen.approved_at is null
              when 'disabled' then citizen.disabled_at is not null
              when 'silenced' then account.silenced_at is not null
              when 'sensitized' then account.sensitised_at is not null
              when 'suspended' then {_SUSPENDED}
              else true
          end
          and ($6::text[] is null or account.role = any($6))
          and starts_with(lower(account.username), lower($7))
          and ($8 = '' or position(lower($8) in lower(account.name)) > 0)
          and ($9 = '' or account.domain = $9)
          and ($10 = '' or starts_with(lower(citizen.email), lower($10)))
          and (
              $11 = ''
              or exists (
                  select from commune.session
                  where session.account_id = account.id and session.address = $11
              )
          )
        order by account.id {order}
        limit $3
        """,
        ceiling,
        floor,
        limit,
        wanted.local,
        wanted.status,
        None if wanted.roles is None else list(wanted.roles),
        wanted.username,
        wanted.name,
        wanted.domain,
        wanted.email,
        wanted.address,
    )
    found = sorted(map(_person, rows), key=lambda each: each.account.id, reverse=True)
    return await _with_addresses(db, found)


async def by_ids(db: Executor, account_ids: Collection[int]) -> dict[int, Person]:
    """Return the accounts of these ids, by id; unknown ids are left out."""
    rows = await db.fetch(
        f"""
        select {citizens.BESIDE}, {accounts.COLUMNS}, {_SUSPENDED} as is_suspended
        from commune.account
        left join commune.citizen on citizen.account_id = account.id
        where account.id = any($1::bigint[])
        """,
        list(account_ids),
    )
    found = await _with_addresses(db, [_person(row) for row in rows])
    return {each.account.id: each for each in found}


async def by_id(db: Executor, account_id: int) -> Person | None:
    return (await by_ids(db, [account_id])).get(account_id)


async def _with_addresses(db: Executor, found: list[Person]) -> list[Person]:
    rows = await db.fetch(
        """
        select account_id, address, max(seen_at) as used_at
        from commune.session
        where account_id = any($1::bigint[])
          and address <> ''
        group by account_id, address
        order by used_at desc
        """,
        [each.account.id for each in found],
    )
    addresses: dict[int, list[Address]] = {}
    for row in rows:
        addresses.setdefault(row["account_id"], []).append(Address(row["address"], row["used_at"]))
    return [replace(each, addresses=tuple(addresses.get(each.account.id, ()))) for each in found]


async def set_role(db: Executor, account_id: int, role: Role, *, shown: bool) -> None:
    """Give one of ours a role; *shown* as a badge to everybody, or not."""
    await db.execute(
        "update commune.account set role = $2, role_shown = $3 where id = $1",
        account_id,
        role,
        shown,
    )


async def set_silenced(db: Executor, account_id: int, at: datetime | None) -> bool:
    """Limit an account since that time, or no longer with None; return whether it changed."""
    found = await db.fetchval(
        """
        update commune.account
        set silenced_at = $2
        where id = $1
          and (silenced_at is null) <> ($2::timestamptz is null)
        returning id
        """,
        account_id,
        at,
    )
    return found is not None


async def set_sensitised(db: Executor, account_id: int, at: datetime | None) -> bool:
    """Let all that an account attaches be sensitive, or no longer; return whether it changed."""
    found = await db.fetchval(
        """
        update commune.account
        set sensitised_at = $2
        where id = $1
          and (sensitised_at is null) <> ($2::timestamptz is null)
        returning id
        """,
        account_id,
        at,
    )
    return found is not None
