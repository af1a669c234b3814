"""Faces, banners and pictures of the demo: drawn in a thread, kept as what people send is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Protocol

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.demo.steps import is_done, known, once
from fedcommune.demo.tellings import Scene
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import File, Made, Words


async def portray(commune: Commune, username: str, name: str, scene: Scene | None = None) -> None:
    """Give somebody a face, and a banner when they stand for more than themselves."""
    step = f"portrait {username}"
    if await is_done(commune.database.pool, step):
        return
    face, banner = await asyncio.to_thread(_sketched, username, name, scene)
    pictures: dict[str, File | None] = {"icon": await commune.workshop.sized(face, "face")}
    if banner is not None:
        pictures["image"] = await commune.workshop.sized(banner, "banner")
    async with once(commune, step) as tx:
        if tx is not None:
            await accounts.edit(tx, await known(tx, username), Changes(), pictures=pictures)


async def _drawn(commune: Commune, picture: str, key: str) -> Made | None:
    """Return the picture that hangs on what is called *key*, if it has one."""
    if not picture:
        return None
    return await commune.workshop.attachment(await asyncio.to_thread(_picture, picture, key))


class Pictured(Protocol):
    """What the story tells at some moment, perhaps with a picture."""

    @property
    def key(self) -> str: ...

    @property
    def picture(self) -> str: ...

    @property
    def hours_ago(self) -> float: ...


@asynccontextmanager
async def once_drawn(
    commune: Commune, step: str, told: Pictured, now: datetime
) -> AsyncIterator[tuple[Transaction | None, Made | None]]:
    """Open the transaction of *step* with what *told* shows, drawn before; no transaction: done."""
    if await is_done(commune.database.pool, step):
        yield None, None
        return
    picture = await _drawn(commune, told.picture, told.key)
    async with once(commune, step, at=now - timedelta(hours=told.hours_ago)) as tx:
        yield tx, picture


async def hang(
    tx: Transaction, owner: Account, picture: Made | None, words: str
) -> tuple[int, ...]:
    """Keep *picture*, in *words* too, for what *owner* publishes; return what hangs on it."""
    if picture is None:
        return ()
    return ((await media.keep(tx, owner.id, picture, Words(words))).id,)


def _sketched(username: str, name: str, scene: Scene | None) -> tuple[bytes, bytes | None]:
    # Imported when something is drawn: no other command needs it.
    from fedcommune.demo import sketches

    words = [word for word in name.replace("'", " ").split() if word[0].isupper()]
    face = sketches.face("".join(word[0] for word in words[:2]), username)
    return face, sketches.landscape(scene, username, (1500, 500)) if scene else None


def _picture(picture: str, key: str) -> bytes:
    from fedcommune.demo import sketches, still_lifes

    for thing in still_lifes.THINGS:
        if thing == picture:
            return still_lifes.draw(thing, key)
    for scene in sketches.SCENES:
        if scene == picture:
            return sketches.landscape(scene, key)
    raise ValueError(f"Nobody can draw {picture}.")
