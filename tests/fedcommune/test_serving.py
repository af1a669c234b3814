"""A port, answered on until we say so."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from fedcommune import serving as serving_module
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


async def test_sec_dos_02_a_head_without_end_is_cut() -> None:
    async with serving(APP, "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100 * serving_module.MOST_HEAD)
        # The request is not at its end; the connection is.
        with suppress(ConnectionError):
            assert b"200 OK" not in await reader.read()
        writer.close()
        assert await _ask(port) == "http 127.0.0.1"


async def test_sec_dos_02_who_says_nothing_or_half_of_it_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving_module, "HEAD_SECONDS", 0.05)
    async with serving(APP, "127.0.0.1", 0) as port:
        whole = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        for said, answers in ((b"", 0), (whole[:20], 0), (whole + whole[:20], 1)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            assert (await reader.read()).count(b"200 OK") == answers
            writer.close()


async def test_several_requests_go_over_one_connection() -> None:
    async with serving(APP, "127.0.0.1", 0) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        answer = b""
        while answer.count(b"http 127.0.0.1") < 3:
            answer += await reader.readuntil(b"127.0.0.1")
        assert answer.count(b"200 OK") == 3
        writer.close()


@pytest.mark.parametrize("kind", ["http", "websocket"])
async def test_sec_dos_02_who_reads_nothing_is_cut_off(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving_module, "STALLED", 0.2)
    over = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        if kind == "websocket":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            for _ in range(10_000):
                data = b"x" * 65_536
                if kind == "websocket":
                    await send({"type": "websocket.send", "bytes": data})
                else:
                    await send({"type": "http.response.body", "body": data, "more_body": True})
        except Exception:  # whatever says that nobody is there any more
            pass
        finally:
            over.set()

    async with serving(Starlette(routes=[Mount("/", endless)]), "127.0.0.1", 0) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_024)
        head = b"GET / HTTP/1.1\r\nHost: x\r\n"
        if kind == "websocket":
            head += b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            head += b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        writer.write(head + b"\r\n")
        async with asyncio.timeout(20):
            await over.wait()
        writer.close()
