"""The week of the commune for people without an account: ask, confirm by a letter."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.citizens import throttles
from fedcommune.domain.citizens.model import check_email
from fedcommune.domain.letters import issuing
from fedcommune.errors import CommuneError, Conflict, NotFound
from fedcommune.timing import evenly
from fedcommune.web import forms, sessions
from fedcommune.web.pages import pages_of
from fedcommune.web.signing import commune_of, count

_EVENLY: Final = 0.2


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show(request: Request) -> Response:
    """What the letter is, and one field."""
    return forms.page(request, "letters/ask.html")


async def ask(request: Request) -> Response:
    """Send a letter to confirm; the answer is the same whatever is known (SEC-AUT-03)."""
    form = await forms.read(request)
    commune = commune_of(request)
    email, address = form.get("email", ""), sessions.browser_of(request).address
    language = pages_of(request).language(request)
    try:
        async with evenly(_EVENLY):
            if form.get("website"):
                raise Conflict(_("Leave the field that is hidden empty, and send this again."))
            email = check_email(email)
            await count(request, (throttles.LETTER_ADDRESS, address))
            await count(request, (throttles.LETTER_EMAIL, email))
            async with commune.database.transaction() as tx:
                await issuing.ask(tx, email, language, address=address)
    except CommuneError as error:
        return forms.again(request, "letters/ask.html", error, form)
    return forms.page(request, "signing/sent.html", email=email, again="/letters")


async def show_confirm(request: Request) -> Response:
    """The page behind the link of the letter: one button, so that no mail scanner confirms."""
    token = request.query_params.get("token", "")
    async with commune_of(request).database.transaction() as tx:
        try:
            found = await issuing.look_at(tx, token)
        except NotFound:
            return forms.page(request, "signing/void.html", 404, again="/letters")
    return forms.page(request, "letters/confirm.html", token=token, email=found.email, done=False)


async def confirm(request: Request) -> Response:
    """Let whoever holds the token of the letter get the week."""
    form = await forms.read(request)
    await count(request, (throttles.TICKET, sessions.browser_of(request).address))
    try:
        async with commune_of(request).database.transaction() as tx:
            found = await issuing.confirm(tx, form.get("token", ""))
    except NotFound:
        return forms.page(request, "signing/void.html", 404, again="/letters")
    return forms.page(request, "letters/confirm.html", token="", email=found.email, done=True)
