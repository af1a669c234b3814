"""The headers that every answer carries (SEC-XSS-04)."""

from __future__ import annotations

from functools import cache
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGES: Final = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "style-src 'self'; script-src 'self'; font-src 'self'; connect-src 'self'"
)
# A page that others may show within theirs: nothing on it acts in anybody's name.
FRAMED: Final = _PAGES.replace("frame-ancestors 'none'", "frame-ancestors *").replace(
    "form-action 'self'", "form-action 'none'; img-src 'self' data:"
)
_REST: Final = "default-src 'none'; frame-ancestors 'none'"


def protect(headers: MutableHeaders, *, https: bool, media: str = "") -> None:
    """Add what every answer says: what may be loaded, framed, guessed and told elsewhere.

    *media* is the origin of the files, when it is another one. What the answer says for itself
    stays.
    """
    is_page = headers.get("content-type", "").startswith("text/html")
    said = {name for name, _ in headers.raw}
    headers.raw.extend(each for each in _always(is_page, https, media) if each[0] not in said)


@cache
def _always(is_page: bool, https: bool, media: str) -> tuple[tuple[bytes, bytes], ...]:
    files = f"'self' {media}".strip()
    pages = f"{_PAGES}; img-src {files} data:; media-src {files}"
    found = {
        "content-security-policy": pages if is_page else _REST,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(self)",
    }
    if https:
        found["strict-transport-security"] = "max-age=31536000"
    return tuple((name.encode(), value.encode()) for name, value in found.items())


class SafeHeaders:
    """Pure ASGI middleware: content policy, no sniffing, no framing, no referrer elsewhere.

    *https* adds Strict-Transport-Security: off in development, where there is no TLS.
    """

    def __init__(self, app: ASGIApp, *, https: bool, media: str = "") -> None:
        self.app = app
        self.https = https
        self.media = media

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                protect(MutableHeaders(scope=message), https=self.https, media=self.media)
            await send(message)

        await self.app(scope, receive, send_with_headers)
