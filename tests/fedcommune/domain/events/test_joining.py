"""Take part: of here, from Mobilizon, from Mastodon in words, and by e-mail; never too many."""

from __future__ import annotations

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.events.actions import answers, joining, mailing
from fedcommune.domain.events.model import State, understood
from fedcommune.domain.events.queries import people as taking
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.reactions import queries as reactions
from fedcommune.domain.reactions.model import Kind as Reacted
from fedcommune.errors import Conflict, Invalid, NotAllowed
from federation.errors import IgnoredError
from tests.fedcommune.domain.events.occasions import (
    ADA,
    BEA,
    announce,
    event_of,
    letters,
    mastodon,
    mobilizon,
)
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.posts.test_concurrency import at_once
from tests.fedcommune.domain.wire import Wire, told


async def test_one_of_ours_comes_once_and_the_organisers_know(
    tx: Transaction, people: People
) -> None:
    await people.actor("agenda", kind=Kind.FEED)
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await announce(tx, marie)

    one = await joining.join(tx, paul, post.id)
    again = await joining.join(tx, paul, post.id)

    assert one.state is State.ACCEPTED
    assert again == one
    assert (await event_of(tx, post)).participants == 1
    assert ("event_joined", paul.id, post.id) in await told(tx, marie)

    await joining.leave(tx, paul, post.id)
    await joining.leave(tx, paul, post.id)
    assert (await event_of(tx, post)).participants == 0


async def test_a_join_from_mobilizon_is_accepted_and_a_leave_gives_the_place_back(
    tx: Transaction, wire: Wire, people: People, gardeners: Account
) -> None:
    """W-EVT-03."""
    post = await announce(tx, gardeners, capacity=1)

    await wire.receive(mobilizon("Join", post))

    accepted = [each for each in await people.sent() if each.type == "Accept"]
    assert len(accepted) == 1
    assert accepted[0].inboxes == (f"{ADA}/inbox",)
    assert accepted[0].document["actor"] == gardeners.actor_id
    assert accepted[0].document["object"]["id"] == "https://elsewhere.example/join/event/1"
    assert accepted[0].document["object"]["object"] == post.object_id
    (one,) = await taking.of_event(tx.db, post.id)
    assert (one.state, one.message) == (State.ACCEPTED, "Nous serons deux.")

    await wire.receive(mobilizon("Join", post, BEA, 2))
    assert (await people.sent())[-1].type == "Reject"
    assert (await event_of(tx, post)).participants == 1

    await wire.receive(mobilizon("Leave", post))
    await wire.receive(mobilizon("Join", post, BEA, 3))
    assert [each.account_id for each in await taking.of_event(tx.db, post.id)] != [one.account_id]
    assert (await event_of(tx, post)).participants == 1


async def test_others_hear_when_the_last_place_is_taken(
    tx: Transaction, wire: Wire, people: People, gardeners: Account
) -> None:
    await people.follower(await people.stranger("bea"), gardeners)
    post = await announce(tx, gardeners, capacity=1)

    await wire.receive(mobilizon("Join", post))

    update = next(each for each in await people.sent() if each.type == "Update")
    assert update.document["object"]["remainingAttendeeCapacity"] == 0


@pytest.mark.parametrize(
    "more",
    [
        {"join_mode": "none"},
        {"join_mode": "external", "join_url": "https://billets.example"},
        {"status": "cancelled"},
    ],
)
async def test_a_join_to_what_is_closed_is_ignored_and_says_so(
    tx: Transaction, wire: Wire, people: People, gardeners: Account, more: dict[str, str]
) -> None:
    """FEP-8a8e: Ignore is the answer to a Join that nobody handles."""
    paul = await people.citizen("paul")
    post = await announce(tx, gardeners, **more)

    await wire.receive(mobilizon("Join", post))
    with pytest.raises(Invalid):
        await joining.join(tx, paul, post.id)

    assert (await people.sent())[-1].type == "Ignore"
    assert await taking.of_event(tx.db, post.id) == []


async def test_with_approval_one_waits_until_the_organisers_answer(
    tx: Transaction, wire: Wire, people: People, gardeners: Account
) -> None:
    paul = await people.citizen("paul")
    post = await announce(tx, gardeners, join_mode="restricted", capacity=1)

    await wire.receive(mobilizon("Join", post))
    await joining.join(tx, paul, post.id)

    waiting = await taking.waiting(tx.db, post.id)
    assert len(waiting) == 2
    assert "Accept" not in [each.type for each in await people.sent()]
    with pytest.raises(NotAllowed):
        await joining.decide(tx, paul, post.id, waiting[0].id, accept=True)

    await joining.decide(tx, gardeners, post.id, waiting[0].id, accept=True)
    assert [each.type for each in await people.sent()].count("Accept") == 1
    with pytest.raises(Conflict):
        await joining.decide(tx, gardeners, post.id, waiting[1].id, accept=True)
    await joining.decide(tx, gardeners, post.id, waiting[1].id, accept=False)
    assert ("event_answer", gardeners.id, post.id) in await told(tx, paul)
    with pytest.raises(NotAllowed):
        await joining.join(tx, paul, post.id)


async def test_the_last_place_is_given_once_however_many_ask_at_once(
    tx: Transaction, people: People, gardeners: Account, database_url: str
) -> None:
    citizens = [await people.citizen(f"voisin_{each}") for each in "abcdef"]
    post = await announce(tx, gardeners, capacity=2)
    for number in range(3):
        await mailing.ask(tx, post.id, f"v{number}@mail.example", "Voisin", "fr")
    tokens = [
        each.link.rpartition("=")[2] for each in await letters(tx) if each.kind == "event_confirm"
    ]

    async def confirm(own: Transaction, token: str) -> object:
        return await mailing.confirm(own, post.id, token)

    done = await at_once(
        tx,
        database_url,
        *[lambda own, who=who: joining.join(own, who, post.id) for who in citizens],
        *[lambda own, token=token: confirm(own, token) for token in tokens],
    )

    assert len([each for each in done if isinstance(each, joining.FullError)]) == 7
    assert await taking.count(tx.db, post.id) == 2
    assert (await event_of(tx, post)).participants == 2


@pytest.mark.parametrize(
    "words",
    [
        "je participe !",
        "J'y serai",
        "j\u2019y serai avec plaisir",
        "Bonjour, je viens avec les enfants.",
        "Super ! J'y vais.",
        "Je serai là",
        "@jardiniers@saint-leu.example I'll be there",
        "Count me in",
        "Merci. Je viendrai.",
    ],
)
def test_words_that_say_that_one_comes(words: str) -> None:
    assert understood(words) == "comes"


@pytest.mark.parametrize(
    "words",
    [
        "je ne viens plus",
        "Finalement, je ne pourrai pas venir",
        "Désolée, je ne participe pas.",
        "je n'y serai pas",
        "Sorry, I can't come",
        "I won't be there",
        "Finalement non.",
    ],
)
def test_words_that_say_that_one_does_not(words: str) -> None:
    assert understood(words) == "does not come"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Je participe ?",
        "J'y serai si je trouve une voiture",
        "Peut-être que j'y serai",
        "Quelle belle affiche",
        "Le maire a dit : je participe à ce qui me plaît",
        "Je participe " + "très volontiers " * 40,
    ],
)
def test_words_that_say_nothing_of_it(words: str) -> None:
    assert understood(words) is None


async def test_who_answers_from_mastodon_that_they_come_comes_and_is_liked(
    tx: Transaction, wire: Wire, people: People, gardeners: Account
) -> None:
    """product 7.5: the answer of the organiser is a like."""
    post = await announce(tx, gardeners)

    await wire.receive(mastodon(post, "j'y serai !"))

    (one,) = await taking.of_event(tx.db, post.id)
    assert (one.state, one.way) == (State.ACCEPTED, "reply")
    sent = [each.type for each in await people.sent()]
    assert sent.count("Like") == 1
    assert "Accept" not in sent

    await wire.receive(mastodon(post, "Je viens bien avec des chaises", 2))
    assert (await event_of(tx, post)).participants == 1
    await wire.receive(mastodon(post, "finalement je ne peux pas", 3))
    assert (await event_of(tx, post)).participants == 0
    assert [each.type for each in await people.sent()].count("Like") == 3


async def test_words_under_what_is_full_or_elsewhere_change_nothing(
    tx: Transaction, wire: Wire, people: People, gardeners: Account
) -> None:
    paul = await people.citizen("paul")
    post = await announce(tx, gardeners, capacity=1)
    await joining.join(tx, paul, post.id)

    await wire.receive(mastodon(post, "je participe"))

    assert [each.account_id for each in await taking.of_event(tx.db, post.id)] == [paul.id]
    assert "Like" not in [each.type for each in await people.sent()]


async def test_who_is_blocked_does_not_come(
    tx: Transaction, wire: Wire, people: People, gardeners: Account
) -> None:
    """SEC-MOD-02."""
    ada = await people.stranger("ada")
    post = await announce(tx, gardeners)
    await blocks.block(tx, gardeners, ada)

    with pytest.raises(IgnoredError):
        await wire.receive(mobilizon("Join", post))

    assert await taking.of_event(tx.db, post.id) == []


async def test_one_of_ours_comes_by_an_answer_too(
    tx: Transaction, people: People, gardeners: Account
) -> None:
    paul = await people.citizen("paul")
    post = await announce(tx, gardeners)

    reply = await feeds.publish(tx, paul, Draft("Je participe", in_reply_to=post.id))
    assert await answers.heed(tx, paul, reply)

    (one,) = await taking.of_event(tx.db, post.id)
    assert one.account_id == paul.id
    liked = await reactions.between(tx.db, Reacted.LIKE, gardeners.id, reply.id)
    assert liked is not None
