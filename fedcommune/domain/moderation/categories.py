"""What a report is about, as the one who reports says."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

Category: TypeAlias = Literal["spam", "legal", "violation", "other"]
CATEGORIES: Final[tuple[Category, ...]] = ("spam", "legal", "violation", "other")
