"""Let a post tell of a place, and name it in its document: few readers know places themselves."""

from __future__ import annotations

from typing import Any

from fedcommune.database import Executor
from federation.vocabulary import places
from federation.vocabulary.places import Place


async def tell(db: Executor, post_id: int, place_id: int) -> None:
    """Remember that a post tells of a place of ours."""
    await db.execute("update commune.place set note_id = $2 where id = $1", place_id, post_id)


async def document(db: Executor, post_id: int) -> dict[str, Any]:
    """Return the ``location`` of a post that tells of a place; else none (product 8.4)."""
    row = await db.fetchrow(
        """
        select object_id as id, name, latitude, longitude, street, postal_code, locality
        from commune.place
        where note_id = $1
          and deleted_at is null
        """,
        post_id,
    )
    return {} if row is None else {"location": places.write(Place(**row))}
