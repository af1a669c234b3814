"""What a file says of a place, and what becomes of each of its lines."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

import orjson

from fedcommune.domain.places.model import MAX_TEXT, Draft
from fedcommune.errors import CommuneError, Invalid
from fedcommune.text import html
from federation.vocabulary.points import MAX_SAME, MAX_SUMMARY, MAX_TAGS, Accessibility, Kind

MAX_KEY: Final = 200
# The same name within so many metres is probably the same place.
NEAR: Final = 50.0
# What is farther from the commune is more likely a mistake than a place.
FAR: Final = 100_000.0


class Unreadable(CommuneError):
    """This file cannot be read as what it was said to be; nothing of it is taken."""


class Passed(StrEnum):
    """Why a line is none of our business."""

    ELSEWHERE = "of another commune"
    CLOSED = "closed"
    WITHHELD = "its diffusion is restricted"
    PERSON = "only the name of a person"
    NOTHING = "nothing for the directory"
    OVER = "over already"
    CALLED_OFF = "called off"


class Verdict(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ALIKE = "probably the same"
    KEPT = "kept as it is here"
    GONE = "gone"
    REFUSED = "refused"
    PASSED = "passed over"


@dataclass(frozen=True, slots=True)
class Entry:
    """One place as a source tells of it.

    *key* is its id at the source, *derived* when the source has none and it was made of name
    and address. *line* is that of the file, or the number of the element. *located* says that
    the coordinates were looked up and not told.
    """

    line: int
    key: str
    name: str
    kind: Kind = "poi"
    category: str = ""
    summary: str = ""
    text: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    latitude: float | None = None
    longitude: float | None = None
    opening_hours: str = ""
    accessibility: Accessibility = ""
    website: str | None = None
    tags: tuple[str, ...] = ()
    same_as: tuple[str, ...] = ()
    siret: str = ""
    rna: str = ""
    claimable: bool = True
    derived: bool = False
    located: bool = False

    @property
    def digest(self) -> bytes:
        """What tells whether the source says the same as the last time."""
        said = asdict(self)
        for name in ("line", "derived", "located"):
            del said[name]
        if self.located:
            said |= {"latitude": None, "longitude": None}
        return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()

    @property
    def is_sound(self) -> bool:
        """Tell whether every text can be stored: no null, nothing that is no character."""
        return all(map(is_sound, asdict(self).values()))

    @property
    def address(self) -> str:
        """The address as one would write it on a letter."""
        parts = (self.street, f"{self.postal_code} {self.locality}".strip())
        return ", ".join(part for part in parts if part)

    def at(self, latitude: float, longitude: float) -> Entry:
        """Return the entry with the coordinates that were looked up."""
        return replace(self, latitude=latitude, longitude=longitude, located=True)

    def draft(self, source: str, credit: str) -> Draft:
        """Return what is kept of it; *credit* names the source for its readers (Markdown).

        Raises Invalid for what cannot be a place.
        """
        if self.latitude is None or self.longitude is None:
            raise Invalid("latitude", "Neither coordinates nor an address that was found.")
        text = self.text.strip()[: MAX_TEXT - len(credit) - 2]
        draft = Draft(
            name=html.line(self.name),
            latitude=self.latitude,
            longitude=self.longitude,
            kind=self.kind,
            category=self.category if self.kind == "poi" else "",
            summary=html.line(self.summary, limit=MAX_SUMMARY),
            text="\n\n".join(part for part in (text, credit) if part),
            street=self.street,
            postal_code=self.postal_code,
            locality=self.locality,
            opening_hours=self.opening_hours,
            accessibility=self.accessibility,
            website=self.website,
            tags=self.tags[:MAX_TAGS],
            same_as=self.same_as[:MAX_SAME],
            claimable=self.claimable,
            imported_as=f"{source}:{self.key}",
        )
        draft.check()
        return draft


@dataclass(frozen=True, slots=True)
class Gone:
    """A source says that something is no more; *erase* when not even its name may be kept."""

    line: int
    key: str
    reason: Passed
    erase: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be read, and what is wrong with it."""

    line: int
    reason: str
    name: str = ""


Row = Entry | Gone | Refused | Passed


@dataclass(frozen=True, slots=True)
class Source:
    """Where a file comes from: its *name* stands before each key, *credit* below each text."""

    name: str
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What is wanted of an import.

    *force* overwrites what somebody corrected here, *alike* adds what is probably here.
    """

    force: bool = False
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What becomes, or became, of one line; *changes* names what the source says anew.

    *place_id* and *post_id* are the place or the event that it is about.
    """

    line: int
    verdict: Verdict
    name: str = ""
    key: str = ""
    reason: str = ""
    place_id: int | None = None
    changes: tuple[str, ...] = ()
    post_id: int | None = None


def is_sound(value: object) -> bool:
    """Tell whether a text, or each of several, can be stored: every character is one."""
    if isinstance(value, tuple):
        return all(map(is_sound, value))
    return not isinstance(value, str) or not any(
        letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in value
    )
