"""SQL that all ways to look into the directory share: its columns, and what is such."""

from __future__ import annotations

from typing import Any, Final

from fedcommune.domain.directory.model import Kind, Listing, Subject

COLUMNS: Final = """
    listing.subject, listing.id, listing.kind, listing.name, listing.told, listing.tags,
    listing.local, listing.domain, listing.territory, listing.latitude, listing.longitude,
    listing.starts_at, listing.ends_at, listing.updated_at"""
# What is asked for is understood once, not for each row that is looked at. The kinds are among the
# terms: here they are hidden from the planner, which would read all of a kind in its index.
_SUCH: Final = """
    commune.{index}(words, kind, tags, domain) @@ (select commune.sought({text}, {terms}))
    and kind || '' = any({kinds}::text[])"""


def such(text: str, terms: str, kinds: str, *, index: str = "findable") -> str:
    """What has the words, the terms and the kinds of these parameters.

    The index *findable* knows what has them wherever it is, *walkable* what is near.
    """
    return _SUCH.format(text=text, terms=terms, kinds=kinds, index=index)


# The directory in eight parts, spread evenly, each with an index of its own.
PARTS: Final = 8
# An eighth of the first of them, which has an index, too.
FEW: Final = "hashint8(id) & 63 = 0"


def part(number: int) -> str:
    return f"hashint8(id) & 7 = {number}"


def first_of(columns: str, wanted: str, limit: int) -> str:
    """Up to *limit* rows of what is *wanted*, out of one part after the other.

    What is common is not looked up to its end, and what is taken of it is spread evenly.
    """
    parts = " union all ".join(
        f"(select {columns} from commune.listing where {wanted} and {part(number)})"
        for number in range(PARTS)
    )
    return f"select {columns} from ({parts}) parts limit {limit}"


def of_row(row: Any) -> Listing:
    return Listing(
        subject=Subject(row["subject"]),
        id=row["id"],
        kind=Kind(row["kind"]),
        name=row["name"],
        told=row["told"],
        tags=tuple(row["tags"]),
        local=row["local"],
        domain=row["domain"],
        territory=row["territory"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        updated_at=row["updated_at"],
    )
