from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from msgspec import structs

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts import threads
from fedcommune.domain.posts.model import Draft, Page, Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.reactions import queries as reaction_queries
from fedcommune.domain.timelines import queries
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import Wire, activity, befriend, note


def ids(entries: list[Entry]) -> list[int]:
    return [entry.id for entry in entries]


async def say(
    tx: Transaction, author: Account, text: str = "…", visibility: Visibility = Visibility.PUBLIC
) -> Post:
    return await posts.publish(tx, author, Draft(text, visibility))


async def test_home_shows_what_one_and_those_one_follows_wrote_newest_first(
    tx: Transaction, people: People
) -> None:
    marie, paul, zoe = [await people.citizen(name) for name in ("marie", "paul", "zoe")]
    await befriend(tx, marie, paul)
    own = await say(tx, marie)
    private = await say(tx, paul, visibility=Visibility.FOLLOWERS)
    await say(tx, zoe)
    await say(tx, paul, visibility=Visibility.DIRECT)

    assert ids(await queries.home(tx.db, marie.id)) == [private.id, own.id]


async def test_home_shows_posts_from_elsewhere(tx: Transaction, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(tx, marie, ada)

    await Wire(tx).receive(activity("Create", note()))

    (entry,) = await queries.home(tx.db, marie.id)
    assert entry.post.object_id == note()["id"]


async def test_home_shows_the_latest_boost_of_a_post_once(tx: Transaction, people: People) -> None:
    marie, paul, zoe, tom = [await people.citizen(name) for name in ("marie", "paul", "zoe", "tom")]
    for followed in (paul, zoe):
        await befriend(tx, marie, followed)
    post = await say(tx, tom)
    await reactions.boost(tx, paul, post)
    latest = await reactions.boost(tx, zoe, post)

    (entry,) = await queries.home(tx.db, marie.id)

    assert (entry.id, entry.post.id) == (latest.id, post.id)
    assert entry.boost is not None
    assert entry.boost.account_id == zoe.id


async def test_home_does_not_show_answers_to_people_one_does_not_follow(
    tx: Transaction, people: People
) -> None:
    marie, paul, zoe = [await people.citizen(name) for name in ("marie", "paul", "zoe")]
    await befriend(tx, marie, paul)
    question = await say(tx, zoe)
    await posts.publish(tx, paul, Draft("@zoe oui", in_reply_to=question.id))
    to_me = await posts.publish(
        tx, paul, Draft("@marie ?", in_reply_to=question.id, mentioned=(marie,))
    )
    to_himself = await posts.publish(tx, paul, Draft("Encore", in_reply_to=to_me.id))

    assert ids(await queries.home(tx.db, marie.id)) == [to_himself.id, to_me.id]


async def test_timelines_are_read_page_by_page_in_both_directions(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    written = [(await say(tx, marie, f"#t {n}")).id for n in range(5)]
    newest = written[::-1]

    paths: list[Callable[[Page], Awaitable[list[Entry]]]] = [
        lambda page: queries.home(tx.db, marie.id, page),
        lambda page: queries.public(tx.db, ANYONE, page),
        lambda page: queries.tag(tx.db, ANYONE, "t", page),
        lambda page: queries.of_account(tx.db, ANYONE, marie.id, page),
        lambda page: queries.outbox(tx.db, marie.id, page),
    ]
    for read in paths:
        assert ids(await read(Page(limit=2))) == newest[:2]
        assert ids(await read(Page(max_id=newest[1], limit=2))) == newest[2:4]
        assert ids(await read(Page(min_id=newest[4], limit=2))) == newest[2:4]
        assert ids(await read(Page(since_id=newest[4], limit=2))) == newest[:2]


async def test_the_public_timeline_is_of_the_commune_or_of_all_that_is_known(
    tx: Transaction, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(tx, marie, ada)
    ours = await say(tx, marie)
    await Wire(tx).receive(activity("Create", note()))
    theirs = await post_queries.stored(tx.db, note()["id"])
    assert theirs is not None
    await posts.publish(tx, marie, Draft("Oui", in_reply_to=theirs.id))
    await say(tx, marie, visibility=Visibility.UNLISTED)

    assert ids(await queries.public(tx.db, ANYONE)) == [theirs.id, ours.id]
    assert ids(await queries.public(tx.db, ANYONE, local=True)) == [ours.id]
    assert ids(await queries.public(tx.db, ANYONE, local=False)) == [theirs.id]


async def test_a_tag_is_found_whatever_its_case(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    post = await say(tx, marie, "Demain #FêteDeLaMer !")
    await say(tx, marie, "#FêteDeLaMer", Visibility.UNLISTED)

    assert ids(await queries.tag(tx.db, ANYONE, "fêtedelamer")) == [post.id]
    assert await queries.tag(tx.db, ANYONE, "autre") == []


async def test_a_profile_shows_boosts_among_posts(tx: Transaction, people: People) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await say(tx, paul)
    own = await say(tx, marie)
    boost = await reactions.boost(tx, marie, post)

    assert ids(await queries.of_account(tx.db, ANYONE, marie.id)) == [boost.id, own.id]


async def test_sec_vis_08_the_outbox_shows_nothing_private_whoever_asks(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    written = {kind: await say(tx, marie, visibility=kind) for kind in Visibility}
    boost = await reactions.boost(tx, marie, written[Visibility.PUBLIC])
    await reactions.boost(tx, marie, written[Visibility.FOLLOWERS])
    await reactions.boost(tx, marie, written[Visibility.UNLISTED], Visibility.FOLLOWERS)

    shown = [boost.id, written[Visibility.UNLISTED].id, written[Visibility.PUBLIC].id]
    assert ids(await queries.outbox(tx.db, marie.id)) == shown
    assert await queries.count_outbox(tx.db, marie.id) == 3


@dataclass(frozen=True, slots=True)
class Scene:
    """Marie's five posts, and those who look at them."""

    tx: Transaction
    marie: Account
    posts: dict[Visibility, Post]
    viewers: dict[str, Viewer]


OPEN = {Visibility.PUBLIC, Visibility.UNLISTED}
MAY_SEE = {
    "anyone": OPEN,
    "other": OPEN,
    "follower": OPEN | {Visibility.FOLLOWERS},
    "remote follower": OPEN | {Visibility.FOLLOWERS},
    "remote other": OPEN,
    "mentioned": set(Visibility),
    "author": set(Visibility),
    "blocked": set(),
}


@pytest.fixture
async def scene(tx: Transaction, people: People) -> Scene:
    marie = await people.citizen("marie")
    who = {
        name: await people.citizen(name) for name in ("other", "follower", "mentioned", "blocked")
    }
    who["remote follower"] = await people.stranger("ada")
    who["remote other"] = await people.stranger("bea")
    who["author"] = marie
    await befriend(tx, who["follower"], marie)
    await befriend(tx, who["remote follower"], marie)
    root = await say(tx, marie, "Racine", Visibility.PUBLIC)
    written = {
        kind: await posts.publish(
            tx,
            marie,
            Draft("@mentioned #x", kind, in_reply_to=root.id, mentioned=(who["mentioned"],)),
        )
        for kind in Visibility
    }
    await blocks.block(tx, marie, who["blocked"])
    viewers = {name: Viewer(account.id) for name, account in who.items()}
    return Scene(tx, marie, written, viewers | {"anyone": ANYONE})


Reader = Callable[[Scene, Viewer], Awaitable[set[int]]]


async def _by_id(scene: Scene, viewer: Viewer) -> set[int]:
    found = [await post_queries.by_id(scene.tx.db, viewer, p.id) for p in scene.posts.values()]
    return {post.id for post in found if post is not None}


async def _by_object_id(scene: Scene, viewer: Viewer) -> set[int]:
    found = [
        await post_queries.by_object_id(scene.tx.db, viewer, p.object_id)
        for p in scene.posts.values()
    ]
    return {post.id for post in found if post is not None}


async def _by_ids(scene: Scene, viewer: Viewer) -> set[int]:
    return set(await post_queries.by_ids(scene.tx.db, viewer, [p.id for p in scene.posts.values()]))


async def _of_account(scene: Scene, viewer: Viewer) -> set[int]:
    return {p.id for p in await post_queries.of_account(scene.tx.db, viewer, scene.marie.id)}


async def _profile(scene: Scene, viewer: Viewer) -> set[int]:
    return set(ids(await queries.of_account(scene.tx.db, viewer, scene.marie.id)))


async def _thread(scene: Scene, viewer: Viewer) -> set[int]:
    root = scene.posts[Visibility.PUBLIC].parent_id
    assert root is not None
    return {p.id for p in await threads.descendants(scene.tx.db, viewer, root)}


@pytest.mark.parametrize("reader", [_by_id, _by_object_id, _by_ids, _of_account, _profile, _thread])
async def test_sec_vis_01_everybody_reads_what_is_for_them_on_every_path(
    scene: Scene, reader: Reader
) -> None:
    own = {post.id for post in scene.posts.values()}

    seen = {name: await reader(scene, viewer) & own for name, viewer in scene.viewers.items()}

    assert seen == {
        name: {scene.posts[kind].id for kind in kinds} for name, kinds in MAY_SEE.items()
    }


async def test_sec_vis_01_public_lists_never_show_what_is_not_public(scene: Scene) -> None:
    public = scene.posts[Visibility.PUBLIC]
    own = {post.id for post in scene.posts.values()}

    for viewer in scene.viewers.values():
        shown = set(ids(await queries.public(scene.tx.db, viewer)))
        shown |= set(ids(await queries.tag(scene.tx.db, viewer, "x")))
        assert shown & own <= {public.id}
        assert await reaction_queries.pinned(scene.tx.db, viewer, scene.marie.id) == []


async def test_sec_mod_03_nobody_reads_a_suspended_author(scene: Scene) -> None:
    await accounts.update(scene.tx.db, structs.replace(scene.marie, suspended_at=scene.tx.now))

    for name, viewer in scene.viewers.items():
        if name != "author":
            assert await _by_id(scene, viewer) == set()
            assert await queries.public(scene.tx.db, viewer) == []
    assert await queries.outbox(scene.tx.db, scene.marie.id) == []
