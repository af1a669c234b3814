"""What the commune's groups pass on, whole, for software that reads groups so (FEP-1b12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog

from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Visibility
from federation import documents
from federation.errors import RefusedError
from federation.names import MAX_OUTGOING_BODY, PUBLIC
from outbox import envelope

_log = structlog.get_logger(__name__)

# So much stays for what is around what is passed on: names, addressees, proofs.
_AROUND: Final = 8 * 1024


async def passed_on(tx: Transaction, group: Account, said: Mapping[str, Any], post: Post) -> None:
    """Let our *group* announce to its followers that *said* was said about *post* (W-GRP-02).

    A boost tells everybody else; Lemmy and Gancio look for the whole activity. What is
    too long for a second wrapping, or cannot be said in our context, is left out: the boost
    names it all the same.
    """
    if len(documents.write(said)) > MAX_OUTGOING_BODY - _AROUND:
        return
    said = _without_keywords(said)
    followers = [group.followers_url] if group.followers_url else []
    activity = envelope.announce(
        tx.instance.answer("announce", f"{group.actor_id} {said['id']}"),
        group.actor_id,
        said,
        to=[PUBLIC],
        cc=followers,
        published=tx.now,
    )
    followed_by = await queries.followers_recipients(tx.db, group.id)
    try:
        await accounts.send(
            tx,
            group,
            activity,
            to=followed_by,
            visibility=Visibility.PUBLIC,
            order=post.object_id,
        )
    except RefusedError as error:
        # A stranger's words that no proof can be made of: nothing was queued.
        _log.info("not_passed_on", group=group.username, post=post.object_id, reason=str(error))


def _without_keywords(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return *said* without what only means something in its own context (SEC-PAR-04)."""

    def plain(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                name: plain(inner)
                for name, inner in value.items()
                if not name.startswith("@") and name not in ("proof", "signature")
            }
        return [plain(each) for each in value] if isinstance(value, list) else value

    return {name: plain(value) for name, value in said.items() if not name.startswith("@")}
