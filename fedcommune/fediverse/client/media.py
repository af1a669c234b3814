"""``uploadMedia``: send a picture, a sound or a film, then attach it by its id (C2S-24, C2S-25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.media import actions, queries
from fedcommune.domain.media.model import Kind, Media, State, Words, description_of
from fedcommune.domain.posts.model import Attachment
from fedcommune.errors import Invalid, NotFound
from fedcommune.fediverse import tokens
from fedcommune.fediverse.client import errand
from fedcommune.fediverse.client.desk import Visit
from fedcommune.fediverse.negotiation import Document
from fedcommune.files import films
from fedcommune.instance import Instance
from federation import documents
from federation.errors import RefusedError
from federation.vocabulary import attachments
from federation.vocabulary.context import with_context

_MAX_OBJECT: Final = 64 * 1024
_MAX_UPLOAD: Final = films.MAX_BYTES + 2 * _MAX_OBJECT
_TYPES: Final[Mapping[Kind, str]] = {
    Kind.IMAGE: "Image",
    Kind.GIFV: "Video",
    Kind.VIDEO: "Video",
    Kind.AUDIO: "Audio",
}


@dataclass(frozen=True, slots=True)
class Attached:
    """What a Note names to hang on it, and what it says of that."""

    ids: tuple[int, ...]
    words: Mapping[int, Words]


async def upload(visit: Visit) -> Response:
    """201 with the id of the object, 202 when it is still worked on.

    The object gets its id and its address from us; of what the app says, its description and
    its focal point are kept. The file is what reading it shows it to be (SEC-MED-02).
    """
    tokens.check_scope(visit.grant, "write:media")
    commune, account = visit.commune, visit.account
    form = await _form(visit.request)
    try:
        words = _words(await _object(form))
        content = await _file(form)
    finally:
        await form.close()
    made = await commune.workshop.attachment(content)
    async with commune.database.transaction() as tx:
        media = await actions.keep(tx, account.id, made, words)
    response = _shown(commune.instance, account, media)
    response.status_code = 201 if media.state is State.READY else 202
    response.headers["Location"] = commune.instance.upload(media.id)
    return response


async def show(visit: Visit) -> Response:
    """What somebody sent, for them alone (SEC-MED-07); without ``url`` while it is worked on."""
    tokens.check_scope(visit.grant, "read:statuses")
    media_id = int(visit.request.path_params["media"])
    pool = visit.commune.database.pool
    media = await queries.of_account(pool, visit.account.id, media_id)
    if media is None or media.state is State.FAILED:
        raise NotFound
    return _shown(visit.commune.instance, visit.account, media)


def attached(
    instance: Instance, note: Mapping[str, Any], known: Sequence[Attachment] = ()
) -> Attached:
    """Return what the ``attachment`` of *note* names: uploads by id, and *known* ones by address.

    Whose they are is seen when they are attached (C2S-26). Raises :class:`Invalid`.
    """
    by_address = {each.url: each.media_id for each in known if each.media_id is not None}
    ids: list[int] = []
    words: dict[int, Words] = {}
    for item in documents.many(note.get("attachment")):
        address = documents.link(item.get("url")) if isinstance(item, Mapping) else None
        media_id = _number(instance, documents.iri(item)) or by_address.get(address or "")
        if media_id is None:
            raise Invalid("attachment", "Send files to uploadMedia first, then name their ids.")
        ids.append(media_id)
        if isinstance(item, Mapping) and ("name" in item or "summary" in item):
            words[media_id] = _words(item)
    return Attached(tuple(ids), words)


def _shown(instance: Instance, account: Account, media: Media) -> Document:
    ready = media.state is State.READY and media.whole is not None
    written = attachments.write(
        attachments.Attachment(
            instance.media(media.whole) if ready and media.whole else "",
            media.media_type if ready else "",
            media.description,
            media.width,
            media.height,
            media.blurhash,
        )
    )
    document = {
        "id": instance.upload(media.id),
        **written,
        "type": _TYPES[media.kind],
        "attributedTo": account.actor_id,
    }
    kept = {name: value for name, value in document.items() if value != ""}
    response = Document(with_context(kept))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _number(instance: Instance, address: str | None) -> int | None:
    """Return the number of an upload of ours by its id, None for any other address."""
    text = (address or "").removeprefix(instance.upload(0)[:-1])
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        return None
    return int(text)


def _words(item: Mapping[str, Any]) -> Words:
    """Return what an app says of a file: its description, in ``name`` or ``summary``."""
    said = documents.natural(item, "name")[0] or documents.natural(item, "summary")[0]
    focus = item.get("focalPoint")
    if isinstance(focus, list) and len(focus) == 2:
        across, up = (documents.decimal(each) for each in focus)
        if across is not None and up is not None and abs(across) <= 1 and abs(up) <= 1:
            return Words(description_of(said), (across, up))
    return Words(description_of(said))


async def _form(request: Request) -> FormData:
    """Return the parts, counted while they arrive (SEC-DOS-01)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != (
        "multipart/form-data"
    ):
        raise RefusedError("Send a multipart form with the parts file and object.", 415)
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > _MAX_UPLOAD:
            raise RefusedError(f"An upload has at most {_MAX_UPLOAD} bytes.", 413)
        return message

    try:
        return await Request(request.scope, counted).form(
            max_files=2, max_fields=2, max_part_size=_MAX_OBJECT
        )
    except (MultiPartException, HTTPException, UnicodeDecodeError, ValueError, KeyError):
        raise Invalid("file", "Send a multipart form with the parts file and object.") from None


async def _object(form: FormData) -> Mapping[str, Any]:
    """Return the part ``object``, as strangers' JSON is read."""
    part = form.get("object")
    if part is None:
        raise Invalid("object", "Say in the part object what the file is, as JSON.")
    body = part.encode() if isinstance(part, str) else await part.read(_MAX_OBJECT + 1)
    document = documents.read(body, limit=_MAX_OBJECT)
    errand.check_members(document)
    return document


async def _file(form: FormData) -> bytes:
    part = form.get("file")
    content = await part.read() if isinstance(part, UploadFile) else b""
    if not content:
        raise Invalid("file", "Send the file in the part file.")
    return content
