"""The week of the commune, full: what takes place, what is offered and said, and nothing else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import actions as classifieds
from fedcommune.domain.classifieds.model import Draft
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.letters import issuing, subscribers
from fedcommune.domain.letters.subscribers import Subscriber
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft as Spot
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Occasion
from fedcommune.domain.visibility import Visibility
from fedcommune.mail.letters import Letter
from tests.support import browsers, communes
from tests.support.communes import Clock, Town
from tests.web.test_letters import REUNION, Still

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Still()


@pytest.fixture
async def town(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    async with communes.town(
        "saint-leu", database_url, clock, commune=REUNION, limited=True
    ) as running:
        yield running


async def announce(tx: Transaction, by: Account, name: str, days: float, **more: Any) -> Post:
    """Announce something that takes place in so many *days*."""
    starts_at = tx.now.replace(minute=0, second=0, microsecond=0) + days * DAY
    text, rule = more.pop("text", ""), more.pop("rule", "")
    said = {"ends_at": starts_at + timedelta(hours=2), **more}
    occasion = Occasion(name, starts_at, "Indian/Reunion", **said)
    return await announcing.announce(tx, by, Announcement(occasion, text, rule=rule))


async def fill(town: Town, marie: Account) -> None:
    """Let a week be full of things, for everybody, for some, and for nobody any more."""
    lagon = await town.organisation(marie, "lagon")
    paul = await town.citizen("paul")
    async with town.commune.database.transaction() as tx:
        await announce(
            tx, lagon, "Marché de nuit", 4, text="Vingt producteurs, l'été. #marche", price="2 €"
        )
        await announce(tx, lagon, "Répétition", 2, rule="FREQ=WEEKLY;COUNT=4")
        await announce(tx, marie, "Fête de quartier <b>", 8)
        await announce(tx, lagon, "Carnaval lointain", 40)
        off = await announce(tx, lagon, "Pique-nique annulé", 3)
        await announcing.cancel(tx, lagon, off.id, reason="Forte houle")
        put_off = await announce(tx, lagon, "Régate reportée", 3)
        await announcing.postpone(tx, lagon, put_off.id)
        gone = await announce(tx, lagon, "Bal effacé", 3)
        await announcing.remove(tx, lagon, gone.id)
        moved = await announce(tx, lagon, "Balade déplacée", 3)
        await announcing.postpone(tx, lagon, moved.id, tx.now + 6 * DAY)
        sold = Draft("Vélo d'enfant", exchange="sale", price=Decimal(25), category="vehicles")
        await classifieds.publish(tx, marie, sold)
        await classifieds.publish(tx, paul, Draft("Pour les voisins seuls", scope="neighbours"))
        await classifieds.publish(tx, paul, Draft("Pour la commune seule", scope="commune"))
        taken = await classifieds.publish(tx, paul, Draft("Chaise déjà prise"))
        await classifieds.conclude(tx, paul, taken.id)
        await places.add(tx, lagon, Spot("Four à chaux", -21.17, 55.28, category="history"))
    asked = await town.say(marie, "Qui a vu les tortues ?")
    await town.say(paul, "Moi, deux !", to=asked)
    whispered = await town.say(marie, "Secret de jardinière", Visibility.FOLLOWERS)
    await town.say(marie, "Et sa suite", to=whispered)


async def letter(town: Town, clock: Clock, language: str) -> Letter:
    """Return the letter that somebody gets who reads *language*, by the real way."""
    now = clock()
    async with town.commune.database.transaction() as tx:
        reader = Subscriber(7, f"zoe@{language}.example", language, now, None)
        await subscribers.ask(tx.db, reader, b"0" * 32, now + DAY)
        await subscribers.confirm(tx.db, reader.id, now)
        await issuing.begin(tx, now + timedelta(hours=1))
    clock.pass_by(hours=2)
    async with town.commune.database.transaction() as tx:
        issue = await subscribers.unfinished(tx.db)
        assert issue is not None
        await issuing.send_some(tx, issue)
    (found,) = [each for each in await browsers.letters(town) if each.kind == "weekly"]
    return found


def plain(found: Letter) -> str:
    """Return the HTML of a letter as one reads it."""
    return " ".join(re.sub(r"<[^>]*>", " ", found.html).split())


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        (
            "fr",
            "La semaine à Saint-leu",
            ("Ce qui se passe bientôt", "Nouvelles petites annonces", "Nouveaux lieux"),
        ),
        ("en", "The week in Saint-leu", ("What takes place", "New classifieds", "New places")),
        ("rcf", "La semaine à Saint-leu", ("Sat i spas", "Nouvelles petites annonces")),
    ],
)
async def test_a_full_week_is_told_in_the_language_of_who_reads_and_only_what_is_for_everybody(
    town: Town, clock: Clock, language: str, subject: str, words: tuple[str, ...]
) -> None:
    """product 7.7; SEC-VIS-01."""
    await fill(town, await town.citizen("marie"))

    found = await letter(town, clock, language)

    assert found.subject == subject
    assert found.language == language
    assert f'lang="{language}"' in found.html
    told = (
        *("Marché de nuit", "Vingt producteurs", "#marche", "Répétition", "Fête de quartier"),
        *("Balade déplacée", "Four à chaux", "Qui a vu les tortues ?", "Lagon"),
    )
    for each in (*words, *told):
        assert each in found.text, each
        assert each in plain(found), each
    assert "Vélo d'enfant" in found.text
    assert "l'été" in found.text, "an apostrophe is one"
    untold = (
        *("lointain", "annulé", "reportée", "effacé", "voisins seuls", "commune seule"),
        *("déjà prise", "Secret de jardinière", "sa suite", "&#", "&amp;"),
    )
    for each in untold:
        assert each not in found.text, each
    for each in untold[:-2]:
        assert each not in found.html, each
    assert "<b>" not in found.html.replace("</b>", "")
    assert found.text.count("Répétition (") == 1, "of a series, the next time"


async def test_what_takes_place_is_told_in_its_order_with_the_hour_there(
    town: Town, clock: Clock
) -> None:
    await fill(town, await town.citizen("marie"))
    begins: datetime = clock()

    found = await letter(town, clock, "en")

    names = ("Répétition", "Marché de nuit", "Balade déplacée", "Fête de quartier")
    places_ = [found.text.index(f"* {name}") for name in names]
    assert places_ == sorted(places_)
    there = begins.replace(minute=0, second=0, microsecond=0) + 4 * DAY + timedelta(hours=4)
    assert there.strftime("%H:%M") in found.text.replace("\u202f", " ") or (
        there.strftime("%-I:00\u202f%p") in found.text
    )
