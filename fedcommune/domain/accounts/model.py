"""What an actor is to us, and which names may be given."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from fedcommune.domain.accounts.roles import Role
from federation.names import PUBLIC
from outbox.addressing import Recipient


class Kind(StrEnum):
    """What an actor of a commune stands for; a ``STRANGER`` comes from another software."""

    COMMUNE = "commune"
    FEED = "feed"
    SQUARE = "square"
    CITIZEN = "citizen"
    ASSOCIATION = "association"
    BUSINESS = "business"
    AUTHORITY = "authority"
    GROUP = "group"
    PROJECT = "project"
    STRANGER = "stranger"


TYPES: Final = {
    Kind.COMMUNE: "Application",
    Kind.FEED: "Group",
    Kind.SQUARE: "Group",
    Kind.CITIZEN: "Person",
    Kind.ASSOCIATION: "Organization",
    Kind.BUSINESS: "Organization",
    Kind.AUTHORITY: "Organization",
    Kind.GROUP: "Group",
    Kind.PROJECT: "Group",
}

# After a move, nobody moves again so soon (W-MOV-01).
MOVE_COOLDOWN: Final = timedelta(days=7)
# A deleted actor keeps its keys until its last farewell had every chance to arrive.
KEYS_OUTLIVE: Final = timedelta(days=8)
# After a rotation the old key stays listed so long (W-KEY-04).
KEYS_OVERLAP: Final = timedelta(hours=48)

MAX_NAME: Final = 100
MAX_SUMMARY: Final = 5_000
MAX_FIELDS: Final = 8
MAX_FIELD: Final = 255
MAX_DESCRIBED: Final = 1_500
MAX_EMOJIS: Final = 50
MAX_TAGS: Final = 20
MAX_LINE: Final = 200
MAX_HOURS: Final = 300
MAX_WEBSITE: Final = 500

_USERNAME: Final = re.compile(r"[a-z0-9_]{1,30}")
# Names that would let somebody speak for the server, or hide one of its pages.
RESERVED: Final = frozenset(
    {
        "about",
        "abuse",
        "actor",
        "admin",
        "administrateur",
        "administration",
        "administrator",
        "api",
        "contact",
        "everyone",
        "fedcommune",
        "help",
        "here",
        "hostmaster",
        "inbox",
        "info",
        "instance",
        "mairie",
        "maire",
        "mod",
        "moderateur",
        "moderation",
        "moderator",
        "noreply",
        "null",
        "oauth",
        "official",
        "officiel",
        "outbox",
        "owner",
        "postmaster",
        "root",
        "security",
        "server",
        "serveur",
        "shared_inbox",
        "staff",
        "static",
        "support",
        "system",
        "tous",
        "undefined",
        "web",
        "webmaster",
        "www",
    }
)
# What looks alike in most typefaces, folded together; queries.looks_taken says it in SQL.
_ALIKE: Final = str.maketrans({"0": "o", "1": "l", "_": None})


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a profile: a plain *name*, and a *value* in sanitised HTML."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Details:
    """What only some kinds of actors have, as their documents say it (product 8.1, 8.2).

    ``stage`` is that of a project, ``openness`` how one enters (open, moderated, invitation),
    ``members`` the collection of who takes part, ``carried_by`` and ``parent`` actor ids.
    ``emojis`` are the pictures that its texts name: what stands between the colons, and where
    the picture is.
    Of a stranger, ``collections`` is where its recommendations are listed, and
    ``features_at_once`` and ``features_when_asked`` say who may put it into theirs, in
    addresses (FEP-7aa9); None when it says nothing, which is no consent.
    ``tags`` are what it is about, in lower case and without the sharp sign; where it is in
    words, when it is open (as OpenStreetMap writes it) and who can enter stand beside its
    point. Of one of ours, what is told as lines of its profile (``lines.py``): how it is
    reached, its numbers in the registers, since when the commune vouches for it.
    What one of ours shows: ``hides_follows`` keeps from others whom it follows and who
    follows it; apps ask for the rest, and which websites may name it as their author. Citizens
    stand in the directory when they are ``listed``: they ask for it themselves.
    ``icon_described`` and ``image_described`` say what its pictures show, to who cannot see them.
    ``epci`` is the grouping that a commune belongs to.
    """

    stage: str | None = None
    openness: str | None = None
    members: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    carried_by: str | None = None
    parent: str | None = None
    emojis: tuple[tuple[str, str], ...] = ()
    collections: str | None = None
    features_at_once: tuple[str, ...] | None = None
    features_when_asked: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    opening_hours: str = ""
    accessibility: str = ""
    website: str | None = None
    email: str = ""
    phone: str = ""
    siret: str | None = None
    rna: str | None = None
    vouched_at: datetime | None = None
    verified: tuple[tuple[str, datetime], ...] = ()
    hides_follows: bool = False
    shows_media: bool = True
    shows_media_replies: bool = True
    shows_featured: bool = True
    attribution_domains: tuple[str, ...] = ()
    icon_described: str = ""
    image_described: str = ""
    listed: bool = False
    epci: str | None = None


class Account(Struct, frozen=True):
    """An actor, ours or another server's. Times are UTC, angles are degrees.

    Since ``silenced_at`` only those who follow it see it, since ``sensitised_at`` all that it
    attaches is sensitive; ``role_shown`` lets everybody see the role of one of ours.
    """

    id: int
    actor_id: str
    local: bool
    type: str
    kind: Kind
    username: str
    domain: str
    name: str
    summary: str
    source: str
    url: str | None
    inbox: str
    shared_inbox: str | None
    followers_url: str | None
    featured_url: str | None
    icon: str | None
    image: str | None
    fields: tuple[Field, ...]
    locked: bool
    discoverable: bool
    indexable: bool
    latitude: float | None
    longitude: float | None
    territory: str | None
    also_known_as: tuple[str, ...]
    moved_to: str | None
    moved_at: datetime | None
    created_at: datetime
    updated_at: datetime
    fetched_at: datetime | None
    suspended_at: datetime | None
    deleted_at: datetime | None
    details: Details = Details()
    silenced_at: datetime | None = None
    sensitised_at: datetime | None = None
    role: Role = Role.CITIZEN
    role_shown: bool = True

    @property
    def handle(self) -> str:
        """``user@domain``."""
        return f"{self.username}@{self.domain}"

    @property
    def display_name(self) -> str:
        return self.name or self.username

    @property
    def is_active(self) -> bool:
        """Whether it still speaks and may be spoken to."""
        return self.suspended_at is None and self.deleted_at is None

    @property
    def recipient(self) -> Recipient:
        """Where to deliver to it."""
        return Recipient(self.actor_id, self.inbox, self.shared_inbox)


def featuring(account: Account) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return who may put *account* into a collection at once, and who must ask (FEP-7aa9).

    They are named by addresses: Public, or the followers or the following of the account.
    None is no consent. Ours decide by whether they want to be found: whoever speaks for more
    than themselves may be featured by anybody, a citizen by whom they follow, and is asked by
    others.
    """
    if not account.local:
        at_once, when_asked = account.details.features_at_once, account.details.features_when_asked
        return None if at_once is None else (at_once, when_asked or ())
    if not account.discoverable:
        return (), ()
    if account.kind is Kind.CITIZEN:
        return (f"{account.actor_id}/following",), (PUBLIC,)
    return (PUBLIC,), ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many follow an account, how many it follows, how many open posts it wrote.

    ``limited`` says that it is shown to its followers alone, by itself or by its server;
    ``tells`` that it tells something of itself, whoever may see that.
    """

    followers: int = 0
    following: int = 0
    posts: int = 0
    last_post_at: datetime | None = None
    limited: bool = False
    tells: bool = False


@dataclass(frozen=True, slots=True)
class ActorKey:
    """A public key of an actor. *public* is DER for RSA, 32 raw bytes for Ed25519."""

    id: str
    account_id: int
    algorithm: str
    public: bytes
    created_at: datetime
    fetched_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What somebody changes of a profile; None leaves as it is.

    *summary* is sanitised HTML and *source* what was typed; an empty text erases. *type* is
    that of the actor: a citizen may say that a machine writes.
    """

    type: str | None = None
    name: str | None = None
    summary: str | None = None
    source: str | None = None
    icon: str | None = None
    image: str | None = None
    fields: tuple[Field, ...] | None = None
    locked: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    latitude: float | None = None
    longitude: float | None = None
    also_known_as: tuple[str, ...] | None = None
    details: Details | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is said of a new local actor beside its name. *summary* is sanitised HTML."""

    summary: str = ""
    source: str = ""
    icon: str | None = None
    image: str | None = None
    fields: tuple[Field, ...] = field(default=())
    locked: bool = False
    discoverable: bool = True
    indexable: bool = False
    latitude: float | None = None
    longitude: float | None = None
    details: Details = Details()


def is_username(text: str) -> bool:
    """Tell whether *text* may be the name of a local actor (W-WF-06)."""
    return _USERNAME.fullmatch(text) is not None


def folded(username: str) -> str:
    """Return *username* with look-alike characters folded, to compare names by eye (SEC-ORI-09).

    ``paul``, ``pau1`` and ``p_aul`` fold to the same.
    """
    return username.lower().translate(_ALIKE)


def afresh(actor_id: str) -> str:
    """Return what a handler asks to be gathered when it needs *actor_id* as it is now.

    What is stored is not gathered again; with a fragment, which no server ever sees, the
    address is one that nobody stores.
    """
    return f"{actor_id}#afresh"
