from datetime import timedelta

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.posts import actions, queries, reach
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
from federation.errors import IgnoredError
from tests.fedcommune.domain.people import People, actor_document
from tests.fedcommune.domain.wire import (
    PUBLIC,
    Wire,
    activity,
    befriend,
    everything,
    note,
    told,
)

ADA = "https://elsewhere.example/users/ada"


@pytest.fixture
def wire(tx: Transaction) -> Wire:
    return Wire(tx)


async def kept(tx: Transaction, number: int = 1, author: str = ADA) -> Post:
    """Return the post that ``note(number, author)`` became."""
    post = await queries.stored(tx.db, f"{author}/notes/{number}")
    assert post is not None
    return post


async def test_s2s_19_a_post_of_somebody_followed_here_is_kept(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)

    await wire.receive(
        activity("Create", note(content="<p>Hello</p>", contentMap={"en": "<p>Hello</p>"}))
    )

    post = await kept(wire.tx)
    assert (post.author_id, post.visibility, post.local) == (ada.id, Visibility.PUBLIC, False)
    assert (post.content, post.language) == ("<p>Hello</p>", "en")
    assert post.published_at == wire.now - timedelta(minutes=1)
    assert await told(wire.tx, marie) == []


async def test_w_in_01_a_post_that_concerns_nobody_is_ignored(wire: Wire, people: People) -> None:
    await people.citizen("marie")
    await people.stranger("ada")
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Create", note()))

    assert await everything(wire.tx) == before


async def test_w_in_01_a_stranger_who_concerns_nobody_is_not_even_learned_of(
    wire: Wire, people: People
) -> None:
    await people.citizen("marie")
    wire.serve(actor_document("ada"))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Create", note()))

    assert await everything(wire.tx) == before


@pytest.mark.parametrize(
    ("to", "cc", "visibility"),
    [
        ([PUBLIC], [f"{ADA}/followers"], Visibility.PUBLIC),
        (["as:Public"], [], Visibility.PUBLIC),
        ([f"{ADA}/followers"], ["Public"], Visibility.UNLISTED),
        ([f"{ADA}/followers"], [], Visibility.FOLLOWERS),
        ([], [f"{ADA}/followers"], Visibility.FOLLOWERS),
        (["https://saint-leu.example/x"], [], Visibility.DIRECT),
    ],
)
async def test_w_doc_08_visibility_is_read_from_the_addressees(
    wire: Wire, people: People, to: list[str], cc: list[str], visibility: Visibility
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)

    await wire.receive(activity("Create", note(to=[*to, marie.actor_id], cc=cc)))

    assert (await kept(wire.tx)).visibility is visibility


async def test_w_doc_08_people_alone_without_the_direct_flag_is_limited(
    wire: Wire, people: People
) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")

    await wire.receive(activity("Create", note(to=[marie.actor_id], cc=None, directMessage=False)))

    assert (await kept(wire.tx)).visibility is Visibility.LIMITED


async def test_w_doc_08_where_activity_and_post_disagree_the_narrower_counts(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)

    await wire.receive(activity("Create", note(1), to=[f"{ADA}/followers"], cc=[]))
    await wire.receive(
        activity("Create", note(2, to=[f"{ADA}/followers"], cc=[]), number=2, to=[PUBLIC])
    )

    assert (await kept(wire.tx, 1)).visibility is Visibility.FOLLOWERS
    assert (await kept(wire.tx, 2)).visibility is Visibility.FOLLOWERS


async def test_w_in_01_a_post_for_followers_needs_a_follower_here(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    private = activity("Create", note(to=[f"{ADA}/followers"], cc=[]))

    with pytest.raises(IgnoredError):
        await wire.receive(private)
    await befriend(wire.tx, marie, ada)
    await wire.receive(private)

    post = await kept(wire.tx)
    assert await queries.by_id(wire.tx.db, Viewer(marie.id), post.id) is not None
    assert await queries.by_id(wire.tx.db, ANYONE, post.id) is None


async def test_w_in_01_a_direct_post_needs_to_be_for_somebody_here(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Create", note(to=["https://x.example/y"], cc=[])))

    assert await everything(wire.tx) == before


async def test_a_direct_post_is_for_whom_it_is_addressed_to_alone(
    wire: Wire, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada = await people.stranger("ada")
    for each in (marie, paul):
        await befriend(wire.tx, each, ada)

    await wire.receive(activity("Create", note(to=[marie.actor_id], cc=[])))

    post = await kept(wire.tx)
    assert await queries.by_id(wire.tx.db, Viewer(marie.id), post.id) is not None
    assert await queries.by_id(wire.tx.db, Viewer(paul.id), post.id) is None
    assert await told(wire.tx, marie) == [("mention", ada.id, post.id)]
    assert await told(wire.tx, paul) == []


async def test_w_doc_07_who_is_tagged_but_not_addressed_is_told_nothing(
    wire: Wire, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    ada = await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    tags = [{"type": "Mention", "href": each.actor_id} for each in (marie, paul)]

    await wire.receive(activity("Create", note(to=[marie.actor_id], cc=[], tag=tags)))

    post = await kept(wire.tx)
    assert await told(wire.tx, paul) == []
    assert await queries.by_id(wire.tx.db, Viewer(paul.id), post.id) is None
    assert await told(wire.tx, marie) == [("mention", ada.id, post.id)]


async def test_who_is_addressed_but_not_named_in_public_is_told_nothing(
    wire: Wire, people: People
) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")

    await wire.receive(activity("Create", note(cc=[marie.actor_id])))

    assert await told(wire.tx, marie) == []
    (addressed,) = await reach.mentioned(wire.tx.db, (await kept(wire.tx)).id, silently=True)
    assert addressed.id == marie.id


async def test_an_answer_to_ours_is_kept_counted_and_told(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    post = await actions.publish(wire.tx, marie, Draft("Bonjour"))

    await wire.receive(activity("Create", note(inReplyTo=post.object_id, context="https://x/y")))

    reply = await kept(wire.tx)
    assert (reply.parent_id, reply.conversation) == (post.id, post.conversation)
    assert await told(wire.tx, marie) == [("reply", ada.id, reply.id)]
    seen = await queries.by_id(wire.tx.db, ANYONE, post.id)
    assert seen is not None
    assert seen.replies_count == 1


async def test_sec_vis_07_private_answers_are_not_counted(wire: Wire, people: People) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    post = await actions.publish(wire.tx, marie, Draft("Bonjour"))

    await wire.receive(
        activity("Create", note(to=[marie.actor_id], cc=[], inReplyTo=post.object_id))
    )

    seen = await queries.by_id(wire.tx.db, Viewer(marie.id), post.id)
    assert seen is not None
    assert seen.replies_count == 0


async def test_sec_vis_07_a_public_answer_to_a_private_post_is_kept_private(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    post = await actions.publish(
        wire.tx, marie, Draft("@ada@elsewhere.example", Visibility.DIRECT, mentioned=(ada,))
    )

    await wire.receive(activity("Create", note(inReplyTo=post.object_id, cc=[marie.actor_id])))

    reply = await kept(wire.tx)
    assert reply.visibility is Visibility.DIRECT
    assert await queries.by_id(wire.tx.db, ANYONE, reply.id) is None
    assert await told(wire.tx, marie) == [("reply", ada.id, reply.id)]


async def test_sec_vis_02_an_answer_to_what_one_may_not_see_answers_nothing(
    wire: Wire, people: People
) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    secret = await actions.publish(wire.tx, marie, Draft("Entre nous", Visibility.FOLLOWERS))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Create", note(inReplyTo=secret.object_id)))

    assert await everything(wire.tx) == before


async def test_sec_mod_02_an_answer_across_a_block_is_ignored(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    post = await actions.publish(wire.tx, marie, Draft("Bonjour"))
    await blocks.block(wire.tx, marie, ada)
    before = await everything(wire.tx)
    tag = {"type": "Mention", "href": marie.actor_id}

    with pytest.raises(IgnoredError):
        await wire.receive(
            activity("Create", note(inReplyTo=post.object_id, cc=[marie.actor_id], tag=[tag]))
        )

    assert await everything(wire.tx) == before
