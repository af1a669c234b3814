"""What every test may ask for: an empty, migrated PostgreSQL database of its own."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from fedcommune.migrate import migrate
from fedcommune.postgres import Embedded
from tests.support.databases import Shelf, execute, with_database
from tests.support.ports import a_port

T = TypeVar("T")

# Nothing of value is in there: speed before safety.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run *coroutine* in a loop and a thread of its own, away from the loops of the tests."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


@contextmanager
def a_walkable_folder() -> Iterator[Path]:
    """Give a new folder that the account which runs an embedded PostgreSQL can enter.

    tmp_path is closed to it when we are root.
    """
    folder = Path(tempfile.mkdtemp(prefix="fedcommune-tests-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def walkable() -> Iterator[Path]:
    """A new folder for the data of a commune with a PostgreSQL of its own."""
    with a_walkable_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The server of this session: DATABASE_URL when it is set, otherwise an embedded one."""
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    with a_walkable_folder() as folder:
        server = Embedded(folder / "postgres", settings=FAST)
        try:
            yield run(server.start())
        finally:
            run(server.stop())


@pytest.fixture(scope="session")
def template(postgres_url: str) -> Iterator[str]:
    """The name of a database migrated once for this session, to be copied by each test."""
    name = f"fedcommune_template_{os.getpid()}_{secrets.token_hex(4)}"
    run(execute(postgres_url, f"create database {name}"))
    try:
        run(migrate(with_database(postgres_url, name)))
        yield name
    finally:
        run(execute(postgres_url, f"drop database if exists {name} with (force)"))


@pytest.fixture(scope="session")
def shelf(postgres_url: str, template: str) -> Iterator[Shelf]:
    """The migrated databases of this session, lent to one test after another."""
    made = Shelf(postgres_url, template)
    try:
        yield made
    finally:
        run(made.clear())


@pytest.fixture
async def database_url(shelf: Shelf) -> AsyncIterator[str]:
    """The URL of an empty, migrated database that only this test uses."""
    async with shelf.lend() as url:
        yield url


@pytest.fixture
async def second_database_url(shelf: Shelf) -> AsyncIterator[str]:
    """Another one, for the commune next door."""
    async with shelf.lend() as url:
        yield url


@pytest.fixture
def port() -> Iterator[int]:
    """A port of loopback that only this test uses."""
    with a_port() as held:
        yield held
