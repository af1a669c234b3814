"""What hangs on posts, faces, and copies; how much of it there may be."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from fedcommune.errors import Invalid


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


MAX_ATTACHED: Final = 4
MAX_DESCRIPTION: Final = 1_500
# What somebody sent and attached to nothing yet (SEC-DOS-06).
MAX_LOOSE: Final = 40
# What hangs on nothing for so long is forgotten (SEC-MED-08).
LOOSE: Final = timedelta(days=1)
# A copy that nobody looked at for so long goes, whatever room there is.
UNSEEN: Final = timedelta(days=30)
# A picture that could not be had is asked for again after so long.
AGAIN: Final = timedelta(hours=1)
# A film that cannot be worked on after so many attempts is given up.
MAX_ATTEMPTS: Final = 3

# The sizes in pixels of faces, banners and pictures that stand for words.
FACE: Final = (400, 400)
BANNER: Final = (1500, 500)
EMOJI: Final = (128, 128)


class Kind(StrEnum):
    """What one attachment is; a ``GIFV`` is a short film without sound."""

    IMAGE = "image"
    GIFV = "gifv"
    VIDEO = "video"
    AUDIO = "audio"


class State(StrEnum):
    """Whether it can be shown."""

    READY = "ready"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class File:
    """One file of the store."""

    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Made:
    """Something to attach, as it came out of the workshop: its files and what they show.

    While it waits, *whole* is what was sent. Sizes are in pixels, *duration* in seconds.
    """

    kind: Kind
    whole: File
    small: File | None = None
    state: State = State.READY
    width: int | None = None
    height: int | None = None
    small_width: int | None = None
    small_height: int | None = None
    duration: float | None = None
    blurhash: str | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """One row of ``commune.media``; *whole* and *small* are names of files."""

    id: int
    account_id: int
    post_id: int | None
    kind: Kind
    state: State
    whole: str | None
    small: str | None
    media_type: str
    description: str
    width: int | None
    height: int | None
    small_width: int | None
    small_height: int | None
    focus_x: float | None
    focus_y: float | None
    duration: float | None
    blurhash: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one attachment; None leaves as it is."""

    description: str | None = None
    focus: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """Our copy of a stranger's picture; without *whole* it could not be had."""

    whole: str | None
    small: str | None
    shown_at: datetime
    again_at: datetime | None


def digest_of(shown_as: str, url: str) -> bytes:
    """Return by what our copy of a stranger's picture is found."""
    return hashlib.sha256(f"{shown_as} {url}".encode()).digest()


def description_of(text: str) -> str:
    """Return a description as it is kept. Raises :class:`Invalid` when it is too long."""
    tidy = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(tidy) > MAX_DESCRIPTION:
        raise Invalid(
            "description",
            _("A description has at most {limit} characters: shorten it."),
            limit=MAX_DESCRIPTION,
        )
    return tidy


def focus_of(text: str) -> tuple[float, float]:
    """Return the point that matters, ``x,y`` from -1 to 1. Raises :class:`Invalid`."""
    try:
        across, up = (float(each) for each in text.split(","))
    except ValueError:
        raise Invalid("focus", _("A focal point is two numbers, like 0.2,-0.5.")) from None
    if not all(math.isfinite(each) and -1 <= each <= 1 for each in (across, up)):
        raise Invalid("focus", _("A focal point lies between -1,-1 and 1,1."))
    return across, up
