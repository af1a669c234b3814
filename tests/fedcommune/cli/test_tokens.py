"""Tokens for scripts."""

from __future__ import annotations

import asyncpg

from tests.conftest import run
from tests.fedcommune.cli.conftest import Terminal


async def kept(terminal: Terminal) -> str:
    connection = await asyncpg.connect(terminal.environment["FEDCOMMUNE_DATABASE_URL"])
    try:
        rows = await connection.fetch("select row_to_json(token)::text from commune.token")
    finally:
        await connection.close()
    return "".join(row[0] for row in rows)


def test_a_script_gets_a_token_once_and_it_can_be_listed_and_revoked(terminal: Terminal) -> None:
    made = terminal.ask(
        "token", "create", "--citizen", "marie", "--scopes", "write:statuses read", "--app", "Météo"
    )
    (row,) = terminal.ask("token", "list", "--citizen", "marie")
    terminal.ask("token", "revoke", str(row["id"]), "--citizen", "marie")
    again = terminal.ask("token", "revoke", str(row["id"]), "--citizen", "marie", code=1)

    assert len(made["token"]) == 43
    assert (row["application"], row["scopes"]) == ("Météo", "read write:statuses")
    assert terminal.ask("token", "list", "--citizen", "marie") == []
    assert "no living token" in again["error"]


def test_a_fixed_value_is_what_was_asked_for_and_is_not_taken_twice(terminal: Terminal) -> None:
    words = ("token", "create", "--citizen", "marie", "--scopes", "read", "--value")

    made = terminal.ask(*words, "a-fixed-value-for-tests")
    twice = terminal.ask(*words, "a-fixed-value-for-tests", code=1)
    short = terminal.ask(*words, "short", code=1)

    assert made["token"] == "a-fixed-value-for-tests"
    assert "exists already" in twice["error"]
    assert "20 to 200" in short["error"]


def test_what_cannot_be_is_said_and_nothing_is_made(terminal: Terminal) -> None:
    unknown = terminal.ask("token", "create", "--citizen", "x", "--scopes", "read", code=1)
    scopes = terminal.ask("token", "create", "--citizen", "marie", "--scopes", "all", code=1)
    acting = terminal.ask(
        *("token", "create", "--citizen", "marie", "--scopes", "read", "--as", "nobody"), code=1
    )

    assert unknown["error"] == "There is no citizen x here."
    assert scopes["error"] == "scopes: There is no scope 'all'."
    assert acting["error"] == "There is no actor nobody here."
    assert terminal.ask("token", "list", "--citizen", "marie") == []


def test_sec_aut_07_the_database_never_holds_the_token(terminal: Terminal) -> None:
    made = terminal.ask("token", "create", "--citizen", "marie", "--scopes", "read")

    assert made["token"] not in run(kept(terminal))
