"""What a notice says of itself, in words that everybody reads wherever they read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_time

from fedcommune import i18n
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.official import Given, Notice, Severity
from fedcommune.errors import Invalid
from fedcommune.i18n import translate
from fedcommune.instance import Instance

MAX_TEXT: Final = 3_000


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.INFO: _("Information"),
    Severity.ATTENTION: _("Attention"),
    Severity.DANGER: _("Danger"),
}
# No colour alone explains: every severity has a sign and a word.
SIGNS: Final[Mapping[Severity, str]] = {
    Severity.INFO: "ℹ️",
    Severity.ATTENTION: "⚠️",
    Severity.DANGER: "🚨",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with the post that says it."""

    notice: Notice
    post: Post


def checked(text: str, given: Given, now: datetime) -> str:
    """Return the tidy words of a notice. Raises Invalid when there are none, or it is over."""
    text = text.replace("\r\n", "\n").strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise Invalid("text", _("Say in a few sentences what everybody should know."))
    if given.ends_at is not None and given.ends_at <= now:
        raise Invalid("until", _("This is over already: nobody would see it."))
    return text


def heading(instance: Instance, given: Given) -> str:
    """Return the line above a notice: that it is one, how grave, until when (Markdown).

    It is part of the words, for most who read them have no other way to know.
    """
    language = instance.language
    severity = translate(language, SEVERITIES[given.severity])
    line = f"{SIGNS[given.severity]} {translate(language, _('Official notice'))} · {severity}"
    if given.ends_at is not None:
        until = moment(instance, given.ends_at, language)
        line += " · " + translate(language, _("until {moment}"), moment=until)
    return f"**{line}**"


def moment(instance: Instance, value: datetime, language: str) -> str:
    """Tell a day and an hour in the time of the commune."""
    there, locale = value.astimezone(ZoneInfo(instance.timezone)), i18n.locale(language)
    day = i18n.day(there.date(), "long", language)
    return f"{day},\N{NO-BREAK SPACE}{format_time(there, 'short', locale=locale)}"
