"""One PostgreSQL schema a package: SQL stays in it, foreign keys go down, every query is valid."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.architecture.sources import PACKAGES, ROOT, files, name, strings, tree

OWN = {"inbox": "inbox", "outbox": "outbox", "fedcommune": "commune"}
TABLE = re.compile(
    r"\b(?:from|join|into|update|table|references|using|lock)\s+(?:only\s+)?"
    r"(inbox|outbox|commune)\.([a-z_]+)"
)
CALLS = ("execute", "executemany", "fetch", "fetchrow", "fetchval")


def _foreign(package: str, sql: str) -> set[str]:
    return {f"{found[1]}.{found[2]}" for found in TABLE.finditer(sql) if found[1] != OWN[package]}


@pytest.mark.parametrize("package", sorted(OWN))
def test_sql_stays_in_its_schema(package: str) -> None:
    strangers = {
        f"{name(path)}: {table}"
        for path in files(package)
        for text in strings(path)
        for table in _foreign(package, text)
    }

    assert strangers == set()


@pytest.mark.parametrize("package", sorted(OWN))
def test_migrations_stay_in_their_schema_and_refer_downwards(package: str) -> None:
    below = {"inbox": set(), "outbox": set(), "fedcommune": {"inbox", "outbox"}}[package]

    for path in sorted((ROOT / package / "migrations").glob("*.sql")):
        for table in _foreign(package, path.read_text(encoding="utf-8")):
            assert table.partition(".")[0] in below, f"{name(path)}: {table}"


def test_the_protocol_has_no_sql() -> None:
    spoken = {
        name(path)
        for path in files("federation")
        for text in strings(path)
        if TABLE.search(text) or re.search(r"\bselect\b.+\bfrom\b", text)
    }

    assert spoken == set()


async def test_foreign_keys_go_down(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    rows = await connection.fetch(
        """
        select conrelid::regclass::text as source, source.nspname as upper,
               confrelid::regclass::text as target, target.nspname as lower
        from pg_constraint
        join pg_class as s on s.oid = conrelid
        join pg_namespace as source on source.oid = s.relnamespace
        join pg_class as t on t.oid = confrelid
        join pg_namespace as target on target.oid = t.relnamespace
        where contype = 'f'
        """
    )
    await connection.close()

    assert rows
    allowed = {("commune", "inbox"), ("commune", "outbox")}
    assert [
        f"{row['source']} refers to {row['target']}"
        for row in rows
        if row["upper"] != row["lower"] and (row["upper"], row["lower"]) not in allowed
    ] == []


async def test_every_table_belongs_to_a_package_and_no_extension_is_needed(
    database_url: str,
) -> None:
    connection = await asyncpg.connect(database_url)
    schemas = await connection.fetch(
        "select distinct schemaname from pg_tables "
        "where schemaname not in ('pg_catalog', 'information_schema')"
    )
    extensions = await connection.fetch("select extname from pg_extension")
    await connection.close()

    assert {row[0] for row in schemas} == {"commune", "inbox", "migrations", "outbox"}
    assert {row[0] for row in extensions} == {"plpgsql"}


def _queries(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each query in *path* that can be known without running it."""
    module = importlib.import_module(name(path).removesuffix(".py").replace("/", "."))
    for node in ast.walk(tree(path)):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CALLS
            and node.args
        ):
            continue
        query = node.args[0]
        if isinstance(query, ast.Constant) and isinstance(query.value, str):
            yield node.lineno, query.value
        elif isinstance(query, ast.JoinedStr | ast.Name):
            try:
                text = eval(  # our own source
                    compile(ast.Expression(query), str(path), "eval"), dict(vars(module))
                )
            except NameError:
                continue  # made of arguments: only running it says what it is
            if isinstance(text, str):
                yield node.lineno, text


async def test_every_query_is_valid_against_the_migrated_database(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    wrong, tried = [], 0
    for path in files(*PACKAGES):
        if path.name in ("__main__.py", "guardian.py", "migrate.py", "postgres.py"):
            continue
        for line, query in _queries(path):
            tried += 1
            try:
                for statement in filter(str.strip, query.split(";")):
                    await connection.prepare(statement)
            except asyncpg.PostgresError as error:
                wrong.append(f"{name(path)}:{line}: {error}")
    await connection.close()

    assert wrong == []
    assert tried > 100
