"""The names of communes inside a sentence: à Saint-Leu, aux Trois-Bassins, au Tampon."""

from __future__ import annotations

from typing import Final

_ARTICLES: Final = (("les ", "aux ", "des "), ("le ", "au ", "du "))
_VOWELS: Final = tuple("aàâeéèêiîoôuy")


def at(name: str, language: str) -> str:
    """Return "at *name*" in *language*: English or, otherwise, French."""
    if language == "en":
        return f"in {name}"
    for article, contracted, _ in _ARTICLES:
        if name.lower().startswith(article):
            return contracted + name[len(article) :]
    return f"à {name}"


def of(name: str, language: str) -> str:
    """Return "of *name*" in *language*: English or, otherwise, French."""
    if language == "en":
        return f"of {name}"
    for article, _, contracted in _ARTICLES:
        if name.lower().startswith(article):
            return contracted + name[len(article) :]
    return f"d'{name}" if name.lower().startswith(_VOWELS) else f"de {name}"
