"""``to``, ``cc`` and the others, as an app wrote them, become one of our visibilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid
from federation import documents
from federation.names import PUBLIC

_OPEN: Final = ("to", "audience", "cc")
_BLIND: Final = ("bto", "bcc")
NAMES: Final = (*_OPEN, *_BLIND)


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom something is; *people* and *blind* are what else is named, still to be found."""

    visibility: Visibility
    people: tuple[str, ...]
    blind: tuple[str, ...]
    is_empty: bool = False


def read(account: Account, *said: Mapping[str, Any]) -> Audience:
    """Return for whom *said* is: an activity and its object, addressed alike (C2S-03, C2S-12).

    Public in ``to`` is for everybody, in ``cc`` for everybody and in no list; the followers of
    *account*, and only then, those; else the people who are named: a ``directMessage`` of
    false tells a limited post from a direct message. Who is named in ``bto`` or ``bcc`` is
    unseen by the others. Raises :class:`Invalid` for what cannot be said so.
    """
    wide = _named(("to", "audience"), said)
    narrow = _named(("cc",), said)
    blind = _named(_BLIND, said)
    followers = account.followers_url
    if PUBLIC in blind or followers in blind:
        raise Invalid("bto", "Only people can be addressed blindly: use to or cc for the others.")
    named = [each for each in (*wide, *narrow) if each not in (PUBLIC, followers)]
    people = tuple(each for each in dict.fromkeys(named) if each != account.actor_id)
    return Audience(
        _visibility(wide, narrow, followers, said),
        people,
        tuple(each for each in blind if each not in people and each != account.actor_id),
        not (wide or narrow or blind),
    )


def _visibility(
    wide: list[str], narrow: list[str], followers: str | None, said: Iterable[Mapping[str, Any]]
) -> Visibility:
    if PUBLIC in wide:
        return Visibility.PUBLIC
    if PUBLIC in narrow:
        return Visibility.UNLISTED
    if followers is not None and followers in (*wide, *narrow):
        return Visibility.FOLLOWERS
    limited = any(documents.boolean(each.get("directMessage")) is False for each in said)
    return Visibility.LIMITED if limited else Visibility.DIRECT


def _named(names: Iterable[str], said: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids under *names* in all of *said*, each once, Public in its full spelling."""
    found: dict[str, None] = {}
    for document in said:
        for name in names:
            values = documents.many(document.get(name))
            if len(values) > documents.MAX_ADDRESSES:
                raise Invalid(name, "This is addressed to too many.")
            if any(documents.iri(value) is None for value in values):
                raise Invalid(name, f"Address people in {name} by their ids.")
            found.update(dict.fromkeys(documents.iris(values)))
    return list(found)
