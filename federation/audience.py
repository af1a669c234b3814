"""``to``, ``cc`` and Public on one side, who may read it on the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from federation import documents
from federation.names import PUBLIC

Audience = Literal["public", "unlisted", "followers", "limited", "direct"]

# From the widest to the narrowest.
ORDER: Final[tuple[Audience, ...]] = ("public", "unlisted", "followers", "limited", "direct")


def read(
    document: Mapping[str, Any],
    *,
    followers: str | None,
    direct_flag: bool | None = None,
) -> Audience:
    """Return for whom *document* (an object or an activity) is.

    *followers* is the id of its author's followers collection; without it nothing counts as
    for followers. *direct_flag* stands for ``directMessage`` when the caller knows better
    than the document. The three spellings of Public are one. Source: W-DOC-08.
    """
    to = documents.iris(document.get("to"))
    cc = documents.iris(document.get("cc"))
    if PUBLIC in to:
        return "public"
    if PUBLIC in cc:
        return "unlisted"
    if followers is not None and (followers in to or followers in cc):
        return "followers"
    if direct_flag is None:
        direct_flag = documents.boolean(document.get("directMessage"))
    return "limited" if direct_flag is False else "direct"


def narrower(*audiences: Audience) -> Audience:
    """Return the narrowest of several: of an activity and its object, of a reply and its parent.

    Source: W-DOC-08, W-EVT-05.
    """
    return max(audiences, key=ORDER.index)


def write(
    audience: Audience | str, *, followers: str | None, mentioned: Iterable[str] = ()
) -> tuple[list[str], list[str]]:
    """Return ``to`` and ``cc`` for *audience*, the ids in *mentioned* included, each once.

    *followers* is the id of the author's followers collection. A "limited" document also
    needs ``directMessage: false``, which :mod:`federation.vocabulary.notes` writes. Raises
    ValueError for an audience that does not exist. Source: W-DOC-08.
    """
    people = [person for person in dict.fromkeys(mentioned) if person not in (PUBLIC, followers)]
    collection = [followers] if followers else []
    match audience:
        case "public":
            return [PUBLIC], collection + people
        case "unlisted":
            return collection, [PUBLIC, *people]
        case "followers":
            return collection, people
        case "limited" | "direct":
            return people, []
    raise ValueError(f"There is no audience named {audience!r}.")
