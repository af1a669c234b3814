"""The topical feeds and the square: their names, and what each of them carries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Feed:
    """A local Group that passes on what concerns its subject.

    It carries the posts of authors of ``kinds`` and the posts with one of ``hashtags``
    (lower case, without accents), and those that are one of ``types``. The square carries
    what is addressed to it.
    """

    username: str
    kind: str
    name: str
    summary: str
    kinds: frozenset[str] = frozenset()
    hashtags: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()


# Names and words are in French: they are what the commune publishes, not the interface.
FEEDS: Final = (
    Feed(
        "agenda",
        "feed",
        "Agenda",
        "Ce qui se passe dans la commune\xa0: les rendez-vous, et ce qui est publié avec #agenda.",
        hashtags=frozenset({"agenda", "evenement"}),
        types=frozenset({"Event"}),
    ),
    Feed(
        "annonces",
        "feed",
        "Petites annonces",
        "Dons, prêts, coups de main\xa0: ce qui est publié avec #annonce.",
        hashtags=frozenset({"annonce", "annonces", "don", "entraide"}),
    ),
    Feed(
        "projets",
        "feed",
        "Projets",
        "Les projets de la commune, de l'idée à la maturité.",
        kinds=frozenset({"project"}),
        hashtags=frozenset({"projet", "projets"}),
    ),
    Feed(
        "democratie",
        "feed",
        "Démocratie",
        "Ce qui se prépare et se décide ensemble\xa0: les nouvelles publiées avec #democratie.",
        hashtags=frozenset({"democratie", "consultation", "conseilmunicipal"}),
    ),
    Feed(
        "commerces",
        "feed",
        "Commerces et services",
        "Les nouvelles des commerces et des services de la commune.",
        kinds=frozenset({"business"}),
    ),
    Feed(
        "place",
        "square",
        "La place publique",
        "Parlez à toute la commune\xa0: mentionnez ce compte et votre message y est affiché.",
    ),
)

SQUARE: Final = "place"


def carriers(
    author_kind: str, hashtags: Collection[str], mentioned: Collection[str], type_: str = ""
) -> list[str]:
    """Return the usernames of the feeds that pass a public post on.

    *hashtags* are folded (lower case, no accents); *mentioned* are the usernames of the
    local accounts that the post is addressed to, *type_* is what it is.
    """
    return [
        feed.username
        for feed in FEEDS
        if author_kind in feed.kinds
        or type_ in feed.types
        or not feed.hashtags.isdisjoint(hashtags)
        or (feed.kind == "square" and feed.username in mentioned)
    ]
