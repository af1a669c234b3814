"""What the demo tells: the TOML files beside this one, as values."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

Scene = Literal["lagoon", "mountain", "garden", "village", "night"]
FOLDER: Final = Path(__file__).parent


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """The commune itself; the keys are those of ``[commune]`` in config.toml."""

    name: str
    insee: str
    postal_codes: tuple[str, ...]
    epci: str
    latitude: float
    longitude: float
    timezone: str
    description: str
    contact: str


class Citizen(Struct, frozen=True, forbid_unknown_fields=True):
    username: str
    name: str
    postal_code: str
    summary: str


class Organisation(Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    username: str
    name: str
    summary: str
    founder: str
    openness: str = "moderated"
    rna: str | None = None
    tags: tuple[str, ...] = ()
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    opening_hours: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None
    appreciated_by: tuple[str, ...] = ()


class Project(Struct, frozen=True, forbid_unknown_fields=True):
    username: str
    name: str
    summary: str
    stage: str
    founder: str
    openness: str
    latitude: float | None = None
    longitude: float | None = None


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    subject: str
    target: str
    roles: tuple[str, ...] = ()


class Spot(Struct, frozen=True, forbid_unknown_fields=True):
    """A place somebody tells of: the commune, or the actor *by*; *aloud*, in a post as well."""

    name: str
    latitude: float
    longitude: float
    kind: Literal["poi", "association", "business", "authority"] = "poi"
    category: str = ""
    summary: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    opening_hours: str = ""
    accessibility: Literal["", "yes", "limited", "no"] = ""
    website: str | None = None
    tags: tuple[str, ...] = ()
    claimable: bool = False
    by: str = ""
    aloud: bool = False


class Post(Struct, frozen=True, forbid_unknown_fields=True):
    """Something said so many hours ago. *reply_to* is the key of an earlier post.

    *picture* is what is drawn for it (``sketches``), *described* in words.
    """

    key: str
    author: str
    hours_ago: int
    text: str
    reply_to: str | None = None
    visibility: str = "public"
    warning: str = ""
    picture: Scene | Literal[""] = ""
    described: str = ""
    liked_by: tuple[str, ...] = ()
    boosted_by: tuple[str, ...] = ()


class Offer(Struct, frozen=True, forbid_unknown_fields=True):
    """Something offered or looked for, so many hours ago."""

    key: str
    author: str
    hours_ago: int
    title: str
    text: str = ""
    purpose: Literal["offer", "request"] = "offer"
    exchange: Literal["gift", "loan", "exchange", "sale"] = "gift"
    category: str = "other"
    price: str = ""
    currency: str = "EUR"
    scope: Literal["commune", "neighbours", "public"] = "public"
    place: str = ""


class Need(Struct, frozen=True, forbid_unknown_fields=True):
    """What a project needs; *helped_by* said that they can help, *accepted* are some of them."""

    key: str
    author: str
    hours_ago: int
    title: str
    text: str = ""
    wanted: Literal["people", "material", "money"] = "people"
    helpers: int | None = None
    helped_by: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()


class Task(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to do in a project, in so many days."""

    key: str
    project: str
    title: str
    days: int
    doer: str = ""
    done: bool = False


class Event(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that takes place in so many *days*; announced so many hours ago."""

    key: str
    author: str
    hours_ago: int
    name: str
    days: int
    starts: str
    lasts: float
    text: str = ""
    category: str = "COMMUNITY"
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    price: str = ""
    capacity: int | None = None
    approval: bool = False
    rule: str = ""
    joined_by: tuple[str, ...] = ()


class World(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything there is to tell of one commune."""

    commune: Place
    citizens: tuple[Citizen, ...]
    organisations: tuple[Organisation, ...]
    projects: tuple[Project, ...]
    members: tuple[Member, ...]
    posts: tuple[Post, ...]
    offers: tuple[Offer, ...] = ()
    needs: tuple[Need, ...] = ()
    tasks: tuple[Task, ...] = ()
    events: tuple[Event, ...] = ()
    spots: tuple[Spot, ...] = ()

    @property
    def actors(self) -> int:
        """How many actors need keys."""
        return len(self.citizens) + len(self.organisations) + len(self.projects)


def outline(name: str) -> Path:
    """Return the file with the outline of the commune *name*, a simple one of our own."""
    return FOLDER / f"{name}.geojson"


def read(name: str) -> World:
    """Return the world of the commune *name* (``saint-leu``)."""
    return msgspec.toml.decode((FOLDER / f"{name}.toml").read_bytes(), type=World)
