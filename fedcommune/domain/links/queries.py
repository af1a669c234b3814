"""SQL on links."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from asyncpg import Record

from fedcommune.database import Executor
from fedcommune.domain.links.model import Link
from fedcommune.domain.visibility import ANYONE, Viewer

_COLUMNS: Final = """id, relationship_id, subject_id, target_id, relationship, state, is_admin,
    wants_admin, roles, message, activity_id, consent_id, created_at, changed_at, hidden"""


def _link(row: Record | None) -> Link | None:
    return None if row is None else Link(**row)


async def insert(db: Executor, link: Link) -> None:
    await db.execute(
        """
        insert into commune.link (id, relationship_id, subject_id, target_id, relationship, state,
            is_admin, wants_admin, roles, message, activity_id, consent_id, created_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        """,
        link.id,
        link.relationship_id,
        link.subject_id,
        link.target_id,
        link.relationship,
        link.state,
        link.is_admin,
        link.wants_admin,
        link.roles,
        link.message,
        link.activity_id,
        link.consent_id,
        link.created_at,
        link.changed_at,
    )


async def save(db: Executor, link: Link) -> None:
    """Write everything of *link* that may change."""
    await db.execute(
        """
        update commune.link
        set relationship_id = $2, state = $3, is_admin = $4, wants_admin = $5, roles = $6,
            message = $7, activity_id = $8, consent_id = $9, changed_at = $10
        where id = $1
        """,
        link.id,
        link.relationship_id,
        link.state,
        link.is_admin,
        link.wants_admin,
        link.roles,
        link.message,
        link.activity_id,
        link.consent_id,
        link.changed_at,
    )


async def by_id(db: Executor, link_id: int) -> Link | None:
    return _link(
        await db.fetchrow(
            f"""
            select {_COLUMNS}
            from commune.link where id = $1
            """,
            link_id,
        )
    )


async def by_activity(db: Executor, activity_id: str) -> Link | None:
    """The link that this Join or Invite began, its row locked until the end."""
    return _link(
        await db.fetchrow(
            f"""
            select {_COLUMNS}
            from commune.link where activity_id = $1
            for update
            """,
            activity_id,
        )
    )


async def by_relationship(db: Executor, relationship_id: str) -> Link | None:
    """The link whose Relationship the target's host serves there, its row locked."""
    return _link(
        await db.fetchrow(
            f"""
            select {_COLUMNS}
            from commune.link where relationship_id = $1
            for update
            """,
            relationship_id,
        )
    )


async def between(db: Executor, subject_id: int, target_id: int, relationship: str) -> Link | None:
    """The one link of this kind between two actors, its row locked until the end."""
    return _link(
        await db.fetchrow(
            f"""
            select {_COLUMNS}
            from commune.link
            where subject_id = $1 and target_id = $2 and relationship = $3
            for update
            """,
            subject_id,
            target_id,
            relationship,
        )
    )


async def standing(db: Executor, subject_id: int, target_id: int, relationship: str) -> Link | None:
    """The one link of this kind between two actors, as it stands: to be read, not changed."""
    return _link(
        await db.fetchrow(
            f"""
            select {_COLUMNS}
            from commune.link
            where subject_id = $1 and target_id = $2 and relationship = $3
            """,
            subject_id,
            target_id,
            relationship,
        )
    )


async def of_target(
    db: Executor, target_id: int, *, state: str, after: int = 0, limit: int = 40
) -> list[Link]:
    """The links of one target in a *state*, oldest first, from *after* on."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.link
        where target_id = $1 and state = $2 and id > $3
        order by id
        limit $4
        """,
        target_id,
        state,
        after,
        limit,
    )
    return [Link(**row) for row in rows]


async def of_subject(db: Executor, subject_id: int, *, state: str, limit: int = 200) -> list[Link]:
    """The links of one subject in a *state*, oldest first."""
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.link
        where subject_id = $1 and state = $2
        order by id
        limit $3
        """,
        subject_id,
        state,
        limit,
    )
    return [Link(**row) for row in rows]


async def shown(
    db: Executor,
    viewer: Viewer,
    *,
    target_id: int | None = None,
    subject_id: int | None = None,
    after: int = 0,
    limit: int = 40,
) -> list[Link]:
    """Who takes part in a target, or what a subject takes part in, as *viewer* may see it.

    The one rule for pages, apps and documents: what its subject hides is seen by the two sides
    and by those who run the target (product 8.7).
    """
    rows = await db.fetch(
        f"""
        select {_COLUMNS}
        from commune.link
        where ($1::bigint is null or target_id = $1)
          and ($2::bigint is null or subject_id = $2)
          and coalesce($1, $2) is not null
          and state = 'active'
          and id > $3
          and commune.shows_link($4, link)
        order by id
        limit $5
        """,
        target_id,
        subject_id,
        after,
        viewer.account_id,
        limit,
    )
    return [Link(**row) for row in rows]


async def may_see(db: Executor, viewer: Viewer, link: Link) -> bool:
    """Whether *viewer* may see a link; the same rule as :func:`shown`."""
    return bool(
        await db.fetchval(
            "select commune.shows_link($1, link) from commune.link where id = $2",
            viewer.account_id,
            link.id,
        )
    )


async def locked(db: Executor, link_id: int) -> Link | None:
    """A link, its row locked until the end."""
    return _link(
        await db.fetchrow(
            f"select {_COLUMNS} from commune.link where id = $1 for update",
            link_id,
        )
    )


async def hide(db: Executor, link_id: int, *, hidden: bool) -> None:
    """Keep a link from everybody but its two sides, or show it again."""
    await db.execute("update commune.link set hidden = $2 where id = $1", link_id, hidden)


async def count(db: Executor, target_id: int, viewer: Viewer = ANYONE) -> int:
    """How many take part in a target, as far as *viewer* may see it."""
    return int(
        await db.fetchval(
            """
            select count(*)
            from commune.link
            where target_id = $1 and state = 'active' and commune.shows_link($2, link)
            """,
            target_id,
            viewer.account_id,
        )
    )


async def is_admin(db: Executor, subject_id: int, target_id: int) -> bool:
    """Whether *subject* administers *target*."""
    return bool(
        await db.fetchval(
            """
            select exists (
                select from commune.link
                where subject_id = $1 and target_id = $2 and state = 'active' and is_admin
            )
            """,
            subject_id,
            target_id,
        )
    )


async def lock_admins(db: Executor, target_id: int) -> list[int]:
    """The administrators of a target, their rows locked so that the last one cannot slip away."""
    rows = await db.fetch(
        """
        select subject_id from commune.link
        where target_id = $1 and state = 'active' and is_admin
        order by id
        for update
        """,
        target_id,
    )
    return [row["subject_id"] for row in rows]


async def end_all(db: Executor, account_id: int, now: datetime) -> None:
    """End every link of an actor that leaves for good."""
    await db.execute(
        """
        update commune.link set state = 'ended', is_admin = false, changed_at = $2
        where (subject_id = $1 or target_id = $1) and state <> 'ended'
        """,
        account_id,
        now,
    )
