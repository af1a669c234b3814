"""Cheap refusals, before any work is done for a stranger: size, media type, host, rate, shape."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from federation import activities, documents, iris
from federation.activities import Activity
from federation.errors import RefusedError, UnavailableError
from federation.iris import Reach
from federation.names import ACTIVITY_JSON, AS2, LD_JSON, MAX_INBOX_BODY
from federation.network.answers import media_type
from inbox.ports import Hosts

BODY_SECONDS: Final = 30.0
_REMEMBERED: Final = 20_000
_SYNTHETIC: Final = "urn:sha256:"
_LOOKED_AT: Final = frozenset(
    {"content-length", "content-encoding", "content-type", "transfer-encoding"}
)


@dataclass(frozen=True, slots=True)
class Rate:
    """*per_second* in the long run, *burst* at once."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one may send us; a large server announcing its news stays far below.

    *per_address* counts every request of one client address (of one /64 for IPv6),
    *per_host* the requests that a server really signed: nobody can use up another's share.
    """

    per_address: Rate = Rate(40.0, 1_200)
    per_host: Rate = Rate(40.0, 1_200)


class Buckets:
    """A token bucket a key, for the keys seen most recently only (SEC-DOS-08).

    A forgotten key begins with a full bucket.
    """

    def __init__(self, rate: Rate, *, remembered: int = _REMEMBERED) -> None:
        self._rate = rate
        self._remembered = remembered
        self._levels: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._levels)

    def wait(self, key: str, now: datetime) -> float | None:
        """Return how many seconds *key* must wait for one token, or None when it has one."""
        level = self._level(key, now)
        return None if level >= 1 else (1 - level) / self._rate.per_second

    def take(self, key: str, now: datetime) -> None:
        """Take one token of *key*, if there is one."""
        self._levels[key] = (max(0.0, self._level(key, now) - 1), now)
        self._levels.move_to_end(key)
        while len(self._levels) > self._remembered:
            self._levels.popitem(last=False)

    def _level(self, key: str, now: datetime) -> float:
        level, since = self._levels.get(key, (float(self._rate.burst), now))
        gained = max(0.0, (now - since).total_seconds()) * self._rate.per_second
        return min(float(self._rate.burst), level + gained)


class Turnstile:
    """The two rate limits together; without *limits* everybody passes."""

    def __init__(self, limits: Limits | None) -> None:
        self._addresses = Buckets(limits.per_address) if limits else None
        self._hosts = Buckets(limits.per_host) if limits else None

    def admit_address(self, address: str, now: datetime) -> None:
        """Count a request of *address*; raise UnavailableError(429) when it comes too often."""
        if self._addresses is None:
            return
        key = network_of(address)
        _refuse_haste(self._addresses.wait(key, now))
        self._addresses.take(key, now)

    def admit_host(self, host: str, now: datetime) -> None:
        """Raise UnavailableError(429) when *host* has signed too much lately; count nothing."""
        if self._hosts is not None:
            _refuse_haste(self._hosts.wait(host, now))

    def count_host(self, host: str, now: datetime) -> None:
        """Count a request that *host* really signed."""
        if self._hosts is not None:
            self._hosts.take(host, now)


def _refuse_haste(wait: float | None) -> None:
    if wait is not None:
        raise UnavailableError("Too many requests: slow down.", 429, retry_after=wait)


def network_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def headers_of(request: Request) -> tuple[tuple[str, str], ...]:
    """Return the headers as they came, names in lower case, in their order."""
    return tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, value in request.scope["headers"]
    )


def check_headers(headers: Sequence[tuple[str, str]]) -> None:
    """Refuse by the headers alone what cannot be an activity (pipeline steps 1 and 2).

    Raises RefusedError: 400 for an impossible length, 413 for one above 1 MiB, 415 for a
    coding, or a media type that is not that of an activity.
    """
    found: dict[str, list[str]] = {}
    for name, value in headers:
        if name in _LOOKED_AT:
            found.setdefault(name, []).append(value)
    lengths = found.get("content-length", [])
    types = found.get("content-type", [])
    if len(lengths) > 1 or any(not (n.isascii() and n.isdigit()) for n in lengths):
        raise RefusedError("The Content-Length must be one whole number.", 400)
    if lengths and "transfer-encoding" in found:
        raise RefusedError("A body has a Content-Length or a Transfer-Encoding, not both.", 400)
    if lengths and (len(lengths[0]) > 12 or int(lengths[0]) > MAX_INBOX_BODY):
        raise _too_long()
    for coding in found.get("content-encoding", []):
        if coding.strip().lower() not in ("", "identity"):
            raise RefusedError("Send the body without compression.", 415)
    if len(types) != 1 or not _is_activity(types[0]):
        raise RefusedError(f"Send the activity as {ACTIVITY_JSON} or {LD_JSON}.", 415)


@lru_cache(maxsize=256)
def _is_activity(value: str) -> bool:
    essence, parameters = media_type(value)
    if essence not in (ACTIVITY_JSON, LD_JSON):
        return False
    profile = parameters.get("profile")
    return profile is None or AS2 in profile.split()


async def read_body(request: Request, *, seconds: float = BODY_SECONDS) -> bytes:
    """Return the whole body, counted while it arrives (SEC-DOS-01, SEC-DOS-02).

    Raises RefusedError: 413 beyond 1 MiB, 408 when it takes longer than *seconds*, 400 when
    the connection ends before the body does.
    """
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > MAX_INBOX_BODY:
                    raise _too_long()
                chunks.append(chunk)
    except TimeoutError as error:
        raise RefusedError("The body took too long to arrive.", 408) from error
    except ClientDisconnect as error:
        raise RefusedError("The body did not arrive to its end.", 400) from error
    return b"".join(chunks)


def _too_long() -> RefusedError:
    return RefusedError(f"A message may have {MAX_INBOX_BODY} bytes, not more.", 413)


def check_shape(activity: Activity, *, ours: str, reach: Reach, hosts: Hosts) -> None:
    """Refuse an activity whose ids are impossible, ours, or of a blocked host (step 6).

    *ours* is an IRI on our own origin: nobody else speaks for our actors (SEC-ORI-06).
    Every id that says where something comes from is looked at, not only the sender's
    (SEC-MOD-01): the activity's, the actor's, the object's and its authors', the target's.
    Raises RefusedError, 400 or 403.
    """
    iris.check(activity.actor, reach)
    if not has_synthetic_id(activity):
        iris.check(activity.id, reach)
    if iris.same_origin(activity.actor, ours):
        raise RefusedError("Our own actors do not write to us from outside.", 403)
    if len(documents.many(activity.document.get("object"))) > documents.MAX_ADDRESSES:
        raise RefusedError("This message is about too many things at once.")
    named = {iris.authority(activity.actor), *_hosts(activity)}
    if any(map(hosts.refused, named)):
        raise RefusedError("This server does not accept anything from there.", 403)


def has_synthetic_id(activity: Activity) -> bool:
    """Tell whether *activity* came without an id, and got the digest of its bytes for one."""
    return activity.id.startswith(_SYNTHETIC)


def _hosts(activity: Activity) -> Iterator[str]:
    for iri in {*_sources(activity)}:
        try:
            yield iris.authority(iri)
        except RefusedError:
            continue  # not a web address: nobody will ask there


def _sources(activity: Activity) -> Iterator[str]:
    # The id of the activity has the origin of its actor, or it would not have been read.
    if activity.target_id is not None:
        yield activity.target_id
    yield from activities.object_ids(activity)
    for value in documents.many(activity.document.get("object"))[:20]:
        if isinstance(value, Mapping):
            yield from _authors(value)
            inner = documents.one(value.get("object"))
            yield from documents.iris(value.get("object"))[:20]
            if isinstance(inner, Mapping):
                yield from _authors(inner)


def _authors(document: Mapping[str, Any]) -> Iterator[str]:
    for name in ("attributedTo", "actor"):
        yield from documents.iris(document.get(name))[:20]
