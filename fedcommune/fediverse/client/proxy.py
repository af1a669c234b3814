"""``proxyUrl``: a document of another server, asked for on behalf of an app (C2S-29)."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fedcommune.errors import Invalid, NotFound
from fedcommune.fediverse import tokens
from fedcommune.fediverse.client import desk
from fedcommune.fediverse.client.desk import Visit
from fedcommune.fediverse.negotiation import Document
from federation import documents, iris
from federation.boxes import without_blind_copies
from federation.errors import GoneError, RefusedError
from federation.names import ACTIVITY_JSON
from federation.network import fetch

_MAX_FORM: Final = 8 * 1024
_FORM: Final = "application/x-www-form-urlencoded"
# What of ours is a document; our own addresses carry no query strings (W-DOC-02).
_OURS: Final = ("/ap/", "/actor", "/@", "/territory")


async def proxy(visit: Visit) -> Response:
    """``POST`` a form with ``id``: the document that stands there.

    Ours are shown as the person may see them. Others' are fetched through the guarded door,
    signed by the instance and nobody else, and only when they are documents (SEC-NET-01).
    """
    tokens.check_scope(visit.grant, "read:search")
    commune = visit.commune
    address = iris.check(iris.without_fragment(await _wanted(visit)), commune.client.reach)
    if commune.instance.owns(address):
        return _Inside(visit, address)
    if commune.policies.refused(iris.authority(address)):
        raise NotFound
    try:
        found = await fetch.document(commune.client, address, signer=await commune.signer())
    except GoneError:
        raise NotFound from None
    except RefusedError as error:
        if error.status_code == 404:
            raise NotFound from None
        return desk.refusal(502, f"What stands there cannot be shown: {error}")
    response = Document(without_blind_copies(found))
    response.headers["Cache-Control"] = "private, no-store"
    return response


async def _wanted(visit: Visit) -> str:
    """Return the ``id`` of the form. Raises :class:`Invalid` without exactly one."""
    request = visit.request
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise RefusedError(f"Send the id as {_FORM}.", 415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            raise RefusedError("This form is too long.", 413)
    wrong = Invalid("id", "Send the id of one document in the form field id.")
    try:
        given = parse_qs(body.decode("ascii"), max_num_fields=10, errors="strict").get("id", [])
    except ValueError:
        raise wrong from None
    if len(given) != 1 or documents.iri(given[0]) is None:
        raise wrong
    return given[0]


class _Inside(Response):
    """The answer of this server itself to a ``GET`` of *address* with the same token."""

    def __init__(self, visit: Visit, address: str) -> None:
        super().__init__()
        parts = urlsplit(address)
        if parts.query or not parts.path.startswith(_OURS):
            raise NotFound
        self._app: ASGIApp = visit.request.app
        kept = [
            (name, value)
            for name, value in visit.request.scope["headers"]
            if name in (b"host", b"authorization", b"x-forwarded-for")
        ]
        self._scope: Scope = {
            **{
                name: visit.request.scope[name]
                for name in ("type", "asgi", "http_version", "scheme", "server", "client")
                if name in visit.request.scope
            },
            "method": "GET",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [*kept, (b"accept", ACTIVITY_JSON.encode())],
            "state": {},
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name.lower() for name, _ in message["headers"]}
                own = [
                    each for each in self.raw_headers if each[0] not in (*named, b"content-length")
                ]
                message = {**message, "headers": [*message["headers"], *own]}
            await send(message)

        await self._app(self._scope, receive, shared)
