"""Of which kind a value is: the words in which the schemas of the API are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any, str], None]
Shape = dict[str, Check]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _of(kind: type) -> Check:
    def check(value: Any, where: str) -> None:
        assert isinstance(value, kind), f"{where}: {value!r} is no {kind.__name__}"
        assert kind is bool or not isinstance(value, bool), f"{where}: {value!r} is a boolean"

    return check


text, number, truth = _of(str), _of(int), _of(bool)


def identifier(value: Any, where: str) -> None:
    assert isinstance(value, str), f"{where}: {value!r} is no id"
    assert value.isascii(), f"{where}: {value!r} is no id"
    assert value.isdecimal(), f"{where}: {value!r} is no id"


def moment(value: Any, where: str) -> None:
    assert isinstance(value, str), f"{where}: {value!r} is no moment"
    assert _MOMENT.fullmatch(value), f"{where}: {value!r} is no moment"


def day(value: Any, where: str) -> None:
    assert isinstance(value, str), f"{where}: {value!r} is no day"
    assert _DAY.fullmatch(value), f"{where}: {value!r} is no day"


def address(value: Any, where: str) -> None:
    assert isinstance(value, str), f"{where}: {value!r} is no address"
    parts = urlsplit(value)
    assert parts.scheme in ("http", "https"), f"{where}: {value!r} is no address"
    assert parts.netloc, f"{where}: {value!r} is no address"


def fraction(value: Any, where: str) -> None:
    assert isinstance(value, int | float), f"{where}: {value!r} is no number"
    assert not isinstance(value, bool), f"{where}: {value!r} is a boolean"


def null(value: Any, where: str) -> None:
    assert value is None, f"{where}: {value!r} is not null"


def count(value: Any, where: str) -> None:
    number(value, where)
    assert value >= 0, f"{where}: {value!r} is negative"


def one_of(*words: str) -> Check:
    def check(value: Any, where: str) -> None:
        assert value in words, f"{where}: {value!r} is none of {words}"

    return check


def maybe(inner: Check) -> Check:
    def check(value: Any, where: str) -> None:
        if value is not None:
            inner(value, where)

    return check


def listed(inner: Check) -> Check:
    def check(value: Any, where: str) -> None:
        assert isinstance(value, list), f"{where}: {value!r} is no list"
        for place, each in enumerate(value):
            inner(each, f"{where}[{place}]")

    return check


def shaped(shape: Shape) -> Check:
    def check(value: Any, where: str) -> None:
        assert isinstance(value, dict), f"{where}: {value!r} is no object"
        missing = shape.keys() - value.keys()
        assert not missing, f"{where}: {sorted(missing)} are missing"
        for name, inner in shape.items():
            inner(value[name], f"{where}.{name}")

    return check


def both(*checks: Check) -> Check:
    def check(value: Any, where: str) -> None:
        for each in checks:
            each(value, where)

    return check


def mapped(inner: Check) -> Check:
    """An object with whatever names, and one kind of values."""

    def check(value: Any, where: str) -> None:
        assert isinstance(value, dict), f"{where}: {value!r} is no object"
        for name, each in value.items():
            inner(each, f"{where}.{name}")

    return check


def later(name: str, module: str) -> Check:
    """What *module* calls *name*, looked up when it is needed: entities hold one another."""

    def check(value: Any, where: str) -> None:
        getattr(import_module(module), name)(value, where)

    return check
