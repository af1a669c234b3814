"""What stands in the directory, what one may look for there, and the tiles of its map."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What something in the directory is. Actors are called as in ``accounts.model.Kind``."""

    CITIZEN = "citizen"
    ASSOCIATION = "association"
    BUSINESS = "business"
    AUTHORITY = "authority"
    GROUP = "group"
    PROJECT = "project"
    POI = "poi"
    EVENT = "event"
    OFFER = "offer"
    REQUEST = "request"


class Subject(StrEnum):
    """Whose row it is: the id of a listing is that of the account, the place, and so on."""

    ACCOUNT = "account"
    PLACE = "place"
    EVENT = "event"
    CLASSIFIED = "classified"


# A shop that nobody speaks for yet is a place, and a business all the same.
SUBJECTS: Final = {
    Kind.CITIZEN: frozenset({Subject.ACCOUNT}),
    Kind.ASSOCIATION: frozenset({Subject.ACCOUNT, Subject.PLACE}),
    Kind.BUSINESS: frozenset({Subject.ACCOUNT, Subject.PLACE}),
    Kind.AUTHORITY: frozenset({Subject.ACCOUNT, Subject.PLACE}),
    Kind.GROUP: frozenset({Subject.ACCOUNT}),
    Kind.PROJECT: frozenset({Subject.ACCOUNT}),
    Kind.POI: frozenset({Subject.PLACE}),
    Kind.EVENT: frozenset({Subject.EVENT}),
    Kind.OFFER: frozenset({Subject.CLASSIFIED}),
    Kind.REQUEST: frozenset({Subject.CLASSIFIED}),
}
EVERYTHING: Final = frozenset(Kind)

MAX_PAGE: Final = 50
# Nobody turns so many pages; to go further, look for something more precise.
MAX_SKIP: Final = 1_000
MAX_COUNT: Final = 1_000
MAX_RADIUS: Final = 100_000.0
# Of many thousands that have a common word or tag, this many are put in order.
MAX_RANKED: Final = 1_000
# So much inside a part of the map is looked through, or of what has a word or a tag.
MAX_LOOKED: Final = 2_000
# Where no more than so much is, what has a word or a tag is counted exactly; where no more than
# so much more is, it is looked up by where it is, too.
STREETS: Final = 6_000
TOWN: Final = 40_000
# So many changes are put into the counts in one transaction.
MAX_COUNTED: Final = 20_000
# A part of the map has so many tiles to count in, at most.
MAX_TILES: Final = 16_384
# So many single things a map can show; more become clusters.
MAX_MARKERS: Final = 150
# So many clusters at most: none of what a screen shows is left out.
MAX_CLUSTERS: Final = 1_200

# The Web Mercator plane (EPSG:3857), which the database knows as ``commune.mercator``.
_RADIUS: Final = 6_378_137.0
_HALF: Final = math.pi * _RADIUS
CIRCUMFERENCE: Final = 2 * _HALF
_FARTHEST: Final = 85.05
# Clusters are as large as the tiles of a level two below that of the map: 64 of its pixels.
FINER: Final = 2
MAX_ZOOM: Final = 19
# The levels of which ``commune.listing_cell`` keeps the counts.
LEVELS: Final = (6, 8, 10, 12, 14, 16)


@dataclass(frozen=True, slots=True)
class Point:
    """Somewhere on Earth, in degrees (WGS 84)."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise ValueError("Latitudes go from -90 to 90 degrees, longitudes from -180 to 180.")

    @property
    def metres(self) -> tuple[float, float]:
        """East and north on the Web Mercator plane, as ``commune.mercator`` counts."""
        latitude = min(max(self.latitude, -_FARTHEST), _FARTHEST)
        north = math.log(math.tan(math.radians(45 + latitude / 2))) * _RADIUS
        return self.longitude / 180 * _HALF, north

    @classmethod
    def of_metres(cls, east: float, north: float) -> Point:
        """Return the point there on the Web Mercator plane."""
        return cls(math.degrees(math.atan(math.sinh(north / _RADIUS))), east / _HALF * 180)

    @property
    def stretch(self) -> float:
        """How many metres of the plane one metre of ground is here."""
        return 1 / math.cos(math.radians(min(abs(self.latitude), _FARTHEST)))

    def distance(self, other: Point) -> float:
        """Return the metres to *other* along a great circle (haversine)."""
        one, two = math.radians(self.latitude), math.radians(other.latitude)
        across = math.radians(other.longitude - self.longitude) / 2
        along = (two - one) / 2
        chord = math.sin(along) ** 2 + math.cos(one) * math.cos(two) * math.sin(across) ** 2
        return 2 * 6_371_008.8 * math.asin(min(1.0, math.sqrt(chord)))


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a map: its south-western and north-eastern corners, in degrees.

    Raises ValueError when the corners are the wrong way round; no box crosses the
    antimeridian, where no commune is.
    """

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        if not (self.south <= self.north and self.west <= self.east):
            raise ValueError("A box goes from south-west to north-east.")
        _ = (self.corner, self.opposite)

    @property
    def corner(self) -> Point:
        return Point(self.south, self.west)

    @property
    def opposite(self) -> Point:
        return Point(self.north, self.east)

    def tiles(self, level: int) -> tuple[int, int, int, int]:
        """Return the first and last column, the first and last row of the tiles that it touches."""
        west, south = tile(self.corner, level)
        east, north = tile(self.opposite, level)
        return west, east, north, south


def tile(point: Point, level: int) -> tuple[int, int]:
    """Return the column and the row of the tile in which *point* lies, as ``commune.tile_x``."""
    east, north = point.metres
    last = (1 << level) - 1
    column = math.floor((east + _HALF) / (2 * _HALF) * (1 << level))
    row = math.floor((_HALF - north) / (2 * _HALF) * (1 << level))
    return min(max(column, 0), last), min(max(row, 0), last)


def _term(word: str) -> str:
    """Return *word* as one word of a query, whatever is in it; as long as the index keeps."""
    quoted = word[:301].replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; whatever is not said does not matter.

    *text* is searched without accents and by its stems; *tags* must all be there; *domain*
    is the server it lives on. With *near*, what is nearest comes first, within *radius*
    metres. Raises ValueError for a radius that is none.
    """

    text: str = ""
    kinds: frozenset[Kind] = EVERYTHING
    tags: tuple[str, ...] = ()
    domain: str | None = None
    near: Point | None = None
    radius: float = 10_000.0
    # People in the directory said that those who signed in may find them, not everybody.
    people: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.radius <= MAX_RADIUS:
            raise ValueError(f"A radius goes up to {MAX_RADIUS:.0f} metres.")

    @property
    def sought(self) -> list[str]:
        """The kinds as the database names them."""
        return sorted(kind.value for kind in self.kinds if self.people or kind is not Kind.CITIZEN)

    @property
    def is_such(self) -> bool:
        """Whether words or tags are asked for, and not only kinds and a server."""
        return bool(self.text.strip() or self.tags)

    @property
    def terms(self) -> str:
        """What is wanted besides words, as a query of ``commune.findable``."""
        parts = [_term(f"#{tag}") for tag in self.tags]
        if self.domain is not None:
            parts.append(_term(f"@{self.domain}"))
        if self.kinds != EVERYTHING:
            parts.append(f"({'|'.join(_term(f'={kind}') for kind in self.sought or ['none'])})")
        return "&".join(parts)

    def seeks(self, subject: Subject) -> bool:
        return any(subject in SUBJECTS[Kind(kind)] for kind in self.sought)


@dataclass(frozen=True, slots=True)
class Listing:
    """One thing that is found. *told* is plain text; times are UTC, *distance* is in metres."""

    subject: Subject
    id: int
    kind: Kind
    name: str
    told: str
    tags: tuple[str, ...]
    local: bool
    domain: str
    territory: str | None
    latitude: float | None
    longitude: float | None
    starts_at: datetime | None
    ends_at: datetime | None
    updated_at: datetime
    distance: float | None = field(default=None, compare=False)

    @property
    def point(self) -> Point | None:
        if self.latitude is None or self.longitude is None:
            return None
        return Point(self.latitude, self.longitude)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Several things close to each other: how many, perhaps only *about* so, and their middle."""

    count: int
    latitude: float
    longitude: float
    about: bool = False
