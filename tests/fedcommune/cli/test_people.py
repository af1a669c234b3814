"""Citizens, actors, follows and posts from the command line."""

from __future__ import annotations

import pytest

from tests.fedcommune.cli.conftest import Terminal

ORIGIN = "http://saint-leu.localhost:8001"


def test_a_citizen_is_created_once(terminal: Terminal) -> None:
    refused = terminal.ask(
        *("citizen", "create", "--username", "marie2", "--email", "marie@example.org"), code=1
    )

    assert "already has an account" in refused["error"]
    assert refused["exit_code"] == 1
    people = terminal.ask("actor", "list", "--kind", "citizen")
    assert [person["handle"] for person in people] == ["marie@saint-leu.localhost:8001"]


@pytest.mark.parametrize(
    ("username", "email", "said"),
    [
        ("jean", "nowhere", "email: "),
        ("Jean Payet", "jean@example.org", "username: "),
        ("admin", "jean@example.org", "username: "),
        ("m_arie", "jean@example.org", ""),
    ],
)
def test_what_needs_a_correction_is_named(
    terminal: Terminal, username: str, email: str, said: str
) -> None:
    result = terminal.type("citizen", "create", "--username", username, "--email", email)

    assert result.exit_code == 1
    assert result.stderr.startswith(said)
    assert len(terminal.ask("actor", "list", "--kind", "citizen")) == 1


def test_actors_are_listed_by_kind(terminal: Terminal) -> None:
    everybody = terminal.ask("actor", "list")
    feeds = terminal.ask("actor", "list", "--kind", "feed", "--kind", "square")

    assert len(everybody) == 8
    assert len(feeds) == 6
    assert everybody[0]["actor_id"] == f"{ORIGIN}/actor"


def test_an_actor_is_shown_by_name_handle_or_address(terminal: Terminal) -> None:
    marie = terminal.ask("actor", "show", "@marie")

    assert marie["name"] == "Marie"
    assert marie["followers"] == 0
    assert terminal.ask("actor", "show", "marie@saint-leu.localhost:8001") == marie
    assert terminal.ask("actor", "show", marie["actor_id"]) == marie


def test_tables_are_for_people(terminal: Terminal) -> None:
    result = terminal.type("actor", "list", "--kind", "citizen")

    assert result.exit_code == 0
    assert "marie@saint-leu.localhost:8001" in result.stdout
    assert "{" not in result.stdout


def test_nobody_of_that_name_is_a_refusal(terminal: Terminal) -> None:
    assert terminal.type("actor", "show", "@nobody").exit_code == 1


def test_a_server_that_does_not_answer_is_for_later(terminal: Terminal) -> None:
    result = terminal.type("follow", "marie", "@jean@trois-bassins.localhost:1")

    assert result.exit_code == 3
    assert terminal.ask("actor", "show", "marie")["following"] == 0


def test_following_here_is_at_once_and_once(terminal: Terminal) -> None:
    first = terminal.ask("follow", "marie", "@agenda")
    again = terminal.ask("follow", "@marie", "agenda@saint-leu.localhost:8001")

    assert first["state"] == "accepted"
    assert again == first
    assert terminal.ask("actor", "show", "marie")["following"] == 1
    assert terminal.type("follow", "marie", "marie").exit_code == 1


def test_a_post_is_published_and_answered(terminal: Terminal) -> None:
    post = terminal.ask("post", "marie", "Bonjour @place ! #agenda")
    answer = terminal.ask("post", "marie", "Et bonsoir.", "--reply-to", post["url"])
    other = terminal.ask("post", "marie", "Encore.", "--reply-to", post["id"])

    assert post["object_id"].startswith(f"{ORIGIN}/ap/posts/")
    assert post["visibility"] == "public"
    assert answer["in_reply_to"] == other["in_reply_to"] == post["object_id"]


def test_a_poll_is_asked(terminal: Terminal) -> None:
    options = ("--poll-option", "Samedi", "--poll-option", "Dimanche")
    post = terminal.ask("post", "marie", "Quand ?", *options, "--poll-days", "2", "--poll-hidden")

    assert post["poll"].pop("ends_at") > post["published_at"]
    assert post["poll"] == {
        "options": ["Samedi", "Dimanche"],
        "multiple": False,
        "hides_totals": True,
    }
    assert terminal.ask("post", "marie", "Bonjour.")["poll"] is None


def test_the_text_may_come_from_the_standard_input(terminal: Terminal) -> None:
    result = terminal.type("post", "marie", "-", "--visibility", "followers", stdin="Salut.\n")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"Published: {ORIGIN}/@marie/")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("post", "marie", " "), 1),
        (("post", "nobody", "Bonjour."), 1),
        (("post", "marie", "Bonjour.", "--reply-to", "1"), 1),
        (("post", "marie", "Bonjour.", "--visibility", "everybody"), 2),
        (("post", "marie", "Quand ?", "--poll-option", "Samedi"), 1),
        (("post", "marie"), 2),
        (("nonsense",), 2),
    ],
)
def test_a_post_that_cannot_be_is_refused(
    terminal: Terminal, words: tuple[str, ...], code: int
) -> None:
    assert terminal.type(*words).exit_code == code


def test_without_a_configuration_every_command_says_what_to_do(bare: Terminal) -> None:
    bare.environment = {}

    result = bare.type("actor", "list")

    assert result.exit_code == 1
    assert "run 'fedcommune init'" in result.stderr


def test_a_database_that_is_away_is_for_later(bare: Terminal) -> None:
    result = bare.type("migrate", FEDCOMMUNE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/x")

    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1


def test_migrate_tells_what_is_missing_and_then_nothing(bare: Terminal) -> None:
    assert bare.ask("migrate", "--check") == {"pending": []}
    assert bare.ask("migrate") == {"applied": []}


def test_strangers_text_moves_nothing_in_the_terminal(terminal: Terminal) -> None:
    terminal.ask(
        *("citizen", "create", "--username", "eve", "--email", "eve@example.org"),
        *("--name", "Eve\x1b[31m"),
    )

    result = terminal.type("actor", "list")

    assert "\x1b" not in result.stdout
