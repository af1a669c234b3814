"""What is said, announced, offered and asked in one commune of the demo, as values.

People and posts are named by short names and keys; what names another stands after it.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Scene = Literal["lagoon", "mountain", "garden", "village", "night"]
Thing = Literal["bicycle", "chair", "books", "plant", "jar", "guitar", "ladder", "cake"]


class Post(Struct, frozen=True, forbid_unknown_fields=True):
    """Something said so many hours ago. *reply_to* and *quotes* are keys of earlier posts.

    *picture* is what is drawn for it (``sketches``), *described* in words. *choices* make it
    a poll that is open for so many days; *votes* names who took which choice. *recommends* is
    whom it speaks well of.
    """

    key: str
    author: str
    hours_ago: float
    text: str
    reply_to: str | None = None
    quotes: str | None = None
    recommends: str = ""
    visibility: str = "public"
    warning: str = ""
    picture: Scene | Thing | Literal[""] = ""
    described: str = ""
    choices: tuple[str, ...] = ()
    votes: tuple[tuple[str, ...], ...] = ()
    days_open: int = 7
    liked_by: tuple[str, ...] = ()
    boosted_by: tuple[str, ...] = ()

    @property
    def reactions(self) -> int:
        """How many steps come after it."""
        return len(self.liked_by) + len(self.boosted_by) + sum(map(len, self.votes))


class Answer(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody writes in private to who offers something."""

    by: str
    text: str


class Offer(Struct, frozen=True, forbid_unknown_fields=True):
    """Something offered or looked for, so many hours ago; *concluded*: it was taken, or found."""

    key: str
    author: str
    hours_ago: float
    title: str
    text: str = ""
    purpose: Literal["offer", "request"] = "offer"
    exchange: Literal["gift", "loan", "exchange", "sale"] = "gift"
    category: str = "other"
    price: str = ""
    currency: str = "EUR"
    scope: Literal["commune", "neighbours", "public"] = "public"
    place: str = ""
    picture: Thing | Literal[""] = ""
    described: str = ""
    answers: tuple[Answer, ...] = ()
    concluded: bool = False


class Need(Struct, frozen=True, forbid_unknown_fields=True):
    """What a project needs; *helped_by* said that they can help, *accepted* are some of them."""

    key: str
    author: str
    hours_ago: float
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
    """Something that takes place in so many *days*; announced so many hours ago.

    With *weekday* (0 is Monday) it is on the first such day from then on. *joined_by* say that
    they come; where that needs an *approval*, *let_in* are those who got it. *cancelled* and
    *postponed* say why; *again* is in how many days it takes place instead, if anybody knows.
    """

    key: str
    author: str
    hours_ago: float
    name: str
    days: int
    starts: str
    lasts: float
    weekday: int | None = None
    text: str = ""
    category: str = "COMMUNITY"
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    online: str | None = None
    price: str = ""
    capacity: int | None = None
    approval: bool = False
    rule: str = ""
    picture: Scene | Thing | Literal[""] = ""
    described: str = ""
    joined_by: tuple[str, ...] = ()
    let_in: tuple[str, ...] = ()
    cancelled: str = ""
    postponed: str = ""
    again: int | None = None


class Lists(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a citizen appreciates, takes part in and brings to life: each goes where it belongs."""

    owner: str
    listed: tuple[str, ...]
    places: tuple[str, ...] = ()


class Picks(Struct, frozen=True, forbid_unknown_fields=True):
    """People whom somebody recommends: they are asked, and those of *agreed* say yes."""

    owner: str
    name: str
    people: tuple[str, ...]
    description: str = ""
    agreed: tuple[str, ...] = ()


class Notice(Struct, frozen=True, forbid_unknown_fields=True):
    """An official notice, in force for so many hours more; over already when that is negative."""

    key: str
    author: str
    hours_ago: float
    severity: Literal["info", "attention", "danger"]
    hours_left: float
    text: str


class Announcement(Struct, frozen=True, forbid_unknown_fields=True):
    """What the commune announces to everybody here, for so many days."""

    key: str
    hours_ago: float
    days: int
    text: str
    hearts: tuple[str, ...] = ()


class Claim(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody says that a place is theirs; *accepted*: the commune believed it."""

    by: str
    place: str
    username: str
    message: str
    accepted: bool = False


class Subscriber(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody without an account who wants the week of the commune; *confirmed* by a letter."""

    email: str
    language: Literal["fr", "en"] = "fr"
    confirmed: bool = True
