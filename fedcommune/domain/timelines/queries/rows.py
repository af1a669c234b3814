"""How a row becomes an entry, for all timelines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fedcommune.domain.posts.queries import of_row
from fedcommune.domain.timelines.model import Boost, Entry
from fedcommune.domain.visibility import Visibility

BOOST: Final = """
    reaction.id as boost_id, reaction.account_id as boost_account_id,
    reaction.activity_id as boost_activity_id, reaction.visibility as boost_visibility,
    reaction.created_at as boost_created_at
"""
NO_BOOST: Final = """
    null::bigint as boost_id, null::bigint as boost_account_id, null::text as boost_activity_id,
    null::text as boost_visibility, null::timestamptz as boost_created_at
"""
# What hangs on the post is something to look at or to listen to.
HAS_MEDIA: Final = """exists (select from commune.attachment where attachment.post_id = post.id)"""

# The reader $1 did not say that they want to read nothing of this author, or of that server.
HEARD: Final = """(
    not exists (
        select from commune.mute
        where mute.muter_id = $1::bigint
          and mute.muted_id = post.author_id
          and (mute.expires_at is null or mute.expires_at > now())
    )
    and not exists (
        select from commune.host_mute
        join commune.account unheard on unheard.id = post.author_id
        where host_mute.account_id = $1::bigint
          and not unheard.local
          and commune.is_of_host(unheard.domain, host_mute.host)
    )
)"""


def entry(row: Any) -> Entry:
    """Make an :class:`Entry` of a row with the columns of a post and of a boost."""
    post = of_row(row)
    if row["boost_id"] is None:
        return Entry(post.id, post)
    boost = Boost(
        id=row["boost_id"],
        account_id=row["boost_account_id"],
        activity_id=row["boost_activity_id"],
        visibility=Visibility(row["boost_visibility"]),
        created_at=row["boost_created_at"],
    )
    return Entry(boost.id, post, boost)


def newest_first(rows: Iterable[Any]) -> list[Entry]:
    return sorted((entry(row) for row in rows), key=lambda each: each.id, reverse=True)
