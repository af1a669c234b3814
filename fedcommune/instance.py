"""Who we are, and the address of everything we publish. No other module builds our URLs."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Instance:
    """One commune's server: its domain, its name, its place on the map.

    *domain* is the authority in ASCII, lower case, with a port only in development.
    *scheme* is ``https``, or ``http`` in development. *media_host* is another authority for
    files, *copy_key* what signs the addresses of our copies of strangers' pictures.
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
    media_host: str = ""
    copy_key: bytes = field(default=b"", repr=False)

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
    def oauth_authorization(self) -> str:
        """Where a person says that an app may act for them."""
        return f"{self.origin}/oauth/authorize"

    @property
    def oauth_token(self) -> str:
        """Where an app gets its token."""
        return f"{self.origin}/oauth/token"

    @property
    def proxy(self) -> str:
        """Where an app asks for documents of other servers."""
        return f"{self.origin}/ap/proxy"

    @property
    def uploads(self) -> str:
        """Where an app sends pictures, sounds and films."""
        return f"{self.origin}/ap/uploads"

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

    def place(self, place_id: int) -> str:
        return f"{self.origin}/ap/places/{place_id}"

    def series(self, series_id: int) -> str:
        """The id of what takes place again and again."""
        return f"{self.origin}/ap/series/{series_id}"

    def activity(self, activity_id: int) -> str:
        return f"{self.origin}/ap/activities/{activity_id}"

    def answer(self, verb: str, to: str) -> str:
        """The id of our one answer to the activity *to*: the same question, the same id."""
        digest = hashlib.sha256(f"{verb} {to}".encode()).hexdigest()[:32]
        return f"{self.origin}/ap/answers/{digest}"

    def upload(self, media_id: int) -> str:
        """The id of what somebody sent to be attached; only they read it."""
        return f"{self.origin}/ap/uploads/{media_id}"

    def link(self, link_id: int) -> str:
        """The id of the Relationship that a target of ours hosts."""
        return f"{self.origin}/ap/links/{link_id}"

    def member(self, link_id: int) -> str:
        """The id of the same link as Mobilizon's Member."""
        return f"{self.link(link_id)}/member"

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

    def quote_stamp(self, post_id: int, quoting_id: int) -> str:
        """The id of the QuoteAuthorization with which a post of ours lets another quote it."""
        return f"{self.origin}/ap/posts/{post_id}/quote_authorizations/{quoting_id}"

    def emoji(self, emoji_id: int) -> str:
        """The id of a picture of ours that stands for a word."""
        return f"{self.origin}/ap/emojis/{emoji_id}"

    # Files.

    @property
    def media_origin(self) -> str:
        """Where files are: on an origin of their own when there is one (W-ORI-06)."""
        return f"{self.scheme}://{self.media_host or self.domain}"

    def media(self, name: str) -> str:
        """Where the file *name* of our store is shown."""
        return f"{self.media_origin}/media/{name}"

    def is_media(self, url: str) -> bool:
        """Tell whether *url* is that of a file of ours, or of something else of ours."""
        return url.startswith((f"{self.media_origin}/", f"{self.origin}/"))

    def copy(self, purpose: str, url: str) -> str:
        """Where our copy of a stranger's picture is shown: nobody can ask for another's address.

        *purpose* is what it is shown as (``whole``, ``small``, ``face``, ``banner``,
        ``emoji``); it is signed together with *url* (SEC-MED-06).
        """
        written = base64.urlsafe_b64encode(url.encode()).rstrip(b"=").decode()
        return (
            f"{self.media_origin}/media/copies/{purpose}/{self.copy_seal(purpose, url)}/{written}"
        )

    def copy_seal(self, purpose: str, url: str) -> str:
        """Return what only we can say of *purpose* and *url*."""
        if not self.copy_key:
            raise ValueError("Without a key nothing is signed.")
        said = f"{purpose} {url}".encode()
        return hmac.new(self.copy_key, said, hashlib.sha256).hexdigest()[:32]

    def picture(self, purpose: str, url: str) -> str:
        """Where *url*, ours or a stranger's, is shown to people here."""
        return url if self.is_media(url) else self.copy(purpose, url)

    # Pages for people.

    def profile_page(self, username: str) -> str:
        return f"{self.origin}/@{quote(username)}"

    def post_page(self, username: str, post_id: int) -> str:
        return f"{self.origin}/@{quote(username)}/{post_id}"

    def event_page(self, post_id: int) -> str:
        return f"{self.origin}/events/{post_id}"

    def classified_page(self, post_id: int) -> str:
        return f"{self.origin}/classifieds/{post_id}"

    def place_page(self, place_id: int) -> str:
        return f"{self.origin}/places/{place_id}"

    def collection_page(self, collection_id: int) -> str:
        return f"{self.origin}/collections/{collection_id}"

    def tag_page(self, name: str) -> str:
        return f"{self.origin}/tags/{quote(name)}"

    def static(self, path: str) -> str:
        return f"{self.origin}/static/{path}"
