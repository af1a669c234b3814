"""Importing events: tried first, done once, gone on with, and what was decided here stays."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fedcommune import importing
from fedcommune.domain.portability import actions, unfolding
from tests.fedcommune.cli.conftest import Terminal
from tests.fedcommune.cli.imported import counts, fetch, write

TODAY = datetime.now(UTC).replace(hour=14, minute=0, second=0, microsecond=0)
SOON = TODAY + timedelta(days=10)


def stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def entry(uid: str, name: str, starts: datetime = SOON, *more: str) -> str:
    lines = (f"UID:{uid}", f"SUMMARY:{name}", f"DTSTART:{stamp(starts)}", *more)
    return "\r\n".join(("BEGIN:VEVENT", *lines, "END:VEVENT"))


def calendar(*entries: str) -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *entries, "END:VCALENDAR", ""))


def bring(
    terminal: Terminal, text: str | bytes, *words: str, form: str = "ics", code: int = 0
) -> Any:
    file = write(terminal, text, "agenda.txt")
    return terminal.ask("import", "events", file, "--from", form, *words, code=code)


def events(terminal: Terminal) -> list[Any]:
    return fetch(
        terminal,
        """
        select event.*, author.username as author, organiser.username as organiser, post.source
        from commune.event
        join commune.post on post.id = event.post_id and post.deleted_at is null
        join commune.account author on author.id = post.author_id
        join commune.account organiser on organiser.id = event.organiser_id
        order by event.starts_at, event.post_id
        """,
    )


def everything(terminal: Terminal) -> list[Any]:
    return [
        fetch(terminal, f"select * from {table} order by 1")
        for table in ("commune.event", "commune.post", "commune.imported_event",
                      "commune.series", "outbox.activity")
    ]  # fmt: skip


BALL = entry(
    "bal@lagon.example",
    "Bal la poussière",
    SOON,
    f"DTEND:{stamp(SOON + timedelta(hours=2))}",
    "DESCRIPTION:On danse.",
    "LOCATION:Kiosque\\, Saint-Leu",
    "CATEGORIES:Musique,Vide grenier",
    "URL:https://lagon.example/bal",
    "ORGANIZER;CN=Zoé:mailto:zoe@example.org",
)


def test_a_dry_run_tells_what_would_come_and_changes_nothing(terminal: Terminal) -> None:
    before = everything(terminal)
    over = entry("2", "Il y a longtemps", TODAY - timedelta(days=30))

    answer = bring(terminal, calendar(BALL, over, entry("", "Sans clef")), "--dry-run")

    assert counts(answer) == {"new": 1, "refused": 1, "passed_over": 1}
    assert answer["passed_over"] == {"over already": 1}
    assert answer["lines"][0]["verdict"] == "new"
    assert everything(terminal) == before


def test_a_calendar_is_announced_by_the_agenda_once(terminal: Terminal) -> None:
    assert counts(bring(terminal, calendar(BALL))) == {"new": 1}

    (ball,) = events(terminal)
    assert (ball["name"], ball["author"], ball["organiser"]) == (
        "Bal la poussière",
        "agenda",
        "agenda",
    )
    assert (ball["starts_at"], ball["ends_at"]) == (SOON, SOON + timedelta(hours=2))
    assert (ball["place_name"], ball["category"]) == ("Kiosque, Saint-Leu", "MUSIC")
    assert (ball["join_mode"], ball["join_url"]) == ("external", "https://lagon.example/bal")
    assert "#VideGrenier" in ball["source"]
    assert "zoe" not in ball["source"].lower()

    before = everything(terminal)
    assert counts(bring(terminal, calendar(BALL))) == {"same": 1}
    assert everything(terminal) == before


def test_what_changes_or_is_called_off_at_its_source_does_so_here(terminal: Terminal) -> None:
    bring(terminal, calendar(BALL, entry("2", "Kabar")))
    later = BALL.replace("Bal la poussière", "Grand bal")

    changed = calendar(later, entry("2", "Kabar", SOON, "STATUS:CANCELLED"))
    answer = bring(terminal, changed)

    assert counts(answer) == {"changed": 2}
    assert [line["changes"] for line in answer["lines"]] == [["name"], ["status"]]
    ball, kabar = events(terminal)
    assert (ball["name"], kabar["status"]) == ("Grand bal", "cancelled")
    assert counts(bring(terminal, changed)) == {"same": 2}
    # It takes place after all.
    bring(terminal, calendar(entry("2", "Kabar")))
    assert events(terminal)[1]["status"] == "confirmed"


def test_what_was_changed_or_taken_away_here_stays_so(terminal: Terminal) -> None:
    bring(terminal, calendar(BALL, entry("2", "Kabar")))
    ball, kabar = events(terminal)
    terminal.ask("event", "change", "agenda", str(ball["post_id"]), "--price", "5 euros")
    gone = "update commune.post set deleted_at = now() where id = $1"
    fetch(terminal, gone, kabar["post_id"])
    changed = calendar(BALL.replace("On danse.", "On chante."), entry("2", "Grand kabar"))

    answer = bring(terminal, changed)

    assert counts(answer) == {"kept_as_it_is_here": 2}
    assert {line["reason"] for line in answer["lines"]} == {
        "Somebody changed it here.",
        "It was taken away here.",
    }
    assert "On danse." in events(terminal)[0]["source"]
    assert counts(bring(terminal, changed, "--force")) == {"changed": 1, "kept_as_it_is_here": 1}
    (ball,) = events(terminal)
    assert "On chante." in ball["source"]
    assert ball["price"] == "5 euros"


def test_a_series_is_spelled_out_without_what_is_left_out(terminal: Terminal) -> None:
    week = timedelta(days=7)
    series = entry(
        "marche",
        "Marché",
        SOON,
        "RRULE:FREQ=WEEKLY;COUNT=4",
        f"EXDATE:{stamp(SOON + week)}",
    )
    night = SOON + 2 * week + timedelta(hours=4)
    which = f"RECURRENCE-ID:{stamp(SOON + 2 * week)}"
    moved = entry("marche", "Marché de nuit", night, which)

    answer = bring(terminal, calendar(moved, series))

    assert counts(answer) == {"new": 3, "passed_over": 1}
    made = events(terminal)
    assert [each["name"] for each in made] == ["Marché", "Marché de nuit", "Marché"]
    assert made[1]["starts_at"] == night
    assert len({each["series_id"] for each in made} - {None}) == 1
    assert counts(bring(terminal, calendar(moved, series)))["same"] == 3
    # One more is left out now: who meant to come is told.
    without = series.replace("EXDATE:", f"EXDATE:{stamp(SOON + 3 * week)},")
    assert counts(bring(terminal, calendar(moved, without)))["changed"] == 1
    assert events(terminal)[2]["status"] == "cancelled"
    # Another rule is no change of the times that were there before.
    longer = without.replace("COUNT=4", "COUNT=5")
    assert counts(bring(terminal, calendar(moved, longer))) == {
        "new": 1,
        "same": 3,
        "passed_over": 1,
    }
    (kept,) = fetch(terminal, "select * from commune.series")
    assert kept["ended_at"] is not None


def test_more_times_than_a_commune_has_are_refused_whole(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfolding, "MOST", 20)
    before = everything(terminal)

    daily = entry("1", "Bal", SOON, "RRULE:FREQ=DAILY;COUNT=21")
    answer = bring(terminal, calendar(daily), code=1)

    assert "At most 20 times" in answer["error"]
    assert everything(terminal) == before


def test_a_rule_that_is_not_understood_is_refused_and_the_rest_comes(terminal: Terminal) -> None:
    odd = entry("1", "Lune", SOON, "RRULE:FREQ=MINUTELY")

    answer = bring(terminal, calendar(odd, BALL))

    assert counts(answer) == {"new": 1, "refused": 1}
    assert answer["lines"][0]["reason"].startswith("RRULE: This rule is not understood")


def test_places_of_the_directory_and_pages_that_organise_are_tied(terminal: Terminal) -> None:
    where = ("--latitude", "-21.17", "--longitude", "55.29")
    terminal.ask("place", "add", "--name", "Kiosque", "--silent", *where)
    terminal.ask(
        *("organisation", "found", "--kind", "association", "--username", "lagon"),
        *("--name", "Les amis du lagon", "--founder", "marie"),
    )
    table = (
        "Titre;Date;Heure;Lieu;Organisateur\n"
        f"Bal;{SOON:%d/%m/%Y};18h30;kiosque;Les Amis du Lagon\n"
        f"Foire;{SOON:%Y-%m-%d};;;Personne\n"
    )

    answer = bring(terminal, table, form="csv")

    assert counts(answer) == {"new": 2}
    fair, ball = events(terminal)
    assert (ball["organiser"], ball["author"], fair["organiser"]) == ("lagon", "agenda", "agenda")
    assert ball["place_id"] is not None
    assert (ball["latitude"], ball["longitude"]) == (-21.17, 55.29)
    assert fair["ends_at"] - fair["starts_at"] == timedelta(days=1)
    assert answer["columns"]["Organisateur"] == "organiser"
    # Who organises decides about it.
    terminal.ask("event", "cancel", "lagon", str(ball["post_id"]))
    assert events(terminal)[1]["status"] == "cancelled"


def test_the_events_of_communecter_come_without_people(terminal: Terminal) -> None:
    kabar = {
        "name": "Kabar",
        "type": "concert",
        "startDate": SOON.isoformat(),
        "organizer": {"a1": {"type": "citoyens", "name": "Zoé"}},
        "links": {"attendees": {"z1": {"type": "citoyens", "name": "Zoé"}}},
    }
    text = json.dumps({"entities": {"b1": kabar, "b2": {"name": "Ti Jardin", "type": "NGO"}}})

    answer = bring(terminal, text, form="communecter")

    assert counts(answer) == {"new": 1, "passed_over": 1}
    (made,) = events(terminal)
    assert made["category"] == "MUSIC"
    assert "Communecter" in made["source"]
    assert "Zoé" not in made["source"]


def test_a_geojson_of_events_is_read(terminal: Terminal) -> None:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [55.29, -21.17]},
        "properties": {"titre": "Feu", "date_debut": SOON.isoformat(), "ville": "Saint-Leu"},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})

    assert counts(bring(terminal, text, form="geojson")) == {"new": 1}
    (fire,) = events(terminal)
    assert (fire["latitude"], fire["locality"]) == (-21.17, "Saint-Leu")


def test_the_same_name_at_the_same_moment_is_probably_the_same(terminal: Terminal) -> None:
    bring(terminal, calendar(BALL))

    other = calendar(entry("x@ailleurs.example", "BAL la poussiere"))
    answer = bring(terminal, other, "--source", "ailleurs")

    assert counts(answer) == {"probably_the_same": 1}
    assert len(events(terminal)) == 1
    assert counts(bring(terminal, other, "--source", "ailleurs", "--also-alike")) == {"new": 1}


def test_our_own_calendar_brings_nothing_back(terminal: Terminal) -> None:
    bring(terminal, calendar(BALL))
    (ball,) = events(terminal)

    ours = calendar(entry(ball["uid"], "Autrement dit"))
    answer = bring(terminal, ours, "--source", "nous", "--also-alike")

    assert counts(answer) == {"probably_the_same": 1}
    assert len(events(terminal)) == 1


def test_an_import_that_is_cut_off_goes_on_where_it_stopped(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = calendar(*(entry(str(n), f"Bal {n}", SOON + timedelta(hours=n)) for n in range(25)))
    monkeypatch.setattr(importing, "BATCH", 10)
    bring_in, calls = actions.bring_events, []

    async def cut_off(*args: Any) -> Any:
        calls.append(args)
        found = await bring_in(*args)
        if len(calls) == 2:  # after the work of the second batch, before it is kept
            raise asyncio.CancelledError
        return found

    with monkeypatch.context() as patch:
        patch.setattr(actions, "bring_events", cut_off)
        file = write(terminal, text, "agenda.txt")
        stopped = terminal.type("import", "events", file, "--from", "ics")

    assert stopped.exit_code == 130
    assert len(events(terminal)) == 10
    assert counts(bring(terminal, text)) == {"new": 15, "same": 10}
    assert len({each["name"] for each in events(terminal)}) == 25


@pytest.mark.parametrize(
    ("form", "content", "said"),
    [
        ("ics", b"", "empty"),
        ("ics", b"PK\x03\x04" + b"\x00" * 40, "unpack it"),
        ("ics", b"nom;date\n", "no calendar"),
        ("csv", b"un mot\n", "names no columns"),
        ("csv", b"nom;lieu\nBal;ici\n", "No column is a starts"),
        ("geojson", b"[]", "no GeoJSON"),
        ("communecter", b"[1", "not JSON"),
    ],
)
def test_hostile_files_are_refused_whole(
    terminal: Terminal, form: str, content: bytes, said: str
) -> None:
    before = everything(terminal)

    answer = bring(terminal, content, form=form, code=1)

    assert said in answer["error"]
    assert everything(terminal) == before


def test_hostile_cells_cost_their_own_line_only(terminal: Terminal) -> None:
    day = f"{SOON:%Y-%m-%d}"
    lines = ("Bal;demain", f";{day}", "Bal;99/99/2026", f"Bal;{day} 18:00", f"Foire;{day}")

    answer = bring(terminal, "nom;date\n" + "\n".join(lines) + "\n", form="csv")

    assert counts(answer) == {"new": 2, "refused": 3}
    refused = [line["line"] for line in answer["lines"] if line["verdict"] == "refused"]
    assert refused == [2, 3, 4]


def test_nobody_announces_in_the_name_of_a_stranger(terminal: Terminal) -> None:
    before = everything(terminal)

    answer = bring(terminal, calendar(BALL), "--by", "nobody", code=1)

    assert answer["error"]
    assert everything(terminal) == before
