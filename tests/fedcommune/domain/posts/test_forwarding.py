from typing import Any

import orjson
import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Policy
from fedcommune.domain.posts import actions, queries
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import Visibility
from federation.errors import IgnoredError
from tests.fedcommune.domain.people import People, Sent
from tests.fedcommune.domain.wire import PUBLIC, Wire, activity, befriend, everything, note

ADA = "https://elsewhere.example/users/ada"
PROOF = {"type": "DataIntegrityProof", "proofValue": "z1"}
FRIEND = "https://friends.example/inbox"


class Scene:
    """Marie, followed from three servers, wrote something; Ada, one of the three, answers."""

    def __init__(self, wire: Wire, people: People, marie: Account, post: Post) -> None:
        self.wire, self.people, self.marie, self.post = wire, people, marie, post

    def answer(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        """Return the Create of Ada's answer, for Marie's followers too."""
        return activity(
            "Create",
            note(
                number,
                **{"inReplyTo": self.post.object_id, "cc": [self.marie.followers_url], **changes},
            ),
            number=number,
            proof=PROOF,
        )

    async def forwarded(self) -> list[Sent]:
        """Return what left that others had said."""
        return [
            each
            for each in await self.people.sent()
            if not str(each.document["actor"]).startswith("https://saint-leu.example/")
        ]


@pytest.fixture
async def scene(tx: Transaction, people: People) -> Scene:
    marie = await people.citizen("marie")
    for username, domain in (("ada", "elsewhere"), ("bea", "friends"), ("eve", "refused")):
        await befriend(tx, await people.stranger(username, f"{domain}.example"), marie)
    await hosts.set_policy(tx.db, "refused.example", Policy.BLOCKED, reason="spam", now=tx.now)
    post = await actions.publish(tx, marie, Draft("Bonjour"))
    return Scene(Wire(tx), people, marie, post)


async def test_s2s_16_an_answer_for_our_followers_is_forwarded_as_it_came(scene: Scene) -> None:
    answer = scene.answer()

    await scene.wire.receive(answer)

    (sent,) = await scene.forwarded()
    assert sent.document == answer
    body = await scene.wire.tx.db.fetchval(
        "select body from outbox.activity order by key desc limit 1"
    )
    assert body == orjson.dumps(answer)
    signer = await scene.wire.tx.db.fetchval(
        "select actor_id from outbox.activity order by key desc limit 1"
    )
    assert signer == scene.marie.actor_id


async def test_w_fwd_01_neither_to_the_origin_nor_to_refused_hosts(scene: Scene) -> None:
    await scene.wire.receive(scene.answer())

    (sent,) = await scene.forwarded()
    assert sent.inboxes == (FRIEND,)


async def test_s2s_16_only_what_is_seen_for_the_first_time_is_forwarded(scene: Scene) -> None:
    await scene.wire.receive(scene.answer())
    before = await everything(scene.wire.tx)

    with pytest.raises(IgnoredError):
        await scene.wire.receive(scene.answer() | {"id": f"{ADA}/create/again"})

    assert await everything(scene.wire.tx) == before


async def test_s2s_17_an_answer_to_an_answer_is_forwarded_too_but_no_further(
    scene: Scene,
) -> None:
    await scene.wire.receive(scene.answer(1))
    followers = [scene.marie.followers_url, scene.marie.actor_id]
    for number in (2, 3):
        above = note(number - 1)["id"]
        await scene.wire.receive(scene.answer(number, inReplyTo=above, cc=followers))

    assert [each.document["object"]["id"] for each in await scene.forwarded()] == [
        note(1)["id"],
        note(2)["id"],
    ]


async def test_s2s_17_a_link_to_a_post_of_ours_refers_to_it(scene: Scene) -> None:
    link = {
        "type": "Link",
        "href": scene.post.object_id,
        "mediaType": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
    }

    await scene.wire.receive(
        scene.answer(
            inReplyTo=None, tag=[link], cc=[scene.marie.followers_url, scene.marie.actor_id]
        )
    )

    assert len(await scene.forwarded()) == 1


async def test_s2s_18_nobody_is_added_to_those_whom_the_original_addresses(scene: Scene) -> None:
    await scene.wire.receive(scene.answer(cc=[]))

    assert await scene.forwarded() == []


async def test_w_fwd_01_what_does_not_answer_us_is_not_forwarded(scene: Scene) -> None:
    mention = {"type": "Mention", "href": scene.marie.actor_id}

    await scene.wire.receive(
        scene.answer(
            inReplyTo=None, tag=[mention], cc=[scene.marie.followers_url, scene.marie.actor_id]
        )
    )

    assert await scene.forwarded() == []


async def test_w_fwd_01_what_carries_no_proof_is_not_forwarded(scene: Scene) -> None:
    unproven = scene.answer()
    del unproven["proof"]

    await scene.wire.receive(unproven)

    assert await scene.forwarded() == []


@pytest.mark.parametrize("cc", [False, True])
async def test_w_fwd_02_what_is_not_open_is_not_forwarded(scene: Scene, cc: bool) -> None:
    private = scene.answer(to=[f"{ADA}/followers", scene.marie.actor_id])
    if cc:  # the activity says more than the post
        private["to"] = [PUBLIC]

    await scene.wire.receive(private)

    assert await scene.forwarded() == []


async def test_w_fwd_02_an_answer_to_a_private_post_is_not_forwarded(
    scene: Scene, people: People
) -> None:
    secret = await actions.publish(
        scene.wire.tx, scene.marie, Draft("Entre nous", Visibility.FOLLOWERS)
    )

    await scene.wire.receive(scene.answer(inReplyTo=secret.object_id))

    assert await scene.forwarded() == []


async def test_sec_mod_02_an_answer_across_a_block_is_not_forwarded(scene: Scene) -> None:
    ada = await scene.people.stranger("ada")
    paul = await scene.people.citizen("paul")
    await befriend(scene.wire.tx, paul, ada)  # so that it is kept all the same
    await blocks.block(scene.wire.tx, scene.marie, ada)

    await scene.wire.receive(scene.answer())

    assert await queries.stored(scene.wire.tx.db, note()["id"]) is not None
    assert await scene.forwarded() == []


@pytest.mark.parametrize("type_", ["Update", "Delete"])
async def test_w_fwd_01_endings_follow_what_was_forwarded(scene: Scene, type_: str) -> None:
    await scene.wire.receive(scene.answer())
    changed = scene.answer(2)["object"] | {"id": note()["id"], "updated": "2026-09-01T07:59:30Z"}
    what: Any = changed if type_ == "Update" else {"id": note()["id"], "type": "Tombstone"}

    await scene.wire.receive(
        activity(
            type_,
            what,
            number=5,
            actor=ADA,
            to=[PUBLIC],
            cc=[scene.marie.followers_url],
            proof=PROOF,
        )
    )

    sent = (await scene.forwarded())[-1]
    assert (sent.type, sent.inboxes) == (type_, (FRIEND,))


async def test_w_fwd_01_a_delete_reaches_the_followers_of_our_boosters(
    tx: Transaction, people: People
) -> None:
    wire, paul = Wire(tx), await people.citizen("paul")
    await befriend(tx, paul, await people.stranger("ada"))
    await befriend(tx, await people.stranger("bea", "friends.example"), paul)
    await wire.receive(activity("Create", note()))
    post = await queries.stored(tx.db, note()["id"])
    assert post is not None
    await reactions.boost(tx, paul, post)

    await wire.receive(activity("Delete", note()["id"], actor=ADA, to=[PUBLIC], proof=PROOF))

    last = (await people.sent())[-1]
    assert (last.type, last.document["actor"], last.inboxes) == ("Delete", ADA, (FRIEND,))


@pytest.mark.parametrize("type_", ["Follow", "Block"])
async def test_w_fwd_02_what_concerns_an_actor_is_never_forwarded(scene: Scene, type_: str) -> None:
    await scene.wire.receive(
        activity(
            type_,
            scene.marie.actor_id,
            actor=ADA,
            to=[PUBLIC],
            cc=[scene.marie.followers_url],
            proof=PROOF,
        )
    )

    assert await scene.forwarded() == []
