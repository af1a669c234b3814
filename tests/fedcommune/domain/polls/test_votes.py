"""Votes as Mastodon, Misskey, Pleroma and GoToSocial send them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.polls import actions as polls
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts import questions
from fedcommune.domain.posts.choices import Asked, Poll
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid
from federation.errors import FederationError, IgnoredError
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.posts.test_concurrency import at_once
from tests.fedcommune.domain.wire import Wire, activity, everything, told

DAY = timedelta(days=1)
ADA = "https://elsewhere.example/users/ada"


@pytest.fixture
def wire(tx: Transaction) -> Wire:
    return Wire(tx)


async def ask(
    tx: Transaction, author: Account, *options: str, text: str = "Quand ?", **more: Any
) -> Post:
    visibility = more.pop("visibility", Visibility.PUBLIC)
    asked = Asked(options or ("Samedi", "Dimanche"), DAY, **more)
    return await posts.publish(tx, author, Draft(text, visibility, poll=asked))


async def standing(tx: Transaction, post: Post) -> Poll:
    found = await questions.of_post(tx.db, post.id)
    assert found is not None
    return found


def mastodon(post: Post, name: str, voter: str = ADA, number: int = 1) -> dict[str, Any]:
    """A vote as Mastodon writes it."""
    ballot = {
        "id": f"{voter}#votes/{number}",
        "type": "Note",
        "name": name,
        "attributedTo": voter,
        "to": "https://saint-leu.example/ap/actors/1",
        "inReplyTo": post.object_id,
    }
    return activity("Create", ballot, id=f"{voter}#votes/{number}/activity")


def misskey(post: Post, name: str, voter: str = ADA, number: int = 1) -> dict[str, Any]:
    """A vote as Misskey writes it."""
    document = mastodon(post, name, voter, number)
    ballot = {**document["object"], "to": ["https://saint-leu.example/ap/actors/1"]}
    return {**document, "object": ballot, "published": "2026-09-01T08:00:00.000Z"}


def pleroma(post: Post, name: str, voter: str = ADA, number: int = 1) -> dict[str, Any]:
    """A vote as Pleroma writes it: a Note of its own address, with a context and lists."""
    ballot = {
        "actor": voter,
        "attributedTo": voter,
        "cc": [],
        "context": post.conversation,
        "conversation": post.conversation,
        "id": f"https://elsewhere.example/objects/{number}",
        "inReplyTo": post.object_id,
        "name": name,
        "published": "2026-09-01T08:00:00.000000Z",
        "to": ["https://saint-leu.example/ap/actors/1"],
        "type": "Note",
    }
    return activity("Create", ballot, id=f"https://elsewhere.example/activities/{number}")


@pytest.mark.parametrize("written", [mastodon, misskey, pleroma])
async def test_w_poll_02_a_vote_counts_once_and_is_no_post(
    wire: Wire, people: People, written: Callable[..., dict[str, Any]]
) -> None:
    marie, _ = await people.citizen("marie"), await people.stranger("ada")
    post = await ask(wire.tx, marie)
    before = await everything(wire.tx)

    await wire.receive(written(post, "Dimanche"))

    poll = await standing(wire.tx, post)
    assert (poll.votes, poll.voters) == ((0, 1), 1)
    assert await everything(wire.tx) == before  # no post, no notification, nothing sent yet
    with pytest.raises(IgnoredError):
        await wire.receive(written(post, "Samedi", number=2))
    assert await standing(wire.tx, post) == poll


async def test_w_poll_02_gotosocial_sends_the_choices_of_one_vote_together(
    wire: Wire, people: People
) -> None:
    marie, _ = await people.citizen("marie"), await people.stranger("ada")
    post = await ask(wire.tx, marie, "a", "b", "c", multiple=True)
    ballots = [mastodon(post, name, number=n)["object"] for n, name in enumerate("ac")]

    await wire.receive({**mastodon(post, "a", number=9), "object": ballots})

    poll = await standing(wire.tx, post)
    assert (poll.votes, poll.voters) == ((1, 0, 1), 1)


async def test_several_choices_come_one_by_one_and_who_voted_counts_once(
    wire: Wire, people: People
) -> None:
    marie, _ = await people.citizen("marie"), await people.stranger("ada")
    post = await ask(wire.tx, marie, "a", "b", "c", multiple=True)

    for number, name in enumerate("ac"):
        await wire.receive(mastodon(post, name, number=number))
    with pytest.raises(IgnoredError):
        await wire.receive(mastodon(post, "c", number=7))

    poll = await standing(wire.tx, post)
    assert (poll.votes, poll.voters) == ((1, 0, 1), 1)


Wrong = Callable[[Wire, Post, Account, Account], Awaitable[dict[str, Any]]]


async def unknown_choice(wire: Wire, post: Post, _marie: Account, _ada: Account) -> dict[str, Any]:
    return mastodon(post, "Lundi")


async def for_another(wire: Wire, post: Post, _marie: Account, _ada: Account) -> dict[str, Any]:
    """Somebody else's name on the ballot."""
    document = mastodon(post, "Samedi")
    return {**document, "object": {**document["object"], "attributedTo": f"{ADA}2"}}


async def blocked(wire: Wire, post: Post, marie: Account, ada: Account) -> dict[str, Any]:
    await blocks.block(wire.tx, marie, ada)
    return mastodon(post, "Samedi")


async def not_for_them(wire: Wire, _post: Post, marie: Account, _ada: Account) -> dict[str, Any]:
    hidden = await ask(wire.tx, marie, visibility=Visibility.FOLLOWERS)
    return mastodon(hidden, "Samedi")


async def nothing_is_asked(
    wire: Wire, _post: Post, marie: Account, _ada: Account
) -> dict[str, Any]:
    said = await posts.publish(wire.tx, marie, Draft("Bonjour"))
    return mastodon(said, "Samedi")


@pytest.mark.parametrize(
    "wrong", [unknown_choice, for_another, blocked, not_for_them, nothing_is_asked]
)
async def test_sec_mod_05_a_vote_that_does_not_count_changes_nothing(
    wire: Wire, people: People, wrong: Wrong
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await people.stranger("ada2")
    post = await ask(wire.tx, marie)
    vote = await wrong(wire, post, marie, ada)
    before = await everything(wire.tx)

    with pytest.raises(FederationError):
        await wire.receive(vote)

    assert await everything(wire.tx) == before
    assert await wire.tx.db.fetchval("select count(*) from commune.vote") == 0
    assert await wire.tx.db.fetchval("select sum(voters) from commune.poll") == 0


async def test_sec_mod_05_a_vote_that_comes_late_is_not_counted(wire: Wire, people: People) -> None:
    marie, _ = await people.citizen("marie"), await people.stranger("ada")
    post = await ask(wire.tx, marie)

    with pytest.raises(IgnoredError):
        await wire.later(DAY).receive(mastodon(post, "Samedi"))

    assert (await standing(wire.tx, post)).votes == (0, 0)


async def test_sec_mod_05_votes_that_come_at_once_count_once_a_voter(
    tx: Transaction, people: People, database_url: str
) -> None:
    """Stuffing: many Creates of the same few actors, all at the same time."""
    marie = await people.citizen("marie")
    voters = [await people.stranger(f"ada{n}") for n in range(3)]
    paul = await people.citizen("paul")
    post = await ask(tx, marie)

    async def stuff(own: Transaction) -> None:
        for voter in voters:
            await polls.take(own, voter, post, ["Samedi", "Dimanche"])

    def of(voter: Account, name: str) -> Callable[[Transaction], Awaitable[object]]:
        return lambda own: polls.take(own, voter, post, [name])

    works = [of(voter, name) for voter in voters for name in ("Samedi", "Dimanche") * 3]
    ours = [lambda own: polls.vote(own, paul, post.id, [1])] * 4
    results = await at_once(tx, database_url, *works, *ours)

    poll = await standing(tx, post)
    assert (sum(poll.votes), poll.voters) == (4, 4)
    assert sum(isinstance(each, IgnoredError) for each in results) == len(works) - 3
    assert sum(isinstance(each, Invalid) for each in results) == 3
    assert await tx.db.fetchval("select count(*) from commune.vote") == 4


async def test_whoever_votes_waits_for_an_edit_of_the_post_and_holds_nothing_up(
    tx: Transaction, people: People, database_url: str
) -> None:
    """Whoever has the post locks the poll next; a vote must not hold the one without the other."""
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await ask(tx, marie)

    async def edit(own: Transaction) -> None:
        assert await post_queries.locked(own.db, post.id) is not None
        await asyncio.sleep(0.3)
        assert await questions.locked(own.db, post.id) is not None

    async def vote(own: Transaction) -> None:
        await asyncio.sleep(0.1)
        await polls.vote(own, paul, post.id, [0])

    results = await at_once(tx, database_url, edit, vote)

    assert not [each for each in results if isinstance(each, Exception)]
    assert (await standing(tx, post)).votes == (1, 0)


async def test_w_poll_03_totals_are_told_together_to_all_who_have_it_and_are_no_edit(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    zoe = await people.stranger("zoe", "further.example")
    await people.follower(zoe, marie)
    post = await ask(wire.tx, marie)
    await wire.receive(mastodon(post, "Samedi"))
    sent = len(await people.sent())

    early = wire.later(timedelta(minutes=2))
    assert not await polls.tell(early.tx, post.id)
    late = wire.later(timedelta(minutes=3))
    assert await polls.tell(late.tx, post.id)
    assert not await polls.tell(late.tx, post.id)

    (update,) = (await people.sent())[sent:]
    question = update.document["object"]
    assert update.type == "Update"
    assert question["type"] == "Question"
    assert "updated" not in question
    assert [each["replies"]["totalItems"] for each in question["oneOf"]] == [1, 0]
    assert question["votersCount"] == 1
    assert set(update.inboxes) == {ada.shared_inbox, zoe.shared_inbox}


async def test_w_poll_03_hidden_totals_are_told_at_the_end_alone(
    wire: Wire, people: People
) -> None:
    marie, _ = await people.citizen("marie"), await people.stranger("ada")
    paul = await people.citizen("paul")
    post = await ask(wire.tx, marie, hides_totals=True)
    await polls.vote(wire.tx, paul, post.id, [1])
    await wire.receive(mastodon(post, "Samedi"))
    sent = len(await people.sent())

    assert not await polls.tell(wire.later(timedelta(hours=2)).tx, post.id)
    assert await polls.tell(wire.later(DAY).tx, post.id)
    assert not await polls.tell(wire.later(2 * DAY).tx, post.id)

    (update,) = (await people.sent())[sent:]
    question = update.document["object"]
    assert [each["replies"]["totalItems"] for each in question["oneOf"]] == [1, 1]
    assert question["closed"] == question["endTime"]
    assert await told(wire.tx, marie) == [("poll", marie.id, post.id)]
    assert await told(wire.tx, paul) == [("poll", marie.id, post.id)]


async def test_our_edit_of_the_choices_begins_anew_and_those_who_voted_hear_of_it(
    wire: Wire, people: People
) -> None:
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    post = await ask(wire.tx, marie)
    await wire.receive(mastodon(post, "Samedi"))
    later = wire.later(timedelta(minutes=10)).tx

    same = Draft("Quand donc ?", poll=Asked(("Samedi", "Dimanche"), 2 * DAY))
    await posts.edit(later, marie, post.id, same, asks=True)
    assert (await standing(wire.tx, post)).votes == (1, 0)
    other = Draft("Quand donc ?", poll=Asked(("Samedi", "Lundi"), 2 * DAY))
    await posts.edit(later, marie, post.id, other, asks=True)

    poll = await standing(wire.tx, post)
    assert (poll.options, poll.votes, poll.voters) == (("Samedi", "Lundi"), (0, 0), 0)
    update = (await people.sent())[-1]
    assert update.inboxes == (ada.shared_inbox,)
    assert update.document["object"]["updated"]
    await wire.receive(mastodon(post, "Lundi", number=2))
    assert (await standing(wire.tx, post)).votes == (0, 1)


async def test_deleting_a_poll_forgets_who_voted(wire: Wire, people: People) -> None:
    marie, _ = await people.citizen("marie"), await people.stranger("ada")
    post = await ask(wire.tx, marie)
    await wire.receive(mastodon(post, "Samedi"))

    await posts.delete(wire.tx, marie, post.id)

    for table in ("poll", "vote"):
        assert await wire.tx.db.fetchval(f"select count(*) from commune.{table}") == 0
    with pytest.raises(IgnoredError):
        await wire.receive(mastodon(post, "Samedi", number=3))
