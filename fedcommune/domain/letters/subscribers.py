"""SQL: who gets the week of the commune, and who has it already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fedcommune.database import Executor


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody with an address and perhaps no account; times are UTC."""

    id: int
    email: str
    language: str
    created_at: datetime
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Issue:
    """One weekly letter: what was new from ``since`` to ``moment``."""

    id: int
    since: datetime
    moment: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom an issue goes to: a citizen, or a subscriber."""

    whose: Literal["citizen", "subscriber"]
    id: int
    email: str
    language: str


async def by_email(db: Executor, email: str) -> Subscriber | None:
    row = await db.fetchrow(
        """
        select id, email, language, created_at, confirmed_at
        from commune.subscriber
        where lower(email) = lower($1)
        for update
        """,
        email,
    )
    return None if row is None else Subscriber(**row)


async def by_ticket(db: Executor, ticket: bytes, now: datetime) -> Subscriber | None:
    """Return who asked for the letter with that ticket, which is still good."""
    row = await db.fetchrow(
        """
        select id, email, language, created_at, confirmed_at
        from commune.subscriber
        where ticket = $1
          and ticket_until > $2
        for update
        """,
        ticket,
        now,
    )
    return None if row is None else Subscriber(**row)


async def ask(
    db: Executor,
    subscriber: Subscriber,
    ticket: bytes,
    until: datetime,
) -> None:
    """Keep somebody who is still to confirm their address; a new ticket replaces the old one."""
    await db.execute(
        """
        insert into commune.subscriber (id, email, language, ticket, ticket_until, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (lower(email)) do update
        set ticket = excluded.ticket,
            ticket_until = excluded.ticket_until,
            language = excluded.language,
            created_at = excluded.created_at
        where subscriber.confirmed_at is null
        """,
        subscriber.id,
        subscriber.email,
        subscriber.language,
        ticket,
        until,
        subscriber.created_at,
    )


async def confirm(db: Executor, subscriber_id: int, now: datetime) -> None:
    await db.execute(
        """
        update commune.subscriber
        set confirmed_at = $2, ticket = null, ticket_until = null
        where id = $1
        """,
        subscriber_id,
        now,
    )


async def remove(db: Executor, subscriber_id: int) -> None:
    """Forget a subscriber, with their address."""
    await db.execute("delete from commune.subscriber where id = $1", subscriber_id)


async def forget_unconfirmed(db: Executor, before: datetime) -> None:
    """Forget addresses that nobody confirmed."""
    await db.execute(
        "delete from commune.subscriber where confirmed_at is null and created_at < $1", before
    )


async def listed(db: Executor) -> list[Subscriber]:
    """Return everybody who asked for the letter, the oldest first."""
    rows = await db.fetch(
        "select id, email, language, created_at, confirmed_at from commune.subscriber order by id"
    )
    return [Subscriber(**row) for row in rows]


async def latest(db: Executor) -> Issue | None:
    row = await db.fetchrow(
        "select id, since, moment, done_at from commune.issue order by moment desc limit 1"
    )
    return None if row is None else Issue(**row)


async def open_issue(db: Executor, issue: Issue) -> None:
    """Begin a weekly letter; several that begin the same begin one."""
    await db.execute(
        """
        insert into commune.issue (id, since, moment)
        values ($1, $2, $3)
        on conflict do nothing
        """,
        issue.id,
        issue.since,
        issue.moment,
    )


async def unfinished(db: Executor) -> Issue | None:
    """Return the first weekly letter that not everybody has."""
    row = await db.fetchrow(
        """
        select id, since, moment, done_at
        from commune.issue
        where done_at is null
        order by moment
        limit 1
        """
    )
    return None if row is None else Issue(**row)


async def hold(db: Executor, issue_id: int) -> bool:
    """Let nobody else send this issue until the end of the transaction.

    False when somebody else does now, or everybody has it: who got it is forgotten then.
    """
    found = await db.fetchval(
        """
        select id
        from commune.issue
        where id = $1
          and done_at is null
        for update skip locked
        """,
        issue_id,
    )
    return found is not None


async def finish(db: Executor, issue_id: int, now: datetime) -> None:
    """Note that everybody has it; who that was is forgotten."""
    await db.execute("update commune.issue set done_at = $2 where id = $1", issue_id, now)
    await db.execute("delete from commune.issue_copy where issue_id = $1", issue_id)


async def waiting(db: Executor, issue: Issue, *, limit: int) -> list[Recipient]:
    """Return some of those who want *issue* and do not have it: one for each address."""
    rows = await db.fetch(
        """
        select distinct on (lower(wanting.email))
               wanting.whose, wanting.id, wanting.email, wanting.language
        from (
            select 'citizen' as whose, citizen.account_id as id, citizen.email, citizen.language
            from commune.letter_wish
            join commune.citizen on citizen.account_id = letter_wish.account_id
            join commune.account on account.id = citizen.account_id
            where letter_wish.subject = 'commune'
              and letter_wish.pace = 'weekly'
              and citizen.confirmed_at is not null
              and citizen.approved_at is not null
              and citizen.disabled_at is null
              and account.suspended_at is null
              and account.deleted_at is null
            union all
            select 'subscriber', subscriber.id, subscriber.email, subscriber.language
            from commune.subscriber
            where subscriber.confirmed_at <= $2
        ) wanting
        where not exists (
            select from commune.issue_copy
            where issue_copy.issue_id = $1
              and issue_copy.recipient = lower(wanting.email)
        )
        order by lower(wanting.email), wanting.whose
        limit $3
        """,
        issue.id,
        issue.moment,
        limit,
    )
    return [Recipient(**row) for row in rows]


async def claim(db: Executor, issue_id: int, email: str) -> bool:
    """Note that *email* gets this issue in this transaction; False when somebody else saw to it."""
    found = await db.fetchval(
        """
        insert into commune.issue_copy (issue_id, recipient)
        values ($1, lower($2))
        on conflict do nothing
        returning recipient
        """,
        issue_id,
        email,
    )
    return found is not None
