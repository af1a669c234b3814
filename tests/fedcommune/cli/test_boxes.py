"""The inbox and the outbox from the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest

from federation.names import AS2
from outbox.publish import publish
from tests.conftest import run
from tests.fedcommune.cli.conftest import Terminal

ACTIVITY = "http://saint-leu.localhost:8001/ap/activities/1"
DEAD = "trois-bassins.localhost:1"


async def queue(url: str) -> None:
    """Leave one activity for a server that does not answer."""
    connection = await asyncpg.connect(url)
    await publish(
        connection,
        {
            "@context": AS2,
            "id": ACTIVITY,
            "type": "Like",
            "actor": "http://saint-leu.localhost:8001/actor",
            "object": f"http://{DEAD}/ap/posts/1",
        },
        actor_id="http://saint-leu.localhost:8001/actor",
        inboxes=[f"http://{DEAD}/inbox"],
        now=datetime.now(UTC),
        public=True,
    )
    await connection.close()


@pytest.fixture
def waiting(terminal: Terminal) -> Terminal:
    run(queue(terminal.environment["FEDCOMMUNE_DATABASE_URL"]))
    return terminal


def test_nothing_is_left_to_deliver(terminal: Terminal) -> None:
    assert terminal.ask("outbox", "wait") == {"pending": 0}
    assert terminal.ask("outbox", "status") == []
    assert "Nothing waits" in terminal.type("outbox", "status").stdout


def test_waiting_ends_when_the_time_is_over(waiting: Terminal) -> None:
    result = waiting.type("outbox", "wait", "--timeout", "0.1")

    assert result.exit_code == 3
    assert "1 deliveries are left" in result.stderr


def test_the_outbox_tells_for_whom_something_waits(waiting: Terminal) -> None:
    (host,) = waiting.ask("outbox", "status")

    assert host["host"] == DEAD
    assert host["waiting"] == 1


@pytest.mark.parametrize("which", [("--host", DEAD), (ACTIVITY,)])
def test_what_waits_can_be_dropped(waiting: Terminal, which: tuple[str, ...]) -> None:
    assert waiting.ask("outbox", "drop", *which) == {"dropped": 1}
    assert waiting.ask("outbox", "wait", "--timeout", "5") == {"pending": 0}


def test_what_waits_can_be_tried_again(waiting: Terminal) -> None:
    assert waiting.ask("outbox", "retry", DEAD) == {"retried": 1}
    assert waiting.ask("outbox", "retry", "--all") == {"retried": 1}
    assert waiting.ask("outbox", "retry", "elsewhere.example") == {"retried": 0}


def test_the_inbox_in_numbers(terminal: Terminal) -> None:
    status = terminal.ask("inbox", "status")

    assert (status["waiting"], status["postponed"]) == (0, 0)
    assert terminal.ask("inbox", "status", "--list") == []
    assert terminal.type("inbox", "status").stdout.startswith("Waiting: 0")
    assert terminal.ask("inbox", "retry", "--all") == {"retried": 0}
    assert terminal.ask("inbox", "drop", "--host", "elsewhere.example") == {"dropped": 0}


@pytest.mark.parametrize("box", ["inbox", "outbox"])
@pytest.mark.parametrize(
    "words", [("retry",), ("retry", "x", "--all"), ("drop",), ("drop", "x", "--host", "y")]
)
def test_which_ones_must_be_said_and_only_once(
    terminal: Terminal, box: str, words: tuple[str, ...]
) -> None:
    assert terminal.type(box, *words).exit_code == 2
