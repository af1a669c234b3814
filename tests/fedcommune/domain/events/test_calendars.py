"""Calendars of others: read with ceilings, taken once, followed when they change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.events import calendar_reading
from fedcommune.domain.events.actions import announcing, importing, joining
from fedcommune.domain.events.queries import agenda, calendars
from fedcommune.domain.events.queries.agenda import Line, Wanted
from fedcommune.domain.events.queries.calendars import Calendar, Pull
from fedcommune.errors import Conflict, Invalid
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import told

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
# As Nextcloud and Google write it: a weekly rehearsal, one date left out, one moved.
REHEARSALS = """BEGIN:VEVENT
UID:repet@theatre.example
DTSTART;TZID=Indian/Reunion:20260901T190000
DTEND;TZID=Indian/Reunion:20260901T210000
RRULE:FREQ=WEEKLY;COUNT=5
EXDATE;TZID=Indian/Reunion:20260908T190000
SUMMARY:Répétition
LOCATION:Salle des fêtes\\, Saint-Leu
DESCRIPTION:Apportez votre texte.
END:VEVENT
BEGIN:VEVENT
UID:repet@theatre.example
RECURRENCE-ID;TZID=Indian/Reunion:20260915T190000
DTSTART;TZID=Indian/Reunion:20260916T190000
DTEND;TZID=Indian/Reunion:20260916T210000
SUMMARY:Répétition (mercredi)
END:VEVENT
"""
PLAY = """BEGIN:VEVENT
UID:premiere@theatre.example
DTSTART;TZID=Indian/Reunion:20261003T200000
DURATION:PT2H
SUMMARY:La première
URL:https://theatre.example/premiere
CATEGORIES:THEATRE
GEO:-21.17;55.28
END:VEVENT
"""
CANCELLED = PLAY.replace("SUMMARY", "STATUS:CANCELLED\nSUMMARY")


def file(*events: str) -> bytes:
    inside = "".join(events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//t//FR\n{inside}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


@pytest.fixture
async def troupe(people: People) -> Account:
    return await people.actor("theatre", kind=Kind.ASSOCIATION, name="Théâtre du Lagon")


@pytest.fixture
async def source(tx: Transaction, troupe: Account) -> Calendar:
    return await importing.add(tx, troupe, "webcal://theatre.example/agenda.ics")


async def pull(
    tx: Transaction, source: Calendar, troupe: Account, content: bytes, *, days: int = 0
) -> Pull:
    tx = replace(tx, now=tx.now + timedelta(days=days))
    found = calendar_reading.read(content, zone="Indian/Reunion", now=tx.now)
    return await importing.take(tx, source, troupe, found)


async def listed(tx: Transaction) -> list[Line]:
    return await agenda.listed(tx.db, Wanted())


async def test_the_same_calendar_read_twice_makes_nothing_twice(
    tx: Transaction, source: Calendar, troupe: Account
) -> None:
    """Scenario 5."""
    first = await pull(tx, source, troupe, file(REHEARSALS, PLAY))
    second = await pull(tx, source, troupe, file(REHEARSALS, PLAY))

    assert (first.added, second.added, second.changed, second.skipped) == (5, 0, 0, 5)
    lines = await listed(tx)
    assert [f"{line.event.local_start:%d/%m %H:%M} {line.event.name}" for line in lines] == [
        "01/09 19:00 Répétition",
        "16/09 19:00 Répétition (mercredi)",
        "22/09 19:00 Répétition",
        "29/09 19:00 Répétition",
        "03/10 20:00 La première",
    ]
    play = lines[-1].event
    assert (play.category, play.latitude, play.website) == (
        "THEATRE",
        -21.17,
        "https://theatre.example/premiere",
    )
    assert play.end - play.starts_at == timedelta(hours=2)
    assert {line.author.id for line in lines} == {troupe.id}


async def test_what_its_calendar_changes_or_calls_off_changes_here(
    tx: Transaction, people: People, source: Calendar, troupe: Account
) -> None:
    """Scenario 5: people who come are told as if the organisers had done it."""
    paul = await people.citizen("paul")
    await pull(tx, source, troupe, file(PLAY))
    (line,) = await listed(tx)
    await joining.join(tx, paul, line.event.post_id)

    moved = await pull(tx, source, troupe, file(PLAY.replace("T200000", "T190000")))
    assert moved.changed == 1
    (line,) = await listed(tx)
    assert line.event.local_start.hour == 19
    assert line.event.participants == 1

    cancelled = await pull(tx, source, troupe, file(CANCELLED))
    assert cancelled.cancelled == 1
    assert (await listed(tx))[0].event.status == "cancelled"
    assert [kind for kind, _, _ in await told(tx, paul)].count("event_update") == 1


async def test_what_is_no_longer_in_it_is_called_off_unless_it_was_read_in_part(
    tx: Transaction, source: Calendar, troupe: Account
) -> None:
    await pull(tx, source, troupe, file(REHEARSALS, PLAY))
    broken = "BEGIN:VEVENT\nUID:x\nDTSTART:hier\nSUMMARY:Cassé\nEND:VEVENT\n"

    half = await pull(tx, source, troupe, file(REHEARSALS, broken))
    assert half.cancelled == 0
    assert "Cassé" in half.problem

    whole = await pull(tx, source, troupe, file(REHEARSALS))
    assert whole.cancelled == 1
    stands = {line.event.name: line.event.status for line in await listed(tx)}
    assert stands["La première"] == "cancelled"
    assert stands["Répétition"] == "confirmed"


async def test_what_is_back_in_it_takes_place_again_even_if_it_says_the_same(
    tx: Transaction, source: Calendar, troupe: Account
) -> None:
    await pull(tx, source, troupe, file(PLAY))
    await pull(tx, source, troupe, file())
    still_gone = await pull(tx, source, troupe, file())

    back = await pull(tx, source, troupe, file(PLAY))
    again = await pull(tx, source, troupe, file(PLAY))

    assert (still_gone.cancelled, back.changed, again.changed) == (0, 1, 0)
    (line,) = await listed(tx)
    assert line.event.status == "confirmed"


async def test_what_was_taken_away_here_does_not_come_back(
    tx: Transaction, source: Calendar, troupe: Account
) -> None:
    await pull(tx, source, troupe, file(PLAY))
    (line,) = await listed(tx)
    await announcing.remove(tx, troupe, line.event.post_id)

    again = await pull(tx, source, troupe, file(PLAY))

    assert again.added == 0
    assert await listed(tx) == []


async def test_each_reading_is_written_down_and_failures_wait_longer(
    tx: Transaction, source: Calendar, troupe: Account
) -> None:
    await importing.failed(tx, source, "It does not answer.")
    (known,) = await calendars.of_account(tx.db, troupe.id)
    assert known.failures == 1
    assert known.due_at == tx.now + timedelta(hours=2)

    await pull(tx, source, troupe, file(PLAY))
    (known,) = await calendars.of_account(tx.db, troupe.id)
    assert (known.failures, known.due_at) == (0, tx.now + timedelta(hours=1))
    log = await calendars.pulls(tx.db, source.id)
    assert [(each.added, each.problem) for each in log] == [(1, ""), (0, "It does not answer.")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>404</html>",
        b"BEGIN:VCALENDAR" + b"\r\nX:" + b"x" * (2 * 1024 * 1024),
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n",
    ],
)
def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    """SEC-PAR-06, SEC-DOS-05."""
    with pytest.raises(Invalid):
        calendar_reading.read(content, zone="Indian/Reunion", now=NOW)


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=DAILY;BYSECOND=1", "FREQ=DAILY;INTERVAL=0", "FREQ=HOURLY"]
)
def test_rules_that_would_never_end_are_left_out_and_said(rule: str) -> None:
    """SEC-PAR-06."""
    found = calendar_reading.read(
        file(PLAY.replace("DURATION", f"RRULE:{rule}\nDURATION")), zone="Indian/Reunion", now=NOW
    )

    assert found.items == ()
    assert not found.is_whole
    assert "La première" in found.problems[0]


def test_a_daily_rule_since_long_ago_stays_in_the_window() -> None:
    """SEC-PAR-06."""
    ancient = PLAY.replace("20261003", "19900101").replace("DURATION", "RRULE:FREQ=DAILY\nDURATION")

    found = calendar_reading.read(file(ancient), zone="Indian/Reunion", now=NOW)

    assert 0 < len(found.items) <= calendar_reading.MAX_TIMES
    assert all(item.starts_at >= NOW - timedelta(days=2) for item in found.items)


def test_whole_days_floating_times_and_foreign_clocks() -> None:
    events = [
        "BEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260920\nSUMMARY:Brocante\nEND:VEVENT\n",
        "BEGIN:VEVENT\nUID:2\nDTSTART:20260920T180000\nSUMMARY:Bal\nEND:VEVENT\n",
        "BEGIN:VEVENT\nUID:3\nDTSTART:20260920T180000Z\nSUMMARY:Visio\nEND:VEVENT\n",
        PLAY.replace("Indian/Reunion", "Europe/Paris").replace("La première", "Paris"),
    ]

    items = calendar_reading.read(file(*events), zone="Indian/Reunion", now=NOW).items

    found = {item.name: item for item in items}
    assert found["Brocante"].starts_at == datetime(2026, 9, 19, 20, 0, tzinfo=UTC)
    assert found["Brocante"].ends_at == datetime(2026, 9, 20, 20, 0, tzinfo=UTC)
    assert found["Bal"].starts_at == datetime(2026, 9, 20, 14, 0, tzinfo=UTC)
    assert found["Visio"].starts_at == datetime(2026, 9, 20, 18, 0, tzinfo=UTC)
    assert found["Paris"].starts_at == datetime(2026, 10, 3, 18, 0, tzinfo=UTC)
    assert found["Paris"].zone == "Europe/Paris"


async def test_nobody_has_calendars_without_end(tx: Transaction, troupe: Account) -> None:
    for number in range(importing.MAX_CALENDARS):
        await importing.add(tx, troupe, f"https://theatre.example/{number}.ics")

    for url, error in (
        ("https://theatre.example/more.ics", Conflict),
        ("javascript:alert(1)", Invalid),
    ):
        with pytest.raises(error):
            await importing.add(tx, troupe, url)
    assert len(await calendars.of_account(tx.db, troupe.id)) == importing.MAX_CALENDARS
