"""What arrives from the wire, handed to the real routers without the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from fedcommune import federated, identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.posts import queries as posts
from federation import activities, documents
from federation.errors import FederationError
from federation.webfinger import Handle
from inbox.gather import Gathered
from inbox.router import Router
from tests.fedcommune.domain.people import actor_document

AS2 = "https://www.w3.org/ns/activitystreams"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ROUTER: Router[Transaction] = federated.router()


def note(
    number: int = 1,
    author: str = "https://elsewhere.example/users/ada",
    **changes: Any,
) -> dict[str, Any]:
    """Return a public Note as its own server would serve it; None removes a property."""
    document: dict[str, Any] = {
        "@context": AS2,
        "id": f"{author}/notes/{number}",
        "type": "Note",
        "attributedTo": author,
        "to": [PUBLIC],
        "cc": [f"{author}/followers"],
        "content": f"<p>Note {number}</p>",
        "published": "2026-09-01T07:59:00Z",
    }
    document.update(changes)
    return {name: value for name, value in document.items() if value is not None}


def activity(
    type_: str, object_: Any, number: int = 1, actor: str | None = None, **changes: Any
) -> dict[str, Any]:
    """Return an activity about *object_*, by its author and addressed like it unless said."""
    if actor is None:
        actor = (
            object_.get("attributedTo") or object_.get("actor")
            if isinstance(object_, Mapping)
            else "https://elsewhere.example/users/ada"
        )
    document: dict[str, Any] = {
        "@context": AS2,
        "id": f"{actor}/{type_.lower()}/{number}",
        "type": type_,
        "actor": actor,
        "object": object_,
    }
    if isinstance(object_, Mapping):
        document |= {name: object_[name] for name in ("to", "cc") if name in object_}
    document.update(changes)
    return {name: value for name, value in document.items() if value is not None}


_WATCHED = (
    "account",
    "post",
    "revision",
    "mention",
    "hashtag",
    "attachment",
    "reaction",
    "featured",
    "notification",
    "tombstone",
    "forestalled",
    "collection",
    "collection_item",
)


async def everything(tx: Transaction) -> dict[str, list[str]]:
    """Return all that is kept, row by row: to show that nothing changed."""
    kept = {}
    for table in (*(f"commune.{name}" for name in _WATCHED), "outbox.activity", "outbox.delivery"):
        rows = await tx.db.fetch(f"select kept::text as row from {table} kept")
        kept[table] = sorted(row["row"] for row in rows)
    return kept


async def befriend(tx: Transaction, follower: Account, followed: Account) -> None:
    """Let one account follow another, accepted, without a word on the wire."""
    await follows.insert(
        tx.db,
        id_=identifiers.new(tx.now),
        follower_id=follower.id,
        followed_id=followed.id,
        activity_id=f"{follower.actor_id}/follows/{followed.id}",
        accepted=True,
        now=tx.now,
    )


async def told(tx: Transaction, account: Account) -> list[tuple[str, int, int | None]]:
    """Return what an account was told, oldest first: (kind, from whom, of which post)."""
    found = await notifications.page(tx.db, account.id)
    return [(each.kind.value, each.from_id, each.post_id) for each in reversed(found)]


@dataclass(frozen=True, slots=True)
class Wire:
    """One commune's end of the wire, and what other servers would serve."""

    tx: Transaction
    elsewhere: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    hindered: dict[str, FederationError] = field(default_factory=dict)

    def later(self, by: timedelta) -> Wire:
        """Return the same wire when time has passed."""
        return replace(self, tx=replace(self.tx, now=self.tx.now + by))

    @property
    def now(self) -> datetime:
        return self.tx.now

    def serve(self, *served: Mapping[str, Any]) -> None:
        """Let other servers serve these documents at their ids."""
        for document in served:
            self.elsewhere[str(document["id"])] = document

    async def receive(self, document: Mapping[str, Any]) -> None:
        """Handle an authentic activity as the inbox would: gather, then one transaction.

        Raises what the handler raises; then nothing is kept.
        """
        raw = documents.write(document)
        received = activities.read(documents.read(raw), raw=raw)
        route = ROUTER.find(received)
        assert route is not None, f"nobody receives {received.type}"
        gathered = Gathered()
        for _ in range(4):
            asked = {received.actor, *(route.needs(received, gathered) if route.needs else ())}
            gathered = await self._gathered(asked)
        async with self.tx.db.transaction():  # type: ignore[attr-defined]  # a connection here
            await route.handler(self.tx, received, gathered)

    async def _gathered(self, asked: set[str]) -> Gathered:
        stored = set(await accounts.by_actor_ids(self.tx.db, asked))
        stored |= await posts.known(self.tx.db, asked)
        found: dict[str, Mapping[str, Any]] = {}
        handles: dict[str, Handle] = {}
        missing: dict[str, FederationError] = {}
        for iri in sorted(asked - stored):
            if self.tx.instance.owns(iri):
                continue
            address = iri.partition("#")[0]
            if address in self.elsewhere:
                document = self.elsewhere[address]
                found[iri] = document
                if "inbox" in document:
                    handles[address] = Handle(
                        str(document["preferredUsername"]), address.split("/")[2]
                    )
            else:
                missing[iri] = self.hindered.get(
                    address, FederationError(f"nothing is served at {address}")
                )
        return Gathered(found, handles, missing)


__all__ = [
    "AS2",
    "PUBLIC",
    "Wire",
    "activity",
    "actor_document",
    "befriend",
    "everything",
    "note",
    "told",
]
