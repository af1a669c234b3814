"""Sign in and out: a password or a link, the second step, the way back."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.domain.citizens import actions, passwords, throttles
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens.actions import factors
from fedcommune.domain.citizens.model import GOOD_FOR, Citizen, Purpose
from fedcommune.domain.citizens.queries import sessions as session_queries
from fedcommune.domain.citizens.throttles import Limit
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import forms, sessions

LONGEST_PASSWORD: Final = 1_024
HOME: Final = "/settings"


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show_sign_in(request: Request) -> Response:
    """The page on which one signs in; whoever is signed in goes on."""
    back = sessions.return_to(request.query_params.get("return_to"), "")
    if await sessions.citizen_of(request) is not None:
        return onwards(back or HOME)
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
    return await let_in(request, citizen, back)


async def let_in(request: Request, citizen: Citizen, back: str) -> Response:
    """Sign in who proved to be *citizen*, or ask for the second step, or for patience."""
    if not citizen.may_enter:
        return forms.page(request, "signing/not_open.html", 403, citizen=citizen)
    async with commune_of(request).database.transaction() as tx:
        if citizen.second_factor_at is not None:
            token = await actions.issue(tx, citizen, Purpose.SECOND_FACTOR)
        else:
            token = await actions.begin_session(tx, citizen, sessions.browser_of(request))
    if citizen.second_factor_at is None:
        return sessions.begin(request, onwards(back or HOME), token)
    response = forms.page(request, "signing/second.html", return_to=back)
    seconds = int(GOOD_FOR[Purpose.SECOND_FACTOR].total_seconds())
    sessions.put(request, response, "second", token, seconds)
    return response


async def second_step(request: Request) -> Response:
    """Check the code of the second step; five tries in five minutes (SEC-AUT-02)."""
    form = await forms.read(request)
    back = sessions.return_to(form.get("return_to"), "")
    ticket = sessions.get(request, "second") or ""
    commune = commune_of(request)
    try:
        async with commune.database.transaction() as tx:
            _found, citizen = await actions.look_at(tx, ticket, Purpose.SECOND_FACTOR)
    except NotFound:
        return onwards("/sign-in")
    try:
        await count(request, (throttles.SECOND_FACTOR, str(citizen.account_id)))
        async with commune.database.transaction() as tx:
            _found, citizen = await actions.look_at(tx, ticket, Purpose.SECOND_FACTOR)
            if not await factors.check(tx, citizen, form.get("code", "")):
                raise Invalid(
                    "code", _("This code is wrong or was used: type the one you see now.")
                )
            await actions.use(tx, ticket, Purpose.SECOND_FACTOR)
            token = await actions.begin_session(tx, citizen, sessions.browser_of(request))
    except NotFound:
        return onwards("/sign-in")
    except CommuneError as error:
        return forms.again(request, "signing/second.html", error, {}, return_to=back)
    return sessions.begin(request, onwards(back or HOME), token)


async def show_link(request: Request) -> Response:
    """The page behind the link of a letter: one button, so that no mail scanner signs in."""
    token = request.query_params.get("token", "")
    async with commune_of(request).database.transaction() as tx:
        try:
            _ticket, citizen = await actions.look_at(tx, token, Purpose.SIGN_IN)
        except NotFound:
            return forms.page(request, "signing/void.html", 404, again="/sign-in/letter")
    return forms.page(
        request, "signing/link.html", token=token, action="/sign-in/link", email=citizen.email
    )


async def sign_in_by_link(request: Request) -> Response:
    """Sign in by the token of a letter, once; the second step is asked for all the same."""
    form = await forms.read(request)
    await count(request, (throttles.TICKET, sessions.browser_of(request).address))
    try:
        async with commune_of(request).database.transaction() as tx:
            _ticket, citizen = await actions.use(tx, form.get("token", ""), Purpose.SIGN_IN)
    except NotFound:
        return forms.page(request, "signing/void.html", 404, again="/sign-in/letter")
    return await let_in(request, citizen, "")


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
        if citizen is None or not right:
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
