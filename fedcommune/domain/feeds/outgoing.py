"""What the commune's groups pass on, whole, for software that reads groups so (FEP-1b12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import outgoing as accounts
from fedcommune.domain.accounts import queries
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Visibility
from federation import documents
from federation.names import MAX_OUTGOING_BODY, PUBLIC
from outbox import envelope

# So much stays for what is around what is passed on: names, addressees, proofs.
_AROUND: Final = 8 * 1024


async def passed_on(tx: Transaction, group: Account, said: Mapping[str, Any], post: Post) -> None:
    """Let our *group* announce to its followers that *said* was said about *post* (W-GRP-02).

    A boost tells everybody else; Lemmy and Gancio look for the whole activity. What is
    too long for a second wrapping is left out: the boost names it all the same.
    """
    if len(documents.write(said)) > MAX_OUTGOING_BODY - _AROUND:
        return
    followers = [group.followers_url] if group.followers_url else []
    activity = envelope.announce(
        tx.instance.answer("announce", f"{group.actor_id} {said['id']}"),
        group.actor_id,
        said,
        to=[PUBLIC],
        cc=followers,
        published=tx.now,
    )
    await accounts.send(
        tx,
        group,
        activity,
        to=await queries.followers_recipients(tx.db, group.id),
        visibility=Visibility.PUBLIC,
        order=post.object_id,
    )
