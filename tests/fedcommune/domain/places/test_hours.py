"""Opening hours: what is understood of them, what stays text, and whether it is open."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fedcommune.domain.places import hours
from fedcommune.web.hours import in_a_line, in_words

SHOP = "Mo-Fr 08:00-12:00,14:00-18:00; Sa 08:00-12:00; PH off"


@pytest.mark.parametrize(
    ("text", "moment", "open_"),
    [
        ("24/7", "2026-08-03T03:00", True),
        ("24/7", "2026-12-25T03:00", True),
        (SHOP, "2026-08-03T08:00", True),
        (SHOP, "2026-08-03T12:00", False),
        (SHOP, "2026-08-03T17:59", True),
        (SHOP, "2026-08-08T15:00", False),
        (SHOP, "2026-08-09T09:00", False),
        (SHOP, "2026-07-14T09:00", False),  # the national day
        ("Mo-Su 10:00-20:00", "2026-07-14T11:00", None),  # nobody said
        ("Fr,Sa 18:00-02:00", "2026-08-09T01:30", True),  # the night of Saturday
        ("Fr,Sa 18:00-02:00", "2026-08-09T02:00", False),
        ("Sa-Mo 10:00-12:00", "2026-08-09T11:00", True),
        ("Nov-Mar 10:00-12:00", "2026-12-02T11:00", True),
        ("Nov-Mar 10:00-12:00", "2026-08-03T11:00", False),
        ("10:00-12:00; Mo off", "2026-08-03T11:00", False),
        ("sunrise-sunset", "2026-08-03T11:00", None),
        ("Mo 10:00+", "2026-08-03T11:00", None),
        ("Mo-Fr 25:00-26:00", "2026-08-03T11:00", None),
        ("", "2026-08-03T11:00", None),
        ("x" * 500, "2026-08-03T11:00", None),
    ],
)
def test_it_is_open_closed_or_cannot_be_told(text: str, moment: str, open_: bool | None) -> None:
    assert hours.is_open(hours.read(text), datetime.fromisoformat(moment)) is open_


def test_public_holidays_move_with_easter() -> None:
    assert hours.is_holiday(date(2026, 4, 6))  # Easter Monday
    assert hours.is_holiday(date(2026, 5, 14))  # Ascension
    assert hours.is_holiday(date(2027, 5, 17))  # Whit Monday
    assert not hours.is_holiday(date(2026, 4, 5))


def test_hours_are_told_in_the_words_of_the_reader() -> None:
    now = datetime(2026, 8, 3, 5, 0, tzinfo=UTC)

    french = in_words(SHOP, "fr", now, "Indian/Reunion")
    english = in_words("Apr-Oct Mo,We,Fr 09:00-12:00", "en", now, "Europe/Paris")

    assert french.lines == [
        ("lundi à vendredi", "08:00\xa0– 12:00, 14:00\xa0– 18:00"),
        ("samedi", "08:00\xa0– 12:00"),
        ("jours fériés", "fermé"),
    ]
    assert french.now is True  # nine o'clock over there
    assert english.lines[0][0] == "April to October, Monday, Wednesday, Friday"


def test_a_profile_tells_them_in_one_line() -> None:
    assert in_a_line("Tu-Su 14:00-18:00; PH off", "fr") == (
        "mardi à dimanche\xa0: 14:00\xa0– 18:00 · jours fériés\xa0: fermé"
    )
    assert in_a_line("24/7", "en") == "every day: day and night"
    assert in_a_line("lun–ven 8h–12h", "fr") == "lun–ven 8h–12h"
    assert in_a_line("", "fr") == ""


def test_what_is_not_understood_stays_as_it_was_typed() -> None:
    told = in_words("sur rendez-vous", "fr", datetime.now(UTC), "Europe/Paris")

    assert (told.lines, told.text, told.now) == ([], "sur rendez-vous", None)
