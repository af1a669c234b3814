"""Tables and properties without a schema: their names are guessed, in French and in English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fedcommune.domain.organisations import identifiers
from fedcommune.domain.places.model import CATEGORIES
from fedcommune.domain.portability.model import MAX_KEY, Entry, Passed, Refused, Unreadable
from fedcommune.domain.portability.readers import hours, values
from federation.vocabulary.points import KINDS, Kind

# Names as values.plain() writes them; the first that is there is taken.
GUESSES: Final[Mapping[str, tuple[str, ...]]] = {
    "key": ("id", "identifiant", "uid", "uuid", "ref", "reference", "code", "osm id", "fid"),
    "name": ("nom", "name", "title", "titre", "denomination", "raison sociale", "libelle",
             "nom de l association", "nom usuel", "designation", "structure", "label"),
    "kind": ("nature", "genre", "kind"),
    "category": ("categorie", "category", "type", "categories", "activite", "famille", "theme"),
    "summary": ("resume", "summary", "accroche", "description courte", "short description"),
    "text": ("description", "presentation", "objet", "details", "commentaire", "content", "texte"),
    "street": ("adresse", "rue", "voie", "street", "address", "street address",
               "adresse postale", "streetaddress", "address streetaddress"),
    "postal_code": ("code postal", "codepostal", "cp", "postal code", "postcode", "zip",
                    "zip code", "postalcode", "address postalcode"),
    "locality": ("commune", "ville", "localite", "city", "town", "locality", "municipality",
                 "nom commune", "addresslocality", "address addresslocality"),
    "insee": ("code insee", "insee", "codeinsee", "code commune", "citycode", "com insee"),
    "latitude": ("latitude", "lat", "y wgs84", "geo latitude", "coord lat", "ylat", "y"),
    "longitude": ("longitude", "lon", "lng", "long", "x wgs84", "geo longitude", "coord lon",
                  "xlong", "x"),
    "point": ("geo point 2d", "geo point", "coordonnees", "coordinates", "point geo", "gps",
              "geolocalisation", "geopoint"),
    "opening_hours": ("horaires", "horaires d ouverture", "opening hours", "hours", "ouverture",
                      "heures", "openhours", "open hours"),
    "accessibility": ("accessibilite", "accessibility", "pmr", "accessible", "wheelchair",
                      "acces pmr", "accessibilite pmr"),
    "website": ("site", "site web", "site internet", "website", "url", "web", "lien", "siteweb",
                "page web", "contact website"),
    "tags": ("mots cles", "motscles", "tags", "keywords", "etiquettes", "mots clefs"),
    "siret": ("siret", "numero siret", "n siret"),
    "rna": ("rna", "numero rna", "n rna", "waldec"),
}  # fmt: skip

_KINDS: Final[Mapping[str, Kind]] = {
    **{values.plain(name): kind for name, kind in KINDS.items()},
    **dict.fromkeys(("associations", "asso", "ngo", "club"), "association"),
    **dict.fromkeys(
        ("commerce", "commerces", "entreprise", "magasin", "artisan", "societe", "shop",
         "localbusiness", "restaurant", "boutique", "cooperative"), "business"),
    **dict.fromkeys(
        ("service public", "mairie", "administration", "collectivite", "etablissement public",
         "governmentorganization", "ecole"), "authority"),
    **dict.fromkeys(("lieu", "point d interet", "equipement", "place"), "poi"),
}  # fmt: skip
_CATEGORIES: Final[Mapping[str, str]] = {
    **{values.plain(name): name for name in CATEGORIES},
    **{values.plain(label): name for name, label in CATEGORIES.items()},
    **dict.fromkeys(("compostage", "composteur", "site de compostage"), "compostPickup"),
    **dict.fromkeys(("boite a livres", "boites a livres", "book box"), "sharedLibrary"),
    **dict.fromkeys(("dechetterie", "decheterie", "ressourcerie", "recyclerie"), "recoveryCenter"),
    **dict.fromkeys(("poubelle", "borne a verre", "point de tri", "poubelles"), "trash"),
    **dict.fromkeys(("oeuvre d art", "sculpture", "statue"), "artPiece"),
    **dict.fromkeys(("art urbain", "street art", "fresque"), "streetArts"),
    **dict.fromkeys(("patrimoine", "histoire", "monument", "musee"), "history"),
    **dict.fromkeys(("a voir", "point de vue", "curiosite"), "something2See"),
    **dict.fromkeys(("scene ouverte", "theatre de verdure"), "openScene"),
    **dict.fromkeys(("stationnement", "aire de covoiturage"), "parking"),
    **dict.fromkeys(("eau", "eau potable", "fontaine", "point d eau"), "water"),
    **dict.fromkeys(("aire de jeux", "jeux d enfants", "square"), "playground"),
    **dict.fromkeys(("terrain de sport", "stade", "gymnase", "piscine", "city stade"), "sport"),
    **dict.fromkeys(("jardin", "parc", "jardin partage"), "garden"),
    **dict.fromkeys(("salle", "salle des fetes", "maison de quartier", "salle polyvalente"),
                    "room"),
    **dict.fromkeys(("autre", "autres"), "other"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is taken of a file: only these INSEE codes where the file tells them, and what a
    line is when it does not say it itself; *columns* are names that somebody gave by hand."""

    insee: frozenset[str] = frozenset()
    kind: Kind = "poi"
    category: str = ""
    columns: Mapping[str, str] | None = None
    partial: bool = False


def matched(
    names: Iterable[str], wanted: Wanted, guesses: Mapping[str, tuple[str, ...]] = GUESSES
) -> dict[str, str]:
    """Return which of *names* holds which field: what was given by hand, else what is guessed.

    Raises Unreadable for a column given by hand that is not there.
    """
    names = list(names)
    written = {values.plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for column, field in (wanted.columns or {}).items():
        if values.plain(column) not in written:
            raise Unreadable(f"There is no column {column}: there are {', '.join(names)}.")
        found[field] = written[values.plain(column)]
    for field, words in guesses.items():
        taken = set(found.values())
        for guess in words:
            if field not in found and guess in written and written[guess] not in taken:
                found[field] = written[guess]
    return found


def entry(
    line: int, said: Mapping[str, str], wanted: Wanted, point: tuple[float, float] | None = None
) -> Entry | Refused | Passed:
    """Make an entry of the fields *said*, at *point* when the file tells it elsewhere."""
    name = " ".join(said.get("name", "").split())
    if not name:
        return Refused(line, "name: Give the place a name.")
    insee = said.get("insee", "").strip().upper()
    if insee and wanted.insee and insee not in wanted.insee:
        return Passed.ELSEWHERE
    try:
        point = point or point_of(said)
    except ValueError:
        return Refused(line, "latitude: The coordinates are no point on Earth.", name)
    street, postal_code, locality = (
        " ".join(said.get(field, "").split()) for field in ("street", "postal_code", "locality")
    )
    if street and not postal_code:
        street, postal_code, city = values.address(street)
        locality = locality or city
    siret, rna = (identifiers.tidy(said.get(field, "")) for field in ("siret", "rna"))
    if siret and not identifiers.is_siret(siret):
        return Refused(line, "siret: A SIRET has 14 digits: check the number.", name)
    if rna and not identifiers.is_rna(rna):
        return Refused(line, "rna: An RNA number looks like W9R4001234: check it.", name)
    kind, category, tags = sorted_out(said, wanted)
    key = " ".join(said.get("key", "").split())
    spot = "" if point is None else f"{point[0]:.4f} {point[1]:.4f}"
    return Entry(
        line=line,
        key=key[:MAX_KEY] or values.key_of(name, street or spot, postal_code or locality),
        derived=not key,
        name=name,
        kind=kind,
        category=category,
        summary=said.get("summary", ""),
        text=said.get("text", ""),
        street=street,
        postal_code=postal_code,
        locality=locality,
        latitude=None if point is None else point[0],
        longitude=None if point is None else point[1],
        opening_hours=hours.read(said.get("opening_hours", "")),
        accessibility=values.accessibility(said.get("accessibility", "")),
        website=values.website(said.get("website", "")),
        tags=tags,
        siret=siret,
        rna=rna,
    )


def sorted_out(said: Mapping[str, str], wanted: Wanted) -> tuple[Kind, str, tuple[str, ...]]:
    """Return kind, category and tags; a category that is none of ours becomes a tag."""
    tags = [word.strip() for word in said.get("tags", "").replace(";", ",").split(",")]
    kind = _KINDS.get(values.plain(said.get("kind", "")))
    category = ""
    for word in said.get("category", "").replace(";", ",").replace("|", ",").split(","):
        known = values.plain(word)
        if known in _CATEGORIES:
            category = category or _CATEGORIES[known]
        elif kind is None and known in _KINDS:
            kind = _KINDS[known]
            if known not in KINDS:
                tags.append(word.strip())
        elif known:
            tags.append(word.strip())
    kind = kind or wanted.kind
    if kind == "poi":
        category = category or wanted.category or "other"
    return kind, category, tuple(dict.fromkeys(tag for tag in tags if tag))


def point_of(said: Mapping[str, str]) -> tuple[float, float] | None:
    """Return where the cells say that it is. Raises ValueError for what is not on Earth."""
    found = values.degrees(
        values.number(said.get("latitude", "")), values.number(said.get("longitude", ""))
    )
    return found or values.point(said.get("point", ""))
