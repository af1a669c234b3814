from dataclasses import replace
from datetime import timedelta

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.posts import actions, details, queries, reach
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
from fedcommune.errors import Invalid, NotAllowed, NotFound
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import PUBLIC, Wire, activity, befriend, everything, note, told


def test_who_a_text_mentions_is_told_before_the_transaction() -> None:
    found = actions.mentioned_in(
        "Bonjour @Marie et @ada@Elsewhere.Example, @ada@elsewhere.example, x@y.example",
        "saint-leu.example",
    )

    assert found == ["marie@saint-leu.example", "ada@elsewhere.example"]


async def test_a_public_post_goes_to_the_followers_elsewhere(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    await befriend(tx, await people.stranger("ada"), marie)
    await befriend(tx, await people.stranger("grace"), marie)

    post = await actions.publish(tx, marie, Draft("Bonjour **Saint-Leu** #Fête"))

    (sent,) = await people.sent()
    assert sent.inboxes == ("https://elsewhere.example/inbox",)
    assert sent.type == "Create"
    assert sent.document["to"] == [PUBLIC]
    assert sent.document["cc"] == [marie.followers_url]
    assert sent.document["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    said = sent.document["object"]
    assert (said["id"], said["attributedTo"]) == (post.object_id, marie.actor_id)
    assert "<strong>Saint-Leu</strong>" in said["content"]
    assert said["source"] == {
        "content": "Bonjour **Saint-Leu** #Fête",
        "mediaType": "text/markdown",
    }
    assert [tag["name"] for tag in said["tag"]] == ["#fête"]


async def test_sec_vis_08_a_direct_post_goes_to_the_personal_inbox_of_the_mentioned_alone(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    ada, grace = await people.stranger("ada"), await people.stranger("grace")
    await befriend(tx, grace, marie)

    await actions.publish(
        tx, marie, Draft("@ada@elsewhere.example ?", Visibility.DIRECT, mentioned=(ada,))
    )

    (sent,) = await people.sent()
    assert sent.inboxes == (ada.inbox,)
    assert sent.document["to"] == [ada.actor_id]
    assert "cc" not in sent.document or sent.document["cc"] == []
    assert "proof" not in sent.document
    assert "signature" not in sent.document


async def test_a_post_for_followers_never_names_the_public(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    await befriend(tx, await people.stranger("ada"), marie)

    await actions.publish(tx, marie, Draft("Entre nous", Visibility.FOLLOWERS))

    (sent,) = await people.sent()
    assert sent.document["to"] == [marie.followers_url]
    assert PUBLIC not in str(sent.document)
    assert "proof" not in sent.document


async def test_a_limited_post_says_that_it_is_no_direct_message(
    tx: Transaction, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")

    await actions.publish(
        tx, marie, Draft("@ada@elsewhere.example", Visibility.LIMITED, mentioned=(ada,))
    )

    (sent,) = await people.sent()
    assert sent.document["object"]["directMessage"] is False


async def test_a_mention_is_a_link_a_tag_and_a_notification(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")

    post = await actions.publish(tx, marie, Draft("Salut @paul !", mentioned=(paul,)))

    assert f'href="{paul.url}"' in post.content
    assert post.tags == ({"type": "Mention", "href": paul.actor_id, "name": f"@{paul.handle}"},)
    assert await told(tx, paul) == [("mention", marie.id, post.id)]


async def test_a_handle_that_was_not_gathered_stays_text(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")

    post = await actions.publish(tx, marie, Draft("Salut @nobody@nowhere.example"))

    assert "<a" not in post.content
    assert post.tags == ()


async def test_sec_mod_02_who_is_blocked_is_not_named(tx: Transaction, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await blocks.block(tx, marie, ada)

    post = await actions.publish(tx, marie, Draft("@ada@elsewhere.example", mentioned=(ada,)))

    assert await reach.mentioned(tx.db, post.id) == []
    assert [sent for sent in await people.sent() if sent.inboxes] == []


async def test_a_reply_joins_the_thread_and_tells_who_is_answered(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    first = await actions.publish(tx, marie, Draft("Bonjour"))

    reply = await actions.publish(tx, paul, Draft("Bonsoir", in_reply_to=first.id))

    assert reply.in_reply_to == first.object_id
    assert reply.conversation == first.conversation
    assert await told(tx, marie) == [("reply", paul.id, reply.id)]
    seen = await queries.by_id(tx.db, ANYONE, first.id)
    assert seen is not None
    assert seen.replies_count == 1


async def test_a_reply_reaches_the_server_of_a_stranger_whom_the_text_does_not_name(
    tx: Transaction, people: People
) -> None:
    wire = Wire(tx)
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(tx, marie, ada)
    await wire.receive(activity("Create", note()))
    question = await queries.stored(tx.db, note()["id"])
    assert question is not None

    await actions.publish(tx, marie, Draft("Oui", in_reply_to=question.id))

    (sent,) = await people.sent()
    assert sent.inboxes == ("https://elsewhere.example/inbox",)
    assert ada.actor_id in sent.document["cc"]
    assert sent.document["object"]["inReplyTo"] == question.object_id
    assert "context" not in sent.document["object"]  # the thread is not ours to serve (FEP-7888)


@pytest.mark.parametrize("visibility", list(Visibility))
async def test_sec_vis_07_a_reply_is_never_wider_than_what_it_answers(
    tx: Transaction, people: People, visibility: Visibility
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    await befriend(tx, paul, marie)
    first = await actions.publish(tx, marie, Draft("@paul", visibility, mentioned=(paul,)))

    reply = await actions.publish(tx, paul, Draft("Public !", in_reply_to=first.id))

    assert reply.visibility is visibility
    seen = await queries.by_id(tx.db, Viewer(marie.id), first.id)
    assert seen is not None
    assert seen.replies_count == (1 if visibility.is_open else 0)


async def test_sec_vis_02_what_one_may_not_see_cannot_be_answered(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    secret = await actions.publish(tx, marie, Draft("Entre nous", Visibility.FOLLOWERS))
    before = await everything(tx)

    for unseen in (secret.id, 1):
        with pytest.raises(NotFound) as refusal:
            await actions.publish(tx, paul, Draft("Ah ?", in_reply_to=unseen))
        assert str(refusal.value) == str(NotFound())

    assert await everything(tx) == before


async def test_what_needs_a_correction_is_not_published(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    before = await everything(tx)

    with pytest.raises(Invalid):
        await actions.publish(tx, marie, Draft("   "))

    assert await everything(tx) == before


async def test_a_stranger_publishes_nothing_here(tx: Transaction, people: People) -> None:
    ada = await people.stranger("ada")
    before = await everything(tx)

    with pytest.raises(NotAllowed):
        await actions.publish(tx, ada, Draft("Hello"))

    assert await everything(tx) == before


async def test_markup_typed_into_a_post_is_text(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")

    post = await actions.publish(tx, marie, Draft("<script>alert(1)</script> [x](javascript:1)"))

    assert "<script" not in post.content
    assert 'href="javascript' not in post.content


async def test_an_edit_keeps_what_was_said_and_tells_who_has_it(
    tx: Transaction, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(tx, ada, marie)
    post = await actions.publish(tx, marie, Draft("Avant #un"))
    later = replace(tx, now=tx.now + timedelta(minutes=5))

    edited = await actions.edit(later, marie, post.id, Draft("Après #deux", language="fr"))

    assert edited.edited_at == later.now
    (before,) = await details.revisions(tx.db, ANYONE, post.id)
    assert (before.source, before.written_at) == ("Avant #un", post.published_at)
    update = (await people.sent())[-1]
    assert update.type == "Update"
    assert update.document["object"]["updated"] == "2026-09-01T08:05:00Z"
    assert update.document["object"]["published"] == "2026-09-01T08:00:00Z"
    assert update.inboxes == ("https://elsewhere.example/inbox",)
    names = await tx.db.fetch("select name from commune.hashtag where post_id = $1", post.id)
    assert [row["name"] for row in names] == ["deux"]


async def test_an_edit_that_changes_nothing_says_nothing(tx: Transaction, people: People) -> None:
    marie = await people.citizen("marie")
    post = await actions.publish(tx, marie, Draft("Bonjour"))
    before = await everything(tx)

    assert await actions.edit(tx, marie, post.id, Draft("Bonjour")) == post

    assert await everything(tx) == before


async def test_whom_an_edit_no_longer_names_stays_addressed(
    tx: Transaction, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    post = await actions.publish(
        tx, marie, Draft("@ada@elsewhere.example", Visibility.DIRECT, mentioned=(ada,))
    )

    await actions.edit(tx, marie, post.id, Draft("Rien"))

    update = (await people.sent())[-1]
    assert update.inboxes == (ada.inbox,)
    assert update.document["object"]["tag"] == []


async def test_an_edit_tells_only_whom_it_names_newly(tx: Transaction, people: People) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    zoe = await people.citizen("zoe")
    post = await actions.publish(tx, marie, Draft("@paul", mentioned=(paul,)))

    await actions.edit(tx, marie, post.id, Draft("@paul @zoe", mentioned=(paul, zoe)))

    assert len(await told(tx, paul)) == 1
    assert await told(tx, zoe) == [("mention", marie.id, post.id)]
