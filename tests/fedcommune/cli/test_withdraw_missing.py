"""Importing events: what is no longer in the file, and is to be called off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from fedcommune import importing
from tests.fedcommune.cli.conftest import Terminal
from tests.fedcommune.cli.imported import counts, fetch
from tests.fedcommune.cli.test_import_events import (
    BALL,
    SOON,
    bring,
    calendar,
    entry,
    events,
    everything,
)

MISSING: Final = "--withdraw-missing"


def test_what_is_no_longer_in_the_file_is_called_off_when_that_is_wanted(
    terminal: Terminal,
) -> None:
    bring(terminal, calendar(BALL, entry("2", "Kabar")))
    bring(terminal, calendar(entry("3", "Foire")), "--source", "ailleurs")
    before = everything(terminal)
    assert counts(bring(terminal, calendar(BALL))) == {"same": 1}
    told = bring(terminal, calendar(BALL), MISSING, "--dry-run")
    assert counts(told) == {"same": 1, "gone": 1}
    (line,) = told["lines"]
    assert (line["verdict"], line["name"], line["key"]) == ("gone", "Kabar", "2")
    assert everything(terminal) == before

    assert counts(bring(terminal, calendar(BALL), MISSING)) == {"same": 1, "gone": 1}

    stands = {each["name"]: each["status"] for each in events(terminal)}
    assert stands == {
        "Bal la poussière": "confirmed",
        "Kabar": "cancelled",
        "Foire": "confirmed",
    }
    assert counts(bring(terminal, calendar(BALL), MISSING)) == {"same": 1}
    # It is back in the file, and then it is not again.
    both = calendar(BALL, entry("2", "Kabar"))
    assert counts(bring(terminal, both, MISSING)) == {"same": 1, "changed": 1}
    assert {each["status"] for each in events(terminal)} == {"confirmed"}
    assert counts(bring(terminal, calendar(BALL), MISSING)) == {"same": 1, "gone": 1}


def test_what_has_begun_is_not_called_off(terminal: Terminal) -> None:
    bring(terminal, calendar(BALL, entry("2", "Kabar"), entry("3", "Foire")))
    begun = "update commune.event set starts_at = $2, ends_at = $3 where name = $1"
    now = datetime.now(UTC)
    fetch(terminal, begun, "Kabar", now - timedelta(hours=1), now + timedelta(hours=1))
    fetch(terminal, begun, "Foire", now - timedelta(days=3), now - timedelta(days=2))
    before = everything(terminal)

    assert counts(bring(terminal, calendar(BALL), MISSING)) == {"same": 1}

    assert everything(terminal) == before


def test_what_was_changed_or_taken_away_here_is_not_called_off(terminal: Terminal) -> None:
    bring(terminal, calendar(BALL, entry("2", "Kabar"), entry("3", "Foire")))
    kabar, fair = [each for each in events(terminal) if each["name"] in ("Kabar", "Foire")]
    terminal.ask("event", "change", "agenda", str(kabar["post_id"]), "--price", "5 euros")
    gone = "update commune.post set deleted_at = now() where id = $1"
    fetch(terminal, gone, fair["post_id"])

    answer = bring(terminal, calendar(BALL), MISSING)

    assert counts(answer) == {"same": 1, "kept_as_it_is_here": 1}
    assert answer["lines"][0]["reason"] == "Somebody changed it here."
    assert {each["status"] for each in events(terminal)} == {"confirmed"}
    assert counts(bring(terminal, calendar(BALL), MISSING, "--force"))["gone"] == 1


def test_nothing_is_called_off_while_a_line_cannot_be_read(terminal: Terminal) -> None:
    bring(terminal, calendar(BALL, entry("2", "Kabar")))
    broken = calendar(BALL, entry("2", ""))

    for words in ((MISSING, "--dry-run"), (MISSING,), (MISSING, "--force")):
        answer = bring(terminal, broken, *words)
        assert counts(answer) == {"same": 1, "refused": 1, "kept_as_it_is_here": 1}
        assert "could not be read" in answer["lines"][1]["reason"]

    assert {each["status"] for each in events(terminal)} == {"confirmed"}


def test_times_that_a_series_no_longer_has_are_called_off_batch_by_batch(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 3)
    weekly = entry("marche", "Marché", SOON, "RRULE:FREQ=WEEKLY;COUNT=12")
    bring(terminal, calendar(weekly))

    answer = bring(terminal, calendar(weekly.replace("COUNT=12", "COUNT=4")), MISSING)

    assert counts(answer) == {"same": 4, "gone": 8}
    stands = [each["status"] for each in events(terminal)]
    assert stands == ["confirmed"] * 4 + ["cancelled"] * 8
