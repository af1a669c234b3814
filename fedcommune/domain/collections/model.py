"""What a collection is, what stands in it, and who may be put there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from federation.vocabulary.featured import MAX_ITEMS as MAX_ITEMS

# Of one account (SEC-DOS-06), and how much each holds. Texts as Mastodon bounds them.
MAX_COLLECTIONS: Final = 10
MAX_NAME: Final = 40
MAX_DESCRIPTION: Final = 100
# How many collections are looked at on a stranger's profile, and how long that is good.
MAX_READ: Final = 20
GOOD_FOR: Final = timedelta(hours=12)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


class Kind(StrEnum):
    """The three lists of a citizen (product 7.2); any other collection has no kind."""

    APPRECIATES = "appreciates"
    PARTICIPATES = "participates"
    CREATES = "creates"


# How the three are called until their owner says otherwise.
TITLES: Final = {
    Kind.APPRECIATES: _("The shops I appreciate"),
    Kind.PARTICIPATES: _("The associations I take part in"),
    Kind.CREATES: _("The projects I bring to life"),
}


class State(StrEnum):
    """How far the consent of somebody who is recommended has come."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"  # or taken back: nobody asks for that collection again


class Consent(StrEnum):
    """What becomes of a wish to put somebody into a collection, in the words of the API."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"
    DENIED = "denied"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Collection:
    """Whom an account recommends; times are UTC. *description* is plain text."""

    id: int
    account_id: int
    object_id: str
    url: str | None
    local: bool
    kind: Kind | None
    name: str
    description: str
    language: str | None
    topic: str | None
    sensitive: bool
    discoverable: bool
    created_at: datetime
    updated_at: datetime
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """Somebody in a collection. ``authorization_id`` is where a stranger's consent is."""

    id: int
    collection_id: int
    account_id: int
    object_id: str
    state: State
    activity_id: str | None
    authorization_id: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What its owner says of a collection; None leaves as it is."""

    name: str | None = None
    description: str | None = None
    language: str | None = None
    topic: str | None = None
    sensitive: bool | None = None
    discoverable: bool | None = None
    kind: Kind | None = None
