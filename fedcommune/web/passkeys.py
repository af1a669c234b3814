"""Pages for passkeys: the one part of signing in that a browser cannot do without a script."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.citizens import throttles
from fedcommune.domain.citizens.actions import passkeys
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.citizens.queries import passkeys as stored
from fedcommune.errors import CommuneError
from fedcommune.web import forms, sessions
from fedcommune.web.settings import prove
from fedcommune.web.signing import HOME, commune_of, count, onwards

_PAGE = "settings/passkeys.html"
_DOOR = "signing/passkey.html"


async def show_door(request: Request) -> Response:
    """The page that asks the browser for a passkey."""
    await count(request, (throttles.TICKET, sessions.browser_of(request).address))
    back = sessions.return_to(request.query_params.get("return_to"), "")
    async with commune_of(request).database.transaction() as tx:
        options = await passkeys.ask(tx)
    return forms.page(request, _DOOR, options=options, return_to=back)


async def sign_in(request: Request) -> Response:
    """Let in who proved to hold a passkey."""
    form = await forms.read(request)
    back = sessions.return_to(form.get("return_to"), "")
    database = commune_of(request).database
    try:
        await count(request, (throttles.SIGN_IN_ADDRESS, sessions.browser_of(request).address))
        async with database.transaction() as tx:
            citizen = await passkeys.sign_in(tx, form.get("answer", ""))
            token = await citizens.begin_session(tx, citizen, sessions.browser_of(request))
    except CommuneError as error:
        async with database.transaction() as tx:
            options = await passkeys.ask(tx)
        return forms.again(request, _DOOR, error, {}, options=options, return_to=back)
    return sessions.begin(request, onwards(back or HOME), token)


async def show(request: Request) -> Response:
    """The passkeys one has, and the form for a new one."""
    who = await sessions.required(request)
    return await _page(request, who)


async def add(request: Request) -> Response:
    """Keep the passkey that the browser made, once the password was right."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        await prove(request, who, form)
        async with commune_of(request).database.transaction() as tx:
            await passkeys.add(tx, who, form.get("answer", ""), form.get("name", ""))
    except CommuneError as error:
        return await _page(request, who, error)
    return onwards("/settings/passkeys")


async def remove(request: Request) -> Response:
    """Forget a passkey."""
    form = await forms.read(request)
    who = await sessions.required(request)
    async with commune_of(request).database.transaction() as tx:
        await passkeys.remove(tx, who, form.get("passkey", ""))
    return onwards("/settings/passkeys")


async def _page(request: Request, who: SignedIn, error: CommuneError | None = None) -> Response:
    async with commune_of(request).database.transaction() as tx:
        options = await passkeys.begin(tx, who)
        found = await stored.of_citizen(tx.db, who.account.id)
    if error is None:
        return forms.page(request, _PAGE, here="settings", who=who, options=options, passkeys=found)
    return forms.again(
        request, _PAGE, error, {}, here="settings", who=who, options=options, passkeys=found
    )
