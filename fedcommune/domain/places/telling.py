"""Tell of a place aloud: most people read posts, and most of their software knows no places."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.places import actions
from fedcommune.domain.places.model import Draft, Place
from fedcommune.domain.posts.model import Draft as PostDraft

# What the commune publishes is in French, as its feeds are.
NEW: Final = "Nouveau lieu"


async def tell(tx: Transaction, by: Account, draft: Draft) -> Place:
    """Let *by* add a place, and let who tells of it say so in a post (product 8.4).

    Imports use :func:`actions.add`, which is silent. Raises what that raises.
    """
    place = await actions.add(tx, by, draft)
    owner = await accounts.by_id(tx.db, place.owner_id)
    assert owner is not None, "a place goes with who tells of it"
    told = PostDraft(text_of(tx, place), language="fr", tells_of=place.id)
    await feeds.publish(tx, owner, told)
    return place


def text_of(tx: Transaction, place: Place) -> str:
    """Return the post about *place*, in Markdown: what it is, where, its page, its words."""
    where = " ".join(part for part in (place.postal_code, place.locality) if part)
    lines = [f"{NEW} : {_plain(place.name)}"]
    if place.summary:
        lines.append(_plain(place.summary))
    if address := ", ".join(part for part in (place.street, where) if part):
        lines.append(_plain(address))
    lines.append(tx.instance.place_page(place.id))
    if place.tags:
        lines.append(" ".join(f"#{tag}" for tag in place.tags))
    return "\n\n".join(lines)


def _plain(text: str) -> str:
    """Return what somebody typed as words that mark nothing up."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#!|~" else sign for sign in text)
