"""Tables and properties that tell of events: when and where, guessed as columns of places are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from fedcommune.domain.portability.model import MAX_KEY, Passed, Refused
from fedcommune.domain.portability.readers import columns, geojson, spreadsheet, values
from fedcommune.domain.portability.readers.calendars import Happening
from fedcommune.domain.portability.readers.columns import Wanted

# Names as values.plain() writes them; the first that is there is taken.
GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    **{name: columns.GUESSES[name] for name in
       ("key", "postal_code", "insee", "latitude", "longitude", "point", "website", "tags")},
    "name": ("nom", "name", "titre", "title", "intitule", "evenement", "nom de l evenement",
             "titre de l evenement", "event", "libelle", "summary", "titre fr", "title fr"),
    "starts": ("debut", "date debut", "date de debut", "start", "starts", "start date",
               "startdate", "date start", "date", "jour", "dtstart", "firstdate begin",
               "premiere date debut", "date et heure de debut"),
    "starts_time": ("heure debut", "heure de debut", "heure", "start time", "horaire"),
    "ends": ("fin", "date fin", "date de fin", "end", "ends", "end date", "enddate", "dtend",
             "firstdate end", "date end", "date et heure de fin"),
    "ends_time": ("heure fin", "heure de fin", "end time"),
    "text": ("description", "presentation", "details", "resume", "descriptif", "content",
             "description fr", "description longue", "longdescription fr"),
    "where": ("lieu", "nom du lieu", "salle", "place", "location", "location name", "venue",
              "lieu nom"),
    "street": ("adresse", "rue", "street", "address", "location address", "street address"),
    "locality": ("commune", "ville", "localite", "city", "town", "locality", "location city"),
    "category": ("categorie", "category", "type", "theme", "genre"),
    "organiser": ("organisateur", "organisatrice", "organizer", "organiser", "association",
                  "organise par", "structure", "structure organisatrice"),
    "status": ("statut", "status", "etat"),
}  # fmt: skip
NEEDED: Final = ("name", "starts")
_CANCELLED: Final = ("annule", "annulee", "cancelled", "canceled")
_FRENCH: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)", re.ASCII | re.DOTALL)
_HOUR: Final = re.compile(r"(?:à|a|T)?\s*(\d{1,2})\s*[h:]\s*(\d{2})?(?::\d{2})?", re.I)


def read_table(
    stream: BinaryIO, wanted: Wanted, timezone: str
) -> Iterator[Happening | Refused | Passed]:
    """Yield what each line of a CSV says. Raises Unreadable for what is no table of events."""
    clock = ZoneInfo(timezone)
    for line in spreadsheet.lines(stream, wanted, GUESSES, needed=NEEDED):
        yield line if isinstance(line, Refused) else _happening(*line, wanted, None, clock)


def read_map(
    stream: BinaryIO, wanted: Wanted, timezone: str
) -> Iterator[Happening | Refused | Passed]:
    """Yield what each feature of a GeoJSON says; raises as :mod:`.geojson`."""
    clock = ZoneInfo(timezone)
    for feature in geojson.features(stream, wanted, GUESSES):
        yield feature if isinstance(feature, Refused) else _happening(*feature, clock)


def _happening(
    line: int,
    said: Mapping[str, str],
    wanted: Wanted,
    point: tuple[float, float] | None,
    clock: ZoneInfo,
) -> Happening | Refused | Passed:
    told = {field: " ".join(cell.split()) for field, cell in said.items()}
    name = told.get("name", "")
    if not name:
        return Refused(line, "name: Give the event a name.")
    insee = told.get("insee", "").upper()
    if insee and wanted.insee and insee not in wanted.insee:
        return Passed.ELSEWHERE
    try:
        starts_at, whole = moment(told.get("starts", ""), told.get("starts_time", ""), clock)
    except ValueError:
        return Refused(line, "starts: Write a day like 2026-12-20 or 20/12/2026 18:00.", name)
    try:
        ends_at = _end(told, starts_at, whole, clock)
    except ValueError:
        return Refused(line, "ends: Write a day like 2026-12-20 or 20/12/2026 20:00.", name)
    if ends_at is not None and ends_at < starts_at:
        return Refused(line, "ends: It ends before it begins.", name)
    try:
        point = point or columns.point_of(said)
    except ValueError:
        return Refused(line, "latitude: The coordinates are no point on Earth.", name)
    street, postal_code, locality = (
        told.get(field, "") for field in ("street", "postal_code", "locality")
    )
    if street and not postal_code:
        street, postal_code, city = values.address(street)
        locality = locality or city
    key = told.get("key", "")[:MAX_KEY] or values.key_of(name, starts_at.isoformat())
    return Happening(
        line=line,
        key=key,
        uid=key,
        name=name,
        starts_at=starts_at,
        ends_at=ends_at,
        whole_days=whole,
        timezone=str(clock),
        text=said.get("text", "").strip(),
        where=told.get("where", ""),
        street=street,
        postal_code=postal_code,
        locality=locality,
        latitude=None if point is None else point[0],
        longitude=None if point is None else point[1],
        website=values.website(told.get("website", "")),
        tags=_tags(told),
        cancelled=values.plain(told.get("status", "")) in _CANCELLED,
        organisers=tuple(filter(None, [told.get("organiser", "")])),
    )


def _end(
    told: Mapping[str, str], starts_at: datetime, whole: bool, clock: ZoneInfo
) -> datetime | None:
    day, hour = told.get("ends", ""), told.get("ends_time", "")
    if not day and not hour:
        return starts_at + timedelta(days=1) if whole else None
    ends_at, without_hour = moment(day or starts_at.date().isoformat(), hour, clock)
    if not without_hour:
        return ends_at
    # The last day counts; of what begins at an hour nobody says until when.
    return ends_at + timedelta(days=1) if whole else None


def moment(day: str, hour: str, clock: ZoneInfo) -> tuple[datetime, bool]:
    """Return the moment that two cells tell, and whether they tell only its day.

    Read are ISO 8601 and what is typed in France: 20/12/2026, 18h30. Raises ValueError.
    """
    found = _FRENCH.fullmatch(day.strip())
    if found is not None:
        on = date(int(found[3]), int(found[2]), int(found[1]))
        told, whole = datetime.combine(on, time()), True
        rest = found[4].strip(" ,")
        hour = hour or rest
    else:
        text = day.strip()
        told = datetime.fromisoformat(text)
        whole = len(text) <= len("2026-12-20")
    if not 1970 <= told.year <= 2200:
        raise ValueError("this is not in our times")
    if hour and (whole or told.time() == time()):
        at = _HOUR.match(hour.strip())
        if at is None:
            raise ValueError("this is no hour")
        told = told.replace(hour=int(at[1]), minute=int(at[2] or 0))
        whole = False
    return (told if told.tzinfo is not None else told.replace(tzinfo=clock)), whole


def _tags(told: Mapping[str, str]) -> tuple[str, ...]:
    cells = (told.get("category", ""), told.get("tags", ""))
    words = (word.strip() for cell in cells for word in re.split(r"[,;|]", cell))
    return tuple(dict.fromkeys(word for word in words if word))[:20]
