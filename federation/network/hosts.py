"""What the door remembers about other servers: how they like signatures, whether they answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from federation.errors import UnavailableError
from federation.iris import registrable
from federation.network.bounded import Bounded

if TYPE_CHECKING:
    from federation.signatures import Scheme

UNREACHABLE: Final = "This server cannot be reached for now."

_HOSTS: Final = 20_000
_SCHEME_LIFETIME: Final = timedelta(days=30)
_SEEN_LIFETIME: Final = timedelta(days=30)
_WINDOW: Final = timedelta(minutes=5)
_NEW_NAMES: Final = 10


class Schemes:
    """Which signature scheme a server understood, for 30 days (W-9421-05)."""

    def __init__(self) -> None:
        self._known: Bounded[str, Scheme] = Bounded(_HOSTS, _SCHEME_LIFETIME)

    def known(self, authority: str, now: datetime) -> Scheme | None:
        """Return the scheme that last succeeded at *authority*."""
        return self._known.get(authority, now)

    def remember(self, authority: str, scheme: Scheme, now: datetime) -> None:
        """Note that *scheme* succeeded at *authority*."""
        self._known.put(authority, scheme, now)

    def forget(self, authority: str) -> None:
        """What we knew about *authority* is no longer true."""
        self._known.drop(authority)


class Circuits:
    """Servers that could not be reached a moment ago are not asked again at once (W-KEY-03)."""

    def __init__(self, lifetime: timedelta) -> None:
        self._since: Bounded[str, datetime] = Bounded(_HOSTS, lifetime)
        self._lifetime = lifetime

    def check(self, authority: str, now: datetime) -> None:
        """Raise UnavailableError while *authority* is left alone."""
        since = self._since.get(authority, now)
        if since is not None:
            remaining = (since + self._lifetime - now).total_seconds()
            raise UnavailableError(UNREACHABLE, retry_after=remaining)

    def failed(self, authority: str, now: datetime) -> None:
        """*authority* could not be reached."""
        self._since.put(authority, now, now)

    def answered(self, authority: str) -> None:
        """*authority* is there."""
        self._since.drop(authority)


class Discoveries:
    """A budget of new names below one registered domain (SEC-DOS-03).

    A wildcard in the DNS makes any number of servers out of one; ten new ones in five minutes
    are enough. A name that was asked before costs nothing.
    """

    def __init__(self) -> None:
        self._seen: Bounded[str, bool] = Bounded(_HOSTS, _SEEN_LIFETIME)
        self._spent: Bounded[str, tuple[datetime, int]] = Bounded(_HOSTS, _WINDOW)

    def admit(self, host: str, now: datetime) -> None:
        """Count *host* if it is new. Raises UnavailableError when there were too many."""
        if self._seen.get(host, now):
            return
        whole = registrable(host)
        since, count = self._spent.get(whole, now) or (now, 0)
        if now - since >= _WINDOW:
            since, count = now, 0
        if count >= _NEW_NAMES:
            raise UnavailableError(UNREACHABLE, retry_after=(since + _WINDOW - now).total_seconds())
        self._spent.put(whole, (since, count + 1), now)
        self._seen.put(host, True, now)
