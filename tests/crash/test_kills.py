"""Processes are killed at any moment: what was accepted happens once, what was said arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

import asyncpg
import pytest

from tests.crash.scene import POSTS, Scene, a_scene, terminate_all_backends
from tests.support.processes import Command, running

KILLS = 4
WITHIN = 90.0  # seconds
# Whether it was published or not is then not known, and may be asked afterwards.
CUT_OFF = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


async def live(scene: Scene, up: Callable[[], Awaitable[None]]) -> None:
    """Let all senders send, and Marie publish, each at the seeded moments of the scene."""

    async def publish() -> None:
        for number in range(POSTS):
            await scene.progress.reach(number * 20 + 1)
            while True:
                try:
                    await scene.say(number)
                    break
                except CUT_OFF:
                    await up()

    async with asyncio.TaskGroup() as group:
        for sender in scene.senders:
            group.create_task(sender.go(scene.desk.domain, scene.chance, scene.progress, up))
        group.create_task(publish())
    await scene.progress.end()


async def kill_now_and_then(
    scene: Scene, victims: list[Command], worker: Command, up: asyncio.Event
) -> None:
    """Kill one of *victims*, start it again, and so on; *up* tells when all of them run."""
    ticks = 0
    for _ in range(KILLS):
        ticks += scene.chance.randrange(10, 45)
        victim = scene.chance.choice(victims)
        await scene.progress.reach(ticks)
        up.clear()
        await victim.kill()
        if victim is worker:
            await scene.lapse()
        await victim.start()
        up.set()
        ticks = max(ticks, scene.progress.ticks)


async def together(scene: Scene, *doings: Coroutine[object, object, object]) -> None:
    """Do all that at once, within a ceiling that only a failure reaches."""
    try:
        async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
            for each in doings:
                group.create_task(each)
    except TimeoutError:
        sent = [f"{len(each.tried)} of {len(each.script)}" for each in scene.senders]
        deaths = [each.deaths for each in scene.commands]
        logs = "\n".join(each.complaints() for each in scene.commands)
        raise AssertionError(
            f"seed {scene.seed}: stuck at {scene.progress.ticks}, sent {sent}, killed {deaths}, "
            f"said {len(scene.said)}\n{logs}"
        ) from None


async def judge(scene: Scene) -> None:
    await scene.settle()
    problems = await scene.problems()
    logs = "\n".join(each.complaints() for each in scene.commands) if problems else ""
    assert problems == [], f"seed {scene.seed}: " + "\n".join([*problems, logs])


@pytest.mark.parametrize("seed", [11])
async def test_w_del_01_a_commune_in_one_process_is_killed_again_and_again(
    seed: int, database_url: str, second_database_url: str, tmp_path: Path
) -> None:
    async with a_scene(seed, database_url, second_database_url, tmp_path) as scene:
        serve = scene.command("serve")
        up = asyncio.Event()
        up.set()
        async with running(serve):
            killing = kill_now_and_then(scene, [serve], serve, up)
            await together(scene, killing, live(scene, lambda: _until(up)))
            await judge(scene)
        assert serve.deaths == KILLS


@pytest.mark.parametrize("seed", [21])
async def test_w_del_01_web_and_workers_are_killed_again_and_again(
    seed: int, database_url: str, second_database_url: str, tmp_path: Path
) -> None:
    async with a_scene(seed, database_url, second_database_url, tmp_path) as scene:
        serve, work = scene.command("serve", "--no-workers"), scene.command("work")
        up = asyncio.Event()
        up.set()
        async with running(serve, work):
            killing = kill_now_and_then(scene, [serve, work], work, up)
            await together(scene, killing, live(scene, lambda: _until(up)))
            await judge(scene)
        assert serve.deaths + work.deaths == KILLS


@pytest.mark.parametrize("seed", [31])
async def test_all_connections_to_the_database_are_cut_and_nothing_is_restarted(
    seed: int, database_url: str, second_database_url: str, tmp_path: Path
) -> None:
    async with a_scene(seed, database_url, second_database_url, tmp_path) as scene:
        serve = scene.command("serve")

        async def cut_now_and_then() -> int:
            ticks, ended = 0, 0
            for _ in range(2 * KILLS):
                ticks += scene.chance.randrange(10, 45)
                await scene.progress.reach(ticks)
                ended += await terminate_all_backends(database_url)
                ticks = max(ticks, scene.progress.ticks)
            return ended

        async def at_once() -> None:
            await asyncio.sleep(0)

        async with running(serve):
            cutting = asyncio.create_task(cut_now_and_then())
            await together(scene, _result(cutting), live(scene, at_once))
            assert cutting.result() >= 2 * KILLS
            await scene.desk.commune.database.pool.expire_connections()
            await scene.lapse(minutes=5)
            await judge(scene)
        assert serve.deaths == 0


async def _result(cutting: asyncio.Task[int]) -> int:
    return await cutting


async def _until(up: asyncio.Event) -> None:
    await up.wait()
