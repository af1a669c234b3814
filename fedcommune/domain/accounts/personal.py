"""What citizens tell of themselves: pages, apps and documents obey one rule (product 1.4)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import MAX_LINE, Field
from fedcommune.domain.accounts.queries import personal as queries
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import Invalid
from fedcommune.i18n import translate
from fedcommune.instance import Instance
from fedcommune.text import html


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


class SeenBy(StrEnum):
    """Who sees something: everybody, people one is linked with, nobody else."""

    PUBLIC = "public"
    LINKED = "linked"
    PRIVATE = "private"


NAMES: Final = {
    "email": _("E-mail"),
    "phone": _("Telephone"),
    "birth_date": _("Born on"),
    "locality": _("Lives in"),
}
# Holds no value: it says who sees what somebody takes part in (``links.queries.shown``).
LINKS: Final = "links"

_EMAIL: Final = re.compile(r"[^\s@\"<>,;:]{1,64}@[^\s@\"<>,;:]+\.[^\s@\"<>,;:.]+")
_PHONE: Final = re.compile(r"\+?[0-9][0-9 .()-]{3,30}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a citizen tells, in plain text, and who sees it."""

    name: str
    value: str = ""
    seen_by: SeenBy = SeenBy.PRIVATE


async def own(db: Executor, account_id: int) -> dict[str, Fact]:
    """Return everything that a citizen tells, by its name: to be shown to themselves alone."""
    said = {
        name: Fact(name, value, SeenBy(seen_by))
        for name, value, seen_by in await queries.of_account(db, account_id)
    }
    return {
        **{name: Fact(name) for name in NAMES},
        LINKS: Fact(LINKS, seen_by=SeenBy.PUBLIC),
        **said,
    }


async def shown(
    db: Executor, instance: Instance, viewer: Viewer, account_ids: Collection[int]
) -> dict[int, tuple[Field, ...]]:
    """Return what *viewer* may see of what citizens tell, as lines of their profiles."""
    if not account_ids:
        return {}
    found: dict[int, tuple[Field, ...]] = {}
    for account_id, name, value in await queries.seen(db, viewer.account_id, account_ids):
        words = html.escape(value)
        if name == "email":
            words = html.clean(f'<a href="mailto:{words}">{words}</a>')
        line = Field(translate(instance.language, NAMES[name]), words)
        found[account_id] = (*found.get(account_id, ()), line)
    return found


def check(fact: Fact, now: datetime) -> None:
    """Raise :class:`Invalid` when *fact* needs a correction."""
    value = fact.value.strip()
    if fact.name not in (*NAMES, LINKS) or (fact.name == LINKS and value):
        raise Invalid("name", _("Use the fields of the page."))
    if len(value) > MAX_LINE or not value.isprintable():
        raise Invalid(
            fact.name, _("One line of at most {limit} characters: shorten it."), limit=MAX_LINE
        )
    if not value:
        return
    if fact.name == "email" and not _EMAIL.fullmatch(value):
        raise Invalid("email", _("Write an address like contact@example.org."))
    if fact.name == "phone" and not _PHONE.fullmatch(value):
        raise Invalid("phone", _("Write a telephone number in digits, like 02 62 34 00 00."))
    if fact.name == "birth_date":
        try:
            born = date.fromisoformat(value)
        except ValueError:
            raise Invalid("birth_date", _("Write a day of the calendar: 1985-07-14.")) from None
        if not date(1900, 1, 1) <= born <= now.date():
            raise Invalid("birth_date", _("Write a day of the calendar: 1985-07-14."))
