"""From bytes that somebody sent to files in the store: before any transaction."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

import structlog

from fedcommune.database import Clock, Database
from fedcommune.domain.media import actions, queries
from fedcommune.domain.media.model import (
    BANNER,
    EMOJI,
    FACE,
    MAX_ATTEMPTS,
    File,
    Kind,
    Made,
    Media,
    State,
)
from fedcommune.errors import CommuneError
from fedcommune.files import films
from fedcommune.files.films import Films
from fedcommune.files.painters import Drawing, Drawn, Painters
from fedcommune.files.store import Store, media_type

_log = structlog.get_logger(__name__)

Purpose = Literal["face", "banner", "emoji"]

# How long one process works on one film before another may try.
LEASE: Final = timedelta(minutes=30)


class Workshop:
    """Draws pictures anew at once; works on sounds and films one after the other, in its own time.

    Whatever it keeps in *files* is swept away unless a transaction names it soon.
    """

    def __init__(
        self, database: Database, files: Store, painters: Painters, films: Films, clock: Clock
    ) -> None:
        self._database = database
        self._clock = clock
        self.files = files
        self.painters = painters
        self.films = films

    async def attachment(self, content: bytes) -> Made:
        """Return what can hang on a post: a picture that is ready, a sound or a film that waits.

        The type is found by reading, never by what is said of it (SEC-MED-02). Raises
        :class:`~fedcommune.errors.Invalid`, in words for whoever sent it.
        """
        if films.format_of(content) is not None:
            self.films.check(content)
            name = await self.files.keep(content, "raw")
            return Made(Kind.VIDEO, File(name, "", len(content)), state=State.WAITING)
        drawing = await self.painters.attachment(content)
        return await self._picture(drawing)

    async def preview(self, content: bytes) -> tuple[File, Drawing]:
        """Return a small picture that is to stand for something else; raises as above."""
        drawing = await self.painters.attachment(content)
        return await self.kept(drawing.small), drawing

    async def sized(self, content: bytes, purpose: Purpose) -> File:
        """Return a picture of the size that its *purpose* needs; it never moves."""
        return await self.kept((await self.drawn(content, purpose)).whole)

    async def drawn(self, content: bytes, purpose: Purpose) -> Drawing:
        """Return the same, not kept yet."""
        match purpose:
            case "face":
                return await self.painters.sized(content, *FACE, "cover")
            case "banner":
                return await self.painters.sized(content, *BANNER, "cover")
            case "emoji":
                return await self.painters.sized(content, *EMOJI, "within")

    async def kept(self, drawn: Drawn) -> File:
        """Keep what was drawn."""
        name = await self.files.keep(drawn.content, drawn.ending)
        return File(name, media_type(name), len(drawn.content))

    async def step(self, media_id: int | None = None) -> bool:
        """Work on the film that waits longest, or on that one; return whether there was one."""
        if not self.films.open:
            return False
        now = self._clock()
        async with self._database.transaction() as tx:
            media = await queries.lease_waiting(tx.db, now, now + LEASE, MAX_ATTEMPTS, media_id)
        if media is None or media.whole is None:
            return False
        try:
            made = await self._filmed(media)
        except CommuneError as error:
            _log.info("film_refused", media=media.id, reason=str(error))
            async with self._database.transaction() as tx:
                await actions.give_up(tx, media)
        else:
            async with self._database.transaction() as tx:
                await actions.finish(tx, media, made)
        return True

    async def _filmed(self, media: Media) -> Made:
        sent = await self.files.read(media.whole or "")
        film = await self.films.written_anew(sent or b"")
        name = await self.files.keep(film.content, film.ending)
        whole = File(name, media_type(name), len(film.content))
        if film.preview is None or media.small is not None:
            return Made(Kind(film.kind), whole, duration=film.duration)
        drawing = await self.painters.attachment(film.preview)
        small = drawing.small
        return Made(
            Kind(film.kind),
            whole,
            await self.kept(small),
            width=film.width,
            height=film.height,
            small_width=small.width,
            small_height=small.height,
            duration=film.duration,
            blurhash=drawing.blurhash,
        )

    async def _picture(self, drawing: Drawing) -> Made:
        whole, small = drawing.whole, drawing.small
        return Made(
            Kind.IMAGE,
            await self.kept(whole),
            await self.kept(small),
            width=whole.width,
            height=whole.height,
            small_width=small.width,
            small_height=small.height,
            blurhash=drawing.blurhash,
        )
