"""Events for the tests, announced by the real actions."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event, Occasion
from fedcommune.mail.letters import Letter
from tests.fedcommune.domain.wire import note

ADA = "https://elsewhere.example/users/ada"
BEA = "https://elsewhere.example/users/bea"
MARKET = datetime(2026, 12, 12, 14, 0, tzinfo=UTC)  # 18 h in Saint-Leu


def occasion(**more: Any) -> Occasion:
    """Return the night market of Saint-Leu; *more* is what is different."""
    said: dict[str, Any] = {
        "name": "Marché de nuit",
        "starts_at": MARKET,
        "ends_at": MARKET + timedelta(hours=4),
        "zone": "Indian/Reunion",
        "category": "FOOD_DRINK",
        "place_name": "Front de mer",
        "postal_code": "97436",
        "locality": "Saint-Leu",
        "latitude": -21.0,
        "longitude": 55.2866,
        "price": "Entrée libre",
    }
    return Occasion(**{**said, **more})


async def announce(tx: Transaction, by: Account, **more: Any) -> Post:
    """Announce the night market in the name of *by*."""
    words = more.pop("text", "Vingt producteurs, musique maloya.")
    rule, tags = more.pop("rule", ""), more.pop("tags", ())
    return await announcing.announce(
        tx, by, Announcement(occasion(**more), words, tags=tags, rule=rule)
    )


async def event_of(tx: Transaction, post: Post) -> Event:
    """Return the event of *post*; it must be one."""
    found = await happenings.of_post(tx.db, post.id)
    assert found is not None, "this post is no event"
    return found


def mobilizon(type_: str, post: Post, actor: str = ADA, number: int = 1) -> dict[str, Any]:
    """A Join or a Leave as Mobilizon writes it: the event by its id, a message beside it."""
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"https://elsewhere.example/{type_.lower()}/event/{number}",
        "type": type_,
        "actor": actor,
        "object": post.object_id,
        "participationMessage": "Nous serons deux.",
    }


def mastodon(post: Post, words: str, number: int = 1, actor: str = ADA) -> dict[str, Any]:
    """An answer as Mastodon writes it, around a mention of who announces."""
    answer = note(
        number,
        actor,
        content=f'<p><span class="h-card"><a href="https://saint-leu.example/@jardiniers" '
        f'class="u-url mention">@<span>jardiniers</span></a></span> {words}</p>',
        inReplyTo=post.object_id,
    )
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{answer['id']}/activity",
        "type": "Create",
        "actor": actor,
        "to": answer["to"],
        "cc": answer["cc"],
        "object": answer,
    }


async def letters(tx: Transaction) -> list[Letter]:
    rows = await tx.db.fetch("select id, body from commune.letter order by id")
    return [
        msgspec.json.decode(tx.keyring.open(row["body"], f"letter {row['id']}"), type=Letter)
        for row in rows
    ]


async def token_in(tx: Transaction, kind: str) -> str:
    found = [each for each in await letters(tx) if each.kind == kind]
    assert found, [each.kind for each in await letters(tx)]
    match = re.search(r"token=([\w-]{43})", found[-1].link)
    assert match is not None
    return match[1]
