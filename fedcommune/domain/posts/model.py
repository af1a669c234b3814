"""What a post is, what somebody may write, and how far one page of posts goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from msgspec import Struct

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.media.model import Words
from fedcommune.domain.posts import choices, deals, occasions
from fedcommune.domain.posts.choices import Asked
from fedcommune.domain.posts.deals import Offer
from fedcommune.domain.posts.occasions import Occasion
from fedcommune.domain.posts.official import Given
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid
from federation.vocabulary import tags


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


MAX_CHARACTERS: Final = 5_000
MAX_WARNING: Final = 500
# Of the HTML that an app makes of as many characters.
MAX_MARKUP: Final = 20_000
MAX_REMOTE_HOSTS: Final = 50

# What we keep of a stranger's post (SEC-DOS-05): the rest is left out, the post is shown.
MAX_TAGS: Final = 100
MAX_MENTIONS: Final = 100
MAX_ATTACHMENTS: Final = 16
MAX_DESCRIPTION: Final = 10_000
MAX_TITLE: Final = 1_000
MAX_CONTENT: Final = 100_000

MAX_PAGE: Final = 40
MAX_LINKS: Final = 20
LAST_ID: Final = 2**63 - 1

# Before this moment nobody posted: a date that claims otherwise is only a date to show.
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Post(Struct, frozen=True):
    """One row of ``commune.post``. Times are UTC; ``content`` is sanitised HTML.

    ``tags`` are ActivityStreams tags as sent or received; ``in_reply_to`` is the object
    id of the parent, known here or not, ``parent_id`` its row when it is. A deleted post
    keeps its row, emptied, so that the thread around it holds. ``application`` names the
    program that one of ours was written with, when that is known.
    """

    id: int
    object_id: str
    url: str | None
    local: bool
    author_id: int
    type: str
    visibility: Visibility
    title: str
    content: str
    source: str
    summary: str
    sensitive: bool
    language: str | None
    in_reply_to: str | None
    parent_id: int | None
    conversation: str | None
    tags: tuple[Mapping[str, Any], ...]
    replies_count: int
    likes_count: int
    shares_count: int
    published_at: datetime
    edited_at: datetime | None
    received_at: datetime
    deleted_at: datetime | None
    application: str | None = None
    application_website: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, sound, film or document; ``description`` is its alt text.

    What hangs on a post of ours has a *media_id*, and stands here; the others stand elsewhere.
    The focus is from -1 to 1, *duration* in seconds.
    """

    url: str
    media_type: str = ""
    description: str = ""
    width: int | None = None
    height: int | None = None
    blurhash: str | None = None
    media_id: int | None = None
    preview_url: str | None = None
    preview_width: int | None = None
    preview_height: int | None = None
    focus_x: float | None = None
    focus_y: float | None = None
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """What a post said before an edit. ``number`` begins at 1 for the first version.

    ``options`` are what it asked to choose from, if it asked.
    """

    post_id: int
    number: int
    content: str
    source: str
    summary: str
    sensitive: bool
    written_at: datetime
    options: tuple[str, ...] | None = None


QuoteState = Literal["pending", "accepted", "rejected", "revoked"]
QuotePolicy = Literal["public", "followers", "nobody"]


@dataclass(frozen=True, slots=True)
class Quote:
    """What a post quotes: ``target`` is an object id, ``stamp`` where its author agrees.

    ``legacy``: said in words that ask nobody (W-QUO-01).
    """

    target: str
    state: QuoteState = "pending"
    legacy: bool = False
    stamp: str | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Who may quote a post besides its author, at once or after they agreed (W-QUO-03).

    ``public``, ``followers``, ``following``, or ids of actors.
    """

    automatic: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()


def approval_of(policy: QuotePolicy) -> Approval:
    """Return what *policy* means: nobody is everybody left out."""
    return Approval() if policy == "nobody" else Approval((policy,))


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say, before it is a post.

    ``text`` is Markdown as typed; ``summary`` the content warning; ``mentioned`` the
    accounts gathered for the handles in the text (``mentioned_in``): one that the text
    does not name is addressed silently. ``quoted`` is the post to quote; the subject of
    quotes turns it into ``quote``, which says whether its author agrees; ``stamped``: that is
    somebody else of ours, who says so by a stamp. ``quotes`` is who may quote what is written
    here; None leaves it as it is, or as its author usually has it. ``media`` is what hangs on
    it, in this order (None, for an edit: as it is), ``words`` what is said of some of that.
    ``content`` is HTML that an app made itself: it is cleaned and shown as it is, ``text``
    being its words, and names those of ``named`` however it writes them. Those of ``blind``
    are addressed without anybody else knowing. ``notice`` makes it an official notice.
    ``offer`` is what it offers or asks for; then it needs no text. ``event`` is when and where
    it takes place. ``recommends`` is whom it speaks well of: such words stand on that one's
    page, too. ``tells_of`` is the place of ours of which it tells.
    """

    text: str
    visibility: Visibility = Visibility.PUBLIC
    summary: str = ""
    sensitive: bool = False
    language: str | None = None
    in_reply_to: int | None = None
    mentioned: tuple[Account, ...] = ()
    poll: Asked | None = None
    application: str | None = None
    application_website: str | None = None
    quoted: int | None = None
    quote: Quote | None = None
    stamped: bool = False
    quotes: QuotePolicy | None = None
    media: tuple[int, ...] | None = None
    words: Mapping[int, Words] = field(default_factory=dict)
    content: str | None = None
    named: tuple[Account, ...] = ()
    blind: tuple[Account, ...] = ()
    notice: Given | None = None
    event: Occasion | None = None
    offer: Offer | None = None
    recommends: Account | None = None
    tells_of: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: older than ``max_id``, newer than ``since_id`` or ``min_id``.

    ``since_id`` gives the newest ones, ``min_id`` those that follow it immediately. The
    answer is newest first either way. Raises ValueError when ``limit`` is not 1 to 40.
    """

    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None
    limit: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_PAGE:
            raise ValueError(f"A page has 1 to {MAX_PAGE} entries.")

    @property
    def ceiling(self) -> int:
        """Ids are smaller than this: a number always, so that an index knows where to begin."""
        return LAST_ID if self.max_id is None else self.max_id

    @property
    def floor(self) -> int:
        """Ids are greater than this."""
        return self.above or 0

    @property
    def below(self) -> int | None:
        return self.max_id

    @property
    def above(self) -> int | None:
        return self.since_id if self.min_id is None else self.min_id

    @property
    def order(self) -> Literal["asc", "desc"]:
        """How to sort so that the limit cuts at the right end."""
        return "desc" if self.min_id is None else "asc"


FIRST_PAGE: Final = Page()


def checked(draft: Draft) -> Draft:
    """Return *draft* with tidy text.

    Raises :class:`Invalid` when it is empty, too long, or mentions people of too many
    other servers (SEC-DOS-07).
    """
    text = _tidy(draft.text)
    summary = " ".join(_tidy(draft.summary).split())
    shown = draft.quoted is not None or draft.quote is not None or draft.media or draft.offer
    if not text and not shown and draft.event is None:
        raise Invalid("text", _("Write something first."))
    if len(text) > MAX_CHARACTERS:
        raise Invalid(
            "text", _("A post has at most {limit} characters: shorten it."), limit=MAX_CHARACTERS
        )
    if len(summary) > MAX_WARNING:
        raise Invalid(
            "summary", _("A warning has at most {limit} characters: shorten it."), limit=MAX_WARNING
        )
    if draft.content is not None and len(draft.content) > MAX_MARKUP:
        raise Invalid(
            "text", _("The markup has at most {limit} characters: simplify it."), limit=MAX_MARKUP
        )
    addressed = (*draft.mentioned, *draft.named)
    hosts = {account.domain for account in (*addressed, *draft.blind) if not account.local}
    if len(hosts) > MAX_REMOTE_HOSTS:
        raise Invalid(
            "text",
            _("A post mentions people of at most {limit} servers: remove some."),
            limit=MAX_REMOTE_HOSTS,
        )
    return replace(
        draft,
        text=text,
        summary=summary,
        sensitive=draft.sensitive or bool(summary),
        mentioned=tuple({account.id: account for account in addressed}.values()),
        poll=None if draft.poll is None else choices.checked(draft.poll),
        event=None if draft.event is None else occasions.checked(draft.event),
        offer=None if draft.offer is None else deals.checked(draft.offer),
    )


def hashtags(names: Iterable[str]) -> list[str]:
    """Return the names as they are stored: lower case, without the sharp sign, each once."""
    tidy = (tags.hashtag(name) for name in names)
    return list(dict.fromkeys(name for name in tidy if name is not None))[:MAX_TAGS]


def _tidy(text: str) -> str:
    kept = text.replace("\r\n", "\n").replace("\x00", "")
    return kept.encode("utf-8", "ignore").decode().strip()
