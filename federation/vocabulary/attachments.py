"""Pictures, sounds and other files of a post, in and out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation import documents

MAX_ATTACHMENTS: Final = 16
MAX_ALT: Final = 10_000
MAX_PIXELS: Final = 100_000
_TYPES: Final = frozenset({"Document", "Image", "Video", "Audio"})
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9]{1,64}/[a-z0-9.+-]{1,100}")
_DURATION: Final = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")
_BLURHASH: Final = re.compile(r"[0-9A-Za-z#$%*+,\-.:;=?@\[\]^_{|}~]{6,160}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside a post: its address, its media type, a description in plain text.

    *duration* is in seconds, *icon* a picture that stands for a film or a sound.
    """

    url: str
    media_type: str = ""
    description: str = ""
    width: int | None = None
    height: int | None = None
    blurhash: str | None = None
    focus: tuple[float, float] | None = None
    duration: float | None = None
    icon: str | None = None


def read(document: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Return the first 16 files of *document*; a post that is an Image is its own file.

    The description is ``summary`` (GoToSocial) or ``name`` (everybody). Links and
    everything that is not a file are left out. Source: W-DOC-06, SEC-DOS-05.
    """
    values = documents.many(document.get("attachment"))[: MAX_ATTACHMENTS * 4]
    types = documents.types(document)
    if not values and ("Image" in types or "Audio" in types):
        values = [document]
    elif not values or "Page" in types:
        values = [*values, *documents.many(document.get("image"))[:1]]
    found: dict[str, Attachment] = {}
    for item in values:
        if isinstance(item, Mapping) and _TYPES.intersection(documents.types(item)):
            file = _file(item)
            if file is not None:
                found.setdefault(file.url, file)
    return tuple(found.values())[:MAX_ATTACHMENTS]


def _file(item: Mapping[str, Any]) -> Attachment | None:
    address = documents.one(item.get("url")) or item.get("href")
    media_type = item.get("mediaType")
    if isinstance(address, Mapping):
        media_type = media_type or address.get("mediaType")
    url = documents.link(address)
    if url is None:
        return None
    if not isinstance(media_type, str) or not _MEDIA_TYPE.fullmatch(media_type.lower()):
        media_type = ""
    description = documents.natural(item, "summary", limit=MAX_ALT)[0]
    blurhash = documents.string(item, "blurhash", limit=200)
    return Attachment(
        url=url,
        media_type=media_type.lower(),
        description=description or documents.natural(item, "name", limit=MAX_ALT)[0],
        width=_pixels(item.get("width")),
        height=_pixels(item.get("height")),
        blurhash=blurhash if blurhash and _BLURHASH.fullmatch(blurhash) else None,
        focus=_focus(item.get("focalPoint")),
        duration=_seconds(item.get("duration")),
        icon=documents.link(_icon(item)),
    )


def _icon(item: Mapping[str, Any]) -> Any:
    icon = documents.one(item.get("icon"))
    return icon.get("url") or icon.get("href") if isinstance(icon, Mapping) else icon


def _seconds(value: object) -> float | None:
    """Return a duration as PeerTube and Mastodon write it (``PT1M2.5S``), in seconds."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) and len(value) < 40 else None
    if found is None or not any(found.groups()):
        return None
    hours, minutes, seconds = (float(each or 0) for each in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def _pixels(value: object) -> int | None:
    found = documents.number(value)
    return found if found is not None and 0 < found <= MAX_PIXELS else None


def _focus(value: object) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    across, up = (documents.decimal(item) for item in value)
    if across is None or up is None or abs(across) > 1 or abs(up) > 1:
        return None
    return across, up


def write(attachment: Attachment) -> dict[str, Any]:
    """Return the document of one file; an Image or a Document, which Lemmy understands too.

    The description goes into ``name`` (for all) and ``summary`` (for GoToSocial). Source:
    W-DOC-06, product 8.0 rule 2.
    """
    document: dict[str, Any] = {
        "type": "Image" if attachment.media_type.startswith("image/") else "Document",
        "mediaType": attachment.media_type or None,
        "url": attachment.url,
        "name": attachment.description or None,
        "summary": attachment.description or None,
        "width": attachment.width,
        "height": attachment.height,
        "blurhash": attachment.blurhash,
        "duration": None if attachment.duration is None else f"PT{attachment.duration:.3f}S",
        "icon": {"type": "Image", "url": attachment.icon} if attachment.icon else None,
        "focalPoint": list(attachment.focus) if attachment.focus else None,
    }
    return {name: value for name, value in document.items() if value is not None}
