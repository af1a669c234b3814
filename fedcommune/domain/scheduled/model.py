"""What a planned post is, and how its draft is kept until then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, get_type_hints

import msgspec

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.model import Draft
from fedcommune.errors import Invalid


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


MAX_WAITING: Final = 300
MAX_A_DAY: Final = 25
SOONEST: Final = timedelta(minutes=5)
LATEST: Final = timedelta(days=5 * 365)
# What fails for no reason of its own is tried again so long after, and so often.
TRY_AGAIN: Final = timedelta(minutes=5)
MAX_FAILURES: Final = 5

# Why a planned post was not published.
Reason: TypeAlias = Literal["answered", "account", "draft"]

# Whatever a draft has to it, also what is added one day; people are kept by their ids.
_KINDS: Final[Mapping[str, Any]] = {
    name: kind for name, kind in get_type_hints(Draft).items() if name != "mentioned"
}


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One row of ``commune.scheduled_post``; times are UTC.

    ``planned_by`` is the person who planned it, perhaps in the name of another account.
    ``draft`` names nobody yet: ``mentioned`` are the accounts found for its text.
    """

    id: int
    account_id: int
    planned_by: int | None
    draft: Draft
    mentioned: tuple[int, ...]
    due_at: datetime
    created_at: datetime
    failures: int = 0


def packed(draft: Draft) -> str:
    """Return *draft* as JSON, without the people whom it names."""
    values = {name: getattr(draft, name) for name in _KINDS}
    return msgspec.json.encode(values).decode()


def unpacked(text: str, mentioned: tuple[Account, ...] = ()) -> Draft:
    """Return the draft that :func:`packed` wrote; what it did not know yet is as usual."""
    values = msgspec.json.decode(text)
    # In JSON, the ids of pictures are words.
    known = {
        name: msgspec.convert(values[name], kind, str_keys=True)
        for name, kind in _KINDS.items()
        if name in values
    }
    return Draft(**known, mentioned=mentioned)


def checked(due_at: datetime, now: datetime) -> datetime:
    """Return when to publish. Raises :class:`Invalid` for what is too soon or too far away."""
    if due_at < now + SOONEST:
        raise Invalid("scheduled_at", _("The scheduled date must be at least 5 minutes ahead."))
    if due_at > now + LATEST:
        raise Invalid("scheduled_at", _("Choose a date within the next five years."))
    return due_at
