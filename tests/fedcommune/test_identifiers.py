"""Identifiers: of a moment, in the order of moments, never twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fedcommune import identifiers

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(days=-9_000), timedelta(days=30_000)).map(NOON.__add__)


@given(MOMENTS)
def test_an_identifier_tells_its_moment_to_the_millisecond(moment: datetime) -> None:
    told = identifiers.moment(identifiers.new(moment))

    assert abs(told - moment) < timedelta(milliseconds=1)


@given(MOMENTS, st.timedeltas(min_value=timedelta(milliseconds=1), max_value=timedelta(days=9)))
def test_what_is_later_is_greater(moment: datetime, later: timedelta) -> None:
    assert identifiers.new(moment + later) > identifiers.new(moment)


def test_moments_that_take_turns_never_share_an_identifier() -> None:
    # Two transactions that are open together; a moment dated to the second from afar.
    moments = [NOON, NOON + timedelta(milliseconds=1), NOON - timedelta(days=1)]

    made = [identifiers.new(moments[turn % 3]) for turn in range(60_000)]

    assert len(set(made)) == len(made)


def test_of_one_moment_the_later_one_is_greater() -> None:
    made = [identifiers.new(NOON) for _ in range(1_000)]

    assert made == sorted(made)


def test_threads_never_share_an_identifier() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: identifiers.new(NOON), range(20_000)))

    assert len(set(made)) == len(made)
