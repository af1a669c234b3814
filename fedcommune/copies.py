"""Our own copies of strangers' pictures: whoever reads here tells no other server that they do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Literal, get_args

import structlog

from fedcommune.commune import Commune
from fedcommune.domain.media import actions, queries
from fedcommune.domain.media.model import Copy, File, digest_of
from fedcommune.errors import Conflict, Invalid
from fedcommune.files.painters import MAX_BYTES
from federation import iris
from federation.errors import FederationError, RefusedError

_log = structlog.get_logger(__name__)

Purpose = Literal["whole", "small", "face", "banner", "emoji"]
PURPOSES: Final[frozenset[str]] = frozenset(get_args(Purpose))

# That a copy was looked at is noted once in so long.
NOTED_EVERY: Final = timedelta(hours=6)
# How many pictures are fetched at the same time.
MOST: Final = 8
_ACCEPT: Final = "image/avif, image/webp, image/png, image/jpeg, image/gif;q=0.9, image/*;q=0.5"


@dataclass(slots=True)
class Copies:
    """Makes each copy once, however many ask for it at the same moment."""

    commune: Commune
    _fetching: dict[bytes, asyncio.Task[Copy | None]] = field(default_factory=dict)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST))

    async def of(self, purpose: Purpose, url: str) -> str | None:
        """Return the name of the file to show for *url*; None when it cannot be had now.

        The caller has seen our seal on both: the address comes from something that is
        stored here (SEC-MED-06). It is fetched through the guarded door, at most 16 MB,
        never from a server that is refused (SEC-MOD-01), never from ourselves, decoded and
        drawn anew like what people send (SEC-MED-02).
        """
        shown_as = "whole" if purpose == "small" else purpose
        digest = digest_of(shown_as, url)
        db, now = self.commune.database.pool, self.commune.database.clock()
        if self._is_refused(url):
            return None
        found = await queries.copy(db, digest)
        if found is None or (found.again_at is not None and found.again_at <= now):
            found = await self._fetched_once(digest, shown_as, url)
        elif now - found.shown_at > NOTED_EVERY:
            await queries.note_shown(db, digest, now)
        if found is None:
            return None
        return found.small if purpose == "small" else found.whole

    def _is_refused(self, url: str) -> bool:
        commune = self.commune
        try:
            host = iris.authority(iris.check(url, commune.client.reach))
        except RefusedError:
            return True
        return commune.instance.is_media(url) or commune.policies.refused(host)

    async def _fetched_once(self, digest: bytes, shown_as: str, url: str) -> Copy | None:
        task = self._fetching.get(digest)
        if task is None:
            task = asyncio.create_task(self._fetched(digest, shown_as, url))
            self._fetching[digest] = task
            task.add_done_callback(lambda _: self._fetching.pop(digest, None))
            task.add_done_callback(_noted)
        # Whoever goes away must not stop it for the others.
        return await asyncio.shield(task)

    async def _fetched(self, digest: bytes, shown_as: str, url: str) -> Copy | None:
        async with self._turns:
            whole, small = await self._files(shown_as, url)
        try:
            async with self.commune.database.transaction() as tx:
                await actions.keep_copy(tx, digest, whole, small)
        except Conflict:
            pass  # another process was faster; ours is swept away
        return await queries.copy(self.commune.database.pool, digest)

    async def _files(self, shown_as: str, url: str) -> tuple[File | None, File | None]:
        workshop = self.commune.workshop
        try:
            answer = await self.commune.client.get(url, accept=_ACCEPT, limit=MAX_BYTES)
            if not answer.media_type.startswith(("image/", "application/octet-stream")):
                return None, None
            match shown_as:
                case "face" | "banner" | "emoji" as purpose:
                    return await workshop.sized(answer.body, purpose), None
            drawing = await workshop.painters.attachment(answer.body)
        except (FederationError, Invalid):
            return None, None
        return await workshop.kept(drawing.whole), await workshop.kept(drawing.small)


def _noted(task: asyncio.Task[Copy | None]) -> None:
    """Note what went wrong, when whoever asked is no longer there to hear it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("copy_failed", reason=str(error))
