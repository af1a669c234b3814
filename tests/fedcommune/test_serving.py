"""A port, answered on until we say so."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fedcommune.serving import PortTaken, serving


async def _who(request: Request) -> Response:
    assert request.client is not None
    return PlainTextResponse(f"{request.url.scheme} {request.client.host}")


APP = Starlette(routes=[Route("/", _who)])


async def _ask(port: int, **headers: str) -> str:
    async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/")
        assert "server" not in answer.headers
        return answer.text


async def test_a_port_is_chosen_and_given_back() -> None:
    async with serving(APP, "127.0.0.1", 0) as port:
        assert await _ask(port) == "http 127.0.0.1"
    with pytest.raises(httpx.ConnectError):
        await _ask(port)
    async with serving(APP, "127.0.0.1", port) as again:
        assert again == port


async def test_sec_dos_12_no_forwarded_header_is_believed_by_the_server() -> None:
    async with serving(APP, "127.0.0.1", 0) as port:
        told = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https", "Forwarded": "for=x"}
        assert await _ask(port, **told) == "http 127.0.0.1"


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"Port {port} on 127\.0\.0\.1"):
            async with serving(APP, "127.0.0.1", port):
                raise AssertionError("nobody can serve here")


async def test_what_is_under_way_is_finished() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: Request) -> Response:
        begun.set()
        await go_on.wait()
        return PlainTextResponse("done")

    async with serving(Starlette(routes=[Route("/", slow)]), "127.0.0.1", 0) as port:
        asking = asyncio.create_task(_ask(port))
        await begun.wait()
        go_on.set()
        assert await asking == "done"
