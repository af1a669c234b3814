"""Quotes of other software, and those who forge them: a peer of another origin over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.quotes import queries
from fedcommune.domain.quotes.model import MAX_ATTEMPTS, Quoting, again_after
from fedcommune.domain.visibility import ANYONE
from federation import signatures
from federation.names import AS2, LD_JSON_AS2, PUBLIC
from federation.webfinger import Handle
from tests.fedcommune.domain.wire import befriend
from tests.inbox.strangers import Stranger
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.evil import Asked, EvilServer, answer


@dataclass
class Scene:
    """Saint-Leu with Marie, whom Ada of another server follows, and who follows Ada."""

    town: Town
    clock: Clock
    server: EvilServer
    marie: Account
    ada: Stranger
    eve: Stranger
    letters: list[dict[str, Any]] = field(default_factory=list)

    async def settle(self) -> None:
        await communes.settle([self.town])

    async def meet(self, who: Stranger) -> Account:
        who.move_in()

        async def receive(asked: Asked, writer: Any) -> None:
            self.letters.append(orjson.loads(asked.body))
            writer.write(answer(202))

        self.server.plays(f"/users/{who.name}/inbox", receive, host=who.host)
        async with self.town.commune.database.transaction() as tx:
            known = await accounts.learn(tx, who.document(), Handle(who.name, who.authority))
            await follows.gain_follower(tx, known, self.marie, f"{who.id}/follow")
            await befriend(tx, self.marie, known)
        return known

    async def post(self, who: Stranger, activity: Mapping[str, Any]) -> int:
        """Let *who* send a signed activity to our inbox; settle; return the status."""
        body = orjson.dumps(activity)
        headers = signatures.sign(
            method="POST",
            url=f"{self.town.origin}/inbox",
            body=body,
            signer=who.signer,
            scheme="cavage",
            now=self.clock(),
        )
        port = urlsplit(self.town.origin).port
        async with httpx.AsyncClient(trust_env=False) as client:
            found = await client.post(
                f"http://127.0.0.1:{port}/inbox",
                content=body,
                headers={"Content-Type": LD_JSON_AS2, "Host": self.town.domain, **headers},
            )
        await self.settle()
        return found.status_code

    def note(self, who: Stranger, number: int = 1, **more: Any) -> dict[str, Any]:
        """Return a public note of *who*, served at its id; None removes a property."""
        path = f"/users/{who.name}/notes/{number}"
        document = {
            "@context": AS2,
            "id": who.server.url(who.host, path),
            "type": "Note",
            "attributedTo": who.id,
            "to": [PUBLIC],
            "content": f"<p>Note {number}</p>",
            "published": "2026-09-01T07:59:00Z",
            **more,
        }
        self.server.says(path, document, host=who.host)
        return document

    def stamp(self, who: Stranger, quoting: str, quoted: str, **more: Any) -> str:
        """Let the server of *who* show a stamp; return its id."""
        path = f"/users/{who.name}/stamps/1"
        stamp = who.server.url(who.host, path)
        self.server.says(
            path,
            {
                "@context": AS2,
                "id": stamp,
                "type": "QuoteAuthorization",
                "attributedTo": who.id,
                "interactingObject": quoting,
                "interactionTarget": quoted,
                **more,
            },
            host=who.host,
        )
        return stamp

    async def arrives(self, who: Stranger, note: Mapping[str, Any], number: int = 1) -> None:
        assert await self.post(who, who.activity("Create", note, number, to=[PUBLIC])) == 202

    async def quote_of(self, object_id: str) -> Quoting | None:
        pool = self.town.commune.database.pool
        post_id = await pool.fetchval("select id from commune.post where object_id = $1", object_id)
        return None if post_id is None else await queries.of_post(pool, post_id)

    async def state(self, object_id: str) -> str | None:
        found = await self.quote_of(object_id)
        return None if found is None else found.state

    async def said(self, text: str, **draft: Any) -> Post:
        async with self.town.commune.database.transaction() as tx:
            return await feeds.publish(tx, self.marie, Draft(text=text, **draft))


@pytest.fixture
async def scene(database_url: str) -> AsyncIterator[Scene]:
    clock = Clock()
    async with EvilServer() as server, communes.town("saint-leu", database_url, clock) as town:
        made = Scene(
            town,
            clock,
            server,
            await town.citizen("marie"),
            Stranger(server, "ada", "ada.localhost", 1),
            Stranger(server, "eve", "eve.localhost", 2),
        )
        await made.meet(made.ada)
        await made.meet(made.eve)
        await made.settle()
        made.letters.clear()
        yield made


async def wanted(scene: Scene, policy: dict[str, Any]) -> tuple[Post, dict[str, Any], Stranger]:
    """Ada writes under *policy*, Marie quotes it; return her post and the request that left."""
    note = scene.note(scene.ada, interactionPolicy={"canQuote": policy})
    await scene.arrives(scene.ada, note)
    pool = scene.town.commune.database.pool
    target = await pool.fetchval("select id from commune.post where object_id = $1", note["id"])
    post = await scene.said("Lisez cela", quoted=target)
    await scene.settle()
    (request,) = [each for each in scene.letters if each["type"] == "QuoteRequest"]
    assert (request["object"], request["instrument"]["id"]) == (note["id"], post.object_id)
    assert request["instrument"]["quote"] == note["id"]
    return post, request, scene.ada


def answering(
    who: Stranger, type_: str, request: Mapping[str, Any], number: int = 9, **more: Any
) -> dict[str, Any]:
    asked = {name: request[name] for name in ("id", "type", "actor", "object")}
    asked["instrument"] = request["instrument"]["id"]
    return who.activity(type_, asked, number, to=[request["actor"]], **more)


async def test_w_quo_01_a_manual_policy_waits_until_its_author_agrees(scene: Scene) -> None:
    post, request, ada = await wanted(scene, {"manualApproval": [PUBLIC]})
    assert await scene.state(post.object_id) == "pending"

    stamp = scene.stamp(ada, post.object_id, request["object"])
    scene.letters.clear()
    assert await scene.post(ada, answering(ada, "Accept", request, result=stamp)) == 202

    assert await scene.state(post.object_id) == "accepted"
    updates = [each for each in scene.letters if each["type"] == "Update"]
    assert {each["object"]["quoteAuthorization"] for each in updates} == {stamp}
    assert all("updated" not in each["object"] for each in updates)


async def test_w_quo_01_a_refusal_leaves_a_post_without_its_quote(scene: Scene) -> None:
    post, request, ada = await wanted(scene, {"automaticApproval": [PUBLIC]})

    assert await scene.post(ada, answering(ada, "Reject", request)) == 202

    assert await scene.state(post.object_id) == "rejected"
    (stored,) = [await scene.town.stored(post)]
    assert stored is not None
    assert stored.deleted_at is None


async def test_sec_ori_11_nobody_else_answers_for_who_is_quoted(scene: Scene) -> None:
    post, request, ada = await wanted(scene, {"automaticApproval": [PUBLIC]})
    forged = scene.stamp(scene.eve, post.object_id, request["object"], attributedTo=ada.id)

    await scene.post(scene.eve, answering(scene.eve, "Accept", request, result=forged))
    await scene.post(scene.eve, answering(scene.eve, "Reject", request, 10))

    found = await scene.quote_of(post.object_id)
    assert found is not None
    assert (found.state, found.stamp) == ("pending", None)
    assert "/users/eve/stamps/1" not in scene.server.targets()


async def test_w_quo_02_a_stamp_of_another_server_is_refused_whoever_brings_it(
    scene: Scene,
) -> None:
    post, request, ada = await wanted(scene, {"automaticApproval": [PUBLIC]})
    elsewhere = scene.stamp(scene.eve, post.object_id, request["object"], attributedTo=ada.id)

    await scene.post(ada, answering(ada, "Accept", request, result=elsewhere))

    assert await scene.state(post.object_id) == "pending"
    assert "/users/eve/stamps/1" not in scene.server.targets()


@pytest.mark.parametrize(
    "wrong",
    [
        {"interactingObject": "https://autre.example/1"},
        {"interactionTarget": "https://autre.example/1"},
        {"attributedTo": None},
        {"type": "Note"},
    ],
    ids=["another post", "another target", "nobody", "no stamp"],
)
async def test_w_quo_02_a_stamp_for_something_else_says_nothing(
    scene: Scene, wrong: dict[str, Any]
) -> None:
    post, request, ada = await wanted(scene, {"automaticApproval": [PUBLIC]})
    stamp = scene.stamp(ada, post.object_id, request["object"], **wrong)

    await scene.post(ada, answering(ada, "Accept", request, result=stamp))

    assert await scene.state(post.object_id) == "rejected"


async def test_w_quo_02_a_stamp_that_cannot_be_had_now_is_asked_for_later(scene: Scene) -> None:
    post, request, ada = await wanted(scene, {"automaticApproval": [PUBLIC]})
    stamp = scene.stamp(ada, post.object_id, request["object"])
    scene.server.says("/users/ada/stamps/1", status=503, host=ada.host)

    await scene.post(ada, answering(ada, "Accept", request, result=stamp))
    assert await scene.state(post.object_id) == "pending"
    scene.stamp(ada, post.object_id, request["object"])
    scene.clock.pass_by(minutes=2)
    await scene.settle()

    assert await scene.state(post.object_id) == "accepted"


async def test_w_quo_02_who_claims_a_stamp_first_hinders_nobody(scene: Scene) -> None:
    """CVE-2026-33869: somebody else names the stamp before who it is for."""
    target = scene.note(scene.ada, 1)
    quoting = scene.note(scene.ada, 2)
    stolen = scene.note(scene.eve, 3, quote=target["id"])
    real = scene.note(scene.eve, 4, quote=target["id"])
    stamp = scene.stamp(scene.ada, str(real["id"]), str(target["id"]))
    for note in (stolen, real):
        note["quoteAuthorization"] = stamp
        scene.server.says(
            f"/users/eve/notes/{3 if note is stolen else 4}", note, host=scene.eve.host
        )
    assert quoting["id"] != target["id"]

    await scene.arrives(scene.eve, stolen, 3)
    await scene.arrives(scene.eve, real, 4)

    assert await scene.state(str(stolen["id"])) == "rejected"
    assert await scene.state(str(real["id"])) == "accepted"


async def test_w_quo_04_a_stranger_takes_the_leave_back_and_another_cannot(scene: Scene) -> None:
    target = scene.note(scene.ada, 1)
    quoting = scene.note(scene.eve, 2, quote=target["id"])
    stamp = scene.stamp(scene.ada, str(quoting["id"]), str(target["id"]))
    quoting["quoteAuthorization"] = stamp
    await scene.arrives(scene.eve, quoting, 2)
    assert await scene.state(str(quoting["id"])) == "accepted"

    await scene.post(scene.eve, scene.eve.activity("Delete", stamp, 7, to=[PUBLIC]))
    assert await scene.state(str(quoting["id"])) == "accepted"
    await scene.post(scene.ada, scene.ada.activity("Delete", stamp, 7, to=[PUBLIC]))

    assert await scene.state(str(quoting["id"])) == "revoked"


async def test_w_quo_03_our_own_word_is_not_to_be_claimed(scene: Scene) -> None:
    """A quote of ours with a stamp that we never gave, and a request for somebody else's post."""
    ours = await scene.said("Chez nous", quotes="public")
    claim = scene.town.commune.instance.quote_stamp(ours.id, 1)
    note = scene.note(scene.eve, 1, quote=ours.object_id, quoteAuthorization=claim)
    await scene.arrives(scene.eve, note)
    assert await scene.state(str(note["id"])) == "pending"

    adas = scene.note(scene.ada, 2, quote=ours.object_id)
    request = {"type": "QuoteRequest", "object": ours.object_id, "instrument": adas}
    await scene.post(scene.eve, scene.eve.activity("QuoteRequest", ours.object_id, 5, **request))

    assert await scene.state(str(adas["id"])) is None
    assert [each["type"] for each in scene.letters if each["type"] == "Accept"] == []


async def test_a_quote_request_as_mastodon_sends_it_is_answered(scene: Scene) -> None:
    ours = await scene.said("Chez nous", quotes="public")
    note = scene.note(scene.ada, 1, quote=ours.object_id, quoteUri=ours.object_id)
    request = scene.ada.activity("QuoteRequest", ours.object_id, 5, instrument=note)

    assert await scene.post(scene.ada, request) == 202
    again = scene.ada.activity("QuoteRequest", ours.object_id, 6, instrument=note["id"])
    assert await scene.post(scene.ada, again) == 202

    answers = [each for each in scene.letters if each["type"] == "Accept"]
    assert [each["object"]["id"] for each in answers] == [request["id"], again["id"]]
    assert len({each["result"] for each in answers}) == 1
    found = await scene.quote_of(str(note["id"]))
    assert found is not None
    assert (found.state, found.stamp) == ("accepted", answers[0]["result"])


async def test_misskey_quotes_are_links_unless_one_quotes_oneself(scene: Scene) -> None:
    mine = scene.note(scene.ada, 1)
    own = scene.note(scene.ada, 2, _misskey_quote=mine["id"])
    other = scene.note(scene.eve, 3, quoteUrl=mine["id"])
    await scene.arrives(scene.ada, own, 2)
    await scene.arrives(scene.eve, other, 3)

    assert await scene.state(str(own["id"])) == "accepted"
    assert await scene.state(str(other["id"])) == "pending"
    pool = scene.town.commune.database.pool
    rows = await pool.fetch("select id, object_id from commune.post")
    ids = {row["object_id"]: row["id"] for row in rows}
    around = await queries.around(pool, ANYONE, ids.values())
    assert around[ids[own["id"]]].state == "accepted"
    assert around[ids[other["id"]]].state is None


def test_a_quote_is_not_looked_into_for_ever() -> None:
    assert again_after(0) is not None
    assert again_after(MAX_ATTEMPTS) is None
