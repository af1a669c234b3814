"""Pictures, sounds and films become attachments, ours and strangers' alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from fedcommune.domain.media.model import Media, State
from fedcommune.domain.posts.model import Attachment, Post
from fedcommune.instance import Instance
from fedcommune.mastodon import entities

Type = Literal["unknown", "image", "gifv", "video", "audio"]

_TYPES: Final[Mapping[str, Type]] = {"image": "image", "video": "video", "audio": "audio"}


def media(instance: Instance, sent: Media) -> entities.MediaAttachment:
    """Return what somebody sent, before it hangs on a status."""
    ready = sent.state is State.READY and sent.whole is not None
    return entities.MediaAttachment(
        id=str(sent.id),
        type=sent.kind.value,
        url=instance.media(sent.whole) if ready and sent.whole else None,
        preview_url=instance.media(sent.small) if sent.small else None,
        meta=_meta(
            (sent.width, sent.height),
            (sent.small_width, sent.small_height),
            (sent.focus_x, sent.focus_y),
            sent.duration,
        )
        if ready
        else None,
        description=sent.description or None,
        blurhash=sent.blurhash,
    )


def attachments(
    instance: Instance, post: Post, hung: Sequence[Attachment]
) -> list[entities.MediaAttachment]:
    """Return what hangs on *post*; an address that is not of the web is no address.

    Pictures of strangers are shown from our own copies: no reader's address reaches their
    server. Their films and sounds are too large for that, and are asked for only when
    somebody plays them.
    """
    return [
        _ours(each, post) if each.media_id is not None else _theirs(instance, post, place, each)
        for place, each in enumerate(hung)
        if each.url.startswith(("https://", "http://"))
    ]


def _ours(each: Attachment, post: Post) -> entities.MediaAttachment:
    return entities.MediaAttachment(
        id=str(each.media_id),
        type=_type(each),
        url=each.url,
        preview_url=each.preview_url or each.url,
        meta=_meta_of(each),
        description=each.description or None,
        blurhash=each.blurhash,
    )


def _theirs(
    instance: Instance, post: Post, place: int, each: Attachment
) -> entities.MediaAttachment:
    kind = _type(each)
    url, preview = each.url, each.preview_url
    if kind == "image":
        url, preview = instance.picture("whole", each.url), instance.picture("small", each.url)
    elif preview is not None:
        preview = instance.picture("small", preview)
    return entities.MediaAttachment(
        id=f"{post.id}{place:02d}",
        type=kind,
        url=url,
        preview_url=preview,
        remote_url=each.url,
        meta=_meta_of(each),
        description=each.description or None,
        blurhash=each.blurhash,
    )


def _type(each: Attachment) -> Type:
    kind = _TYPES.get(each.media_type.partition("/")[0], "unknown")
    # Some name no media type for what is a picture by its ending.
    if kind == "unknown" and not each.media_type and each.width and each.height:
        return "image"
    return kind


def _meta_of(each: Attachment) -> dict[str, Any]:
    return _meta(
        (each.width, each.height),
        (each.preview_width, each.preview_height),
        (each.focus_x, each.focus_y),
        each.duration,
    )


def _meta(
    whole: tuple[int | None, int | None],
    small: tuple[int | None, int | None],
    focus: tuple[float | None, float | None],
    duration: float | None,
) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if shape := _shape(*whole):
        meta["original"] = shape
    if duration is not None:
        meta["original"] = {**meta.get("original", {}), "duration": duration}
    if shape := _shape(*small) or _shape(*whole):
        meta["small"] = shape
    if focus[0] is not None and focus[1] is not None:
        meta["focus"] = {"x": focus[0], "y": focus[1]}
    return meta


def _shape(width: int | None, height: int | None) -> dict[str, Any] | None:
    if not width or not height:
        return None
    return {
        "width": width,
        "height": height,
        "size": f"{width}x{height}",
        "aspect": round(width / height, 6),
    }
