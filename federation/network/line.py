"""What carries a request to a stranger and the answer back, once it is decided to be asked.

It is loaded with the first of them: what it needs is large, and a commune answers before it asks.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Final

import aiohttp
from yarl import URL

from federation import iris
from federation.errors import RefusedError, UnavailableError
from federation.iris import Reach
from federation.network import transport
from federation.network.answers import MAX_HEADERS, Answer, Response, decoded, retry_after
from federation.network.connector import GuardedConnector, GuardedResolver
from federation.network.hosts import UNREACHABLE, Circuits
from federation.network.resolver import Resolver
from federation.network.transport import GuardedTransport

if TYPE_CHECKING:
    from federation.network.client import Limits

_MAX_ANSWER: Final = 64 * 1024
_CONNECTIONS: Final = 800
_PER_HOST: Final = 32


class Line:
    """The connections of one client; they belong to the running loop.

    What may be asked at all was looked into before: addresses here are checked ones. Failures
    are told to the *circuits*. Every failure to reach a server is the same UnavailableError.
    """

    def __init__(
        self,
        *,
        resolver: Resolver,
        reach: Reach,
        circuits: Circuits,
        clock: Callable[[], datetime],
        limits: Limits,
        user_agent: str,
    ) -> None:
        self._circuits = circuits
        self._clock = clock
        self._session = aiohttp.ClientSession(
            connector=GuardedConnector(
                GuardedResolver(resolver, reach, clock),
                reach,
                connections=_CONNECTIONS,
                per_host=_PER_HOST,
            ),
            headers={"User-Agent": user_agent, "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(
                total=limits.total, sock_connect=limits.connect, sock_read=limits.read
            ),
            max_line_size=8190,
            max_field_size=8190,
            max_headers=100,
        )
        self._transport = GuardedTransport(lambda: self._session)

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer to a POST of *body*. Raises UnavailableError, RefusedError."""
        target = URL(address, encoded=True)
        try:
            try:
                return await self._post(target, body, headers)
            except aiohttp.ClientConnectionError as error:
                if not _was_closed(error):
                    raise
            # A connection kept alive that the other side was just closing: an activity is
            # received once however often it is sent.
            return await self._post(target, body, headers)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UnavailableError(UNREACHABLE) from error

    async def _post(self, target: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        async with self._session.post(
            target, data=body, headers=headers, allow_redirects=False
        ) as answer:
            self._circuits.answered(target.authority)
            _check_headers(answer.raw_headers)
            read = bytearray()
            async for chunk in answer.content.iter_any():
                read += chunk
                if len(read) >= _MAX_ANSWER:
                    answer.close()
                    break
            received = answer.headers
            wait = retry_after(received, self._clock()) if "Retry-After" in received else None
            return Answer(answer.status, wait, received, bytes(read[:_MAX_ANSWER]))

    async def get(
        self, address: str, headers: Mapping[str, str], limit: int, deadline: float
    ) -> Response:
        """Return the answer to a GET, whatever its status; only a success has a body.

        *deadline* is a time of the loop. Raises UnavailableError, RefusedError.
        """
        authority = iris.authority(address)
        request = transport.get(address, dict(headers))
        try:
            async with (
                asyncio.timeout_at(deadline),
                aclosing(await self._transport.handle_async_request(request)) as answer,
            ):
                self._circuits.answered(authority)
                _check_headers(answer.headers.raw)
                body = b""
                if answer.is_success:
                    body = await decoded(answer.aiter_raw(), headers=answer.headers, limit=limit)
                return Response(address, answer.status_code, answer.headers, body)
        except (aiohttp.ClientConnectorError, TimeoutError) as error:
            self._circuits.failed(authority, self._clock())
            raise UnavailableError(UNREACHABLE) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UnavailableError(UNREACHABLE) from error


def _was_closed(error: Exception) -> bool:
    """Tell whether the other side closed an established connection before it answered."""
    return isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError) or (
        isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE)
    )


def _check_headers(received: Iterable[tuple[bytes, bytes]]) -> None:
    if sum(len(name) + len(value) + 4 for name, value in received) > MAX_HEADERS:
        raise RefusedError("The answer has too many headers.")
