"""Statuses for later: plan one, look at what waits, move it, cancel it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from fedcommune.domain.posts.model import Draft
from fedcommune.domain.scheduled import actions, queries
from fedcommune.domain.scheduled.model import Scheduled
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon import idempotency
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.entities_scheduled import (
    ScheduledParams,
    ScheduledPoll,
    ScheduledStatus,
)
from fedcommune.mastodon.json import moment
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render.status import VISIBILITIES


async def plan(call: Call, draft: Draft, key: str | None) -> Answer:
    """Plan *draft* for ``scheduled_at``; the same key within an hour answers the same plan."""
    due_at = _moment(call)
    author, grant = call.account, call.caller.grant if call.caller else None
    async with call.transaction() as tx:
        made = await idempotency.made_before(tx, author, key)
        if made is None:
            planned: Scheduled | None = await actions.plan(
                tx,
                author,
                draft,
                due_at,
                planned_by=None if grant is None else grant.token.citizen_id,
            )
            assert planned is not None, "what is planned is there"
            await idempotency.remember(tx, author, key, planned.id)
        else:
            planned = await queries.one(tx.db, author.id, made)
    if planned is None:
        raise NotFound  # published or cancelled since
    return entity(planned)


async def show_all(call: Call) -> Answer:
    found = await queries.of_account(call.db, call.account.id, page(call))
    return linked(call, [entity(each) for each in found], [each.id for each in found])


async def show(call: Call) -> Answer:
    planned = await queries.one(call.db, call.account.id, call.number())
    if planned is None:
        raise NotFound
    return entity(planned)


async def move(call: Call) -> Answer:
    """Plan it for another moment; what it says stays."""
    due_at = _moment(call)
    async with call.transaction() as tx:
        return entity(await actions.move(tx, call.account, call.number(), due_at))


async def cancel(call: Call) -> Answer:
    async with call.transaction() as tx:
        await actions.cancel(tx, call.account, call.number())
    return {}


def _moment(call: Call) -> datetime:
    """Return ``scheduled_at``; without a time zone it is UTC."""
    text = call.params.required("scheduled_at").strip()
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("scheduled_at", "A date is written like 2026-11-23T10:30:00.000Z.") from None


def entity(planned: Scheduled) -> ScheduledStatus:
    """Return what apps read of a plan. Files are told by their ids."""
    draft = planned.draft
    media_ids = [str(each) for each in draft.media or ()]
    return ScheduledStatus(
        id=str(planned.id),
        scheduled_at=moment(planned.due_at),
        params=ScheduledParams(
            text=draft.text,
            poll=None
            if draft.poll is None
            else ScheduledPoll(
                options=list(draft.poll.options),
                expires_in=round(draft.poll.lasts.total_seconds()),
                multiple=draft.poll.multiple,
                hide_totals=draft.poll.hides_totals,
            ),
            media_ids=media_ids or None,
            sensitive=draft.sensitive,
            spoiler_text=draft.summary or None,
            visibility=VISIBILITIES[draft.visibility],
            in_reply_to_id=draft.in_reply_to,
            language=draft.language,
        ),
    )


_ALL: Final = "/api/v1/scheduled_statuses"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, show_all, "read:statuses"),
    Endpoint("GET", f"{_ALL}/{{id}}", show, "read:statuses"),
    Endpoint("PUT", f"{_ALL}/{{id}}", move, "write:statuses"),
    Endpoint("DELETE", f"{_ALL}/{{id}}", cancel, "write:statuses"),
)
