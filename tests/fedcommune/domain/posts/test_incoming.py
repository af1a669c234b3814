from datetime import timedelta

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.posts import actions, details, queries, reach
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
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
LATER = "2026-09-01T07:59:30Z"
LATEST = "2026-09-01T07:59:45Z"


@pytest.fixture
async def wire(tx: Transaction, people: People) -> Wire:
    """A wire on which Ada, whom Marie follows, has already said something to Marie."""
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(tx, marie, ada)
    wire = Wire(tx)
    await wire.receive(activity("Create", note(content="<p>One</p>", name=None)))
    return wire


async def kept(tx: Transaction) -> Post:
    post = await queries.stored(tx.db, note()["id"])
    assert post is not None
    return post


async def test_s2s_21_an_update_replaces_everything(wire: Wire) -> None:
    await wire.receive(
        activity(
            "Update",
            note(
                content="<p>Two</p>",
                summary="Warning",
                tag=[{"type": "Hashtag", "name": "#x"}],
                updated=LATER,
            ),
        )
    )
    await wire.receive(activity("Update", note(content="<p>Three</p>", updated=LATEST), number=2))

    post = await kept(wire.tx)
    assert (post.content, post.summary, post.tags) == ("<p>Three</p>", "", ())
    assert post.edited_at == wire.now - timedelta(seconds=15)
    versions = await details.revisions(wire.tx.db, ANYONE, post.id)
    assert [each.content for each in versions] == ["<p>One</p>", "<p>Two</p>"]
    assert await wire.tx.db.fetchval("select count(*) from commune.hashtag") == 0


@pytest.mark.parametrize("updated", [None, "2026-09-01T07:59:00Z", "2026-09-01T07:00:00Z"])
async def test_w_act_update_without_a_newer_date_is_no_edit(
    wire: Wire, updated: str | None
) -> None:
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Update", note(content="<p>Two</p>", updated=updated)))

    assert await everything(wire.tx) == before


async def test_w_act_update_a_date_in_the_future_does_not_forbid_later_edits(wire: Wire) -> None:
    await wire.receive(
        activity("Update", note(content="<p>Two</p>", updated="2031-01-01T00:00:00Z"))
    )
    later = wire.later(timedelta(minutes=1))
    await later.receive(
        activity("Update", note(content="<p>Three</p>", updated="2026-09-01T08:00:30Z"), number=2)
    )

    assert (await kept(wire.tx)).content == "<p>Three</p>"


async def test_sec_ori_04_only_the_stored_author_changes_a_post(wire: Wire, people: People) -> None:
    mallory = await people.stranger("mallory")
    before = await everything(wire.tx)
    stolen = note(attributedTo=mallory.actor_id, content="<p>Mine</p>", updated=LATER)

    with pytest.raises(RefusedError):
        await wire.receive(activity("Update", stolen))

    assert await everything(wire.tx) == before


async def test_sec_ori_03_an_update_across_origins_is_refused(wire: Wire, people: People) -> None:
    mallory = await people.stranger("mallory", "evil.example")
    before = await everything(wire.tx)

    with pytest.raises((RefusedError, IgnoredError)):
        await wire.receive(
            activity("Update", note(content="x", updated=LATER), actor=mallory.actor_id)
        )

    assert await everything(wire.tx) == before


async def test_an_update_that_embeds_nothing_trusted_is_taken_from_the_origin(
    wire: Wire,
) -> None:
    wire.serve(note(content="<p>From home</p>", updated=LATER))

    await wire.receive(activity("Update", note()["id"], to=[PUBLIC]))

    assert (await kept(wire.tx)).content == "<p>From home</p>"


async def test_sec_vis_10_an_update_never_widens(wire: Wire, people: People) -> None:
    marie = await accounts.local_by_username(wire.tx.db, "marie")
    assert marie is not None
    private = note(2, to=[marie.actor_id], cc=[])
    await wire.receive(activity("Create", private, number=2))

    await wire.receive(activity("Update", note(2, content="<p>Two</p>", updated=LATER), number=3))

    post = await queries.stored(wire.tx.db, private["id"])
    assert post is not None
    assert (post.visibility, post.content) == (Visibility.DIRECT, "<p>Two</p>")
    assert await queries.by_id(wire.tx.db, ANYONE, post.id) is None


async def test_sec_vis_10_an_update_may_narrow(wire: Wire, people: People) -> None:
    paul = await people.citizen("paul")
    post = await kept(wire.tx)
    await reactions.boost(wire.tx, paul, post)

    await wire.receive(activity("Update", note(to=[f"{ADA}/followers"], cc=[], updated=LATER)))

    narrowed = await kept(wire.tx)
    assert (narrowed.visibility, narrowed.shares_count) == (Visibility.FOLLOWERS, 0)
    assert await queries.by_id(wire.tx.db, Viewer(paul.id), post.id) is None
    assert await wire.tx.db.fetchval("select count(*) from commune.reaction") == 0


async def test_an_update_tells_whom_it_names_newly_and_who_boosted(
    wire: Wire, people: People
) -> None:
    paul, zoe = await people.citizen("paul"), await people.citizen("zoe")
    post = await kept(wire.tx)
    await reactions.boost(wire.tx, zoe, post)
    tag = {"type": "Mention", "href": paul.actor_id}

    await wire.receive(activity("Update", note(cc=[paul.actor_id], tag=[tag], updated=LATER)))

    assert await told(wire.tx, paul) == [("mention", post.author_id, post.id)]
    assert await told(wire.tx, zoe) == [("update", post.author_id, post.id)]


async def test_whom_an_update_no_longer_addresses_no_longer_sees_it(
    wire: Wire, people: People
) -> None:
    paul, zoe = await people.citizen("paul"), await people.citizen("zoe")
    await wire.receive(
        activity("Create", note(2, to=[paul.actor_id, zoe.actor_id], cc=[]), number=2)
    )

    await wire.receive(
        activity("Update", note(2, to=[paul.actor_id], cc=[], updated=LATER), number=3)
    )

    post = await queries.stored(wire.tx.db, note(2)["id"])
    assert post is not None
    assert [each.id for each in await reach.mentioned(wire.tx.db, post.id)] == [paul.id]
    assert await queries.by_id(wire.tx.db, Viewer(zoe.id), post.id) is None


async def test_w_act_update_of_something_unknown_from_today_is_fetched(wire: Wire) -> None:
    wire.serve(note(2, content="<p>From home</p>"))

    await wire.receive(
        activity("Update", note(2, content="<p>Embedded</p>", updated=LATER), number=2)
    )

    post = await queries.stored(wire.tx.db, note(2)["id"])
    assert post is not None
    assert post.content == "<p>From home</p>"


@pytest.mark.parametrize("published", ["2026-08-30T07:00:00Z", None])
async def test_w_act_update_of_something_old_and_unknown_is_ignored(
    wire: Wire, published: str | None
) -> None:
    old = note(2, published=published, updated=LATER)
    wire.serve(old)
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Update", old, number=2))

    assert await everything(wire.tx) == before


async def test_w_act_update_of_something_unknown_that_cannot_be_fetched_is_ignored(
    wire: Wire,
) -> None:
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Update", note(2, updated=LATER), number=2))

    assert await everything(wire.tx) == before


@pytest.mark.parametrize("form", ["id", "tombstone", "object"])
async def test_w_act_delete_by_its_author_empties_a_post(wire: Wire, form: str) -> None:
    object_id = note()["id"]
    what = {
        "id": object_id,
        "tombstone": {"id": object_id, "type": "Tombstone"},
        "object": note(),
    }[form]

    await wire.receive(activity("Delete", what, actor=ADA, to=[PUBLIC]))

    post = await kept(wire.tx)
    assert (post.content, post.deleted_at) == ("", wire.now)
    assert await queries.by_id(wire.tx.db, ANYONE, post.id) is None
    assert await accounts.is_dead(wire.tx.db, object_id)


async def test_sec_ori_04_only_the_stored_author_deletes_a_post(wire: Wire, people: People) -> None:
    neighbour = await people.stranger("mallory")
    other = await people.stranger("mallory", "evil.example")
    before = await everything(wire.tx)

    for who in (neighbour, other):
        with pytest.raises(RefusedError):
            await wire.receive(activity("Delete", note()["id"], actor=who.actor_id))
        with pytest.raises(RefusedError):
            await wire.receive(
                activity("Delete", note(attributedTo=who.actor_id), actor=who.actor_id)
            )

    assert await everything(wire.tx) == before


async def test_sec_ori_10_what_was_deleted_never_comes_back(wire: Wire, people: People) -> None:
    grace = await people.stranger("grace")
    marie = await accounts.local_by_username(wire.tx.db, "marie")
    assert marie is not None
    await befriend(wire.tx, marie, grace)
    await wire.receive(activity("Delete", note()["id"]))
    wire.serve(note())
    before = await everything(wire.tx)

    for revival in (
        activity("Create", note(), number=2),
        activity("Update", note(updated=LATER), number=3),
        activity("Announce", note()["id"], actor=grace.actor_id, to=[PUBLIC]),
    ):
        with pytest.raises(IgnoredError):
            await wire.receive(revival)

    assert await everything(wire.tx) == before


async def test_w_act_delete_before_the_post_arrives_forestalls_it_for_six_hours(
    wire: Wire,
) -> None:
    await wire.receive(activity("Delete", note(2)["id"]))

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Create", note(2), number=2))
    await wire.later(timedelta(hours=7)).receive(activity("Create", note(2), number=3))

    assert await queries.stored(wire.tx.db, note(2)["id"]) is not None


async def test_nobody_forestalls_the_posts_of_another_server(wire: Wire, people: People) -> None:
    mallory = await people.stranger("mallory", "evil.example")
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(activity("Delete", note(2)["id"], actor=mallory.actor_id))

    assert await everything(wire.tx) == before


async def test_sec_ori_06_our_posts_are_deleted_by_us_alone(wire: Wire, people: People) -> None:
    paul = await people.citizen("paul")
    post = await actions.publish(wire.tx, paul, Draft("Bonjour"))
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(activity("Delete", post.object_id))

    assert await everything(wire.tx) == before


async def test_a_delete_takes_back_what_people_were_told_and_what_was_counted(
    wire: Wire, people: People
) -> None:
    paul = await people.citizen("paul")
    ours = await actions.publish(wire.tx, paul, Draft("Bonjour"))
    await wire.receive(activity("Create", note(2, inReplyTo=ours.object_id), number=2))

    await wire.receive(activity("Delete", note(2)["id"], number=2))

    seen = await queries.by_id(wire.tx.db, ANYONE, ours.id)
    assert seen is not None
    assert seen.replies_count == 0
    assert await told(wire.tx, paul) == []
