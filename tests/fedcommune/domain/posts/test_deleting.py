import pytest
from msgspec import structs

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.posts import actions, queries
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
from fedcommune.errors import NotAllowed, NotFound
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import PUBLIC, Wire, activity, befriend, everything, note


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.DIRECT])
async def test_sec_vis_02_nobody_else_changes_or_deletes_a_post(
    tx: Transaction, people: People, visibility: Visibility
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await actions.publish(tx, marie, Draft("Bonjour", visibility))
    before = await everything(tx)
    refusal = NotAllowed if visibility is Visibility.PUBLIC else NotFound

    with pytest.raises(refusal):
        await actions.edit(tx, paul, post.id, Draft("Hé"))
    with pytest.raises(refusal):
        await actions.delete(tx, paul, post.id)

    assert await everything(tx) == before


async def test_s2s_20_a_delete_goes_to_every_server_that_has_the_post(
    tx: Transaction, people: People
) -> None:
    wire = Wire(tx)
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    follower = await people.stranger("ada", "followers.example")
    mentioned = await people.stranger("grace", "mentioned.example")
    liker = await people.stranger("alan", "likers.example")
    of_paul = await people.stranger("mary", "boosted.example")
    replier = await people.stranger("rosa", "repliers.example")
    await befriend(tx, follower, marie)
    await befriend(tx, of_paul, paul)
    post = await actions.publish(
        tx, marie, Draft("@grace@mentioned.example", mentioned=(mentioned,))
    )
    await reactions.boost(tx, paul, post)
    await wire.receive(activity("Like", post.object_id, actor=liker.actor_id))
    await wire.receive(activity("Create", note(author=replier.actor_id, inReplyTo=post.object_id)))

    await actions.delete(tx, marie, post.id)

    delete = (await people.sent())[-1]
    assert delete.type == "Delete"
    assert set(delete.inboxes) == {
        f"https://{host}.example/inbox"
        for host in ("followers", "mentioned", "likers", "boosted", "repliers")
    }
    assert delete.document["object"]["type"] == "Tombstone"
    assert delete.document["object"]["id"] == post.object_id
    assert delete.document["to"] == [PUBLIC]
    assert "proof" in delete.document


async def test_obj_05_a_deleted_post_is_emptied_and_leaves_a_tombstone(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await actions.publish(tx, marie, Draft("Secret @paul #x", mentioned=(paul,)))
    await reactions.like(tx, paul, post)

    await actions.delete(tx, marie, post.id)

    assert await queries.by_id(tx.db, Viewer(marie.id), post.id) is None
    assert await queries.tombstone(tx.db, post.object_id) == ("Note", tx.now)
    kept = await everything(tx)
    assert "Secret" not in str(kept["commune.post"])
    assert kept["commune.mention"] == kept["commune.hashtag"] == kept["commune.reaction"] == []
    assert kept["commune.notification"] == []


async def test_obj_05_nobody_is_told_that_a_private_post_existed(
    tx: Transaction, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    post = await actions.publish(
        tx, marie, Draft("@ada@elsewhere.example", Visibility.DIRECT, mentioned=(ada,))
    )

    await actions.delete(tx, marie, post.id)

    assert await queries.tombstone(tx.db, post.object_id) is None
    delete = (await people.sent())[-1]
    assert (delete.type, delete.inboxes) == ("Delete", (ada.inbox,))
    assert delete.document["to"] == [ada.actor_id]


async def test_what_was_not_delivered_before_its_delete_never_is(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    await befriend(tx, await people.stranger("ada"), marie)
    post = await actions.publish(tx, marie, Draft("Bonjour"))

    await actions.delete(tx, marie, post.id)

    assert [sent.type for sent in await people.sent()] == ["Delete"]


async def test_a_post_is_deleted_once(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    post = await actions.publish(tx, marie, Draft("Bonjour"))
    await actions.delete(tx, marie, post.id)
    before = await everything(tx)

    with pytest.raises(NotFound):
        await actions.delete(tx, marie, post.id)
    with pytest.raises(NotFound):
        await actions.edit(tx, marie, post.id, Draft("Encore"))

    assert await everything(tx) == before


async def test_deleting_a_reply_uncounts_it(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    first = await actions.publish(tx, marie, Draft("Un"))
    second = await actions.publish(tx, marie, Draft("Deux", in_reply_to=first.id))

    await actions.delete(tx, marie, second.id)

    seen = await queries.by_id(tx.db, ANYONE, first.id)
    assert seen is not None
    assert seen.replies_count == 0


async def test_a_suspended_citizen_neither_writes_nor_is_read(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    post = await actions.publish(tx, marie, Draft("Bonjour"))
    suspended = await accounts.update(tx.db, structs.replace(marie, suspended_at=tx.now))

    with pytest.raises(NotAllowed):
        await actions.publish(tx, suspended, Draft("Encore"))

    assert await queries.by_id(tx.db, ANYONE, post.id) is None
