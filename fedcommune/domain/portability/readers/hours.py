"""Opening hours as people type them in France, as OpenStreetMap writes them where it is sure."""

from __future__ import annotations

import re
from typing import Final

_DAYS: Final = (
    ("lundis?|lun|lu|l", "Mo"),
    ("mardis?|mar|ma", "Tu"),
    ("mercredis?|mer|me", "We"),
    ("jeudis?|jeu|je|j", "Th"),
    ("vendredis?|ven|ve|v", "Fr"),
    ("samedis?|sam|sa|s", "Sa"),
    ("dimanches?|dim|di|d", "Su"),
)
_ALWAYS: Final = re.compile(r"24\s*h?\s*(?:/|sur)\s*24(?:\W+7\s*j?\s*(?:/|sur)\s*7)?|24/7")
_TIME: Final = re.compile(r"\b(\d{1,2})\s*(?:h|:)(?:\s*([0-5]\d))?\b")
_READ: Final = re.compile(
    r"(?:(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:[-,](?:Mo|Tu|We|Th|Fr|Sa|Su))* )?"
    r"(?:off|\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*)"
)


def read(text: str) -> str:
    """Return "lundi au vendredi de 8h à 12h30" as "Mo-Fr 08:00-12:30".

    What is not understood wholly is returned as it was typed.
    """
    text = " ".join(text.split())
    if _ALWAYS.fullmatch(text.lower()):
        return "24/7"
    rules = [_rule(part) for part in re.split(r"\s*[;|]\s*", text.rstrip(" .;|")) if part]
    return "; ".join(rules) if rules and all(map(_READ.fullmatch, rules)) else text


def _rule(text: str) -> str:
    """Return one rule in the words of OpenStreetMap, as far as they are known."""
    said = re.sub(r"\b(?:du|de|le|les|ouvert|ouverte)\b|(?<=\w)\s*:\s+", " ", text.lower())
    said = re.sub(r"\bferm[ée]e?s?\b", "off", said)
    for names, day in _DAYS:
        said = re.sub(rf"\b(?:{names})\b\.?", day, said)
    said = _TIME.sub(lambda found: f"{int(found[1]):02d}:{found[2] or '00'}", said)
    said = re.sub(r"\s*(?:\bau\b|(?<!\w)à(?!\w)|[-–—])\s*", "-", said)
    said = re.sub(r"\s*(?:\bet\b|[,&/])\s*", ",", said)
    said = re.sub(r"(?<=[a-z])[\s,]+(?=\d|off)", " ", " ".join(said.split()))
    late = [hour for hour in re.findall(r"\b(\d\d):", said) if int(hour) > 24]
    return "" if late else said
