"""Places and claims from the command line."""

from __future__ import annotations

from tests.conftest import run
from tests.fedcommune.cli.conftest import Terminal
from tests.support.databases import execute

AT = ("--latitude", "-21.17", "--longitude", "55.288")


def a_shop(terminal: Terminal) -> dict[str, str]:
    told: dict[str, str] = terminal.ask(
        *("place", "add", "--name", "Le Fournil", "--kind", "business", "--silent", *AT)
    )
    return told


def a_claim(terminal: Terminal, place_id: str) -> None:
    marie = terminal.ask("actor", "show", "marie")["id"]
    run(
        execute(
            terminal.environment["FEDCOMMUNE_DATABASE_URL"],
            "insert into commune.claim (id, place_id, account_id, username, proof, created_at) "
            f"values (7, {place_id}, {marie}, 'fournil', 'word', now())",
        )
    )


def test_a_place_is_told_corrected_shown_listed_and_taken_away(terminal: Terminal) -> None:
    told = terminal.ask(
        *("place", "add", "--name", "Lavoir", "--category", "water", "--tag", "#eau", *AT),
        *("--opening-hours", "24/7", "--by", "marie"),
    )
    corrected = terminal.ask("place", "correct", told["id"], "--name", "Grand lavoir")
    shown = terminal.ask("place", "show", told["id"])

    assert corrected["opening_hours"] == "24/7"
    assert shown["name"] == "Grand lavoir"
    assert [each["before"]["name"] for each in shown["revisions"]] == ["Lavoir"]
    assert [each["name"] for each in terminal.ask("place", "list", "--tag", "eau")] == [
        "Grand lavoir"
    ]
    terminal.ask("place", "remove", told["id"])
    assert terminal.ask("place", "list") == []
    terminal.ask("place", "show", "1", code=1)


def test_a_place_without_a_point_is_refused(terminal: Terminal) -> None:
    refused = terminal.ask("place", "add", "--name", "Lavoir", code=1)

    assert "Say where it is" in refused["error"]
    assert terminal.ask("place", "list") == []


def test_a_claim_is_listed_refused_with_a_reason_or_approved(terminal: Terminal) -> None:
    shop = a_shop(terminal)
    assert terminal.ask("place", "claims") == []
    a_claim(terminal, shop["id"])
    (waiting,) = terminal.ask("place", "claims")
    assert (waiting["place"], waiting["claimant"]) == ("Le Fournil", "@marie")

    assert terminal.type("place", "refuse", "7").exit_code == 2
    approved = terminal.ask("place", "approve", "7")

    assert approved["handle"].startswith("fournil@")
    assert terminal.ask("place", "list") == []
    assert terminal.ask("place", "refuse", "7", "--reason", "Non.", code=1)["error"]
    assert terminal.ask("place", "approve", "8", code=1)["error"]
