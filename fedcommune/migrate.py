"""Bring a database up to date: the numbered SQL of the three packages, once, in order."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

import fedcommune
import inbox
import outbox

_LOCK: Final = 0x66656463  # any number of our own; "fedc"
_OLDEST: Final = 150000  # PostgreSQL 15
_NAME: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_POLL: Final = 0.1  # seconds between two tries at the lock

# The boxes first: they never refer to the application's tables, so the order is always valid.
PACKAGES: Final = (inbox, outbox, fedcommune)


class MigrationError(Exception):
    """The database cannot be brought up to date; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: the package it belongs to, its name, its text and the SHA-256 of that text."""

    package: str
    name: str
    sql: str
    sha256: str


def folders() -> list[tuple[str, Path]]:
    """Return the package and the folder of migrations of each package, in order."""
    return [
        (package.__name__, Path(str(package.__file__)).parent / "migrations")
        for package in PACKAGES
    ]


def read(sources: Sequence[tuple[str, Path]] | None = None) -> list[Migration]:
    """Read the migrations of *sources* (package, folder) in the order they are applied in.

    A folder that does not exist has none. Raises :class:`MigrationError` on a name that is
    not ``NNNN_subject.sql``, and on a number given twice.
    """
    found: list[Migration] = []
    for package, folder in folders() if sources is None else sources:
        numbers: dict[str, str] = {}
        for path in sorted(folder.glob("*.sql")):
            match = _NAME.fullmatch(path.name)
            if match is None:
                raise MigrationError(f"{package}/{path.name} must be named like 0001_subject.sql.")
            if match[1] in numbers:
                raise MigrationError(
                    f"{package} has two migrations numbered {match[1]}: {numbers[match[1]]} and "
                    f"{path.name}. Give one of them the next number."
                )
            numbers[match[1]] = path.name
            text = path.read_bytes()
            found.append(
                Migration(package, path.name, text.decode(), hashlib.sha256(text).hexdigest())
            )
    return found


async def migrate(url: str, sources: Sequence[tuple[str, Path]] | None = None) -> list[str]:
    """Apply what is missing to the database at *url*; return its names (``inbox/0001_x.sql``).

    Each file is one transaction. Several processes may call this together: one works, the
    others wait. Raises :class:`MigrationError` when the server is too old, when an applied
    file was changed, when the database knows files that we do not, or when a file fails:
    then what came before it stays, and of it nothing.
    """
    wanted = read(sources)
    connection = await asyncpg.connect(url)
    try:
        if int(await connection.fetchval("show server_version_num")) < _OLDEST:
            raise MigrationError("fedcommune needs PostgreSQL 15 or later: upgrade the server.")
        # Polled: a session that waits inside the lock function is a transaction that other
        # sessions may in turn have to wait for.
        while not await connection.fetchval(  # noqa: ASYNC110  # another process holds it
            "select pg_try_advisory_lock($1)", _LOCK
        ):
            await asyncio.sleep(_POLL)
        return [await _apply(connection, each) for each in await _missing(connection, wanted)]
    finally:
        await connection.close()


async def pending(url: str, sources: Sequence[tuple[str, Path]] | None = None) -> list[str]:
    """Return the names of the migrations that :func:`migrate` would apply; change nothing."""
    wanted = read(sources)
    connection = await asyncpg.connect(url)
    try:
        applied = await _applied(connection)
        return [_name(each) for each in _compare(applied, wanted)]
    finally:
        await connection.close()


def _name(migration: Migration) -> str:
    return f"{migration.package}/{migration.name}"


async def _applied(
    connection: asyncpg.Connection[asyncpg.Record],
) -> dict[str, str]:
    """Return the digest of each applied migration, by name."""
    if await connection.fetchval("select to_regclass('migrations.applied') is null"):
        return {}
    rows = await connection.fetch("select package, name, sha256 from migrations.applied")
    return {f"{row['package']}/{row['name']}": row["sha256"] for row in rows}


def _compare(applied: dict[str, str], wanted: Sequence[Migration]) -> list[Migration]:
    """Return what is missing; raise :class:`MigrationError` when the past does not agree."""
    known = {_name(each) for each in wanted}
    if unknown := sorted(set(applied) - known):
        raise MigrationError(
            f"The database was migrated by a newer fedcommune ({unknown[0]} is not known here): "
            "install that version."
        )
    for each in wanted:
        if applied.get(_name(each), each.sha256) != each.sha256:
            raise MigrationError(
                f"The migration {_name(each)} was changed after it was applied: restore the file "
                "and write the change as a new migration."
            )
    return [each for each in wanted if _name(each) not in applied]


async def _missing(
    connection: asyncpg.Connection[asyncpg.Record], wanted: Sequence[Migration]
) -> list[Migration]:
    applied = await _applied(connection)
    missing = _compare(applied, wanted)
    if not applied:
        await connection.execute("create schema if not exists migrations")
        await connection.execute(
            """
            create table if not exists migrations.applied (
                package text not null,
                name text not null,
                sha256 text not null,
                applied_at timestamptz not null default now(),
                primary key (package, name)
            )
            """
        )
    return missing


async def _apply(connection: asyncpg.Connection[asyncpg.Record], migration: Migration) -> str:
    try:
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into migrations.applied (package, name, sha256) values ($1, $2, $3)",
                migration.package,
                migration.name,
                migration.sha256,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(
            f"The migration {_name(migration)} failed and was rolled back: {error}."
        ) from error
    return _name(migration)
