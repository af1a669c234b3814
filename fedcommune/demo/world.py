"""What the demo tells of one commune: the TOML files of its folder, as values."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from fedcommune.demo.tellings import (
    Announcement,
    Claim,
    Event,
    Lists,
    Need,
    Notice,
    Offer,
    Picks,
    Post,
    Subscriber,
    Task,
)

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
    """Somebody who lives here; *weekly*: the week of the commune comes by letter."""

    username: str
    name: str
    postal_code: str
    summary: str
    role: Literal["citizen", "moderator", "administrator"] = "citizen"
    weekly: bool = False


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


class Project(Struct, frozen=True, forbid_unknown_fields=True):
    """What several people build; *carrier* and *parent* stand earlier in the story."""

    username: str
    name: str
    summary: str
    stage: str
    founder: str
    openness: str
    carrier: str = ""
    parent: str = ""
    latitude: float | None = None
    longitude: float | None = None


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody takes part, or *asked* to, or was *invited* to: then somebody has to answer."""

    subject: str
    target: str
    roles: tuple[str, ...] = ()
    state: Literal["active", "asked", "invited"] = "active"
    message: str = ""


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


class World(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything there is to tell of one commune."""

    commune: Place
    citizens: tuple[Citizen, ...]
    organisations: tuple[Organisation, ...]
    projects: tuple[Project, ...]
    members: tuple[Member, ...]
    posts: tuple[Post, ...]
    offers: tuple[Offer, ...]
    needs: tuple[Need, ...]
    tasks: tuple[Task, ...]
    events: tuple[Event, ...]
    spots: tuple[Spot, ...]
    lists: tuple[Lists, ...]
    picks: tuple[Picks, ...]
    notices: tuple[Notice, ...]
    announcements: tuple[Announcement, ...]
    claims: tuple[Claim, ...]
    subscribers: tuple[Subscriber, ...]

    @property
    def actors(self) -> int:
        """How many actors need keys."""
        return len(self.citizens) + len(self.organisations) + len(self.projects)


def outline(name: str) -> Path:
    """Return the file with the outline of the commune *name*, a simple one of our own."""
    return FOLDER / name / "outline.geojson"


def read(name: str) -> World:
    """Return the world of the commune *name* (``saint-leu``): each file tells some subjects."""
    told: dict[str, Any] = {}
    for file in sorted((FOLDER / name).glob("*.toml")):
        told |= msgspec.toml.decode(file.read_bytes())
    return msgspec.convert(told, World)
