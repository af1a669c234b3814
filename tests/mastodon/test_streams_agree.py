"""A stream tells what its timeline shows, and nothing else (SEC-VIS-01, SEC-VIS-05)."""

from __future__ import annotations

from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.listening import Ear, ear

pytestmark = pytest.mark.usefixtures("hearing")

TIMELINES = {
    "user": "/api/v1/timelines/home",
    "public": "/api/v1/timelines/public",
    "public:local": "/api/v1/timelines/public?local=true",
    "public:remote": "/api/v1/timelines/public?remote=true",
    "hashtag:jardin": "/api/v1/timelines/tag/jardin",
    "hashtag:local:jardin": "/api/v1/timelines/tag/jardin?local=true",
}


@dataclass
class Reader:
    """Somebody who listens to everything, and whose lists are of these kinds."""

    name: str
    app: App
    ear: Ear
    lists: dict[str, str]

    async def heard(self) -> dict[str, list[str]]:
        """Return by stream the ids that were told, in their order, up to now."""
        await self.app.http.post("/api/v2/filters", json={"title": "fin", "context": ["home"]})
        found: dict[str, list[str]] = defaultdict(list)
        while True:
            stream, event, payload = await self.ear.event()
            if event == "filters_changed":
                return found
            if event == "update":
                found[stream].append(payload["id"])

    async def shown(self) -> dict[str, list[str]]:
        """Return by stream the ids that the timelines show, oldest first."""
        found = {}
        lists = {f"list:{one}": f"/api/v1/timelines/list/{one}" for one in self.lists.values()}
        for stream, path in (TIMELINES | lists).items():
            sign = "&" if "?" in path else "?"
            answer = await self.app.http.get(f"{path}{sign}limit=40")
            assert answer.status_code == 200, answer.text
            found[stream] = [each["id"] for each in reversed(answer.json())]
        return found


async def done(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


class Village:
    """People who follow, mute, block and list each other in every way."""

    def __init__(self, neighbours: Neighbours) -> None:
        self.neighbours = neighbours
        self.people: dict[str, App] = {}

    async def open(self, *names: str) -> None:
        for name in names:
            self.people[name] = await self.neighbours.app(name)

    def id_of(self, name: str) -> str:
        return str(self.people[name].account.id)

    async def relate(self, who: str, verb: str, whom: str, **how: Any) -> None:
        path = f"/api/v1/accounts/{self.id_of(whom)}/{verb}"
        await done(await self.people[who].http.post(path, json=how))

    async def list_of(self, who: str, *members: str, **how: Any) -> str:
        http = self.people[who].http
        made = await done(await http.post("/api/v1/lists", json={"title": "x", **how}))
        path = f"/api/v1/lists/{made['id']}/accounts"
        await done(await http.post(path, json={"account_ids": [self.id_of(m) for m in members]}))
        return str(made["id"])

    async def say(self, who: str, text: str, to: str = "", **how: Any) -> str:
        said = {"status": text, "in_reply_to_id": to or None, **how}
        return str(
            (await done(await self.people[who].http.post("/api/v1/statuses", json=said)))["id"]
        )

    async def boost(self, who: str, post_id: str, **how: Any) -> None:
        path = f"/api/v1/statuses/{post_id}/reblog"
        await done(await self.people[who].http.post(path, json=how))

    async def listen(self, stack: AsyncExitStack, who: str, **lists: str) -> Reader:
        app = self.people[who]
        one = await stack.enter_async_context(ear(self.neighbours.here, app.token))
        for stream in ("user", "public", "public:local", "public:remote"):
            await one.subscribe(stream)
        for stream in ("hashtag", "hashtag:local"):
            await one.subscribe(stream, tag="jardin")
        for list_id in lists.values():
            await one.subscribe("list", list=list_id)
        return Reader(who, app, one, lists)


async def test_sec_vis_05_streams_and_timelines_agree_for_every_reader(
    neighbours: Neighbours,
) -> None:
    village = Village(neighbours)
    everybody = ("marie", "paul", "jean", "luc", "rosa", "sara", "tom", "ines", "autre")
    await village.open(*everybody)
    relate, say, boost = village.relate, village.say, village.boost
    far = await neighbours.there.citizen("far")
    met = await neighbours.here.meet(far)
    marie = village.people["marie"]
    for name in ("paul", "luc", "sara"):
        await relate("marie", "follow", name)
    await relate("marie", "follow", "jean", reblogs=False)
    await relate("marie", "follow", "tom", languages=["fr"])
    await done(await marie.http.post(f"/api/v1/accounts/{met.id}/follow"))
    await neighbours.settle()
    await relate("marie", "mute", "luc")
    await relate("marie", "block", "rosa")
    await done(await marie.http.post("/api/v1/tags/jardin/follow"))
    await relate("paul", "follow", "marie")
    await relate("luc", "follow", "paul")
    await relate("rosa", "follow", "paul")
    async with AsyncExitStack() as stack:
        readers = [
            await village.listen(
                stack,
                "marie",
                exclusive=await village.list_of("marie", "sara", exclusive=True),
                none=await village.list_of("marie", "paul", "jean", replies_policy="none"),
                members=await village.list_of("marie", "paul", "luc", replies_policy="list"),
                followed=await village.list_of("marie", "paul", "marie", replies_policy="followed"),
            ),
            await village.listen(stack, "paul"),
            await village.listen(stack, "luc", own=await village.list_of("luc", "paul", "luc")),
            await village.listen(stack, "rosa"),
            await village.listen(stack, "autre"),
        ]

        first: dict[str, str] = {}
        for name in everybody:
            first[name] = await say(name, f"De {name} #jardin")
        for name in ("paul", "luc", "rosa", "sara", "autre"):
            await say(name, f"Discret de {name} #jardin", visibility="unlisted")
            await say(name, f"Aux miens, de {name} #jardin", visibility="private")
            await say(name, f"Psst @marie, de {name}", visibility="direct")
        await say("tom", "In English #jardin", language="en")
        await say("tom", "In English", language="en")
        await say("tom", "En français", language="fr")
        for name in ("paul", "sara", "luc"):
            await say(name, "Je me réponds", first[name])
            await say(name, "À autre", first["autre"])
            await say(name, "À Marie", first["marie"])
            await say(name, "À Paul", first["paul"])
            await say(name, "À Sara", first["sara"])
            await say(name, "À Luc", first["luc"])
            await say(name, "À Jean @marie", first["jean"])
        await say("ines", "À Paul #jardin", first["paul"])
        # What carries a tag that is followed too would stand there once, as the boost.
        await boost("paul", await say("autre", "Pour Paul"))
        await boost("jean", await say("ines", "Pour Jean"))
        await boost("luc", await say("tom", "Pour Luc", language="fr"))
        await boost("sara", await say("ines", "Pour Sara"))
        await boost("sara", await say("marie", "Pour Sara"))
        await boost("paul", await say("luc", "Pour Paul"))
        await boost("paul", await say("ines", "Discrètement", visibility="unlisted"))
        await boost("marie", await say("ines", "Pour Marie"))
        own = await say("paul", "À moi, aux miens", visibility="private")
        await boost("paul", own, visibility="private")
        await neighbours.there.say(far, "De loin #jardin")
        await neighbours.settle()

        told = 0
        for reader in readers:
            heard, shown = await reader.heard(), await reader.shown()
            for stream, ids in shown.items():
                known = heard.get(stream, [])[-40:]
                assert known == ids, f"{reader.name}: {stream}"
                told += len(ids)
            assert set(heard) <= set(shown)
        assert told > 200
