"""A commune with its own PostgreSQL is killed, once with it: what was accepted is still there."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from fedcommune import config
from fedcommune.commune import Commune, opened
from tests.crash.village import Progress, Sender, Village, script
from tests.support.builders import an_environment
from tests.support.communes import Town
from tests.support.evil import EvilServer
from tests.support.processes import Command, running

SETTLED_WITHIN = 60.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder into which the account that runs PostgreSQL can walk."""
    made = Path(tempfile.mkdtemp(prefix="fedcommune-crash-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
async def village() -> AsyncIterator[Village]:
    async with EvilServer() as server:
        yield Village(server, Progress())


@pytest.mark.parametrize("too", ["", "and its database"], ids=["alone", "with its database"])
async def test_a_commune_with_its_own_database_is_killed_and_comes_back(
    folder: Path, village: Village, port: int, too: str
) -> None:
    chance = random.Random(41)
    domain = f"saint-leu.localhost:{port}"
    environment = an_environment(
        folder / "var",
        commune_domain=domain,
        storage_directory=str(folder),
        development_no_rate_limits="true",
    )
    settings = config.load(None, environment)
    serve = Command(["serve"], environment, folder / "serve.log")
    async with running(serve):
        async with opened(settings, migrating=False) as commune:
            town = Town(commune)
            people = [(await town.citizen(name)).actor_id for name in ("marie", "paul")]
            marie = await town.find("@marie")
            posts = [(await town.say(marie, f"Nouvelle {n}")).object_id for n in range(2)]
        who = village.stranger("ada", "from", 0)
        sender = Sender(who, script(who, people, posts, chance), insistence=0)
        sending = asyncio.create_task(sender.go(domain, chance, village.progress, _at_once))
        await village.progress.reach(6)
        postmaster = _postmaster(folder)
        await serve.kill()
        if too:
            _kill(postmaster)
        await sending
        accepted = set(sender.accepted)
        assert len(accepted) >= 3

        await serve.start()
        sender = Sender(who, sender.script)
        await sender.go(domain, random.Random(42), village.progress, _at_once)

        async with opened(settings, migrating=False) as commune:
            await _settle(commune, serve)
            await _check(commune, accepted | sender.accepted, sender)


async def _check(commune: Commune, accepted: set[str], sender: Sender) -> None:
    pool = commune.database.pool
    received = {row[0] for row in await pool.fetch("select id from inbox.received")}
    assert accepted <= received
    assert {message["id"] for message in sender.script} == received
    notes = [each["object"]["id"] for each in sender.script if each["type"] == "Create"]
    stored = await pool.fetch("select object_id from commune.post where not local")
    assert sorted(row[0] for row in stored) == sorted(notes)
    assert await pool.fetchval("select count(*) from inbox.failed") == 0


async def _settle(commune: Commune, serve: Command) -> None:
    pool = commune.database.pool
    # The minute passes after which the leases of the dead are over.
    await pool.execute("update inbox.lane set leased_until = now() where lease is not null")
    await pool.execute("update outbox.lane set lease_until = now() where lease_until is not null")
    waits = "select exists (select from inbox.waiting) or exists (select from outbox.delivery)"
    try:
        async with asyncio.timeout(SETTLED_WITHIN):
            while await pool.fetchval(waits):  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"Something still waits.\n{serve.complaints()}") from None


def _postmaster(folder: Path) -> int:
    """Return the process of the server that *folder* has."""
    return int((folder / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):  # it ended by itself: its only user was killed
        os.kill(process, signal.SIGKILL)


async def _at_once() -> None:
    await asyncio.sleep(0)
