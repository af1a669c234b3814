"""What an actor of ours is told by beside what it wrote: lines that every software can show."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from fedcommune.domain.accounts.model import MAX_WEBSITE, Account, Field
from fedcommune.i18n import translate
from fedcommune.instance import Instance
from fedcommune.text import html


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


ACCESSIBILITY: Final = {
    "yes": _("Accessible by wheelchair"),
    "limited": _("Partly accessible by wheelchair"),
    "no": _("Not accessible by wheelchair"),
}


def told(instance: Instance, account: Account) -> tuple[Field, ...]:
    """Return the lines that stand before those which *account* wrote, in the commune's language.

    Of strangers none: theirs arrived among what they wrote. The same lines are in the actor's
    document (as PropertyValue) and in what apps are shown.
    """
    return tuple(each for _key, each in named(instance, account))


def named(
    instance: Instance, account: Account, language: str | None = None
) -> list[tuple[str, Field]]:
    """Return the same lines, each with the name of the detail that it tells.

    They are in *language*, for one reader; without it in that of the commune, for everybody.
    """
    if not account.local:
        return []
    language, details = language or instance.language, account.details
    found: list[tuple[str, Field]] = []

    def tell(key: str, name: str, value: str) -> None:
        if value:
            found.append((key, Field(translate(language, name), value)))

    if details.vouched_at is not None:
        words = translate(language, _("Verified by the commune"))
        tell("authority", _("Authority"), f"{words} · {details.vouched_at.date().isoformat()}")
    tell("website", _("Website"), link(details.website) if details.website else "")
    tell(
        "email",
        _("E-mail"),
        link(f"mailto:{details.email}", details.email) if details.email else "",
    )
    tell("phone", _("Telephone"), html.escape(details.phone))
    tell("opening_hours", _("Opening hours"), html.escape(details.opening_hours))
    if details.accessibility in ACCESSIBILITY:
        words = translate(language, ACCESSIBILITY[details.accessibility])
        tell("accessibility", _("Accessibility"), words)
    tell("siret", "SIRET", details.siret or "")
    tell("rna", "RNA", details.rna or "")
    return found


def addresses(account: Account) -> list[str]:
    """Return the web addresses that the profile of *account* names, each once."""
    found = [account.details.website] if account.details.website else []
    for each in account.fields:
        found += html.links(each.value)
    return [each for each in dict.fromkeys(found) if len(each) <= MAX_WEBSITE]


def verified_at(account: Account, field: Field) -> datetime | None:
    """Return since when the page that a *field* leads to links back to *account*.

    Only what we looked at ourselves counts: of a stranger nothing does.
    """
    proven = dict(account.details.verified)
    if not proven or not account.local:
        return None
    return next((proven[each] for each in html.links(field.value) if each in proven), None)


def own(words: str) -> str:
    """Return clean HTML whose links say that they lead to the same person (``rel=me``)."""
    return words.replace(' rel="nofollow', ' rel="me nofollow')


def link(address: str, shown: str = "") -> str:
    """Return clean HTML that leads to *address*, nothing without one."""
    if not address:
        return ""
    words = shown or address.partition("://")[2].rstrip("/") or address
    return html.clean(f'<a href="{html.escape(address)}">{html.escape(words)}</a>')
