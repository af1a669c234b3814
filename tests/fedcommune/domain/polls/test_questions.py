"""Questions as Mastodon, Misskey and Pleroma ask them, and our votes there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.polls import actions as polls
from fedcommune.domain.posts import queries
from fedcommune.domain.posts.model import Post
from federation.errors import FederationError
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.polls.test_votes import standing, wire
from tests.fedcommune.domain.wire import Wire, activity, befriend, note, told

__all__ = ["wire"]
DAY = timedelta(days=1)


def asked(number: int = 1, **changes: Any) -> dict[str, Any]:
    options = [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": votes}}
        for name, votes in (("Oui", 3), ("Non", 1))
    ]
    told = {"type": "Question", "oneOf": options, "endTime": "2026-09-02T08:00:00Z"}
    return note(number, **{**told, **changes})


def by_misskey(**changes: Any) -> dict[str, Any]:
    """Misskey says who it quotes, repeats totals in a word of its own, and may never end."""
    document = asked(_misskey_summary=None, **changes)
    for option in document["oneOf"]:
        option["_misskey_votes"] = option["replies"]["totalItems"]
    return document


def by_pleroma(**changes: Any) -> dict[str, Any]:
    """Pleroma says in ``closed`` when it will be over."""
    document = asked(closed="2026-09-02T08:00:00Z", endTime=None, **changes)
    return {**document, "voters": []}


async def followed(wire: Wire, people: People) -> tuple[Account, Account]:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(wire.tx, marie, ada)
    return marie, ada


async def kept(wire: Wire) -> Post:
    post = await queries.stored(wire.tx.db, note()["id"])
    assert post is not None
    return post


@pytest.mark.parametrize("written", [asked, by_misskey, by_pleroma])
async def test_w_poll_01_we_vote_where_it_was_asked(
    wire: Wire, people: People, written: Callable[..., dict[str, Any]]
) -> None:
    marie, ada = await followed(wire, people)
    await wire.receive(activity("Create", written()))
    post = await kept(wire)
    poll = await standing(wire.tx, post)
    assert (poll.options, poll.votes, poll.voters) == (("Oui", "Non"), (3, 1), None)
    assert poll.ends_at == wire.now + DAY

    await polls.vote(wire.tx, marie, post.id, [1])

    (sent,) = await people.sent()
    ballot = sent.document["object"]
    assert sent.type == "Create"
    assert sent.inboxes == (ada.inbox,)
    assert ballot.pop("id").startswith(f"{marie.actor_id}#votes/")
    assert ballot.pop("published")
    assert ballot == {
        "type": "Note",
        "attributedTo": marie.actor_id,
        "to": [ada.actor_id],
        "name": "Non",
        "inReplyTo": post.object_id,
    }
    assert (await standing(wire.tx, post)).votes == (3, 2)


async def test_w_poll_04_totals_come_from_the_origin_and_are_no_edit(
    wire: Wire, people: People
) -> None:
    marie, _ = await followed(wire, people)
    await wire.receive(activity("Create", asked()))
    post = await kept(wire)
    await polls.vote(wire.tx, marie, post.id, [0])

    news = asked(votersCount=9)
    news["oneOf"][0]["replies"]["totalItems"] = 8
    news["oneOf"][1]["replies"]["totalItems"] = -5
    await wire.receive(activity("Update", news))

    poll = await standing(wire.tx, post)
    assert (poll.votes, poll.voters) == ((8, 0), 9)
    assert (await kept(wire)).edited_at is None
    assert await told(wire.tx, marie) == []

    await people.stranger("mallory", "evil.example")
    changed = asked()
    changed["oneOf"][0]["name"] = "Peut-être"
    mallory = "https://evil.example/users/mallory"
    for wrong in (
        activity("Update", changed, number=2),
        activity("Update", asked(), actor=mallory),
        activity("Update", {**asked(), "attributedTo": mallory}, actor=mallory),
    ):
        with pytest.raises(FederationError):
            await wire.receive(wrong)
    assert await standing(wire.tx, post) == poll


async def test_w_poll_04_other_choices_make_our_votes_void(wire: Wire, people: People) -> None:
    marie, _ = await followed(wire, people)
    await wire.receive(activity("Create", asked()))
    post = await kept(wire)
    await polls.vote(wire.tx, marie, post.id, [0])

    edited = asked(updated="2026-09-01T07:59:30Z")
    edited["oneOf"][0]["name"] = "Peut-être"
    await wire.receive(activity("Update", edited))

    assert (await standing(wire.tx, post)).options == ("Peut-être", "Non")
    await polls.vote(wire.tx, marie, post.id, [1])


async def test_who_voted_elsewhere_is_told_once_how_it_ended(wire: Wire, people: People) -> None:
    marie, ada = await followed(wire, people)
    await wire.receive(activity("Create", asked()))
    post = await kept(wire)
    await polls.vote(wire.tx, marie, post.id, [0])

    assert not await polls.tell(wire.later(DAY).tx, post.id)  # its own server has five minutes
    late = wire.later(DAY + timedelta(minutes=5))
    assert await polls.tell(late.tx, post.id)
    assert not await polls.tell(late.tx, post.id)

    assert await told(wire.tx, marie) == [("poll", ada.id, post.id)]
