"""Migrations: in order, once, whoever starts first, and never differently."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from fedcommune.migrate import MigrationError, folders, migrate, pending, read
from tests.support.databases import empty_database

Sources = list[tuple[str, Path]]


@pytest.fixture
async def url(postgres_url: str) -> AsyncIterator[str]:
    """An empty database, without any migration."""
    async with empty_database(postgres_url) as url:
        yield url


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Two packages, the second of which builds on the first."""
    for package in ("lower", "upper"):
        (tmp_path / package).mkdir()
    (tmp_path / "lower" / "0001_one.sql").write_text("create table one (id int primary key);\n")
    (tmp_path / "lower" / "0002_two.sql").write_text(
        "create table two (id int);\ninsert into two values (1);\n"
    )
    (tmp_path / "upper" / "0001_three.sql").write_text(
        "create table three (id int references one);\n"
    )
    return [("lower", tmp_path / "lower"), ("upper", tmp_path / "upper")]


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def test_the_boxes_come_before_the_application() -> None:
    assert [package for package, _ in folders()] == ["inbox", "outbox", "fedcommune"]


async def test_files_are_applied_in_order_and_once(url: str, sources: Sources) -> None:
    names = ["lower/0001_one.sql", "lower/0002_two.sql", "upper/0001_three.sql"]
    assert await pending(url, sources) == names

    assert await migrate(url, sources) == names
    assert await migrate(url, sources) == []

    assert await pending(url, sources) == []
    assert await ask(url, "select count(*) from two") == 1


async def test_a_new_file_is_applied_to_an_old_database(url: str, sources: Sources) -> None:
    await migrate(url, sources)
    (sources[0][1] / "0003_more.sql").write_text("alter table one add column name text;\n")

    assert await migrate(url, sources) == ["lower/0003_more.sql"]


async def test_a_folder_that_does_not_exist_has_no_migrations(url: str, tmp_path: Path) -> None:
    assert await migrate(url, [("nothing", tmp_path / "nothing")]) == []


async def test_an_applied_file_that_was_changed_is_refused_and_nothing_is_applied(
    url: str, sources: Sources
) -> None:
    await migrate(url, sources)
    (sources[0][1] / "0001_one.sql").write_text("create table one (id bigint primary key);\n")
    (sources[1][1] / "0002_new.sql").write_text("create table fresh (id int);\n")

    with pytest.raises(MigrationError, match=r"lower/0001_one\.sql was changed"):
        await migrate(url, sources)
    with pytest.raises(MigrationError, match=r"lower/0001_one\.sql was changed"):
        await pending(url, sources)

    assert await ask(url, "select to_regclass('fresh')") is None


async def test_a_database_of_a_newer_version_is_refused(url: str, sources: Sources) -> None:
    await migrate(url, sources)
    (sources[1][1] / "0001_three.sql").unlink()

    with pytest.raises(MigrationError, match="newer fedcommune"):
        await migrate(url, sources)


async def test_of_a_file_that_fails_nothing_is_kept_and_what_came_before_stays(
    url: str, sources: Sources
) -> None:
    (sources[0][1] / "0002_two.sql").write_text("create table two (id int);\nselect nonsense;\n")

    with pytest.raises(MigrationError, match=r"lower/0002_two\.sql failed"):
        await migrate(url, sources)

    assert await ask(url, "select to_regclass('two')") is None
    assert await ask(url, "select count(*) from one") == 0
    assert await pending(url, sources) == ["lower/0002_two.sql", "upper/0001_three.sql"]


async def test_several_processes_that_start_together_migrate_once(
    url: str, sources: Sources
) -> None:
    done = await asyncio.gather(*(migrate(url, sources) for _ in range(6)))

    assert sorted(map(len, done)) == [0, 0, 0, 0, 0, 3]


@pytest.mark.parametrize(
    ("name", "said"),
    [("1_short.sql", "must be named like"), ("0001_again.sql", "two migrations numbered 0001")],
)
def test_a_name_out_of_line_is_refused(sources: Sources, name: str, said: str) -> None:
    (sources[0][1] / name).write_text("select 1;\n")

    with pytest.raises(MigrationError, match=said):
        read(sources)


async def test_our_own_migrations_bring_an_empty_database_up_to_date(url: str) -> None:
    applied = await migrate(url)

    assert "fedcommune/0001_accounts.sql" in applied
    assert await pending(url) == []
