"""Scopes, applications, codes and tokens: values, and what may be asked for."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.errors import Invalid


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


_READ: Final = (
    *("accounts", "blocks", "bookmarks", "collections", "favourites", "filters", "follows"),
    *("lists", "mutes", "notifications", "search", "statuses"),
)
_WRITE: Final = (
    *("accounts", "blocks", "bookmarks", "collections", "conversations", "favourites"),
    *("filters", "follows", "lists", "media", "mutes", "notifications", "reports", "statuses"),
)
_ADMIN: Final = (
    *("accounts", "canonical_email_blocks", "domain_allows", "domain_blocks"),
    *("email_domain_blocks", "ip_blocks", "reports"),
)
_FOLLOW: Final = tuple(
    f"{verb}:{what}" for verb in ("read", "write") for what in ("blocks", "follows", "mutes")
)
# What a wide scope stands for (api/oauth-scopes of Mastodon's documentation).
WIDE: Final = {
    "read": tuple(f"read:{each}" for each in _READ),
    "write": tuple(f"write:{each}" for each in _WRITE),
    "follow": _FOLLOW,
    "admin:read": tuple(f"admin:read:{each}" for each in _ADMIN),
    "admin:write": tuple(f"admin:write:{each}" for each in _ADMIN),
}
# Every scope there is, in the order in which they are written.
ALL: Final = tuple(
    dict.fromkeys(
        scope
        for name in ("profile", "read", "write", "follow", "push", "admin:read", "admin:write")
        for scope in (name, *WIDE.get(name, ()))
    )
)
_ORDER: Final = {scope: place for place, scope in enumerate(ALL)}
_ADMIN_PREFIX: Final = "admin:"

OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
CODE_LIVES: Final = timedelta(minutes=10)
# A token is written down as used at most so often.
NOTED_EVERY: Final = timedelta(hours=12)

MAX_NAME: Final = 60
MAX_WEBSITE: Final = 2_000
MAX_REDIRECTS: Final = 20
MAX_REDIRECT: Final = 2_000
# Of one person, living ones (SEC-DOS-06): the oldest gives way.
MAX_TOKENS: Final = 200

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)
_PRINTABLE: Final = re.compile(r"[!-~]+")
# Schemes that run something in the browser, or reach a file: nobody is sent there.
_NEVER: Final = frozenset(
    {"javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source"}
    | {"chrome", "resource", "jar", "ws", "wss", "ftp", "mailto", "tel", "sms"}
)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_VALUE: Final = re.compile(r"[A-Za-z0-9._~-]{20,200}")


class Scopes:
    """A set of scopes. An immutable value; two are equal when they were written alike."""

    __slots__ = ("_covered", "_named")

    def __init__(self, names: Iterable[str]) -> None:
        self._named = tuple(sorted(set(names), key=lambda name: _ORDER[name]))
        self._covered = frozenset(
            each for name in self._named for each in (name, *WIDE.get(name, ()))
        )

    @classmethod
    def parse(cls, text: str) -> Scopes:
        """Read scopes separated by spaces. Raises :class:`Invalid` when one is unknown."""
        names = text.split()
        unknown = sorted(name for name in set(names) if name not in _ORDER)
        if unknown:
            raise Invalid("scopes", _("There is no scope '{name}'."), name=unknown[0][:50])
        return cls(names)

    def covers(self, scope: str) -> bool:
        """Tell whether these scopes allow what *scope* allows."""
        return scope in self._covered

    def covers_all(self, other: Scopes) -> bool:
        return all(self.covers(name) for name in other)

    def without_administration(self) -> Scopes:
        """Return what remains for somebody who moderates nothing."""
        return Scopes(name for name in self if not name.startswith(_ADMIN_PREFIX))

    @property
    def administer(self) -> bool:
        """Whether one of them is for moderators."""
        return any(name.startswith(_ADMIN_PREFIX) for name in self)

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def __str__(self) -> str:
        return " ".join(self._named)

    def __repr__(self) -> str:
        return f"Scopes({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scopes) and self._named == other._named

    def __hash__(self) -> int:
        return hash(self._named)


DEFAULT: Final = Scopes(["read"])


@dataclass(frozen=True, slots=True)
class Application:
    """What asks for tokens. ``secret_hash`` is None for one made for a script."""

    id: int
    client_id: str
    secret_hash: bytes | None
    name: str
    website: str | None
    redirect_uris: tuple[str, ...]
    scopes: Scopes
    created_at: datetime

    def knows(self, secret: str) -> bool:
        """Tell, in constant time, whether *secret* is the application's."""
        return self.secret_hash is not None and secrets.compare_digest(
            self.secret_hash, hashed(secret)
        )


@dataclass(frozen=True, slots=True)
class Registration:
    """What an application says of itself."""

    name: str
    redirect_uris: tuple[str, ...]
    scopes: Scopes = DEFAULT
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application asks a person for. ``challenge`` is that of PKCE S256."""

    redirect_uri: str
    scopes: Scopes
    challenge: str | None = None


@dataclass(frozen=True, slots=True)
class Authorisation:
    """What a person agreed to, waiting to be exchanged. Times are UTC."""

    code_hash: bytes
    application_id: int
    citizen_id: int
    account_id: int
    redirect_uri: str
    scopes: Scopes
    challenge: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """What was given to an application; the token itself is nowhere. Times are UTC.

    ``citizen_id`` and ``account_id`` are None for the application in its own name.
    """

    id: int
    application_id: int
    citizen_id: int | None
    account_id: int | None
    scopes: Scopes
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A token that is good now: which application, acting as whom, allowed what.

    ``account`` acts: the citizen, or an actor they administer; None for an application in
    its own name.
    """

    token: Token
    application: Application
    account: Account | None

    @property
    def scopes(self) -> Scopes:
        return self.token.scopes

    @property
    def role(self) -> Role:
        """Who acts in their own name has their role; an actor whom they administer has none."""
        if self.account is None or self.account.id != self.token.citizen_id:
            return Role.CITIZEN
        return self.account.role


def hashed(secret: str) -> bytes:
    """Return what is kept of a random secret (SEC-AUT-07)."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def fresh() -> str:
    """Return 256 random bits, to be put into an address or a header."""
    return secrets.token_urlsafe(32)


def check_value(value: str) -> None:
    """Raise :class:`Invalid` unless *value* can be a token that somebody chose."""
    if _VALUE.fullmatch(value) is None:
        raise Invalid(
            "value", _("A token has 20 to 200 letters, digits, dots, dashes or underscores.")
        )


def checked(registration: Registration) -> Registration:
    """Return *registration* with tidy text. Raises :class:`Invalid` (SEC-AUT-05)."""
    name = " ".join(registration.name.split())
    if not name:
        raise Invalid("client_name", _("Give the application a name."))
    if len(name) > MAX_NAME:
        raise Invalid("client_name", _("The name has at most {limit} characters."), limit=MAX_NAME)
    website = (registration.website or "").strip() or None
    if website and not (
        website.startswith(("https://", "http://")) and len(website) <= MAX_WEBSITE
    ):
        raise Invalid("website", _("The website must be an address that begins with https://."))
    redirects = tuple(dict.fromkeys(registration.redirect_uris))
    if not redirects:
        raise Invalid("redirect_uri", _("Redirect URI can't be blank."))
    if len(redirects) > MAX_REDIRECTS:
        raise Invalid(
            "redirect_uri",
            _("At most {limit} redirect addresses can be given."),
            limit=MAX_REDIRECTS,
        )
    for each in redirects:
        check_redirect(each)
    return Registration(name, redirects, registration.scopes, website)


def check_redirect(address: str) -> None:
    """Raise :class:`Invalid` unless a person may be sent to *address* (RFC 6749 §3.1.2, RFC 8252).

    https, http (for a machine's own loopback and for old applications), or a scheme of the
    application's own; without fragment and wildcard. Nothing a browser would run.
    """
    if address == OUT_OF_BAND:
        return
    scheme, colon, rest = address.partition(":")
    if (
        not colon
        or len(address) > MAX_REDIRECT
        or _PRINTABLE.fullmatch(address) is None
        or any(letter in address for letter in '<>"\\^`{|}')
        or _SCHEME.fullmatch(scheme.lower()) is None
    ):
        raise Invalid("redirect_uri", _("Redirect URI must be an absolute URI."))
    if scheme.lower() in _NEVER or scheme.lower() == "urn":
        raise Invalid(
            "redirect_uri",
            _("Redirect URI must not be of the scheme {scheme}."),
            scheme=scheme.lower(),
        )
    if "#" in address:
        raise Invalid("redirect_uri", _("Redirect URI cannot contain a fragment."))
    if "*" in address:
        raise Invalid("redirect_uri", _("Redirect URI cannot contain a wildcard."))
    if scheme.lower() in ("http", "https"):
        authority = rest.removeprefix("//").partition("/")[0].partition("?")[0]
        if not rest.startswith("//") or not authority or "@" in authority:
            raise Invalid("redirect_uri", _("Redirect URI must be an absolute URI."))


def check_challenge(challenge: str | None, method: str | None) -> str | None:
    """Return the challenge of PKCE, or None without one. Raises :class:`Invalid` (RFC 7636).

    S256 only: ``plain`` would show the secret to whoever sees the request (SEC-AUT-05).
    """
    if not challenge:
        if method:
            raise Invalid("code_challenge", _("A code_challenge_method needs a code_challenge."))
        return None
    if method != "S256":
        raise Invalid("code_challenge_method", _("The code_challenge_method must be S256."))
    if _CHALLENGE.fullmatch(challenge) is None:
        raise Invalid("code_challenge", _("The code_challenge must be 43 characters of base64url."))
    return challenge


def answers(verifier: str | None, challenge: str | None) -> bool:
    """Tell whether *verifier* is the one behind *challenge* (RFC 7636 §4.6).

    A verifier that nobody asked for is refused too: somebody took the challenge away.
    """
    if challenge is None or verifier is None:
        return challenge is None and not verifier
    if _VERIFIER.fullmatch(verifier) is None:
        return False
    return secrets.compare_digest(s256(verifier), challenge)


def s256(verifier: str) -> str:
    """Return the challenge of *verifier*."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def names(scopes: Sequence[str]) -> Scopes:
    """Return stored *scopes*, without those that are no longer known."""
    return _known(tuple(scopes))


@lru_cache(256)
def _known(scopes: tuple[str, ...]) -> Scopes:
    # Each call of the API begins with those of a token, and most apps ask for the same.
    return Scopes(name for name in scopes if name in _ORDER)
