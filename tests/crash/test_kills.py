"""Processes are killed at any moment: what was accepted happens once, what was said arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from tests.crash.scene import POSTS, Scene, a_scene, terminate_all_backends
from tests.support.processes import Command, running

KILLS = 4
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
            async with asyncio.TaskGroup() as group:
                group.create_task(kill_now_and_then(scene, [serve], serve, up))
                group.create_task(live(scene, lambda: _until(up)))
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
            async with asyncio.TaskGroup() as group:
                group.create_task(kill_now_and_then(scene, [serve, work], work, up))
                group.create_task(live(scene, lambda: _until(up)))
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
            async with asyncio.TaskGroup() as group:
                cutting = group.create_task(cut_now_and_then())
                group.create_task(live(scene, at_once))
            assert cutting.result() >= 2 * KILLS
            await scene.desk.commune.database.pool.expire_connections()
            await scene.lapse(minutes=5)
            await judge(scene)
        assert serve.deaths == 0


async def _until(up: asyncio.Event) -> None:
    await up.wait()
