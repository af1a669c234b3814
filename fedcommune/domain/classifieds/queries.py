"""SQL on what is offered and asked for; whatever is shown goes through a :class:`Viewer`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds.model import MAX_RADIUS, Classified, Sought
from fedcommune.domain.posts import offers
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import FIRST_PAGE, Draft, Page
from fedcommune.domain.visibility import MAY_SEE, Viewer, Visibility

# How many are ended or reminded of in one go.
BATCH: Final = 100


async def found(
    db: Executor, viewer: Viewer, sought: Sought, now: datetime, page: Page = FIRST_PAGE
) -> list[Classified]:
    """Return what is *sought* and *viewer* may see, newest first."""
    latitude, longitude = sought.near or (None, None)
    rows = await db.fetch(
        f"""
        select {posts.COLUMNS}, {offers.COLUMNS}
        from commune.offer
        join commune.post on post.id = offer.post_id
        where post.id < $2
          and ($3 = 'any' or (
              offer.state = 'open' and (offer.expires_at is null or offer.expires_at > $4)
          ))
          and ($5::text is null or offer.purpose = $5)
          and ($6::text is null or offer.exchange = $6)
          and ($7::text is null or offer.category = $7)
          and ($8::text is null or offer.kind = $8)
          and ($9::bigint is null or post.author_id = $9)
          and ($10::double precision is null or 6371008.8 * 2 * asin(least(1, sqrt(
              sin(radians(offer.latitude - $10) / 2) ^ 2
              + cos(radians($10)) * cos(radians(offer.latitude))
              * sin(radians(offer.longitude - $11::double precision) / 2) ^ 2
          ))) <= $12)
          and {MAY_SEE}
        order by post.id desc
        limit $13
        """,
        viewer.account_id,
        page.ceiling,
        sought.state,
        now,
        sought.purpose,
        sought.exchange,
        sought.category,
        sought.kind,
        sought.author,
        latitude,
        longitude,
        min(sought.radius, MAX_RADIUS),
        page.limit,
    )
    people = await accounts.by_ids(db, {row["author_id"] for row in rows})
    return [
        Classified(posts.of_row(row), offers.of_row(row), people[row["author_id"]])
        for row in rows
        if row["author_id"] in people
    ]


async def count_needs(db: Executor, author_id: int, now: datetime) -> int:
    """Return how many things an actor needs now, as everybody may see it."""
    return int(
        await db.fetchval(
            """
            select count(*)
            from commune.offer
            join commune.post on post.id = offer.post_id
            where post.author_id = $1
              and post.visibility in ('public', 'unlisted')
              and post.deleted_at is null
              and offer.kind = 'need'
              and offer.state = 'open'
              and (offer.expires_at is null or offer.expires_at > $2)
            """,
            author_id,
            now,
        )
    )


async def one(db: Executor, viewer: Viewer, post_id: int) -> Classified | None:
    """Return what a post offers, if *viewer* may see it."""
    post = await posts.by_id(db, viewer, post_id)
    offer = None if post is None else await offers.of_post(db, post_id)
    author = None if post is None else await accounts.by_id(db, post.author_id)
    if post is None or offer is None or author is None:
        return None
    return Classified(post, offer, author)


async def in_private(db: Executor, author: Account, draft: Draft) -> Draft:
    """Return *draft*, in private when it answers what somebody else offers or asks for.

    The first contact is between two (product 7.6); who offers it is addressed in any case.
    """
    if draft.in_reply_to is None:
        return draft
    found = await one(db, Viewer(author.id), draft.in_reply_to)
    if found is None or found.author.id == author.id:
        return draft
    return replace(
        draft,
        visibility=Visibility.DIRECT,
        mentioned=(*draft.mentioned, found.author),
    )


async def known(db: Executor, post_id: int) -> Classified | None:
    """Return what a living post offers, whoever may see it; for administrators and errands."""
    post = await posts.known_by_id(db, post_id)
    offer = None if post is None else await offers.of_post(db, post_id)
    author = None if post is None else await accounts.by_id(db, post.author_id)
    if post is None or post.deleted_at is not None or offer is None or author is None:
        return None
    return Classified(post, offer, author)


async def ended(db: Executor, now: datetime) -> list[int]:
    """Return posts that still offer what they offered until now, the oldest first."""
    rows = await db.fetch(
        """
        select post_id
        from commune.offer
        where state = 'open'
          and expires_at <= $1
        order by expires_at
        limit $2
        """,
        now,
        BATCH,
    )
    return [row["post_id"] for row in rows]


async def ending(db: Executor, before: datetime) -> list[int]:
    """Return posts of ours whose authors are to be told that they end soon."""
    rows = await db.fetch(
        """
        select offer.post_id
        from commune.offer
        join commune.post on post.id = offer.post_id
        where offer.state = 'open'
          and offer.expires_at <= $1
          and offer.reminded_at is null
          and post.local
        order by offer.expires_at
        limit $2
        """,
        before,
        BATCH,
    )
    return [row["post_id"] for row in rows]


async def mark(db: Executor, post_id: int, *, reminded: datetime) -> bool:
    """Remember that its author is told; False when somebody else did so, or there is no more."""
    row = await db.fetchrow(
        """
        update commune.offer
        set reminded_at = $2
        where post_id = $1
          and state = 'open'
          and reminded_at is null
        returning post_id
        """,
        post_id,
        reminded,
    )
    return row is not None


async def end(db: Executor, post_id: int, now: datetime) -> bool:
    """Let what a stranger offered be over; False when it is not."""
    row = await db.fetchrow(
        """
        update commune.offer
        set state = 'expired'
        where post_id = $1
          and state = 'open'
          and expires_at <= $2
        returning post_id
        """,
        post_id,
        now,
    )
    return row is not None


async def neighbours(db: Executor) -> list[Account]:
    """Return the actors of the communes that ours follows."""
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.follow
        join commune.account ours on ours.id = follow.follower_id
        join commune.account on account.id = follow.followed_id
        where ours.local
          and ours.kind = 'commune'
          and not account.local
          and account.kind = 'commune'
          and account.deleted_at is null
          and account.suspended_at is null
          and follow.state = 'accepted'
        order by account.id
        limit 50
        """
    )
    return [accounts.of_row(row) for row in rows]
