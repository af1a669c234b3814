"""The one answer to "who may see this?", in Python and in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fedcommune.database import Executor


class Visibility(StrEnum):
    """Who a post is for. The order goes from the widest to the narrowest."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    LIMITED = "limited"
    DIRECT = "direct"

    @property
    def is_open(self) -> bool:
        """Whether anybody who has the address may read it."""
        return self in (Visibility.PUBLIC, Visibility.UNLISTED)

    @property
    def width(self) -> int:
        """0 for the narrowest; compare two visibilities by it."""
        return -_ORDER.index(self) + len(_ORDER) - 1


_ORDER: Final = tuple(Visibility)


def narrower(one: Visibility, other: Visibility) -> Visibility:
    """Return the narrower of two visibilities."""
    return one if one.width <= other.width else other


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking. ``account_id`` is None for an anonymous reader.

    A signed request from another server is the remote account that signed it.
    """

    account_id: int | None = None


ANYONE: Final = Viewer()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a viewer stands to one post: what the rule needs to know, and no more."""

    is_author: bool = False
    follows_author: bool = False
    is_mentioned: bool = False
    is_within: bool = False
    blocked_by_author: bool = False
    blocks_author: bool = False
    author_hidden: bool = False


def may_see(visibility: Visibility, standing: Standing) -> bool:
    """Tell whether somebody with this *standing* may read a post of this *visibility*.

    Nobody reads a deleted post, nor one of a suspended author: ``author_hidden``.
    A block, in either direction, hides everything (SEC-MOD-02). ``is_within``: it offers or
    asks for something within the commune or its neighbours, and that is where they live.
    """
    if standing.is_author:
        return True
    if standing.author_hidden or standing.blocked_by_author or standing.blocks_author:
        return False
    if visibility.is_open or standing.is_mentioned:
        return True
    if visibility is Visibility.LIMITED:
        return standing.is_within
    return visibility is Visibility.FOLLOWERS and standing.follows_author


# Whether the viewer lives where something is offered: with us; or, when it is ours and for the
# neighbours too, on the server of a commune that ours follows.
_WITHIN: Final = """exists (
    select from commune.offer
    join commune.account viewer on viewer.id = {viewer}::bigint
    where offer.post_id = post.id
      and offer.scope in ('commune', 'neighbours')
      and (
          viewer.local
          or (
              offer.scope = 'neighbours'
              and post.local
              and exists (
                  select from commune.follow
                  join commune.account ours on ours.id = follow.follower_id
                  join commune.account theirs on theirs.id = follow.followed_id
                  where ours.local
                    and ours.kind = 'commune'
                    and theirs.kind = 'commune'
                    and theirs.domain = viewer.domain
                    and follow.state = 'accepted'
              )
          )
      )
)"""


async def standing(db: Executor, post_id: int, viewer: Viewer) -> Standing | None:
    """Return how *viewer* stands to the post; None when there is no such post (any more)."""
    row = await db.fetchrow(
        f"""
        select coalesce(post.author_id = $2::bigint, false) as is_author,
               exists (
                   select from commune.follow
                   where follow.follower_id = $2::bigint
                     and follow.followed_id = post.author_id
                     and follow.state = 'accepted'
               ) as follows_author,
               exists (
                   select from commune.mention
                   where mention.post_id = post.id and mention.account_id = $2::bigint
               ) as is_mentioned,
               {_WITHIN.format(viewer="$2")} as is_within,
               exists (
                   select from commune.block
                   where blocker_id = post.author_id and blocked_id = $2::bigint
               ) as blocked_by_author,
               exists (
                   select from commune.block
                   where blocker_id = $2::bigint and blocked_id = post.author_id
               ) as blocks_author,
               author.suspended_at is not null or author.deleted_at is not null as author_hidden
        from commune.post
        join commune.account author on author.id = post.author_id
        where post.id = $1
          and post.deleted_at is null
        """,
        post_id,
        viewer.account_id,
    )
    return None if row is None else Standing(**row)


# The same rule for PostgreSQL. It expects a row of commune.post named ``post`` and the
# account of the viewer (bigint, null when anonymous) as the first parameter. ``offset 0`` says
# to look up each author by itself: for a few posts of a million PostgreSQL would look through
# all accounts first.
MAY_SEE: Final = f"""(
    post.deleted_at is null
    and (
        post.author_id = $1::bigint
        or (
            not exists (
                select from commune.account author
                where author.id = post.author_id
                  and (author.suspended_at is not null or author.deleted_at is not null)
                offset 0
            )
            and not exists (
                select from commune.block
                where (blocker_id = post.author_id and blocked_id = $1::bigint)
                   or (blocker_id = $1::bigint and blocked_id = post.author_id)
            )
            and (
                post.visibility in ('public', 'unlisted')
                or exists (
                    select from commune.mention
                    where mention.post_id = post.id and mention.account_id = $1::bigint
                )
                or (
                    post.visibility = 'followers'
                    and exists (
                        select from commune.follow
                        where follow.follower_id = $1::bigint
                          and follow.followed_id = post.author_id
                          and follow.state = 'accepted'
                        offset 0
                    )
                )
                or (
                    post.visibility = 'limited'
                    and {_WITHIN.format(viewer="$1")}
                )
            )
        )
    )
)"""

# Who is limited (0022_moderation.sql) is shown to those who asked for them, and not around. It
# expects what MAY_SEE does, and narrows what is shown to people who did not ask for it.
MAY_MEET: Final = """(
    post.author_id = $1::bigint
    or not exists (
        select from commune.account
        where account.id = post.author_id
          and commune.is_limited(account)
        offset 0
    )
    or exists (
        select from commune.follow
        where follow.follower_id = $1::bigint
          and follow.followed_id = post.author_id
          and follow.state = 'accepted'
        offset 0
    )
)"""
