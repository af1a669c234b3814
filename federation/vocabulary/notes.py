"""Posts of strangers: Note and Question as they are, longer things turned into something short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from federation import documents, iris
from federation.documents import Kind
from federation.errors import RefusedError
from federation.names import POSTS
from federation.vocabulary import attachments, events, polls, quotes
from federation.vocabulary.attachments import Attachment
from federation.vocabulary.drafts import NoteDraft, tombstone, write
from federation.vocabulary.events import EventView
from federation.vocabulary.polls import Poll, PollOption
from federation.vocabulary.quotes import QuoteView
from federation.vocabulary.tags import Emoji, Mention, Tags
from federation.vocabulary.tags import read as read_tags

__all__ = [
    "Attachment",
    "Emoji",
    "EventView",
    "Mention",
    "NoteDraft",
    "NoteView",
    "Poll",
    "PollOption",
    "QuoteView",
    "Tags",
    "read",
    "tombstone",
    "write",
]

# Shown as title, summary and link, as Mastodon does; the others are shown as they are.
CONVERTED: Final = POSTS - {"Note", "Question"}

MAX_TITLE: Final = 500
MAX_WARNING: Final = 2_000
MAX_CONTENT: Final = 100_000
MAX_AUTHORS: Final = 10


@dataclass(frozen=True, slots=True)
class NoteView:
    """A stranger's post as we understand it.

    *content* is untrusted HTML: sanitise it. Of a converted type it is made of title,
    summary and link. *summary* is a content warning, in plain text. *to*, *cc* and
    *direct_flag* are what :func:`federation.audience.read` looks at; *document* is the
    whole. *is_vote* tells a ballot from a post (W-POLL-02): its choice is the *title*.
    """

    id: str
    type: str
    kind: str | None
    author: str
    authors: tuple[str, ...]
    content: str
    title: str
    summary: str
    sensitive: bool
    language: str | None
    in_reply_to: str | None
    conversation: str | None
    published: datetime | None
    updated: datetime | None
    url: str | None
    to: tuple[str, ...]
    cc: tuple[str, ...]
    audience: tuple[str, ...]
    direct_flag: bool | None
    mentions: tuple[Mention, ...]
    hashtags: tuple[str, ...]
    emojis: tuple[Emoji, ...]
    attachments: tuple[Attachment, ...]
    poll: Poll | None
    event: EventView | None
    quote: QuoteView | None
    is_vote: bool
    document: Mapping[str, Any]


def read(document: Mapping[str, Any]) -> NoteView:
    """Return the post that *document* is; whether it is authentic is not looked at here.

    RefusedError: no id, no type that we show, no author, or an author of another origin
    than the id. What has an unexpected type is left out, what is too much is cut.
    Source: W-DOC-05 to W-DOC-08, W-POLL-02, W-POLL-04, W-EVT-01, W-EVT-02, SEC-DOS-05,
    SEC-PAR-04; which types are converted and how: product 4.1.
    """
    note_id = documents.identifier(document)
    if note_id is None:
        raise RefusedError("A post must have an id.")
    type_ = next((name for name in documents.types(document) if name in POSTS), None)
    if type_ is None or documents.kind(document) is not Kind.OBJECT:
        raise RefusedError("This document is not a post.")
    authors = _authors(document, note_id)
    title = documents.natural(document, "name", limit=MAX_TITLE)[0].strip()
    summary = documents.natural(document, "summary", limit=MAX_CONTENT)[0]
    content, language = _content(document)
    url = _page(document, note_id)
    event = events.read(document) if type_ == "Event" else None
    in_reply_to = documents.iri(document.get("inReplyTo"))
    is_vote = type_ == "Note" and bool(title and in_reply_to) and not content.strip()
    if type_ in CONVERTED:
        content = _converted(title, summary, content, url or note_id, event)
        summary = ""
    return NoteView(
        id=note_id,
        type=type_,
        kind=_kind(document),
        author=authors[0],
        authors=authors,
        content=content,
        title=title,
        summary=summary[:MAX_WARNING].strip(),
        sensitive=documents.boolean(document.get("sensitive")) or False,
        language=language or documents.language(document.get("language")),
        in_reply_to=in_reply_to,
        conversation=_conversation(document, authors),
        published=documents.moment(document.get("published")),
        updated=documents.moment(document.get("updated")),
        url=url,
        to=_addressees(document, "to"),
        cc=_addressees(document, "cc"),
        audience=_addressees(document, "audience"),
        direct_flag=documents.boolean(document.get("directMessage")),
        attachments=attachments.read(document),
        poll=polls.read(document) if type_ == "Question" else None,
        event=event,
        quote=quotes.read(document),
        is_vote=is_vote,
        document=document,
        **_tags(document),
    )


def _tags(document: Mapping[str, Any]) -> dict[str, Any]:
    tags = read_tags(document.get("tag"))
    return {"mentions": tags.mentions, "hashtags": tags.hashtags, "emojis": tags.emojis}


def _authors(document: Mapping[str, Any], note_id: str) -> tuple[str, ...]:
    """Return who wrote it, a Person first: PeerTube names the account and the channel.

    Mobilizon attributes an event to the group and names its organiser in ``actor``.
    """
    values = documents.many(document.get("attributedTo"))[:MAX_AUTHORS]
    values.sort(key=lambda value: not (isinstance(value, Mapping) and _is_person(value)))
    authors = documents.iris(values)
    if not authors:
        raise RefusedError("A post must say who wrote it.")
    authors += [actor for actor in documents.iris(document.get("actor")) if actor not in authors]
    if not all(iris.same_origin(author, note_id) for author in authors):
        raise RefusedError("A post must be of its author's own server.")
    return tuple(authors)


def _is_person(document: Mapping[str, Any]) -> bool:
    return "Person" in documents.types(document)


def _content(document: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the content as HTML, whatever it was written in, and its language."""
    content, language = documents.natural(document, "content", limit=MAX_CONTENT)
    media_type = documents.string(document, "mediaType", limit=100) or "text/html"
    if media_type.startswith("text/") and media_type != "text/html":
        lines = (escape(line) for line in content.split("\n"))
        content = f"<p>{'<br>'.join(lines)}</p>" if content.strip() else ""
    return content, language


def _converted(title: str, summary: str, content: str, link: str, event: EventView | None) -> str:
    """Return title, summary and link as HTML; the content stands in for a missing summary.

    An event without summary tells its day and place, and that it was cancelled in any case.
    """
    parts = []
    if event is not None and event.status not in (None, "confirmed"):
        title = f"[{str(event.status).upper()}] {title}"
    if title:
        parts.append(f"<p><strong>{escape(title)}</strong></p>")
    if event is not None and event.facts and not summary.strip():
        parts.append(f"<p>{escape(event.facts)}</p>")
    text = summary.strip() or content.strip()
    if text:
        parts.append(text if text.startswith("<") else f"<p>{text}</p>")
    parts.append(f'<p><a href="{escape(link)}">{escape(link)}</a></p>')
    return "".join(parts)


def _page(document: Mapping[str, Any], note_id: str) -> str | None:
    """Return the page to read it on, when it is on the same server (W-DOC-02, SEC-ORI-08)."""
    address = documents.link(document.get("url"))
    return address if address is not None and iris.same_origin(address, note_id) else None


def _conversation(document: Mapping[str, Any], authors: tuple[str, ...]) -> str | None:
    # ``context`` is the word that leads somewhere (FEP-7888), the other is Mastodon's. What a
    # project needs stands in the context of the project itself: that is no conversation.
    context = documents.iri(document.get("context"))
    if context is None or context in authors:
        return documents.iri(document.get("conversation"))
    return context


def _kind(document: Mapping[str, Any]) -> str | None:
    value = document.get("cm:kind", document.get("kind"))
    return documents.clean(value)[:100].removeprefix("cm:") if isinstance(value, str) else None


def _addressees(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(documents.iris(documents.many(document.get(name))[: documents.MAX_ADDRESSES]))
