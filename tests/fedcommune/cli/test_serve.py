"""A commune that runs: it answers, it works, it ends when told."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import run
from tests.fedcommune.cli.conftest import Terminal
from tests.support.builders import an_environment

DOMAIN = "saint-leu.localhost:8001"


class Running:
    """A command of its own process, once it has said that it is ready."""

    def __init__(self, process: Process, said: dict[str, Any]) -> None:
        self.process = process
        self.said = said

    async def end(self, signal_number: int) -> int:
        self.process.send_signal(signal_number)
        await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode


def environment(terminal: Terminal) -> dict[str, str]:
    """What a process needs to know; the package need not be installed."""
    root = str(Path(__file__).parents[3])
    return {**os.environ, **terminal.environment, "PYTHONPATH": root}


async def started(terminal: Terminal, words: Sequence[str]) -> Running:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fedcommune", *words, "--json"),
        env=environment(terminal),
        stdout=PIPE,
    )
    assert process.stdout is not None
    text = ""
    while not text.rstrip().endswith("}"):
        line = await process.stdout.readline()
        assert line, "the command ended before it was ready"
        text += line.decode()
    return Running(process, json.loads(text))


async def get(port: int, path: str, host: str = DOMAIN) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers={"Host": host}) as answer,
    ):
        return answer.status, await answer.text()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_works_and_ends_when_told(terminal: Terminal, how: int) -> None:
    async def scenario() -> int:
        commune = await started(terminal, ["serve", "--port", "0"])
        port = commune.said["port"]
        status, page = await get(port, "/.well-known/webfinger?resource=acct:marie@" + DOMAIN)
        assert status == 200
        assert json.loads(page)["subject"] == f"acct:marie@{DOMAIN}"
        status, _ = await get(port, "/", host="evil.example")
        assert status == 421
        return await commune.end(how)

    assert run(scenario()) == 0


def test_serve_without_workers_and_workers_alone(terminal: Terminal) -> None:
    async def scenario() -> tuple[int, int]:
        web = await started(terminal, ["serve", "--no-workers", "--port", "0"])
        workers = await started(terminal, ["work"])
        assert (await get(web.said["port"], "/"))[0] == 200
        return await workers.end(signal.SIGTERM), await web.end(signal.SIGTERM)

    assert run(scenario()) == (0, 0)


def test_serve_without_init_opens_the_first_actors_itself(bare: Terminal) -> None:
    async def scenario() -> int:
        commune = await started(bare, ["serve", "--port", "0"])
        assert (await get(commune.said["port"], "/@agenda"))[0] == 200
        return await commune.end(signal.SIGTERM)

    assert run(scenario()) == 0


def test_a_port_that_is_taken_is_said(terminal: Terminal) -> None:
    async def scenario() -> None:
        commune = await started(terminal, ["serve", "--port", "0"])
        port = str(commune.said["port"])
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fedcommune", "serve", "--no-workers", "--port", port),
            env=environment(terminal),
            stdout=PIPE,
            stderr=PIPE,
        )
        _, said = await second.communicate()
        assert second.returncode == 3
        assert b"choose another port" in said
        await commune.end(signal.SIGTERM)

    run(scenario())


def test_the_embedded_database_serves_two_commands_and_ends_with_the_last(
    bare: Terminal, walkable: Path
) -> None:
    bare.environment = an_environment(walkable)
    bare.ask("init", "--no-file")

    async def scenario() -> None:
        commune = await started(bare, ["serve", "--port", "0"])
        listed = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fedcommune", "actor", "list", "--json"),
            env=environment(bare),
            stdout=PIPE,
        )
        answer, _ = await listed.communicate()
        assert len(json.loads(answer)) == 7
        assert (await get(commune.said["port"], "/@agenda"))[0] == 200
        assert await commune.end(signal.SIGTERM) == 0

    run(scenario())
    assert not (walkable / "postgres" / "data" / "postmaster.pid").exists()
