"""Take part with a letter, and be told by letters: what changed, what is near."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing, joining, mailing, notices
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries import people as taking
from fedcommune.errors import Invalid, NotFound
from tests.fedcommune.domain.events.occasions import (
    ADA,
    BEA,
    MARKET,
    announce,
    event_of,
    letters,
    mastodon,
    mobilizon,
    token_in,
)
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import Wire, told


async def test_by_e_mail_one_confirms_and_may_cancel(tx: Transaction, gardeners: Account) -> None:
    post = await announce(tx, gardeners, capacity=1)

    await mailing.ask(tx, post.id, "Lea@mail.example", "Léa", "fr")
    assert await taking.count(tx.db, post.id) == 0
    first = await token_in(tx, "event_confirm")
    await mailing.confirm(tx, post.id, first)
    await mailing.confirm(tx, post.id, first)

    assert (await event_of(tx, post)).participants == 1
    joined = [each for each in await letters(tx) if each.kind == "event_joined"]
    assert len(joined) == 1
    assert "On vous attend" in joined[0].subject
    assert "18 h – 22 h" in " ".join(joined[0].text.split())

    # Whoever types the address again learns nothing that its owner does not.
    await mailing.ask(tx, post.id, "lea@mail.example", "Curieux", "fr")
    assert [each.kind for each in await letters(tx)].count("event_joined") == 2

    await mailing.withdraw(tx, post.id, await token_in(tx, "event_joined"))
    assert (await event_of(tx, post)).participants == 0


@pytest.mark.parametrize(
    ("email", "name", "more"),
    [
        ("pas une adresse", "Léa", {}),
        ("lea@mail.example", "  ", {}),
        ("lea@mail.example", "Léa", {"anonymous": False}),
        ("lea@mail.example", "Léa", {"join_mode": "none"}),
    ],
)
async def test_what_cannot_be_by_e_mail_is_refused_and_no_letter_leaves(
    tx: Transaction, gardeners: Account, email: str, name: str, more: dict[str, Any]
) -> None:
    post = await announce(tx, gardeners, **more)

    with pytest.raises(Invalid):
        await mailing.ask(tx, post.id, email, name, "fr")

    assert await letters(tx) == []


async def test_a_link_that_is_old_or_guessed_opens_nothing(
    tx: Transaction, gardeners: Account
) -> None:
    post, other = await announce(tx, gardeners), await announce(tx, gardeners)
    await mailing.ask(tx, post.id, "lea@mail.example", "Léa", "fr")
    token = await token_in(tx, "event_confirm")

    for where, what in ((post, "x" * 43), (other, token), (post, "")):
        with pytest.raises(NotFound):
            await mailing.confirm(tx, where.id, what)
    with pytest.raises(NotFound):
        await mailing.confirm(replace(tx, now=tx.now + timedelta(days=3)), post.id, token)
    assert await taking.count(tx.db, post.id) == 0

    await mailing.forget(replace(tx, now=tx.now + timedelta(days=3)))
    assert await tx.db.fetchval("select count(*) from commune.participation") == 0


async def test_everybody_who_comes_is_told_that_it_is_called_off(
    tx: Transaction, wire: Wire, people: People, gardeners: Account
) -> None:
    """Here, at Mobilizon by the Update, at Mastodon by an answer, and by letter."""
    paul = await people.citizen("paul")
    post = await announce(tx, gardeners)
    await joining.join(tx, paul, post.id)
    await wire.receive(mobilizon("Join", post, BEA))
    await wire.receive(mastodon(post, "je participe"))
    await mailing.ask(tx, post.id, "lea@mail.example", "Léa", "fr")
    await mailing.confirm(tx, post.id, await token_in(tx, "event_confirm"))

    await announcing.cancel(tx, gardeners, post.id, reason="Avis de fortes pluies.")

    assert ("event_update", gardeners.id, post.id) in await told(tx, paul)
    changed = [each for each in await letters(tx) if each.kind == "event_changed"]
    assert {each.recipient for each in changed} == {"paul@mail.example", "lea@mail.example"}
    assert all("Avis de fortes pluies." in each.text for each in changed)
    assert all("Annulé." in each.text for each in changed)
    sent = await people.sent()
    update = next(each for each in sent if each.type == "Update")
    assert update.inboxes == ("https://elsewhere.example/inbox",)
    answer = sent[-1].document
    assert answer["type"] == "Create"
    assert answer["to"] == [ADA]
    assert "Annulé" in answer["object"]["content"]


async def test_people_are_reminded_a_day_and_two_hours_before_once(
    tx: Transaction, people: People, gardeners: Account
) -> None:
    paul = await people.citizen("paul")
    post = await announce(tx, gardeners)
    await joining.join(tx, paul, post.id)
    await mailing.ask(tx, post.id, "lea@mail.example", "Léa", "fr")
    await mailing.confirm(tx, post.id, await token_in(tx, "event_confirm"))

    async def due(hours: float) -> list[tuple[int, bool]]:
        now = MARKET - timedelta(hours=hours)
        found = await agenda.to_remind(
            tx.db, now, now + timedelta(days=1), now + timedelta(hours=2)
        )
        for post_id, soon in found:
            await notices.remind(replace(tx, now=now), post_id, soon=soon)
        return found

    assert await due(30) == []
    assert await due(23) == [(post.id, False)]
    assert await due(22) == []
    assert await due(1.5) == [(post.id, True)]
    assert await due(1) == []

    kinds = [each.kind for each in await letters(tx)]
    assert kinds.count("event_tomorrow") == kinds.count("event_soon") == 2
    assert [kind for kind, _, _ in await told(tx, paul)] == ["event_tomorrow", "event_soon"]
    to_lea = [each for each in await letters(tx) if each.recipient == "lea@mail.example"]
    assert "/leave?token=" in to_lea[-1].link
