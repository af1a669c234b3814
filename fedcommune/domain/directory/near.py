"""SQL: what is nearest to a point, of everything or of what has words and tags."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.directory.model import Listing, Subject, Wanted
from fedcommune.domain.directory.rows import COLUMNS, of_row, such

_GATES: Final = {Subject.ACCOUNT: 7, Subject.PLACE: 8, Subject.EVENT: 9, Subject.CLASSIFIED: 10}


def _walk(wanted: str) -> str:
    """What is *wanted*, from the nearest on, until there is enough of it.

    The planner takes any box for a small one, and would sort what is in it: a limit that it
    cannot see lets it walk along an index, and stop.
    """
    return f"""(
        select subject, id, spot <-> point($1, $2) as apart
        from commune.listing
        where {wanted}
          and spot <@ box(
              point($1::float8 - $3::float8, $2::float8 - $3), point($1 + $3, $2 + $3))
        order by spot <-> point($1, $2)
        limit (select $5::bigint + $6::bigint)
    )"""


def _nearest(found: str) -> str:
    """The nearest of what is *found*, within the radius."""
    return f"""
        select {COLUMNS}
        from (
            select *
            from ({found}) found
            where apart <= $3
            order by apart, id
            limit $5
            offset $6
        ) nearest
        join commune.listing using (subject, id)
        order by apart, id
    """


def _of(subject: Subject) -> str:
    """One subject, by its own index; nothing is read when none is wanted."""
    return f"subject = '{subject}' and ${_GATES[subject]}::boolean and kind = any($4::text[])"


_OF_EVERYTHING: Final = _nearest(" union all ".join(_walk(_of(subject)) for subject in Subject))
_OF_SUCH: Final = _nearest(_walk(such("$7", "$8", "$4", index="walkable")))


async def nearest(db: Executor, wanted: Wanted, *, limit: int, skip: int) -> list[Listing]:
    """Return the nearest of what is *wanted* around its point, and how far each is."""
    assert wanted.near is not None, "only asked for with a point"
    given = (
        *wanted.near.metres,
        wanted.radius * wanted.near.stretch,
        wanted.sought,
        limit,
        skip,
    )
    if wanted.is_such or wanted.domain is not None:
        rows = await db.fetch(_OF_SUCH, *given, wanted.text.strip(), wanted.terms)
    else:
        rows = await db.fetch(
            _OF_EVERYTHING, *given, *(wanted.seeks(subject) for subject in Subject)
        )
    found = [of_row(row) for row in rows]
    return [
        replace(each, distance=wanted.near.distance(each.point)) if each.point else each
        for each in found
    ]
