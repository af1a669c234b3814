"""Two languages, complete, a third that is begun, and the right one of them."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from fedcommune import i18n

ROOT = Path(__file__).parents[2]
_PLACE = re.compile(r"\{\w*\}")


def _used() -> Catalog:
    """Everything that the sources and the templates say."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    catalogue = Catalog()
    keywords: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
    for found in extract_from_dir(str(ROOT), methods, options, keywords=keywords):
        catalogue.add(found[2])
    return catalogue


def _catalogue(language: str) -> Catalog:
    path = i18n.LOCALES / language / "LC_MESSAGES" / "fedcommune.po"
    with path.open("rb") as source:
        return read_po(source, locale=language)


def _forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


def test_french_comes_first_and_english_and_creole_are_there() -> None:
    assert i18n.languages() == ("fr", "en", "rcf")
    assert [i18n.name(each) for each in i18n.languages()] == [
        *("français", "English", "kréol rényoné")
    ]
    assert i18n.name("xx") == "xx"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_everything_that_is_said_is_said_in_both_languages(language: str) -> None:
    used = {_forms(message.id): message for message in _used() if message.id}
    assert len(used) > 40
    written = {_forms(message.id): message for message in _catalogue(language) if message.id}
    assert set(written) == set(used), "bring the catalogue in step with the sources"
    for id_, message in written.items():
        said = _forms(message.string)
        assert len(said) == (2 if len(id_) == 2 else 1), id_
        assert all(said), f"{id_} is not translated"
        assert not message.fuzzy
        for form in said:
            assert set(_PLACE.findall(form)) <= set(_PLACE.findall("".join(id_))), id_
            assert "<" not in form


@pytest.mark.parametrize("language", ["fr", "en", "rcf"])
def test_nothing_is_translated_twice(language: str) -> None:
    path = i18n.LOCALES / language / "LC_MESSAGES" / "fedcommune.po"
    written = re.findall(r'^msgid "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)

    assert written
    assert {each for each in written if written.count(each) > 1} == set()


def test_creole_says_what_is_seen_most_and_nothing_that_nobody_says() -> None:
    used = {_forms(message.id) for message in _used() if message.id}
    written = {_forms(message.id): message for message in _catalogue("rcf") if message.id}
    assert set(written) <= used, "take out of the catalogue what is not said any more"
    assert len(written) > 150
    for id_, message in written.items():
        said = _forms(message.string)
        assert all(said), f"{id_} is not translated"
        assert not message.fuzzy
        for form in said:
            assert set(_PLACE.findall(form)) == set(_PLACE.findall("".join(id_))), id_
            assert "<" not in form


def test_what_creole_does_not_say_yet_is_said_in_french_and_not_in_english() -> None:
    said = {message.id for message in _catalogue("rcf")}
    left = [m for m in _catalogue("fr") if m.id and isinstance(m.id, str) and m.id not in said]
    assert left
    for message in left:
        assert i18n.translate("rcf", str(message.id)) == i18n.translate("fr", str(message.id))
    assert i18n.translate("rcf", "News") == "Nouvèl"
    one, several = next(_forms(m.id) for m in _catalogue("fr") if isinstance(m.id, tuple))
    for number in (1, 2):
        said_of = i18n.translations("rcf").ngettext(one, several, number)
        assert said_of == i18n.translations("fr").ngettext(one, several, number)


@pytest.mark.parametrize("language", ["fr", "rcf"])
def test_no_french_line_begins_with_a_sign_that_belongs_to_the_word_before(language: str) -> None:
    for message in _catalogue(language):
        for id_ in _forms(message.id) if message.id else ():
            said = i18n.translate(language, id_)
            assert re.search(r" [:;!?»]|« ", said) is None, said
    assert i18n.translate("fr", "Where do you live?") == "Où habitez-vous\N{NO-BREAK SPACE}?"


def test_days_and_numbers_of_creole_are_those_of_french() -> None:
    assert i18n.locale("rcf") == i18n.locale("fr")


@pytest.mark.parametrize(
    ("day", "pattern", "language", "said"),
    [
        (date(2026, 12, 1), "long", "fr", "1er décembre 2026"),
        (date(2026, 12, 1), "EEEE d MMMM", "rcf", "mardi 1er décembre"),
        (date(2026, 12, 11), "full", "fr", "vendredi 11 décembre 2026"),
        (date(2026, 12, 2), "long", "fr", "2 décembre 2026"),
        (date(2026, 12, 1), "d", "fr", "1"),
        (date(2026, 12, 1), "MMMM y", "fr", "décembre 2026"),
        (date(2026, 12, 1), "long", "en", "December 1, 2026"),
    ],
)
def test_the_first_day_of_a_month_is_told_as_the_french_tell_it(
    day: date, pattern: str, language: str, said: str
) -> None:
    assert i18n.day(day, pattern, language) == said


def test_nothing_said_is_nothing_in_every_language() -> None:
    """A catalogue keeps its own heading where the empty message would be."""
    assert [i18n.translate(each, "") for each in i18n.languages()] == ["", "", ""]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "fr"),
        ("fr", "fr"),
        ("en", "en"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("EN-gb,fr;q=0.9", "en"),
        ("de, en;q=0.5, fr;q=0.4", "en"),
        ("rcf", "rcf"),
        ("rcf-RE, fr;q=0.8", "rcf"),
        ("de", "fr"),
        ("*", "fr"),
        ("en;q=0", "fr"),
        ("en;q=0.2,fr-CA;q=0.9", "fr"),
        ("en; Q=0.2, fr; q=0.1", "en"),
        ("en;q=nan, fr;q=0.1", "fr"),
        ("en;q=7", "fr"),
        ("en;q=", "fr"),
        (";q=1,,;", "fr"),
        ("../../etc/passwd", "fr"),
        ("e" * 10_000, "fr"),
        ("en\x00", "fr"),
        ("de," * 500 + "en", "fr"),
    ],
)
def test_the_language_that_suits_is_chosen(header: str, expected: str) -> None:
    assert i18n.negotiate(header) == expected


def test_the_language_of_the_commune_is_the_fallback() -> None:
    assert i18n.negotiate("de", "en") == "en"
    # Nobody has translated into it yet: the page must not claim that it is Breton.
    assert i18n.negotiate("de", "br") == "fr"


def test_values_are_filled_in_and_braces_without_values_are_kept() -> None:
    assert i18n.translate("en", "Passed on by {name}", name="Marie") == "Passed on by Marie"
    assert i18n.translate("fr", "No such {thing}") == "No such {thing}"
    assert i18n.translate("xx", "Project") == i18n.translate("fr", "Project")


def test_a_clock_has_the_name_of_its_place() -> None:
    assert i18n.town("Indian/Reunion", "fr") == "La Réunion"
    assert i18n.town("Europe/Paris", "en") == "Paris"
