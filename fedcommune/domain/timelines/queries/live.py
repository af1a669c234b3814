"""SQL: whose timelines something has just entered, or left, of all who read just now.

The rules are those of the timelines, asked for many readers at once: their text is the same,
with the reader of each row in the place of the one who asks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.posts.queries import COLUMNS
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries.home import FOLLOWED
from fedcommune.domain.timelines.queries.rows import BOOST, HAS_MEDIA, HEARD, NO_BOOST, entry
from fedcommune.domain.visibility import MAY_SEE


def of_each(rule: str) -> str:
    """Return *rule* asked for ``reader.id`` instead of the first parameter."""
    return rule.replace("$1::bigint", "reader.id").replace("$1", "reader.id")


_SEES: Final = of_each(MAY_SEE)
_HEARS: Final = of_each(HEARD)
# Those whom each reader reads at home, as far as they matter: the accounts $3.
_READ: Final = f"""
    reader as (select unnest($1::bigint[]) as id),
    followed as materialized (
        select reader.id as reader_id, read.*
        from reader
        cross join lateral ({of_each(FOLLOWED)}) read
        where read.id = any($3::bigint[])
    )
"""
# To this reader the post looks as to nobody else: they wrote it, or did something with it.
_OWN: Final = """(
    post.author_id = reader.id
    or exists (
        select from commune.reaction mine
        where mine.post_id = post.id and mine.account_id = reader.id
    )
    or exists (
        select from commune.bookmark
        where bookmark.post_id = post.id and bookmark.account_id = reader.id
    )
    or exists (
        select from commune.vote
        where vote.post_id = post.id and vote.voter_id = reader.id
    )
    or exists (
        select from commune.thread_mute
        where thread_mute.account_id = reader.id
          and thread_mute.conversation = post.conversation
    )
)"""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What has just happened: the entry, what hangs on its post, and whom it concerns.

    ``accounts`` are those whose being followed matters: who wrote, who boosted, who is
    answered.
    """

    entry: Entry
    has_media: bool
    tags: frozenset[str]
    accounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """How one reader who may see an entry stands to it: which timelines it belongs into.

    ``own``: to them it looks as to nobody else.
    """

    reader_id: int
    at_home: bool
    in_public: bool
    under_tags: bool
    own: bool


async def post(db: Executor, post_id: int) -> Fresh | None:
    """Return a post whoever may see it, for :func:`readings` to say who may."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}, {NO_BOOST}, {HAS_MEDIA} as has_media, parent.author_id as answered_id,
               array(select name from commune.hashtag where post_id = post.id) as names
        from commune.post
        left join commune.post parent on parent.id = post.parent_id
        where post.id = $1
          and post.deleted_at is null
        """,
        post_id,
    )
    if row is None:
        return None
    concerned = {row["author_id"], row["answered_id"]} - {None}
    return Fresh(entry(row), row["has_media"], frozenset(row["names"]), tuple(concerned))


async def boost(db: Executor, boost_id: int) -> Fresh | None:
    """Return a boost whoever may see it, for :func:`readings` to say who may."""
    row = await db.fetchrow(
        f"""
        select {COLUMNS}, {BOOST}
        from commune.reaction
        join commune.post on post.id = reaction.post_id
        where reaction.id = $1
          and reaction.kind = 'boost'
          and post.deleted_at is null
        """,
        boost_id,
    )
    if row is None:
        return None
    return Fresh(entry(row), False, frozenset(), (row["author_id"], row["boost_account_id"]))


async def readings(db: Executor, fresh: Fresh, readers: Collection[int]) -> list[Reading]:
    """Return how those of *readers* who may see a fresh entry stand to it."""
    find = _readings if fresh.entry.boost is None else _boost_readings
    return await find(db, fresh, readers)


async def _readings(db: Executor, fresh: Fresh, readers: Collection[int]) -> list[Reading]:
    rows = await db.fetch(
        f"""
        with {_READ}
        select reader.id as reader_id,
               exists (
                   select from followed
                   where followed.reader_id = reader.id
                     and followed.id = post.author_id
                     and (followed.languages is null or post.language is null
                         or post.language = any(followed.languages))
                     and (
                         post.in_reply_to is null
                         or exists (
                             select from followed answered
                             where answered.reader_id = reader.id
                               and answered.id = parent.author_id
                         )
                         or exists (
                             select from commune.mention
                             where mention.post_id = post.id
                               and mention.account_id = reader.id
                         )
                     )
               )
               or (
                   post.visibility = 'public'
                   and not exists (
                       select from followed
                       where followed.reader_id = reader.id and followed.id = post.author_id
                   )
                   and exists (
                       select from commune.followed_tag
                       join commune.hashtag on hashtag.name = followed_tag.name
                       where followed_tag.account_id = reader.id
                         and hashtag.post_id = post.id
                   )
                   and {_HEARS}
               ) as at_home,
               post.visibility = 'public'
                   and (
                       post.in_reply_to is null
                       or coalesce(parent.author_id = post.author_id, false)
                   )
                   and {_HEARS} as in_public,
               post.visibility = 'public' and {_HEARS} as under_tags,
               {_OWN} as own
        from commune.post
        left join commune.post parent on parent.id = post.parent_id
        cross join reader
        where post.id = $2
          and {_SEES}
        """,
        list(readers),
        fresh.entry.post.id,
        list(fresh.accounts),
    )
    return [Reading(**row) for row in rows]


async def _boost_readings(db: Executor, fresh: Fresh, readers: Collection[int]) -> list[Reading]:
    rows = await db.fetch(
        f"""
        with {_READ}
        select reader.id as reader_id,
               reaction.visibility in ('public', 'unlisted', 'followers')
                   and exists (
                       select from followed
                       where followed.reader_id = reader.id
                         and followed.id = reaction.account_id
                         and followed.boosts
                   )
                   and not exists (
                       select from followed
                       where followed.reader_id = reader.id and followed.id = post.author_id
                   )
                   and {_HEARS} as at_home,
               false as in_public,
               false as under_tags,
               {_OWN} as own
        from commune.reaction
        join commune.post on post.id = reaction.post_id
        cross join reader
        where reaction.id = $2
          and {_SEES}
        """,
        list(readers),
        fresh.entry.id,
        list(fresh.accounts),
    )
    return [Reading(**row) for row in rows]


async def followers_among(db: Executor, account_id: int, readers: Collection[int]) -> set[int]:
    """Return those of *readers* who follow an account, or are it, without a block between."""
    rows = await db.fetch(
        """
        select follower_id as id
        from commune.follow
        where followed_id = $1
          and follower_id = any($2::bigint[])
          and state = 'accepted'
          and not exists (
              select from commune.block
              where (blocker_id = followed_id and blocked_id = follower_id)
                 or (blocker_id = follower_id and blocked_id = followed_id)
          )
        """,
        account_id,
        list(readers),
    )
    return {row["id"] for row in rows} | ({account_id} & set(readers))
