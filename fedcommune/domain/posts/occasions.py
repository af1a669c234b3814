"""What takes place: when, where, for how many, and how one says that one comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cache
from typing import Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from fedcommune.errors import Invalid
from fedcommune.text import html
from federation.vocabulary.events import CATEGORIES, EventView, Status
from federation.vocabulary.places import Place

JoinMode = Literal["free", "restricted", "invite", "external", "none"]

MAX_NAME: Final = 200
MAX_LINE: Final = 300
MAX_ADDRESS: Final = 1_000
MAX_CAPACITY: Final = 1_000_000
LONGEST: Final = timedelta(days=60)
# So long what has no end is thought to take.
USUAL: Final = timedelta(hours=3)
# Nobody needs to come.
OFF: Final = frozenset({"cancelled", "postponed"})


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Occasion:
    """What somebody says of an event, besides words. Times are aware.

    *zone* is the IANA name of the clock of the place. *ends_at* is None when nobody knows.
    Of a stranger's, *organisers* are actor ids; of ours, *organiser_id* is who decides, and is
    *named* unless that is a person who does not want to be.
    """

    name: str
    starts_at: datetime
    zone: str
    ends_at: datetime | None = None
    category: str = "MEETING"
    status: Status = "confirmed"
    previous_start: datetime | None = None
    place_id: int | None = None
    place_name: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    latitude: float | None = None
    longitude: float | None = None
    online_url: str | None = None
    website: str | None = None
    price: str = ""
    join_mode: JoinMode = "free"
    join_url: str | None = None
    capacity: int | None = None
    anonymous: bool = True
    organiser_id: int | None = None
    named: bool = True
    organisers: tuple[str, ...] = ()
    series_id: int | None = None
    occurrence: datetime | None = None
    uid: str = ""

    @property
    def local_start(self) -> datetime:
        """When it begins, on the clock of the place."""
        return self.starts_at.astimezone(clock(self.zone))

    @property
    def local_end(self) -> datetime | None:
        return None if self.ends_at is None else self.ends_at.astimezone(clock(self.zone))

    @property
    def end(self) -> datetime:
        """When it is over, as well as one can tell."""
        return self.ends_at or self.starts_at + USUAL

    @property
    def is_all_day(self) -> bool:
        """Whether it takes whole days, from midnight to midnight."""
        return whole_days(self.local_start, self.local_end)

    @property
    def is_off(self) -> bool:
        """Whether nobody needs to come: cancelled, or put off to nobody knows when."""
        return self.status in OFF

    @property
    def where(self) -> str:
        """The place in one line: its name, the street, the town, each once."""
        town = " ".join(part for part in (self.postal_code, self.locality) if part)
        parts = (self.place_name, self.street, town)
        return ", ".join(dict.fromkeys(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class Event(Occasion):
    """One row of ``commune.event``: what hangs on the post *post_id*."""

    post_id: int = 0
    description: str = ""
    sequence: int = 0
    participants: int = 0
    over: bool = False

    @property
    def room(self) -> int | None:
        """How many more find room; None when everybody does."""
        return None if self.capacity is None else max(0, self.capacity - self.participants)

    def is_open(self, now: datetime) -> bool:
        """Tell whether one may still say here that one comes."""
        return self.join_mode in ("free", "restricted") and not self.is_off and self.end > now


def whole_days(start: datetime, end: datetime | None) -> bool:
    """Whether what begins and ends so, on the clock of its place, takes whole days."""
    return end is not None and end > start and start.time() == end.time() == time()


@cache
def zones() -> frozenset[str]:
    """Return the IANA names of the clocks that there are."""
    return frozenset(available_timezones())


@cache
def clock(zone: str) -> ZoneInfo:
    """Return the clock of this IANA name; UTC when this machine does not know it any more."""
    return ZoneInfo(zone if zone in zones() else "UTC")


def checked(occasion: Occasion) -> Occasion:
    """Return *occasion* with tidy words. Raises :class:`Invalid` for what needs a correction."""
    tidy = replace(
        occasion,
        name=html.line(occasion.name, limit=MAX_NAME + 1),
        place_name=html.line(occasion.place_name),
        street=html.line(occasion.street),
        postal_code=html.line(occasion.postal_code),
        locality=html.line(occasion.locality),
        price=html.line(occasion.price),
        online_url=occasion.online_url or None,
        website=occasion.website or None,
        join_url=occasion.join_url or None,
    )
    if not tidy.name:
        raise Invalid("name", _("Give the event a name."))
    if tidy.zone not in zones():
        raise Invalid("zone", _("Choose a time zone such as Indian/Reunion."))
    if not 1970 <= tidy.starts_at.year <= 2099:
        raise Invalid("starts_at", _("Choose a day that is nearer."))
    if tidy.ends_at is not None and tidy.ends_at < tidy.starts_at:
        raise Invalid("ends_at", _("An event ends after it begins: correct the end."))
    if tidy.ends_at is not None and tidy.ends_at - tidy.starts_at > LONGEST:
        raise Invalid("ends_at", _("An event takes 60 days at most: make several of it."))
    if tidy.category not in CATEGORIES:
        raise Invalid("category", _("Choose a category from the list."))
    if tidy.capacity is not None and not 0 < tidy.capacity <= MAX_CAPACITY:
        raise Invalid("capacity", _("Say for how many there is room, or leave it empty."))
    if tidy.join_mode == "external" and tidy.join_url is None:
        raise Invalid("join_url", _("Say at which address one takes part."))
    _check_lines(tidy)
    return tidy


def _check_lines(occasion: Occasion) -> None:
    for name, text, limit in (
        ("name", occasion.name, MAX_NAME),
        ("place_name", occasion.place_name, MAX_LINE),
        ("street", occasion.street, MAX_LINE),
        ("locality", occasion.locality, MAX_LINE),
        ("price", occasion.price, MAX_LINE),
    ):
        if len(text) > limit:
            raise Invalid(name, _("At most {limit} characters: shorten it."), limit=limit)
    for name in ("online_url", "website", "join_url"):
        address: str | None = getattr(occasion, name)
        if address is None:
            continue
        if len(address) > MAX_ADDRESS or urlsplit(address).scheme not in ("https", "http"):
            raise Invalid(name, _("An address on the web begins with https://."))


def told(post_id: int, object_id: str, view: EventView, name: str, zone: str) -> Event | None:
    """Return the event of a stranger as its server tells it; None when it does not say when.

    *zone* is ours, for those who do not say theirs. Source: W-EVT-01, W-EVT-02, SEC-XSS-01.
    """
    if view.starts_at is None:
        return None
    place = view.place or Place()
    ends_at = view.ends_at
    if ends_at is not None and not timedelta(0) < ends_at - view.starts_at <= LONGEST:
        ends_at = None
    modes: tuple[JoinMode, ...] = ("free", "restricted", "invite", "external", "none")
    return Event(
        name=html.line(name, limit=MAX_NAME) or "…",
        starts_at=view.starts_at,
        zone=view.timezone if view.timezone in zones() else zone,
        ends_at=ends_at,
        category=view.category or "MEETING",
        status=view.status or "confirmed",
        previous_start=view.previous_start,
        place_name=html.line(place.name, limit=MAX_LINE),
        street=html.line(place.street or ("" if place.locality else place.address), limit=MAX_LINE),
        postal_code=html.line(place.postal_code, limit=20),
        locality=html.line(place.locality, limit=MAX_LINE),
        latitude=place.latitude,
        longitude=place.longitude,
        online_url=view.online_url,
        website=view.link,
        join_mode=next((mode for mode in modes if mode == view.join_mode), "none"),
        join_url=view.external_url,
        capacity=view.capacity,
        anonymous=False,
        organisers=view.organizers,
        uid=object_id,
        post_id=post_id,
        description=html.clean(view.content),
        participants=min(view.participants or 0, MAX_CAPACITY),
    )
