"""Organisations, links, lists and recommendations from the command line."""

from __future__ import annotations

import pytest

from tests.fedcommune.cli.conftest import Terminal

GARAGE = ("organisation", "found", "--kind", "business", "--username", "garage", "--name", "Garage")


def test_an_organisation_is_told_anew_and_closed(terminal: Terminal) -> None:
    terminal.ask(*GARAGE, "--founder", "@marie")

    told = terminal.ask(
        *("organisation", "edit", "@garage", "--tag", "Vélo", "--hours", "Mo-Fr 08:00-17:00"),
        *("--siret", "73282932000074", "--email", "garage@mail.example"),
    )
    assert (told["tags"], told["siret"]) == (["vélo"], "73282932000074")
    again = terminal.ask("organisation", "edit", "@garage", "--phone", "0262 34 00 00")
    assert (again["tags"], again["opening_hours"]) == (["vélo"], "Mo-Fr 08:00-17:00")

    refused = terminal.ask("organisation", "edit", "@garage", "--siret", "1", code=1)
    assert "SIRET" in refused["error"]
    assert terminal.ask("organisation", "show", "@garage")["siret"] == "73282932000074"
    assert "verified" in terminal.ask("organisation", "vouch", "@garage", code=1)["error"]

    terminal.ask("organisation", "close", "@garage", "--yes")
    assert terminal.ask("link", "list", "@marie") == []


def test_lists_and_recommendations(terminal: Terminal) -> None:
    terminal.ask(*GARAGE, "--founder", "@marie")
    terminal.ask(
        *("citizen", "create", "--username", "luc", "--email", "luc@example.org"),
        *("--postal-code", "97436"),
    )

    terminal.ask("list", "add", "@luc", "@garage")
    (row,) = terminal.ask("list", "show", "@luc")
    assert (row["list"], row["state"]) == ("appreciates", "accepted")
    assert terminal.ask("organisation", "show", "@garage")["appreciations"] == 1
    terminal.ask("list", "publish", "@luc", "--kept")
    terminal.ask("list", "remove", "@luc", "@garage")
    assert terminal.ask("list", "show", "@luc") == []
    assert terminal.ask("list", "add", "@luc", "@marie", code=1)["exit_code"] == 1

    assert terminal.ask("recommend", "@luc", "@garage", "Honnête.")["url"]
    assert terminal.ask("recommend", "@luc", "@marie", "Honnête.", code=1)["exit_code"] == 1


def test_the_last_administrator_stays_and_links_are_hidden(terminal: Terminal) -> None:
    terminal.ask(*GARAGE, "--founder", "@marie")

    assert terminal.ask("link", "change", "@marie", "@garage", "--no-admin", code=1)["error"]
    changed = terminal.ask("link", "change", "@marie", "@garage", "--role", "gérante")
    assert (changed["roles"], changed["admin"]) == (["gérante"], True)
    assert terminal.ask("link", "hide", "@marie", "@garage")["hidden"]
    assert not terminal.ask("link", "hide", "@marie", "@garage", "--show")["hidden"]


@pytest.mark.parametrize(
    ("option", "number", "said"),
    [
        ("--siret", "73282932000075", "A SIRET has 14 digits, the last one a check digit"),
        ("--siret", "7328293200007", "A SIRET has 14 digits"),
        ("--rna", "W57123456", "An RNA number is the letter W"),
        ("--rna", "12345", "An RNA number is the letter W"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_a_sentence(
    terminal: Terminal, option: str, number: str, said: str
) -> None:
    who = ("--kind", "association", "--username", "lagon", "--name", "Lagon", "--founder", "marie")

    refused = terminal.ask("organisation", "found", *who, option, number, code=1)

    assert said in refused["error"]
    terminal.ask("organisation", "show", "@lagon", code=1)
    terminal.ask("organisation", "found", *who)
    refused = terminal.ask("organisation", "edit", "@lagon", option, number, code=1)
    assert said in refused["error"]
    shown = terminal.ask("organisation", "show", "@lagon")
    assert (shown["siret"], shown["rna"]) == (None, None)
