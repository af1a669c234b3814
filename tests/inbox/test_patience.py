"""When to try again, and when to give up (pure)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from inbox import patience

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@given(tries=st.integers(1, 1000), chance=st.floats(0, 1), waited=st.integers(0, 300_000))
def test_w_in_the_next_try_is_later_and_never_beyond_three_days(
    tries: int, chance: float, waited: int
) -> None:
    received = NOW - timedelta(seconds=waited)

    again = patience.after_unavailable(tries, received, NOW, chance=chance)

    assert again is None or NOW < again <= received + patience.GIVE_UP_AFTER


def test_w_in_a_server_that_names_a_time_is_left_alone_until_then() -> None:
    for asked, waited in [(7200.0, 7200.0), (10.0, 60.0), (1e9, 86_400.0)]:
        again = patience.after_unavailable(1, NOW, NOW, retry_after=asked, chance=0.5)
        assert again == NOW + timedelta(seconds=waited)


def test_sec_par_04_our_own_code_gets_three_tries() -> None:
    assert patience.after_fault(1, NOW) is not None
    assert patience.after_fault(2, NOW) is not None
    assert patience.after_fault(3, NOW) is None
