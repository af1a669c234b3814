"""Votes from afar: a Create of Notes that are nothing but the name of a choice (W-POLL-02)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fedcommune.database import Transaction
from fedcommune.domain.polls import actions
from fedcommune.domain.posts import arrivals
from fedcommune.domain.posts import incoming as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.visibility import Viewer
from federation import activities
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from federation.vocabulary import polls
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

# Nothing but a vote tells a vote from a post: it comes as a Create of a Note like any other.
router: Router[Transaction] = Router()


async def take(tx: Transaction, activity: Activity, gathered: Gathered) -> bool:
    """Count the votes that *activity* carries; return False when it carries none.

    One or several choices of one poll (GoToSocial sends those together). A vote is kept for
    its poll alone: it is no post, and nobody is told. Raises IgnoredError for one that does
    not count, RefusedError for one that is not by who sends it (SEC-ORI-03).
    """
    if activity.type != "Create":
        return False
    ballots = [each for each in activities.objects(activity) if polls.is_ballot(each)]
    if not ballots:
        return False
    names: dict[str, list[str]] = {}
    for ballot in ballots:
        question, name = _read(tx, ballot, activity)
        names.setdefault(question, []).append(name)
    if len(names) > 1:
        raise RefusedError("One message votes in one poll.")
    voter = await posts.sender(tx, activity, gathered)
    ((question, chosen),) = names.items()
    post = await post_queries.by_object_id(tx.db, Viewer(voter.id), question)
    if post is None or not post.local:
        raise IgnoredError("This is a vote in nothing that is asked here.")
    await actions.take(tx, voter, post, chosen)
    return True


def _read(tx: Transaction, ballot: Mapping[str, Any], activity: Activity) -> tuple[str, str]:
    """Return in what somebody votes, and the name of their choice."""
    # An Answer is what Pleroma calls it at home.
    view = arrivals.written_by(tx, {**ballot, "type": "Note"}, activity.actor)
    assert view.in_reply_to is not None, "a ballot answers something"
    return view.in_reply_to, view.title
