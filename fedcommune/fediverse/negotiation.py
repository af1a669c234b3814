"""One address, a page or a document: what the reader asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from federation import documents, names

VARY: Final = "Accept, Signature, Signature-Input, Accept-Language"
_DOCUMENTS: Final = frozenset({names.ACTIVITY_JSON, names.LD_JSON})


def wants_document(accept: str) -> bool:
    """Tell whether an ``Accept`` header asks for ActivityStreams rather than a page (W-DOC-01).

    A document is answered as soon as one of its two media types is acceptable, and to
    somebody who accepts JSON and nothing else; a page to everybody else.
    """
    accepted = [
        _essence(part) for part in accept[:4000].split(",") if part.strip() and not _refused(part)
    ]
    if not _DOCUMENTS.isdisjoint(accepted):
        return True
    return bool(accepted) and set(accepted) == {"application/json"}


def asks_document(request: Request) -> bool:
    """Tell whether *request* asks for a document."""
    return wants_document(",".join(request.headers.getlist("accept")))


class Document(Response):
    """An ActivityStreams document.

    *private* answers depend on who signed the request and are kept by no shared cache
    (SEC-VIS-04).
    """

    media_type = f"{names.ACTIVITY_JSON}; charset=utf-8"

    def __init__(
        self,
        content: Mapping[str, Any] | bytes,
        status_code: int = 200,
        *,
        private: bool = False,
        max_age: int = 180,
    ) -> None:
        body = content if isinstance(content, bytes) else documents.write(content)
        super().__init__(body, status_code, media_type=self.media_type)
        self.headers["Vary"] = VARY
        if private:
            self.headers["Cache-Control"] = "private, no-store"
        elif status_code == 200:
            self.headers["Cache-Control"] = f"public, max-age={max_age}"


def _essence(part: str) -> str:
    return part.partition(";")[0].strip().lower()


def _refused(part: str) -> bool:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value.strip()) <= 0
            except ValueError:
                return True
    return False
