"""The headers of every answer: policy, and HTTPS for good where there is HTTPS."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from fedcommune.web.headers import SafeHeaders


async def _page(_request: Request) -> Response:
    return HTMLResponse("<p>")


async def _document(_request: Request) -> Response:
    return JSONResponse({}, headers={"Content-Security-Policy": "sandbox"})


@pytest.mark.parametrize("https", [True, False])
async def test_sec_xss_04_https_is_insisted_on_where_it_is(*, https: bool) -> None:
    routes = [Route("/page", _page), Route("/document", _document)]
    transport = httpx.ASGITransport(SafeHeaders(Starlette(routes=routes), https=https))
    async with httpx.AsyncClient(transport=transport, base_url="http://x.example") as client:
        for path in ("/page", "/document", "/nothing"):
            headers = (await client.get(path)).headers
            assert ("strict-transport-security" in headers) is https
            assert headers["x-content-type-options"] == "nosniff"
        page = (await client.get("/page")).headers["content-security-policy"]
        assert "script-src 'self'" in page
        assert "unsafe" not in page
        # What an answer says itself is stricter, and stays.
        own = (await client.get("/document")).headers["content-security-policy"]
        assert own == "sandbox"
