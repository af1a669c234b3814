"""The open data of Communecter in JSON: organisations, points of interest, projects.

People are never read, nor what reaches them (product 1.2): neither their addresses nor their
telephones. Who is not open data is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final
from urllib.parse import quote

from fedcommune.domain.organisations import identifiers
from fedcommune.domain.places.model import CATEGORIES
from fedcommune.domain.portability.model import Entry, Passed, Refused, Row, Unreadable
from fedcommune.domain.portability.readers import hours, trees, values
from fedcommune.domain.portability.readers.columns import Wanted
from federation.vocabulary.points import Kind

_ID: Final = re.compile(r"[0-9a-zA-Z_-]{1,64}")
_KINDS: Final[Mapping[str, Kind]] = {
    "NGO": "association",
    "Group": "association",
    "LocalBusiness": "business",
    "Cooperative": "business",
    "GovernmentOrganization": "authority",
}
_PEOPLE: Final = ("Person", "citoyens", "person", "citoyen", "persons", "people")
_STAGES: Final = {
    "idea": "Idée", "concept": "Concept", "started": "Démarré",
    "development": "En développement", "testing": "En test", "mature": "Mûr",
}  # fmt: skip


def read(stream: BinaryIO, wanted: Wanted) -> Iterator[Row]:
    """Yield what each element says; events are none of places. Raises Unreadable."""
    for number, (key, element) in enumerate(elements(trees.read(stream)), 1):
        yield _entry(number, key, trees.branch(element), wanted)


def elements(document: object) -> list[tuple[str, Any]]:
    """Return the elements of an answer with their ids, where those stand beside them.

    Raises Unreadable for what is no such list.
    """
    entities = document.get("entities", document) if isinstance(document, dict) else document
    match entities:
        case [*listed]:
            return [("", each) for each in listed]
        case {**named} if named and all(isinstance(each, dict) for each in named.values()):
            return [(str(key), each) for key, each in named.items()]
    raise Unreadable("This is no list of Communecter: elements are expected in it.")


def _entry(number: int, key: str, said: Mapping[str, Any], wanted: Wanted) -> Row:
    if is_person(said):
        return Passed.PERSON
    if is_closed(said):
        return Passed.WITHHELD
    what = _types(said)
    name = trees.text(said.get("name"))
    if what & {"events", "event", "Event"} or ("startDate" in said and "properties" not in said):
        return Passed.NOTHING
    if not name:
        return Refused(number, "name: Give the place a name.")
    key = id_of(said) or key
    if not is_id(key):
        return Refused(number, "There is no id of Communecter.", name)
    address = trees.branch(said.get("address"))
    insee = trees.text(address.get("codeInsee"))
    if insee and wanted.insee and insee not in wanted.insee:
        return Passed.ELSEWHERE
    try:
        point = point_of(said)
    except ValueError:
        return Refused(number, "latitude: The coordinates are no point on Earth.", name)
    kind, category, tags, stage = _meaning(said, what)
    short = trees.text(said.get("shortDescription"))
    slug = trees.text(said.get("slug"))
    siret, rna = (identifiers.tidy(trees.text(said.get(name))) for name in ("siret", "rna"))
    return Entry(
        line=number,
        key=key,
        name=name,
        kind=kind,
        category=category,
        summary=f"{stage} — {short}" if stage and short else stage or short,
        text=trees.text(said.get("description")),
        street=trees.text(address.get("streetAddress")),
        postal_code=trees.text(address.get("postalCode")),
        locality=trees.text(address.get("addressLocality")),
        latitude=None if point is None else point[0],
        longitude=None if point is None else point[1],
        opening_hours=hours.read(trees.text(said.get("openingHours"))),
        website=_website(said),
        tags=tags,
        same_as=(f"https://www.communecter.org/#@{quote(slug)}",) if slug else (),
        siret=siret if identifiers.is_siret(siret) else "",
        rna=rna if identifiers.is_rna(rna) else "",
    )


def _meaning(said: Mapping[str, Any], what: set[str]) -> tuple[Kind, str, tuple[str, ...], str]:
    """Return kind, category, tags, and the stage of a project."""
    tags = trees.texts(said.get("tags"))
    type_ = trees.text(said.get("type"))
    stage = trees.text(trees.branch(said.get("properties")).get("avancement"))
    if what & {"project", "projects", "Project"} or stage:
        return "poi", "other", ("projet", *tags), _STAGES.get(stage, "")
    if type_ in _KINDS:
        return _KINDS[type_], "", tags, ""
    if what & {"organizations", "organization", "Organization"}:
        return "association", "", tags, ""
    return "poi", type_ if type_ in CATEGORIES else "other", tags, ""


def is_closed(said: Mapping[str, Any]) -> bool:
    """Tell whether somebody does not want it to be passed on."""
    preferences = trees.branch(said.get("preferences"))
    return (
        preferences.get("private") in (True, "true")
        or preferences.get("isOpenData") in (False, "false")
        or trees.text(said.get("status")) in ("deleted", "deletedPending", "uncomplete")
    )


def _types(said: Mapping[str, Any]) -> set[str]:
    names = ("@type", "collection", "typeElement", "type")
    return {trees.text(said.get(name)) for name in names}


def is_person(said: Mapping[str, Any]) -> bool:
    """Tell whether an element is somebody."""
    return bool(_types(said) & set(_PEOPLE)) or "birthDate" in said or "curiculum" in said


def is_id(text: str) -> bool:
    """Tell whether *text* looks like an id of Communecter."""
    return _ID.fullmatch(text) is not None


def id_of(said: Mapping[str, Any]) -> str:
    """Return the id of an element, however it is written; empty when it has none."""
    id_ = said.get("_id", said.get("id"))
    if isinstance(id_, dict):
        id_ = id_.get("$id", id_.get("$oid"))
    return trees.text(id_)


def _website(said: Mapping[str, Any]) -> str | None:
    told = said.get("urls") if isinstance(said.get("urls"), list) else []
    links = [said.get("url"), said.get("website")]
    links += [trees.branch(each).get("url", each) for each in told or []]
    return next((found for each in links if (found := values.website(trees.text(each)))), None)


def point_of(said: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return where an element is. Raises ValueError for what is not on Earth."""
    geo, position = trees.branch(said.get("geo")), trees.branch(said.get("geoPosition"))
    match position.get("coordinates"):
        case [x, y, *_]:
            told = (trees.text(y), trees.text(x))
        case _:
            told = ("", "")
    return values.degrees(
        values.number(trees.text(geo.get("latitude")) or told[0]),
        values.number(trees.text(geo.get("longitude")) or told[1]),
    )
