"""Send pictures, sounds and films before the status that they hang on; and the small ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.datastructures import UploadFile

from fedcommune.domain.emojis import queries as emojis
from fedcommune.domain.media import actions, queries
from fedcommune.domain.media.model import MAX_LOOSE, Media, State
from fedcommune.errors import Invalid, NotFound
from fedcommune.files import films, painters
from fedcommune.mastodon import json
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.drafts import words_of
from fedcommune.mastodon.entities import CustomEmoji
from fedcommune.mastodon.errors import refusal
from fedcommune.mastodon.limits import MEDIA
from fedcommune.mastodon.render.media import media as render

# A film, a picture for it, and the words around them.
MAX_UPLOAD: Final = films.MAX_BYTES + painters.MAX_BYTES + 64 * 1024
_ACCEPTED: Final = 202
_PARTIAL: Final = 206


async def upload(call: Call) -> Answer:
    """Keep what is sent; a sound or a film is worked on afterwards (202)."""
    media = await _kept(call)
    status = 200 if media.state is State.READY else _ACCEPTED
    return json.written(render(call.instance, media), status)


async def upload_first(call: Call) -> Answer:
    """The same of old: whoever asks here waits until it is done."""
    media = await _kept(call)
    if media.state is State.WAITING:
        await call.commune.workshop.step(media.id)
        media = await _own(call, media.id)
    return render(call.instance, media)


async def show(call: Call) -> Answer:
    """One of one's own; 206 while it is worked on, 422 when nothing could be made of it."""
    media = await _own(call, call.number())
    if media.state is State.FAILED:
        return refusal(422, "Nothing could be made of this file: send another.")
    status = 200 if media.state is State.READY else _PARTIAL
    return json.written(render(call.instance, media), status)


async def change(call: Call) -> Answer:
    """Say something else of what hangs on nothing yet: words, focus, another small picture."""
    media = await _own(call, call.number())
    if media.post_id is not None:
        raise NotFound
    words = words_of(call.params)
    thumbnail = await _read(call, "thumbnail")
    drawn = None if thumbnail is None else await call.commune.workshop.preview(thumbnail)
    async with call.transaction() as tx:
        media = await actions.describe(tx, call.account.id, media.id, words)
        if drawn is not None:
            file, drawing = drawn
            small = drawing.small
            media = await actions.set_preview(
                tx,
                call.account.id,
                media.id,
                file,
                small.width,
                small.height,
                drawing.blurhash,
            )
    return render(call.instance, media)


async def remove(call: Call) -> Answer:
    """Forget what hangs on nothing."""
    async with call.transaction() as tx:
        await actions.remove(tx, call.account.id, call.number())
    return {}


async def custom_emojis(call: Call) -> Answer:
    """The pictures of ours that stand for words."""
    return [
        CustomEmoji(
            shortcode=each.shortcode,
            url=call.instance.media(each.file),
            static_url=call.instance.media(each.file),
            category=each.category or None,
        )
        for each in await emojis.listed(call.db)
    ]


async def _kept(call: Call) -> Media:
    content = await _read(call, "file")
    if content is None:
        raise Invalid("file", "File can't be blank.")
    words, workshop = words_of(call.params), call.commune.workshop
    if await queries.count_loose(call.db, call.account.id) >= MAX_LOOSE:
        raise Invalid("file", "Publish or remove what you sent before: there is too much of it.")
    made = await workshop.attachment(content)
    thumbnail = await _read(call, "thumbnail")
    if thumbnail is not None:
        file, drawing = await workshop.preview(thumbnail)
        made = replace(
            made,
            small=file,
            small_width=drawing.small.width,
            small_height=drawing.small.height,
            blurhash=drawing.blurhash,
        )
    async with call.transaction() as tx:
        return await actions.keep(tx, call.account.id, made, words)


async def _own(call: Call, media_id: int) -> Media:
    media = await queries.of_account(call.db, call.account.id, media_id)
    if media is None:
        raise NotFound
    return media


async def _read(call: Call, name: str) -> bytes | None:
    sent = call.params.file(name)
    return None if not isinstance(sent, UploadFile) else await sent.read()


_ONE: Final = "/api/v1/media/{id}"

ENDPOINTS: Final = (
    Endpoint("POST", "/api/v2/media", upload, "write:media", rate=MEDIA, body=MAX_UPLOAD),
    Endpoint("POST", "/api/v1/media", upload_first, "write:media", rate=MEDIA, body=MAX_UPLOAD),
    Endpoint("GET", _ONE, show, "write:media"),
    Endpoint("PUT", _ONE, change, "write:media", rate=MEDIA, body=MAX_UPLOAD),
    Endpoint("DELETE", _ONE, remove, "write:media"),
    Endpoint("GET", "/api/v1/custom_emojis", custom_emojis, access="anyone"),
)
