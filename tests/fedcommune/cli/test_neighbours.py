"""The communes around, from the command line."""

from __future__ import annotations

from tests.fedcommune.cli.conftest import Terminal


def test_nobody_is_known_at_first_and_what_is_no_commune_is_refused(terminal: Terminal) -> None:
    assert terminal.ask("neighbour", "list") == []
    assert terminal.ask("neighbour", "suggest") == []
    assert terminal.ask("neighbour", "follow", "saint-leu.localhost:8001", code=1)["error"]
    assert terminal.type("neighbour", "follow", "trois-bassins.localhost:1").exit_code == 3
    assert terminal.ask("neighbour", "unfollow", "saint-leu.localhost:8001", code=1)["error"]
