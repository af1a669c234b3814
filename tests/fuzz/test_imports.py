"""Files of strangers, bent in every way: entries, or a sentence about why not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fedcommune.domain.organisations import identifiers
from fedcommune.domain.portability.model import Entry, Gone, Passed, Refused, Row, Unreadable
from fedcommune.domain.portability.readers import formats, opened, projections, tables, values
from fedcommune.domain.portability.readers.columns import Wanted
from fedcommune.errors import Invalid
from tests.fedcommune.cli import test_registers as samples

unhurried = settings(deadline=None)
WANTED = Wanted(insee=frozenset({"97413"}))

cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *(
                "97413",
                "97436",
                "O",
                "A",
                "P",
                "1000",
                "W9R4001234",
                "1,5",
                "-21.17",
                "55.29",
                "nan",
            ),
            *("1e999", '"', "=1+1", "x" * 10_000, "\x00", "node/1", samples.BAKERY, "9" * 400),
            *("http://[", "https://a@b.example/", "[ND]", "12 rue X 97436 Y", "0001-01-01"),
        ]
    ),
)
columns = st.sampled_from(
    [
        *(
            "id",
            "nom",
            "adresse",
            "lat",
            "lon",
            "geo_point_2d",
            "siret",
            "rna",
            "titre",
            "position",
        ),
        *("adrs_codeinsee", "categorie", "site", "tags", *samples.ESTABLISHMENT, *samples.UNIT),
    ]
)
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | cells,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "type",
                        "features",
                        "properties",
                        "geometry",
                        "coordinates",
                        "elements",
                        "tags",
                    ),
                    *(
                        "id",
                        "lat",
                        "lon",
                        "center",
                        "bounds",
                        "name",
                        "geo",
                        "geoPosition",
                        "address",
                    ),
                    *("entities", "data", "amenity", "shop", "@id", "other_tags", "osm_id", "_id"),
                    *(
                        "latitude",
                        "longitude",
                        "url",
                        "urls",
                        "preferences",
                        "geometries",
                        "minlat",
                    ),
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)


def told(form: str, content: bytes) -> list[Row]:
    """Return what a file says; nothing when it is refused whole."""

    def rows() -> Iterator[Row]:
        return formats.rows(form, lambda: BytesIO(content), WANTED)

    try:
        found = list(rows())
    except Unreadable:
        return []
    assert list(rows()) == found
    return found


def check(found: list[Row]) -> None:
    for row in found:
        assert isinstance(row, Entry | Gone | Refused | Passed)
        if isinstance(row, Entry):
            assert row.key
            assert len(row.digest) == 32 or not row.is_sound
            try:
                draft = row.draft("test", "Source.")
            except Invalid:
                continue
            assert abs(draft.latitude) <= 90
            assert abs(draft.longitude) <= 180
            assert draft.website is None or draft.website.startswith(("https://", "http://"))


@unhurried
@given(form=st.sampled_from(["csv", "rna", "sirene"]), content=st.binary(max_size=300))
@example(form="csv", content=b"nom;lat;lon\r\n\xff;1;2")
def test_any_bytes_are_a_table_or_refused(form: str, content: bytes) -> None:
    check(told(form, content))


@unhurried
@given(
    form=st.sampled_from(["csv", "rna", "sirene"]),
    names=st.lists(columns, min_size=2, max_size=20),
    lines=st.lists(st.lists(cells, max_size=20), max_size=5),
    delimiter=st.sampled_from(",;\t"),
)
def test_any_table_is_read_or_refused(
    form: str, names: list[str], lines: list[list[str]], delimiter: str
) -> None:
    text = "\n".join(delimiter.join(line) for line in [names, *lines])

    check(told(form, text.encode("utf-8", "surrogatepass")))


@unhurried
@given(line=st.fixed_dictionaries(dict.fromkeys(samples.ESTABLISHMENT, cells)))
def test_whatever_a_register_says_the_restricted_are_not_told(line: dict[str, str]) -> None:
    line |= {"siret": samples.HIDDEN, "statutDiffusionEtablissement": "P"}
    line["codeCommuneEtablissement"] = "97413"
    clean = [value.translate({ord(each): None for each in '",\n\r\x00'}) for value in line.values()]
    head = ",".join([*line, "categorieJuridiqueUniteLegale"])

    found = told("sirene", f"{head}\n{','.join([*clean, '5499'])}\n".encode("utf-8", "ignore"))

    assert not any(isinstance(row, Entry) for row in found)


@unhurried
@given(form=st.sampled_from(["geojson", "osm", "communecter"]), tree=trees)
def test_any_json_is_read_or_refused(form: str, tree: Any) -> None:
    check(told(form, json.dumps(tree).encode()))


@unhurried
@given(
    form=st.sampled_from(["geojson", "osm"]),
    features=st.lists(
        st.fixed_dictionaries(
            {"type": st.just("Feature")}, optional={"properties": trees, "geometry": trees}
        ),
        max_size=4,
    ),
)
def test_any_feature_is_read_or_refused(form: str, features: list[Any]) -> None:
    check(told(form, json.dumps({"type": "FeatureCollection", "features": features}).encode()))


@given(text=st.text(max_size=40))
def test_no_cell_leaves_as_a_formula(text: str) -> None:
    assert not tables.safe(text).lstrip().startswith(("=", "+", "-", "@"))
    assert tables.safe(text).removeprefix("'") == text.removeprefix("'")


@given(content=st.lists(st.text("abcé;\r", max_size=9), max_size=30))
def test_lines_come_out_as_they_went_in(content: list[str]) -> None:
    text = "".join(f"{line}\n" for line in ["x", *content])

    assert "".join(opened.lines(BytesIO(text.encode()))) == text


@given(digits=st.text("0123456789", min_size=13, max_size=13))
def test_every_stem_has_exactly_one_siret_but_those_of_la_poste(digits: str) -> None:
    found = sum(identifiers.is_siret(f"{digits}{last}") for last in range(10))

    assert found == 1 or digits.startswith(identifiers.LA_POSTE)


@given(stem=st.text("0123456789", min_size=8, max_size=8))
def test_every_stem_has_exactly_one_siren(stem: str) -> None:
    assert sum(identifiers.is_siren(f"{stem}{last}") for last in range(10)) == 1


@given(digits=st.text("0123456789", min_size=14, max_size=14), at=st.integers(0, 12))
def test_two_digits_that_changed_places_are_seen(digits: str, at: int) -> None:
    turned = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    pair = {digits[at], digits[at + 1]}
    if digits.startswith(identifiers.LA_POSTE) or len(pair) == 1 or pair == {"0", "9"}:
        return

    assert not (identifiers.is_siret(digits) and identifiers.is_siret(turned))


@given(text=st.text(max_size=14) | st.from_regex(r"W\d[0-9A-Z]\d{7}", fullmatch=True))
def test_an_rna_number_is_never_of_alsace_or_moselle(text: str) -> None:
    if identifiers.is_rna(text):
        assert len(text) == 10
        assert identifiers.has_rna(text[1:])


@given(x=st.floats(-1e8, 1e8), y=st.floats(-1e8, 1e8), insee=st.sampled_from(["97413", "75056"]))
def test_a_plane_leads_to_a_point_on_earth_or_nowhere(x: float, y: float, insee: str) -> None:
    found = projections.degrees(insee, x, y)

    assert found is None or (abs(found[0]) <= 90 and abs(found[1]) <= 180)


@pytest.mark.parametrize(
    ("insee", "x", "y", "latitude", "longitude"),
    [
        ("69123", 842666.659, 6519924.367, 45.764, 4.8357),
        ("97411", 500_000.0, 10_000_000.0, 0.0, 57.0),
        ("97302", 500_000.0, 0.0, 0.0, -51.0),
    ],
)
def test_known_points_lie_where_they_are(
    insee: str, x: float, y: float, latitude: float, longitude: float
) -> None:
    found = projections.degrees(insee, x, y)

    assert found == pytest.approx((latitude, longitude), abs=1e-5)


@given(text=st.text(max_size=30))
@example(text="\N{MATHEMATICAL BOLD CAPITAL A}")
@example(text="\N{LATIN SMALL LETTER AE WITH ACUTE}")
def test_what_is_compared_is_compared_once(text: str) -> None:
    assert values.plain(values.plain(text)) == values.plain(text)
