"""May this application act in my name? The page on which a person says yes or no (RFC 6749 §4.1).

Nobody is sent to an address that the application did not register; the page cannot be
framed, and only a form of ours says yes (SEC-AUT-05, SEC-AUT-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcommune import i18n
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.grants import actions, model, queries
from fedcommune.domain.grants.model import Application, Scopes, Wish
from fedcommune.errors import CommuneError, Invalid
from fedcommune.web import acting, forms, permissions, sessions
from fedcommune.web.pages import commune_of

# What the form repeats, to be checked again.
_ASKED: Final = (
    *("client_id", "redirect_uri", "response_type", "scope", "state"),
    *("code_challenge", "code_challenge_method"),
)
_FALSE: Final = frozenset({"", "0", "f", "false", "off"})


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Demand:
    """Which application asks for what; *said* is the request as it came."""

    application: Application
    wish: Wish
    said: Mapping[str, str]


class Unheard(CommuneError):
    """The application asked for something that it cannot have; it is told where it is known."""

    def __init__(self, code: str, message: str, **values: object) -> None:
        super().__init__(message, **values)
        self.code = code


async def show(request: Request) -> Response:
    """``GET /oauth/authorize``: who asks, what for, as whom."""
    said = dict(request.query_params)
    _in_language(request, said.get("lang", ""))
    application = await _application(request, said)
    try:
        demand = Demand(application, _wish(application, said), said)
    except Unheard as error:
        return _refused(request, said, error)
    who = await sessions.citizen_of(request)
    if who is None:
        return sessions.to_sign_in(request)
    if said.get("force_login", "").lower() not in _FALSE:
        return await _sign_in_again(request, who)
    try:
        allowed = _allowed(demand.wish, who.account.role)
    except Unheard as error:
        return _refused(request, said, error)
    db = commune_of(request).database.pool
    response = forms.page(
        request,
        "oauth/authorise.html",
        name=application.name,
        website=application.website,
        site=_site(demand.wish.redirect_uri),
        permissions=permissions.in_words(allowed),
        actors=await acting.actors(db, who.account),
        hidden={name: said[name] for name in _ASKED if name in said},
    )
    return _protected(response, demand.wish.redirect_uri)


async def decide(request: Request) -> Response:
    """``POST /oauth/authorize``: yes, as one of the actors one manages; or no."""
    form = await forms.read(request)
    application = await _application(request, form)
    try:
        demand = Demand(application, _wish(application, form), form)
        if form.get("decision") != "allow":
            raise Unheard("access_denied", _("You said no: the application gets nothing."))
    except Unheard as error:
        return _refused(request, form, error)
    who = await sessions.required(request)
    database = commune_of(request).database
    async with database.transaction() as tx:
        chosen = [
            each
            for each in await acting.actors(tx.db, who.account)
            if str(each.id) == form.get("account")
        ]
        if not chosen:
            raise Invalid("account", _("Choose in whose name the application may act."))
        # Nobody moderates in the name of an organisation.
        oneself = chosen[0].id == who.account.id
        role = who.account.role if oneself else Role.CITIZEN
        try:
            _allowed(demand.wish, role)
        except Unheard as error:
            return _refused(request, form, error)
        code = await actions.authorise(
            tx,
            application,
            demand.wish,
            citizen_id=who.account.id,
            account_id=chosen[0].id,
            may_moderate=role.moderates,
        )
    if demand.wish.redirect_uri == model.OUT_OF_BAND:
        return _protected(
            forms.page(request, "oauth/code.html", name=application.name, code=code), ""
        )
    return _sent_back(request, demand.said, {"code": code})


async def _application(request: Request, said: Mapping[str, str]) -> Application:
    """Return who asks. Raises Invalid, which is shown here: there is no address to trust."""
    found = await queries.application(commune_of(request).database.pool, said.get("client_id", ""))
    if found is None:
        raise Invalid(
            "client_id",
            _("This application is not known here: remove the account in it, and add it again."),
        )
    if said.get("redirect_uri", "") not in found.redirect_uris:
        raise Invalid(
            "redirect_uri",
            _("The application wants you sent to an address that it never registered."),
        )
    return found


def _wish(application: Application, said: Mapping[str, str]) -> Wish:
    """Return what is asked for. Raises :class:`Unheard`, with the code of RFC 6749 §4.1.2.1."""
    if said.get("response_type") != "code":
        raise Unheard("unsupported_response_type", _("The application must ask for a code."))
    try:
        challenge = model.check_challenge(
            said.get("code_challenge"), said.get("code_challenge_method")
        )
    except Invalid as error:
        raise Unheard("invalid_request", error.msgid, **error.values) from None
    try:
        scopes = Scopes.parse(said.get("scope") or "read")
        wish = Wish(said["redirect_uri"], scopes, challenge)
        actions.check_wish(application, wish)
    except Invalid as error:
        raise Unheard("invalid_scope", error.msgid, **error.values) from None
    return wish


def _allowed(wish: Wish, role: Role) -> Scopes:
    """Return what somebody of this *role* may allow. Raises :class:`Unheard` for nothing at all.

    What only moderators may is left out for others (SEC-AUT-06).
    """
    kept = wish.scopes if role.moderates else wish.scopes.without_administration()
    if not len(kept):
        raise Unheard("invalid_scope", _("Only moderators may allow this."))
    return kept


async def _sign_in_again(request: Request, who: SignedIn) -> Response:
    """End this session and come back after another sign-in, as the application wants."""
    async with commune_of(request).database.transaction() as tx:
        await citizens.end_session(tx, who.account.id, who.session.id)
    kept = [
        (name, value) for name, value in request.query_params.multi_items() if name != "force_login"
    ]
    back = sessions.return_to(f"{request.scope['path']}?{urlencode(kept)}")
    response = RedirectResponse(f"/sign-in?{urlencode({'return_to': back})}", 303)
    response.headers["Cache-Control"] = "no-store"
    return sessions.end(request, response)


def _refused(request: Request, said: Mapping[str, str], error: Unheard) -> Response:
    """Tell the application, or, when it shows codes only, the person."""
    if said["redirect_uri"] == model.OUT_OF_BAND:
        raise error
    return _sent_back(request, said, {"error": error.code, "error_description": str(error)})


def _sent_back(request: Request, said: Mapping[str, str], answer: dict[str, str]) -> Response:
    address = said["redirect_uri"]
    if "state" in said:
        answer["state"] = said["state"]
    answer["iss"] = f"{commune_of(request).instance.origin}/"
    joint = "&" if urlsplit(address).query else "" if address.endswith("?") else "?"
    response = RedirectResponse(f"{address}{joint}{urlencode(answer)}", 303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _protected(response: Response, address: str) -> Response:
    """Forbid framing; let the form lead to the application, which browsers check as well."""
    target = urlsplit(address)
    source = f"{target.scheme}://{target.netloc}" if target.scheme in ("http", "https") else ""
    if target.scheme and not source and address != model.OUT_OF_BAND:
        source = f"{target.scheme}:"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src 'self'; "
        f"img-src 'self' data:; font-src 'self'; form-action 'self' {source}".rstrip()
    )
    response.headers["X-Frame-Options"] = "DENY"
    return response


def _site(address: str) -> str | None:
    """Return what a person should recognise of the address they will be sent to."""
    if address == model.OUT_OF_BAND:
        return None
    target = urlsplit(address)
    return target.netloc or f"{target.scheme}:"


def _in_language(request: Request, language: str) -> None:
    """Let the page speak *language* when we have it, whatever the browser prefers."""
    if language.partition("-")[0].lower() not in i18n.languages():
        return
    headers: Any = [
        (name, value) for name, value in request.scope["headers"] if name != b"accept-language"
    ]
    wanted = language.partition("-")[0].lower().encode("ascii")
    request.scope["headers"] = [*headers, (b"accept-language", wanted)]
