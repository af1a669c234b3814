"""Citizens from the command line: approve, reset, invite, and letters."""

from __future__ import annotations

from tests.fedcommune.cli.conftest import Terminal


def test_citizens_are_listed_with_how_they_stand(terminal: Terminal) -> None:
    (marie,) = terminal.ask("citizen", "list")

    assert marie["username"] == "marie"
    assert marie["confirmed_at"]
    assert marie["approved_at"]
    assert terminal.ask("citizen", "list", "--waiting") == []


def test_whoever_is_open_needs_no_approval_and_cannot_be_rejected(terminal: Terminal) -> None:
    assert terminal.type("citizen", "approve", "marie").exit_code == 1
    assert terminal.type("citizen", "reject", "marie").exit_code == 1
    assert len(terminal.ask("citizen", "list")) == 1


def test_sec_aut_04_a_reset_gives_a_letter_and_a_link(terminal: Terminal) -> None:
    answer = terminal.ask("citizen", "reset", "@marie", "--second-step")

    assert "/password/new?token=" in answer["link"]
    assert terminal.ask("mail", "status")["waiting"] == 2
    assert terminal.type("citizen", "reset", "nobody").exit_code == 1


def test_invitations_are_made_listed_and_taken_back(terminal: Terminal) -> None:
    made = terminal.ask("citizen", "invite", "--uses", "3", "--note", "the choir")
    token = made["link"].partition("invitation=")[2]
    (listed,) = terminal.ask("citizen", "invitations")

    assert len(token) == 43
    assert (listed["id"], listed["uses_left"]) == (made["id"], 3)
    assert "link" not in listed
    terminal.ask("citizen", "uninvite", made["id"])
    assert terminal.ask("citizen", "invitations") == []
    assert terminal.type("citizen", "uninvite", made["id"]).exit_code == 1


def test_an_invitation_is_sent_by_letter(terminal: Terminal) -> None:
    terminal.ask("citizen", "invite", "--email", "jean@mail.example")

    assert terminal.ask("mail", "status")["waiting"] == 1
    assert terminal.ask("mail", "retry")["letters"] == 1
