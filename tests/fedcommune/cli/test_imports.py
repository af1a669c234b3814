"""Importing places: tried first, done once, gone on with, and what people did here stays."""

from __future__ import annotations

import asyncio
import csv
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fedcommune import commune, importing
from fedcommune.config import load
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft
from fedcommune.domain.portability import actions
from tests.conftest import run
from tests.fedcommune.cli.conftest import Terminal
from tests.fedcommune.cli.imported import bring, counts, everything, fetch, stored, write

ROOT = Path(__file__).parents[3]
MARKETS = """\
id;Nom;Adresse;Code postal;Commune;Latitude;Longitude;Horaires;Catégorie;Mots-clés;Site
1;Compost de la Pointe;Rue du Lagon;97436;Saint-Leu;-21,168;55,290;24/7;compost;jardin;
2;Boîte à livres;1 place Mairie;97436;Saint-Leu;-21,170;55,288;;Boîte à livres;livres;exemple.re
3;Épicerie Payet;Rue Haute;97436;Saint-Leu;-21,171;55,289;Mo-Sa 08:00-18:00;commerce;bio, vrac;
"""


def correct(terminal: Terminal, name: str, hours: str) -> None:
    """Let marie correct the place of this name, as the pages do."""

    async def work() -> None:
        async with (
            commune.opened(load(None, terminal.environment)) as opened,
            opened.database.transaction() as tx,
        ):
            marie = await accounts.local_by_username(tx.db, "marie")
            place = await tx.db.fetchrow("select * from commune.place where name = $1", name)
            assert marie is not None
            assert place is not None
            draft = Draft(
                name, place["latitude"], place["longitude"], kind=place["kind"], opening_hours=hours
            )
            await places.correct(tx, marie, place["id"], draft)

    run(work())


def test_a_dry_run_tells_everything_and_changes_nothing(terminal: Terminal) -> None:
    before = everything(terminal)

    answer = bring(terminal, write(terminal, MARKETS + "4;;;;;;;;;;\n"), "--dry-run")

    assert counts(answer) == {"new": 3, "refused": 1}
    assert answer["columns"]["Mots-clés"] == "tags"
    assert answer["lines"][-1]["line"] == 5
    assert answer["lines"][-1]["reason"] == "name: Give the place a name."
    assert everything(terminal) == before


def test_a_table_in_french_becomes_places_that_can_be_claimed(terminal: Terminal) -> None:
    assert counts(bring(terminal, write(terminal, MARKETS))) == {"new": 3}

    compost, books, shop = stored(terminal)
    assert (compost["kind"], compost["category"]) == ("poi", "compostPickup")
    assert (compost["latitude"], compost["longitude"]) == (-21.168, 55.29)
    assert (compost["street"], compost["postal_code"]) == ("Rue du Lagon", "97436")
    assert (books["website"], books["tags"]) == ("https://exemple.re", ["livres"])
    assert (shop["kind"], shop["tags"]) == ("business", ["bio", "vrac", "commerce"])
    assert shop["claimable"]
    assert shop["imported_as"] == "csv:lieux:3"
    people = terminal.ask("actor", "list")
    assert len(people) == 8


def test_twice_the_same_is_nothing_new(terminal: Terminal) -> None:
    file = write(terminal, MARKETS)
    bring(terminal, file)
    before = everything(terminal)

    assert counts(bring(terminal, file)) == {"same": 3}
    assert everything(terminal) == before


def test_what_changed_at_its_source_changes_here(terminal: Terminal) -> None:
    bring(terminal, write(terminal, MARKETS))

    answer = bring(terminal, write(terminal, MARKETS.replace("24/7", "Mo-Fr 08:00-12:00")))

    assert counts(answer) == {"changed": 1, "same": 2}
    assert answer["lines"][0]["changes"] == ["opening_hours"]
    assert stored(terminal)[0]["opening_hours"] == "Mo-Fr 08:00-12:00"


def test_what_somebody_corrected_stays_unless_it_is_forced(terminal: Terminal) -> None:
    bring(terminal, write(terminal, MARKETS))
    correct(terminal, "Compost de la Pointe", "Sa 09:00-11:00")
    changed = write(terminal, MARKETS.replace("24/7", "Mo-Fr 08:00-12:00"))

    answer = bring(terminal, changed)

    assert counts(answer) == {"kept_as_it_is_here": 1, "same": 2}
    assert answer["lines"][0]["reason"] == "Somebody corrected it here."
    assert stored(terminal)[0]["opening_hours"] == "Sa 09:00-11:00"
    assert counts(bring(terminal, changed, "--force")) == {"changed": 1, "same": 2}
    assert stored(terminal)[0]["opening_hours"] == "Mo-Fr 08:00-12:00"
    # From then on, the source is followed again.
    assert counts(bring(terminal, write(terminal, MARKETS))) == {"changed": 1, "same": 2}


def test_what_was_taken_away_here_does_not_come_back(terminal: Terminal) -> None:
    bring(terminal, write(terminal, MARKETS))
    fetch(terminal, "update commune.place set deleted_at = now() where name like 'Compost%'")

    answer = bring(terminal, write(terminal, MARKETS.replace("24/7", "")), "--force")

    assert counts(answer) == {"kept_as_it_is_here": 1, "same": 2}
    assert len(stored(terminal)) == 2


def test_the_same_name_a_few_steps_away_is_probably_the_same(terminal: Terminal) -> None:
    bring(terminal, write(terminal, MARKETS))
    other = "nom,lat,lon\nCOMPOST de la pointe,-21.1683,55.29\nCompost de la Pointe,-21.2,55.29\n"
    file = write(terminal, other, "autres.csv")

    answer = bring(terminal, file)

    assert counts(answer) == {"new": 1, "probably_the_same": 1}
    assert answer["lines"][0]["reason"] == "Compost de la Pointe is near it."
    assert len(stored(terminal)) == 4
    assert counts(bring(terminal, file, "--also-alike")) == {"new": 1, "same": 1}
    assert counts(bring(terminal, file)) == {"same": 2}


def test_one_key_on_two_lines_counts_once(terminal: Terminal) -> None:
    file = write(terminal, MARKETS + "1;Autre;;;;-21,1;55,2;;;;\n")

    for verdict in ("new", "same"):
        answer = bring(terminal, file)
        assert counts(answer) == {verdict: 3, "refused": 1}
        assert answer["lines"][-1]["reason"] == "It stands on line 2 already."


def many(count: int) -> str:
    lines = (f"{n};Banc {n};{-21.1 - n / 10_000:.5f};55.29\n" for n in range(count))
    return "id;nom;lat;lon\n" + "".join(lines)


def test_an_import_that_is_cut_off_goes_on_where_it_stopped(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(terminal, many(25))
    monkeypatch.setattr(importing, "BATCH", 10)
    bring_in, calls = actions.bring, []

    async def cut_off(*args: Any) -> Any:
        calls.append(args)
        found = await bring_in(*args)
        if len(calls) == 2:  # after the work of the second batch, before it is kept
            raise asyncio.CancelledError
        return found

    with monkeypatch.context() as patch:
        patch.setattr(actions, "bring", cut_off)
        stopped = terminal.type("import", "places", file, "--from", "csv")

    assert stopped.exit_code == 130
    assert len(stored(terminal)) == 10
    assert counts(bring(terminal, file)) == {"new": 15, "same": 10}
    assert len({row["imported_as"] for row in stored(terminal)}) == 25


def test_columns_may_be_given_by_hand(terminal: Terminal) -> None:
    file = write(terminal, "truc\tou\nFontaine\t-21.17, 55.29\n")

    bring(terminal, file, "--map", "truc=name", "--map", "ou=point", "--category", "water")

    (row,) = stored(terminal)
    assert (row["name"], row["category"], row["latitude"]) == ("Fontaine", "water", -21.17)
    assert (
        terminal.type("import", "places", file, "--from", "csv", "--map", "truc=colour").exit_code
        == 1
    )


def test_a_table_of_windows_is_read(terminal: Terminal) -> None:
    bring(terminal, write(terminal, MARKETS.encode("cp1252")))

    assert stored(terminal)[2]["name"] == "Épicerie Payet"


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ("csv", b"", "empty"),
        ("csv", b"PK\x03\x04" + b"\x00" * 40, "unpack it"),
        ("csv", b"\x1f\x8b\x08\x00" + b"a" * 40, "unpack it"),
        ("csv", b"nom;lat\nA\x00B;1\n", "null bytes"),
        ("csv", "nom;lat\nA;1\n".encode("utf-16"), "UTF-16"),
        ("csv", b"nom;lat;lon\nBanc;-21.1;55.2\n\"" + b"x" * 200_000, "Line 3 cannot be read"),
        ("csv", b"nom;lat;lon\n" + b"Banc;-21.1;55.2\n" * 9 + b"x" * 1_100_000, "longer than"),
        ("csv", b"un mot\n", "names no columns"),
        ("csv", b"lat;lon\n1;2\n", "No column is a name"),
        ("geojson", b"{", "not JSON"),
        ("geojson", b"[" * 100_000, "not JSON"),
        ("geojson", b"[]", "no GeoJSON"),
        ("osm", b'{"version": 0.6}', "Overpass"),
        ("communecter", b"[1", "not JSON"),
        ("sirene", b"a,b\n1,2\n", "no column siret"),
        ("rna", b"a;b\n1;2\n", "no column id"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_whole(
    terminal: Terminal, form: str, content: bytes, said: str
) -> None:
    before = everything(terminal)

    answer = bring(terminal, write(terminal, content), form=form, code=1)

    assert said in answer["error"]
    assert everything(terminal) == before


def test_hostile_cells_cost_their_own_line_only(terminal: Terminal) -> None:
    head = b"id;nom;lat;lon\n" + b"0;Banc;-21.1;55.29\n" * 1
    lines = [
        b"1;" + b"x" * 100_000 + b";-21.1;55.2",
        b"2;Caf\xe9;-21.1;55.2",
        b"3;Banc;ici;l\xc3\xa0",
        b"4;Banc;nan;inf",
        b"5;Banc;121.1;255.2",
        b"6;Banc;-21.1;55.2;de;trop",
        b"7;Banc;;",
    ]
    # What comes first, and is long, settles the encoding.
    padding = b"8;" + "é".encode() * 50 + b";-21.2;55.3\n"
    big = b"".join(padding.replace(b"8;", b"9%d;" % n) for n in range(700))
    file = write(terminal, head + big + b"\n".join(lines))

    answer = bring(terminal, file)

    assert counts(answer)["refused"] == 7
    assert len(stored(terminal)) == counts(answer)["new"] == 701


def test_a_formula_is_a_name_here_and_harmless_in_the_report(terminal: Terminal) -> None:
    file = write(terminal, 'nom;lat;lon\n"=HYPERLINK(""http://x"")";-21.1;55.29\n')
    report = terminal.folder / "report.csv"

    bring(terminal, file, "--report", str(report))

    (line,) = csv.DictReader(report.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert line["name"] == '\'=HYPERLINK("http://x")'
    assert line["verdict"] == "new"
    assert stored(terminal)[0]["name"] == '=HYPERLINK("http://x")'


def test_points_far_away_and_turned_round_are_refused(terminal: Terminal) -> None:
    environment = {
        "FEDCOMMUNE_COMMUNE_LATITUDE": "-21.17",
        "FEDCOMMUNE_COMMUNE_LONGITUDE": "55.29",
    }
    file = write(terminal, "nom;lat;lon\nBanc;55.29;-21.17\nTour;48.85;2.29\nIci;-21.1;55.3\n")

    terminal.environment |= environment
    answer = bring(terminal, file)

    assert counts(answer) == {"new": 1, "refused": 2}
    assert "wrong way round" in answer["lines"][0]["reason"]
    assert "far from" in answer["lines"][1]["reason"]


def test_people_read_a_table_and_what_was_done(terminal: Terminal, tmp_path: Path) -> None:
    file = write(terminal, MARKETS)

    tried = terminal.type("import", "places", file, "--from", "csv", "--dry-run")
    done = terminal.type("import", "places", file, "--from", "csv")

    assert tried.stdout.startswith("Columns: id = key, Nom = name, ")
    assert "Compost de la Pointe" in tried.stdout
    assert "Nothing was changed" in tried.stdout
    assert done.stdout == "csv:lieux: new: 3.\n"


def test_a_process_that_is_killed_leaves_whole_batches_and_the_next_one_the_rest(
    terminal: Terminal,
) -> None:
    file = write(terminal, many(1_000))
    words = ("import", "places", file, "--from", "csv", "--json")
    process = subprocess.Popen(
        [sys.executable, "-m", "fedcommune", *words],
        env={**os.environ, **terminal.environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not stored(terminal) and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()

    done = len(stored(terminal))
    assert 0 < done < 1_000
    assert done % importing.BATCH == 0
    answer = bring(terminal, file)
    assert counts(answer) == {"new": 1_000 - done, "same": done}
    assert len({row["imported_as"] for row in stored(terminal)}) == 1_000
    told = fetch(terminal, "select count(*) as count from outbox.activity where type = 'Create'")
    listed = fetch(terminal, "select 1 from commune.listing where subject = 'place'")
    assert told[0]["count"] == len(listed) == 1_000


def test_an_address_base_that_is_silent_is_asked_again_the_next_time(terminal: Terminal) -> None:
    terminal.environment["FEDCOMMUNE_MAP_ADDRESS_API"] = "http://127.0.0.1:1"
    file = write(terminal, "nom;adresse\nBanc;1 rue Haute 97436 Saint-Leu\nAutre;\n")

    answer = bring(terminal, file, "--geocode")

    assert counts(answer) == {"refused": 2}
    assert "does not answer now" in answer["lines"][0]["reason"]
    assert "Neither coordinates nor an address" in answer["lines"][1]["reason"]
    address = '[{"label": "x", "latitude": -21.17, "longitude": 55.29, "insee": "97413"}]'
    fetch(
        terminal,
        "insert into commune.geocoded values ('1 rue haute, 97436 saint-leu', $1, now())",
        address,
    )
    assert counts(bring(terminal, file, "--geocode")) == {"new": 1, "refused": 1}
