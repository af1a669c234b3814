"""Posts for later and polls, by command."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.fedcommune.cli.conftest import Terminal
from tests.fedcommune.cli.imported import fetch

SOON = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)


def at(moment: datetime) -> str:
    return moment.isoformat()


def test_a_post_is_planned_moved_and_cancelled(terminal: Terminal) -> None:
    made = terminal.ask("post", "marie", "Bientôt", "--at", at(SOON))
    assert datetime.fromisoformat(made["due_at"]) == SOON
    assert fetch(terminal, "select 1 from commune.post") == []

    (listed,) = terminal.ask("planned", "list", "marie")
    assert (listed["id"], listed["text"], listed["poll"]) == (made["id"], "Bientôt", None)
    later = SOON + timedelta(days=1)
    moved = terminal.ask("planned", "move", "marie", made["id"], at(later))
    assert datetime.fromisoformat(moved["due_at"]) == later
    assert terminal.ask("planned", "cancel", "marie", made["id"]) == {"cancelled": made["id"]}
    assert terminal.ask("planned", "list", "marie") == []


def test_a_poll_is_planned_with_its_choices(terminal: Terminal) -> None:
    choices = ("--poll-option", "Samedi", "--poll-option", "Dimanche")

    made = terminal.ask("post", "marie", "Quand ?", *choices, "--at", at(SOON))

    assert made["poll"] == ["Samedi", "Dimanche"]


def test_what_is_planned_is_said_otherwise_and_what_is_not_given_stays(
    terminal: Terminal,
) -> None:
    choices = ("--poll-option", "Samedi", "--poll-option", "Dimanche")
    made = terminal.ask("post", "marie", "Quand ?", *choices, "--at", at(SOON))
    said = terminal.ask("planned", "edit", "marie", made["id"], "Quel jour, @agenda ?")
    assert said == {**made, "text": "Quel jour, @agenda ?"}
    more = ("--warning", "Vote", "--visibility", "unlisted", "--language", "en")
    said = terminal.ask("planned", "edit", "marie", made["id"], *more)
    assert said == {
        **made,
        "text": "Quel jour, @agenda ?",
        "warning": "Vote",
        "visibility": "unlisted",
        "language": "en",
    }
    piped = ("planned", "edit", "marie", made["id"], "-", "--warning", "")
    assert terminal.type(*piped, stdin="Jeudi ?").exit_code == 0
    (listed,) = terminal.ask("planned", "list", "marie")
    assert (listed["text"], listed["warning"], listed["poll"]) == (
        "Jeudi ?",
        "",
        ["Samedi", "Dimanche"],
    )
    (row,) = fetch(terminal, "select draft ->> 'sensitive' as hidden from commune.scheduled_post")
    assert row["hidden"] == "false"


def test_words_that_cannot_be_change_no_plan(terminal: Terminal) -> None:
    made = terminal.ask("post", "marie", "Bientôt", "--at", at(SOON))

    for author, number, words in (
        ("marie", made["id"], ""),
        ("marie", made["id"], "x" * 5_001),
        ("agenda", made["id"], "À moi"),
        ("marie", "1", "Rien"),
    ):
        assert terminal.ask("planned", "edit", author, number, words, code=1)["error"]

    (kept,) = terminal.ask("planned", "list", "marie")
    assert kept["text"] == "Bientôt"


@pytest.mark.parametrize("moment", ["demain", "2020-01-01T10:00", "2999-01-01T10:00"])
def test_a_moment_that_cannot_be_plans_nothing(terminal: Terminal, moment: str) -> None:
    assert terminal.ask("post", "marie", "Bientôt", "--at", moment, code=1)["error"]

    assert fetch(terminal, "select 1 from commune.scheduled_post") == []


def test_what_is_not_planned_or_anothers_is_not_touched(terminal: Terminal) -> None:
    made = terminal.ask("post", "marie", "Bientôt", "--at", at(SOON))

    refused = terminal.ask("planned", "cancel", "agenda", made["id"], code=1)
    assert refused["error"] == f"No planned post {made['id']} is waiting here."
    terminal.ask("planned", "move", "marie", "1", at(SOON), code=1)
    (kept,) = terminal.ask("planned", "list", "marie")
    assert kept == {**kept, "id": made["id"]}


def test_a_poll_is_voted_in_once(terminal: Terminal) -> None:
    choices = ("--poll-option", "Samedi", "--poll-option", "Dimanche")
    asked = terminal.ask("post", "agenda", "Quand ?", *choices)

    voted = terminal.ask("poll", "vote", "marie", asked["id"], "2")
    assert (voted["options"], voted["votes"]) == (["Samedi", "Dimanche"], [0, 1])
    assert terminal.ask("poll", "show", asked["id"])["voters"] == 1
    assert terminal.ask("poll", "vote", "marie", asked["id"], "1", code=1)["error"]
    assert terminal.ask("poll", "vote", "marie", asked["id"], "3", code=1)["error"]
    assert terminal.ask("poll", "show", asked["id"])["votes"] == [0, 1]
    assert terminal.ask("poll", "show", "1", code=1)["error"]
