from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.posts import actions, details, queries, questions, reach
from fedcommune.domain.posts.model import MAX_ATTACHMENTS, MAX_MENTIONS, Draft, Post
from federation.errors import IgnoredError, RefusedError, UnavailableError
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


async def kept(tx: Transaction, number: int = 1, author: str = ADA) -> Post:
    """Return the post that ``note(number, author)`` became."""
    post = await queries.stored(tx.db, f"{author}/notes/{number}")
    assert post is not None
    return post


async def test_w_in_03_a_suspended_author_is_not_heard(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    await wire.tx.db.execute(
        "update commune.account set suspended_at = now() where id = $1", ada.id
    )
    before = await everything(wire.tx)

    for type_ in ("Create", "Update"):
        with pytest.raises(IgnoredError):
            await wire.receive(activity(type_, note(updated="2026-09-01T07:59:30Z")))

    assert await everything(wire.tx) == before


async def test_sec_ori_03_a_post_of_somebody_else_is_refused(wire: Wire, people: People) -> None:
    marie = await people.citizen("marie")
    ada, mallory = await people.stranger("ada"), await people.stranger("mallory")
    await befriend(wire.tx, marie, ada)
    await befriend(wire.tx, marie, mallory)
    wire.serve(note())
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(activity("Create", note(), actor=mallory.actor_id))

    assert await everything(wire.tx) == before


async def test_sec_ori_03_a_post_of_another_server_is_refused(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    stolen = note(id="https://victim.example/notes/1")
    wire.serve(stolen)
    before = await everything(wire.tx)

    with pytest.raises(RefusedError):
        await wire.receive(activity("Create", stolen))

    assert await everything(wire.tx) == before


async def test_sec_ori_06_an_id_of_ours_is_never_taken_from_the_network(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    post = await actions.publish(wire.tx, marie, Draft("Bonjour"))
    before = await everything(wire.tx)

    for forged in (post.object_id, "https://saint-leu.example/ap/posts/7"):
        stolen = note(id=forged)
        wire.serve(stolen)
        for type_ in ("Create", "Update"):
            with pytest.raises((RefusedError, IgnoredError)):
                await wire.receive(activity(type_, stolen | {"updated": "2026-09-01T07:59:30Z"}))
        with pytest.raises(RefusedError):
            await wire.receive(activity("Delete", forged))

    assert await everything(wire.tx) == before


async def test_sec_ori_07_an_actor_never_becomes_a_post(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    grace = await people.stranger("grace")
    before = await everything(wire.tx)

    for type_ in ("Create", "Update"):
        with pytest.raises((RefusedError, IgnoredError)):
            await wire.receive(activity(type_, note(id=grace.actor_id)))

    assert await everything(wire.tx) == before


async def test_a_post_that_is_here_is_not_overwritten_by_another_create(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    await wire.receive(activity("Create", note()))
    before = await everything(wire.tx)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Create", note(content="<p>Other</p>"), number=2))

    assert await everything(wire.tx) == before


async def test_w_act_create_a_date_in_the_future_is_now(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)

    await wire.receive(activity("Create", note(published="2031-01-01T00:00:00Z")))

    assert (await kept(wire.tx)).published_at == wire.now


async def test_w_act_create_old_news_are_kept_but_told_to_nobody(
    wire: Wire, people: People
) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    tag = {"type": "Mention", "href": marie.actor_id}

    await wire.receive(
        activity("Create", note(published="2020-01-01T00:00:00Z", cc=[marie.actor_id], tag=tag))
    )

    assert (await kept(wire.tx)).published_at.year == 2020
    assert await told(wire.tx, marie) == []


async def test_sec_xss_01_a_post_is_cleaned_on_arrival(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)

    await wire.receive(
        activity(
            "Create",
            note(content='<p onclick="x()">Hi<script>alert(1)</script><img src=x onerror=y></p>'),
        )
    )

    assert (await kept(wire.tx)).content == "<p>Hi</p>"


async def test_sec_xss_02_a_received_question_keeps_its_options_as_text(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    options = [{"type": "Note", "name": name} for name in ("Oui", "<b>Non</b>")]

    await wire.receive(activity("Create", note(type="Question", oneOf=options)))

    post = await kept(wire.tx)
    assert post.type == "Question"
    assert post.content == "<p>Note 1</p>"
    poll = await questions.of_post(wire.tx.db, post.id)
    assert poll is not None
    assert poll.options == ("Oui", "<b>Non</b>")


async def test_a_vote_is_no_post(wire: Wire, people: People) -> None:
    marie = await people.citizen("marie")
    await people.stranger("ada")
    post = await actions.publish(wire.tx, marie, Draft("Oui ou non ?"))
    before = await everything(wire.tx)
    vote = note(name="Oui", content=None, inReplyTo=post.object_id, to=[marie.actor_id], cc=None)

    with pytest.raises(IgnoredError):
        await wire.receive(activity("Create", vote))

    assert await everything(wire.tx) == before


@pytest.mark.parametrize("type_", ["Article", "Page", "Event", "Image", "Video", "Audio"])
async def test_longer_things_are_shown_as_title_and_link(
    wire: Wire, people: People, type_: str
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)

    await wire.receive(
        activity("Create", note(type=type_, name="Grande <b>fête</b>", summary="<p>Samedi</p>"))
    )

    post = await kept(wire.tx)
    assert (post.type, post.summary, post.sensitive) == (type_, "", False)
    assert "<strong>Grande &lt;b&gt;fête&lt;/b&gt;</strong>" in post.content
    assert f'href="{post.object_id}"' in post.content


async def test_sec_dos_05_mentions_and_files_are_limited(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    for number in range(3):
        await people.stranger(f"u{number}")
    crowd: list[Any] = [f"https://elsewhere.example/users/u{number}" for number in range(500)]
    tags = [{"type": "Mention", "href": each} for each in crowd]
    files = [
        {"type": "Document", "url": f"https://elsewhere.example/{number}.png"}
        for number in range(50)
    ]

    await wire.receive(
        activity("Create", note(cc=[*crowd, marie.actor_id], tag=tags, attachment=files))
    )

    post = await kept(wire.tx)
    attached = await details.attachments(wire.tx.db, [post.id])
    assert len(attached[post.id]) == MAX_ATTACHMENTS
    assert len(post.tags) <= MAX_MENTIONS
    assert marie.id in {each.id for each in await reach.mentioned(wire.tx.db, post.id)}


async def test_a_post_by_its_id_alone_is_fetched_from_its_origin(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    wire.serve(note(content="<p>Authentic</p>"))

    await wire.receive(activity("Create", note()["id"], to=[PUBLIC]))

    assert (await kept(wire.tx)).content == "<p>Authentic</p>"


async def test_an_origin_that_cannot_answer_is_asked_again_later(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    wire.hindered[note()["id"]] = UnavailableError()

    with pytest.raises(UnavailableError):
        await wire.receive(activity("Create", note()["id"], to=[PUBLIC]))


async def test_a_stranger_writes_into_no_thread_of_ours_without_answering_in_it(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    post = await actions.publish(wire.tx, marie, Draft("Bonjour"))

    await wire.receive(activity("Create", note(context=post.conversation)))

    assert (await kept(wire.tx)).conversation == note()["id"]


async def test_an_answer_that_came_before_its_question_finds_it(wire: Wire, people: People) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    await wire.receive(activity("Create", note(2, inReplyTo=note(1)["id"]), number=2))

    await wire.receive(activity("Create", note(1)))

    question, answer = await kept(wire.tx, 1), await kept(wire.tx, 2)
    assert answer.parent_id == question.id
    assert question.replies_count == 1
