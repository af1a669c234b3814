from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.visibility import ANYONE
from federation.errors import GoneError, IgnoredError, RefusedError
from tests.fedcommune.domain.people import People, actor_document
from tests.fedcommune.domain.wire import PUBLIC, Wire, activity, befriend, everything, note

GROUP = "https://lemmy.example/c/gardens"
BEA = "https://friends.example/users/bea"
PAGE = note(author=BEA, type="Page", name="Tomates", audience=GROUP)
EDITED = PAGE | {"content": "<p>Edited</p>", "updated": "2026-09-01T07:59:30Z"}


@pytest.fixture
async def group(tx: Transaction, people: People) -> Account:
    """A group elsewhere that Marie follows."""
    group = await people.stranger("gardens", "lemmy.example", id=GROUP, type="Group")
    await befriend(tx, await people.citizen("marie"), group)
    return group


@pytest.fixture
def wire(tx: Transaction) -> Wire:
    wire = Wire(tx)
    wire.serve(actor_document("bea", "friends.example"))
    return wire


def passed_on(inner: dict[str, Any], number: int = 1) -> dict[str, Any]:
    """Return the Announce by which the group passes on what somebody did."""
    inner = {name: value for name, value in inner.items() if name != "@context"}
    return activity(
        "Announce", inner, actor=GROUP, number=number, to=[PUBLIC], cc=[f"{GROUP}/followers"]
    )


async def test_w_grp_03_a_post_that_a_group_passes_on_comes_from_its_origin(
    wire: Wire, group: Account
) -> None:
    wire.serve(PAGE | {"content": "<p>Authentic</p>"})

    await wire.receive(passed_on(activity("Create", PAGE | {"content": "<p>Forged</p>"})))

    post = await queries.by_object_id(wire.tx.db, ANYONE, PAGE["id"])
    assert post is not None
    assert "Forged" not in post.content
    assert (post.type, post.shares_count) == ("Page", 1)


async def test_w_grp_03_the_same_post_announced_by_its_id_too_counts_once(
    wire: Wire, group: Account
) -> None:
    wire.serve(PAGE)
    await wire.receive(passed_on(activity("Create", PAGE)))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Announce", PAGE["id"], actor=GROUP, number=2, to=[PUBLIC]))

    assert await everything(wire.tx) == before


async def test_w_grp_03_an_edit_that_a_group_passes_on_comes_from_its_origin(
    wire: Wire, group: Account
) -> None:
    wire.serve(PAGE)
    await wire.receive(passed_on(activity("Create", PAGE)))
    wire.serve(EDITED)

    await wire.receive(passed_on(activity("Update", EDITED | {"name": "Forged"}), number=2))

    post = await queries.by_object_id(wire.tx.db, ANYONE, PAGE["id"])
    assert post is not None
    assert post.title == "Tomates"
    assert post.edited_at is not None


async def test_w_grp_03_a_deletion_counts_only_when_the_origin_confirms_it(
    wire: Wire, group: Account
) -> None:
    wire.serve(PAGE)
    await wire.receive(passed_on(activity("Create", PAGE)))
    delete = passed_on(activity("Delete", PAGE["id"], actor=BEA), number=2)
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(delete)
    assert await everything(wire.tx) == before

    del wire.elsewhere[PAGE["id"]]
    wire.hindered[PAGE["id"]] = GoneError()
    await wire.receive(delete)
    assert await queries.by_object_id(wire.tx.db, ANYONE, PAGE["id"]) is None


async def test_w_grp_03_somebody_of_another_server_does_nothing_to_a_post(
    wire: Wire, group: Account, people: People
) -> None:
    mallory = await people.stranger("mallory", "evil.example")
    wire.serve(PAGE)
    await wire.receive(passed_on(activity("Create", PAGE)))
    wire.serve(EDITED)
    before = await everything(wire.tx)

    for type_, what in (("Create", PAGE), ("Update", EDITED), ("Delete", PAGE["id"])):
        with pytest.raises(RefusedError):
            await wire.receive(passed_on(activity(type_, what, actor=mallory.actor_id), number=2))

    assert await everything(wire.tx) == before


async def test_w_grp_03_a_neighbour_of_the_author_edits_nothing(
    wire: Wire, group: Account, people: People
) -> None:
    neighbour = await people.stranger("neighbour", "friends.example")
    wire.serve(PAGE)
    await wire.receive(passed_on(activity("Create", PAGE)))
    wire.serve(EDITED)
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(
            passed_on(activity("Update", EDITED, actor=neighbour.actor_id), number=2)
        )

    assert await everything(wire.tx) == before


async def test_sec_ori_06_a_group_changes_nothing_of_ours(
    wire: Wire, group: Account, people: People
) -> None:
    paul = await people.citizen("paul")
    post = await posts.publish(wire.tx, paul, Draft("Bonjour"))
    before = await everything(wire.tx)

    for type_ in ("Update", "Delete"):
        with pytest.raises(RefusedError):
            await wire.receive(passed_on(activity(type_, post.object_id, actor=paul.actor_id)))

    assert await everything(wire.tx) == before


async def test_a_group_passes_on_what_one_of_ours_wrote(
    wire: Wire, group: Account, people: People
) -> None:
    paul = await people.citizen("paul")
    post = await posts.publish(wire.tx, paul, Draft("Bonjour"))

    await wire.receive(passed_on(activity("Create", post.object_id, actor=paul.actor_id)))

    seen = await queries.by_id(wire.tx.db, ANYONE, post.id)
    assert seen is not None
    assert seen.shares_count == 1


@pytest.mark.parametrize("type_", ["Like", "Dislike", "Undo", "Announce", "Block"])
async def test_what_else_a_group_passes_on_is_ignored(
    wire: Wire, group: Account, type_: str
) -> None:
    wire.serve(PAGE)
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(passed_on(activity(type_, PAGE["id"], actor=BEA)))

    assert await everything(wire.tx) == before


@pytest.mark.parametrize("case", ["not followed", "not a group"])
async def test_only_a_group_that_somebody_here_follows_passes_things_on(
    wire: Wire, people: People, case: str
) -> None:
    type_ = "Group" if case == "not followed" else "Person"
    stranger = await people.stranger("gardens", "lemmy.example", id=GROUP, type=type_)
    if case == "not a group":
        await befriend(wire.tx, await people.citizen("marie"), stranger)
    wire.serve(PAGE)
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(passed_on(activity("Create", PAGE)))

    assert await everything(wire.tx) == before
