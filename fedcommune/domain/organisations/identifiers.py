"""The numbers by which France knows its organisations: SIREN, SIRET, RNA. Nothing but checks."""

from __future__ import annotations

import re
from typing import Final

LA_POSTE: Final = "356000000"
_RNA: Final = re.compile(r"W(\d[0-9A-Z])\d{7}", re.ASCII)
# Moselle, Bas-Rhin, Haut-Rhin: associations stand in the register of a court, and have no RNA.
_ALSACE_MOSELLE: Final = ("57", "67", "68")


def tidy(text: str) -> str:
    """Return a number as it is compared and kept: upper case, without spaces and full stops."""
    return "".join(text.split()).replace(".", "").upper()


def is_siren(text: str) -> bool:
    """Tell whether *text* is a SIREN: nine digits whose Luhn sum is a multiple of ten."""
    return _are_digits(text, 9) and _luhn(text) % 10 == 0


def is_siret(text: str) -> bool:
    """Tell whether *text* is a SIRET: 14 digits whose Luhn sum is a multiple of ten.

    The establishments of La Poste share one SIREN and count otherwise: their digits add up
    to a multiple of five (INSEE, register of establishments).
    """
    if not _are_digits(text, 14):
        return False
    if text.startswith(LA_POSTE) and sum(map(int, text)) % 5 == 0:
        return True
    return _luhn(text) % 10 == 0


def is_rna(text: str) -> bool:
    """Tell whether *text* is a number of the national register of associations.

    The letter W, the department (overseas with a letter: W9R…), seven digits; there are none
    of Alsace-Moselle (product 6).
    """
    found = _RNA.fullmatch(text)
    return found is not None and found[1] not in _ALSACE_MOSELLE


def has_rna(insee: str) -> bool:
    """Tell whether the associations of the commune with this INSEE code have RNA numbers."""
    return insee[:2] not in _ALSACE_MOSELLE


def _are_digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


def _luhn(digits: str) -> int:
    """Return the Luhn sum: every second digit from the right doubled, its digits added up."""
    numbers = [int(digit) for digit in reversed(digits)]
    return sum(numbers[::2]) + sum(number * 2 - 9 * (number > 4) for number in numbers[1::2])
