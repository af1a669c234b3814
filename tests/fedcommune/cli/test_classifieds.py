"""Classifieds, needs, tasks and projects from the command line."""

from __future__ import annotations

from tests.fedcommune.cli.conftest import Terminal


def start(terminal: Terminal) -> None:
    terminal.ask(
        *("project", "start", "--username", "jardin", "--name", "Jardin", "--founder", "@marie")
    )


def test_a_classified_is_added_listed_renewed_and_concluded(terminal: Terminal) -> None:
    made = terminal.ask(
        *("classified", "add", "@marie", "Vélo", "--exchange", "sale", "--price", "12,50"),
        *("--category", "vehicles", "--place", "12 rue du Lagon", "--scope", "commune"),
    )
    assert (made["price"], made["currency"], made["state"]) == ("12.50", "EUR", "open")
    assert (made["scope"], made["place"]) == ("commune", "")
    assert [each["title"] for each in terminal.ask("classified", "list")] == ["Vélo"]
    assert terminal.ask("classified", "list", "--purpose", "request") == []

    assert terminal.ask("classified", "renew", made["id"])["expires_at"] > made["expires_at"]
    assert terminal.ask("classified", "conclude", made["id"])["state"] == "fulfilled"
    assert terminal.ask("classified", "list") == []
    assert len(terminal.ask("classified", "list", "--all")) == 1
    assert "concluded" in terminal.ask("classified", "renew", made["id"], code=1)["error"]
    assert "No" in terminal.ask("classified", "renew", "1", code=1)["error"]


def test_a_need_is_helped_with_and_met(terminal: Terminal) -> None:
    start(terminal)
    terminal.ask("citizen", "create", "--username", "paul", "--email", "paul@example.org")
    need = terminal.ask("need", "add", "@jardin", "Des bras", "--helpers", "1")
    assert [each["title"] for each in terminal.ask("need", "list")] == ["Des bras"]
    terminal.ask("need", "help", need["id"], "@paul", "--text", "Samedi.")
    (offered,) = terminal.ask("need", "helpers", need["id"])
    assert offered["state"] == "offered"
    assert "Samedi." in offered["words"]

    assert terminal.ask("need", "accept", offered["help"])["state"] == "accepted"
    (met,) = terminal.ask("need", "list", "--all")
    assert (met["helpers"], met["state"]) == (1, "fulfilled")
    assert "already" in terminal.ask("need", "refuse", offered["help"], code=1)["error"]
    other = terminal.ask("need", "add", "@jardin", "Des planches", "--wanted", "material")
    assert terminal.ask("need", "close", other["id"])["state"] == "fulfilled"
    assert "project" in terminal.ask("need", "add", "@marie", "Des bras", code=1)["error"]


def test_tasks_are_written_given_done_and_taken_away(terminal: Terminal) -> None:
    start(terminal)
    task = terminal.ask("task", "add", "@jardin", "Bêcher", "--by", "2027-01-05")
    terminal.ask("task", "give", task["id"], "@marie")
    (found,) = terminal.ask("task", "list", "@jardin")
    assert (found["who"], found["due_on"]) == ("@marie@saint-leu.localhost:8001", "2027-01-05")
    assert terminal.ask("task", "done", task["id"])["done_at"]
    assert terminal.ask("task", "reopen", task["id"])["done_at"] is None
    assert terminal.ask("task", "remove", task["id"])["removed"]
    assert terminal.ask("task", "list", "@jardin") == []
    assert "no task" in terminal.ask("task", "done", task["id"], code=1)["error"]


def test_a_project_is_edited_and_what_is_not_mentioned_stays(terminal: Terminal) -> None:
    start(terminal)
    terminal.ask(
        *("organisation", "found", "--kind", "association", "--username", "jardiniers"),
        *("--name", "Jardiniers", "--founder", "@marie"),
    )
    edited = terminal.ask("project", "edit", "@jardin", "--carrier", "@jardiniers")
    assert edited["name"] == "Jardin"
    assert edited["carried_by"]
    edited = terminal.ask("project", "edit", "@jardin", "--name", "Jardin partagé")
    assert edited["carried_by"]
    assert terminal.ask("project", "edit", "@jardin", "--carrier", "-")["carried_by"] is None
    assert terminal.ask("project", "show", "@jardin")["name"] == "Jardin partagé"
    assert [each["stage"] for each in terminal.ask("project", "list")] == ["idea"]
