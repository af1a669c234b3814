"""The list of what can be read, with what the licences ask to be said below each text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from fedcommune.domain.portability.model import Row, Source, Unreadable
from fedcommune.domain.portability.readers import (
    communecter,
    geojson,
    osm,
    rna,
    sirene,
    spreadsheet,
    values,
)
from fedcommune.domain.portability.readers.columns import Wanted

Opens = Callable[[], BinaryIO]
Reads = Callable[[BinaryIO, Wanted], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is read. A *register* names its things once and for all, in every file."""

    reads: Reads
    register: bool
    credit: str = ""


FORMATS: Final[Mapping[str, Format]] = {
    "csv": Format(spreadsheet.read, register=False),
    "geojson": Format(geojson.read, register=False),
    "osm": Format(
        osm.read,
        register=True,
        credit="Source : [OpenStreetMap](https://www.openstreetmap.org/copyright),"
        " © ses contributeurs, licence ODbL 1.0.",
    ),
    "rna": Format(
        rna.read,
        register=True,
        credit="Source : Répertoire national des associations, ministère de l’Intérieur,"
        " [Licence Ouverte 2.0](https://www.etalab.gouv.fr/licence-ouverte-open-licence/).",
    ),
    "sirene": Format(
        sirene.read,
        register=True,
        credit="Source : Insee, répertoire Sirene,"
        " [Licence Ouverte 2.0](https://www.etalab.gouv.fr/licence-ouverte-open-licence/).",
    ),
    "communecter": Format(
        communecter.read,
        register=True,
        credit="Source : [Communecter](https://www.communecter.org/).",
    ),
}


def rows(format_: str, opens: Opens, wanted: Wanted, units: Opens | None = None) -> Iterator[Row]:
    """Open a file and yield what it says of places; *units* are the legal units of SIRENE.

    Raises Unreadable, at any time before the end, for what is no such file.
    """
    if units is not None and format_ != "sirene":
        raise Unreadable("Only SIRENE has legal units in a file of their own.")
    with opens() as stream:
        if format_ == "sirene" and units is not None:
            yield from sirene.read(stream, wanted, sirene.Units(units))
        else:
            yield from FORMATS[format_].reads(stream, wanted)


def source(format_: str, name: str, credit: str = "") -> Source:
    """Return where a file comes from: the register, or a file called *name*."""
    found = FORMATS[format_]
    if found.register:
        return Source(format_, credit or found.credit)
    slug = values.plain(name).replace(" ", "-")[:60] or "file"
    return Source(f"{format_}:{slug}", credit)
