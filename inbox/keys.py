"""Find the key behind a key id: held by the application, or fetched from its own origin.

A key counts for its owner only when the owner's own document lists it (W-KEY-02). What was
fetched, and what could not be, is remembered for a few minutes, so that a stranger who sends
rubbish cannot make us ask the same server again and again (W-KEY-03).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import structlog

from federation import iris, webfinger
from federation.errors import FederationError, GoneError, RefusedError, UnavailableError
from federation.keys import PublicKey, key_of, owner_of
from federation.network import Client, fetch
from federation.network.bounded import Bounded
from inbox.ports import Clock, Hosts, InstanceSigner, KnownActors, KnownKey

FRESH: Final = timedelta(minutes=5)
SOON: Final = timedelta(seconds=60)
REREAD: Final = timedelta(seconds=20)
FETCH_SECONDS: Final = 20.0
MOST_AT_ONCE: Final = 64
_REMEMBERED: Final = 5_000

log = structlog.get_logger(__name__)

Check = Callable[[PublicKey], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A key, with the authentic document of the actor who lists it."""

    key: PublicKey
    actor: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a key was not to be had; raised anew each time somebody asks."""

    kind: Literal["refused", "gone", "later"]
    message: str
    retry_after: float = 0.0

    def error(self) -> FederationError:
        if self.kind == "later":
            return UnavailableError(self.message, 503, retry_after=self.retry_after)
        return GoneError(self.message) if self.kind == "gone" else RefusedError(self.message, 401)


class Keys:
    """The keys of strangers, for one receiving process.

    *ours* is an IRI on our own origin: a key id there is never fetched (SEC-ORI-06).
    """

    def __init__(
        self,
        *,
        known: KnownActors,
        hosts: Hosts,
        client: Client,
        signer: InstanceSigner,
        clock: Clock,
        ours: str,
    ) -> None:
        self._known = known
        self._hosts = hosts
        self._client = client
        self._signer = signer
        self._clock = clock
        self._ours = ours
        self._held: Bounded[str, KnownKey] = Bounded(_REMEMBERED, REREAD)
        self._remembered: Bounded[str, Fetched | Failed] = Bounded(_REMEMBERED, FRESH)
        self._postponed: Bounded[str, Failed] = Bounded(_REMEMBERED, SOON)
        self._learnt: Bounded[str, Fetched] = Bounded(_REMEMBERED, FRESH)
        self._underway: dict[str, asyncio.Task[Fetched | Failed]] = {}
        self._learning: dict[str, asyncio.Task[str | None]] = {}

    async def owner(self, key_id: str, check: Check) -> PublicKey:
        """Return the key *key_id* once *check* accepts it; its owner is proven then.

        *check* verifies one signature and raises RefusedError. It is tried with the key we
        hold, then, when that one is older than five minutes, with the one fetched anew.

        Raises RefusedError(401) when the signature is not one of that key or the key is not
        its owner's, 403 when the host is blocked, UnavailableError(503) when the key cannot
        be fetched for now, GoneError when its server says that it no longer exists.
        """
        now = self._clock()
        held = self._held.get(key_id, now)
        if held is not None:
            try:
                check(held.key)
                return held.key
            except RefusedError:
                self._held.drop(key_id)
        held = await self._known.key(key_id)
        if held is not None and _belongs(held.key, key_id):
            try:
                check(held.key)
            except RefusedError:
                if now - held.fetched_at < FRESH:
                    raise
            else:
                self._held.put(key_id, held, now)
                return held.key
        fetched = await self._fetch(key_id, now)
        check(fetched.key)
        # Only who has proven to be there is worth a place among those we know.
        await self._learn(key_id, fetched, now)
        self._held.put(key_id, KnownKey(fetched.key, now), now)
        return fetched.key

    async def is_gone(self, actor_id: str) -> bool:
        """Ask the origin of *actor_id* whether it says that the actor is gone (W-KEY-05)."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                await fetch.document(self._client, actor_id, signer=await self._signer())
        except GoneError:
            return True
        except (FederationError, TimeoutError):
            return False
        return False

    async def aclose(self) -> None:
        """Abandon what is being fetched."""
        tasks = [*self._underway.values(), *self._learning.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, key_id: str, now: datetime) -> Fetched:
        if iris.same_origin(key_id, self._ours):
            raise RefusedError("This key would be one of ours, and is not.", 401)
        if self._hosts.refused(iris.authority(key_id)):
            raise RefusedError("This server does not accept anything from there.", 403)
        found = self._remembered.get(key_id, now) or self._postponed.get(key_id, now)
        if found is None:
            task = self._underway.get(key_id)
            if task is None:
                if len(self._underway) >= MOST_AT_ONCE:
                    raise UnavailableError("Too many keys are being fetched.", 503, retry_after=30)
                task = asyncio.create_task(self._ask(key_id))
                self._underway[key_id] = task
                task.add_done_callback(lambda _: self._underway.pop(key_id, None))
            # Whoever waits may go away; the others still need the answer.
            found = await asyncio.shield(task)
        if isinstance(found, Failed):
            raise found.error()
        return found

    async def _ask(self, key_id: str) -> Fetched | Failed:
        found: Fetched | Failed
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                found = await self._from_origin(key_id)
        except (UnavailableError, TimeoutError) as error:
            wait = error.retry_after if isinstance(error, UnavailableError) else None
            seconds = min(wait or SOON.total_seconds(), FRESH.total_seconds())
            found = Failed("later", "The key of this signature cannot be fetched for now.", seconds)
            self._postponed.put(key_id, found, self._clock())
            return found
        except GoneError as error:
            found = Failed("gone", str(error))
        except FederationError as error:
            found = Failed("refused", f"The key of this signature is not to be had: {error}")
        self._remembered.put(key_id, found, self._clock())
        return found

    async def _from_origin(self, key_id: str) -> Fetched:
        """Key id → document → owner → the owner's document, which must list the key."""
        signer = await self._signer()
        address = iris.without_fragment(key_id)
        document = await fetch.document(self._client, address, signer=signer)
        owner = owner_of(document, key_id)
        actor = document
        if document.get("id") != owner:
            actor = await fetch.document(self._client, owner, signer=signer)
        if actor.get("id") != owner or not iris.same_origin(owner, key_id):
            raise RefusedError("The owner of the key is not who the key says.", 401)
        return Fetched(key_of(actor, key_id), actor)

    async def _learn(self, key_id: str, fetched: Fetched, now: datetime) -> None:
        if self._learnt.get(key_id, now) is fetched:
            return
        task = self._learning.get(key_id)
        if task is None:
            task = asyncio.create_task(self._keep(key_id, fetched))
            self._learning[key_id] = task
            task.add_done_callback(lambda _: self._learning.pop(key_id, None))
        refusal = await asyncio.shield(task)
        if refusal is not None:
            raise RefusedError(f"The owner of the key is not accepted: {refusal}", 401)

    async def _keep(self, key_id: str, fetched: Fetched) -> str | None:
        """Hand the actor over to the application; return why not, when it does not want it."""
        handle = None
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                handle = await webfinger.confirm(
                    self._client, fetched.actor, signer=await self._signer()
                )
        except (FederationError, TimeoutError) as error:
            # Its name is not confirmed; its key is, and that is what counts here.
            log.info("handle not confirmed", actor=fetched.key.owner, reason=str(error))
        try:
            await self._known.learn(fetched.actor, handle)
        except FederationError as error:
            return str(error)
        self._learnt.put(key_id, fetched, self._clock())
        return None


def _belongs(key: PublicKey, key_id: str) -> bool:
    return key.id == key_id and iris.same_origin(key.owner, key_id)
