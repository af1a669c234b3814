"""Letters on request: a new password, or a link that signs in."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.citizens import actions, passwords, throttles
from fedcommune.domain.citizens.model import Purpose, check_email
from fedcommune.errors import CommuneError, NotFound
from fedcommune.timing import evenly
from fedcommune.web import forms, sessions
from fedcommune.web.signing import commune_of, count

# An answer takes so many seconds at least, whether somebody has the address or not.
_EVENLY: Final = 0.25


async def show_letter(request: Request) -> Response:
    """The page on which one asks for a link to sign in."""
    return forms.page(request, "signing/ask.html", action="/sign-in/letter")


async def ask_letter(request: Request) -> Response:
    """Send the link to sign in; the answer is the same whoever is unknown (SEC-AUT-03)."""
    return await _ask(request, Purpose.SIGN_IN, "/sign-in/letter")


async def show_forgotten(request: Request) -> Response:
    """The page for those who forgot their password."""
    return forms.page(request, "signing/ask.html", action="/password")


async def ask_reset(request: Request) -> Response:
    """Send the letter to choose a new password; the answer is always the same."""
    return await _ask(request, Purpose.RESET, "/password")


async def show_new(request: Request) -> Response:
    """The page on which one chooses a new password, behind the link of a letter."""
    token = request.query_params.get("token", "")
    async with commune_of(request).database.transaction() as tx:
        try:
            _ticket, citizen = await actions.look_at(tx, token, Purpose.RESET)
        except NotFound:
            return forms.page(request, "signing/void.html", 404, again="/password")
    return forms.page(request, "signing/new_password.html", token=token, email=citizen.email)


async def choose_new(request: Request) -> Response:
    """Keep the new password, and sign every browser and application out (SEC-AUT-04)."""
    form = await forms.read(request)
    token, password = form.get("token", ""), form.get("password", "")
    commune = commune_of(request)
    email = ""
    try:
        await count(request, (throttles.TICKET, sessions.browser_of(request).address))
        async with commune.database.transaction() as tx:
            _ticket, citizen = await actions.look_at(tx, token, Purpose.RESET)
            account = await accounts.by_id(tx.db, citizen.account_id)
        email = citizen.email
        about = (account.username, account.name) if account else ()
        passwords.check_strength(password, email, commune.instance.name, *about)
        kept = await passwords.hash(password)
        async with commune.database.transaction() as tx:
            await actions.reset(tx, token, kept)
    except NotFound:
        return forms.page(request, "signing/void.html", 404, again="/password")
    except CommuneError as error:
        return forms.again(
            request, "signing/new_password.html", error, form, token=token, email=email
        )
    return forms.page(request, "signing/changed.html")


async def _ask(request: Request, purpose: Purpose, action: str) -> Response:
    form = await forms.read(request)
    try:
        email = check_email(form.get("email", ""))
        await count(
            request,
            (throttles.LETTER_ADDRESS, sessions.browser_of(request).address),
            (throttles.LETTER_EMAIL, email),
        )
    except CommuneError as error:
        return forms.again(request, "signing/ask.html", error, form, action=action)
    async with evenly(_EVENLY), commune_of(request).database.transaction() as tx:
        await actions.ask_for(tx, email, purpose)
    return forms.page(request, "signing/sent.html", email=email, again=action)
