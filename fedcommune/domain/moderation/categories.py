"""SQL: what a report is about, as the one who reports says."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal, TypeAlias

from fedcommune.database import Executor

Category: TypeAlias = Literal["spam", "legal", "violation", "other"]
CATEGORIES: Final[tuple[Category, ...]] = ("spam", "legal", "violation", "other")


async def keep(
    db: Executor,
    report_id: int,
    category: Category,
    rule_ids: Collection[int],
    *,
    forwarded: bool,
) -> None:
    """Keep what a report is about, which rules it names, and whether it was passed on."""
    await db.execute(
        """
        update commune.report
        set category = $2,
            rule_ids = $3::integer[],
            forwarded = $4
        where id = $1
        """,
        report_id,
        category,
        list(rule_ids),
        forwarded,
    )
