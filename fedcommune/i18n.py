"""Languages: French first, English complete, Réunion Creole begun, ready for more.

The catalogues are the ``.po`` files under ``locale/``: they are compiled in memory when a
language is first asked for, so that there is no binary file to keep in step. What one does not
say yet is said in French.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_date, get_timezone_location
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

DOMAIN: Final = "fedcommune"
LOCALES: Final = Path(__file__).parent / "locale"
# How a language calls itself, and whose days and numbers it has, where Babel does not know it.
NAMES: Final = {"rcf": "kréol rényoné"}
# French signs that stand off the word before them, or after them, and never on a line alone.
_APART: Final = re.compile(r" (?=[:;!?»])|(?<=«) ")
_FRENCH: Final = ("fr", "rcf")
# French counts the first day of a month, and no other.
_FIRST_DAY: Final = re.compile(r"\b1 (?=[^\W\d])")
_QUALITY: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


@cache
def languages() -> tuple[str, ...]:
    """The languages we have a catalogue for, French first."""
    found = sorted(path.parent.parent.name for path in LOCALES.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return tuple(sorted(found, key=lambda code: (code != "fr", code)))


@cache
def translations(language: str) -> Translations:
    """Return the catalogue of *language*, and of French for what it does not say."""
    code = language if language in languages() else "fr"
    path = LOCALES / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as source:
        catalogue = read_po(source, locale=code)
    if code in _FRENCH:
        for message in catalogue:
            message.string = _bound(message.string or "")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    found = Translations(compiled, domain=DOMAIN)
    if code != "fr":
        found.add_fallback(translations("fr"))
    return found


def _bound(said: str | Sequence[str]) -> str | tuple[str, ...]:
    """Return what is said with spaces that no line breaks at, where French wants one.

    The heading of a catalogue is not said to anybody: it stays.
    """
    if not isinstance(said, str):
        return tuple(_APART.sub("\N{NO-BREAK SPACE}", each) for each in said)
    return said if "Content-Type:" in said else _APART.sub("\N{NO-BREAK SPACE}", said)


def translate(language: str, message: str, **values: object) -> str:
    """Return *message* in *language*, its ``{names}`` filled in with *values*."""
    if not message:
        return ""  # a catalogue keeps its own heading there
    text = str(translations(language).gettext(message))
    return text.format(**values) if values else text


def negotiate(accept_language: str, default: str = "fr") -> str:
    """Return the language that suits an ``Accept-Language`` header best (RFC 9110 §12.5.4)."""
    return _negotiated(accept_language[:1000], default)


@lru_cache(maxsize=256)
def _negotiated(accept_language: str, default: str) -> str:
    wanted = _preferences(accept_language)
    fallback = default if default in languages() else "fr"
    return negotiate_locale(wanted, languages(), sep="-") or fallback


def quality(parameter: str) -> float:
    """Return the weight of a preference: 1 without ``q=``, 0 for nonsense (RFC 9110 §12.4.2)."""
    name, _, value = parameter.strip().lower().partition("=")
    if name.strip() != "q":
        return 1.0
    return float(value) if _QUALITY.fullmatch(value.strip()) else 0.0


def _preferences(header: str) -> Sequence[str]:
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, parameter = part.strip().lower().partition(";")
        weight = quality(parameter)
        if tag.strip() and weight > 0:
            weighted.append((-weight, position, tag.strip()))
    tags = [tag for _, _, tag in sorted(weighted)]
    return [form for tag in tags for form in (tag, tag.partition("-")[0])]


@cache
def names() -> tuple[tuple[str, str], ...]:
    """Return the code of each language we speak, and what it calls itself."""
    return tuple((code, name(code)) for code in languages())


@cache
def locale(language: str) -> Locale:
    """Return Babel's rules for dates and numbers of *language*; French where it has none."""
    known = language in languages() and language not in NAMES
    return Locale.parse(language if known else "fr")


@lru_cache(maxsize=4096)
def day(moment: date, pattern: str, language: str) -> str:
    """Return a day in a pattern of CLDR, or by the name of one ("long", "full").

    Pages say the same few days again and again: they are kept.
    """
    rules = locale(language)
    said = str(format_date(moment, pattern, rules))
    return _FIRST_DAY.sub("1er ", said) if rules.language == "fr" and moment.day == 1 else said


@cache
def town(zone: str, language: str) -> str:
    """Return the place that *zone* is named after: "La Réunion" for ``Indian/Reunion``."""
    return str(get_timezone_location(zone, locale=locale(language), return_city=True))


def name(language: str) -> str:
    """Return how *language* is called in itself; its code when nobody knows."""
    if language in NAMES:
        return NAMES[language]
    try:
        return str(Locale.parse(language, sep="-").get_display_name() or language)
    except (UnknownLocaleError, ValueError):
        return language
