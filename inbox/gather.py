"""Fetch what a handler leans on, before its transaction: the only step that waits for strangers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from federation import activities, documents, iris, webfinger
from federation.activities import Activity
from federation.errors import FederationError, GoneError, RefusedError, UnavailableError
from federation.keys import Signer
from federation.network import Client, fetch
from federation.webfinger import Handle
from inbox.ports import KnownActors

MOST_ROUNDS: Final = 4
MOST_IDS: Final = 400
MOST_AT_ONCE: Final = 8
SECONDS: Final = 25.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """Authentic documents, fetched from their own origins, by the ids that were asked for.

    The ``id`` of a document is what counts: it can differ from what was asked (a page's
    address, say). ``missing`` tells why an id that was asked for is not there; what the
    application already holds was not asked for, and is in neither.
    """

    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    handles: Mapping[str, Handle] = field(default_factory=dict)
    missing: Mapping[str, FederationError] = field(default_factory=dict)

    def get(self, iri: str) -> Mapping[str, Any] | None:
        """Return the document asked for under *iri*, when it was fetched."""
        return self.documents.get(iri)

    def handle(self, actor_id: str) -> Handle | None:
        """Return the name that a fetched actor and its domain agree on (W-WF-05)."""
        return self.handles.get(actor_id)


NOTHING: Final = Gathered()


class Gatherer:
    """What is fetched for one lane at one time: each document once, a few at a time."""

    def __init__(self, *, known: KnownActors, client: Client, signer: Signer) -> None:
        self._known = known
        self._client = client
        self._signer = signer
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._asked: dict[str, asyncio.Task[Mapping[str, Any] | FederationError]] = {}
        self._confirmed: dict[str, asyncio.Task[Handle | None]] = {}

    async def gather(
        self, activity: Activity, needs: Callable[[Activity, Gathered], Iterable[str]]
    ) -> Gathered:
        """Return what *needs* asks for, in at most four rounds and 400 ids (SEC-DOS-03).

        Raises nothing for a document that cannot be had: the handler finds out why in
        ``missing``, and decides.
        """
        asked: dict[str, None] = {}
        found: dict[str, Mapping[str, Any]] = {}
        handles: dict[str, Handle] = {}
        missing: dict[str, FederationError] = {}
        gathered = NOTHING
        for _ in range(MOST_ROUNDS):
            more = [iri for iri in dict.fromkeys(needs(activity, gathered)) if iri not in asked]
            more = more[: MOST_IDS - len(asked)]
            if not more:
                break
            asked.update(dict.fromkeys(more))
            to_fetch = await self._known.missing(more)
            results = await asyncio.gather(*(self._document(iri) for iri in to_fetch))
            for iri, result in zip(to_fetch, results, strict=True):
                if isinstance(result, FederationError):
                    missing[iri] = result
                    continue
                found[iri] = result
                handle = await self._handle(result)
                if handle is not None:
                    handles[str(result["id"])] = handle
            gathered = Gathered(dict(found), dict(handles), dict(missing))
        return gathered

    async def original(self, activity: Activity) -> Activity:
        """Return *activity* as its own origin shows it, and nothing of what was received.

        Raises RefusedError when the origin does not show that very activity, UnavailableError
        when it cannot be asked for now.
        """
        result = await self._document(activity.id)
        if isinstance(result, UnavailableError):
            raise result
        if isinstance(result, FederationError):
            raise RefusedError(f"The origin does not confirm this activity: {result}")
        original = activities.read(result, raw=documents.write(result))
        if (original.id, original.actor) != (activity.id, activity.actor):
            raise RefusedError("The origin shows another activity.")
        return original

    async def aclose(self) -> None:
        """Abandon what is still being fetched."""
        tasks = [*self._asked.values(), *self._confirmed.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _document(self, iri: str) -> Mapping[str, Any] | FederationError:
        if iri not in self._asked:
            self._asked[iri] = asyncio.create_task(self._fetch(iri))
        return await asyncio.shield(self._asked[iri])

    async def _fetch(self, iri: str) -> Mapping[str, Any] | FederationError:
        try:
            async with self._slots:
                return await fetch.document(self._client, iri, signer=self._signer)
        except (RefusedError, UnavailableError, GoneError) as error:
            return error

    async def _handle(self, document: Mapping[str, Any]) -> Handle | None:
        try:
            if documents.kind(document) is not documents.Kind.ACTOR:
                return None
        except RefusedError:
            return None
        actor_id = str(document["id"])
        if actor_id not in self._confirmed:
            self._confirmed[actor_id] = asyncio.create_task(self._confirm(document))
        return await asyncio.shield(self._confirmed[actor_id])

    async def _confirm(self, document: Mapping[str, Any]) -> Handle | None:
        try:
            async with self._slots:
                return await webfinger.confirm(self._client, document, signer=self._signer)
        except FederationError:
            return None


def asks(
    activity: Activity, needs: Callable[[Activity, Gathered], Iterable[str]] | None
) -> Callable[[Activity, Gathered], list[str]]:
    """Return *needs* with the actor before everything else: each handler leans on it.

    Not for an actor who takes leave: there may be nothing left to ask. What is no web address
    is left out.
    """
    farewell = activity.type == "Delete" and activity.object_id == activity.actor
    first = [] if farewell else [activity.actor]

    def all_of_it(activity: Activity, gathered: Gathered) -> list[str]:
        more = needs(activity, gathered) if needs is not None else ()
        return [*first, *(iri for iri in more if _is_web(iri))]

    return all_of_it


def _is_web(iri: str) -> bool:
    try:
        iris.origin(iri)
    except RefusedError:
        return False
    return True
