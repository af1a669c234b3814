from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.reactions import queries
from fedcommune.domain.reactions.model import Kind
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
from federation.errors import IgnoredError, RefusedError
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

PRIVATE = [Visibility.FOLLOWERS, Visibility.LIMITED, Visibility.DIRECT]
ADA = "https://elsewhere.example/users/ada"
BEA = "https://friends.example/users/bea"


@pytest.fixture
def wire(tx: Transaction) -> Wire:
    return Wire(tx)


@pytest.fixture
async def marie(people: People) -> Account:
    return await people.citizen("marie")


@pytest.fixture
async def ada(people: People) -> Account:
    return await people.stranger("ada")


async def now(tx: Transaction, post: Post) -> Post:
    found = await post_queries.by_id(tx.db, Viewer(post.author_id), post.id)
    assert found is not None
    return found


def announce(object_: Any, actor: str = ADA, **changes: Any) -> dict[str, Any]:
    return activity("Announce", object_, actor=actor, **{"to": [PUBLIC], "cc": [], **changes})


@pytest.mark.parametrize(
    ("type_", "changes"),
    [
        ("Like", {}),
        ("Like", {"content": "❤"}),
        ("EmojiReact", {"content": ":blobcat:", "tag": [{"type": "Emoji", "name": ":blobcat:"}]}),
    ],
)
async def test_s2s_27_likes_of_all_kinds_are_likes(
    wire: Wire, marie: Account, ada: Account, type_: str, changes: dict[str, Any]
) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))

    await wire.receive(activity(type_, post.object_id, **changes))

    assert (await now(wire.tx, post)).likes_count == 1
    assert await told(wire.tx, marie) == [("favourite", ada.id, post.id)]


async def test_w_act_like_one_account_likes_once(wire: Wire, marie: Account, ada: Account) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    await wire.receive(activity("Like", post.object_id))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Like", post.object_id, number=2))

    assert await everything(wire.tx) == before


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_sec_vis_02_a_like_of_what_one_may_not_see_does_not_count(
    wire: Wire, marie: Account, ada: Account, visibility: Visibility
) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Entre nous", visibility))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError) as forbidden:
        await wire.receive(activity("Like", post.object_id))
    with pytest.raises(IgnoredError) as absent:
        await wire.receive(activity("Like", "https://saint-leu.example/ap/posts/1"))

    assert str(forbidden.value) == str(absent.value)
    assert await everything(wire.tx) == before


async def test_sec_mod_02_a_like_across_a_block_does_not_count(
    wire: Wire, marie: Account, ada: Account
) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    await blocks.block(wire.tx, marie, ada)
    before = await everything(wire.tx)

    for type_ in ("Like", "Announce"):
        with pytest.raises(IgnoredError):
            await wire.receive(activity(type_, post.object_id, to=[PUBLIC]))

    assert await everything(wire.tx) == before


async def test_w_act_dislike_is_silently_ignored(wire: Wire, marie: Account, ada: Account) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Dislike", post.object_id))

    assert await everything(wire.tx) == before


async def test_s2s_28_a_boost_of_ours_is_counted_and_told(
    wire: Wire, marie: Account, ada: Account
) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))

    await wire.receive(announce(post.object_id))

    assert (await now(wire.tx, post)).shares_count == 1
    assert await told(wire.tx, marie) == [("reblog", ada.id, post.id)]


async def test_s2s_28_one_account_boosts_once(wire: Wire, marie: Account, ada: Account) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    await wire.receive(announce(post.object_id))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(announce(post.object_id) | {"id": f"{ADA}/announce/2"})

    assert await everything(wire.tx) == before


@pytest.mark.parametrize(
    "visibility", [Visibility.FOLLOWERS, Visibility.LIMITED, Visibility.DIRECT]
)
async def test_sec_vis_09_a_boost_of_what_is_not_for_everybody_is_refused(
    wire: Wire, marie: Account, ada: Account, visibility: Visibility
) -> None:
    await befriend(wire.tx, ada, marie)
    post = await posts.publish(
        wire.tx, marie, Draft("@ada@elsewhere.example", visibility, mentioned=(ada,))
    )
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(announce(post.object_id))

    assert await everything(wire.tx) == before


async def test_a_boost_for_named_people_is_refused(
    wire: Wire, marie: Account, ada: Account
) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(announce(post.object_id, to=[marie.actor_id]))

    assert await everything(wire.tx) == before


async def test_w_act_announce_of_something_new_is_fetched_with_its_author(
    wire: Wire, marie: Account, ada: Account
) -> None:
    await befriend(wire.tx, marie, ada)
    wire.serve(note(author=BEA), actor_document("bea", "friends.example"))

    await wire.receive(announce(note(author=BEA)["id"]))

    post = await post_queries.by_object_id(wire.tx.db, ANYONE, note(author=BEA)["id"])
    bea = await accounts.by_actor_id(wire.tx.db, BEA)
    assert post is not None
    assert bea is not None
    assert (post.author_id, post.shares_count) == (bea.id, 1)
    reaction = await queries.between(wire.tx.db, Kind.BOOST, ada.id, post.id)
    assert reaction is not None
    assert reaction.visibility is Visibility.PUBLIC


async def test_w_thr_03_what_is_fetched_for_a_boost_tells_nobody(
    wire: Wire, marie: Account, ada: Account
) -> None:
    await befriend(wire.tx, marie, ada)
    tag = {"type": "Mention", "href": marie.actor_id}
    wire.serve(
        note(author=BEA, cc=[marie.actor_id], tag=[tag]), actor_document("bea", "friends.example")
    )

    await wire.receive(announce(note(author=BEA)["id"]))

    assert await told(wire.tx, marie) == []


async def test_w_in_01_a_boost_by_somebody_nobody_follows_is_ignored(
    wire: Wire, marie: Account, ada: Account
) -> None:
    wire.serve(note(author=BEA), actor_document("bea", "friends.example"))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(announce(note(author=BEA)["id"]))

    assert await everything(wire.tx) == before


async def test_sec_ori_03_a_post_embedded_in_a_boost_is_taken_from_its_origin(
    wire: Wire, marie: Account, ada: Account
) -> None:
    await befriend(wire.tx, marie, ada)
    wire.serve(
        note(author=BEA, content="<p>Authentic</p>"), actor_document("bea", "friends.example")
    )

    await wire.receive(announce(note(author=BEA, content="<p>Forged</p>")))

    post = await post_queries.by_object_id(wire.tx.db, ANYONE, note(author=BEA)["id"])
    assert post is not None
    assert post.content == "<p>Authentic</p>"


async def test_sec_ori_03_a_forged_post_in_a_boost_that_its_origin_does_not_know_is_ignored(
    wire: Wire, marie: Account, ada: Account
) -> None:
    await befriend(wire.tx, marie, ada)
    wire.serve(actor_document("bea", "friends.example"))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(announce(note(author=BEA)))

    assert await everything(wire.tx) == before


async def test_sec_ori_06_an_unknown_post_of_ours_is_never_fetched(
    wire: Wire, marie: Account, ada: Account
) -> None:
    await befriend(wire.tx, marie, ada)
    ours = note(id="https://saint-leu.example/ap/posts/1")
    wire.serve(ours)
    before = await everything(wire.tx)

    for object_ in (ours["id"], ours):
        with pytest.raises(IgnoredError):
            await wire.receive(announce(object_))

    assert await everything(wire.tx) == before


async def test_sec_vis_09_what_is_fetched_for_a_boost_must_be_for_everybody(
    wire: Wire, marie: Account, ada: Account
) -> None:
    await befriend(wire.tx, marie, ada)
    wire.serve(
        note(author=BEA, to=[f"{BEA}/followers"], cc=[]), actor_document("bea", "friends.example")
    )
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(announce(note(author=BEA)["id"]))

    assert await everything(wire.tx) == before


async def test_sec_vis_09_an_author_boosts_its_own_post_to_its_followers(
    wire: Wire, marie: Account, ada: Account, people: People
) -> None:
    await befriend(wire.tx, marie, ada)
    private = note(to=[f"{ADA}/followers"], cc=[])
    await wire.receive(activity("Create", private))

    await wire.receive(announce(private["id"], to=[f"{ADA}/followers"]))

    post = await post_queries.stored(wire.tx.db, private["id"])
    assert post is not None
    reaction = await queries.between(wire.tx.db, Kind.BOOST, ada.id, post.id)
    assert reaction is not None
    assert reaction.visibility is Visibility.FOLLOWERS


async def test_a_boost_of_a_suspended_author_is_ignored(
    wire: Wire, marie: Account, ada: Account, people: People
) -> None:
    await befriend(wire.tx, marie, ada)
    bea = await people.stranger("bea", "friends.example")
    await wire.tx.db.execute(
        "update commune.account set suspended_at = $2 where id = $1", bea.id, wire.now
    )
    wire.serve(note(author=BEA))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(announce(note(author=BEA)["id"]))

    assert await everything(wire.tx) == before
