"""Ask a stranger's server how a poll of its own stands: gently, and for a short while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, Protocol

from fedcommune.database import Database
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.hosts.model import Policies
from fedcommune.domain.polls import queries
from fedcommune.domain.posts import arrivals
from fedcommune.domain.posts.model import Post
from federation import iris
from federation.errors import FederationError
from federation.keys import Signer
from federation.network import Client, fetch

# Seconds: whoever looks at a poll waits no longer for news of it.
PATIENCE: Final = 5.0


class Signs(Protocol):
    """Gives what signs for the instance."""

    def __call__(self) -> Awaitable[Signer]: ...


async def ask(
    database: Database, client: Client, signer: Signs, policies: Policies, post: Post
) -> bool:
    """Take from the server of a stranger's *post* how its poll stands; return whether it was asked.

    It is asked once a minute at most, whoever wants to know, and once after its end
    (W-POLL-04). When it does not answer, what we know stays. A server that is refused is not
    asked (SEC-MOD-01).
    """
    if post.local or policies.refused(iris.authority(post.object_id)):
        return False
    async with database.transaction() as tx:
        if not await queries.claim(tx.db, post.id, tx.now):
            return False
    try:
        async with asyncio.timeout(PATIENCE):
            document = await fetch.document(client, post.object_id, signer=await signer())
        async with database.transaction() as tx:
            author = await accounts.by_id(tx.db, post.author_id)
            if author is not None and author.is_active and document.get("id") == post.object_id:
                view = arrivals.checked(tx, document, author.actor_id)
                await arrivals.revise(tx, view, author, arrivals.envelope(view, author))
    except (FederationError, OSError, TimeoutError):
        return True
    return True
