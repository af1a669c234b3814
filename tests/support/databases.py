"""Databases lent to one test after another: emptying one is far quicker than making one."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg

# A database that was emptied so often is left to the past with its dead rows.
MOST_LOANS = 100

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def with_database(url: str, name: str) -> str:
    """Return *url* with another database name."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


async def execute(url: str, sql: str) -> None:
    """Connect, execute one statement, leave."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@asynccontextmanager
async def empty_database(server: str, template: str = "template1") -> AsyncIterator[str]:
    """Make a database on *server*, a copy of *template*; give its URL; drop it at the end."""
    name = await _make(server, template)
    try:
        yield with_database(server, name)
    finally:
        await _drop(server, name)


class Shelf:
    """The databases of one session that nobody uses now, all copies of *template*.

    The template must hold no rows but those of ``migrations.applied``. A test may do what it
    likes with what it is lent, except in the schemas of the cluster (roles, settings).
    """

    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        self._loans: dict[str, int] = {}
        self._built: dict[str, str] = {}

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[str]:
        """Give the URL of a migrated database without rows, as new; take it back at the end."""
        name = self._free.pop() if self._free else await self._new()
        try:
            yield with_database(self._server, name)
        finally:
            if await self._emptied(name):
                self._free.append(name)
            else:
                await _drop(self._server, name)

    async def clear(self) -> None:
        """Drop every database that nobody uses."""
        while self._free:
            await _drop(self._server, self._free.pop())

    async def _new(self) -> str:
        name = await _make(self._server, self._template)
        connection = await asyncpg.connect(with_database(self._server, name))
        try:
            self._built[name] = await _structure(connection)
        finally:
            await connection.close()
        self._loans[name] = 0
        return name

    async def _emptied(self, name: str) -> bool:
        """Make *name* as good as new; False when that cannot be done."""
        self._loans[name] += 1
        if self._loans[name] >= MOST_LOANS:
            return False
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(
                with_database(self._server, name), command_timeout=30
            )
            try:
                await _hang_up(connection)
                await _clear_public(connection)
                if await _structure(connection) != self._built[name]:
                    return False
                await _delete_all(connection)
                await _restart_numbers(connection)
            finally:
                await connection.close()
            return True
        return False


async def _make(server: str, template: str) -> str:
    name = f"fedcommune_test_{os.getpid()}_{secrets.token_hex(6)}"
    await execute(server, f"create database {name} template {template}")
    return name


async def _drop(server: str, name: str) -> None:
    await execute(server, f"drop database if exists {name} with (force)")


async def _hang_up(connection: Connection) -> None:
    """End the connections that a test left behind, and wait until they have gone."""
    await connection.execute(
        """
        select pg_terminate_backend(pid, 10000)
        from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()
            and backend_type = 'client backend'
        """
    )


async def _clear_public(connection: Connection) -> None:
    """Remove what a test made for itself: our own tables are in other schemas."""
    if await connection.fetchval(
        """
        select exists (select from pg_class where relnamespace = 'public'::regnamespace)
            or exists (select from pg_proc where pronamespace = 'public'::regnamespace)
            or exists (select from pg_type where typnamespace = 'public'::regnamespace)
        """
    ):
        await connection.execute("drop schema public cascade")
        await connection.execute("create schema public")


async def _structure(connection: Connection) -> str:
    """Return a digest of all that is defined, and of the migrations that are said to be applied.

    Every change of a definition writes a row of the catalogue, and with it another xmin.
    """
    digest: str = await connection.fetchval(
        """
        select md5(string_agg(concat_ws(' ', kind, oid, version), ' ' order by kind, oid, version))
        from (
            select 'class' as kind, oid::text, xmin::text as version from pg_class
            union all select 'constraint', oid::text, xmin::text from pg_constraint
            union all select 'index', indexrelid::text, xmin::text from pg_index
            union all select 'default', oid::text, xmin::text from pg_attrdef
            union all select 'trigger', oid::text, xmin::text from pg_trigger
            union all select 'function', oid::text, xmin::text from pg_proc where oid >= 16384
            union all select 'type', oid::text, xmin::text from pg_type where oid >= 16384
            union all select 'rule', oid::text, xmin::text from pg_rewrite where oid >= 16384
            union all select 'extension', oid::text, xmin::text from pg_extension
            union all select 'schema', oid::text, xmin::text
                from pg_namespace where nspname <> 'public'
            union all select 'column', attrelid || '.' || attnum, xmin::text
                from pg_attribute where attrelid >= 16384
            union all select 'migration', package || '/' || name, sha256 || xmin
                from migrations.applied
        ) as defined
        """
    )
    return digest


async def _delete_all(connection: Connection) -> None:
    """Delete every row in one statement: whoever refers to whom, all are gone at its end."""
    tables = await connection.fetch(
        """
        select c.oid::regclass::text as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and not c.relispartition
            and n.nspname not in ('pg_catalog', 'information_schema', 'migrations')
        """
    )
    emptied = ", ".join(
        f"gone_{place} as (delete from {table['name']})" for place, table in enumerate(tables)
    )
    # Triggers may note what goes: the second time, there is nothing left to note.
    for _ in range(2):
        await connection.execute(f"with {emptied} select")


async def _restart_numbers(connection: Connection) -> None:
    await connection.execute(
        """
        select setval(seqrelid::regclass, seqstart, false)
        from pg_sequence
        where pg_sequence_last_value(seqrelid) is not null
        """
    )
