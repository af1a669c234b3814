"""What a status quotes, as far as its reader may see it, and who may quote the status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from fedcommune.domain.quotes.model import Around
from fedcommune.mastodon import entities

_WORDS: Final = ("public", "followers", "following")


def quote(around: Around, shown: Mapping[int, entities.Status]) -> entities.Quote | None:
    """Return the quote of a status; *shown* has what its reader may see of what is quoted.

    Who may not see it gets the state without it: a quote never widens what one sees
    (SEC-VIS-01).
    """
    if around.state is None:
        return None
    there = shown.get(around.target_id or 0)
    return entities.Quote(
        state=state(around, seen=there is not None),
        quoted_status=there if around.state == "accepted" else None,
    )


def shallow(around: Around, seen: Iterable[int]) -> entities.ShallowQuote | None:
    """Return the quote inside a quote: its id alone."""
    if around.state is None:
        return None
    there = around.target_id if around.target_id in set(seen) else None
    return entities.ShallowQuote(
        state=state(around, seen=there is not None),
        quoted_status_id=str(there) if there and around.state == "accepted" else None,
    )


def state(around: Around, *, seen: bool) -> str:
    """Return how a quote stands for its reader, in the words of Mastodon."""
    if around.state != "accepted":
        return str(around.state)
    if around.gone or around.target_id is None:
        return "deleted"
    return "accepted" if seen else "unauthorized"


def approval(around: Around) -> entities.QuoteApproval:
    """Return who may quote a status; policies of other kinds are named as such."""
    return entities.QuoteApproval(
        automatic=_named(around.approval.automatic),
        manual=_named(around.approval.manual),
        current_user=around.leave,
    )


def _named(allowed: Iterable[str]) -> list[str]:
    words = (each if each in _WORDS else "unsupported_policy" for each in allowed)
    return list(dict.fromkeys(words))
