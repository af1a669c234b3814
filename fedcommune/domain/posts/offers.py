"""SQL: what hangs on a post that offers or asks for something."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from fedcommune.database import Executor
from fedcommune.domain.posts.deals import Offer

COLUMNS: Final = """
    offer.post_id, offer.kind, offer.purpose, offer.title, offer.exchange, offer.category,
    offer.price, offer.currency, offer.state, offer.scope, offer.place, offer.latitude,
    offer.longitude, offer.expires_at, offer.wanted, offer.needed_by, offer.helpers_wanted,
    offer.helpers, offer.shape
"""


def of_row(row: Any) -> Offer:
    """Make an :class:`Offer` of a row that has all of ``COLUMNS``, and perhaps more."""
    return Offer(**{name: row[name] for name in Offer.__slots__})


async def of_posts(db: Executor, post_ids: Collection[int]) -> dict[int, Offer]:
    """Return what these posts, already found visible, offer or ask for, by post."""
    if not post_ids:
        return {}
    rows = await db.fetch(
        f"select {COLUMNS} from commune.offer where offer.post_id = any($1::bigint[])",
        list(post_ids),
    )
    return {row["post_id"]: of_row(row) for row in rows}


async def of_post(db: Executor, post_id: int) -> Offer | None:
    """Return what a post, already found visible, offers or asks for."""
    return (await of_posts(db, [post_id])).get(post_id)


async def put(db: Executor, offer: Offer) -> None:
    """Let the post offer exactly this. Who renews it is reminded anew."""
    await db.execute(
        """
        insert into commune.offer as offer (post_id, kind, purpose, title, exchange, category,
            price, currency, state, scope, place, latitude, longitude, expires_at, wanted,
            needed_by, helpers_wanted, helpers, shape)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
            $19)
        on conflict (post_id) do update
        set kind = excluded.kind, purpose = excluded.purpose, title = excluded.title,
            exchange = excluded.exchange, category = excluded.category, price = excluded.price,
            currency = excluded.currency, state = excluded.state, scope = excluded.scope,
            place = excluded.place, latitude = excluded.latitude, longitude = excluded.longitude,
            reminded_at = case
                when offer.expires_at is distinct from excluded.expires_at then null
                else offer.reminded_at end,
            expires_at = excluded.expires_at, wanted = excluded.wanted,
            needed_by = excluded.needed_by, helpers_wanted = excluded.helpers_wanted,
            helpers = excluded.helpers, shape = excluded.shape
        """,
        offer.post_id,
        offer.kind,
        offer.purpose,
        offer.title,
        offer.exchange,
        offer.category,
        offer.price,
        offer.currency,
        offer.state,
        offer.scope,
        offer.place,
        offer.latitude,
        offer.longitude,
        offer.expires_at,
        offer.wanted,
        offer.needed_by,
        offer.helpers_wanted,
        offer.helpers,
        offer.shape,
    )


async def drop(db: Executor, post_id: int) -> None:
    """Let the post offer nothing any more."""
    await db.execute("delete from commune.offer where post_id = $1", post_id)


async def is_neighbour(db: Executor, domain: str) -> bool:
    """Tell whether our commune follows the commune that lives at *domain*."""
    return bool(
        await db.fetchval(
            """
            select exists (
                select from commune.follow
                join commune.account ours on ours.id = follow.follower_id
                join commune.account theirs on theirs.id = follow.followed_id
                where ours.local
                  and ours.kind = 'commune'
                  and theirs.kind = 'commune'
                  and theirs.domain = $1
                  and follow.state = 'accepted'
            )
            """,
            domain,
        )
    )
