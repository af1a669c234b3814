"""Everything this commune understands, in one list, and what it lends the two boxes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fedcommune.database import Database, Executor, Transaction
from fedcommune.domain.accounts import actions as account_actions
from fedcommune.domain.accounts import incoming as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import ActorKey
from fedcommune.domain.blocks import incoming as blocks
from fedcommune.domain.collections import incoming as collections
from fedcommune.domain.events import incoming as events
from fedcommune.domain.feeds import incoming as feeds
from fedcommune.domain.follows import incoming as follows
from fedcommune.domain.helping import incoming as helping
from fedcommune.domain.hosts.model import Policies
from fedcommune.domain.links import incoming as links
from fedcommune.domain.moderation import actions as moderation_actions
from fedcommune.domain.moderation import incoming as moderation
from fedcommune.domain.places import incoming as places
from fedcommune.domain.polls import incoming as polls
from fedcommune.domain.posts import incoming as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.quotes import incoming as quotes
from fedcommune.domain.reactions import incoming as reactions
from federation import iris, keys
from federation.activities import Activity
from federation.errors import IgnoredError, RefusedError
from federation.webfinger import Handle
from inbox.gather import Gathered
from inbox.ports import KnownKey, Standing
from inbox.router import Router
from outbox import upkeep as outbox

# What each subject receives. The list is the documentation: what is not here is ignored.
PARTS: Final = (
    accounts,
    blocks,
    collections,
    events,
    feeds,
    follows,
    links,
    moderation,
    places,
    polls,
    posts,
    quotes,
    reactions,
)

# Some activities name what they are about by its id alone. Then nothing tells whose they are,
# and each subject is asked in turn whether it knows that id.
Asked = Callable[[Transaction, Activity], Awaitable[bool]]
BY_ID: Final[Mapping[str, tuple[Asked, ...]]] = {
    "Accept": (follows.accept, links.accept, events.accept, quotes.accept),
    "Reject": (follows.reject, links.reject, events.reject, quotes.reject, collections.reject),
    "Undo": (follows.undo, links.undo, events.undo, reactions.undo, blocks.undo),
    "Remove": (links.remove, reactions.remove, collections.remove),
    "Delete": (places.forget, quotes.take_back, collections.delete),
}


# An organisation, a project or an event is joined in the same words.
_OF_JOINS: Final[Mapping[str, tuple[Asked, ...]]] = {
    "Accept": (links.accept, events.accept),
    "Reject": (links.reject, events.reject),
    "Undo": (links.undo, events.undo),
}


def router() -> Router[Transaction]:
    """Return the handlers of everything that is understood here.

    Raises ValueError when two parts claim the same activity.
    """
    found: Router[Transaction] = Router()
    for part in PARTS:
        found.include(part.router)
    for activity_type, subjects in BY_ID.items():
        # Consent comes with an answer: it is looked at on its own server.
        needs = collections.the_stamp if activity_type == "Accept" else None
        found.receives(activity_type, needs=needs)(_asking(subjects))
    for answer, knowing in _OF_JOINS.items():
        found.receives(answer, of="Join")(_asking(knowing))
    found.receives("Join", needs=links.the_sides)(_joined)
    found.receives("Leave", needs=links.the_sides)(_left)
    found.receives("Delete", of="Tombstone")(_asking(BY_ID["Delete"]))
    return found.wrapped(_welcoming)


def _asking(
    subjects: tuple[Asked, ...],
) -> Callable[[Transaction, Activity, Gathered], Awaitable[None]]:
    async def ask(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        for knows in subjects:
            if await knows(tx, activity):
                return
        if activity.type == "Accept" and await collections.accept(tx, activity, gathered):
            return
        if activity.type == "Delete":
            # Most of what is deleted is what somebody wrote.
            await posts.deleted(tx, activity, gathered)
            return
        if activity.type == "Undo":
            # The original may still be on its way, and must be ignored when it comes.
            await accounts.forestall(tx, activity)
            return
        raise IgnoredError(f"Nothing is known of what this {activity.type} is about.")

    return ask


async def _joined(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody wants to take part in something of ours."""
    if not await events.joined(tx, activity, gathered):
        await links.asked(tx, activity, gathered)


async def _left(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody no longer takes part in something of ours."""
    if not await events.left(tx, activity, gathered):
        await links.left(tx, activity, gathered)


def _welcoming(
    handler: Callable[[Transaction, Activity, Gathered], Awaitable[None]],
) -> Callable[[Transaction, Activity, Gathered], Awaitable[None]]:
    """Ask whether the sender is heard at all before, and let the square carry it after.

    Who says that they can help with what is needed here is heard, too.

    What is a vote is counted, and is nothing else.
    """

    async def handle(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
        await moderation_actions.welcome(tx, activity)
        if await polls.take(tx, activity, gathered):
            return
        before = await events.standing(tx, activity) if activity.type == "Update" else None
        carried = await feeds.standing(tx, activity)
        await handler(tx, activity, gathered)
        if carried is not None:
            await feeds.follow_up(tx, activity, carried)
        if before is not None:
            await events.moved(tx, before)
        if activity.type == "Create":
            await helping.heed(tx, activity)
            await feeds.carry(tx, activity)
            await events.heed(tx, activity)

    return handle


class Known:
    """The strangers whom we know (``inbox.ports.KnownActors``)."""

    def __init__(self, database: Database, policies: Policies) -> None:
        self._database = database
        self._policies = policies

    async def key(self, key_id: str) -> KnownKey | None:
        """Return a living key of a stranger."""
        pool = self._database.pool
        stored = await account_queries.key(pool, key_id)
        if stored is None or stored.revoked_at is not None:
            return None
        account = await account_queries.by_id(pool, stored.account_id)
        if account is None or account.local:
            return None
        return KnownKey(_public(stored, account.actor_id), stored.fetched_at)

    async def known(self, actor_id: str) -> bool:
        """Tell whether we hold this actor."""
        return await account_queries.by_actor_id(self._database.pool, actor_id) is not None

    async def learn(self, actor: Mapping[str, Any], handle: Handle | None) -> None:
        """Keep an authentic actor document and its keys."""
        async with self._database.transaction() as tx:
            await account_actions.learn(tx, actor, handle)

    async def missing(self, iris_: Collection[str]) -> list[str]:
        """Return those that must be fetched: not ours, not stored, not dead, host not refused."""
        instance, pool = self._database.instance, self._database.pool
        candidates = [iri for iri in iris_ if not instance.owns(iri) and self._may_ask(iri)]
        if not candidates:
            return []
        stored = set(await account_queries.by_actor_ids(pool, candidates))
        stored |= await post_queries.known(pool, candidates)
        return [iri for iri in candidates if iri not in stored]

    def _may_ask(self, iri: str) -> bool:
        try:
            return not self._policies.refused(iris.authority(iri))
        except RefusedError:
            return False


def _public(stored: ActorKey, owner: str) -> keys.PublicKey:
    key = (
        keys.load_public_der(stored.public)
        if stored.algorithm == "rsa"
        else Ed25519PublicKey.from_public_bytes(stored.public)
    )
    algorithm: keys.Algorithm = "rsa" if stored.algorithm == "rsa" else "ed25519"
    return keys.PublicKey(
        stored.id, owner, algorithm, key, expires=stored.expires_at, revoked=stored.revoked_at
    )


class Heard:
    """The policy about other servers (``inbox.ports.Hosts``); hearing from one revives it."""

    def __init__(self, db: Executor, policies: Policies) -> None:
        self._db = db
        self._policies = policies

    def refused(self, host: str) -> bool:
        return self._policies.refused(host)

    async def heard(self, host: str) -> None:
        """An authentic message came from *host*: deliver to it again (W-DEL-04)."""
        await outbox.revive(self._db, host)


class Owners:
    """The local actors to whose inboxes one may post (``inbox.ports.Owners``)."""

    def __init__(self, db: Executor) -> None:
        self._db = db

    async def standing(self, owner: str) -> Standing:
        account = await account_queries.by_actor_id(self._db, owner)
        if account is None or not account.local or account.suspended_at is not None:
            return "absent"
        return "gone" if account.deleted_at is not None else "open"


_tasks: set[asyncio.Task[None]] = set()


def in_background(work: Coroutine[Any, Any, None]) -> None:
    """Do *work* soon, and keep it alive until it is done."""
    task = asyncio.ensure_future(work)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
