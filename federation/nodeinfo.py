"""What a server says of itself, in figures: NodeInfo, out and in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from federation import documents, iris
from federation.errors import RefusedError
from federation.names import AS2, MAX_DISCOVERY
from federation.network import fetch as asking
from federation.webfinger import origin_of

if TYPE_CHECKING:
    from federation.network.client import Client

Version = Literal["2.0", "2.1"]

SCHEMA: Final = "http://nodeinfo.diaspora.software/ns/schema/"
APPLICATION: Final = f"{AS2}#Application"
_VERSIONS: Final[tuple[Version, ...]] = ("2.1", "2.0")
_NAME: Final = re.compile(r"[a-z0-9-]{1,64}")
_MAX_LINKS: Final = 50


@dataclass(frozen=True, slots=True)
class Figures:
    """How many people and posts; None where nobody counted."""

    users: int | None = None
    active_month: int | None = None
    active_halfyear: int | None = None
    local_posts: int | None = None


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """What another server says of itself: for people to read, never to decide by (W-NI-02)."""

    software: str
    version: str
    name: str | None
    open_registrations: bool
    figures: Figures


def discovery(origin: str, instance_actor: str) -> dict[str, Any]:
    """Return ``/.well-known/nodeinfo`` of *origin*, with its own actor (W-NI-01, FEP-2677)."""
    links = [
        {"rel": f"{SCHEMA}{version}", "href": f"{origin}/nodeinfo/{version}"}
        for version in reversed(_VERSIONS)
    ]
    return {"links": [*links, {"rel": APPLICATION, "href": instance_actor}]}


def content_type(version: Version) -> str:
    """Return the media type of a document of that version."""
    return f'application/json; profile="{SCHEMA}{version}#"'


def document(
    version: Version,
    *,
    software_version: str,
    figures: Figures,
    open_registrations: bool,
    name: str,
    description: str = "",
    staff: tuple[str, ...] = (),
    metadata: Mapping[str, Any] | None = None,
    repository: str | None = None,
    homepage: str | None = None,
) -> dict[str, Any]:
    """Return our NodeInfo document (W-NI-02, FEP-f1d5, FEP-0151).

    *staff* are actor ids. *repository* and *homepage* exist in 2.1 only. *metadata* is added to
    ``nodeName``, ``nodeDescription``, ``staffAccounts`` and ``federation``.
    """
    software = {"name": "fedcommune", "version": software_version}
    if version == "2.1":
        software |= {"repository": repository} if repository else {}
        software |= {"homepage": homepage} if homepage else {}
    users = {
        "total": figures.users,
        "activeMonth": figures.active_month,
        "activeHalfyear": figures.active_halfyear,
    }
    usage: dict[str, Any] = {"users": {key: n for key, n in users.items() if n is not None}}
    if figures.local_posts is not None:
        usage["localPosts"] = figures.local_posts
    return {
        "version": version,
        "software": software,
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": open_registrations,
        "usage": usage,
        "metadata": {
            "nodeName": name,
            "nodeDescription": description,
            "staffAccounts": list(staff),
            "federation": {"enabled": True},
            **(metadata or {}),
        },
    }


def read(answer: Mapping[str, Any]) -> NodeInfo:
    """Read a stranger's NodeInfo document. Raises RefusedError when it names no software."""
    software = _object(answer.get("software"))
    name = documents.string(software, "name", limit=64)
    if name is None or not _NAME.fullmatch(name.lower()):
        raise RefusedError("This server does not say which software it runs.")
    usage = _object(answer.get("usage"))
    users = _object(usage.get("users"))
    return NodeInfo(
        software=name.lower(),
        version=documents.string(software, "version", limit=128) or "",
        name=documents.string(_object(answer.get("metadata")), "nodeName", limit=256),
        open_registrations=documents.boolean(answer.get("openRegistrations")) or False,
        figures=Figures(
            users=documents.count(users.get("total")),
            active_month=documents.count(users.get("activeMonth")),
            active_halfyear=documents.count(users.get("activeHalfyear")),
            local_posts=documents.count(usage.get("localPosts")),
        ),
    )


async def fetch(client: Client, domain: str) -> NodeInfo:
    """Ask *domain* about itself, over https and on its own host only (W-NI-01).

    Raises RefusedError, UnavailableError or GoneError.
    """
    origin = origin_of(iris.domain(domain), client.reach)
    links, came_from = await _json(client, f"{origin}/.well-known/nodeinfo")
    href = _href(links)
    if not iris.same_origin(href, came_from):
        raise RefusedError("This server keeps its NodeInfo on another server.")
    answer, _ = await _json(client, href)
    return read(answer)


async def _json(client: Client, url: str) -> tuple[dict[str, Any], str]:
    return await asking.json(
        client,
        url,
        accept="application/json",
        limit=MAX_DISCOVERY,
        content_types=("application/json", "application/jrd+json"),
    )


def _href(answer: Mapping[str, Any]) -> str:
    links = [
        link
        for link in documents.many(answer.get("links"))[:_MAX_LINKS]
        if isinstance(link, Mapping) and isinstance(link.get("href"), str)
    ]
    for version in _VERSIONS:
        for link in links:
            if link.get("rel") == f"{SCHEMA}{version}":
                return str(link["href"])
    raise RefusedError("This server has no NodeInfo of a version that we read.")


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
