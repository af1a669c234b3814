"""What becomes of errors: Mastodon's shape, the same for the absent and the forbidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from fedcommune.errors import CommuneError, Conflict, Invalid, NotAllowed, NotFound, TooMany
from fedcommune.mastodon.parameters import BodyTooLarge, Unreadable
from federation.errors import FederationError, UnavailableError

JSON = "application/json; charset=utf-8"


class Unauthorised(CommuneError):
    """The access token is invalid"""


class OutOfScope(CommuneError):
    """This action is outside the authorized scopes"""


class Gone(CommuneError):
    """Gone"""


class Refused(CommuneError):
    """Several fields need a correction: for each, codes of Mastodon's and sentences."""

    def __init__(self, details: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        sentences = [text for each in details.values() for _, text in each]
        super().__init__(f"Validation failed: {', '.join(sentences)}")
        self.details = {
            field: [{"error": code, "description": text} for code, text in found]
            for field, found in details.items()
        }


class OAuthError(CommuneError):
    """What OAuth says when it refuses: a *code* of RFC 6749 §5.2 and a sentence."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def answer(error: Exception) -> Response | None:
    """Return the answer to *error*; None for a bug of ours."""
    match error:
        case OAuthError():
            return _oauth(error)
        case Unauthorised():
            return refusal(401, str(error), headers={"WWW-Authenticate": "Bearer"})
        case OutOfScope() | NotAllowed():
            return refusal(403, str(error))
        case NotFound():
            return refusal(404, "Record not found")
        case Gone():
            return refusal(410, str(error))
        case Invalid():
            return invalid(error)
        case Refused():
            return refusal(422, str(error), details=error.details)
        case Conflict():
            return refusal(409, str(error))
        case TooMany():
            headers = {"Retry-After": str(max(1, round(error.retry_after)))}
            return refusal(429, "Too many requests", headers=headers)
        case BodyTooLarge():
            return refusal(413, str(error))
        case Unreadable() | CommuneError():
            return refusal(400, str(error))
        case UnavailableError():
            return refusal(503, "Remote data could not be fetched")
        case FederationError():
            return refusal(422, str(error))
    return None


def refusal(
    status: int, message: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """Answer with an error and one sentence."""
    body = msgspec.json.encode({"error": message, **more})
    return Response(body, status, headers={"Content-Type": JSON, **(headers or {})})


def invalid(error: Invalid) -> Response:
    """Answer that a field needs a correction, and which."""
    details = {error.field: [{"error": "ERR_INVALID", "description": str(error)}]}
    return refusal(422, f"Validation failed: {error}", details=details)


def _oauth(error: OAuthError) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="OAuth"'
    body = {"error": error.code, "error_description": str(error)}
    return Response(
        msgspec.json.encode(body), error.status, headers={"Content-Type": JSON, **headers}
    )
