"""The published test vectors, read once."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any


@functools.cache
def vectors() -> dict[str, Any]:
    text = (Path(__file__).parent / "vectors.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read
