"""What a picture that stands for a word is, and where texts name one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

# FEP-9098; a name of one letter is too easily typed by accident.
_SHORTCODE: Final = re.compile(r"[A-Za-z0-9_]{2,50}")
_NAMED: Final = re.compile(r"(?<![A-Za-z0-9_:]):([A-Za-z0-9_]{2,50}):(?![A-Za-z0-9_:])")
MAX_NAMED: Final = 50
MAX_CATEGORY: Final = 50


@dataclass(frozen=True, slots=True)
class Emoji:
    """One picture of ours; *file* is its name in the store. Times are UTC."""

    id: int
    shortcode: str
    file: str
    category: str
    created_at: datetime
    updated_at: datetime


def is_shortcode(text: str) -> bool:
    """Tell whether *text* may stand between the colons."""
    return _SHORTCODE.fullmatch(text) is not None


def named_in(*texts: str) -> list[str]:
    """Return what stands between colons in *texts*, each once, the first fifty."""
    found = (code for text in texts for code in _NAMED.findall(text))
    return list(dict.fromkeys(found))[:MAX_NAMED]
