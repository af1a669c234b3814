"""A commune's name is part of the sentence."""

from __future__ import annotations

import pytest

from fedcommune.text import places


@pytest.mark.parametrize(
    ("name", "at", "of"),
    [
        ("Saint-Leu", "à Saint-Leu", "de Saint-Leu"),
        ("Les Trois-Bassins", "aux Trois-Bassins", "des Trois-Bassins"),
        ("Le Tampon", "au Tampon", "du Tampon"),
        ("La Possession", "à La Possession", "de La Possession"),
        ("L'Étang-Salé", "à L'Étang-Salé", "de L'Étang-Salé"),
        ("Épinal", "à Épinal", "d'Épinal"),
        ("Lesneven", "à Lesneven", "de Lesneven"),
        ("", "à ", "de "),
    ],
)
def test_french_contracts_articles(name: str, at: str, of: str) -> None:
    assert places.at(name, "fr") == at
    assert places.of(name, "fr") == of


def test_english_does_not() -> None:
    assert places.at("Les Trois-Bassins", "en") == "in Les Trois-Bassins"
    assert places.of("Avignon", "en") == "of Avignon"
