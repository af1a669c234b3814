"""What the owner of an inbox and an outbox reads there, newest first (C2S-30, C2S-31)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.boxes import outgoing, queries
from fedcommune.domain.boxes.model import Done
from fedcommune.domain.notifications import listing
from fedcommune.domain.notifications.model import Kind, Notification
from fedcommune.domain.posts.model import LAST_ID, Page
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import Viewer
from fedcommune.fediverse import collections, readers, tokens
from fedcommune.fediverse.actors import living_account
from fedcommune.fediverse.client import desk
from fedcommune.fediverse.client.desk import Visit
from fedcommune.fediverse.client.outbox import owner_of
from fedcommune.fediverse.collections import PAGE
from fedcommune.fediverse.objects import own_activity


async def inbox(visit: Visit) -> Response:
    """What arrived for the owner, as it is now: posts, boosts, follows, likes, invitations.

    It is made of what they read and were told, so that visibility, blocks and mutes apply as
    everywhere, and each thing stands there once.
    """
    desk.check_owner(visit, owner_of(visit))
    tokens.check_scope(visit.grant, "read:statuses")
    tokens.check_scope(visit.grant, "read:notifications")
    account, database = visit.account, visit.commune.database

    async with database.reading() as db:
        tx = database.on(db)

        async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
            ceiling = LAST_ID if cursor is None else cursor
            read = await timelines.home(tx.db, account.id, Page(max_id=cursor, limit=PAGE))
            addressed = await queries.addressed(tx.db, account.id, ceiling=ceiling, limit=PAGE)
            heard = await listing.listed(
                tx.db,
                account.id,
                tx.now,
                listing.Wanted(kinds=outgoing.KINDS),
                ceiling=ceiling,
                limit=PAGE,
            )
            # One post has one number, wherever it was found: it is on one page only.
            lines: list[Entry | Notification] = [
                *{each.id: each for each in [*read, *addressed]}.values(),
                *heard,
            ]
            lines = sorted(lines, key=lambda each: each.id, reverse=True)[:PAGE]
            answers = await listing.answers_told(tx.db, account.id, tx.now, _posts_of(lines))
            items = [
                await outgoing.told(tx, each, account)
                if isinstance(each, Notification)
                else await outgoing.entry(tx, each)
                for each in lines
                if not _stands_elsewhere(each, account, answers)
            ]
            found = {outgoing.key_of(item): item for item in items if item is not None}
            return list(found.values()), lines[-1].id if len(lines) == PAGE else None

        collection_id = f"{account.actor_id}/inbox"
        response = await collections.answer(visit.request, collection_id, None, turn)
    response.headers["Cache-Control"] = "private, no-store"
    return response


async def outbox(request: Request) -> Response:
    """What an actor did: all of it for its own app, for others what they may see."""
    if tokens.bearer(request) is None:
        return await collections.outbox(request)
    viewer = await readers.reader_of(request)
    account = await living_account(request)
    if viewer.account_id != account.id:
        return await collections.outbox(request)
    return await _own(request, account, viewer)


async def _own(request: Request, account: Account, viewer: Viewer) -> Response:
    async with readers.commune_of(request).database.transaction() as tx:

        async def turn(cursor: int | None) -> tuple[Sequence[Any], int | None]:
            ceiling = LAST_ID if cursor is None else cursor
            page = Page(max_id=cursor, limit=PAGE)
            said = await timelines.of_account(tx.db, viewer, account.id, page)
            done = await queries.beside_posts(tx.db, account.id, ceiling=ceiling, limit=PAGE)
            both: list[Entry | Done] = [*said, *done]
            merged = sorted(both, key=lambda each: each.id, reverse=True)[:PAGE]
            items = [
                await own_activity(tx, viewer, each)
                if isinstance(each, Done)
                else await outgoing.entry(tx, each)
                for each in merged
            ]
            last = merged[-1].id if len(merged) == PAGE else None
            return [item for item in items if item is not None], last

        total = await queries.count_own(tx.db, account.id)
        return await collections.answer(request, f"{account.actor_id}/outbox", total, turn)


def _posts_of(lines: list[Entry | Notification]) -> list[int]:
    """Return the posts that may be both read and told."""
    return [
        each.post.id if isinstance(each, Entry) else each.post_id or 0
        for each in lines
        if (each.boost is None if isinstance(each, Entry) else each.kind is Kind.REPLY)
    ]


def _stands_elsewhere(line: Entry | Notification, account: Account, answers: set[int]) -> bool:
    """Tell whether a line is left out: the owner's own, or what another line says.

    An answer that does not address the owner is said by the notice, every other post by itself.
    """
    if isinstance(line, Notification):
        return line.kind is Kind.REPLY and line.post_id not in answers
    if line.boost is not None:
        return line.boost.account_id == account.id
    return line.post.author_id == account.id or line.post.id in answers
