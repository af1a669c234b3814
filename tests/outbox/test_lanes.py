"""Result classes, schedule, breaker and dialects, for every case one can think of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.names import ACTIVITY_JSON, LD_JSON_AS2
from outbox import lanes
from outbox.lanes import Dialect, Health, Outcome

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
chances = st.floats(0, 1)
outcomes = st.sampled_from(sorted(Outcome))
CAVAGE = Dialect("cavage", LD_JSON_AS2)
RFC9421 = Dialect("rfc9421", LD_JSON_AS2)


@pytest.mark.parametrize(
    ("outcome", "statuses"),
    [
        (Outcome.DELIVERED, [200, 201, 202, 204, 299]),
        (Outcome.GONE, [410]),
        (Outcome.REFUSED, [400, 403, 404, 405, 406, 409, 413, 415, 418, 422, 451, 501]),
        (Outcome.UNAUTHORISED, [401]),
        (Outcome.BUSY, [429]),
        (Outcome.FAILED, [301, 302, 307, 308, 408, 500, 502, 503, 504, 520, 599]),
    ],
)
def test_w_del_02_each_status_has_its_class(outcome: Outcome, statuses: list[int]) -> None:
    assert {lanes.classify(status) for status in statuses} == {outcome}


def _again(attempts: int, **given_: object) -> datetime | None:
    arguments: dict[str, object] = {
        "outcome": Outcome.FAILED,
        "deletes": False,
        "created_at": NOW,
        "now": NOW,
        "chance": 0.5,
    }
    return lanes.next_attempt(attempts, **{**arguments, **given_})  # type: ignore[arg-type]


def test_w_del_03_fifteen_attempts_over_three_and_a_half_days() -> None:
    now, waits = NOW, []
    attempts = 1
    while (again := _again(attempts, now=now)) is not None:
        waits.append((again - now) / timedelta(minutes=1))
        now, attempts = again, attempts + 1

    assert waits == [1, 5, 15, 40, 90, 180, 300, 420, 540, 660, 720, 720, 720, 720]
    assert attempts == 15
    assert timedelta(hours=84) < now - NOW < timedelta(hours=86)


@given(st.integers(1, 14), chances)
def test_w_del_03_the_jitter_is_a_quarter_at_most(attempts: int, chance: float) -> None:
    wait = timedelta(minutes=lanes.SCHEDULE[attempts])

    again = _again(attempts, chance=chance)

    assert again is not None
    assert wait * 0.75 <= again - NOW <= wait * 1.25


def test_w_del_03_a_delete_is_tried_again_after_five_and_seven_days() -> None:
    fourth_day = NOW + timedelta(hours=85)

    again = _again(15, deletes=True, now=fourth_day)
    assert again == NOW + timedelta(days=5)
    assert _again(16, deletes=True, now=again) == NOW + timedelta(days=7)
    assert _again(17, deletes=True, now=NOW + timedelta(days=7)) is None
    assert _again(15, deletes=False, now=fourth_day) is None


@given(st.floats(allow_nan=True, allow_infinity=True), st.integers(1, 14), chances)
def test_w_del_02_retry_after_is_respected_up_to_a_day(
    seconds: float, attempts: int, chance: float
) -> None:
    asked = lanes.asked_to_wait(seconds)

    again = _again(attempts, retry_after=asked, chance=chance)

    assert timedelta(0) <= asked <= timedelta(hours=24)
    assert again is not None
    assert again - NOW >= asked
    assert again - NOW <= max(asked, timedelta(minutes=900))


def test_w_del_02_an_unbelieved_signature_is_tried_a_few_times() -> None:
    tried = [_again(attempts, outcome=Outcome.UNAUTHORISED) for attempts in range(1, 5)]

    assert [again is not None for again in tried] == [True, True, True, False]


def _failing(health: Health, now: datetime, times: int) -> Health:
    for _ in range(times):
        health = lanes.after(health, Outcome.FAILED, now=now, error="500")
    return health


def test_w_del_04_ten_failures_in_a_row_pause_the_host_for_a_minute() -> None:
    nine = _failing(Health(), NOW, 9)
    ten = _failing(Health(), NOW, 10)

    assert not nine.is_paused(NOW)
    assert not nine.is_open()
    assert ten.is_paused(NOW + timedelta(seconds=59))
    assert not ten.is_paused(NOW + timedelta(seconds=60))
    assert ten.is_open()
    assert ten.parallel() == 1


def test_w_del_04_the_pause_grows_to_an_hour() -> None:
    now, health, pauses = NOW, _failing(Health(), NOW, 10), []
    for _ in range(9):
        assert health.paused_until is not None
        pauses.append((health.paused_until - now).total_seconds())
        now = health.paused_until
        health = _failing(health, now, 1)

    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_w_del_04_what_began_before_the_pause_does_not_lengthen_it() -> None:
    ten = _failing(Health(), NOW, 10)

    more = _failing(ten, NOW + timedelta(seconds=30), 2)

    assert (more.failures, more.paused_until) == (ten.failures, ten.paused_until)


def test_w_del_04_any_success_makes_a_host_well() -> None:
    health = _failing(Health(), NOW, 14)
    for day in range(7):
        health = lanes.exhausted(health, NOW + timedelta(days=day))
    assert health.unavailable_since is not None

    well = lanes.after(health, Outcome.DELIVERED, now=NOW, dialect=CAVAGE)

    assert well == Health(dialect=CAVAGE, learnt_at=NOW, last_success_at=NOW)
    assert well.parallel() == 3


@given(st.lists(st.integers(0, 30), max_size=40))
def test_w_del_04_seven_distinct_days_make_a_host_unavailable(days: list[int]) -> None:
    health = Health()
    for day in days:
        health = lanes.exhausted(health, NOW + timedelta(days=day))

    assert (health.unavailable_since is not None) == (len(set(days)) >= 7)
    assert len(health.exhausted_on) <= 7


def test_w_del_04_an_unavailable_host_is_probed_once_a_week() -> None:
    health, later = Health(), NOW
    for day in range(7):
        later = NOW + timedelta(days=day)
        health = lanes.exhausted(health, later)
    assert health.paused_until == later + timedelta(days=7)

    later += timedelta(days=7)
    assert not health.is_paused(later)
    health = lanes.after(health, Outcome.FAILED, now=later)

    assert health.paused_until == later + timedelta(days=7)


def test_w_del_02_a_429_pauses_the_host_and_is_no_failure() -> None:
    asked = lanes.after(Health(), Outcome.BUSY, now=NOW, retry_after=timedelta(hours=2))
    silent = lanes.after(Health(), Outcome.BUSY, now=NOW)

    assert asked.paused_until == NOW + timedelta(hours=2)
    assert silent.paused_until == NOW + timedelta(minutes=1)
    assert asked.failures == silent.failures == 0
    assert lanes.after(asked, Outcome.DELIVERED, now=NOW).paused_until == asked.paused_until


@given(st.lists(st.tuples(outcomes, st.integers(0, 7200)), max_size=60))
def test_w_del_04_whatever_happens_a_pause_ends_and_nothing_grows_without_bound(
    history: list[tuple[Outcome, int]],
) -> None:
    health, now = Health(), NOW
    for outcome, seconds in history:
        now += timedelta(seconds=seconds)
        health = lanes.after(health, outcome, now=now, retry_after=timedelta(seconds=seconds))
        if outcome is Outcome.FAILED:
            health = lanes.exhausted(health, now)

    assert not health.is_paused(now + lanes.PROBE)
    assert len(health.exhausted_on) <= 7
    assert 1 <= health.parallel() <= 3
    assert health.failures <= len(history)


@pytest.mark.parametrize("status", [400, 401, 403, 406])
def test_w_9421_05_a_second_knock_speaks_the_other_scheme(status: int) -> None:
    assert lanes.second_knock([CAVAGE], status, known=False) == RFC9421
    assert lanes.second_knock([RFC9421], status, known=False) == CAVAGE


@pytest.mark.parametrize("status", [200, 202, 404, 410, 429, 500, 503])
def test_w_9421_05_other_answers_are_final(status: int) -> None:
    assert lanes.second_knock([CAVAGE], status, known=False) is None


def test_w_9421_05_a_host_that_took_a_scheme_is_not_knocked_at_twice() -> None:
    for status in (400, 403, 406, 415):
        assert lanes.second_knock([CAVAGE], status, known=True) is None
    assert lanes.second_knock([CAVAGE], 401, known=True) == RFC9421
    asked = lanes.second_knock([CAVAGE], 403, known=True, asks_for_9421=True)
    assert asked == RFC9421


def test_s2s_01_a_host_that_does_not_take_the_media_type_is_offered_the_other() -> None:
    plain = Dialect("cavage", ACTIVITY_JSON)

    assert lanes.second_knock([CAVAGE], 415, known=False) == plain
    assert lanes.second_knock([CAVAGE, RFC9421], 406, known=False) == plain
    assert lanes.second_knock([CAVAGE, RFC9421, plain], 400, known=False) is None


@given(st.integers(100, 599), st.booleans(), st.booleans())
def test_w_9421_05_knocking_ends(status: int, known: bool, asks: bool) -> None:
    tried = [lanes.FIRST]
    while (
        following := lanes.second_knock(tried, status, known=known, asks_for_9421=asks)
    ) is not None:
        assert following not in tried
        tried.append(following)

    assert len(tried) <= 3


def test_w_9421_05_the_winner_is_remembered_for_thirty_days() -> None:
    health = lanes.after(Health(), Outcome.DELIVERED, now=NOW, dialect=RFC9421)

    assert health.speaks(NOW + timedelta(days=29)) == RFC9421
    assert health.speaks(NOW + timedelta(days=30)) is None
    unbelieved = lanes.after(health, Outcome.UNAUTHORISED, now=NOW)
    assert unbelieved.speaks(NOW) is None
    assert _failing(health, NOW, 3).speaks(NOW) == RFC9421
