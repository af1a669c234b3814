"""The stock files of SIRENE (INSEE): the commune's active establishments, and nobody's name.

Who asked for a restricted diffusion (status P, article R123-232-1 of the code de commerce; N
before 2023) is passed over, or kept as an activity in the commune without name, street,
number or point. Of sole traders, and of people who trade together, only the sign above the
door is kept, unless it is their name: so their legal unit must be known, from the same file
or from StockUniteLegale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from fedcommune.domain.organisations import identifiers
from fedcommune.domain.portability.model import Entry, Gone, Passed, Refused, Row, Unreadable
from fedcommune.domain.portability.readers import activities, projections, tables, values
from fedcommune.domain.portability.readers.columns import Wanted
from federation.vocabulary.points import Kind

_UNIT: Final = {
    "siren": "siren",
    "unit_diffusion": "statutDiffusionUniteLegale",
    "unit_state": "etatAdministratifUniteLegale",
    "category": "categorieJuridiqueUniteLegale",
    "denomination": "denominationUniteLegale",
    "usual": "denominationUsuelle1UniteLegale",
    "acronym": "sigleUniteLegale",
    "surname": "nomUniteLegale",
    "used_surname": "nomUsageUniteLegale",
    "given": "prenom1UniteLegale",
    "given_2": "prenom2UniteLegale",
    "given_3": "prenom3UniteLegale",
    "given_4": "prenom4UniteLegale",
    "usual_given": "prenomUsuelUniteLegale",
    "pseudonym": "pseudonymeUniteLegale",
    "rna": "identifiantAssociationUniteLegale",
}
_ESTABLISHMENT: Final = {
    **_UNIT,
    "siret": "siret",
    "diffusion": "statutDiffusionEtablissement",
    "state": "etatAdministratifEtablissement",
    "insee": "codeCommuneEtablissement",
    "sign": "enseigne1Etablissement",
    "sign_2": "enseigne2Etablissement",
    "usual_here": "denominationUsuelleEtablissement",
    "activity": "activitePrincipaleEtablissement",
    "number": "numeroVoieEtablissement",
    "repetition": "indiceRepetitionEtablissement",
    "way": "typeVoieEtablissement",
    "street": "libelleVoieEtablissement",
    "postal_code": "codePostalEtablissement",
    "locality": "libelleCommuneEtablissement",
    "x": "coordonneeLambertAbscisseEtablissement",
    "y": "coordonneeLambertOrdonneeEtablissement",
    "latitude": "latitude",
    "longitude": "longitude",
}
_UNSAID: Final = ("", "[ND]", "[NR]")
# Legal categories that are people: sole traders (1000), and people who own or trade together
# without a company (21 to 23), whose denomination is made of their names.
_PEOPLE: Final = ("1", "21", "22", "23")
_TITLES: Final = frozenset(
    ("m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle", "dr", "docteur", "maitre",
     "me", "ei", "eirl", "auto", "entrepreneur", "entreprise", "individuelle", "et", "de")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Units:
    """Where the legal units are: *open_* opens StockUniteLegale, once, from its beginning."""

    open_: Callable[[], BinaryIO]


def read(stream: BinaryIO, wanted: Wanted, units: Units | None = None) -> Iterator[Row]:
    """Yield what each line says, those of the commune when all have been seen.

    With *units*, first the establishments of the commune are read, then their legal units:
    never more is kept in memory than what is in the commune. Raises Unreadable for another
    file, and when nothing tells who is a person.
    """
    if not wanted.insee:
        raise Unreadable("Say of which commune: --insee.")
    table = tables.read(stream)
    at = table.columns(_ESTABLISHMENT, needed=("siret", "diffusion", "state", "insee"))
    if "category" not in at and units is None:
        raise Unreadable(
            "This file does not say who is a person: give the legal units, too"
            " (--units StockUniteLegale_utf8.csv)."
        )
    kept: list[tuple[int, dict[str, str]]] = []
    insee = at["insee"]
    for line, cells in table.rows:
        if insee >= len(cells) or cells[insee].strip().upper() not in wanted.insee:
            yield Passed.ELSEWHERE
            continue
        said = _said(cells, at)
        if units is None:
            yield from _rows(line, said, wanted)
        else:
            kept.append((line, said))
    if units is not None:
        known = _units(units, {_siren(said) for _, said in kept})
        for line, said in kept:
            yield from _rows(line, {**said, **known.get(_siren(said), {})}, wanted)


def _units(units: Units, wanted: set[str]) -> dict[str, dict[str, str]]:
    with units.open_() as stream:
        table = tables.read(stream)
        at = table.columns(_UNIT, needed=("siren", "category", "unit_diffusion"))
        siren = at["siren"]
        return {
            cells[siren]: _said(cells, at)
            for _, cells in table.rows
            if siren < len(cells) and cells[siren] in wanted
        }


def _said(cells: list[str], at: Mapping[str, int]) -> dict[str, str]:
    """Return what is said; what the register does not tell ("[ND]") is not."""
    said = {
        name: " ".join(cells[index].split()) for name, index in at.items() if index < len(cells)
    }
    return {name: "" if text in _UNSAID else text for name, text in said.items()}


def _siren(said: Mapping[str, str]) -> str:
    return said.get("siret", "")[:9]


def _rows(line: int, said: Mapping[str, str], wanted: Wanted) -> Iterator[Row]:
    siret = identifiers.tidy(said["siret"])
    if not identifiers.is_siret(siret):
        yield Refused(line, "siret: A SIRET has 14 digits: check the number.")
    elif said["diffusion"] != "O" or said.get("unit_diffusion", "O") != "O":
        yield Gone(line, siret, Passed.WITHHELD, erase=True)
        if wanted.partial:
            yield _withheld(line, siret, said)
    elif said["state"] != "A" or said.get("unit_state", "A") == "C":
        yield Gone(line, siret, Passed.CLOSED)
    else:
        yield _entry(line, siret, said)


def _entry(line: int, siret: str, said: Mapping[str, str]) -> Row:
    category = said.get("category", "")
    if not category:
        return Refused(line, "Its legal unit is not in the file: it may be a person.")
    name = _name(said)
    if not name:
        return Gone(line, siret, Passed.PERSON, erase=True)
    point = _point(said)
    activity = activities.name_of(said.get("activity", ""))
    rna = identifiers.tidy(said.get("rna", ""))
    parts = (said.get(part, "") for part in ("number", "repetition", "way", "street"))
    return Entry(
        line=line,
        key=siret,
        name=values.readable(name),
        kind=_kind(category),
        summary=activity,
        street=" ".join(part for part in parts if part),
        postal_code=said.get("postal_code", ""),
        locality=values.readable(said.get("locality", "")),
        latitude=None if point is None else point[0],
        longitude=None if point is None else point[1],
        tags=(activity,) if activity else (),
        same_as=(f"https://annuaire-entreprises.data.gouv.fr/etablissement/{siret}",),
        siret=siret,
        rna=rna if identifiers.is_rna(rna) else "",
    )


def _withheld(line: int, siret: str, said: Mapping[str, str]) -> Row:
    """Return all that may be told of who does not want to be found: what, and where about."""
    if said["state"] != "A":
        return Gone(line, _hidden(siret), Passed.CLOSED)
    activity = activities.name_of(said.get("activity", ""))
    if not activity:
        return Passed.WITHHELD
    return Entry(
        line=line,
        key=_hidden(siret),
        name=activity,
        kind="business",
        postal_code=said.get("postal_code", ""),
        locality=values.readable(said.get("locality", "")),
        tags=(activity,),
        claimable=False,
    )


def _hidden(siret: str) -> str:
    return f"p-{values.key_of(siret)}"


def _kind(category: str) -> Kind:
    """Return the kind of a legal category: 7 is public law, 8 and 9 are private groupings."""
    if category.startswith("7"):
        return "authority"
    return "association" if category.startswith(("8", "9")) else "business"


def _name(said: Mapping[str, str]) -> str:
    """Return the name by which it is known to its customers; empty when it is a person's."""
    if not said.get("category", "").startswith(_PEOPLE):
        names = ("sign", "usual_here", "usual", "denomination", "acronym")
        return next((said[each] for each in names if said.get(each)), "")
    own = {
        word
        for each in ("surname", "used_surname", "given", "given_2", "given_3", "given_4",
                     "usual_given", "pseudonym")
        for word in values.plain(said.get(each, "")).split()
    }  # fmt: skip
    for each in ("sign", "sign_2"):
        words = {word for word in values.plain(said.get(each, "")).split() if len(word) > 1}
        if words - own - _TITLES:
            return said[each]
    return ""


def _point(said: Mapping[str, str]) -> tuple[float, float] | None:
    try:
        told = values.degrees(
            values.number(said.get("latitude", "")), values.number(said.get("longitude", ""))
        )
        x, y = values.number(said.get("x", "")), values.number(said.get("y", ""))
    except ValueError:
        return None
    if told is not None or x is None or y is None:
        return told
    return projections.degrees(said["insee"], x, y)
