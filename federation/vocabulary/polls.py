"""The choices and the tallies of a Question, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation import documents

MAX_OPTIONS: Final = 500
MAX_OPTION: Final = 500


@dataclass(frozen=True, slots=True)
class PollOption:
    """One choice, in plain text, and how many took it."""

    name: str
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Poll:
    """A question put to everybody; *voters* is None when their number is not told.

    *is_closed* without *closed_at* means "closed now" (``closed: true``).
    """

    options: tuple[PollOption, ...]
    multiple: bool = False
    ends_at: datetime | None = None
    is_closed: bool = False
    closed_at: datetime | None = None
    voters: int | None = None


def read(document: Mapping[str, Any]) -> Poll | None:
    """Return the poll of a Question, None when it offers nothing.

    At most 500 options of at most 500 characters, each name once; negative tallies count as
    zero. Source: section 1.8, W-POLL-04, SEC-DOS-05.
    """
    multiple = bool(documents.many(document.get("anyOf")))
    values = documents.many(document.get("anyOf" if multiple else "oneOf"))
    options: dict[str, PollOption] = {}
    for item in values[:MAX_OPTIONS]:
        if not isinstance(item, Mapping):
            continue
        name = documents.natural(item, "name", limit=MAX_OPTION)[0].strip()
        replies = documents.one(item.get("replies"))
        votes = documents.count(replies.get("totalItems")) if isinstance(replies, Mapping) else 0
        if name:
            options.setdefault(name, PollOption(name, votes or 0))
    if not options:
        return None
    closed = document.get("closed")
    closed_at = documents.moment(closed)
    return Poll(
        options=tuple(options.values()),
        multiple=multiple,
        ends_at=documents.moment(document.get("endTime")),
        is_closed=closed_at is not None or documents.boolean(closed) is True,
        closed_at=closed_at,
        voters=documents.count(document.get("votersCount")),
    )


def write(poll: Poll) -> dict[str, Any]:
    """Return the properties that make a post a Question (section 1.8, product 8.9)."""
    choices = [
        {
            "type": "Note",
            "name": option.name,
            "replies": {"type": "Collection", "totalItems": option.votes},
        }
        for option in poll.options
    ]
    properties: dict[str, Any] = {"anyOf" if poll.multiple else "oneOf": choices}
    if poll.ends_at is not None:
        properties["endTime"] = documents.timestamp(poll.ends_at)
    if poll.closed_at is not None:
        properties["closed"] = documents.timestamp(poll.closed_at)
    if poll.voters is not None:
        properties["votersCount"] = poll.voters
    return properties


def is_ballot(document: Mapping[str, Any]) -> bool:
    """Tell whether a Note is nothing but the choice of somebody who votes (W-POLL-02).

    It has a name, answers something, and says nothing: Mastodon, Misskey, Pleroma and
    GoToSocial vote like this, and FEP-9967 writes it down.
    """
    return (
        bool({"Note", "Answer"} & set(documents.types(document)))
        and bool(documents.natural(document, "name", limit=MAX_OPTION)[0].strip())
        and documents.iri(document.get("inReplyTo")) is not None
        and not documents.natural(document, "content", limit=MAX_OPTION)[0].strip()
    )


def ballot(
    *, ballot_id: str, voter: str, choice: str, question: str, asker: str, published: datetime
) -> dict[str, Any]:
    """Return the Note by which *voter* takes one *choice*, for *asker* alone (W-POLL-01)."""
    return {
        "id": ballot_id,
        "type": "Note",
        "attributedTo": voter,
        "to": [asker],
        "name": choice,
        "inReplyTo": question,
        "published": documents.timestamp(published),
    }
