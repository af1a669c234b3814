"""When something takes place again, whatever the rule, on the clock of the place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.domain.events import recurrence
from fedcommune.domain.events.recurrence import Rule
from fedcommune.errors import Invalid

FIRST = datetime.fromisoformat("2026-01-31T18:00")

POSITIONED = st.tuples(st.sampled_from([-2, -1, 0, 1, 2, 3, 4, 5]), st.integers(0, 6))
PLAIN = st.tuples(st.just(0), st.integers(0, 6))
RULES = st.one_of(
    st.builds(
        Rule,
        st.sampled_from(["DAILY", "WEEKLY"]),
        st.integers(1, 12),
        st.one_of(st.none(), st.integers(1, 50)),
        by_day=st.lists(PLAIN, max_size=7, unique=True).map(tuple),
    ),
    st.builds(
        Rule,
        st.sampled_from(["MONTHLY", "YEARLY"]),
        st.integers(1, 12),
        until=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2040, 1, 1))),
        by_day=st.lists(POSITIONED, max_size=4, unique=True).map(tuple),
    ),
    st.builds(
        Rule,
        st.sampled_from(["MONTHLY", "YEARLY"]),
        st.integers(1, 12),
        by_month_day=st.lists(st.integers(-31, 31).filter(bool), max_size=4, unique=True).map(
            tuple
        ),
    ),
)
FIRSTS = st.datetimes(
    datetime.fromisoformat("2000-01-01T00:00"), datetime.fromisoformat("2060-01-01T00:00")
)


def days(rule: str, count: int = 4, first: datetime = FIRST) -> list[str]:
    found = islice(recurrence.occurrences(recurrence.read(rule), first), count)
    return [f"{each:%Y-%m-%d}" for each in found]


@given(RULES)
def test_a_rule_is_read_as_it_is_written(rule: Rule) -> None:
    assert recurrence.read(str(rule)) == rule


@given(RULES, FIRSTS)
def test_times_come_in_order_at_the_same_hour_and_the_first_is_one_of_them(
    rule: Rule, first: datetime
) -> None:
    found = list(islice(recurrence.occurrences(rule, first), 30))

    if rule.until is None or first.date() <= rule.until:
        assert found[0] == first
    assert all(one < other for one, other in pairwise(found))
    assert {each.time() for each in found} <= {first.time()}
    assert rule.count is None or len(found) <= rule.count
    assert rule.until is None or all(each.date() <= rule.until for each in found)


@given(RULES, FIRSTS)
def test_every_time_after_the_first_is_on_a_day_of_the_rule(rule: Rule, first: datetime) -> None:
    weekdays = {weekday for _, weekday in rule.by_day}

    for each in islice(recurrence.occurrences(rule, first), 1, 20):
        assert not weekdays or each.weekday() in weekdays
        if rule.frequency == "YEARLY":
            assert each.month == first.month


@given(RULES, FIRSTS, st.integers(0, 400), st.integers(1, 400))
def test_windows_side_by_side_leave_nothing_out_and_repeat_nothing(
    rule: Rule, first: datetime, before: int, after: int
) -> None:
    zone = "Indian/Reunion"
    start = recurrence.at(first, zone) - timedelta(seconds=1)
    middle, end = start + timedelta(days=before), start + timedelta(days=before + after)

    def window(since: datetime, until: datetime) -> list[datetime]:
        return recurrence.between(rule, first, zone, since, until, limit=10_000)

    assert window(start, middle) + window(middle, end) == window(start, end)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=2", ["2026-01-31", "2026-02-02", "2026-02-04", "2026-02-06"]),
        ("FREQ=WEEKLY;BYDAY=TU,SA", ["2026-01-31", "2026-02-03", "2026-02-07", "2026-02-10"]),
        ("FREQ=WEEKLY;COUNT=2", ["2026-01-31", "2026-02-07"]),
        ("FREQ=MONTHLY;BYDAY=2SA", ["2026-01-31", "2026-02-14", "2026-03-14", "2026-04-11"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["2026-01-31", "2026-02-27", "2026-03-27", "2026-04-24"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        # A month without such a day is left out (RFC 5545).
        ("FREQ=MONTHLY", ["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
        ("FREQ=MONTHLY;UNTIL=20260401T000000Z", ["2026-01-31", "2026-03-31"]),
        ("RRULE:FREQ=YEARLY;WKST=MO", ["2026-01-31", "2027-01-31", "2028-01-31", "2029-01-31"]),
    ],
)
def test_the_rules_that_people_use(rule: str, expected: list[str]) -> None:
    assert days(rule) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=WEEKLY;BYSETPOS=1",
        "FREQ=WEEKLY;BYDAY=2SA",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=99999",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;UNTIL=demain",
        "FREQ=DAILY;COUNT=2;UNTIL=20260101",
        "FREQ=WEEKLY;FREQ=DAILY",
        "every day",
        "FREQ=",
        "",
    ],
)
def test_what_is_half_understood_is_refused(rule: str) -> None:
    with pytest.raises(Invalid):
        recurrence.read(rule)


def test_a_market_at_six_stays_at_six_when_the_clocks_change() -> None:
    rule = recurrence.read("FREQ=WEEKLY")
    first = datetime.fromisoformat("2026-03-21T18:00")
    since, until = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 5, tzinfo=UTC)

    there = recurrence.between(rule, first, "Europe/Paris", since, until, limit=10)
    here = recurrence.between(rule, first, "Indian/Reunion", since, until, limit=10)

    assert [each.hour for each in there] == [17, 17, 16]
    assert [each.hour for each in here] == [14, 14, 14]


def test_an_hour_that_does_not_exist_is_taken_an_hour_later_and_a_double_one_first() -> None:
    assert recurrence.at(datetime.fromisoformat("2026-03-29T02:30"), "Europe/Paris") == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )
    assert recurrence.at(datetime.fromisoformat("2026-10-25T02:30"), "Europe/Paris") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_a_rule_that_never_comes_true_keeps_nobody_busy() -> None:
    rule = Rule("MONTHLY", by_day=((5, 0),), interval=100)

    assert len(list(islice(recurrence.occurrences(rule, FIRST), 3))) <= 3
