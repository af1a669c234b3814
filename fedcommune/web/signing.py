"""Sign in and out: the password, the second step, the way back."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.domain.citizens import actions, passwords, throttles
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens.model import Citizen
from fedcommune.domain.citizens.queries import sessions as session_queries
from fedcommune.domain.citizens.throttles import Limit
from fedcommune.errors import CommuneError, Invalid, TooMany
from fedcommune.web import forms, sessions

LONGEST_PASSWORD: Final = 1_024


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show_sign_in(request: Request) -> Response:
    """The page on which one signs in; whoever is signed in goes on."""
    back = sessions.return_to(request.query_params.get("return_to"), "")
    if await sessions.citizen_of(request) is not None:
        return onwards(back or "/settings")
    return forms.page(request, "signing/sign_in.html", return_to=back)


async def sign_in(request: Request) -> Response:
    """Check e-mail address and password; the answer is the same whoever is unknown."""
    form = await forms.read(request)
    back = sessions.return_to(form.get("return_to"), "")
    email, password = form.get("email", "").strip()[:300], form.get("password", "")
    try:
        citizen = await _by_password(request, email, password)
    except CommuneError as error:
        return forms.again(request, "signing/sign_in.html", error, form, return_to=back)
    async with commune_of(request).database.transaction() as tx:
        token = await actions.begin_session(tx, citizen, sessions.browser_of(request))
    return sessions.begin(request, onwards(back or "/settings"), token)


async def sign_out(request: Request) -> Response:
    """End this session, here and on the server (SEC-AUT-08)."""
    await forms.read(request)
    who = await sessions.citizen_of(request)
    if who is not None:
        async with commune_of(request).database.transaction() as tx:
            await actions.end_session(tx, who.account.id, who.session.id)
    response = onwards("/")
    response.headers["Clear-Site-Data"] = '"cache"'
    return sessions.end(request, response)


def onwards(path: str) -> Response:
    """Lead on to *path*, which is one of ours."""
    response = RedirectResponse(path, 303)
    response.headers["Cache-Control"] = "no-store"
    return response


def commune_of(request: Request) -> Commune:
    """Return the commune that answers *request*."""
    commune = request.app.state.commune
    assert isinstance(commune, Commune), "the application is made with its commune"
    return commune


async def count(request: Request, *limits: tuple[Limit, str]) -> None:
    """Count a try on this route. Raises TooMany (SEC-DOS-11)."""
    commune = commune_of(request)
    if commune.config.development.no_rate_limits:
        return
    async with commune.database.transaction() as tx:
        for limit, who in limits:
            await throttles.count(tx, limit, who)


async def _by_password(request: Request, email: str, password: str) -> Citizen:
    """Return who signs in. Raises Invalid in the same words and time for any mistake."""
    commune = commune_of(request)
    address = sessions.browser_of(request).address
    pair = f"{email} {address}"
    limited = not commune.config.development.no_rate_limits
    async with commune.database.transaction() as tx:
        citizen = await citizens.by_email(tx.db, email)
        if limited:
            await throttles.count(tx, throttles.SIGN_IN_ADDRESS, address)
            await throttles.check_mistakes(tx, pair)
            await _count_email(tx, citizen, email, address)
    right = await passwords.check(
        password[:LONGEST_PASSWORD], citizen.password if citizen is not None else None
    )
    async with commune.database.transaction() as tx:
        if citizen is None or not right or not citizen.is_open:
            await throttles.add_mistake(tx, pair)
        else:
            await throttles.forgive(tx, pair)
            return citizen
    raise Invalid("email", _("The e-mail address or the password is wrong."))


async def _count_email(tx: Transaction, citizen: Citizen | None, email: str, address: str) -> None:
    """Count tries at one e-mail address from everywhere.

    Strangers cannot lock a person out: from where they are signed in already it does not count.
    """
    known = citizen.account_id if citizen is not None else 0
    if not await session_queries.was_here(tx.db, known, address):
        await throttles.count(tx, throttles.SIGN_IN_EMAIL, email)


__all__ = [
    "TooMany",
    "commune_of",
    "count",
    "onwards",
    "show_sign_in",
    "sign_in",
    "sign_out",
]
