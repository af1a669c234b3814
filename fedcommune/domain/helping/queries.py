"""SQL on who helps with what."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.helping.model import Help, Offered, State
from fedcommune.text import html

_COLUMNS: Final = """help.id, help.need_id, help.helper_id, help.answer_id, help.state,
    help.created_at, help.decided_at, help.decided_by"""


async def insert(db: Executor, made: Help) -> bool:
    """Keep an offer of help; False when they offered it already."""
    row = await db.fetchrow(
        """
        insert into commune.help (id, need_id, helper_id, answer_id, state, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (need_id, helper_id) do nothing
        returning id
        """,
        made.id,
        made.need_id,
        made.helper_id,
        made.answer_id,
        made.state,
        made.created_at,
    )
    return row is not None


async def locked(db: Executor, help_id: int) -> Help | None:
    """Return an offer of help, its row locked until the end."""
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.help where help.id = $1 for update", help_id
    )
    return None if row is None else Help(**row)


async def by_id(db: Executor, help_id: int) -> Help | None:
    row = await db.fetchrow(f"select {_COLUMNS} from commune.help where help.id = $1", help_id)
    return None if row is None else Help(**row)


async def decide(db: Executor, help_id: int, state: State, by: int, now: datetime) -> None:
    """Write what was decided, when and by whom."""
    await db.execute(
        "update commune.help set state = $2, decided_by = $3, decided_at = $4 where id = $1",
        help_id,
        state,
        by,
        now,
    )


async def count_accepted(db: Executor, need_id: int) -> int:
    """Return how many help with a need."""
    found = await db.fetchval(
        "select count(*) from commune.help where need_id = $1 and state = 'accepted'", need_id
    )
    return int(found)


async def of_need(db: Executor, need_id: int) -> list[Offered]:
    """Return who offered to help with a need, the oldest first: for those who decide."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}, answer.content as words
        from commune.help
        left join commune.post answer on answer.id = help.answer_id and answer.deleted_at is null
        where help.need_id = $1
        order by help.id
        """,
        need_id,
    )
    people = await accounts.by_ids(db, {row["helper_id"] for row in rows})
    return [
        Offered(
            Help(**{name: row[name] for name in Help.__slots__}),
            people[row["helper_id"]],
            html.plain(row["words"] or ""),
        )
        for row in rows
        if row["helper_id"] in people
    ]


async def state_of(db: Executor, need_id: int, helper_id: int) -> State | None:
    """Return how the offer of one helper stands; None when they made none."""
    found: State | None = await db.fetchval(
        "select state from commune.help where need_id = $1 and helper_id = $2", need_id, helper_id
    )
    return found


async def administrators(db: Executor, account_id: int) -> list[int]:
    """Return our people who administer an account of ours; the account itself, if it is one."""
    rows = await db.fetch(
        """
        select subject.id
        from commune.link
        join commune.account subject on subject.id = link.subject_id
        where link.target_id = $1
          and link.state = 'active'
          and link.is_admin
          and subject.local
          and subject.deleted_at is null
        union
        select id from commune.account where id = $1 and kind = 'citizen' and local
        order by 1
        """,
        account_id,
    )
    return [row["id"] for row in rows]
