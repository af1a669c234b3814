"""Announcing from the command line, in the time of the commune."""

from __future__ import annotations

import pytest

from tests.fedcommune.cli.conftest import Terminal


def test_an_announcement_is_made_listed_ended_and_removed(terminal: Terminal) -> None:
    made = terminal.ask(
        *("announcement", "add", "Coupure d'eau, voir @marie"),
        *("--from", "2046-10-05T08:00", "--until", "2046-10-05T18:00"),
    )

    # The commune of the tests lives in the time of La Réunion.
    assert (made["starts"], made["ends"]) == ("2046-10-05T08:00+04:00", "2046-10-05T18:00+04:00")
    assert (made["state"], made["all_day"]) == ("shown", False)
    assert terminal.ask("announcement", "list") == [made]
    assert "Coupure d'eau" in terminal.type("announcement", "list").stdout

    terminal.ask("announcement", "end", made["id"])
    assert terminal.ask("announcement", "list") == []
    assert [each["state"] for each in terminal.ask("announcement", "list", "--all")] == ["over"]
    refused = terminal.ask("announcement", "end", made["id"], code=1)
    assert "no announcement" in refused["error"]

    terminal.ask("announcement", "remove", made["id"])
    assert terminal.ask("announcement", "list", "--all") == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("x", "--from", "demain"), "from: "),
        (("x", "--from", "2046-10-06", "--until", "2046-10-05"), "until: "),
        (("x", "--until", "2001-01-01"), "until: "),
        ((" ",), "text: "),
    ],
)
def test_what_needs_a_correction_is_named(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    result = terminal.type("announcement", "add", *words)

    assert (result.exit_code, result.stderr[: len(said)]) == (1, said)
    assert terminal.ask("announcement", "list", "--all") == []


def test_whole_days_and_later_shows_are_said_so(terminal: Terminal) -> None:
    made = terminal.ask(
        *("announcement", "add", "Fête", "--from", "2046-10-05", "--until", "2046-10-06"),
        *("--show-from", "2046-10-01"),
    )

    assert (made["starts"], made["ends"], made["all_day"]) == ("2046-10-05", "2046-10-06", True)
    assert (made["state"], made["shown_from"]) == ("coming", "2046-10-01T00:00+04:00")
    assert terminal.ask("announcement", "list") == []
