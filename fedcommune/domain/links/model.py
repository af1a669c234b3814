"""Link, its state, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from fedcommune.errors import Invalid


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


class State(StrEnum):
    """Where a link stands. Only ACTIVE is shown to anybody but the two sides."""

    PENDING = "pending"
    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"


class Openness(StrEnum):
    """How one enters: at once, after somebody said yes, or only when invited."""

    OPEN = "open"
    MODERATED = "moderated"
    INVITATION = "invitation"


MEMBER_OF: Final = "memberOf"
CONTRIBUTES_TO: Final = "contributesTo"

MAX_ROLES: Final = 10
MAX_ROLE: Final = 100
MAX_MESSAGE: Final = 2000


@dataclass(frozen=True, slots=True)
class Link:
    """*subject* takes part in *target*. The target's host says who is in (product rule 9).

    ``activity_id`` is the Join or Invite that began it, ``consent_id`` the activity by
    which the subject agreed, ``relationship_id`` the address of the Relationship that
    the target's host serves. A ``hidden`` one the subject shows to nobody.
    """

    id: int
    relationship_id: str | None
    subject_id: int
    target_id: int
    relationship: str
    state: str
    is_admin: bool
    wants_admin: bool
    roles: list[str]
    message: str
    activity_id: str
    consent_id: str | None
    created_at: datetime
    changed_at: datetime
    hidden: bool = False

    @property
    def is_active(self) -> bool:
        return self.state == State.ACTIVE


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for when joining, or is offered when invited."""

    roles: tuple[str, ...] = ()
    as_admin: bool = False
    message: str = ""


def checked(wish: Wish) -> Wish:
    """Return *wish* with tidy roles. Raises :class:`Invalid` when there is too much of it."""
    roles = tidy_roles(wish.roles)
    if len(roles) > MAX_ROLES:
        raise Invalid("roles", _("At most {limit} roles can be given."), limit=MAX_ROLES)
    if any(len(role) > MAX_ROLE for role in roles):
        raise Invalid("roles", _("A role has at most {limit} characters."), limit=MAX_ROLE)
    if len(wish.message) > MAX_MESSAGE:
        raise Invalid(
            "message", _("The message has at most {limit} characters."), limit=MAX_MESSAGE
        )
    return Wish(roles, wish.as_admin, wish.message.strip())


def curtailed(wish: Wish) -> Wish:
    """Return a stranger's *wish*, cut down to what we keep."""
    roles = tuple(role[:MAX_ROLE] for role in tidy_roles(wish.roles)[:MAX_ROLES])
    return Wish(roles, wish.as_admin, wish.message.strip()[:MAX_MESSAGE])


def tidy_roles(roles: Iterable[str]) -> tuple[str, ...]:
    """Return *roles* in their order, without blanks and repetitions."""
    return tuple(dict.fromkeys(role.strip() for role in roles if role.strip()))


def relationship_with(kind: str) -> str:
    """Return the word for taking part in an actor of this *kind*."""
    return CONTRIBUTES_TO if kind == "project" else MEMBER_OF


JOINABLE: Final = frozenset({"association", "business", "authority", "group", "project"})
