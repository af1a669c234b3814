"""Who is reading, and whether a form really came from a page of ours.

A browser that is signed in holds one cookie, the token of its session; any other browser that
was shown a form holds one random ``visit``. The token of a form is a digest of that cookie,
which no other site can know: it protects signing in as well (SEC-AUT-08).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcommune.commune import Commune
from fedcommune.domain.citizens import actions, tokens
from fedcommune.domain.citizens.model import SESSION, Browser, SignedIn
from fedcommune.errors import NotAllowed
from fedcommune.proxies import ClientAddress

FIELD: Final = "csrf"
MAX_RETURN: Final = 2_000
_FORM: Final = b"a form of ours"


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


class SignInFirst(NotAllowed):
    """You must sign in first."""


class NotOurForm(NotAllowed):
    """A form was not sent from a page of ours in this browser, or from one that is too old."""


async def citizen_of(request: Request) -> SignedIn | None:
    """Return who reads, by the session cookie alone; None for a visitor.

    Whoever is not confirmed, not approved, suspended or deleted is a visitor.
    """
    if not hasattr(request.state, "signed_in"):
        request.state.signed_in = await _look(request)
    found = request.state.signed_in
    assert found is None or isinstance(found, SignedIn), "only we write there"
    return found


async def required(request: Request) -> SignedIn:
    """Return who reads. Raises SignInFirst, which becomes the sign-in page, for a visitor."""
    found = await citizen_of(request)
    if found is None:
        raise SignInFirst
    return found


def browser_of(request: Request) -> Browser:
    """Return from where *request* comes."""
    address = _client_address(_commune(request).config.server.trusted_proxies)
    return Browser(request.headers.get("user-agent", "")[:300], address(request))


def token(request: Request) -> str:
    """Return what the hidden field ``csrf`` of a form must hold; use :func:`keep` afterwards."""
    return _of_cookie(_secret(request) or _new_visit(request))


def check(request: Request, form: Mapping[str, str]) -> None:
    """Raise NotAllowed when *form* was not sent from a page of ours in this browser."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    secret = _secret(request)
    if (
        (origin is not None and origin != _commune(request).instance.origin)
        or site not in ("same-origin", "none")
        or secret is None
        or not hmac.compare_digest(_of_cookie(secret).encode(), form.get(FIELD, "").encode())
    ):
        raise NotOurForm(_("It stood open for too long: load it again, and send it once more."))


def keep(request: Request, response: Response) -> Response:
    """Give the browser the cookie that the tokens of its forms are made of, when it is new."""
    visit = getattr(request.state, "new_visit", None)
    if visit is not None:
        _set(request, response, "visit", visit, None)
    return response


def begin(request: Request, response: Response, session_token: str) -> Response:
    """Let *response* sign the browser in; the token is a new one each time (SEC-AUT-08)."""
    _set(request, response, "session", session_token, int(SESSION.total_seconds()))
    for name in ("visit", "second"):
        forget(request, response, name)
    return response


def end(request: Request, response: Response) -> Response:
    """Let *response* take the session away from the browser."""
    forget(request, response, "session")
    return response


def put(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Give the browser the cookie *name* for so many *seconds*."""
    _set(request, response, name, value, seconds)


def get(request: Request, name: str) -> str | None:
    """Return the cookie *name*, of ours alone."""
    return request.cookies.get(_name(request, name)) or None


def forget(request: Request, response: Response, name: str) -> None:
    """Take the cookie *name* away from the browser, if it has it."""
    if _name(request, name) in request.cookies:
        secure = _commune(request).instance.scheme == "https"
        response.delete_cookie(
            _name(request, name), path="/", secure=secure, httponly=True, samesite="lax"
        )


def return_to(text: str | None, default: str = "/") -> str:
    """Return *text* when it is an address on this server to go back to, or *default*.

    Only an absolute path is (SEC-XSS-07): one slash, then neither a slash nor a backslash,
    and nothing in it that a browser would drop or turn.
    """
    if (
        not text
        or len(text) > MAX_RETURN
        or not text.startswith("/")
        or text.startswith(("//", "/\\"))
        or "\\" in text
        or any(not "\x20" < each < "\x7f" for each in text)
        or text.partition("?")[0].lower().startswith(("/%2f", "/%5c", "/.//", "/..//"))
    ):
        return default
    return text


def to_sign_in(request: Request) -> Response:
    """Send a visitor to the sign-in page, and back here afterwards."""
    here = str(request.scope["path"])
    query = request.scope["query_string"].decode("latin-1")
    if request.method != "GET":
        here = "/"
    elif query:
        here += f"?{query}"
    back = quote(return_to(here), safe="")
    response = RedirectResponse(f"/sign-in?return_to={back}", 303)
    response.headers["Cache-Control"] = "no-store"
    return response


@cache
def _client_address(trusted: tuple[str, ...]) -> ClientAddress:
    return ClientAddress(trusted)


async def _look(request: Request) -> SignedIn | None:
    cookie = get(request, "session")
    if cookie is None:
        return None
    async with _commune(request).database.transaction() as tx:
        return await actions.signed_in(tx, cookie, browser_of(request))


def _secret(request: Request) -> str | None:
    return (
        get(request, "session")
        or get(request, "visit")
        or getattr(request.state, "new_visit", None)
    )


def _new_visit(request: Request) -> str:
    visit = tokens.new()
    request.state.new_visit = visit
    return visit


def _of_cookie(secret: str) -> str:
    return hmac.new(secret.encode(), _FORM, hashlib.sha256).hexdigest()


def _commune(request: Request) -> Commune:
    commune = request.app.state.commune
    assert isinstance(commune, Commune), "the application is made with its commune"
    return commune


def _name(request: Request, name: str) -> str:
    """``__Host-`` binds a cookie to this host and to HTTPS, which development does not have."""
    return f"__Host-{name}" if _commune(request).instance.scheme == "https" else name


def _set(request: Request, response: Response, name: str, value: str, seconds: int | None) -> None:
    secure = _commune(request).instance.scheme == "https"
    response.set_cookie(
        _name(request, name),
        value,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
