"""What would become of the lines of a file, against what is here; nothing is changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.places.model import Draft, Place
from fedcommune.domain.portability import queries
from fedcommune.domain.portability.model import (
    FAR,
    Entry,
    Finding,
    Gone,
    Options,
    Passed,
    Refused,
    Row,
    Source,
    Verdict,
)
from fedcommune.domain.portability.queries import Known, Twin
from fedcommune.errors import Invalid
from fedcommune.instance import Instance

_COMPARED: Final = (
    *("kind", "category", "name", "summary", "latitude", "longitude", "street", "postal_code"),
    *("locality", "opening_hours", "accessibility", "website", "same_as"),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding, with the entry it is about and what would be kept of it.

    *gone* is what its source takes away, *erased* what is gone already and still to be erased.
    """

    finding: Finding
    entry: Entry | None = None
    draft: Draft | None = None
    gone: Gone | None = None
    erased: bool = False

    @property
    def needs_point(self) -> bool:
        """Tell whether an address must be looked up before this can be kept."""
        return (
            self.entry is not None
            and self.entry.latitude is None
            and self.finding.verdict in (Verdict.NEW, Verdict.CHANGED)
        )


async def judge(
    db: Executor,
    instance: Instance,
    source: Source,
    rows: Sequence[Row],
    options: Options,
    seen: frozenset[str] = frozenset(),
) -> list[Judged]:
    """Return what would become of *rows*, in their order.

    *seen* are the keys of the same file before these rows: two lines of one file are two
    things. An entry without a point is judged as if it had one.
    """
    rows = [_readable(row) for row in rows]
    known = await queries.known(
        db, source.name, [row.key for row in rows if isinstance(row, Entry | Gone)]
    )
    fresh = [row for row in rows if isinstance(row, Entry) and row.key not in known]
    twins = await _twins(db, source, fresh, seen)
    return [_one(instance, source, row, known, twins, options) for row in rows]


async def _twins(
    db: Executor, source: Source, entries: list[Entry], seen: frozenset[str]
) -> dict[str, Twin]:
    """Return what is here already of these entries, by key: those that are certain first."""
    if not entries:
        return {}
    found = [(entries, twin) for twin in await queries.speaking(db, entries)]
    placed = [entry for entry in entries if entry.latitude is not None and _can_be(entry)]
    if placed:
        found += [(placed, twin) for twin in await queries.near(db, placed)]
    prefix = f"{source.name}:"
    twins: dict[str, Twin] = {}
    for those, twin in found:
        entry = those[twin.number]
        if twin.imported_as is not None and twin.imported_as.startswith(prefix):
            key = twin.imported_as.removeprefix(prefix)
            if not entry.derived or key in seen or any(key == each.key for each in entries):
                continue
        twins.setdefault(entry.key, twin)
    return twins


def _one(
    instance: Instance,
    source: Source,
    row: Row,
    known: dict[str, Known],
    twins: dict[str, Twin],
    options: Options,
) -> Judged:
    match row:
        case Passed():
            return Judged(Finding(0, Verdict.PASSED, reason=row))
        case Refused():
            return Judged(Finding(row.line, Verdict.REFUSED, row.name, reason=row.reason))
        case Gone():
            return _gone(row, known.get(row.key), options)
        case Entry():
            return _entry(instance, source, row, known.get(row.key), twins.get(row.key), options)


def _gone(row: Gone, known: Known | None, options: Options) -> Judged:
    finding = Finding(row.line, Verdict.PASSED, key=row.key, reason=row.reason)
    if known is None:
        return Judged(finding)
    if known.place.deleted_at is not None:
        # Taken away by somebody here: what must not be kept is still to be erased.
        kept = row.erase and known.place.name != ""
        return Judged(replace(finding, place_id=known.place.id), erased=kept)
    finding = replace(finding, name=known.place.name, place_id=known.place.id)
    if known.place.claimed_by is not None:
        return Judged(
            replace(finding, verdict=Verdict.KEPT, reason="Somebody speaks for it here now.")
        )
    if known.revision > known.imported and not (options.force or row.erase):
        return Judged(replace(finding, verdict=Verdict.KEPT, reason="Somebody corrected it here."))
    return Judged(replace(finding, verdict=Verdict.GONE), gone=row)


def _entry(
    instance: Instance,
    source: Source,
    entry: Entry,
    known: Known | None,
    twin: Twin | None,
    options: Options,
) -> Judged:
    finding = Finding(entry.line, Verdict.NEW, entry.name, entry.key)
    if known is not None:
        finding = replace(finding, place_id=known.place.id)
        if known.digest == entry.digest and known.place.deleted_at is None:
            return Judged(replace(finding, verdict=Verdict.SAME))
        if reason := _why_not(known, options):
            return Judged(replace(finding, verdict=Verdict.KEPT, reason=reason))
        if entry.latitude is None and _has_moved(entry, known.place) is False:
            entry = entry.at(known.place.latitude, known.place.longitude)
    try:
        spotted = entry if entry.latitude is not None else entry.at(0, 0)
        draft = spotted.draft(source.name, source.credit)
    except Invalid as error:
        return Judged(replace(finding, verdict=Verdict.REFUSED, reason=f"{error.field}: {error}"))
    if entry.latitude is not None and (
        reason := too_far(instance, draft.latitude, draft.longitude)
    ):
        return Judged(replace(finding, verdict=Verdict.REFUSED, reason=reason))
    if twin is not None and (twin.certain or not options.alike):
        said = f"{twin.name} is here already." if twin.certain else f"{twin.name} is near it."
        return Judged(replace(finding, verdict=Verdict.ALIKE, reason=said))
    if known is not None:
        changes = tuple(
            name for name in _COMPARED if getattr(known.place, name) != getattr(draft, name)
        )
        if known.place.source != draft.text.strip():
            changes += ("text",)
        if known.place.tags != draft.words:
            changes += ("tags",)
        finding = replace(finding, verdict=Verdict.CHANGED, changes=changes)
    return Judged(finding, entry, draft)


def _why_not(known: Known, options: Options) -> str:
    """Return why what the source says anew is not taken; empty when it is."""
    if known.place.deleted_at is not None:
        return "It was taken away here."
    if known.place.claimed_by is not None:
        return "Somebody speaks for it here now."
    if known.revision > known.imported and not options.force:
        return "Somebody corrected it here."
    return ""


def _has_moved(entry: Entry, place: Place) -> bool:
    said = (entry.street, entry.postal_code, entry.locality)
    return said != (place.street, place.postal_code, place.locality)


def too_far(instance: Instance, latitude: float, longitude: float) -> str:
    """Return why a point is more likely a mistake than in the commune; empty when it is not."""
    if instance.latitude is None or instance.longitude is None:
        return ""
    here = (instance.latitude, instance.longitude)
    if distance(here, (latitude, longitude)) <= FAR:
        return ""
    if abs(longitude) <= 90 and distance(here, (longitude, latitude)) <= FAR:
        return "latitude: Latitude and longitude stand the wrong way round."
    return "latitude: This point is far from the commune."


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the metres between two points (latitude, longitude), along the sphere."""
    (a, b), (c, d) = ((math.radians(x), math.radians(y)) for x, y in (one, other))
    half = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6_371_000 * math.asin(min(1.0, math.sqrt(half)))


def _readable(row: Row) -> Row:
    if isinstance(row, Entry) and not row.is_sound:
        said = "There are characters that are none: check the encoding."
        return Refused(row.line, said, row.name)
    return row


def _can_be(entry: Entry) -> bool:
    try:
        entry.draft("", "")
    except Invalid:
        return False
    return True
