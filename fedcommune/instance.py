"""Who we are, and the address of everything we publish. No other module builds our URLs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Instance:
    """One commune's server: its domain, its name, its place on the map.

    *domain* is the authority in ASCII, lower case, with a port only in development.
    *scheme* is ``https``, or ``http`` in development.
    """

    domain: str
    name: str
    scheme: str = "https"
    insee: str = ""
    postal_codes: tuple[str, ...] = ()
    epci: str = ""
    latitude: float | None = None
    longitude: float | None = None
    timezone: str = "Europe/Paris"
    description: str = ""
    contact: str = ""
    language: str = "fr"

    @property
    def origin(self) -> str:
        """``https://commune.example``, without a slash at the end."""
        return f"{self.scheme}://{self.domain}"

    @property
    def host(self) -> str:
        """The domain without its port."""
        return self.domain.partition(":")[0]

    @property
    def shared_inbox(self) -> str:
        return f"{self.origin}/inbox"

    @property
    def actor(self) -> str:
        """The id of the instance actor."""
        return f"{self.origin}/actor"

    @property
    def territory(self) -> str:
        """The id of the Place that the commune is."""
        return f"{self.origin}/territory"

    def owns(self, iri: str | None) -> bool:
        """Tell whether *iri* stands on our own origin."""
        if not iri:
            return False
        parts = urlsplit(iri)
        return parts.scheme == self.scheme and parts.netloc.lower() == self.domain

    # ActivityPub ids: opaque, on one host, without query strings (W-DOC-02).

    def account(self, account_id: int) -> str:
        """The ActivityPub id of a local actor (the instance actor has its own: ``actor``)."""
        return f"{self.origin}/ap/actors/{account_id}"

    def post(self, post_id: int) -> str:
        return f"{self.origin}/ap/posts/{post_id}"

    def activity(self, activity_id: int) -> str:
        return f"{self.origin}/ap/activities/{activity_id}"

    def answer(self, verb: str, to: str) -> str:
        """The id of our one answer to the activity *to*: the same question, the same id."""
        digest = hashlib.sha256(f"{verb} {to}".encode()).hexdigest()[:32]
        return f"{self.origin}/ap/answers/{digest}"

    def link(self, link_id: int) -> str:
        """The id of the Relationship that a target of ours hosts."""
        return f"{self.origin}/ap/links/{link_id}"

    def collection(self, collection_id: int) -> str:
        """The id of a collection in which somebody recommends others (FEP-7aa9)."""
        return f"{self.origin}/ap/collections/{collection_id}"

    def collection_item(self, item_id: int) -> str:
        return f"{self.origin}/ap/collection-items/{item_id}"

    def stamp(self, item_id: int) -> str:
        """The id of the consent of an actor of ours to stand in a collection."""
        return f"{self.origin}/ap/stamps/{item_id}"

    def collections(self, actor_id: str) -> str:
        """The id of the collection of the collections of an actor of ours."""
        return f"{actor_id}/collections"

    def conversation(self, post_id: int) -> str:
        """The id of the thread that begins with the local post *post_id*."""
        return f"{self.origin}/ap/posts/{post_id}/context"

    # Pages for people.

    def profile_page(self, username: str) -> str:
        return f"{self.origin}/@{quote(username)}"

    def post_page(self, username: str, post_id: int) -> str:
        return f"{self.origin}/@{quote(username)}/{post_id}"

    def collection_page(self, collection_id: int) -> str:
        return f"{self.origin}/collections/{collection_id}"

    def tag_page(self, name: str) -> str:
        return f"{self.origin}/tags/{quote(name)}"

    def static(self, path: str) -> str:
        return f"{self.origin}/static/{path}"
