"""Quotes: what a post quotes, who may quote it, how one asks, and the stamp that says yes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from federation import documents
from federation.errors import RefusedError
from federation.names import LD_JSON_AS2, PUBLIC, PUBLIC_SPELLINGS

# The word of FEP-044f, and those that others had before.
WORD: Final = "quote"
OLD_WORDS: Final = ("quoteUri", "quoteUrl", "_misskey_quote")
_REL: Final = "https://misskey-hub.net/ns#_misskey_quote"
_AS2_LINKS: Final = ("application/activity+json", "application/ld+json")
MAX_APPROVERS: Final = 100


@dataclass(frozen=True, slots=True)
class QuoteView:
    """What a stranger's post quotes.

    *stamp* is where it says that the quoted author agreed: nothing of it is believed before
    it was asked for. *legacy*: only the words of before name it, so nobody was asked.
    """

    target: str
    stamp: str | None = None
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class PolicyView:
    """Who may quote: ``public``, ``followers``, ``following``, or ids of actors."""

    automatic: tuple[str, ...] = ()
    manual: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A QuoteAuthorization: *author* lets the post *quoting* quote the post *quoted*."""

    id: str
    author: str
    quoting: str
    quoted: str


def read(document: Mapping[str, Any]) -> QuoteView | None:
    """Return what a post quotes, under whatever word. Source: W-QUO-01, FEP-044f, FEP-e232."""
    found = documents.link(document.get(WORD))
    if found is not None:
        return QuoteView(found, documents.link(document.get("quoteAuthorization")))
    for word in OLD_WORDS:
        found = documents.link(document.get(word))
        if found is not None:
            return QuoteView(found, legacy=True)
    found = _tagged(document)
    return None if found is None else QuoteView(found, legacy=True)


def _tagged(document: Mapping[str, Any]) -> str | None:
    """Return what a Link among the tags says to be quoted; other object links are only links."""
    for tag in documents.many(document.get("tag"))[: documents.MAX_ADDRESSES]:
        if not isinstance(tag, Mapping) or "Link" not in documents.types(tag):
            continue
        media_type = documents.string(tag, "mediaType", limit=200) or ""
        rel = [each for each in documents.many(tag.get("rel")) if isinstance(each, str)]
        if media_type.startswith(_AS2_LINKS) and _REL in rel:
            found = documents.link(tag.get("href"))
            if found is not None:
                return found
    return None


def read_policy(
    document: Mapping[str, Any], *, followers: str | None, following: str | None = None
) -> PolicyView | None:
    """Return who may quote a post, None when it does not say.

    *followers* and *following* are the ids of its author's collections. Source: W-QUO-03.
    """
    policy = documents.one(document.get("interactionPolicy"))
    rule = documents.one(policy.get("canQuote")) if isinstance(policy, Mapping) else None
    if not isinstance(rule, Mapping):
        return None
    names = dict.fromkeys(PUBLIC_SPELLINGS, "public")
    names |= {followers: "followers"} if followers else {}
    names |= {following: "following"} if following else {}

    def named(word: str) -> tuple[str, ...]:
        said = documents.iris(documents.many(rule.get(word))[:MAX_APPROVERS])
        return tuple(dict.fromkeys(names.get(each, each) for each in said))

    return PolicyView(named("automaticApproval"), named("manualApproval"))


def write_policy(automatic: Iterable[str], *, author: str, followers: str | None) -> dict[str, Any]:
    """Return ``interactionPolicy`` for a post of ours; nobody else is its own author alone."""
    names = {"public": PUBLIC, "followers": followers}
    allowed = [found for each in automatic if (found := names.get(each)) is not None]
    return {"canQuote": {"automaticApproval": allowed or [author]}}


def write(target: str, stamp: str | None) -> dict[str, Any]:
    """Return the properties with which a post says what it quotes. Source: W-QUO-01."""
    words: dict[str, Any] = {WORD: target, "quoteUri": target, "_misskey_quote": target}
    return words if stamp is None else {**words, "quoteAuthorization": stamp}


def link_tag(target: str, name: str) -> dict[str, Any]:
    """Return the tag that says the same (FEP-e232)."""
    return {"type": "Link", "mediaType": LD_JSON_AS2, "rel": _REL, "href": target, "name": name}


def inline(address: str) -> str:
    """Return the HTML by which who knows no quotes finds what is quoted; it stands first."""
    shown = escape(address)
    return f'<p class="quote-inline">RE: <a href="{shown}">{shown}</a></p>'


def write_stamp(stamp: Stamp) -> dict[str, Any]:
    """Return a QuoteAuthorization, without ``@context``. Source: W-QUO-02."""
    return {
        "id": stamp.id,
        "type": "QuoteAuthorization",
        "attributedTo": stamp.author,
        "interactingObject": stamp.quoting,
        "interactionTarget": stamp.quoted,
    }


def read_stamp(document: Mapping[str, Any]) -> Stamp:
    """Return the stamp that *document* is; it must have been fetched from where it is kept.

    Raises RefusedError when it is none, or leaves anything open.
    """
    authors = documents.iris(document.get("attributedTo"))
    quoting = documents.iri(document.get("interactingObject"))
    quoted = documents.iri(document.get("interactionTarget"))
    stamp_id = documents.identifier(document)
    if (
        "QuoteAuthorization" not in documents.types(document)
        or len(authors) != 1
        or stamp_id is None
        or quoting is None
        or quoted is None
    ):
        raise RefusedError("This does not say who may quote what.")
    return Stamp(stamp_id, authors[0], quoting, quoted)
