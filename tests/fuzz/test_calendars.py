"""Calendars of strangers: their entries, or a sentence about why not; never who attends."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedcommune.domain.portability.model import Passed, Refused, Unreadable
from fedcommune.domain.portability.readers import calendars, communecter_events
from fedcommune.domain.portability.readers.calendars import Happening

unhurried = settings(deadline=None)
REUNION = "Indian/Reunion"

parts = st.sampled_from(
    [
        *("UID:1", "UID:", "SUMMARY:Bal", "SUMMARY:", "DTSTART:20261201T180000Z", "DTSTART:x"),
        *("DTSTART;VALUE=DATE:20261201", "DTSTART;TZID=Indian/Reunion:20261201T180000"),
        *("DTSTART;TZID=Nowhere/Land:20261201T180000", "DTSTART:99999999T999999", "DTSTART"),
        *("DTEND:20261201T200000Z", "DTEND:00010101T000000", "DURATION:P1D", "DURATION:-P9999W"),
        *("RRULE:FREQ=WEEKLY;COUNT=3", "RRULE:FREQ=SECONDLY", "RRULE:x", "RRULE:FREQ=;=;"),
        *("EXDATE:20261208T180000Z,x", "EXDATE:x", "RDATE;VALUE=PERIOD:20261201T180000Z/PT1H"),
        *("GEO:-21.1;55.2", "GEO:x", "GEO:1e999;nan", "CATEGORIES:a,b", "STATUS:CANCELLED"),
        *("CLASS:PRIVATE", "SEQUENCE:x", "SEQUENCE:-1", "RECURRENCE-ID:20261201T180000Z"),
        *("RECURRENCE-ID:x", "ATTENDEE;CN=Zoe:mailto:zoe@example.org", "URL:javascript:x"),
        *("BEGIN:VALARM", "END:VALARM", "BEGIN:VEVENT", "END:VEVENT", "X;=:", " folded", ":", ""),
    ]
)


def told(text: str | bytes) -> list[Happening | Refused | Passed]:
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return list(calendars.read(BytesIO(content), REUNION))


def calendar(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""])


def event(*lines: str) -> str:
    return calendar("BEGIN:VEVENT", *lines, "END:VEVENT")


@unhurried
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: calendar(text)))
def test_any_bytes_are_a_calendar_or_refused(content: bytes | str) -> None:
    with suppress(Unreadable):
        told(content)


@unhurried
@given(lines=st.lists(parts, max_size=12))
def test_any_entry_is_read_or_refused(lines: list[str]) -> None:
    try:
        found = told(event(*lines))
    except Unreadable:
        return
    for each in found:
        if isinstance(each, Happening):
            assert each.starts_at.tzinfo is not None
            assert each.ends_at is None or each.ends_at >= each.starts_at
            assert "zoe@" not in repr(each)


def test_an_entry_is_read_with_its_clock_and_its_repetition() -> None:
    (found,) = told(
        event(
            "UID:bal@lagon.example",
            "SEQUENCE:3",
            "SUMMARY:Bal\\, la poussière",
            "DTSTART;TZID=Indian/Reunion:20261201T180000",
            "DURATION:PT2H",
            "RRULE:FREQ=WEEKLY;COUNT=3",
            "EXDATE;TZID=Indian/Reunion:20261208T180000",
            "LOCATION:Kiosque\\, Saint-Leu",
            "GEO:-21.17;55.29",
            "CATEGORIES:danse,maloya",
            "URL:https://lagon.example/bal",
            "ORGANIZER;CN=Zoé:mailto:zoe@example.org",
            "ATTENDEE:mailto:luc@example.org",
        )
    )

    assert isinstance(found, Happening)
    assert found.name == "Bal, la poussière"
    assert found.starts_at.astimezone(UTC) == datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert found.ends_at is not None
    assert found.ends_at.astimezone(UTC).hour == 16
    assert (found.timezone, found.rule) == (REUNION, "FREQ=WEEKLY;COUNT=3")
    assert found.except_at[0].astimezone(UTC) == datetime(2026, 12, 8, 14, tzinfo=UTC)
    assert (found.where, found.tags) == ("Kiosque, Saint-Leu", ("danse", "maloya"))
    assert (found.latitude, found.longitude) == (-21.17, 55.29)
    assert (found.key, found.sequence) == ("bal@lagon.example", 3)
    assert "example.org" not in repr(found)


def test_whole_days_last_until_midnight_and_floating_times_are_of_the_commune() -> None:
    day, hour = told(
        calendar(
            *("BEGIN:VEVENT", "UID:1", "SUMMARY:Fête", "DTSTART;VALUE=DATE:20261220", "END:VEVENT"),
            *("BEGIN:VEVENT", "UID:2", "SUMMARY:Bal", "DTSTART:20261220T200000", "END:VEVENT"),
        )
    )

    assert isinstance(day, Happening)
    assert day.whole_days
    assert day.ends_at is not None
    assert (day.ends_at - day.starts_at).days == 1
    assert isinstance(hour, Happening)
    assert hour.starts_at.astimezone(UTC).hour == 16


def test_one_time_that_is_called_off_has_a_key_of_its_own() -> None:
    (found,) = told(
        event(
            *("UID:1", "SUMMARY:Bal", "DTSTART:20261208T140000Z", "STATUS:CANCELLED"),
            "RECURRENCE-ID:20261208T140000Z",
        )
    )

    assert isinstance(found, Happening)
    assert found.cancelled
    assert found.key == "1#2026-12-08T14:00:00+00:00"


def test_what_is_private_is_passed_over() -> None:
    lines = ("UID:1", "SUMMARY:Médecin", "DTSTART:20261208T140000Z", "CLASS:PRIVATE")

    assert told(event(*lines)) == [Passed.WITHHELD]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"nothing", "no calendar"),
        (b"PK\x03\x04" + b"a" * 50, "unpack it"),
        (calendar("SUMMARY:\xe9").encode("latin-1"), "UTF-8"),
        (calendar("BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 5_001).encode(), "At most 5000"),
    ],
)
def test_what_is_no_calendar_is_refused_whole(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        told(content)


moments: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [
            *("2026-12-20T18:00:00+04:00", "2026-12-20", "0001-01-01", "x", "", None, 7, "9" * 40),
            *(
                {"sec": 1_800_000_000},
                {"sec": "1e400"},
                {"sec": []},
                {"$date": {"$numberLong": "1"}},
            ),
        ]
    ),
    st.text(max_size=9),
)


@unhurried
@given(
    element=st.fixed_dictionaries(
        {"name": st.just("Bal"), "id": st.just("a1"), "startDate": moments},
        optional={
            "endDate": moments,
            "allDay": st.sampled_from([True, "true", 1, None]),
            "geo": st.sampled_from([{"latitude": "x"}, {"latitude": "-21", "longitude": "55"}, 3]),
            "address": st.sampled_from([{"postalCode": "97436"}, [], "x"]),
        },
    )
)
def test_any_event_of_communecter_is_read_or_refused(element: Any) -> None:
    (found,) = communecter_events.read(BytesIO(json.dumps([element]).encode()), REUNION)

    assert isinstance(found, Happening | Refused)
    if isinstance(found, Happening):
        assert found.starts_at.tzinfo is not None
        assert found.ends_at is None or found.ends_at >= found.starts_at


def test_an_event_of_communecter_is_read_without_who_comes() -> None:
    entities = {
        "b1": {
            "name": "Kabar",
            "type": "concert",
            "startDate": {"sec": 1_798_000_000},
            "endDate": "2026-12-24T02:00:00+04:00",
            "address": {"streetAddress": "Kiosque", "addressLocality": "Saint-Leu"},
            "links": {"attendees": {"z1": {"type": "citoyens", "name": "Zoé"}}},
            "organizerName": "Zoé",
        },
        "b2": {"name": "Zoé", "@type": "Person", "startDate": "2026-12-20"},
        "b3": {"name": "Ti Jardin", "type": "NGO"},
    }
    content = BytesIO(json.dumps({"entities": entities}).encode())

    kabar, person, garden = communecter_events.read(content, REUNION)

    assert (person, garden) == (Passed.PERSON, Passed.NOTHING)
    assert isinstance(kabar, Happening)
    assert kabar.starts_at.timestamp() == 1_798_000_000
    assert (kabar.where, kabar.tags) == ("Kiosque Saint-Leu", ("concert",))
    assert "Zoé" not in repr(kabar)
