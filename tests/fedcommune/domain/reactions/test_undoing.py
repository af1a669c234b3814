from datetime import timedelta
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.reactions import queries
from fedcommune.domain.visibility import ANYONE, Viewer
from federation.errors import IgnoredError, RefusedError
from tests.fedcommune.domain.people import People
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


@pytest.mark.parametrize("by", ["id", "embedded", "without id"])
@pytest.mark.parametrize("type_", ["Like", "EmojiReact", "Announce"])
async def test_s2s_29_undo_takes_it_back(
    wire: Wire, marie: Account, ada: Account, type_: str, by: str
) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    done = activity(type_, post.object_id, to=[PUBLIC], content="❤")
    await wire.receive(done)
    undone: Any = done["id"] if by == "id" else dict(done)
    if by == "without id":
        undone["id"] = f"{ADA}/other"

    await wire.receive(activity("Undo", undone, actor=ADA))

    after = await now(wire.tx, post)
    assert (after.likes_count, after.shares_count) == (0, 0)
    assert await told(wire.tx, marie) == []
    assert await wire.tx.db.fetchval("select count(*) from commune.reaction") == 0


@pytest.mark.parametrize("by", ["id", "embedded"])
@pytest.mark.parametrize("type_", ["Like", "Announce"])
async def test_w_ori_07_only_who_did_something_undoes_it(
    wire: Wire, marie: Account, ada: Account, people: People, type_: str, by: str
) -> None:
    mallory = await people.stranger("mallory")
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    done = activity(type_, post.object_id, to=[PUBLIC])
    await wire.receive(done)
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(
            activity("Undo", done["id"] if by == "id" else done, actor=mallory.actor_id)
        )

    assert await everything(wire.tx) == before


@pytest.mark.parametrize("type_", ["Like", "Announce"])
async def test_w_act_undo_before_do_forestalls_it(
    wire: Wire, marie: Account, ada: Account, type_: str
) -> None:
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    late = activity(type_, post.object_id, to=[PUBLIC])
    await wire.receive(activity("Undo", late, actor=ADA))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(late)

    assert await everything(wire.tx) == before
    await wire.later(timedelta(days=2)).receive(late)
    assert await wire.tx.db.fetchval("select count(*) from commune.reaction") == 1


async def test_nobody_forestalls_the_activities_of_another_server(
    wire: Wire, marie: Account, ada: Account, people: People
) -> None:
    mallory = await people.stranger("mallory", "evil.example")
    post = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    like = activity("Like", post.object_id)

    await wire.receive(activity("Undo", like, actor=mallory.actor_id))
    await wire.receive(like)

    assert (await now(wire.tx, post)).likes_count == 1


async def test_s2s_26_what_a_stranger_features_is_kept(
    wire: Wire, marie: Account, ada: Account
) -> None:
    await befriend(wire.tx, marie, ada)
    await wire.receive(activity("Create", note()))
    add = activity("Add", note()["id"], actor=ADA, target=ada.featured_url)

    await wire.receive(add)

    (post,) = await queries.pinned(wire.tx.db, ANYONE, ada.id)
    assert post.object_id == note()["id"]
    await wire.receive(activity("Remove", note()["id"], actor=ADA, target=ada.featured_url))
    assert await queries.pinned(wire.tx.db, ANYONE, ada.id) == []


async def test_w_act_addremove_only_into_the_collection_of_the_actor(
    wire: Wire, marie: Account, ada: Account, people: People
) -> None:
    await befriend(wire.tx, marie, ada)
    mallory = await people.stranger("mallory")
    await wire.receive(activity("Create", note()))
    before = await everything(wire.tx)

    for actor, target in (
        (mallory.actor_id, ada.featured_url),
        (mallory.actor_id, mallory.featured_url),
        (ADA, mallory.featured_url),
        (ADA, f"{ADA}/followers"),
    ):
        with pytest.raises((RefusedError, IgnoredError)):
            await wire.receive(activity("Add", note()["id"], actor=actor, target=target))

    assert await everything(wire.tx) == before


async def test_w_act_addremove_nobody_else_removes(
    wire: Wire, marie: Account, ada: Account, people: People
) -> None:
    await befriend(wire.tx, marie, ada)
    mallory = await people.stranger("mallory")
    await wire.receive(activity("Create", note()))
    await wire.receive(activity("Add", note()["id"], actor=ADA, target=ada.featured_url))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(
            activity("Remove", note()["id"], actor=mallory.actor_id, target=ada.featured_url)
        )

    assert await everything(wire.tx) == before
