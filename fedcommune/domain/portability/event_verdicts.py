"""What would become of the events of a file, against what is here; nothing is changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.portability import event_queries as queries
from fedcommune.domain.portability import verdicts
from fedcommune.domain.portability.event_queries import Known, Twin
from fedcommune.domain.portability.model import (
    Finding,
    Options,
    Passed,
    Refused,
    Source,
    Verdict,
    is_sound,
)
from fedcommune.domain.portability.readers import values
from fedcommune.domain.portability.readers.calendars import Happening
from fedcommune.domain.portability.unfolding import Told, zone_of
from fedcommune.domain.posts.model import MAX_CHARACTERS
from fedcommune.domain.posts.occasions import LONGEST, MAX_LINE, MAX_NAME, Occasion, checked
from fedcommune.errors import Invalid
from fedcommune.instance import Instance
from fedcommune.text import html
from federation.vocabulary.events import CATEGORIES

MAX_TAGS: Final = 10
_BESIDE: Final = ("line", "key", "uid", "sequence", "rule", "except_at", "also_at", "instead_of",
                  "organisers")  # fmt: skip
_COMPARED: Final = ("name", "starts_at", "ends_at", "status", "place_id", "website")
_WHERE: Final = ("place_name", "street", "postal_code", "locality", "latitude", "longitude")
# What others call a kind of event.
_CATEGORIES: Final[Mapping[str, str]] = {
    **{values.plain(name.replace("_", " ")): name for name in CATEGORIES},
    **dict.fromkeys(("concert", "concerts", "musique", "kabar", "bal"), "MUSIC"),
    **dict.fromkeys(("festival", "fete", "fetes"), "FESTIVALS"),
    **dict.fromkeys(("exposition", "exhibition", "art", "arts plastiques"), "ARTS"),
    **dict.fromkeys(("cinema", "film", "projection"), "FILM_MEDIA"),
    **dict.fromkeys(("atelier", "workshop", "formation", "course", "stage"), "LEARNING"),
    **dict.fromkeys(("marche", "repas", "market"), "FOOD_DRINK"),
    **dict.fromkeys(("sport", "competition", "course a pied"), "SPORTS"),
    **dict.fromkeys(("jeux", "jeu", "game"), "GAMES"),
    **dict.fromkeys(("theatre", "spectacle"), "THEATRE"),
    **dict.fromkeys(("reunion", "conference", "debat", "meeting"), "MEETING"),
    **dict.fromkeys(("manifestation", "protest"), "MOVEMENTS_POLITICS"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding, with the entry it is about, what would be announced, and who organises that."""

    finding: Finding
    entry: Happening | None = None
    occasion: Occasion | None = None
    organiser_id: int | None = None
    known: Known | None = None


async def judge(
    db: Executor,
    instance: Instance,
    source: Source,
    rows: Sequence[Told],
    options: Options,
    now: datetime,
) -> list[Judged]:
    """Return what would become of *rows*, in their order; each is one time of one thing."""
    rows = [_readable(row) for row in rows]
    entries = [row for row in rows if isinstance(row, Happening)]
    known = await queries.known(db, source.name, [entry.key for entry in entries])
    fresh = [entry for entry in entries if entry.key not in known]
    twins: dict[str, Twin] = {}
    for twin in await queries.twins(db, source.name, fresh):
        twins.setdefault(fresh[twin.number].key, twin)
    places = await queries.places_called(db, [name for each in entries for name in _names(each)])
    organisers = await queries.organisers_called(
        db, source.name, [word for entry in entries for word in entry.organisers]
    )
    found = []
    for row in rows:
        if isinstance(row, Passed):
            found.append(Judged(Finding(0, Verdict.PASSED, reason=row)))
        elif isinstance(row, Refused):
            found.append(Judged(Finding(row.line, Verdict.REFUSED, row.name, reason=row.reason)))
        else:
            judged = _entry(
                instance, row, known.get(row.key), twins.get(row.key), places, options, now
            )
            organiser = (organisers[word] for word in row.organisers if word in organisers)
            found.append(replace(judged, organiser_id=next(organiser, None)))
    return found


def judge_vanished(vanished: Mapping[str, Known], options: Options, *, whole: bool) -> list[Judged]:
    """Return what would become of events that are still to come and no longer in the file.

    Of a file that was not understood to the *whole*, nobody knows what is no longer in it.
    """
    found = []
    for key, known in vanished.items():
        reason = _why_not(known, options)
        if not whole:
            reason = "Perhaps it is what could not be read: correct the file first."
        finding = Finding(
            0,
            Verdict.KEPT if reason else Verdict.GONE,
            "" if known.event is None else known.event.name,
            key,
            reason or "It is no longer in the file.",
            post_id=known.post_id,
        )
        found.append(Judged(finding, known=known))
    return found


def _entry(
    instance: Instance,
    entry: Happening,
    known: Known | None,
    twin: Twin | None,
    places: Mapping[str, int],
    options: Options,
    now: datetime,
) -> Judged:
    finding = Finding(entry.line, Verdict.NEW, entry.name, entry.key)
    if known is not None:
        finding = replace(finding, post_id=known.post_id)
        if known.digest == digest(entry) and known.event is not None:
            return Judged(replace(finding, verdict=Verdict.SAME))
        if reason := _why_not(known, options):
            return Judged(replace(finding, verdict=Verdict.KEPT, reason=reason))
    event = None if known is None else known.event
    if entry.cancelled and (event is None or event.status == "cancelled"):
        if event is None:
            return _passed(finding, Passed.CALLED_OFF)
        return Judged(replace(finding, verdict=Verdict.SAME))
    try:
        occasion = _occasion(instance, entry, places)
    except Invalid as error:
        return Judged(replace(finding, verdict=Verdict.REFUSED, reason=f"{error.field}: {error}"))
    if occasion.end <= now and (event is None or event.end <= now):
        return _passed(finding, Passed.OVER)
    if (
        entry.latitude is not None
        and entry.longitude is not None
        and (reason := verdicts.too_far(instance, entry.latitude, entry.longitude))
    ):
        return Judged(replace(finding, verdict=Verdict.REFUSED, reason=reason))
    if twin is not None and (twin.certain or not options.alike):
        said = f"{twin.name} is here already." if twin.certain else f"{twin.name} is then, too."
        return Judged(replace(finding, verdict=Verdict.ALIKE, reason=said))
    if known is not None and event is not None:
        occasion = _as_decided_here(occasion, event)
        changes = ("status",) if entry.cancelled else _changes(occasion, event)
        finding = replace(finding, verdict=Verdict.CHANGED, changes=changes)
    return Judged(finding, entry, occasion, known=known)


def _passed(finding: Finding, why: Passed) -> Judged:
    return Judged(replace(finding, verdict=Verdict.PASSED, reason=why))


def _why_not(known: Known, options: Options) -> str:
    """Return why what the source says anew is not taken; empty when it is."""
    if known.event is None:
        return "It was taken away here."
    if known.event.sequence > known.sequence and not options.force:
        return "Somebody changed it here."
    return ""


def _changes(occasion: Occasion, event: Occasion) -> tuple[str, ...]:
    # Where it is comes from the directory, once its place is known there.
    placed = occasion.place_id is not None and occasion.place_id == event.place_id
    compared = _COMPARED if placed else _COMPARED + _WHERE
    changed = (name for name in compared if getattr(event, name) != getattr(occasion, name))
    return tuple(changed) or ("text",)


def _as_decided_here(occasion: Occasion, event: Occasion) -> Occasion:
    """Return what the source says now, and what was decided here: room, how one comes."""
    return replace(
        occasion,
        status="confirmed" if event.status == "cancelled" else event.status,
        previous_start=event.previous_start,
        join_mode=event.join_mode,
        join_url=event.join_url,
        capacity=event.capacity,
        anonymous=event.anonymous,
        named=event.named,
        price=event.price,
        online_url=event.online_url,
    )


def _occasion(instance: Instance, entry: Happening, places: Mapping[str, int]) -> Occasion:
    """Return what is announced of an entry. Raises Invalid for what can be no event."""
    ends_at = entry.ends_at
    if ends_at is not None and not (ends_at - entry.starts_at).total_seconds() > 0:
        ends_at = None
    if ends_at is not None and ends_at - entry.starts_at > LONGEST:
        raise Invalid("ends_at", "An event takes 60 days at most: make several of it.")
    words = [values.plain(tag) for tag in entry.tags]
    category = next((_CATEGORIES[word] for word in words if word in _CATEGORIES), "COMMUNITY")
    return checked(
        Occasion(
            name=html.line(entry.name, limit=MAX_NAME),
            starts_at=entry.starts_at,
            ends_at=ends_at,
            zone=zone_of(entry, instance.timezone),
            category=category,
            place_id=next((places[name] for name in _names(entry) if name in places), None),
            place_name=html.line(entry.where, limit=MAX_LINE),
            street=html.line(entry.street, limit=MAX_LINE),
            postal_code=html.line(entry.postal_code, limit=20),
            locality=html.line(entry.locality, limit=MAX_LINE),
            latitude=entry.latitude,
            longitude=entry.longitude,
            website=entry.website,
            # Nobody here counts who comes to what others organise: they do, on their page.
            join_mode="external" if entry.website else "none",
            join_url=entry.website,
            occurrence=entry.instead_of,
        )
    )


def _names(entry: Happening) -> tuple[str, ...]:
    """Return what the place may be called in the directory: all of it, or what comes first."""
    where = html.line(entry.where, limit=MAX_LINE)
    first = where.partition(",")[0].strip()
    return tuple(dict.fromkeys(name for name in (where, first) if name))


def words(entry: Happening, credit: str) -> str:
    """Return what is said of an entry (Markdown); *credit* names the source for its readers."""
    room = MAX_CHARACTERS - len(credit) - 500
    text = html.shorten(entry.text.strip(), max(room, 0))
    return "\n\n".join(part for part in (text, credit) if part)


def tags(entry: Happening) -> tuple[str, ...]:
    """Return the keywords of an entry as hashtags are written: VideGrenier."""
    found = ("".join(word[:1].upper() + word[1:] for word in _parts(tag)) for tag in entry.tags)
    return tuple(dict.fromkeys(tag for tag in found if tag and not tag.isdecimal()))[:MAX_TAGS]


def _parts(tag: str) -> list[str]:
    kept = "".join(letter if letter.isalnum() else " " for letter in tag[:60])
    return kept.split()


def digest(entry: Happening) -> bytes:
    """Return what tells whether the source says the same of this time as the last time.

    How often it takes place is not a matter of one time.
    """
    said = asdict(entry)
    for name in _BESIDE:
        del said[name]
    said |= {name: said[name] and said[name].timestamp() for name in ("starts_at", "ends_at")}
    return hashlib.sha256(repr(sorted(said.items())).encode("utf-8", "replace")).digest()


def _readable(row: Told) -> Told:
    if isinstance(row, Happening):
        texts = (value for value in asdict(row).values() if isinstance(value, str | tuple))
        if not all(map(is_sound, texts)):
            said = "There are characters that are none: check the encoding."
            return Refused(row.line, said, row.name)
    return row
