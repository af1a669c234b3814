"""httpx over the guarded connections: its requests and answers, our door."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import aiohttp
import httpx
from yarl import URL

from federation.errors import RefusedError


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends one httpx request through the guarded session, exactly as it was addressed.

    The transport is used without ``httpx.AsyncClient``: that one keeps cookies, follows
    redirects and unpacks bodies, each of which is ours to decide. *session* gives the session
    of the running loop.
    """

    def __init__(self, session: Callable[[], aiohttp.ClientSession]) -> None:
        self._session = session

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer, its body still to be read. Raises what aiohttp raises."""
        answer = await self._session().request(
            request.method,
            URL(str(request.url), encoded=True),
            headers=request.headers.multi_items(),
            allow_redirects=False,
        )
        return httpx.Response(
            answer.status,
            headers=list(answer.raw_headers),
            stream=_Body(answer),
            request=request,
        )


def get(address: str, headers: dict[str, str]) -> httpx.Request:
    """Return a GET of the checked *address*.

    Raises RefusedError when httpx reads another address in it than we do: what was checked is
    what is asked (SEC-NET-06).
    """
    try:
        request = httpx.Request("GET", address, headers=headers)
    except httpx.InvalidURL as error:
        raise RefusedError("This address is malformed.") from error
    if str(request.url) != address:
        raise RefusedError("This address can be read in two ways.")
    return request


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.content.iter_any():
            yield chunk

    async def aclose(self) -> None:
        # What was read to its end goes back to the pool; anything else is cut.
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()
