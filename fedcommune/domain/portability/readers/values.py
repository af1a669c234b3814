"""What cells mean: numbers, points, addresses, yes and no; what is merely odd is left out."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from fedcommune.domain.places.model import MAX_ADDRESS
from federation.vocabulary.points import Accessibility

_POINT: Final = re.compile(r"\s*\(?\s*(-?\d+(?:[.,]\d+)?)\s*[,; ]\s*(-?\d+(?:[.,]\d+)?)\s*\)?\s*")
_WHOLE_ADDRESS: Final = re.compile(r"(?P<street>.*?)[,\s]+(?P<code>\d{5})[,\s]+(?P<city>\D.*)")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?:[/:?#].*)?", re.IGNORECASE)
_SMALL: Final = frozenset(
    ("a", "à", "au", "aux", "d", "de", "des", "du", "en", "et", "la", "le", "les", "l", "par",
     "pour", "sur")
)  # fmt: skip
_FORMS: Final = frozenset(
    ("SARL", "SAS", "SASU", "SCI", "SNC", "SA", "EURL", "EARL", "GAEC", "SCOP")
)
_ACCESS: Final[dict[str, Accessibility]] = {
    **dict.fromkeys(("yes", "oui", "true", "vrai", "1", "designated", "total"), "yes"),
    **dict.fromkeys(("limited", "partial", "partiel", "partielle", "limite"), "limited"),
    **dict.fromkeys(("no", "non", "false", "faux", "0"), "no"),
}


def plain(text: str) -> str:
    """Return *text* to compare: lower case, without accents, letters and digits only."""
    # Letters of mathematics are letters only then, and only then have a small form.
    small = unicodedata.normalize("NFKD", text).lower()
    letters = unicodedata.normalize("NFKD", small).replace("œ", "oe").replace("æ", "ae")
    kept = "".join(each if each.isalnum() else " " for each in letters if not _is_accent(each))
    return " ".join(kept.split())


def readable(name: str) -> str:
    """Return a name that registers shout in capitals as one writes it; others as they are."""
    if not name.isupper() or len(name) < 6:
        return name
    words = [_written(word) for word in name.split()]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _written(word: str) -> str:
    if word in _FORMS:
        return word
    lower = word.lower()
    return lower if lower in _SMALL else word.title()


def _is_accent(letter: str) -> bool:
    return unicodedata.category(letter) == "Mn"


def number(text: str) -> float | None:
    """Return a number, written with a full stop or a comma; None when there is none.

    Raises ValueError when it is something else.
    """
    text = text.strip().replace("\u202f", "").replace("\xa0", "").replace("\u2212", "-")
    if not text:
        return None
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise ValueError("this is no number")
    return value


def degrees(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """Return a point on Earth; None when there is none.

    Zero and zero is what programs write who know none. Raises ValueError for other places.
    """
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError("this point is not on Earth")
    return latitude, longitude


def point(text: str) -> tuple[float, float] | None:
    """Return latitude and longitude of a cell that holds both ("-21.17, 55.29")."""
    found = _POINT.fullmatch(text)
    return None if found is None else degrees(number(found[1]), number(found[2]))


def website(text: str) -> str | None:
    """Return the address of a website, its scheme added when it was left out."""
    text = text.strip()
    if _DOMAIN.fullmatch(text):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        return None
    return text if sound and parts.username is None and len(text) <= MAX_ADDRESS else None


def accessibility(text: str) -> Accessibility:
    """Return what is known about wheelchairs."""
    return _ACCESS.get(plain(text), "")


def address(text: str) -> tuple[str, str, str]:
    """Part "12 rue du Lagon 97436 Saint-Leu" into street, postal code and locality."""
    text = " ".join(text.split())
    found = _WHOLE_ADDRESS.fullmatch(text) if len(text) <= 500 else None
    if found is None:
        return text, "", ""
    return found["street"].strip(" ,"), found["code"], found["city"].strip(" ,")


def key_of(*parts: str) -> str:
    """Return a key for what has none at its source: the same for the same name and address."""
    said = "\n".join(plain(part) for part in parts)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:24]
