"""Importing public registers and maps: only this commune, only the living, and no people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fedcommune.domain.organisations.identifiers import is_siret
from tests.fedcommune.cli.conftest import Terminal
from tests.fedcommune.cli.imported import bring, counts, everything, fetch, stored, write

ESTABLISHMENT = (
    *("siren", "nic", "siret", "statutDiffusionEtablissement", "etatAdministratifEtablissement"),
    *("numeroVoieEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement"),
    *("codePostalEtablissement", "libelleCommuneEtablissement", "codeCommuneEtablissement"),
    *("coordonneeLambertAbscisseEtablissement", "coordonneeLambertOrdonneeEtablissement"),
    *("enseigne1Etablissement", "denominationUsuelleEtablissement"),
    "activitePrincipaleEtablissement",
)
UNIT = (
    *("siren", "statutDiffusionUniteLegale", "etatAdministratifUniteLegale"),
    *("categorieJuridiqueUniteLegale", "denominationUniteLegale", "nomUniteLegale"),
    "prenom1UniteLegale",
)


def siret(number: int) -> str:
    """Return the only SIRET that begins with *number* and 0001."""
    stem = f"{number:08d}00001"
    return next(f"{stem}{digit}" for digit in range(10) if is_siret(f"{stem}{digit}"))


BAKERY, TRADER, HIDDEN, CLOSED, FAR, NAMELESS = (siret(number) for number in range(1, 7))


def place(number: str, **changes: str) -> str:
    said = {
        "siren": number[:9],
        "nic": number[9:],
        "siret": number,
        "statutDiffusionEtablissement": "O",
        "etatAdministratifEtablissement": "A",
        "numeroVoieEtablissement": "12",
        "typeVoieEtablissement": "RUE",
        "libelleVoieEtablissement": "HAUTE",
        "codePostalEtablissement": "97436",
        "libelleCommuneEtablissement": "SAINT-LEU",
        "codeCommuneEtablissement": "97413",
        "coordonneeLambertAbscisseEtablissement": "323500.0",
        "coordonneeLambertOrdonneeEtablissement": "7658000.0",
        "activitePrincipaleEtablissement": "10.71C",
        **changes,
    }
    return ",".join(said.get(name, "") for name in ESTABLISHMENT) + "\n"


def unit(number: str, category: str, name: str = "", person: tuple[str, str] = ("", "")) -> str:
    return ",".join((number[:9], "O", "A", category, name, *person)) + "\n"


PLACES = (
    place(BAKERY)
    + place(TRADER, enseigne1Etablissement="AU BON RHUM")
    + place(
        HIDDEN,
        statutDiffusionEtablissement="P",
        enseigne1Etablissement="SECRET HOARAU",
        libelleVoieEtablissement="CACHEE",
    )
    + place(CLOSED, etatAdministratifEtablissement="F")
    + place(FAR, codeCommuneEtablissement="97411")
    + place(NAMELESS, enseigne1Etablissement="M GRONDIN PAUL")
)
UNITS = (
    unit(BAKERY, "5499", "BOULANGERIE DU LAGON")
    + unit(TRADER, "1000", person=("FONTAINE", "LUC"))
    + unit(HIDDEN, "1000", person=("HOARAU", "ZOE"))
    + unit(CLOSED, "5499", "FERMEE")
    + unit(NAMELESS, "1000", person=("GRONDIN", "PAUL"))
)


@pytest.fixture
def sirene(terminal: Terminal) -> tuple[str, ...]:
    stock = write(terminal, ",".join(ESTABLISHMENT) + "\n" + PLACES, "etablissements.csv")
    units = write(terminal, ",".join(UNIT) + "\n" + UNITS, "unites.csv")
    return stock, "--units", units


def test_sirene_gives_the_active_shops_of_the_commune_and_nobodys_name(
    terminal: Terminal, sirene: tuple[str, ...]
) -> None:
    answer = bring(terminal, *sirene, form="sirene")

    assert counts(answer) == {"new": 2, "passed_over": 4}
    assert answer["passed_over"] == {
        "of another commune": 1,
        "its diffusion is restricted": 1,
        "closed": 1,
        "only the name of a person": 1,
    }
    bakery, trader = stored(terminal)
    assert (bakery["name"], bakery["kind"]) == ("Boulangerie du Lagon", "business")
    assert bakery["imported_as"] == f"sirene:{BAKERY}"
    assert abs(bakery["latitude"] + 21.1708) < 0.001
    assert "Licence Ouverte" in bakery["source"]
    assert trader["name"] == "Au Bon Rhum"
    kept = json.dumps(everything(terminal), default=str).upper()
    for person in ("FONTAINE", "HOARAU", "SECRET", "CACHEE", "GRONDIN", HIDDEN, NAMELESS):
        assert person not in kept
    assert counts(bring(terminal, *sirene, form="sirene")) == {"same": 2, "passed_over": 4}


def test_without_the_legal_units_nobody_knows_who_is_a_person(
    terminal: Terminal, sirene: tuple[str, ...]
) -> None:
    answer = bring(terminal, sirene[0], form="sirene", code=1)

    assert "--units" in answer["error"]
    assert stored(terminal) == []


def test_who_restricts_its_diffusion_later_is_erased(
    terminal: Terminal, sirene: tuple[str, ...]
) -> None:
    bring(terminal, *sirene, form="sirene")
    hidden = PLACES.replace(f"{TRADER},O", f"{TRADER},P")
    write(terminal, ",".join(ESTABLISHMENT) + "\n" + hidden, "etablissements.csv")

    answer = bring(terminal, *sirene, form="sirene")

    assert counts(answer) == {"gone": 1, "same": 1, "passed_over": 4}
    kept = json.dumps(fetch(terminal, "select * from commune.place"), default=str)
    assert "Rhum" not in kept
    assert "Rhum" not in json.dumps(
        fetch(terminal, "select * from commune.place_revision"), default=str
    )
    bodies = b"".join(row["body"] for row in fetch(terminal, "select body from outbox.activity"))
    assert b"Rhum" not in bodies
    assert b'"Delete"' in bodies
    assert len(fetch(terminal, "select 1 from commune.listing where subject = 'place'")) == 1
    assert counts(bring(terminal, *sirene, form="sirene")) == {"same": 1, "passed_over": 5}


def test_what_somebody_took_away_here_is_erased_too(
    terminal: Terminal, sirene: tuple[str, ...]
) -> None:
    bring(terminal, *sirene, form="sirene")
    fetch(terminal, "update commune.place set deleted_at = now() where name = 'Au Bon Rhum'")
    hidden = PLACES.replace(f"{TRADER},O", f"{TRADER},P")
    write(terminal, ",".join(ESTABLISHMENT) + "\n" + hidden, "etablissements.csv")

    answer = bring(terminal, *sirene, form="sirene")

    assert counts(answer) == {"same": 1, "passed_over": 5}
    assert "Rhum" not in json.dumps(fetch(terminal, "select * from commune.place"), default=str)
    assert len(stored(terminal)) == 1


def test_what_closed_is_taken_away(terminal: Terminal, sirene: tuple[str, ...]) -> None:
    bring(terminal, *sirene, form="sirene")
    closed = PLACES.replace(f"{BAKERY},O,A", f"{BAKERY},O,F")
    write(terminal, ",".join(ESTABLISHMENT) + "\n" + closed, "etablissements.csv")

    answer = bring(terminal, *sirene, form="sirene")

    assert counts(answer) == {"gone": 1, "same": 1, "passed_over": 4}
    assert [row["name"] for row in stored(terminal)] == ["Au Bon Rhum"]
    assert counts(bring(terminal, *sirene, form="sirene")) == {"same": 1, "passed_over": 5}


def test_what_opens_again_comes_back(terminal: Terminal, sirene: tuple[str, ...]) -> None:
    bring(terminal, *sirene, form="sirene")
    head = ",".join(ESTABLISHMENT) + "\n"
    write(terminal, head + PLACES.replace(f"{BAKERY},O,A", f"{BAKERY},O,F"), "etablissements.csv")
    bring(terminal, *sirene, form="sirene")
    write(terminal, head + PLACES, "etablissements.csv")

    answer = bring(terminal, *sirene, form="sirene")

    assert counts(answer) == {"new": 1, "same": 1, "passed_over": 4}
    assert len(stored(terminal)) == 2


def test_who_restricts_its_diffusion_may_be_told_as_an_activity_without_name_and_street(
    terminal: Terminal, sirene: tuple[str, ...]
) -> None:
    fetch(
        terminal,
        "insert into commune.geocoded values ('97436 saint-leu', $1, now())",
        json.dumps([{"label": "Saint-Leu", "latitude": -21.17, "longitude": 55.29}]),
    )

    answer = bring(terminal, *sirene, "--with-restricted", "--geocode", form="sirene")

    assert counts(answer) == {"new": 3, "passed_over": 4}
    hidden = next(row for row in stored(terminal) if row["name"] == "Boulangerie")
    assert (hidden["street"], hidden["same_as"], hidden["claimable"]) == ("", [], False)
    assert (hidden["latitude"], hidden["longitude"]) == (-21.17, 55.29)
    kept = json.dumps(everything(terminal), default=str).upper()
    for person in ("HOARAU", "SECRET", "CACHEE", HIDDEN):
        assert person not in kept


RNA = (
    "id;siret;date_disso;titre;objet;adrs_complement;adrs_numvoie;adrs_typevoie;adrs_libvoie;"
    "adrs_codeinsee;adrs_codepostal;adrs_libcommune;adrg_declarant;dir_civilite;siteweb;position\n"
)
ASSOCIATIONS = (
    "W9R4000001;;0001-01-01;LES AMIS DU LAGON;Protéger. Appeler le 06 92 12 34 56 ou"
    " zoe@example.org;CHEZ MME HOARAU;3;RUE;SECRETE;97413;97436;SAINT LEU;HOARAU ZOE;PM;;A\n"
    "W9R4000002;;2020-01-01;DISSOUTE;x;;;;;97413;97436;SAINT LEU;;;;D\n"
    "W9R4000003;;;AILLEURS;x;;;;;97411;97400;SAINT DENIS;;;;A\n"
    "W67000004;;;FAUX NUMERO;x;;;;;97413;97436;SAINT LEU;;;;A\n"
)


def test_rna_gives_living_associations_and_nothing_about_people(terminal: Terminal) -> None:
    file = write(terminal, RNA + ASSOCIATIONS)
    fetch(
        terminal,
        """
        insert into commune.geocoded (query, answer, told_at)
        values ('97436 saint leu', $1, now())
        """,
        json.dumps([{"label": "Saint-Leu", "latitude": -21.17, "longitude": 55.29,
                     "insee": "97413"}]),
    )  # fmt: skip

    nowhere = bring(terminal, file, "--dry-run", form="rna")
    answer = bring(terminal, file, "--geocode", form="rna")

    assert counts(nowhere) == {"refused": 2, "passed_over": 2}
    assert counts(answer) == {"new": 1, "refused": 1, "passed_over": 2}
    assert answer["lines"][1]["reason"].startswith("rna: ")
    (row,) = stored(terminal)
    assert (row["kind"], row["street"], row["latitude"]) == ("association", "", -21.17)
    kept = json.dumps(everything(terminal), default=str).upper()
    for personal in ("HOARAU", "SECRETE", "06 92", "ZOE@"):
        assert personal not in kept
    # The point was looked up, and not told: the next time, it is the same.
    assert counts(bring(terminal, file, form="rna"))["same"] == 1


def test_alsace_and_moselle_have_no_rna(terminal: Terminal) -> None:
    answer = bring(terminal, write(terminal, RNA), "--insee", "67482", form="rna", code=1)

    assert "Alsace-Moselle" in answer["error"]


def test_who_speaks_for_itself_here_is_not_imported(terminal: Terminal) -> None:
    terminal.ask(
        *("organisation", "found", "--kind", "association", "--username", "lagon"),
        *("--name", "Les amis", "--founder", "@marie", "--rna", "W9R4000001"),
    )
    lines = "nom;rna;lat;lon\nLes Amis du Lagon;W9R4000001;-21.1;55.29\n"

    answer = bring(terminal, write(terminal, lines))

    assert counts(answer) == {"probably_the_same": 1}
    assert answer["lines"][0]["reason"] == "@lagon is here already."
    assert stored(terminal) == []


def node(number: int, **tags: str) -> dict[str, Any]:
    return {"type": "node", "id": number, "lat": -21.17, "lon": 55.29, "tags": tags}


OVERPASS = [
    node(1, amenity="drinking_water"),
    node(
        2,
        shop="bakery",
        name="Au Pain Doré",
        opening_hours="Mo-Sa 06:00-13:00",
        wheelchair="limited",
        website="https://pain.example",
        wikidata="Q42",
    ),
    node(3, highway="crossing"),
    node(4, shop="vacant", name="Rien"),
    node(5, amenity="recycling", recycling_type="centre", name="Déchèterie"),
    {
        "type": "way",
        "id": 6,
        "center": {"lat": -21.18, "lon": 55.3},
        "tags": {"leisure": "park", "name": "Parc"},
    },
    node(7, amenity="parking", access="private", name="Privé"),
]


def test_openstreetmap_gives_what_concerns_a_commune_with_its_licence(terminal: Terminal) -> None:
    file = write(terminal, json.dumps({"version": 0.6, "elements": OVERPASS}))

    answer = bring(terminal, file, form="osm")

    assert counts(answer) == {"new": 4, "passed_over": 3}
    water, bakery, centre, park = stored(terminal)
    assert (water["name"], water["category"]) == ("Eau potable", "water")
    assert (bakery["kind"], bakery["tags"]) == ("business", ["boulangerie"])
    assert (bakery["opening_hours"], bakery["accessibility"]) == ("Mo-Sa 06:00-13:00", "limited")
    assert bakery["same_as"] == [
        "https://www.openstreetmap.org/node/2",
        "https://www.wikidata.org/wiki/Q42",
    ]
    assert "ODbL" in bakery["source"]
    assert (centre["category"], park["category"]) == ("recoveryCenter", "garden")
    assert park["imported_as"] == "osm:way/6"


def feature(key: str, point: list[float], **properties: str) -> dict[str, Any]:
    geometry = {"type": "Point", "coordinates": point}
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties}


def test_the_same_extract_in_another_shape_is_the_same(terminal: Terminal) -> None:
    bring(terminal, write(terminal, json.dumps({"elements": OVERPASS[:1]})), form="osm")
    turbo = feature("node/1", [55.29, -21.17], **{"@id": "node/1", "amenity": "drinking_water"})
    ogr = feature("", [55.29, -21.17], osm_id="1", other_tags='"amenity"=>"drinking_water"')

    for each in (turbo, ogr):
        file = write(terminal, json.dumps({"type": "FeatureCollection", "features": [each]}))
        assert counts(bring(terminal, file, form="osm")) == {"same": 1}


def test_geojson_of_anybody_is_read_by_the_names_of_its_properties(terminal: Terminal) -> None:
    square = {
        "type": "Polygon",
        "coordinates": [[[55, -21], [55.2, -21], [55.2, -21.2], [55, -21]]],
    }
    features = [
        feature("a1", [55.29, -21.17], nom="Fontaine", type="eau", horaires="24/7"),
        {"type": "Feature", "geometry": square, "properties": {"id": 7, "titre": "Parc"}},
        feature("a2", [455.29, -21.17], nom="Nulle part"),
        {"type": "Feature", "geometry": None, "properties": None},
    ]
    file = write(terminal, json.dumps({"type": "FeatureCollection", "features": features}))

    answer = bring(terminal, file, form="geojson")

    assert counts(answer) == {"new": 2, "refused": 2}
    fountain, park = stored(terminal)
    assert (fountain["category"], fountain["opening_hours"]) == ("water", "24/7")
    assert fountain["imported_as"] == "geojson:lieux:a1"
    assert (park["latitude"], park["longitude"]) == (-21.1, 55.1)


def test_a_map_of_gogocarto_is_read(terminal: Terminal) -> None:
    element = {
        "id": "Zq",
        "name": "Ferme des Hauts",
        "geo": {"latitude": -21.17, "longitude": 55.29},
        "address": {"streetAddress": "Route Hubert", "postalCode": "97436"},
        "categories": ["Ferme"],
    }

    bring(terminal, write(terminal, json.dumps({"data": [element]})), form="geojson")

    (row,) = stored(terminal)
    assert (row["street"], row["postal_code"]) == ("Route Hubert", "97436")
    assert (row["tags"], row["latitude"]) == (["ferme"], -21.17)


def test_communecter_gives_groups_and_places_but_never_people(terminal: Terminal) -> None:
    geo = {"@type": "GeoCoordinates", "latitude": "-21.17", "longitude": "55.29"}
    address = {"codeInsee": "97413", "postalCode": "97436", "addressLocality": "Saint-Leu"}
    entities = {
        "a1": {"name": "Ti Jardin", "type": "NGO", "geo": geo, "address": address,
               "email": "zoe@example.org", "tags": ["jardin"], "slug": "tiJardin",
               "shortDescription": "Jardiner ensemble"},
        "a2": {"name": "Compost", "type": "compostPickup", "geo": geo},
        "a3": {"name": "Zoé Hoarau", "@type": "Person", "geo": geo, "birthDate": "1990-01-01"},
        "a4": {"name": "Ailleurs", "type": "NGO", "address": {"codeInsee": "97411"}},
        "a5": {"name": "Fermé", "type": "NGO", "geo": geo, "preferences": {"isOpenData": False}},
        "a6": {"name": "Un four", "geo": geo, "properties": {"avancement": "started"}},
    }  # fmt: skip
    file = write(terminal, json.dumps({"meta": {"limit": 50}, "entities": entities}))

    answer = bring(terminal, file, form="communecter")

    assert counts(answer) == {"new": 3, "passed_over": 3}
    garden, compost, oven = stored(terminal)
    assert (garden["kind"], garden["tags"]) == ("association", ["jardin"])
    assert garden["same_as"] == ["https://www.communecter.org/#@tiJardin"]
    assert compost["category"] == "compostPickup"
    assert (oven["tags"], oven["summary"]) == (["projet"], "Démarré")
    assert "example.org" not in json.dumps(everything(terminal), default=str)
    assert len(terminal.ask("actor", "list")) == 8
