"""SQL: what somebody was told, as far as they still want and may hear of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from fedcommune.database import Executor
from fedcommune.domain.notifications.model import Kind, Notification
from fedcommune.domain.visibility import MAY_SEE

LAST: Final = 2**63 - 1

_COLUMNS: Final = """notification.id, notification.account_id, notification.kind,
    notification.from_id, notification.post_id, notification.created_at, notification.read_at,
    notification.collection_id, notification.about_id"""
# $1 is whom it was told, $2 the present.
_FROM: Final = f"""
    from commune.notification
    join commune.account teller on teller.id = notification.from_id
    left join commune.post on post.id = notification.post_id
    where notification.account_id = $1
      and (teller.suspended_at is null or notification.kind like 'admin.%')
      and teller.deleted_at is null
      and (notification.post_id is null or {MAY_SEE})
      and not exists (
          select from commune.mute
          where mute.muter_id = $1
            and mute.muted_id = teller.id
            and mute.notifications
            and (mute.expires_at is null or mute.expires_at > $2)
      )
      and (
          teller.local
          or not exists (
              select from commune.host_mute
              where host_mute.account_id = $1
                and commune.is_of_host(teller.domain, host_mute.host)
          )
      )
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notifications: of these kinds, from that account, about that post, those that wait.

    None is all of them; *waiting* None is those that wait and those that do not.
    """

    kinds: Collection[Kind] | None = None
    from_id: int | None = None
    post_id: int | None = None
    waiting: bool | None = False


EVERYTHING: Final = Wanted()


def _notification(row: Any) -> Notification:
    return Notification(**{**row, "kind": Kind(row["kind"])})


async def listed(
    db: Executor,
    account_id: int,
    now: datetime,
    wanted: Wanted = EVERYTHING,
    *,
    ceiling: int = LAST,
    floor: int = 0,
    order: Literal["asc", "desc"] = "desc",
    limit: int = 40,
) -> list[Notification]:
    """Return notifications with ids between *floor* and *ceiling*, in *order*."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        {_FROM}
          and notification.id < $3
          and notification.id > $4
          and ($5::text[] is null or notification.kind = any($5))
          and ($6::bigint is null or notification.from_id = $6)
          and ($7::bigint is null or notification.post_id = $7)
          and ($8::boolean is null or notification.waiting = $8)
        order by notification.id {order}
        limit $9
        """,
        account_id,
        now,
        ceiling,
        floor,
        None if wanted.kinds is None else [kind.value for kind in wanted.kinds],
        wanted.from_id,
        wanted.post_id,
        wanted.waiting,
        limit,
    )
    return [_notification(row) for row in rows]


async def one(db: Executor, account_id: int, id_: int, now: datetime) -> Notification | None:
    """Return a notification of *account_id*; nobody else's (SEC-VIS-11)."""
    row = await db.fetchrow(
        f"select {_COLUMNS} {_FROM} and notification.id = $3", account_id, now, id_
    )
    return None if row is None else _notification(row)


async def answers_told(
    db: Executor, account_id: int, now: datetime, post_ids: Collection[int]
) -> set[int]:
    """Return those of *post_ids* of which an account was told as answers that do not name it."""
    rows = await db.fetch(
        f"""
        select notification.post_id
        {_FROM}
          and notification.post_id = any($3::bigint[])
          and notification.kind = 'reply'
          and not notification.waiting
          and not exists (
              select from commune.mention
              where mention.post_id = notification.post_id and mention.account_id = $1
          )
        """,
        account_id,
        now,
        list(post_ids),
    )
    return {row["post_id"] for row in rows}


async def last_read(db: Executor, account_id: int) -> int:
    """Return the id up to which an account read its notifications."""
    found = await db.fetchval(
        """
        select greatest(
            (
                select last_read_id
                from commune.marker
                where account_id = $1
                  and timeline = 'notifications'
            ),
            (
                select max(id)
                from commune.notification
                where account_id = $1
                  and read_at is not null
            ),
            0
        )
        """,
        account_id,
    )
    return int(found)


async def clear(db: Executor, account_id: int) -> None:
    """Forget everything an account was told, but not what waits."""
    await db.execute(
        "delete from commune.notification where account_id = $1 and not waiting", account_id
    )


async def dismiss(db: Executor, account_id: int, ids: Collection[int]) -> int:
    """Forget some of what an account was told, and nobody else's; return how many."""
    rows = await db.fetch(
        """
        delete from commune.notification
        where account_id = $1
          and id = any($2::bigint[])
        returning id
        """,
        account_id,
        list(ids),
    )
    return len(rows)
