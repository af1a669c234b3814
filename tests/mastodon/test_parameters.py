"""Parameters with Rails' names, from forms and JSON."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedcommune.errors import Invalid
from fedcommune.mastodon.parameters import DEEPEST, MOST_FIELDS, Parameters, Unreadable, nested


def test_names_nest_as_rails_nests_them() -> None:
    found = nested(
        [
            ("status", "Bonjour"),
            ("media_ids[]", "1"),
            ("media_ids[]", "2"),
            ("poll[options][]", "oui"),
            ("poll[options][]", "non"),
            ("poll[expires_in]", "300"),
            ("fields_attributes[0][name]", "Site"),
            ("fields_attributes[0][value]", "x"),
            ("fields_attributes[1][name]", "Ville"),
            ("keywords_attributes[][keyword]", "a"),
            ("keywords_attributes[][whole_word]", "true"),
            ("keywords_attributes[][keyword]", "b"),
        ]
    )

    assert found == {
        "status": "Bonjour",
        "media_ids": ["1", "2"],
        "poll": {"options": ["oui", "non"], "expires_in": "300"},
        "fields_attributes": {"0": {"name": "Site", "value": "x"}, "1": {"name": "Ville"}},
        "keywords_attributes": [{"keyword": "a", "whole_word": "true"}, {"keyword": "b"}],
    }


def test_values_are_read_in_the_shape_that_is_needed() -> None:
    params = Parameters(
        {
            "text": "a\x00b",
            "empty": "",
            "yes": "on",
            "no": "0",
            "false": False,
            "number": " 12 ",
            "whole": 12,
            "ids": ["3", 4, "3"],
            "one": "5",
            "numbered": {"1": "b", "0": "a", "10": "c"},
            "group": {"inner": "x"},
            "fields": {"0": {"name": "a"}, "1": {"name": "b"}},
        }
    )

    assert params.text("text") == "ab"
    assert params.maybe("empty") == ""
    assert params.text("empty", "default") == "default"
    assert (params.truth("yes"), params.truth("no"), params.truth("false")) == (True, False, False)
    assert params.truth("absent") is None
    assert params.flag("absent", default=True)
    assert (params.number("number"), params.number("whole")) == (12, 12)
    assert params.identifiers("ids") == [3, 4]
    assert params.texts("one") == ["5"]
    assert params.texts("numbered") == ["a", "b", "c"]
    assert params.group("group").text("inner") == "x"
    assert [each.text("name") for each in params.groups("fields")] == ["a", "b"]
    assert params.groups("absent") == []


@pytest.mark.parametrize("value", [["a"], {"a": 1}])
def test_a_text_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        Parameters({"x": value}).text("x")


@pytest.mark.parametrize("value", ["a", "1.5", "٣", "1" * 30, [1]])
def test_a_number_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        Parameters({"x": value}).number("x")


def test_sec_dos_05_names_are_neither_too_deep_nor_too_many() -> None:
    with pytest.raises(Unreadable):
        nested([("a" + "[b]" * DEEPEST, "x")])
    with pytest.raises(Unreadable):
        nested([(f"a{n}", "x") for n in range(MOST_FIELDS + 1)])


@given(st.lists(st.tuples(st.text("ab[]0", max_size=8), st.text(max_size=3)), max_size=12))
def test_no_name_breaks_the_reading(pairs: list[tuple[str, str]]) -> None:
    try:
        params = Parameters(nested(pairs))
    except Unreadable:
        return
    for name in params:
        for read in (params.texts, params.groups, params.group, params.number, params.truth):
            try:
                read(name)
            except Invalid:
                continue
