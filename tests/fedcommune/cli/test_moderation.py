"""Moderation from the command line: all that the API can."""

from __future__ import annotations

from tests.fedcommune.cli.conftest import Terminal


def test_a_citizen_becomes_a_moderator_and_nothing_again(terminal: Terminal) -> None:
    made = terminal.ask("citizen", "role", "marie", "moderator")
    (listed,) = terminal.ask("account", "list", "--staff")

    assert (made["role"], made["permissions"]) == ("moderator", "1980")
    assert listed["handle"].startswith("marie@")
    rose = terminal.ask(
        *("citizen", "create", "--username", "rose", "--email", "rose@example.org"),
        *("--role", "administrator"),
    )
    assert rose["role"] == "administrator"
    terminal.ask("citizen", "role", "marie", "citizen")
    assert [each["username"] for each in terminal.ask("citizen", "list") if each["role"] != "citizen"] == ["rose"]  # fmt: skip  # noqa: E501
    assert terminal.type("citizen", "role", "nobody", "moderator").exit_code == 1
    assert terminal.type("citizen", "role", "marie", "emperor").exit_code == 2


def test_an_account_is_limited_shut_out_suspended_and_restored(terminal: Terminal) -> None:
    for word, undo, flag in (
        ("limit", "unlimit", "silenced"),
        ("sensitive", "unsensitive", "sensitive"),
        ("disable", "enable", "disabled"),
        ("suspend", "restore", "suspended"),
    ):
        assert not terminal.ask("account", "show", "@marie")[flag]
        terminal.ask("account", word, "@marie", "--text", "Trop fort")
        assert terminal.ask("account", "show", "marie")[flag], word
        terminal.ask("account", undo, "marie")
        assert not terminal.ask("account", "show", "marie")[flag], word
    terminal.ask("account", "warn", "marie", "--silently")
    assert len(terminal.ask("account", "show", "marie")["strikes"]) == 5
    assert terminal.ask("mail", "status")["waiting"] == 4
    assert terminal.type("account", "delete-data", "marie").exit_code == 1
    assert terminal.type("account", "limit", "nobody").exit_code == 1
    kinds = [each["measure"] for each in terminal.ask("log")]
    assert kinds[:3] == ["warn", "unsuspend", "suspend"]
    assert {each["to"].split("@")[1] for each in terminal.ask("log", "--account", "marie")} == {
        "marie"
    }


def test_the_data_of_somebody_suspended_are_deleted(terminal: Terminal) -> None:
    terminal.ask("account", "suspend", "marie")
    terminal.ask("account", "delete-data", "marie")

    assert terminal.type("account", "show", "marie").exit_code == 1
    assert terminal.ask("citizen", "list") == []


def test_reports_are_listed_and_a_missing_one_is_told(terminal: Terminal) -> None:
    assert terminal.ask("report", "list") == []
    for word in ("show", "resolve", "reopen", "unassign"):
        assert terminal.type("report", word, "1").exit_code == 1, word
    assert terminal.type("report", "assign", "1", "marie").exit_code == 1
    assert terminal.type("report", "change", "1", "spam").exit_code == 1


def test_servers_are_limited_blocked_restrained_noted_and_allowed(terminal: Terminal) -> None:
    limited = terminal.ask("host", "limit", "loud.example", "--reason", "Bruyant")
    blocked = terminal.ask("host", "block", "evil.example", "--public-comment", "x", "--obfuscate")
    restrained = terminal.ask("host", "restrain", "odd.example", "--reject-media")
    noted = terminal.ask("host", "note", "calm.example")

    assert (limited["policy"], limited["reason"]) == ("limited", "Bruyant")
    assert (blocked["policy"], blocked["public_comment"]) == ("blocked", "x")
    assert (restrained["policy"], restrained["reject_media"]) == ("open", True)
    assert [each["name"] for each in terminal.ask("host", "noted")] == ["calm.example"]
    terminal.ask("host", "strike", noted["id"])
    assert terminal.ask("host", "noted") == []
    assert terminal.ask("host", "allow", "odd.example")["decision_id"] is None
    assert terminal.type("host", "limit", "no host").exit_code == 1


def test_barriers_are_listed_and_taken_away(terminal: Terminal) -> None:
    made = [
        terminal.ask("barrier", "email-domain", "spam.example"),
        terminal.ask("barrier", "email", "x@example.org"),
        terminal.ask("barrier", "network", "192.0.2.0/24", "--severity", "no_access"),
    ]

    assert {each["id"] for each in terminal.ask("barrier", "list")} == {each["id"] for each in made}
    assert terminal.type("barrier", "network", "0.0.0.0/0").exit_code == 1
    for each in made:
        terminal.ask("barrier", "remove", each["kind"], each["id"])
    assert terminal.ask("barrier", "list") == []
    assert terminal.type("barrier", "remove", "email", "1").exit_code == 1
