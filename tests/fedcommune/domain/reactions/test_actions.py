from collections.abc import Awaitable, Callable

import pytest
from msgspec import structs

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.reactions import actions, queries
from fedcommune.domain.reactions.model import MAX_PINNED
from fedcommune.domain.reactions.model import Kind as Reacted
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
from fedcommune.errors import Invalid, NotAllowed, NotFound
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import PUBLIC, Wire, activity, befriend, everything, note, told

PRIVATE = [Visibility.FOLLOWERS, Visibility.LIMITED, Visibility.DIRECT]
Verb = Callable[[Transaction, Account, Post], Awaitable[object]]


async def adas_post(tx: Transaction, people: People) -> tuple[Account, Post]:
    """Return Ada, elsewhere, and a public post of hers that is known here."""
    ada = await people.stranger("ada")
    await befriend(tx, await people.citizen("reader"), ada)
    await Wire(tx).receive(activity("Create", note()))
    post = await post_queries.by_object_id(tx.db, ANYONE, note()["id"])
    assert post is not None
    return ada, post


async def seen(tx: Transaction, post: Post) -> Post:
    found = await post_queries.by_id(tx.db, Viewer(post.author_id), post.id)
    assert found is not None
    return found


async def test_s2s_27_a_like_is_counted_and_told_once(tx: Transaction, people: People) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await posts.publish(tx, marie, Draft("Bonjour"))

    first = await actions.like(tx, paul, post)
    second = await actions.like(tx, paul, post)

    assert first == second
    assert (await seen(tx, post)).likes_count == 1
    assert await told(tx, marie) == [("favourite", paul.id, post.id)]
    assert await queries.count(tx.db, post.id, Reacted.LIKE) == 1


async def test_w_act_like_goes_to_the_author_and_nobody_else(
    tx: Transaction, people: People
) -> None:
    ada, post = await adas_post(tx, people)
    marie = await people.citizen("marie")
    await befriend(tx, await people.stranger("bea", "friends.example"), marie)

    reaction = await actions.like(tx, marie, post)

    (sent,) = await people.sent()
    assert (sent.type, sent.inboxes) == ("Like", (ada.inbox,))
    assert (sent.document["id"], sent.document["object"]) == (reaction.activity_id, post.object_id)
    assert sent.document["to"] == [ada.actor_id]
    assert "proof" not in sent.document


async def test_an_undone_like_embeds_what_it_undoes(tx: Transaction, people: People) -> None:
    ada, post = await adas_post(tx, people)
    marie = await people.citizen("marie")
    reaction = await actions.like(tx, marie, post)

    await actions.unlike(tx, marie, post)
    await actions.unlike(tx, marie, post)

    like, undo = await people.sent()
    assert (undo.type, undo.inboxes) == ("Undo", (ada.inbox,))
    assert undo.document["object"]["id"] == reaction.activity_id
    assert undo.document["object"]["type"] == like.type
    assert (await seen(tx, post)).likes_count == 0


async def test_a_like_taken_back_is_no_longer_told(tx: Transaction, people: People) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await posts.publish(tx, marie, Draft("Bonjour"))
    await actions.like(tx, paul, post)

    await actions.unlike(tx, paul, post)

    assert await told(tx, marie) == []


async def test_w_act_announce_goes_to_followers_and_author(tx: Transaction, people: People) -> None:
    ada, post = await adas_post(tx, people)
    marie = await people.citizen("marie")
    await befriend(tx, await people.stranger("bea", "friends.example"), marie)

    reaction = await actions.boost(tx, marie, post)

    (sent,) = await people.sent()
    assert sent.type == "Announce"
    assert set(sent.inboxes) == {"https://friends.example/inbox", "https://elsewhere.example/inbox"}
    assert (sent.document["id"], sent.document["object"]) == (reaction.activity_id, post.object_id)
    assert sent.document["to"] == [PUBLIC]
    assert sent.document["cc"] == [marie.followers_url, ada.actor_id]
    assert sent.document["published"] == "2026-09-01T08:00:00Z"
    assert (await seen(tx, post)).shares_count == 1


async def test_a_boost_is_told_to_a_local_author_and_counted_once(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await posts.publish(tx, marie, Draft("Bonjour"))

    await actions.boost(tx, paul, post)
    await actions.boost(tx, paul, post)

    assert await told(tx, marie) == [("reblog", paul.id, post.id)]
    assert (await seen(tx, post)).shares_count == 1
    await actions.unboost(tx, paul, post)
    assert await told(tx, marie) == []
    assert (await seen(tx, post)).shares_count == 0


async def test_an_undone_boost_goes_where_the_boost_went(tx: Transaction, people: People) -> None:
    _, post = await adas_post(tx, people)
    marie = await people.citizen("marie")
    await befriend(tx, await people.stranger("bea", "friends.example"), marie)
    await actions.boost(tx, marie, post)

    await actions.unboost(tx, marie, post)

    announce, undo = await people.sent()
    assert undo.type == "Undo"
    assert undo.inboxes == announce.inboxes
    assert undo.document["object"]["id"] == announce.document["id"]
    assert undo.document["to"] == [PUBLIC]


@pytest.mark.parametrize("kind", [Kind.COMMUNE, Kind.FEED, Kind.SQUARE, Kind.PROJECT])
async def test_groups_and_the_commune_itself_can_boost(
    tx: Transaction, people: People, kind: Kind
) -> None:
    marie = await people.citizen("marie")
    voice = await people.actor("voice", kind=kind)
    post = await posts.publish(tx, marie, Draft("Bonjour"))

    await actions.boost(tx, voice, post)

    assert (await seen(tx, post)).shares_count == 1


async def test_sec_vis_09_ones_own_post_for_followers_is_boosted_to_them_alone(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    await befriend(tx, await people.stranger("bea", "friends.example"), marie)
    post = await posts.publish(tx, marie, Draft("Entre nous", Visibility.FOLLOWERS))

    await actions.boost(tx, marie, post)

    announce = (await people.sent())[-1]
    assert announce.document["to"] == [marie.followers_url]
    assert PUBLIC not in str(announce.document)


@pytest.mark.parametrize(
    "visibility", [Visibility.FOLLOWERS, Visibility.LIMITED, Visibility.DIRECT]
)
async def test_sec_vis_09_what_is_not_for_everybody_is_not_passed_on(
    tx: Transaction, people: People, visibility: Visibility
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    await befriend(tx, paul, marie)
    post = await posts.publish(tx, marie, Draft("@paul", visibility, mentioned=(paul,)))
    before = await everything(tx)

    with pytest.raises(NotAllowed):
        await actions.boost(tx, paul, post)

    assert await everything(tx) == before


async def test_a_boost_is_never_for_named_people(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    post = await posts.publish(tx, marie, Draft("Bonjour"))
    before = await everything(tx)

    with pytest.raises(Invalid):
        await actions.boost(tx, marie, post, Visibility.DIRECT)

    assert await everything(tx) == before


VERBS: list[Verb] = [
    actions.like,
    actions.unlike,
    actions.boost,
    actions.unboost,
    actions.pin,
    actions.unpin,
]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    "visibility", [Visibility.FOLLOWERS, Visibility.LIMITED, Visibility.DIRECT]
)
async def test_sec_vis_02_nothing_is_done_with_what_one_may_not_see(
    tx: Transaction, people: People, verb: Verb, visibility: Visibility
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await posts.publish(tx, marie, Draft("Entre nous", visibility))
    before = await everything(tx)

    with pytest.raises(NotFound) as forbidden:
        await verb(tx, paul, post)
    with pytest.raises(NotFound) as absent:
        await verb(tx, paul, structs.replace(post, id=1))

    assert str(forbidden.value) == str(absent.value)
    assert await everything(tx) == before


@pytest.mark.parametrize("verb", VERBS)
async def test_sec_vis_02_nothing_is_done_across_a_block(
    tx: Transaction, people: People, verb: Verb
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await posts.publish(tx, marie, Draft("Bonjour"))
    await blocks.block(tx, marie, paul)
    before = await everything(tx)

    with pytest.raises(NotFound):
        await verb(tx, paul, post)

    assert await everything(tx) == before


async def test_s2s_26_a_pin_is_added_to_the_featured_collection(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    await befriend(tx, await people.stranger("bea", "friends.example"), marie)
    post = await posts.publish(tx, marie, Draft("Bonjour"))

    await actions.pin(tx, marie, post)
    await actions.pin(tx, marie, post)

    assert await queries.pinned(tx.db, ANYONE, marie.id) == [post]
    _, add = await people.sent()
    assert (add.type, add.document["object"]) == ("Add", post.object_id)
    assert add.document["target"] == marie.featured_url
    await actions.unpin(tx, marie, post)
    assert await queries.pinned(tx.db, ANYONE, marie.id) == []
    assert (await people.sent())[-1].type == "Remove"


async def test_only_ones_own_open_posts_are_pinned(tx: Transaction, people: People) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    public = await posts.publish(tx, marie, Draft("Bonjour"))
    private = await posts.publish(tx, marie, Draft("Entre nous", Visibility.FOLLOWERS))
    before = await everything(tx)

    with pytest.raises(NotAllowed):
        await actions.pin(tx, paul, public)
    with pytest.raises(NotAllowed):
        await actions.pin(tx, marie, private)

    assert await everything(tx) == before


async def test_only_a_few_posts_are_pinned(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    written = [await posts.publish(tx, marie, Draft(f"{n}")) for n in range(MAX_PINNED + 1)]
    for post in written[:-1]:
        await actions.pin(tx, marie, post)
    before = await everything(tx)

    with pytest.raises(Invalid):
        await actions.pin(tx, marie, written[-1])

    assert await everything(tx) == before


async def test_who_reacted_is_shown_to_those_who_may_see_the_post(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    await befriend(tx, paul, marie)
    post = await posts.publish(tx, marie, Draft("Entre nous", Visibility.FOLLOWERS))
    await actions.like(tx, paul, post)

    likers = await queries.accounts_of(tx.db, Viewer(marie.id), post.id, Reacted.LIKE)

    assert [account.id for _, account in likers] == [paul.id]
    assert await queries.accounts_of(tx.db, ANYONE, post.id, Reacted.LIKE) == []
    assert await queries.done_by(tx.db, paul.id, [post.id]) == {post.id: {Reacted.LIKE}}
