"""How a quote stands, and who may quote what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from fedcommune.domain.posts.model import Approval, QuoteState

# How somebody stands to what they would like to quote.
Leave = Literal["automatic", "manual", "denied", "unknown"]

# Why somebody is not shown at once what a post quotes, in the words of Mastodon.
Unheard = Literal["muted_account", "blocked_domain"]

# A stamp is looked at again so long after it was found good (W-QUO-04).
RECHECK: Final = timedelta(days=7)
# A stamp that cannot be had now is asked for again, later and later, this many times.
MAX_ATTEMPTS: Final = 8
NOBODY: Final = Approval()
_WORDS: Final = frozenset({"public", "followers", "following"})


@dataclass(frozen=True, slots=True)
class Quoting:
    """One row of ``commune.quote``: the post ``post_id`` quotes ``target``.

    ``target_id`` is its row when it is here. ``request`` is the QuoteRequest by which leave
    was asked. ``due_at`` (UTC) is when to look into it again.
    """

    post_id: int
    target: str
    target_id: int | None
    state: QuoteState
    legacy: bool
    stamp: str | None
    request: str | None
    due_at: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Around:
    """What is shown of quotes beside one post.

    ``state`` None: it quotes nothing that is worth a box. ``gone``: what it quotes was
    deleted. ``unheard``: the reader does not want to read whom it quotes. ``count`` is how
    many quote it; ``leave`` how the reader stands to doing so.
    """

    state: QuoteState | None = None
    target_id: int | None = None
    gone: bool = False
    unheard: Unheard | None = None
    count: int = 0
    approval: Approval = NOBODY
    leave: Leave = "denied"


UNQUOTED: Final = Around()


def again_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failed *attempts*; None when it is enough."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return timedelta(minutes=float(2**attempts))


def leave(
    approval: Approval, *, is_author: bool, is_open: bool, standing: Collection[str]
) -> Leave:
    """Tell whether somebody may quote a post (W-QUO-03).

    *standing* has what they are: ``followers`` when they follow its author, ``following``
    when its author follows them, and the id of their actor. What is not for everybody is
    quoted by its author alone, whatever *approval* says. Words of policies that are not
    understood here leave it unknown: then one may ask.
    """
    if is_author:
        return "automatic"
    if not is_open or not (approval.automatic or approval.manual):
        return "denied"
    mine = {"public", *standing}
    if mine & set(approval.automatic):
        return "automatic"
    if mine & set(approval.manual):
        return "manual"
    # A collection of somebody's: only its server knows whether one is in it.
    if any(each not in _WORDS for each in (*approval.automatic, *approval.manual)):
        return "unknown"
    return "denied"
