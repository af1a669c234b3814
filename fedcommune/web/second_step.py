"""Turn the second step of signing in on and off, and keep its recovery codes (SEC-AUT-02)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.citizens import throttles
from fedcommune.domain.citizens.actions import factors
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.citizens.queries import joining as stored
from fedcommune.errors import CommuneError
from fedcommune.web import forms, sessions
from fedcommune.web.settings import prove
from fedcommune.web.signing import commune_of, count, onwards

_PAGE = "settings/second_step.html"


async def show(request: Request) -> Response:
    """How it stands; with a new secret, the form for its first code."""
    who = await sessions.required(request)
    return await _page(request, who)


async def propose(request: Request) -> Response:
    """Make a secret for an authenticator, once the password was right."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        await prove(request, who, form)
        async with commune_of(request).database.transaction() as tx:
            await factors.propose(tx, who)
    except CommuneError as error:
        return await _page(request, who, error)
    return onwards("/settings/second-step")


async def turn_on(request: Request) -> Response:
    """Ask for codes from now on, once the first one was right; show the recovery codes."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        await count(request, (throttles.SECOND_FACTOR, str(who.account.id)))
        async with commune_of(request).database.transaction() as tx:
            codes = await factors.turn_on(tx, who, form.get("code", ""))
    except CommuneError as error:
        return await _page(request, who, error)
    return forms.page(request, "settings/codes.html", here="settings", codes=codes)


async def renew(request: Request) -> Response:
    """Make new recovery codes: it takes the password and a code."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        await prove(request, who, form)
        await count(request, (throttles.SECOND_FACTOR, str(who.account.id)))
        async with commune_of(request).database.transaction() as tx:
            codes = await factors.renew_codes(tx, who, form.get("code", ""))
    except CommuneError as error:
        return await _page(request, who, error)
    return forms.page(request, "settings/codes.html", here="settings", codes=codes)


async def turn_off(request: Request) -> Response:
    """Ask for the password alone again: it takes the password and a code."""
    form = await forms.read(request)
    who = await sessions.required(request)
    try:
        await prove(request, who, form)
        await count(request, (throttles.SECOND_FACTOR, str(who.account.id)))
        async with commune_of(request).database.transaction() as tx:
            await factors.turn_off(tx, who, form.get("code", ""))
    except CommuneError as error:
        return await _page(request, who, error)
    return onwards("/settings/second-step")


async def _page(request: Request, who: SignedIn, error: CommuneError | None = None) -> Response:
    async with commune_of(request).database.transaction() as tx:
        proposed = await factors.proposed(tx, who)
        left = await stored.recovery_codes_left(tx.db, who.account.id)
    secret, address = proposed or ("", "")
    if who.citizen.second_factor_at is not None:
        secret, address = "", ""  # what is in use is never shown again
    if error is None:
        return forms.page(
            request, _PAGE, here="settings", who=who, secret=secret, address=address, left=left
        )
    return forms.again(
        request,
        _PAGE,
        error,
        {},
        here="settings",
        who=who,
        secret=secret,
        address=address,
        left=left,
    )
