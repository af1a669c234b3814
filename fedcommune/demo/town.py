"""What the town hall of the demo says, whose claims it hears, and who gets its week by letter."""

from __future__ import annotations

import asyncio
import email
import re
from datetime import datetime, timedelta
from email.policy import default as modern
from pathlib import Path

from fedcommune.commune import Commune
from fedcommune.demo import tellings
from fedcommune.demo.steps import Advance, is_done, known, made, once, remember
from fedcommune.demo.waiting import until
from fedcommune.demo.world import World
from fedcommune.domain.announcements import actions as announcements
from fedcommune.domain.announcements.model import Span
from fedcommune.domain.claims import actions as claims
from fedcommune.domain.claims.model import Ask, Proof
from fedcommune.domain.letters import issuing
from fedcommune.domain.notices import actions as notices
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.posts.official import Given, Severity
from federation import keys


def size(told: World) -> int:
    """How many steps :func:`fill` takes."""
    said = len(told.notices) + len(told.announcements)
    return said + len(told.claims) + len(told.subscribers)


async def fill(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Let the town hall say what *told* says, hear claims and find readers, once."""
    for notice in told.notices:
        await _warn(commune, notice, now)
        advance()
    for announcement in told.announcements:
        await _announce(commune, announcement, now)
        advance()
    for claim in told.claims:
        await _claim(commune, claim, now)
        advance()
    for subscriber in told.subscribers:
        await _subscribe(commune, subscriber)
        advance()


async def _warn(commune: Commune, told: tellings.Notice, now: datetime) -> None:
    async with once(commune, f"entrust {told.author}") as tx:
        if tx is not None:
            await notices.entrust(tx, await known(tx, told.author))
    step = f"post {told.key}"
    async with once(commune, step, at=now - timedelta(hours=told.hours_ago)) as tx:
        if tx is not None:
            given = Given(Severity(told.severity), now + timedelta(hours=told.hours_left))
            draft = Draft(text=told.text, language="fr", notice=given)
            post = await notices.give(tx, await known(tx, told.author), draft)
            await remember(tx.db, step, post.id)


async def _announce(commune: Commune, told: tellings.Announcement, now: datetime) -> None:
    at = now - timedelta(hours=told.hours_ago)
    async with once(commune, f"announcement {told.key}", at=at) as tx:
        if tx is not None:
            when = Span(ends_at=now + timedelta(days=told.days))
            handles = posts.mentioned_in(told.text, tx.instance.domain)
            named = [await known(tx, each.partition("@")[0]) for each in handles]
            announcement = await announcements.announce(tx, told.text, when, mentioned=named)
            for name in told.hearts:
                await announcements.react(tx, await known(tx, name), announcement.id, "❤️")


async def _claim(commune: Commune, told: tellings.Claim, now: datetime) -> None:
    step = f"claim {told.place}"
    if await is_done(commune.database.pool, step):
        return
    pair = await asyncio.to_thread(keys.generate)
    async with once(commune, step, at=now - timedelta(hours=20)) as tx:
        if tx is None:
            return
        place_id = await made(tx.db, f"spot {told.place}")
        ask = Ask(told.username, Proof.WORD, message=told.message)
        claim = await claims.begin(tx, await known(tx, told.by), place_id, ask)
        if told.accepted:
            await claims.accept(tx, None, claim.id, pair)


async def _subscribe(commune: Commune, told: tellings.Subscriber) -> None:
    async with once(commune, f"subscriber {told.email}") as tx:
        if tx is not None:
            await issuing.ask(tx, told.email, told.language, address="127.0.0.1")
    step = f"confirmed {told.email}"
    if not told.confirmed or await is_done(commune.database.pool, step):
        return
    token = await _token(commune.config.directory / "letters", told.email)
    async with once(commune, step) as tx:
        if tx is not None:
            await issuing.confirm(tx, token)


async def _token(folder: Path, recipient: str) -> str:
    """Open the letter that asks *recipient* to confirm, and return what its link carries."""
    found: list[str] = []

    async def arrived() -> bool:
        found.extend(await asyncio.to_thread(_read, folder, recipient))
        return bool(found)

    await until(arrived, f"a letter to {recipient}")
    return found[-1]


def _read(folder: Path, recipient: str) -> list[str]:
    tokens = []
    for file in sorted(folder.glob("*-weekly_confirm.eml")):
        letter = email.message_from_bytes(file.read_bytes(), policy=modern)
        body = letter.get_body(("plain",))
        if body is not None and letter["To"] == recipient:
            tokens += re.findall(r"confirm\?token=([\w-]+)", body.get_content())
    return tokens
