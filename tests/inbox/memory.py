"""What a small application knows of actors, hosts and inboxes, kept in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from federation import keys
from federation.errors import RefusedError
from federation.webfinger import Handle
from inbox.ports import KnownKey, Standing
from tests.support.clock import Clock

if TYPE_CHECKING:
    from tests.inbox.strangers import Stranger

OURS = "http://commune.localhost"


class Acquaintances:
    """Whom this small application knows: kept in memory."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.actors: dict[str, Mapping[str, Any]] = {}
        self.handles: dict[str, Handle | None] = {}
        self.keys: dict[str, KnownKey] = {}
        self.learnt = 0
        self.stored: set[str] = set()
        self.unwanted: set[str] = set()

    async def key(self, key_id: str) -> KnownKey | None:
        return self.keys.get(key_id)

    async def known(self, actor_id: str) -> bool:
        return actor_id in self.actors

    async def learn(self, actor: Mapping[str, Any], handle: Handle | None) -> None:
        if actor["id"] in self.unwanted:
            raise RefusedError("This actor is not welcome.")
        self.learnt += 1
        self.actors[actor["id"]] = actor
        self.handles[actor["id"]] = handle
        for key in keys.keys_of(actor):
            self.keys[key.id] = KnownKey(key, self.clock())

    async def missing(self, iris: Collection[str]) -> list[str]:
        return [
            iri
            for iri in iris
            if iri not in self.actors and iri not in self.stored and not iri.startswith(OURS)
        ]

    def meet(self, stranger: Stranger) -> None:
        """Know *stranger* without asking anybody."""
        self.actors[stranger.id] = stranger.document()
        for key in keys.keys_of(stranger.document()):
            self.keys[key.id] = KnownKey(key, self.clock())


class BlockList:
    """A host and everything below it, or not."""

    def __init__(self) -> None:
        self.blocked: set[str] = set()
        self.heard_of: list[str] = []

    def refused(self, host: str) -> bool:
        name = host.partition(":")[0]
        return any(name == each or name.endswith(f".{each}") for each in self.blocked)

    async def heard(self, host: str) -> None:
        self.heard_of.append(host)


class Residents:
    """Whose inboxes there are."""

    def __init__(self) -> None:
        self.standings: dict[str, Standing] = {f"{OURS}/ap/actors/1": "open"}

    async def standing(self, owner: str) -> Standing:
        return self.standings.get(owner, "absent")
