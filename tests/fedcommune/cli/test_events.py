"""Events and calendars from the command line."""

from __future__ import annotations

import pytest

from tests.fedcommune.cli.conftest import Terminal


def test_an_event_from_its_announcement_to_its_end(terminal: Terminal) -> None:
    made = terminal.ask(
        *("event", "add", "@marie", "Marché de nuit", "2031-12-13T18:00"),
        *("--ends", "2031-12-13T22:00", "--place", "Front de mer", "--capacity", "20"),
        *("--category", "FOOD_DRINK", "--price", "Entrée libre", "--text", "Vingt producteurs."),
        *("--zone", "Indian/Reunion"),
    )
    number = made["id"]

    assert made["starts_at"] == "2031-12-13T14:00:00+00:00"
    assert made["url"].endswith(f"/events/{number}")
    shown = terminal.ask("event", "show", number)
    assert shown["sentence"].startswith("Samedi 13 décembre 2031, 18\xa0h\xa0– 22\xa0h")
    assert [each["id"] for each in terminal.ask("event", "list")] == [number]

    joined = terminal.ask("event", "join", "@marie", number)
    assert (joined["participation"], joined["participants"]) == ("accepted", 1)
    assert terminal.ask("event", "leave", "@marie", number)["participants"] == 0

    changed = terminal.ask(
        "event", "change", "@marie", number, "--name", "Marché", "--starts", "2031-12-20T18:00"
    )
    assert (changed["name"], changed["ends_at"]) == ("Marché", "2031-12-20T18:00:00+00:00")
    moved = terminal.ask("event", "postpone", "@marie", number, "--to", "2031-12-27T18:00")
    assert moved["status"] == "rescheduled"
    assert terminal.ask("event", "cancel", "@marie", number)["status"] == "cancelled"


def test_what_takes_place_again(terminal: Terminal) -> None:
    made = terminal.ask(
        *("event", "add", "@marie", "Chorale", "2031-12-13T18:00"),
        *("--rule", "FREQ=WEEKLY;COUNT=3"),
    )

    assert made["series"] is not None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "@marie", "Marché", "demain"), "starts: "),
        (("add", "@marie", "Marché", "2031-12-13T18:00", "--zone", "Mars"), "zone: "),
        (("add", "@marie", "", "2031-12-13T18:00"), "name: "),
        (("cancel", "@marie", "12"), ""),
        (("join", "@marie", "12"), ""),
    ],
)
def test_what_needs_a_correction_is_named(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    result = terminal.type("event", *words)

    assert result.exit_code == 1
    assert result.stderr.startswith(said)
    assert terminal.ask("event", "list") == []


def test_calendars_are_added_listed_read_and_removed(terminal: Terminal) -> None:
    made = terminal.ask("calendar", "add", "@marie", "webcal://127.0.0.1:9/agenda.ics")

    assert made["url"] == "https://127.0.0.1:9/agenda.ics"
    again = terminal.ask("calendar", "add", "@marie", "https://127.0.0.1:9/agenda.ics", code=1)
    assert "already" in again["error"]
    assert "error" in terminal.ask("calendar", "add", "@marie", "file:///etc/passwd", code=1)
    pulled = terminal.ask("calendar", "pull", "@marie", made["id"])
    assert pulled["added"] == 0
    assert pulled["problem"]
    assert terminal.ask("calendar", "list", "@marie")[0]["problem"] == pulled["problem"]
    terminal.ask("calendar", "remove", "@marie", made["id"])
    assert terminal.ask("calendar", "list", "@marie") == []
