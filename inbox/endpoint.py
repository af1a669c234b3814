"""POST to any inbox: 202 once the activity is kept, or why not. The order is the point."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from federation import activities, documents, iris, signatures
from federation.activities import Activity
from federation.errors import FederationError, GoneError, RefusedError, UnavailableError
from federation.names import MAX_INBOX_BODY
from federation.network import Client
from federation.network.bounded import Bounded
from federation.signatures import Message
from inbox import authenticate, gate, store
from inbox.authenticate import Sender
from inbox.gate import Limits, Turnstile
from inbox.keeper import Keeper
from inbox.keys import Keys
from inbox.ports import Clock, Hosts, InstanceSigner, KnownActors, Owners, Pool

MOST_WAITING: Final = 100_000
_COUNT_EVERY: Final = timedelta(seconds=5)
_HEARD_EVERY: Final = timedelta(minutes=1)
_HOSTS: Final = 10_000
_RETRY_WHEN_CROWDED: Final = 300.0
# What a sender may be told; anything else would mean something else to it.
_ANSWERS: Final = frozenset({400, 401, 403, 404, 405, 408, 410, 413, 415, 429, 503})
# The database is away, or has just cut the connection: soon over, and not the sender's fault.
_AWAY: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
_RETRY_WHEN_AWAY: Final = 30.0

log = structlog.get_logger(__name__)


class Receiver:
    """Receives the activities of strangers for all inboxes of one server.

    *authority* and *scheme* are our own, from the configuration: what a signature must have
    been made for (W-SIG-09). *client_address* tells the address of the client of a request,
    as the configured proxies report it (SEC-DOS-12). Without *limits* nobody is slowed down;
    *most_waiting* activities may wait before senders are asked to come back later.
    """

    def __init__(
        self,
        *,
        pool: Pool,
        known: KnownActors,
        hosts: Hosts,
        owners: Owners,
        client: Client,
        signer: InstanceSigner,
        authority: str,
        scheme: str,
        clock: Clock,
        limits: Limits | None,
        client_address: Callable[[Request], str],
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._pool = pool
        self._known = known
        self._hosts = hosts
        self._owners = owners
        self._reach = client.reach
        self._authority = authority
        self._scheme = scheme
        self._ours = f"{scheme}://{authority}/"
        self._clock = clock
        self._client_address = client_address
        self._most_waiting = most_waiting
        self._turnstile = Turnstile(limits)
        self._keys = Keys(
            known=known, hosts=hosts, client=client, signer=signer, clock=clock, ours=self._ours
        )
        self._keeper = Keeper(pool, clock)
        self._counted_at: datetime | None = None
        self._crowded = False
        self._heard: Bounded[str, bool] = Bounded(_HOSTS, _HEARD_EVERY)

    @property
    def keys(self) -> Keys:
        """The keys of strangers, also for whoever checks the signature of a GET."""
        return self._keys

    async def receive(self, request: Request, owner: str | None) -> Response:
        """Answer a request to the inbox of *owner* (an actor id), or to the shared one (None).

        202 means: the activity is on disk, was there before, or asks for nothing. Every
        refusal ends the request and leaves no trace (wire: pipeline, W-IN).
        """
        try:
            await self._receive(request, owner)
        except FederationError as error:
            return _refusal(error)
        except _AWAY as error:
            log.warning("database away", error=str(error))
            return _refusal(
                UnavailableError(
                    "This cannot be received for now.", 503, retry_after=_RETRY_WHEN_AWAY
                )
            )
        return Response(status_code=202)

    async def aclose(self) -> None:
        """Finish what is being kept, abandon what is being fetched."""
        await self._keeper.aclose()
        await self._keys.aclose()

    async def _receive(self, request: Request, owner: str | None) -> None:
        # 1, 2: what costs nothing
        if request.method != "POST":
            raise RefusedError("An inbox takes POST.", 405)
        now = self._clock()
        self._turnstile.admit_address(self._client_address(request), now)
        headers = gate.headers_of(request)
        gate.check_headers(headers)
        # 3: a blocked host is not worth a look at its message
        key_id = signatures.key_id(headers)
        if key_id is None:
            raise RefusedError("The request is not signed, or its signature is not readable.", 401)
        host = _host_of(key_id)
        if self._hosts.refused(host):
            raise RefusedError("This server does not accept anything from there.", 403)
        self._turnstile.admit_host(host, now)
        await self._check_room(now)
        await self._check_owner(owner)
        body = await gate.read_body(request)
        # 4: everything but cryptography
        claim = signatures.claim(self._message(request, headers, body), now)
        # 5, 6: JSON and shape
        activity = activities.read(documents.read(body, limit=MAX_INBOX_BODY), raw=body)
        gate.check_shape(activity, ours=self._ours, reach=self._reach, hosts=self._hosts)
        if await self._is_nobodys_farewell(activity):
            return
        # 7, 8: who says so
        sender = await authenticate.sender(claim, activity, keys=self._keys, clock=self._clock)
        if sender.activity is not activity:
            gate.check_shape(sender.activity, ours=self._ours, reach=self._reach, hosts=self._hosts)
        self._turnstile.count_host(host, now)
        # 9, 10: once, and on disk
        await self._keeper.keep(sender)
        await self._tell(sender, host, now)

    def _message(
        self, request: Request, headers: tuple[tuple[str, str], ...], body: bytes
    ) -> Message:
        scope = request.scope
        target: bytes = scope.get("raw_path") or scope["path"].encode()
        query: bytes = scope.get("query_string", b"")
        raw = target + b"?" + query if query else target
        return Message(
            method="POST",
            target=raw.decode("latin-1"),
            authority=self._authority,
            scheme=self._scheme,
            headers=headers,
            body=body,
        )

    async def _check_owner(self, owner: str | None) -> None:
        if owner is None:
            return
        standing = await self._owners.standing(owner)
        if standing == "absent":
            raise RefusedError("There is no such inbox.", 404)
        if standing == "gone":
            raise GoneError("The owner of this inbox is gone.")

    async def _check_room(self, now: datetime) -> None:
        if self._counted_at is None or not (timedelta(0) <= now - self._counted_at < _COUNT_EVERY):
            self._counted_at = now
            async with self._pool.acquire() as connection:
                self._crowded = await store.crowded(connection, self._most_waiting)
        if self._crowded:
            raise UnavailableError(
                "Too much is waiting here.", 503, retry_after=_RETRY_WHEN_CROWDED
            )

    async def _is_nobodys_farewell(self, activity: Activity) -> bool:
        """Tell whether an actor whom we never knew deletes or updates itself (W-KEY-05)."""
        return (
            activity.type in ("Delete", "Update")
            and authenticate.is_about_itself(activity)
            and not await self._known.known(activity.actor)
        )

    async def _tell(self, sender: Sender, host: str, now: datetime) -> None:
        if sender.how != "gone" and self._heard.get(host, now) is None:
            self._heard.put(host, True, now)
            await self._hosts.heard(host)


def _host_of(key_id: str) -> str:
    try:
        return iris.authority(key_id)
    except RefusedError as error:
        raise RefusedError("The keyId must be the web address of a key.", 401) from error


def _refusal(error: FederationError) -> Response:
    status = error.status_code if error.status_code in _ANSWERS else 400
    headers = {"Cache-Control": "no-store"}
    if status == 405:
        headers["Allow"] = "POST"
    if isinstance(error, UnavailableError):
        headers["Retry-After"] = str(math.ceil(error.retry_after or 60))
    return JSONResponse({"error": str(error)}, status, headers)
