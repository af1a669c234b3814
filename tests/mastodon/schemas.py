"""The entities as Mastodon documents them: what is there, of which kind, and what may be null.

Written by hand from docs.joinmastodon.org/entities. A field that we add on top is allowed;
one that is missing, or of another kind, is not.
"""

from __future__ import annotations

from typing import Any

from tests.mastodon.kinds import Check as Check
from tests.mastodon.kinds import address as address
from tests.mastodon.kinds import both as both
from tests.mastodon.kinds import count as count
from tests.mastodon.kinds import day as day
from tests.mastodon.kinds import fraction as fraction
from tests.mastodon.kinds import identifier as identifier
from tests.mastodon.kinds import later
from tests.mastodon.kinds import listed as listed
from tests.mastodon.kinds import mapped as mapped
from tests.mastodon.kinds import maybe as maybe
from tests.mastodon.kinds import moment as moment
from tests.mastodon.kinds import null as null
from tests.mastodon.kinds import number as number
from tests.mastodon.kinds import one_of as one_of
from tests.mastodon.kinds import shaped as shaped
from tests.mastodon.kinds import text as text
from tests.mastodon.kinds import truth as truth

EMOJI = shaped(
    {
        "shortcode": text,
        "url": address,
        "static_url": address,
        "visible_in_picker": truth,
        "category": maybe(text),
    }
)
_APPROVED = one_of("public", "followers", "following", "unsupported_policy")
FIELD = shaped({"name": text, "value": text, "verified_at": maybe(moment)})
ACCOUNT = shaped(
    {
        "id": identifier,
        "username": text,
        "acct": text,
        "url": address,
        "uri": address,
        "display_name": text,
        "note": text,
        "avatar": address,
        "avatar_static": address,
        "avatar_description": text,
        "header": address,
        "header_static": address,
        "header_description": text,
        "locked": truth,
        "fields": listed(FIELD),
        "emojis": listed(EMOJI),
        "bot": truth,
        "group": truth,
        "discoverable": maybe(truth),
        "indexable": truth,
        "noindex": maybe(truth),
        "memorial": truth,
        "suspended": truth,
        "limited": truth,
        "moved": maybe(later("ACCOUNT", __name__)),
        "created_at": moment,
        "last_status_at": maybe(day),
        "statuses_count": count,
        "followers_count": count,
        "following_count": count,
        "hide_collections": maybe(truth),
        "show_media": truth,
        "show_media_replies": truth,
        "show_featured": truth,
        "roles": listed(shaped({"id": identifier, "name": text, "color": text})),
        "feature_approval": shaped(
            {
                "automatic": listed(_APPROVED),
                "manual": listed(_APPROVED),
                "current_user": one_of("automatic", "manual", "denied", "unknown", "missing"),
            }
        ),
    }
)
_SIZE = shaped({"width": count, "height": count, "size": text, "aspect": fraction})
_FOCUS = shaped({"x": fraction, "y": fraction})


def _meta(value: Any, where: str) -> None:
    """What is known of a file: of films and sounds more, and in words of their own."""
    shaped({})(value, where)
    if "focus" in value:
        _FOCUS(value["focus"], f"{where}.focus")
    for name in ("original", "small"):
        if "size" in value.get(name, {}):
            _SIZE(value[name], f"{where}.{name}")


MEDIA = shaped(
    {
        "id": identifier,
        "type": one_of("unknown", "image", "gifv", "video", "audio"),
        "url": maybe(address),
        "preview_url": maybe(address),
        "remote_url": maybe(address),
        "meta": maybe(_meta),
        "description": maybe(text),
        "blurhash": maybe(text),
    }
)
MENTION = shaped({"id": identifier, "username": text, "url": address, "acct": text})
POLL = shaped(
    {
        "id": identifier,
        "expires_at": maybe(moment),
        "expired": truth,
        "multiple": truth,
        "votes_count": count,
        "voters_count": maybe(count),
        "options": listed(shaped({"title": text, "votes_count": maybe(count)})),
        "emojis": listed(EMOJI),
        "voted": truth,
        "own_votes": listed(number),
    }
)
CARD = shaped(
    {
        "url": address,
        "title": text,
        "description": text,
        "type": one_of("link", "photo", "video", "rich"),
        "authors": listed(
            shaped({"name": text, "url": text, "account": maybe(later("ACCOUNT", __name__))})
        ),
        "author_name": text,
        "author_url": text,
        "provider_name": text,
        "provider_url": text,
        "html": text,
        "width": count,
        "height": count,
        "image": maybe(address),
        "image_description": text,
        "embed_url": text,
        "blurhash": maybe(text),
        "language": maybe(text),
        "published_at": maybe(moment),
        "missing_attribution": maybe(truth),
    }
)
SHALLOW_TAG = shaped({"name": text, "url": address})
ITEM = shaped(
    {
        "id": identifier,
        "account_id": maybe(identifier),
        "state": one_of("pending", "accepted"),
        "created_at": moment,
    }
)
COLLECTION = shaped(
    {
        "id": identifier,
        "account_id": identifier,
        "uri": address,
        "url": maybe(address),
        "name": text,
        "description": text,
        "language": maybe(text),
        "local": truth,
        "sensitive": truth,
        "discoverable": truth,
        "tag": maybe(SHALLOW_TAG),
        "item_count": count,
        "items": listed(ITEM),
        "created_at": moment,
        "updated_at": moment,
    }
)
# A quote that may be shown, and one of which only the state may be.
_SHOWN = ("accepted", "blocked_account", "blocked_domain", "muted_account")
_HIDDEN = ("pending", "rejected", "revoked", "deleted", "unauthorized")


def _quote(value: Any, where: str) -> None:
    """A quote, or inside another its shallow form: with what is quoted, or without."""
    shaped({"state": one_of(*_SHOWN, *_HIDDEN)})(value, where)
    whole = "quoted_status" in value
    name, inner = ("quoted_status", STATUS) if whole else ("quoted_status_id", identifier)
    shaped({name: inner if value["state"] in _SHOWN else null})(value, where)


QUOTE_APPROVAL = shaped(
    {
        "automatic": listed(_APPROVED),
        "manual": listed(_APPROVED),
        "current_user": one_of("automatic", "manual", "denied", "unknown"),
    }
)
STATUS = shaped(
    {
        "id": identifier,
        "uri": address,
        "url": maybe(address),
        "created_at": moment,
        "edited_at": maybe(moment),
        "account": ACCOUNT,
        "content": text,
        "visibility": one_of("public", "unlisted", "private", "direct"),
        "sensitive": truth,
        "spoiler_text": text,
        "media_attachments": listed(MEDIA),
        "application": maybe(shaped({"name": text, "website": maybe(address)})),
        "mentions": listed(MENTION),
        "tags": listed(SHALLOW_TAG),
        "emojis": listed(EMOJI),
        "reblogs_count": count,
        "favourites_count": count,
        "quotes_count": count,
        "replies_count": count,
        "in_reply_to_id": maybe(identifier),
        "in_reply_to_account_id": maybe(identifier),
        "reblog": maybe(later("STATUS", __name__)),
        "poll": maybe(POLL),
        "card": maybe(CARD),
        "language": maybe(text),
        "text": maybe(text),
        "quote": maybe(_quote),
        "quote_approval": QUOTE_APPROVAL,
        "favourited": truth,
        "reblogged": truth,
        "muted": truth,
        "bookmarked": truth,
        "pinned": truth,
        "filtered": listed(later("FILTER_RESULT", "tests.mastodon.schemas_people")),
        "tagged_collections": listed(COLLECTION),
    }
)
CONTEXT = shaped({"ancestors": listed(STATUS), "descendants": listed(STATUS)})
EDIT = shaped(
    {
        "content": text,
        "spoiler_text": text,
        "sensitive": truth,
        "created_at": moment,
        "account": ACCOUNT,
        "poll": maybe(shaped({"options": listed(shaped({"title": text}))})),
        "media_attachments": listed(MEDIA),
        "emojis": listed(EMOJI),
        "quote": maybe(_quote),
    }
)
HISTORY = shaped({"day": identifier, "uses": identifier, "accounts": identifier})
TAG = shaped(
    {
        "id": text,
        "name": text,
        "url": address,
        "history": listed(HISTORY),
        "following": truth,
        "featuring": truth,
    }
)
FEATURED_TAG = shaped(
    {
        "id": identifier,
        "name": text,
        "url": address,
        "statuses_count": identifier,
        "last_status_at": maybe(day),
    }
)
SOURCE_TEXT = shaped({"id": identifier, "text": text, "spoiler_text": text})
SEARCH = shaped(
    {
        "accounts": listed(ACCOUNT),
        "statuses": listed(STATUS),
        "hashtags": listed(TAG),
        "collections": listed(COLLECTION),
    }
)
MARKER = shaped({"last_read_id": identifier, "version": number, "updated_at": moment})


def checked(value: Any, shape: Check, where: str = "answer") -> Any:
    """Return *value*, which must have this *shape*."""
    shape(value, where)
    return value


def status(value: Any) -> Any:
    return checked(value, STATUS, "status")


def statuses(value: Any) -> Any:
    return checked(value, listed(STATUS), "statuses")


def accounts(value: Any) -> Any:
    return checked(value, listed(ACCOUNT), "accounts")


def context(value: Any) -> Any:
    return checked(value, CONTEXT, "context")


def edit(value: Any) -> Any:
    return checked(value, EDIT, "edit")
