"""The two doors to the streams: an address for each, and a WebSocket that carries many."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import orjson
import structlog
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from fedcommune.commune import Commune
from fedcommune.domain.lists import queries as lists
from fedcommune.domain.timelines import stream as streams
from fedcommune.domain.timelines.stream import Name, Stream
from fedcommune.errors import CommuneError, Invalid, NotFound, TooMany
from fedcommune.mastodon import authentication, errors
from fedcommune.mastodon.call import Answer, Call, Caller, Endpoint
from fedcommune.mastodon.errors import OutOfScope, Unauthorised
from fedcommune.mastodon.limits import PER_ADDRESS, Limits, Rate
from fedcommune.mastodon.streams.connection import POLICY, SLOWEST, Connection
from fedcommune.mastodon.streams.hub import Hub
from fedcommune.proxies import ClientAddress

_log = structlog.get_logger(__name__)

# What an app may say on a socket: so many bytes at once, so often in a minute.
LONGEST: Final = 4_096
SAYINGS: Final = Rate("stream messages", 120, 60)
SOCKET: Final = "/api/v1/streaming"
# How it shows that an app has left, or does not read.
_LEFT: Final = (WebSocketDisconnect, RuntimeError, TimeoutError)


async def one(call: Call) -> Answer:
    """``GET /api/v1/streaming/…``: the rest of the address names the stream.

    ``only_media``, ``tag`` and ``list`` say more.
    """
    name = call.request.scope["path"].strip("/").removeprefix("api/v1/streaming/")
    name = name.replace("/", ":")
    if name.startswith("public") and call.params.flag("only_media"):
        name += ":media"
    stream = streams.named(name, tag=call.params.text("tag"), list_=call.params.text("list"))
    caller = call.caller
    assert caller is not None, "an endpoint for citizens is not reached without a token"
    await _check(call.commune, caller, stream)
    address = ClientAddress(call.commune.config.server.trusted_proxies)(call.request)
    # Loaded with the first who listens this way: apps of today open a socket.
    from fedcommune.mastodon.streams.events import Events

    return Events(call.request.app.state.streams, caller, address, stream)


async def health(call: Call) -> Answer:
    """``GET /api/v1/streaming/health`` and ``GET /health``."""
    return PlainTextResponse("OK")


async def _check(commune: Commune, caller: Caller, stream: Stream) -> None:
    """Raise :class:`OutOfScope`, or :class:`NotFound` for a list that is not the caller's."""
    if not caller.grant.scopes.covers(stream.scope):
        raise OutOfScope
    if stream.name is Name.LIST:
        assert caller.account is not None, "streams are for people"
        found = await lists.by_id(commune.database.pool, caller.account.id, stream.list_id)
        if found is None:
            raise NotFound


class Socket:
    """The door for WebSockets: any number of streams on one (RFC 6455).

    Where the page comes from that opens it does not matter: no cookie comes along, and the
    token is one that the page has to have.
    """

    def __init__(self, commune: Commune, hub: Hub, limits: Limits) -> None:
        self._commune = commune
        self._hub = hub
        self._limits = limits
        self._address_of = ClientAddress(commune.config.server.trusted_proxies)

    async def open(self, websocket: WebSocket) -> None:
        """Serve one app, from its knock to its leaving."""
        address = self._address_of(websocket)
        token, subprotocol = _token(websocket)
        try:
            caller = await self._admitted(token, address)
            async with self._hub.opened(caller, address) as connection:
                await websocket.accept(subprotocol=subprotocol)
                await self._serve(websocket, connection)
        except CommuneError as error:
            refused = errors.answer(error)
            assert refused is not None, "there is an answer to every error of ours"
            await websocket.send_denial_response(refused)

    async def _admitted(self, token: str | None, address: str) -> Caller:
        """Return who calls. Raises :class:`Unauthorised`, :class:`TooMany`."""
        now = self._commune.database.clock()
        standing = self._limits.count(PER_ADDRESS, f"streams {address}", now)
        if standing.exceeded:
            raise TooMany(retry_after=(standing.reset - now).total_seconds())
        caller = None if token is None else await authentication.caller_of(self._commune, token)
        if caller is None or caller.account is None:
            raise Unauthorised
        return caller

    async def _serve(self, websocket: WebSocket, connection: Connection) -> None:
        """Tell and listen until one of the two ends."""
        tasks = {
            asyncio.create_task(self._tell(websocket, connection)),
            asyncio.create_task(self._listen(websocket, connection)),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and not isinstance(end, _LEFT):
                _log.error("stream", exc_info=end)
        with suppress(*_LEFT):
            async with asyncio.timeout(SLOWEST):
                await websocket.close(connection.code or 1000)

    async def _tell(self, websocket: WebSocket, connection: Connection) -> None:
        with suppress(*_LEFT):
            while (message := await connection.next()) is not None:
                async with asyncio.timeout(SLOWEST):
                    await websocket.send_text(message.framed())

    async def _listen(self, websocket: WebSocket, connection: Connection) -> None:
        said = dict(websocket.query_params)
        if said.get("stream"):
            await self._heed(websocket, connection, {**said, "type": "subscribe"})
        now = self._commune.database.clock
        with suppress(WebSocketDisconnect):
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                if self._limits.count(SAYINGS, str(id(connection)), now()).exceeded:
                    connection.end(POLICY)
                    return
                await self._heed(websocket, connection, _read(message))

    async def _heed(
        self, websocket: WebSocket, connection: Connection, said: dict[str, Any] | None
    ) -> None:
        """Begin or end a stream; say what is wrong with it when that cannot be."""
        try:
            if said is None or said.get("type") not in ("subscribe", "unsubscribe"):
                raise Invalid("type", "Say subscribe or unsubscribe, and to which stream.")
            stream = streams.named(
                str(said.get("stream", "")),
                tag=str(said.get("tag", "")),
                list_=str(said.get("list", "")),
            )
            if said["type"] == "unsubscribe":
                connection.streams.discard(stream)
                return
            await _check(self._commune, connection.caller, stream)
            connection.subscribe(stream)
        except CommuneError as error:
            refused = errors.answer(error)
            assert refused is not None, "there is an answer to every error of ours"
            told = {**orjson.loads(refused.body), "status": refused.status_code}
            async with asyncio.timeout(SLOWEST):
                await websocket.send_text(orjson.dumps(told).decode())


def _read(message: Any) -> dict[str, Any] | None:
    """Return the object in a message; None when it is none, or longer than makes sense."""
    text = message.get("text") or ""
    if not 0 < len(text) <= LONGEST:
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _token(websocket: WebSocket) -> tuple[str | None, str | None]:
    """Return the token, and the subprotocol to echo when it came as one.

    A browser can send neither header nor anything else than addresses and subprotocols.
    """
    offered = websocket.scope.get("subprotocols") or []
    token = authentication.bearer(websocket) or authentication.in_address(websocket)
    if token is None and offered:
        return offered[0], offered[0]
    # Whoever offered some must be answered with one, or a browser goes away.
    return token, offered[0] if offered else None


def routes(commune: Commune, hub: Hub) -> list[BaseRoute]:
    """The address of the WebSockets, to be put before the API."""
    limits = Limits(enforced=not commune.config.development.no_rate_limits)
    socket = Socket(commune, hub, limits)
    return [WebSocketRoute(path, socket.open) for path in (SOCKET, f"{SOCKET}/")]


_STATUSES: Final = "read:statuses"
ENDPOINTS: Final = (
    Endpoint("GET", "/health", health, access="anyone"),
    Endpoint("GET", f"{SOCKET}/health", health, access="anyone"),
    Endpoint(
        "GET", f"{SOCKET}/user/notification", one, "read:notifications", token_in_address=True
    ),
    *(
        Endpoint("GET", f"{SOCKET}/{path}", one, _STATUSES, token_in_address=True)
        for path in (
            "user",
            "public",
            "public/media",
            "public/local",
            "public/local/media",
            "public/remote",
            "public/remote/media",
            "hashtag",
            "hashtag/local",
            "list",
            "direct",
        )
    ),
)
