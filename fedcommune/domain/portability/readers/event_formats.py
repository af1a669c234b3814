"""The list of what can be read of events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from fedcommune.domain.portability.model import Passed, Refused, Source
from fedcommune.domain.portability.readers import (
    calendars,
    communecter_events,
    event_columns,
    values,
)
from fedcommune.domain.portability.readers.calendars import Happening
from fedcommune.domain.portability.readers.columns import Wanted
from fedcommune.domain.portability.readers.formats import FORMATS as OF_PLACES
from fedcommune.domain.portability.readers.formats import Opens

Told = Happening | Refused | Passed
Reads = Callable[[BinaryIO, Wanted, str], Iterator[Told]]


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is read. A *register* names its things once and for all, in every file."""

    reads: Reads
    register: bool = False
    credit: str = ""


FORMATS: Final[Mapping[str, Format]] = {
    "ics": Format(lambda stream, _, zone: calendars.read(stream, zone)),
    "communecter": Format(
        lambda stream, _, zone: communecter_events.read(stream, zone),
        register=True,
        credit=OF_PLACES["communecter"].credit,
    ),
    "csv": Format(event_columns.read_table),
    "geojson": Format(event_columns.read_map),
}


def rows(format_: str, opens: Opens, wanted: Wanted, timezone: str) -> Iterator[Told]:
    """Open a file and yield what it says of events; times without a clock are of *timezone*.

    Raises Unreadable, at any time before the end, for what is no such file.
    """
    with opens() as stream:
        yield from FORMATS[format_].reads(stream, wanted, timezone)


def source(format_: str, name: str, credit: str = "") -> Source:
    """Return where a file comes from: the register, or a file called *name*."""
    found = FORMATS[format_]
    if found.register:
        return Source(format_, credit or found.credit)
    slug = values.plain(name).replace(" ", "-")[:60] or "file"
    return Source(f"{format_}:{slug}", credit)
