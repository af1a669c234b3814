"""One address, a page or a document: what the reader asks for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.i18n import quality
from federation import documents, names

VARY: Final = "Accept, Authorization, Signature, Signature-Input, Accept-Language"
_JSON: Final = "application/json"
# The media ranges of a header, and the parameters of one of them: a comma or a semicolon
# within quotes parts nothing.
_RANGE: Final = re.compile(r'(?:[^,"]|"[^"]*")+')
_PARAMETER: Final = re.compile(r'(?:[^;"]|"[^"]*")+')


def wants_document(accept: str) -> bool:
    """Tell whether an ``Accept`` header asks for ActivityStreams rather than a page (W-DOC-01).

    A document is answered as soon as one of its two media types is acceptable, whatever else
    is, and to somebody who accepts JSON and nothing else; a page to everybody else. JSON-LD
    of another profile is something else.
    """
    kinds = {kind for part in _RANGE.findall(accept[:4000]) if (kind := _acceptable(part))}
    return names.ACTIVITY_JSON in kinds or kinds == {_JSON}


def asks_document(request: Request) -> bool:
    """Tell whether *request* asks for a document."""
    return wants_document(",".join(request.headers.getlist("accept")))


class Document(Response):
    """An ActivityStreams document."""

    media_type = f"{names.ACTIVITY_JSON}; charset=utf-8"

    def __init__(
        self, content: Mapping[str, Any] | bytes, status_code: int = 200, *, max_age: int = 180
    ) -> None:
        body = content if isinstance(content, bytes) else documents.write(content)
        super().__init__(body, status_code, media_type=self.media_type)
        self.headers["Vary"] = VARY
        self.headers["Cache-Control"] = f"public, max-age={max_age}"
        if status_code == 200:
            self.headers["ETag"] = entity_tag(body)


def entity_tag(body: bytes) -> str:
    """Return a weak validator of *body* (RFC 9110 §8.8.3)."""
    return f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'


def unless_known(request: Request, response: Response) -> Response:
    """Return *response*, or 304 when the reader says that it has just that (S2S-32)."""
    tag = response.headers.get("etag")
    asked = request.headers.get("if-none-match", "")[:4000]
    if response.status_code != 200 or tag is None:
        return response
    known = [each.strip().removeprefix("W/") for each in asked.split(",")]
    if asked.strip() != "*" and tag.removeprefix("W/") not in known:
        return response
    kept = ("etag", "cache-control", "vary", "content-language")
    return Response(
        status_code=304,
        headers={name: response.headers[name] for name in kept if name in response.headers},
    )


def _acceptable(part: str) -> str:
    """Return the media type of one media range, normalised; empty when it is refused."""
    kind, *parameters = [each.strip() for each in _PARAMETER.findall(part)] or [""]
    kind = str(kind).lower()
    if any(quality(parameter) <= 0 for parameter in parameters):
        return ""
    if kind != names.LD_JSON:
        return kind
    profiles = [
        value.strip().strip('"').split()
        for name, _, value in (parameter.partition("=") for parameter in parameters)
        if name.strip().lower() == "profile"
    ]
    is_ours = all(names.AS2 in profile for profile in profiles)
    return names.ACTIVITY_JSON if is_ours else kind
