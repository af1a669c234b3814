"""What the demo tells of the two communes together: ``between.toml``, as values."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from fedcommune.demo.world import FOLDER

Name: TypeAlias = Literal["saint-leu", "trois-bassins"]


class Follow(Struct, frozen=True, forbid_unknown_fields=True):
    """Who of the commune *home* follows whom of the other one."""

    home: Name
    follower: str
    followed: tuple[str, ...]


class Request(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of *home* asks to take part in what stands in the other commune.

    *answer* is what becomes of it: whoever is open lets them in at once; where somebody has to
    say yes, it was said, or it waits.
    """

    home: Name
    subject: str
    target: str
    roles: tuple[str, ...] = ()
    message: str = ""
    answer: Literal["open", "yes", "waits"] = "open"


class Invitation(Struct, frozen=True, forbid_unknown_fields=True):
    """*target*, of *home*, invites somebody of the other commune, who accepted or not yet."""

    home: Name
    target: str
    subject: str
    roles: tuple[str, ...] = ()
    message: str = ""
    accepted: bool = False


class Visit(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of *home* says that they come to an event of the other commune."""

    home: Name
    who: str
    event: str


class Hand(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of *home* says that they can help with a need of the other commune."""

    home: Name
    who: str
    need: str
    text: str
    accepted: bool = False


class Choice(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of *home* puts actors of the other commune into their three lists."""

    home: Name
    owner: str
    listed: tuple[str, ...]


class Move(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of *home* moves a project on; it says so in the post called *key*."""

    home: Name
    by: str
    project: str
    stage: str
    key: str


class Word(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that *author*, of *home*, says or does about a post of either commune.

    *about* is its key; for a recommendation, a short name of the other commune. What is said
    is the post called *key*.
    """

    home: Name
    author: str
    act: Literal["reply", "quote", "boost", "like", "recommend"]
    about: str
    hours_ago: float = 0
    key: str = ""
    text: str = ""


class Meeting(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that happens between the two communes."""

    follows: tuple[Follow, ...]
    requests: tuple[Request, ...]
    invitations: tuple[Invitation, ...]
    visits: tuple[Visit, ...]
    hands: tuple[Hand, ...]
    choices: tuple[Choice, ...]
    moves: tuple[Move, ...]
    words: tuple[Word, ...]


def read() -> Meeting:
    """Return what happens between the two communes."""
    return msgspec.toml.decode((FOLDER / "between.toml").read_bytes(), type=Meeting)
