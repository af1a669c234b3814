"""Tallies, whatever is voted: nobody counts twice, and nothing hidden is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.domain.polls.model import Seen, counted, lines, picked, unchosen
from fedcommune.domain.posts import choices
from fedcommune.domain.posts.choices import Asked, Poll
from fedcommune.errors import Invalid
from tests.fedcommune.domain.conftest import BEGINNING

OPTIONS = ("Oui", "Non", "Blanc")
DAY = timedelta(days=1)


def poll(*, multiple: bool = False, hides: bool = False) -> Poll:
    return choices.asked_now(1, Asked(OPTIONS, DAY, multiple, hides), BEGINNING)


@given(
    st.booleans(),
    st.lists(st.tuples(st.integers(1, 4), st.lists(st.integers(0, 2), max_size=4)), max_size=30),
)
def test_sec_mod_05_whatever_is_voted_each_voter_counts_as_often_as_they_may(
    multiple: bool, ballots: list[tuple[int, list[int]]]
) -> None:
    taken: dict[int, set[int]] = {}
    standing = poll(multiple=multiple)
    for voter, wanted in ballots:
        before = taken.setdefault(voter, set())
        new = unchosen(standing, before, wanted)
        standing = counted(standing, before, new)
        before.update(new)

    assert standing.voters == sum(bool(each) for each in taken.values())
    assert list(standing.votes) == [
        sum(choice in each for each in taken.values()) for choice in range(3)
    ]
    assert multiple or all(len(each) <= 1 for each in taken.values())


def test_how_many_voted_stays_unknown_when_it_was_not_told() -> None:
    standing = replace(poll(), voters=None)

    assert counted(standing, (), (1,)).votes == (0, 1, 0)
    assert counted(standing, (), (1,)).voters is None


@pytest.mark.parametrize("wrong", [[], [3], [-1], [0, 1], [10_000]])
def test_what_cannot_be_chosen_is_refused(wrong: list[int]) -> None:
    with pytest.raises(Invalid):
        picked(poll(), wrong)


def test_shares_are_of_those_who_voted_and_hidden_until_the_end() -> None:
    seen = Seen(counted(counted(poll(multiple=True), (), (0, 1)), (), (0,)), own=(1,))
    assert [(line.votes, line.percent, line.own) for line in lines(seen, BEGINNING)] == [
        (2, 100, False),
        (1, 50, True),
        (0, 0, False),
    ]

    hidden = Seen(counted(poll(hides=True), (), (0,)))
    assert {(line.votes, line.percent) for line in lines(hidden, BEGINNING)} == {(None, None)}
    assert [line.percent for line in lines(hidden, BEGINNING + DAY)] == [100, 0, 0]


@pytest.mark.parametrize(
    ("options", "lasts"),
    [
        (("Oui",), DAY),
        (("Oui", "  "), DAY),
        (("Oui", "Oui "), DAY),
        (tuple(map(str, range(21))), DAY),
        (("Oui", "x" * 101), DAY),
        (OPTIONS, timedelta(minutes=4)),
        (OPTIONS, timedelta(days=366)),
    ],
)
def test_a_poll_that_cannot_be_asked_is_refused(options: tuple[str, ...], lasts: timedelta) -> None:
    with pytest.raises(Invalid):
        choices.checked(Asked(options, lasts))


def test_twenty_choices_for_a_year_can_be_asked() -> None:
    asked = choices.checked(Asked(tuple(f" {n}  x " for n in range(20)), timedelta(days=365)))

    assert asked.options[3] == "3 x"
