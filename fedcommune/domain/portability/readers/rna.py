"""The national register of associations (rna_waldec): those of the commune that are alive.

Nothing about people is read: neither who declared it, nor where its managers live, nor at
whose home the seat is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from fedcommune.domain.organisations import identifiers
from fedcommune.domain.portability.model import Entry, Gone, Passed, Refused, Row, Unreadable
from fedcommune.domain.portability.readers import tables, values
from fedcommune.domain.portability.readers.columns import Wanted

_COLUMNS: Final = {
    "id": "id",
    "siret": "siret",
    "dissolved": "date_disso",
    "title": "titre",
    "short": "titre_court",
    "object": "objet",
    "complement": "adrs_complement",
    "number": "adrs_numvoie",
    "repetition": "adrs_repetition",
    "way": "adrs_typevoie",
    "street": "adrs_libvoie",
    "insee": "adrs_codeinsee",
    "postal_code": "adrs_codepostal",
    "locality": "adrs_libcommune",
    "website": "siteweb",
    "on_web": "publiweb",
    "position": "position",
}
_NEVER: Final = ("", "0001-01-01", "1900-01-01")
_AT_HOME: Final = re.compile(r"\b(chez|c/o|m\.|mr|mme|mlle|monsieur|madame|mademoiselle)(?!\w)")
# What reaches a person: nobody asked them whether it may stand here.
_REACHES: Final = re.compile(r"\S+@\S+|(?<!\d)(?:\+\d{2,3}[ .-]?|0)\d(?:[ .-]?\d{2}){4}(?!\d)")


def read(stream: BinaryIO, wanted: Wanted) -> Iterator[Row]:
    """Yield what each line says.

    Raises Unreadable for another file, and for communes of Alsace-Moselle, of which it holds
    no association.
    """
    if not wanted.insee:
        raise Unreadable("Say of which commune: --insee.")
    if not any(map(identifiers.has_rna, wanted.insee)):
        raise Unreadable("Associations of Alsace-Moselle have no RNA number: take SIRENE.")
    table = tables.read(stream)
    at = table.columns(_COLUMNS, needed=("id", "title", "insee", "position"))
    insee = at["insee"]
    for line, cells in table.rows:
        if insee >= len(cells) or cells[insee].strip().upper() not in wanted.insee:
            yield Passed.ELSEWHERE
            continue
        said = {
            name: " ".join(cells[index].split()) if index < len(cells) else ""
            for name, index in at.items()
        }
        yield _entry(line, said)


def _entry(line: int, said: Mapping[str, str]) -> Row:
    key = identifiers.tidy(said["id"])
    name = said["title"] or said.get("short", "")
    if not identifiers.is_rna(key):
        return Refused(line, "rna: An RNA number looks like W9R4001234: check it.", name)
    if said["position"].upper() != "A" or said.get("dissolved", "") not in _NEVER:
        return Gone(line, key, Passed.CLOSED)
    if not name:
        return Refused(line, "name: Give the place a name.")
    siret = identifiers.tidy(said.get("siret", ""))
    purpose = _REACHES.sub("…", said.get("object", ""))
    return Entry(
        line=line,
        key=key,
        name=values.readable(name),
        kind="association",
        summary=purpose,
        text=purpose if len(purpose) > 400 else "",
        street=_street(said),
        postal_code=said.get("postal_code", ""),
        locality=values.readable(said.get("locality", "")),
        website=values.website(said.get("website", "")) if said.get("on_web") != "0" else None,
        tags=("association",),
        siret=siret if identifiers.is_siret(siret) else "",
        rna=key,
    )


def _street(said: Mapping[str, str]) -> str:
    """Return the street of the seat, unless the seat is at somebody's home."""
    written = f"{said.get('complement', '')} {said.get('street', '')}".lower()
    if _AT_HOME.search(written):
        return ""
    parts = (said.get(name, "") for name in ("number", "repetition", "way", "street"))
    return " ".join(part for part in parts if part and part != "_")
