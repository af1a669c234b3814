"""SQL about actors, ours and others'."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import msgspec
import orjson

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account, Details, Field, Kind
from fedcommune.domain.accounts.roles import Role

# The columns of an Account, for queries here and of the subjects above that join it
# under the name ``account``.
COLUMNS: Final = """account.id, account.actor_id, account.local, account.type, account.kind,
    account.username, account.domain, account.name, account.summary, account.source,
    account.url, account.inbox, account.shared_inbox, account.followers_url,
    account.featured_url, account.icon, account.image, account.fields, account.locked,
    account.discoverable, account.indexable, account.latitude, account.longitude,
    account.territory, account.also_known_as, account.moved_to, account.moved_at,
    account.created_at, account.updated_at, account.fetched_at, account.suspended_at,
    account.deleted_at, account.details, account.silenced_at, account.sensitised_at,
    account.role, account.role_shown"""
_NAMES: Final = Account.__struct_fields__
_KIND, _ROLE, _FIELDS, _KNOWN_AS, _DETAIL = map(
    _NAMES.index, ("kind", "role", "fields", "also_known_as", "details")
)
_DETAILS: Final = msgspec.json.Decoder(Details)
_NO_DETAILS: Final = Details()
_KINDS: Final = {kind.value: kind for kind in Kind}
_ROLES: Final = {role.value: role for role in Role}


def of_row(row: Any) -> Account:
    """Make an Account of a row that holds :data:`COLUMNS`, and perhaps more."""
    return of_values([row[name] for name in _NAMES])


def of_values(values: Iterable[Any]) -> Account:
    """Make an Account of the values of :data:`COLUMNS`, in their order: pages have many."""
    columns = list(values)
    columns[_KIND] = _KINDS[columns[_KIND]]
    columns[_ROLE] = _ROLES[columns[_ROLE]]
    columns[_FIELDS] = _fields(columns[_FIELDS])
    columns[_KNOWN_AS] = tuple(columns[_KNOWN_AS])
    details = columns[_DETAIL]
    columns[_DETAIL] = _NO_DETAILS if details == "{}" else _DETAILS.decode(details)
    return Account(*columns)


def _fields(text: str) -> tuple[Field, ...]:
    if text == "[]":
        return ()
    return tuple(Field(each["name"], each["value"]) for each in orjson.loads(text))


def _one(row: Any) -> Account | None:
    return None if row is None else of_row(row)


def _json(fields: Iterable[Field]) -> str:
    return orjson.dumps([{"name": each.name, "value": each.value} for each in fields]).decode()


def _details(account: Account) -> str:
    return msgspec.json.encode(account.details).decode()


async def by_id(db: Executor, account_id: int) -> Account | None:
    return _one(
        await db.fetchrow(f"select {COLUMNS} from commune.account where id = $1", account_id)
    )


async def locked(db: Executor, account_id: int) -> Account | None:
    """Return an account, its row locked until the end."""
    return _one(
        await db.fetchrow(
            f"select {COLUMNS} from commune.account where id = $1 for update", account_id
        )
    )


async def by_ids(db: Executor, account_ids: Collection[int]) -> dict[int, Account]:
    """Return the accounts of these ids, by id; unknown ids are left out."""
    rows = await db.fetch(
        f"select {COLUMNS} from commune.account where id = any($1::bigint[])", list(account_ids)
    )
    return {row["id"]: of_row(row) for row in rows}


async def by_actor_id(db: Executor, actor_id: str) -> Account | None:
    return _one(
        await db.fetchrow(f"select {COLUMNS} from commune.account where actor_id = $1", actor_id)
    )


async def by_actor_ids(db: Executor, actor_ids: Collection[str]) -> dict[str, Account]:
    """Return the accounts of these actor ids, by actor id; unknown ids are left out."""
    rows = await db.fetch(
        f"select {COLUMNS} from commune.account where actor_id = any($1::text[])", list(actor_ids)
    )
    return {row["actor_id"]: of_row(row) for row in rows}


async def by_handle(db: Executor, username: str, domain: str) -> Account | None:
    """Return the actor of this handle; *domain* in ASCII, lower case, ours for local ones."""
    return _one(
        await db.fetchrow(
            f"""
            select {COLUMNS}
            from commune.account
            where lower(username) = lower($1)
              and domain = $2
            """,
            username,
            domain,
        )
    )


async def by_url(db: Executor, url: str) -> Account | None:
    """Return an actor by the address of its page."""
    return _one(
        await db.fetchrow(
            f"select {COLUMNS} from commune.account where url = $1 order by id limit 1", url
        )
    )


async def behind_inbox(db: Executor, inbox: str, *, limit: int) -> list[Account]:
    """Return strangers who receive there, the one whose own inbox it is first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.account
        where not local
          and deleted_at is null
          and (inbox = $1 or shared_inbox = $1)
        order by inbox = $1 desc, id
        limit $2
        """,
        inbox,
        limit,
    )
    return [of_row(row) for row in rows]


async def local_by_username(db: Executor, username: str) -> Account | None:
    """Return our actor of this name, deleted ones included: look at ``deleted_at``."""
    return _one(
        await db.fetchrow(
            f"""
            select {COLUMNS}
            from commune.account
            where lower(username) = lower($1)
              and local
            """,
            username,
        )
    )


async def local_of_kinds(
    db: Executor, kinds: Collection[Kind], *, after: int = 0, limit: int = 100
) -> list[Account]:
    """Return our living actors of these kinds, oldest first, those behind the id *after*."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.account
        where local
          and kind = any($1::text[])
          and deleted_at is null
          and id > $2
        order by id
        limit $3
        """,
        list(kinds),
        after,
        limit,
    )
    return [of_row(row) for row in rows]


async def commune_of(db: Executor, domain: str) -> Account | None:
    """Return the instance actor of the commune at *domain*, when it is known and living."""
    return _one(
        await db.fetchrow(
            f"""
            select {COLUMNS}
            from commune.account
            where domain = $1
              and kind = 'commune'
              and type = 'Application'
              and suspended_at is null
              and deleted_at is null
            order by id
            limit 1
            """,
            domain,
        )
    )


async def looks_taken(db: Executor, folded: str) -> bool:
    """Tell whether a name here, living or retired, folds to *folded* (``model.folded``)."""
    found = await db.fetchval(
        """
        select exists (
            select from commune.account
            where local
              and translate(lower(username), '01_', 'ol') = $1
        ) or exists (
            select from commune.retired_name
            where translate(username, '01_', 'ol') = $1
        )
        """,
        folded,
    )
    return bool(found)


async def name_is_retired(db: Executor, username: str) -> bool:
    """Tell whether somebody bore this name and is gone: it is not given again (SEC-ORI-10)."""
    found = await db.fetchval(
        "select exists (select from commune.retired_name where username = lower($1))", username
    )
    return bool(found)


async def insert(db: Executor, account: Account) -> Account:
    """Store a new account. Raises ``asyncpg.UniqueViolationError`` when id or handle exist."""
    row = await db.fetchrow(
        f"""
        insert into commune.account (
            id, actor_id, local, type, kind, username, domain, name, summary, source, url, inbox,
            shared_inbox, followers_url, featured_url, icon, image, fields, locked, discoverable,
            indexable, latitude, longitude, territory, also_known_as, moved_to, moved_at,
            created_at, updated_at, fetched_at, details
        )
        values (
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::jsonb,
            $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30,
            $31::jsonb
        )
        returning {COLUMNS}
        """,
        account.id,
        account.actor_id,
        account.local,
        account.type,
        account.kind,
        account.username,
        account.domain,
        account.name,
        account.summary,
        account.source,
        account.url,
        account.inbox,
        account.shared_inbox,
        account.followers_url,
        account.featured_url,
        account.icon,
        account.image,
        _json(account.fields),
        account.locked,
        account.discoverable,
        account.indexable,
        account.latitude,
        account.longitude,
        account.territory,
        list(account.also_known_as),
        account.moved_to,
        account.moved_at,
        account.created_at,
        account.updated_at,
        account.fetched_at,
        _details(account),
    )
    assert row is not None, "an insert returns its row"
    return of_row(row)


async def update(db: Executor, account: Account) -> Account:
    """Store everything of *account* that may change; id, actor id and locality do not."""
    row = await db.fetchrow(
        f"""
        update commune.account
        set kind = $2, username = $3, domain = $4, name = $5, summary = $6, source = $7, url = $8,
            inbox = $9, shared_inbox = $10, followers_url = $11, featured_url = $12, icon = $13,
            image = $14, fields = $15::jsonb, locked = $16, discoverable = $17, indexable = $18,
            latitude = $19, longitude = $20, territory = $21, also_known_as = $22, moved_to = $23,
            moved_at = $24, updated_at = $25, fetched_at = $26, suspended_at = $27,
            deleted_at = $28, type = $29, details = $30::jsonb
        where id = $1
        returning {COLUMNS}
        """,
        account.id,
        account.kind,
        account.username,
        account.domain,
        account.name,
        account.summary,
        account.source,
        account.url,
        account.inbox,
        account.shared_inbox,
        account.followers_url,
        account.featured_url,
        account.icon,
        account.image,
        _json(account.fields),
        account.locked,
        account.discoverable,
        account.indexable,
        account.latitude,
        account.longitude,
        account.territory,
        list(account.also_known_as),
        account.moved_to,
        account.moved_at,
        account.updated_at,
        account.fetched_at,
        account.suspended_at,
        account.deleted_at,
        account.type,
        _details(account),
    )
    assert row is not None, "an account that is updated exists"
    return of_row(row)


async def release_handle(db: Executor, username: str, domain: str) -> None:
    """Rename whoever of elsewhere holds this handle: its server gave it to another actor."""
    await db.execute(
        """
        update commune.account
        set username = username || '.' || id
        where lower(username) = lower($1)
          and domain = $2
          and not local
        """,
        username,
        domain,
    )
