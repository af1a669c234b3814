"""The entities as Mastodon documents them: what is there, of which kind, and what may be null.

Written by hand from docs.joinmastodon.org/entities. A field that we add on top is allowed;
one that is missing, or of another kind, is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any, str], None]
Shape = dict[str, Check]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _of(kind: type) -> Check:
    def check(value: Any, where: str) -> None:
        assert isinstance(value, kind), f"{where}: {value!r} is no {kind.__name__}"
        assert kind is bool or not isinstance(value, bool), f"{where}: {value!r} is a boolean"

    return check


text, number, truth = _of(str), _of(int), _of(bool)


def identifier(value: Any, where: str) -> None:
    assert isinstance(value, str), f"{where}: {value!r} is no id"
    assert value.isascii(), f"{where}: {value!r} is no id"
    assert value.isdecimal(), f"{where}: {value!r} is no id"


def moment(value: Any, where: str) -> None:
    assert isinstance(value, str), f"{where}: {value!r} is no moment"
    assert _MOMENT.fullmatch(value), f"{where}: {value!r} is no moment"


def day(value: Any, where: str) -> None:
    assert isinstance(value, str), f"{where}: {value!r} is no day"
    assert _DAY.fullmatch(value), f"{where}: {value!r} is no day"


def address(value: Any, where: str) -> None:
    assert isinstance(value, str), f"{where}: {value!r} is no address"
    parts = urlsplit(value)
    assert parts.scheme in ("http", "https"), f"{where}: {value!r} is no address"
    assert parts.netloc, f"{where}: {value!r} is no address"


def null(value: Any, where: str) -> None:
    assert value is None, f"{where}: {value!r} is not null"


def count(value: Any, where: str) -> None:
    number(value, where)
    assert value >= 0, f"{where}: {value!r} is negative"


def one_of(*words: str) -> Check:
    def check(value: Any, where: str) -> None:
        assert value in words, f"{where}: {value!r} is none of {words}"

    return check


def maybe(inner: Check) -> Check:
    def check(value: Any, where: str) -> None:
        if value is not None:
            inner(value, where)

    return check


def listed(inner: Check) -> Check:
    def check(value: Any, where: str) -> None:
        assert isinstance(value, list), f"{where}: {value!r} is no list"
        for place, each in enumerate(value):
            inner(each, f"{where}[{place}]")

    return check


def shaped(shape: Shape) -> Check:
    def check(value: Any, where: str) -> None:
        assert isinstance(value, dict), f"{where}: {value!r} is no object"
        missing = shape.keys() - value.keys()
        assert not missing, f"{where}: {sorted(missing)} are missing"
        for name, inner in shape.items():
            inner(value[name], f"{where}.{name}")

    return check


def both(*checks: Check) -> Check:
    def check(value: Any, where: str) -> None:
        for each in checks:
            each(value, where)

    return check


def mapped(inner: Check) -> Check:
    """An object with whatever names, and one kind of values."""

    def check(value: Any, where: str) -> None:
        assert isinstance(value, dict), f"{where}: {value!r} is no object"
        for name, each in value.items():
            inner(each, f"{where}.{name}")

    return check


def _later(name: str, module: str = __name__) -> Check:
    def check(value: Any, where: str) -> None:
        getattr(import_module(module), name)(value, where)

    return check


EMOJI = shaped(
    {
        "shortcode": text,
        "url": address,
        "static_url": address,
        "visible_in_picker": truth,
        "category": maybe(text),
    }
)
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
        "header": address,
        "header_static": address,
        "locked": truth,
        "fields": listed(FIELD),
        "emojis": listed(EMOJI),
        "bot": truth,
        "group": truth,
        "discoverable": maybe(truth),
        "noindex": maybe(truth),
        "moved": maybe(_later("ACCOUNT")),
        "created_at": moment,
        "last_status_at": maybe(day),
        "statuses_count": count,
        "followers_count": count,
        "following_count": count,
        "hide_collections": maybe(truth),
        "roles": listed(shaped({"id": identifier, "name": text, "color": text})),
    }
)
MEDIA = shaped(
    {
        "id": identifier,
        "type": one_of("unknown", "image", "gifv", "video", "audio"),
        "url": maybe(address),
        "preview_url": maybe(address),
        "remote_url": maybe(address),
        "meta": maybe(shaped({})),
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
        "authors": listed(shaped({"name": text, "url": text, "account": maybe(_later("ACCOUNT"))})),
        "author_name": text,
        "author_url": text,
        "provider_name": text,
        "provider_url": text,
        "html": text,
        "width": count,
        "height": count,
        "image": maybe(address),
        "embed_url": text,
        "blurhash": maybe(text),
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
        "tags": listed(shaped({"name": text, "url": address})),
        "emojis": listed(EMOJI),
        "reblogs_count": count,
        "favourites_count": count,
        "replies_count": count,
        "in_reply_to_id": maybe(identifier),
        "in_reply_to_account_id": maybe(identifier),
        "reblog": maybe(_later("STATUS")),
        "poll": maybe(POLL),
        "card": maybe(CARD),
        "language": maybe(text),
        "text": maybe(text),
        "favourited": truth,
        "reblogged": truth,
        "muted": truth,
        "bookmarked": truth,
        "pinned": truth,
        "filtered": listed(_later("FILTER_RESULT", "tests.mastodon.schemas_people")),
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
        "media_attachments": listed(MEDIA),
        "emojis": listed(EMOJI),
    }
)
HISTORY = shaped({"day": identifier, "uses": identifier, "accounts": identifier})
TAG = shaped(
    {
        "name": text,
        "url": address,
        "history": listed(HISTORY),
        "following": truth,
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
SEARCH = shaped({"accounts": listed(ACCOUNT), "statuses": listed(STATUS), "hashtags": listed(TAG)})
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
