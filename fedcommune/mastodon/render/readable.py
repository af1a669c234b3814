"""How each subject shows in apps that know only posts and people: the one place that says so.

An app shows words, a link, a line of a profile. A subject that has more to it than words
says here which words stand for it; whatever says nothing is shown as what it wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final

from fedcommune.domain.accounts import lines
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.accounts.model import Field as Line
from fedcommune.domain.posts.model import Post
from fedcommune.domain.projects.actions import STAGES
from fedcommune.domain.projects.model import Stage
from fedcommune.i18n import translate
from fedcommune.instance import Instance
from fedcommune.mastodon.entities import Field
from fedcommune.mastodon.json import maybe
from fedcommune.text import html

# What is cleaned again and again because many read it; long texts are cleaned each time.
_REMEMBERED: Final = 1_024
_SHORT: Final = 4_000


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@lru_cache(_REMEMBERED)
def _cleaned(text: str) -> str:
    return html.clean(text).strip()


def clean(text: str) -> str:
    """Return HTML as it may be shown, whoever stored it (SEC-XSS-01)."""
    return _cleaned(text) if len(text) <= _SHORT else html.clean(text).strip()


def words(post: Post) -> str:
    """A post: what was written."""
    return clean(post.content)


def titled(post: Post) -> str:
    """Something with a title of its own, at home elsewhere: title, words, and where it is."""
    title = f"<p><strong>{html.escape(post.title)}</strong></p>" if post.title else ""
    address = post.url or post.object_id
    shown = html.escape(address)
    link = f'<p><a href="{shown}">{shown}</a></p>' if address.startswith("http") else ""
    return clean(f"{title}{post.content}{link}")


# By the type of the object. What is not here is shown by its words.
STATUSES: Final[Mapping[str, Callable[[Post], str]]] = {
    "Note": words,
    "Question": words,
    "Article": titled,
    "Page": titled,
    "Event": titled,
    "Image": titled,
    "Audio": titled,
    "Video": titled,
}


def content(post: Post) -> str:
    """Return what an app shows of *post*, as clean HTML."""
    return STATUSES.get(post.type, words)(post)


def _project(account: Account, instance: Instance) -> list[Field]:
    """A project: how far it has come, and when it begins and ends."""
    language, details = instance.language, account.details
    said = []
    if details.stage in set(Stage):
        stage = translate(language, STAGES[Stage(details.stage)])
        said.append(Field(name=translate(language, _("Stage")), value=html.escape(stage)))
    if details.starts_at is not None:
        day = details.starts_at.date().isoformat()
        said.append(Field(name=translate(language, _("Begins")), value=day))
    if details.ends_at is not None:
        day = details.ends_at.date().isoformat()
        said.append(Field(name=translate(language, _("Ends")), value=day))
    return said


# By the kind of the account: lines that stand before those which its owner wrote.
PROFILES: Final[Mapping[Kind, Callable[[Account, Instance], list[Field]]]] = {
    Kind.PROJECT: _project,
}


def _line(account: Account, each: Line) -> Field:
    verified_at = lines.verified_at(account, each)
    value = clean(each.value)
    return Field(
        name=each.name,
        value=lines.own(value) if account.local else value,
        verified_at=maybe(verified_at),
    )


def fields(account: Account, instance: Instance, told: Iterable[Line] = ()) -> list[Field]:
    """Return the lines of a profile; *told* is what a citizen lets the reader see."""
    every = (*lines.told(instance, account), *told, *account.fields)
    written = [_line(account, each) for each in every]
    own = PROFILES.get(account.kind)
    return written if own is None else [*own(account, instance), *written]
