"""Mastodon: what it shows of what is no Note, and which actors it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from federation.names import PUBLIC
from tests.fediverse.peers import Unread

SUPPORTED: Final = ("Note", "Question")
CONVERTED: Final = ("Image", "Audio", "Video", "Article", "Page", "Event")
ACTORS: Final = ("Application", "Group", "Organization", "Person", "Service")
_MEDIA: Final = ("image", "video", "audio", "gifv")


@dataclass(frozen=True)
class Status:
    """What its readers see."""

    text: str
    spoiler: str
    visibility: str
    media: tuple[str, ...]
    tags: tuple[str, ...]
    language: str | None
    url: str


def status(document: Mapping[str, Any]) -> Status:
    """Return what it makes of *document*; :class:`Unread` when it would take nothing."""
    types = _many(document.get("type"))
    if not {*types} & {*SUPPORTED, *CONVERTED}:
        raise Unread(f"It does not know {types}.")
    if not _same_host(document["id"], _id(document["attributedTo"])):
        raise Unread("Who wrote it lives elsewhere.")
    url = _link(document.get("url")) or document["id"]
    text = document.get("content") or next(iter(document.get("contentMap", {}).values()), "")
    spoiler = document.get("summary") or ""
    if {*types} & {*CONVERTED}:
        # Never the content: the title, the summary, and where to read it.
        parts = [f"<h2>{escape(document.get('name') or '')}</h2>", spoiler, f'<a href="{url}">']
        text, spoiler = "\n\n".join(part for part in parts if part), ""
    return Status(
        text=text,
        spoiler=spoiler,
        visibility=_visibility(document),
        media=tuple(
            each["url"]
            for each in _many(document.get("attachment"))
            if str(each.get("mediaType")).split("/")[0] in _MEDIA and each.get("url")
        )[:4],
        tags=tuple(
            tag["name"].removeprefix("#")
            for tag in _many(document.get("tag"))
            if tag.get("type") == "Hashtag"
        ),
        language=next(iter(document.get("contentMap", {})), None),
        url=url if _same_host(url, document["id"]) else document["id"],
    )


def announced(activity: Mapping[str, Any]) -> str | None:
    """Return the post that it boosts for this Announce; an activity inside is not one."""
    inside = activity["object"]
    if isinstance(inside, str):
        return inside
    if {*_many(inside.get("type"))} & {*SUPPORTED, *CONVERTED}:
        return str(inside["id"])
    return None


def account(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the lines of the profile of an actor that it keeps."""
    if not {*_many(document.get("type"))} & {*ACTORS}:
        raise Unread("It keeps no such actors.")
    for name in ("inbox", "preferredUsername"):
        if not document.get(name):
            raise Unread(f"An actor needs {name}.")
    for name in ("inbox", "outbox", "followers", "featured"):
        if name in document and not _same_host(document[name], document["id"]):
            raise Unread(f"{name} is elsewhere.")
    key = document["publicKey"]
    if isinstance(key, list) or not key.get("publicKeyPem"):
        raise Unread("It takes one key.")
    lines = document.get("attachment", [])
    if not isinstance(lines, list):
        raise Unread("It shows a list of lines.")
    return {each["name"]: each["value"] for each in lines if each["type"] == "PropertyValue"}


def reply(who: Any, post_id: str, text: str, number: int, mentioned: str = "") -> dict[str, Any]:
    """A Create of an answer to *post_id*."""
    note = {
        "id": f"{who.id}/statuses/{number}",
        "type": "Note",
        "summary": None,
        "inReplyTo": post_id,
        "published": "2026-11-27T08:00:00Z",
        "url": f"{who.id}/statuses/{number}",
        "attributedTo": who.id,
        "to": [PUBLIC],
        "cc": [f"{who.id}/followers", *([mentioned] if mentioned else [])],
        "sensitive": False,
        "content": f"<p>{text}</p>",
        "contentMap": {"fr": f"<p>{text}</p>"},
        "attachment": [],
        "tag": [{"type": "Mention", "href": mentioned, "name": "@agenda"}] if mentioned else [],
    }
    return {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{note['id']}/activity",
        "type": "Create",
        "actor": who.id,
        "published": note["published"],
        "to": note["to"],
        "cc": note["cc"],
        "object": note,
    }


def _visibility(document: Mapping[str, Any]) -> str:
    if PUBLIC in _many(document.get("to")):
        return "public"
    return "unlisted" if PUBLIC in _many(document.get("cc")) else "private"


def _same_host(one: str, other: str) -> bool:
    return urlsplit(one).netloc == urlsplit(other).netloc


def _id(value: Any) -> str:
    first = value[0] if isinstance(value, list) else value
    return str(first["id"] if isinstance(first, Mapping) else first)


def _link(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((each for each in value if each.get("mediaType") == "text/html"), None)
    return str(value["href"]) if isinstance(value, Mapping) else value


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
