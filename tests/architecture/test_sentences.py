"""Every sentence with which the domain says no is said in French, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from fedcommune import errors, i18n
from fedcommune.errors import CommuneError, Invalid, NotAllowed, TooMany

ROOT = Path(__file__).parents[2] / "fedcommune"
# Which argument is the sentence. What a file to import is told stays on the command line.
_SENTENCE = {"Invalid": 1, "Conflict": 0, "NotAllowed": 0, "NotFound": 0, "TooMany": 0}
_PLACE = re.compile(r"\{(\w+)\}")


def _files() -> list[Path]:
    found = [each for each in (ROOT / "domain").rglob("*.py") if "portability" not in each.parts]
    return [*found, ROOT / "lookup.py", ROOT / "translating.py", *(ROOT / "web").rglob("*.py")]


def _raised() -> Iterator[tuple[str, ast.Call, ast.expr]]:
    """Yield where, which call, and its sentence."""
    for path in _files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            position = _SENTENCE.get(node.func.id)
            if position is not None and len(node.args) > position:
                yield f"{path.name}:{node.lineno}", node, node.args[position]


def _french() -> set[str]:
    path = i18n.LOCALES / "fr" / "LC_MESSAGES" / "fedcommune.po"
    with path.open("rb") as source:
        catalogue = read_po(source, locale="fr")
    return {str(message.id) for message in catalogue if message.id and message.string}


def test_every_sentence_is_marked_and_in_the_french_catalogue() -> None:
    french = _french()
    seen = 0
    for where, call, sentence in _raised():
        match sentence:
            case ast.Call(func=ast.Name(id="_"), args=[ast.Constant(value=str(message))]):
                seen += 1
                assert message in french, f"{where}: {message!r} is not said in French"
                given = {each.arg for each in call.keywords} - {"retry_after"}
                assert set(_PLACE.findall(message)) == given, f"{where}: {message!r} and {given}"
            case ast.Constant() | ast.JoinedStr() | ast.BinOp() | ast.Call():
                pytest.fail(f"{where}: mark the sentence with _(), and give what it says as values")
            case _:
                pass  # a sentence of a table, which is marked there
    assert seen > 250


def test_what_the_kinds_of_errors_say_by_themselves_is_in_the_catalogue() -> None:
    french = _french()
    for kind in (CommuneError, errors.NotFound, NotAllowed, errors.Conflict, TooMany):
        assert kind().msgid in errors.SENTENCES
    assert set(errors.SENTENCES) <= french


def test_a_sentence_keeps_its_values_apart_and_reads_as_english() -> None:
    error = Invalid("title", "At most {limit} characters: shorten it.", limit=3)

    assert str(error) == "At most 3 characters: shorten it."
    assert (error.msgid, error.values) == ("At most {limit} characters: shorten it.", {"limit": 3})
    again = Invalid.of("name", error)
    assert (again.field, again.msgid, again.values) == ("name", error.msgid, error.values)
    assert str(NotAllowed("Braces {stay} without values.")) == "Braces {stay} without values."
