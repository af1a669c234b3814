"""SQL about how accounts stand to one another."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from fedcommune.database import Executor
from fedcommune.domain.relations.model import Relation


async def relations(
    db: Executor,
    account_id: int,
    other_ids: Collection[int],
    now: datetime,
    *,
    with_suspended: bool = True,
) -> list[Relation]:
    """Return how an account stands to others, in the order asked; unknown ids are left out."""
    rows = await db.fetch(
        """
        select other.id,
               coalesce(out_.state = 'accepted', false) as following,
               coalesce(out_.boosts, false) as boosts,
               coalesce(out_.notify, false) as notify,
               out_.languages,
               coalesce(in_.state = 'accepted', false) as followed_by,
               coalesce(out_.state = 'requested', false) as requested,
               coalesce(in_.state = 'requested', false) as requested_by,
               exists (
                   select from commune.block where blocker_id = $1 and blocked_id = other.id
               ) as blocking,
               exists (
                   select from commune.block where blocker_id = other.id and blocked_id = $1
               ) as blocked_by,
               mute.id is not null as muting,
               coalesce(mute.notifications, false) as muting_notifications,
               mute.expires_at as mute_expires_at,
               not other.local and exists (
                   select from commune.host_mute
                   where host_mute.account_id = $1
                     and commune.is_of_host(other.domain, host_mute.host)
               ) as host_muted,
               exists (
                   select from commune.endorsement
                   where endorsement.account_id = $1 and endorsed_id = other.id
               ) as endorsed,
               coalesce(note.text, '') as note
        from unnest($2::bigint[]) with ordinality asked (id, place)
        join commune.account other on other.id = asked.id
        left join commune.follow out_ on out_.follower_id = $1 and out_.followed_id = other.id
        left join commune.follow in_ on in_.follower_id = other.id and in_.followed_id = $1
        left join commune.mute
          on mute.muter_id = $1
         and mute.muted_id = other.id
         and (mute.expires_at is null or mute.expires_at > $3)
        left join commune.note on note.account_id = $1 and note.about_id = other.id
        where other.deleted_at is null
          and ($4 or other.suspended_at is null)
        order by asked.place
        """,
        account_id,
        list(other_ids),
        now,
        with_suspended,
    )
    return [_relation(row) for row in rows]


def _relation(row: Any) -> Relation:
    languages = row["languages"]
    return Relation(**{**row, "languages": None if languages is None else tuple(languages)})


async def set_follow(
    db: Executor,
    follower_id: int,
    followed_id: int,
    *,
    boosts: bool | None,
    notify: bool | None,
    languages: Collection[str] | None,
) -> None:
    """Say how somebody follows; None leaves as it is, no language at all means every one."""
    await db.execute(
        """
        update commune.follow
        set boosts = coalesce($3, boosts),
            notify = coalesce($4, notify),
            languages = case when $5::text[] is null then languages else nullif($5, '{}') end
        where follower_id = $1
          and followed_id = $2
        """,
        follower_id,
        followed_id,
        boosts,
        notify,
        None if languages is None else list(languages),
    )


async def set_note(db: Executor, account_id: int, about_id: int, text: str) -> None:
    """Keep what somebody notes about another; nothing erases it."""
    if not text:
        await db.execute(
            "delete from commune.note where account_id = $1 and about_id = $2",
            account_id,
            about_id,
        )
        return
    await db.execute(
        """
        insert into commune.note (account_id, about_id, text)
        values ($1, $2, $3)
        on conflict (account_id, about_id) do update
        set text = excluded.text
        """,
        account_id,
        about_id,
        text,
    )


async def count_endorsed(db: Executor, account_id: int) -> int:
    """Return how many an account recommends, its row locked until the end (SEC-DOS-06)."""
    await db.execute("select from commune.account where id = $1 for update", account_id)
    found = await db.fetchval(
        "select count(*) from commune.endorsement where account_id = $1", account_id
    )
    return int(found)


async def endorse(db: Executor, id_: int, account_id: int, endorsed_id: int, now: datetime) -> None:
    await db.execute(
        """
        insert into commune.endorsement (id, account_id, endorsed_id, created_at)
        values ($1, $2, $3, $4)
        on conflict (account_id, endorsed_id) do nothing
        """,
        id_,
        account_id,
        endorsed_id,
        now,
    )


async def unendorse(db: Executor, account_id: int, endorsed_id: int) -> None:
    await db.execute(
        "delete from commune.endorsement where account_id = $1 and endorsed_id = $2",
        account_id,
        endorsed_id,
    )


async def decline(db: Executor, account_id: int, declined_id: int) -> None:
    """Suggest an account no more."""
    await db.execute(
        """
        insert into commune.declined_suggestion (account_id, declined_id)
        select $1, id from commune.account where id = $2
        on conflict do nothing
        """,
        account_id,
        declined_id,
    )


async def count_requests(db: Executor, account_id: int) -> int:
    """Return how many wait to be let follow."""
    found = await db.fetchval(
        "select count(*) from commune.follow where followed_id = $1 and state = 'requested'",
        account_id,
    )
    return int(found)
