"""Letters from the command line."""

from __future__ import annotations

from tests.fedcommune.cli.conftest import Terminal


def test_what_somebody_gets_letters_about_is_shown_and_chosen(terminal: Terminal) -> None:
    usual = {each["subject"]: each["pace"] for each in terminal.ask("letter", "wishes", "@marie")}
    assert (usual["danger"], usual["followers"], usual["commune"]) == ("at_once", "weekly", "never")

    terminal.ask("letter", "wish", "@marie", "followers", "daily")
    chosen = {each["subject"]: each["pace"] for each in terminal.ask("letter", "wishes", "@marie")}
    assert chosen == {**usual, "followers": "daily"}

    refused = terminal.ask("letter", "wish", "@marie", "commune", "daily", code=1)
    assert "once a week" in refused["error"]
    refused = terminal.ask("letter", "wish", "@agenda", "mentions", "daily", code=1)
    assert "citizen" in refused["error"]


def test_the_week_is_looked_at_and_sent(terminal: Terminal) -> None:
    terminal.ask(
        *("organisation", "found", "--kind", "association", "--username", "lagon"),
        *("--name", "Lagon propre", "--founder", "@marie"),
    )
    shown = terminal.ask("letter", "weekly", "--preview")
    assert shown["subject"].startswith("La semaine ")
    assert "Lagon propre" in shown["text"]
    assert "Lagon propre" in shown["html"]
    assert terminal.ask("letter", "subscribers") == []
    assert terminal.ask("mail", "status")["waiting"] == 0, "looking sends nothing"

    terminal.ask("letter", "wish", "@marie", "commune", "weekly")
    terminal.ask("letter", "weekly", "--send")
    assert terminal.ask("mail", "status")["waiting"] == 1
    terminal.ask("letter", "weekly", "--send")
    assert terminal.ask("mail", "status")["waiting"] == 1, "nothing is new since"
    assert terminal.type("letter", "weekly", "--send", "--preview").exit_code == 2
