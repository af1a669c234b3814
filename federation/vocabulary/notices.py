"""What makes a post an official notice of a local authority: how grave it is, and until when.

``kind`` is ``notice`` in our vocabulary, ``severity`` is ours too, ``endTime`` that of
ActivityStreams. Whoever does not know them reads a Note like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from federation import documents

KIND: Final = "notice"
SEVERITIES: Final = ("info", "attention", "danger")


@dataclass(frozen=True, slots=True)
class NoticeView:
    """How grave a notice is (one of ``SEVERITIES``), and when it is over, if that is known."""

    severity: str
    ends_at: datetime | None = None


def read(document: Mapping[str, Any], kind: str | None) -> NoticeView | None:
    """Return what is official about a post whose ``cm:kind`` is *kind*; None for any other.

    A severity that we do not know is the mildest: nobody is alarmed by what is not understood.
    """
    if kind != KIND:
        return None
    said = document.get("severity", document.get("cm:severity"))
    severity = said if isinstance(said, str) and said in SEVERITIES else SEVERITIES[0]
    return NoticeView(severity, documents.moment(document.get("endTime")))


def write(severity: str, ends_at: datetime | None) -> dict[str, Any]:
    """Return the words that make a post a notice."""
    words: dict[str, Any] = {"kind": KIND, "severity": severity}
    if ends_at is not None:
        words["endTime"] = documents.timestamp(ends_at)
    return words
