"""From a handle to an actor and back, believed only when both sides agree."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException, ElementTree

from federation import documents, iris
from federation.errors import RefusedError
from federation.iris import Reach
from federation.names import ACTIVITY_JSON, AS2, JRD_JSON, MAX_DISCOVERY, XRD_XML
from federation.network import fetch
from federation.network.answers import is_as2

if TYPE_CHECKING:
    from federation.keys import Signer
    from federation.network.client import Client

PROFILE_PAGE: Final = "http://webfinger.net/rel/profile-page"
AVATAR: Final = "http://webfinger.net/rel/avatar"
SUBSCRIBE: Final = "http://ostatus.org/schema/1.0/subscribe"
INTENT: Final = "https://w3id.org/fep/3b86/"
SERVICE: Final = f"{AS2}#Service"

_MAX_USERNAME: Final = 2048
_MAX_LINKS: Final = 100
_USERNAME: Final = re.compile(r"[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*", re.IGNORECASE | re.ASCII)
_XRD_LINK: Final = "{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link"
_XML_TYPES: Final = frozenset({XRD_XML, "application/xml", "text/xml"})
_JRD_TYPES: Final = frozenset({JRD_JSON, "application/json"})


@dataclass(frozen=True, slots=True)
class Handle:
    """``username@domain``; the domain in ASCII, with a port only in development."""

    username: str
    domain: str

    def __str__(self) -> str:
        return f"{self.username}@{self.domain}"

    def matches(self, other: Handle) -> bool:
        """Tell whether both are the same handle: the case of the username does not matter."""
        return self.domain == other.domain and self.username.lower() == other.username.lower()


# What we are asked


def parse_handle(text: str) -> Handle:
    """Read ``@a@b``, ``a@b`` or ``acct:a@b``. Raises RefusedError.

    The username follows W-WF-06; a server's own actor may be called by its domain (FEP-d556).
    The domain is brought into its one spelling (SEC-ORI-09).
    """
    if not isinstance(text, str) or len(text) > _MAX_USERNAME + 256:
        raise RefusedError("This is not a handle: write it like name@commune.example.")
    bare = text[5:] if text[:5].lower() == "acct:" else text
    username, at, name = bare.removeprefix("@").rpartition("@")
    if not at:
        raise RefusedError("This is not a handle: write it like name@commune.example.")
    domain = iris.domain(name)
    if len(username) > _MAX_USERNAME or not (
        _USERNAME.fullmatch(username) or username.lower() == domain
    ):
        raise RefusedError("This name contains characters that no name may contain.")
    return Handle(username, domain)


def parse_resource(resource: str) -> Handle | str:
    """Read the ``resource`` of a WebFinger question: a handle, or a web address normalised.

    Whose it is, the caller looks up: an actor's id, a profile page, or the bare origin for the
    server's own actor (W-WF-02). Raises RefusedError(400).
    """
    if isinstance(resource, str) and resource[:8].lower().startswith(("https://", "http://")):
        return iris.without_fragment(iris.check(resource, Reach(development=True)))
    return parse_handle(resource)


def jrd(
    subject: Handle,
    actor_id: str,
    profile: str,
    *,
    subscribe_template: str,
    share_template: str | None = None,
    avatar: str | None = None,
    avatar_type: str | None = None,
    service: bool = False,
    rel: Collection[str] = (),
) -> dict[str, Any]:
    """Return the JRD of one of our actors (W-WF-03).

    *subject* is the canonical handle, whatever was asked. *subscribe_template* contains
    ``{uri}``, *share_template* ``{content}``; both lead to a page that asks before it acts
    (FEP-3b86). *service* marks the server's own actor (FEP-d556). *rel* filters the links.
    """
    intent = subscribe_template.replace("{uri}", "{object}")
    links: list[dict[str, str]] = [
        {"rel": "self", "type": ACTIVITY_JSON, "href": actor_id},
        {"rel": PROFILE_PAGE, "type": "text/html", "href": profile},
        {"rel": SUBSCRIBE, "template": subscribe_template},
        {"rel": f"{INTENT}Object", "template": intent},
    ]
    if share_template is not None:
        links.append({"rel": f"{INTENT}Create", "template": share_template})
    if avatar is not None:
        kind = {"type": avatar_type} if avatar_type else {}
        links.append({"rel": AVATAR, **kind, "href": avatar})
    if service:
        links.append({"rel": SERVICE, "type": ACTIVITY_JSON, "href": actor_id})
    return {
        "subject": f"acct:{subject}",
        "aliases": list(dict.fromkeys((profile, actor_id))),
        "links": [link for link in links if not rel or link["rel"] in rel],
    }


def host_meta(origin: str) -> bytes:
    """Return the host-meta of *origin* (``https://host``): where WebFinger is (W-WF-04)."""
    template = quoteattr(f"{origin}/.well-known/webfinger?resource={{uri}}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" type="{JRD_JSON}" template={template}/>\n'
        "</XRD>\n"
    ).encode()


# What we ask


async def resolve(client: Client, handle: Handle, *, signer: Signer | None = None) -> str:
    """Return the id of the actor that *handle*'s domain names (the first half of W-WF-05).

    When the answer speaks of another handle, that handle's own domain must name the same actor.
    The actor's side is checked by ``confirm``; ``discover`` does both. Raises RefusedError
    (404: nobody of that name), UnavailableError or GoneError.
    """
    subject, actors = await _lookup(client, handle)
    if not subject.matches(handle):
        again, elsewhere = await _lookup(client, subject)
        if not again.matches(subject) or actors[0] not in elsewhere:
            raise RefusedError("The two servers do not agree on who this is.")
    return actors[0]


async def confirm(
    client: Client, actor_document: Mapping[str, Any], *, signer: Signer | None = None
) -> Handle:
    """Return the handle on which an authentic actor document and its domain agree (W-WF-05).

    Begins with what the actor says (``webfinger``, FEP-2c59, or ``preferredUsername`` on the
    host of its id). The domain must name this very actor; when it speaks of another handle,
    that handle's own domain is asked, once, and must name it too. Raises RefusedError,
    UnavailableError or GoneError.
    """
    actor_id = documents.identifier(actor_document)
    if actor_id is None:
        raise RefusedError("An actor without an id has no handle.")
    claimed = _claimed(actor_document, actor_id)
    subject, actors = await _lookup(client, claimed)
    if actor_id not in actors:
        raise RefusedError("The server of this handle names another actor.")
    if subject.matches(claimed):
        return subject
    again, elsewhere = await _lookup(client, subject)
    if not again.matches(subject) or actor_id not in elsewhere:
        raise RefusedError("The server of this handle names another actor.")
    return subject


async def discover(
    client: Client, handle: Handle, *, signer: Signer | None
) -> tuple[dict[str, Any], Handle]:
    """Return the authentic actor document behind *handle*, and the handle both sides confirm.

    Raises RefusedError, UnavailableError or GoneError.
    """
    actor_id = await resolve(client, handle)
    actor = await fetch.document(client, actor_id, signer=signer)
    if documents.identifier(actor) != actor_id:
        raise RefusedError("The server of this handle names another actor.")
    return actor, await confirm(client, actor)


def _claimed(actor: Mapping[str, Any], actor_id: str) -> Handle:
    webfinger = documents.string(actor, "webfinger", limit=_MAX_USERNAME)
    if webfinger:
        return parse_handle(webfinger)
    username = documents.string(actor, "preferredUsername", limit=_MAX_USERNAME + 1)
    if not username:
        raise RefusedError("This actor does not say how it is called.")
    return parse_handle(f"{username}@{iris.authority(actor_id)}")


async def _lookup(client: Client, handle: Handle) -> tuple[Handle, list[str]]:
    """Return the subject of *handle*'s JRD and the actors it links to, one at least.

    Asked unsigned: WebFinger is open even where everything else is not.
    """
    origin = origin_of(handle.domain, client.reach)
    resource = f"acct:{handle}"
    url = f"{origin}/.well-known/webfinger?resource={quote(resource, safe=':@')}"
    try:
        answer = await _jrd(client, url)
    except RefusedError as error:
        if error.status_code != 404:
            raise
        template = await _lrdd(client, f"{origin}/.well-known/host-meta", unless=error)
        url = template.replace("{uri}", quote(resource, safe=""))
        answer = await _jrd(client, url)
    subject = documents.string(answer, "subject", limit=_MAX_USERNAME + 256)
    if not subject:
        raise RefusedError("The answer does not say who it is about.")
    return parse_handle(subject), _self_links(answer)


async def _jrd(client: Client, url: str) -> dict[str, Any]:
    answer, _ = await fetch.json(
        client,
        url,
        accept=f"{JRD_JSON}, application/json;q=0.9",
        limit=MAX_DISCOVERY,
        content_types=_JRD_TYPES,
    )
    return answer


async def _lrdd(client: Client, url: str, *, unless: RefusedError) -> str:
    """Return the WebFinger template of a host-meta; raise *unless* when it leads nowhere."""
    try:
        response = await client.get(url, accept=XRD_XML, limit=MAX_DISCOVERY)
    except RefusedError as error:
        raise unless from error
    if response.media_type not in _XML_TYPES:
        raise unless
    for link in read_xrd(response.body):
        template = link.get("template", "")
        if link.get("rel") == "lrdd" and template.count("{uri}") == 1:
            return template
    raise unless


def read_xrd(body: bytes) -> list[dict[str, str]]:
    """Return the attributes of each Link of an XRD, a hundred at most.

    Document types and entities are refused (SEC-PAR-06). Raises RefusedError.
    """
    try:
        root = ElementTree.fromstring(body, forbid_dtd=True)
    except (DefusedXmlException, ParseError, ValueError, LookupError) as error:
        raise RefusedError("This XML cannot be read.") from error
    return [dict(link.attrib) for link in root.findall(_XRD_LINK)[:_MAX_LINKS]]


def _self_links(answer: Mapping[str, Any]) -> list[str]:
    """Return the actors an answer links to; a name shared by a person and a group has two."""
    found = [
        link["href"]
        for link in documents.many(answer.get("links"))[:_MAX_LINKS]
        if isinstance(link, Mapping)
        and link.get("rel") == "self"
        and isinstance(link.get("type"), str)
        and is_as2(link["type"])
        and isinstance(link.get("href"), str)
    ]
    if not found:
        raise RefusedError("The answer leads to no actor.")
    return found


def origin_of(domain: str, reach: Reach) -> str:
    """Return the origin at which *domain* is asked: plain http only for a machine of our own."""
    host, _, port = domain.partition(":")
    local = port or host == "localhost" or host.endswith(".localhost")
    return f"{'http' if reach.development and local else 'https'}://{domain}"
