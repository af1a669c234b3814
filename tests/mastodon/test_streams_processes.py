"""Several processes serve one commune: what happens in one is told by all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
from mastodon import Mastodon, StreamListener

from fedcommune.commune import opened
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.grants import actions as grants
from tests.mastodon.conftest import EVERYTHING
from tests.mastodon.listening import ear, feed
from tests.mastodon.pushed import Phone
from tests.mastodon.test_mastodon_py import away
from tests.mastodon.test_mastodon_py import names_of_this_machine as names_of_this_machine
from tests.support.builders import a_config, an_environment
from tests.support.communes import Town
from tests.support.evil import EvilServer
from tests.support.ports import a_port
from tests.support.processes import Command, running


@dataclass
class House:
    """A commune with two web processes and one that works."""

    town: Town
    ports: tuple[int, int]
    web: tuple[Command, Command]
    marie: Account
    token: str

    async def post(self, text: str, *, port: int) -> dict[str, Any]:
        """Say something through the process on *port*."""
        return await self.ask("POST", "/api/v1/statuses", port=port, status=text)

    async def ask(self, method: str, path: str, *, port: int, **body: Any) -> dict[str, Any]:
        headers = {"Host": self.town.domain, "Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession() as http,
            http.request(
                method, f"http://127.0.0.1:{port}{path}", json=body, headers=headers
            ) as answer,
        ):
            assert answer.status == 200, await answer.text()
            said: dict[str, Any] = await answer.json()
            return said


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    with ExitStack() as held:
        first, second = held.enter_context(a_port()), held.enter_context(a_port())
        domain = f"saint-leu.localhost:{first}"
        settings = {"commune_domain": domain, "registration_geo_api": ""}
        environment = an_environment(tmp_path, database_url, **settings)

        def command(*words: str) -> Command:
            return Command(words, environment, tmp_path / f"{words[-1]}.log")

        web = tuple(command("serve", "--no-workers", "--port", str(p)) for p in (first, second))
        async with (
            running(*web, command("work")),
            opened(a_config(tmp_path, database_url, **settings), migrating=False) as commune,
        ):
            town = Town(commune)
            marie = await town.citizen("marie")
            async with commune.database.transaction() as tx:
                token = await grants.issue(
                    tx, citizen_id=marie.id, account_id=marie.id, scopes=EVERYTHING
                )
            yield House(town, (first, second), (web[0], web[1]), marie, token)


async def test_what_is_said_in_one_process_is_heard_in_all(house: House) -> None:
    first, second = house.ports
    async with (
        ear(house.town, house.token, "?stream=user", port=first) as here,
        ear(house.town, house.token, "?stream=user", port=second) as there,
        feed(house.town, house.token, "public", port=second) as public,
    ):
        await here.reached()
        await there.reached()
        said = await house.post("Bonjour", port=first)
        for app in (here, there):
            stream, event, status = await app.event()
            assert (stream, event, status["id"]) == ("user", "update", said["id"])
        assert (await public.event())[1]["id"] == said["id"]

        await house.ask("POST", f"/api/v1/statuses/{said['id']}/favourite", port=second)
        await house.ask("DELETE", f"/api/v1/statuses/{said['id']}", port=second)
        for app in (here, there):
            assert await app.event() == ("user", "delete", said["id"])
        assert await public.event() == ("delete", said["id"])


async def test_sec_vis_05_a_token_revoked_in_one_process_is_cut_off_in_all(house: House) -> None:
    async with (
        ear(house.town, house.token, "?stream=user", port=house.ports[1]) as there,
        feed(house.town, house.token, "user", port=house.ports[1]) as also,
    ):
        await there.reached()
        async with house.town.commune.database.transaction() as tx:
            await grants.revoke_all(tx, house.marie.id)
        assert await there.ended() == 1008
        assert await also.ended()


async def test_after_the_database_was_lost_all_processes_tell_again(house: House) -> None:
    async with (
        ear(house.town, house.token, "?stream=user", port=house.ports[0]) as here,
        ear(house.town, house.token, "?stream=user", port=house.ports[1]) as there,
    ):
        await here.reached()
        await there.reached()
        database = await asyncpg.connect(house.town.commune.database.url)
        await database.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
        await database.close()
        assert (await here.ended(), await there.ended()) == (1012, 1012)
    async with (
        ear(house.town, house.token, "?stream=user", port=house.ports[0]) as here,
        ear(house.town, house.token, "?stream=user", port=house.ports[1]) as there,
    ):
        await here.reached()
        await there.reached()
        said = await house.post("De nouveau", port=house.ports[1])
        for app in (here, there):
            assert (await app.event())[2]["id"] == said["id"]


async def test_the_process_that_works_tells_closed_apps(house: House) -> None:
    """At once: it is woken when the notification is kept."""
    async with EvilServer() as server:
        phone = Phone(server)
        await house.ask(
            "POST", "/api/v1/push/subscription", port=house.ports[0], **phone.wishes("mention")
        )
        paul = await house.town.citizen("paul")
        await house.town.say(paul, "Bonjour @marie")
        async with asyncio.timeout(10):
            while not phone.received:  # noqa: ASYNC110  # told by another process
                await asyncio.sleep(0.02)
        assert phone.read(phone.received[0])["title"] == "Paul vous mentionne"


async def test_a_process_that_is_told_to_end_does_not_wait_for_its_listeners(house: House) -> None:
    """Nor does it write down their tokens (SEC-OPS-01)."""
    query = f"?stream=user&access_token={house.token}"
    async with (
        ear(house.town, "", query, port=house.ports[1]) as socket_,
        feed(house.town, "", f"user{query}", port=house.ports[1], Authorization="") as events,
    ):
        await socket_.reached()
        await house.web[1].stop()
        assert await socket_.ended() == 1012
        assert await events.ended()
    complaints = house.web[1].complaints(100_000)
    assert "Traceback" not in complaints
    assert house.token not in complaints


async def test_mastodon_py_listens(house: House) -> None:
    """The library that many bots are written with."""
    heard: list[tuple[str, Any]] = []
    both = threading.Event()

    class Listener(StreamListener):
        def on_update(self, status: Any) -> None:
            heard.append(("update", status))

        def on_delete(self, status_id: Any) -> None:
            heard.append(("delete", status_id))
            both.set()

    api = Mastodon(
        access_token=house.token, api_base_url=house.town.origin, version_check_mode="none"
    )
    assert await away(api.stream_healthy)
    handle = await away(lambda: api.stream_user(Listener(), run_async=True))
    said = await house.post("Bonjour", port=house.ports[1])
    await house.ask("DELETE", f"/api/v1/statuses/{said['id']}", port=house.ports[1])
    assert await away(lambda: both.wait(10))
    await away(handle.close)
    assert heard[0][1].content == "<p>Bonjour</p>"
    assert str(heard[1][1]) == said["id"]
