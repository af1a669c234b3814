"""What a citizen tells of themselves, and who sees each thing."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import actions, personal
from fedcommune.domain.accounts.personal import LINKS, NAMES, Fact, SeenBy
from fedcommune.errors import CommuneError, Invalid
from fedcommune.web import forms, sessions
from fedcommune.web.signing import commune_of, onwards


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


SEEN_BY: Final = {
    SeenBy.PUBLIC: _("Everybody"),
    SeenBy.LINKED: _("People I am linked with"),
    SeenBy.PRIVATE: _("Only me"),
}


async def show(request: Request) -> Response:
    """What is told now; nothing but what one takes part in is shown unless one says so."""
    who = await sessions.required(request)
    facts = await personal.own(commune_of(request).database.pool, who.account.id)
    typed = {name: fact.value for name, fact in facts.items()}
    typed |= {f"seen-{name}": fact.seen_by.value for name, fact in facts.items()}
    return forms.page(request, "settings/personal.html", form=typed, **_choices())


async def change(request: Request) -> Response:
    """Keep what is told, and to whom."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        facts = [
            Fact(name, form.get(name, "") if name != LINKS else "", _seen(form, name))
            for name in (*NAMES, LINKS)
        ]
        async with commune_of(request).database.transaction() as tx:
            await actions.tell(tx, who.account, facts)
    except CommuneError as error:
        return forms.again(request, "settings/personal.html", error, form, **_choices())
    return onwards(f"/@{who.account.username}")


def _choices() -> dict[str, Any]:
    return {"here": "settings", "names": NAMES, "seen_by": SEEN_BY}


def _seen(form: dict[str, str], name: str) -> SeenBy:
    try:
        return SeenBy(form.get(f"seen-{name}", SeenBy.PRIVATE))
    except ValueError:
        raise Invalid(name, _("Choose one of the answers.")) from None
