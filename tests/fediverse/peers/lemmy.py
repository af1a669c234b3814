"""Lemmy: its strict types. What has a word of another shape is not read at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from federation.names import PUBLIC
from tests.fediverse.peers import Unread
from tests.inbox.strangers import Stranger

PAGES: Final = ("Page", "Article", "Note", "Video", "Event")
CREATORS: Final = ("Person", "Service", "Organization")
_ATTACHED: Final = {"Link": "href", "Image": "url", "Document": "url"}


@dataclass(frozen=True)
class Post:
    """A post in one of its communities."""

    id: str
    creator: str
    community: str
    name: str
    body: str
    url: str | None


def page(document: Mapping[str, Any], types: Mapping[str, str]) -> Post:
    """Return the post that it reads; *types* are those of the actors, which it asks for."""
    if document.get("type") not in PAGES:
        raise Unread("The type is one word of its list.")
    if document.get("inReplyTo") is not None:
        raise Unread("This is a comment.")
    creator = document.get("attributedTo")
    if not isinstance(creator, str) or types.get(creator) not in CREATORS:
        raise Unread("Only a user can write a post.")
    if _host(creator) != _host(document["id"]):
        raise Unread("The creator is of another server.")
    for name in ("name", "content", "context"):
        _text(document, name)
    if document.get("mediaType") not in (None, "text/html", "text/markdown"):
        raise Unread("It reads HTML and Markdown.")
    attached = document.get("attachment", [])
    if not isinstance(attached, list):
        raise Unread("Attachments are a list.")
    for each in attached:
        field = _ATTACHED.get(each.get("type"))
        if field is None or not isinstance(each.get(field), str):
            raise Unread(f"It cannot read the attachment {each}.")
    image = document.get("image")
    if image is not None and (image.get("type") != "Image" or not isinstance(image["url"], str)):
        raise Unread("A picture is an Image.")
    if isinstance(document.get("language"), str):
        raise Unread("A language is an object.")
    if not isinstance(document.get("sensitive", False), bool):
        raise Unread("Sensitive or not.")
    to, cc = _urls(document, "to"), _urls(document, "cc")
    if PUBLIC not in (*to, *cc):
        raise Unread("A public community takes what is public.")
    audience = document.get("audience")
    groups = [audience] if audience else [*to, *cc]
    community = next((each for each in groups if types.get(each) == "Group"), None)
    if community is None:
        raise Unread("It is in no community.")
    title = document.get("name")
    if title is None and document["type"] != "Note":
        raise Unread("A post needs a title.")
    return Post(
        id=document["id"],
        creator=creator,
        community=community,
        name=title or "",
        body=document.get("content") or "",
        url=attached[0].get("href") or attached[0].get("url") if attached else None,
    )


def announced(activity: Mapping[str, Any], types: Mapping[str, str]) -> Post:
    """Return the post that a community announces: only as the Create or the Update of it."""
    if activity["type"] != "Announce" or types.get(activity["actor"]) != "Group":
        raise Unread("Only a community announces.")
    inner = activity["object"]
    if not isinstance(inner, Mapping) or not {"id", "actor", "type"} <= set(inner):
        raise Unread("A bare post cannot be received from a community.")
    if inner["type"] not in ("Create", "Update"):
        raise Unread("Its posts are created and updated.")
    for name in ("to", "cc"):
        if name not in inner:
            raise Unread(f"An activity needs {name}.")
    found = page(inner["object"], types)
    if found.creator != inner["actor"]:
        raise Unread("Somebody else wrote this.")
    if found.community != activity["actor"]:
        raise Unread("This is of another community.")
    if PUBLIC not in _urls(activity, "to"):
        raise Unread("A public community announces in public.")
    return found


def community(document: Mapping[str, Any]) -> str:
    """Return the name of a Group that it can show as a community."""
    if document.get("type") != "Group":
        raise Unread("A community is a Group.")
    for name in ("id", "preferredUsername", "inbox", "outbox"):
        _text(document, name, required=True)
    for name in ("name", "summary", "featured", "followers", "published", "updated"):
        _text(document, name)
    if set(document["publicKey"]) < {"id", "owner", "publicKeyPem"}:
        raise Unread("A key has an id, an owner and a PEM.")
    if "attributedTo" in document and not isinstance(document["attributedTo"], str | list):
        raise Unread("Moderators are a collection.")
    _text(document["endpoints"], "sharedInbox", required=True)
    return str(document.get("name") or document["preferredUsername"])


def user(document: Mapping[str, Any]) -> str:
    """Return the name of an actor that it shows as a user."""
    if document.get("type") not in CREATORS:
        raise Unread("A user is a Person, a Service or an Organization.")
    for name in ("id", "preferredUsername", "inbox", "outbox"):
        _text(document, name, required=True)
    return str(document["preferredUsername"])


# What it writes


def posted(
    who: Stranger, group: str, number: int, name: str = "Un four commun ?"
) -> dict[str, Any]:
    """A Page of *who* in the community *group*."""
    return {
        "type": "Page",
        "id": who.server.url(who.host, f"/post/{number}"),
        "attributedTo": who.id,
        "to": [group, PUBLIC],
        "name": name,
        "cc": [],
        "content": "<p>Qui en veut un ?</p>",
        "mediaType": "text/html",
        "source": {"content": "Qui en veut un ?", "mediaType": "text/markdown"},
        "attachment": [],
        "sensitive": False,
        "published": "2026-11-26T08:00:00.000000Z",
        "language": {"identifier": "fr", "name": "Français"},
        "audience": group,
        "tag": [],
    }


def activity(
    type_: str, who: Stranger, object_: object, group: str, number: int, **more: Any
) -> dict[str, Any]:
    """An activity of *who* in the community *group*."""
    return {
        "@context": [
            "https://join-lemmy.org/context.json",
            "https://www.w3.org/ns/activitystreams",
        ],
        "id": who.server.url(who.host, f"/activities/{type_.lower()}/{number}"),
        "type": type_,
        "actor": who.id,
        "to": [PUBLIC],
        "cc": [group],
        "audience": group,
        "object": object_,
        **more,
    }


def _text(document: Mapping[str, Any], name: str, *, required: bool = False) -> None:
    value = document.get(name)
    if not isinstance(value, str) and (required or value is not None):
        raise Unread(f"{name} is a text.")


def _urls(document: Mapping[str, Any], name: str) -> list[str]:
    value = document.get(name, [])
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in found):
        raise Unread(f"{name} holds addresses.")
    return found


def _host(iri: str) -> str:
    return urlsplit(iri).netloc
