"""What a status quotes, as far as its reader may see it, and who may quote the status."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from msgspec.structs import replace

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
    """Return how a quote stands for its reader, in the words of Mastodon.

    Of whom the reader blocks nothing is seen (SEC-MOD-02); of whom they mute, or whose server,
    it is, behind a word that lets apps fold it.
    """
    if around.state != "accepted":
        return str(around.state)
    if around.gone or around.target_id is None:
        return "deleted"
    return (around.unheard or "accepted") if seen else "unauthorized"


def approval(around: Around) -> entities.QuoteApproval:
    """Return who may quote a status; policies of other kinds are named as such."""
    return entities.QuoteApproval(
        automatic=_named(around.approval.automatic),
        manual=_named(around.approval.manual),
        current_user=around.leave,
    )


def to_members(status: entities.Status) -> entities.Status:
    """Return what anybody sees of *status* as those who are signed in do: they may quote what
    everybody may.
    """
    approval, inner, quote = status.quote_approval, status.reblog, status.quote
    if "public" in approval.automatic and status.visibility in ("public", "unlisted"):
        approval = replace(approval, current_user="automatic")
    if isinstance(quote, entities.Quote) and quote.quoted_status is not None:
        quote = replace(quote, quoted_status=to_members(quote.quoted_status))
    inner = None if inner is None else to_members(inner)
    return replace(status, quote_approval=approval, reblog=inner, quote=quote)


def _named(allowed: Collection[str]) -> list[str]:
    if not allowed:
        return []
    words = (each if each in _WORDS else "unsupported_policy" for each in allowed)
    return list(dict.fromkeys(words))
