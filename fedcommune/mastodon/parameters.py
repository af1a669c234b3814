"""Parameters as apps send them: JSON, forms and multipart, with Rails' names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import orjson
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import Message, Receive

from fedcommune.errors import CommuneError, Invalid

Value: TypeAlias = Any  # text, number, truth, None, UploadFile, list or dict of the same

MOST_FIELDS: Final = 1_000
MOST_FILES: Final = 4
DEEPEST: Final = 5
MOST: Final = 2**63 - 1

_NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY: Final = re.compile(r"\[([^\[\]]*)\]")
# What Rails takes for false; an empty text is no answer at all.
_FALSE: Final = frozenset({"0", "f", "false", "off", "n", "no"})
_SURROGATES: Final = re.compile("[\x00\ud800-\udfff]")


class BodyTooLarge(CommuneError):
    """What was sent is too large."""


class Unreadable(CommuneError):
    """What was sent cannot be read."""


class Parameters(Mapping[str, Value]):
    """What came with a request, nested as its names say (``source[privacy]``, ``ids[]``).

    The methods read one value in the shape that is needed; they raise :class:`Invalid`
    when it cannot be had in it. An absent, null or empty value is the default.
    """

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def maybe(self, name: str) -> str | None:
        """Return a text, the empty one too, or None when there is none."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return None if value is None else _SURROGATES.sub("", value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        raise Invalid(name, f"{name} must be a text.")

    def text(self, name: str, default: str = "") -> str:
        return self.maybe(name) or default

    def required(self, name: str) -> str:
        """Return a text that is not empty. Raises :class:`Invalid` without one."""
        text = self.maybe(name)
        if not text or not text.strip():
            raise Invalid(name, f"{name} can't be blank.")
        return text

    def truth(self, name: str) -> bool | None:
        """Return a boolean as Rails reads it, None when nothing is said."""
        value = self._values.get(name)
        if value is None or isinstance(value, bool):
            return value
        text = self.text(name).strip().lower()
        return None if not text else text not in _FALSE

    def flag(self, name: str, *, default: bool = False) -> bool:
        said = self.truth(name)
        return default if said is None else said

    def number(self, name: str) -> int | None:
        """Return a whole number."""
        text = self.text(name).strip()
        if not text:
            return None
        if not re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII):
            raise Invalid(name, f"{name} must be a number.")
        return max(-MOST, min(MOST, int(text)))

    def identifier(self, name: str) -> int | None:
        """Return an id."""
        number = self.number(name)
        if number is not None and number < 0:
            raise Invalid(name, f"{name} must be an id.")
        return number

    def texts(self, name: str) -> list[str]:
        """Return a list of texts; one alone is a list of one."""
        inner = Parameters({"value": None})
        found = []
        for value in _listed(self._values.get(name)):
            inner._values["value"] = value
            text = inner.maybe("value")
            if text is not None:
                found.append(text)
        return found

    def identifiers(self, name: str) -> list[int]:
        """Return a list of ids, each once, in the order given."""
        found = []
        for text in self.texts(name):
            number = Parameters({name: text}).identifier(name)
            if number is not None:
                found.append(number)
        return list(dict.fromkeys(found))

    def group(self, name: str) -> Parameters:
        """Return the parameters below *name*; none when there are none."""
        value = self._values.get(name)
        if value is None or value == "":
            return Parameters()
        if not isinstance(value, dict):
            raise Invalid(name, f"{name} must have names below it.")
        return Parameters(value)

    def groups(self, name: str) -> list[Parameters]:
        """Return a list of groups: ``fields_attributes[0][name]`` or a list of objects."""
        found = _listed(self._values.get(name))
        if not all(isinstance(each, dict) for each in found):
            raise Invalid(name, f"{name} must be a list of objects.")
        return [Parameters(each) for each in found]

    def file(self, name: str) -> UploadFile | None:
        """Return what was uploaded under *name*."""
        value = self._values.get(name)
        return value if isinstance(value, UploadFile) else None


def _listed(value: Value) -> list[Value]:
    if value is None:
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and all(key.isdecimal() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return [value]


async def read(request: Request, *, limit: int) -> Parameters:
    """Return the parameters of *request*: those of its body win over those of its address.

    Raises :class:`BodyTooLarge` beyond *limit* bytes (SEC-DOS-01), :class:`Unreadable`.
    """
    values = nested(request.query_params.multi_items())
    if request.method in ("GET", "HEAD"):
        return Parameters(values)
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal()) or len(length) > 15:
        raise Unreadable
    if int(length) > limit:
        raise BodyTooLarge
    request = Request(request.scope, _limited(request.receive, limit))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return Parameters({**values, **_json(await request.body())})
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        try:
            form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
        except (MultiPartException, UnicodeDecodeError, ValueError) as error:
            raise Unreadable(f"The form cannot be read: {error}.") from None
        return Parameters({**values, **nested(form.multi_items())})
    await request.body()
    return Parameters(values)


def _limited(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise BodyTooLarge
        return message

    return counted


def _json(body: bytes) -> dict[str, Value]:
    if not body.strip():
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unreadable("The JSON cannot be read.") from None
    if not isinstance(value, dict):
        raise Unreadable("The JSON must be an object.")
    return value


def nested(pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """Nest *pairs* as their names say, the way Rails does.

    ``a[]`` adds to a list, ``a[b]`` sets a key, ``a[][b]`` begins another object whenever
    the key was there; a later value wins. Raises :class:`Unreadable`.
    """
    root: dict[str, Value] = {}
    for place, (name, value) in enumerate(pairs):
        if place >= MOST_FIELDS:
            raise Unreadable(f"There are more than {MOST_FIELDS} parameters.")
        found = _NAME.fullmatch(name)
        if found is None:
            root[name] = value
            continue
        keys = [found[1], *_KEY.findall(found[2])]
        if len(keys) > DEEPEST:
            raise Unreadable("The names of the parameters are nested too deeply.")
        _put(root, keys, value)
    return root


def _put(into: dict[str, Value], keys: list[str], value: Value) -> None:
    name, *rest = keys
    if not rest:
        into[name] = value
    elif rest[0] == "":
        items = into.setdefault(name, [])
        if not isinstance(items, list):
            items = into[name] = []
        _append(items, rest[1:], value)
    else:
        inner = into.setdefault(name, {})
        if not isinstance(inner, dict):
            inner = into[name] = {}
        _put(inner, rest, value)


def _append(items: list[Value], keys: list[str], value: Value) -> None:
    if not keys or keys == [""]:
        items.append(value)
        return
    last = items[-1] if items and isinstance(items[-1], dict) else None
    if last is None or (len(keys) == 1 and keys[0] in last):
        last = {}
        items.append(last)
    _put(last, keys, value)
