"""Journeys of real clients, each a process of its own that asks the test for what it cannot do."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from tests.mastodon.conftest import App
from tests.support.communes import Town
from tests.support.node import NODE

SECONDS: Final = 120
_RUNNER: Final = Path(__file__).parent / "journey.js"

Answer = Callable[[Any], Awaitable[Any]]


def of(town: Town, app: App) -> dict[str, str]:
    """Return what a journey must know of somebody who signed in."""
    return {
        "url": town.origin,
        "token": app.token,
        "id": str(app.account.id),
        "username": app.account.username,
    }


async def walk(name: str, answers: Mapping[str, Answer], **given: Any) -> Any:
    """Walk ``masto/<name>.js`` with what is *given*; return what it returned.

    *answers* are what it may ask for, by word. Raises AssertionError with what it said when
    it ended badly.
    """
    process = await asyncio.create_subprocess_exec(
        NODE, _RUNNER, name, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    complaints = asyncio.create_task(_all_of(process))
    try:
        async with asyncio.timeout(SECONDS):
            said: Any = given
            while True:
                process.stdin.write(json.dumps(said).encode() + b"\n")
                await process.stdin.drain()
                line = await process.stdout.readline()
                if not line:
                    raise AssertionError(f"{name} ended badly:\n{await complaints}")
                told = json.loads(line)
                if "done" in told:
                    return told["done"]
                said = await answers[told["ask"]](told["with"])
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await complaints


async def _all_of(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    return (await process.stderr.read()).decode(errors="replace")
