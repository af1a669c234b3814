"""What apps show of a notification of a kind that they do not know (API version 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from fedcommune.domain.notifications.asked import Question
from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.notifications.words import ANSWER, SENTENCES
from fedcommune.i18n import translate
from fedcommune.instance import Instance
from fedcommune.mastodon import entities
from fedcommune.text import html

# How apps call what is not called so here. An answer names whom it answers, and a notice is a
# post of somebody who speaks to everybody.
TYPES: Final[Mapping[Kind, str]] = {
    **{kind: kind.value for kind in Kind},
    Kind.REPLY: "mention",
    Kind.MENTION: "mention",
    Kind.NOTICE: "status",
}


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


_ELSEWHERE: Final = _("Your app does not show this yet: open {commune} in a browser.")


@dataclass(frozen=True, slots=True)
class Known:
    """Which types an app shows by itself, and in which language its person reads."""

    types: frozenset[str]
    language: str


def fallback(
    instance: Instance, kind: Kind, name: str, known: Known | None, question: Question | None
) -> entities.NotificationFallback | None:
    """Return the words for what somebody of that *name* caused, as HTML.

    A *question* is asked in its sentence, and has a link to where it is answered. None when the
    app knows that kind, or says nothing of what it knows.
    """
    if known is None or TYPES[kind] in known.types or kind not in SENTENCES:
        return None
    if question is None:
        return entities.NotificationFallback(
            title=translate(known.language, SENTENCES[kind], name=html.escape(name)),
            summary=translate(known.language, _ELSEWHERE, commune=html.escape(instance.name)),
        )
    escaped = replace(question, what=html.escape(question.what))
    page = html.escape(question.page)
    return entities.NotificationFallback(
        title=escaped.sentence(known.language, SENTENCES[kind], html.escape(name)),
        summary=translate(known.language, ANSWER, page=f'<a href="{page}">{page}</a>'),
    )
