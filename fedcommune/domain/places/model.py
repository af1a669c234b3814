"""What a place is, and what somebody says of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from fedcommune.domain.posts.model import hashtags
from fedcommune.errors import Invalid
from federation.vocabulary.points import (
    MAX_HOURS,
    MAX_NAME,
    MAX_SUMMARY,
    MAX_TAGS,
    Accessibility,
    Kind,
)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


MAX_TEXT: Final = 5_000
MAX_LINE: Final = 200
MAX_ADDRESS: Final = 500

# What a point of interest can be: Communecter's words (product 1.2), as they travel.
CATEGORIES: Final = {
    "compostPickup": _("Compost"),
    "sharedLibrary": _("Box of books"),
    "recoveryCenter": _("Recycling centre"),
    "trash": _("Bins"),
    "artPiece": _("Work of art"),
    "streetArts": _("Street art"),
    "history": _("History"),
    "something2See": _("Something to see"),
    "openScene": _("Open stage"),
    "video": _("Film"),
    "stand": _("Stand"),
    "parking": _("Parking"),
    "water": _("Drinking water"),
    "playground": _("Playground"),
    "sport": _("Sports ground"),
    "garden": _("Garden"),
    "room": _("Room to meet"),
    "other": _("Something else"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One row of ``commune.place``. Times are UTC, angles degrees; ``content`` is clean HTML.

    ``told_by`` typed it, if a person did.
    """

    id: int
    object_id: str
    local: bool
    owner_id: int
    kind: Kind
    category: str
    name: str
    summary: str
    content: str
    source: str
    latitude: float
    longitude: float
    street: str
    postal_code: str
    locality: str
    opening_hours: str
    accessibility: Accessibility
    website: str | None
    tags: tuple[str, ...]
    same_as: tuple[str, ...]
    claimable: bool
    claimed_by: int | None
    imported_as: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    told_by: int | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """What was said of a place before somebody changed it; numbers begin at 1."""

    number: int
    account_id: int | None
    before: Mapping[str, Any]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody says of a place; ``text`` is Markdown, ``tags`` are words.

    ``imported_as`` names where it was taken from ("osm:node/123"): the same is never
    imported twice.
    """

    name: str
    latitude: float
    longitude: float
    kind: Kind = "poi"
    category: str = ""
    summary: str = ""
    text: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    opening_hours: str = ""
    accessibility: Accessibility = ""
    website: str | None = None
    tags: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    claimable: bool = False
    imported_as: str | None = None

    def check(self) -> None:
        """Raise :class:`Invalid` for what needs a correction."""
        if not self.name.strip():
            raise Invalid("name", _("Give the place a name."))
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise Invalid("latitude", _("This point is not on Earth: choose one on the map."))
        if self.kind == "poi" and self.category not in ("", *CATEGORIES):
            raise Invalid("category", _("Choose what it is from the list."))
        for name, text, limit in (
            ("name", self.name, MAX_NAME),
            ("summary", self.summary, MAX_SUMMARY),
            ("text", self.text, MAX_TEXT),
            ("street", self.street, MAX_LINE),
            ("postal_code", self.postal_code, MAX_LINE),
            ("locality", self.locality, MAX_LINE),
            ("opening_hours", self.opening_hours, MAX_HOURS),
            ("website", self.website or "", MAX_ADDRESS),
        ):
            if len(text) > limit:
                raise Invalid(name, _("At most {limit} characters: shorten it."), limit=limit)
        if self.website and urlsplit(self.website).scheme not in ("https", "http"):
            raise Invalid("website", _("The address of a website begins with https://."))
        if len(self.tags) > MAX_TAGS:
            raise Invalid("tags", _("At most {limit} words: leave some out."), limit=MAX_TAGS)

    @property
    def words(self) -> tuple[str, ...]:
        """The tags as they are kept: each once, lower case, no sharp sign, nothing odd."""
        return tuple(dict.fromkeys(hashtags(tag.strip().lstrip("#") for tag in self.tags)))
