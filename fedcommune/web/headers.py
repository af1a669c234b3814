"""The headers that every answer carries (SEC-XSS-04)."""

from __future__ import annotations

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

    *media* is the origin of the files, when it is another one.
    """
    is_page = headers.get("content-type", "").startswith("text/html")
    files = f"'self' {media}".strip()
    pages = f"{_PAGES}; img-src {files} data:; media-src {files}"
    headers.setdefault("Content-Security-Policy", pages if is_page else _REST)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(self)")
    if https:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


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
