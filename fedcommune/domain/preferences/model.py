"""How somebody writes when they say nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fedcommune.domain.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Preferences:
    """What is taken when an app does not say; ``quotes`` is who may quote."""

    visibility: Visibility = Visibility.PUBLIC
    sensitive: bool = False
    language: str | None = None
    quotes: Literal["public", "followers", "nobody"] = "public"
