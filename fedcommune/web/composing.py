"""The form in which one writes: what it offers, and what of it becomes a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypedDict

from starlette.requests import Request

from fedcommune import i18n, lookup
from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import tokens
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.media import actions as media
from fedcommune.domain.media import queries as media_queries
from fedcommune.domain.media.model import MAX_LOOSE, Media, Words, description_of
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as stored
from fedcommune.domain.posts import reach
from fedcommune.domain.posts.choices import MIN_OPTIONS, Asked, checked
from fedcommune.domain.posts.model import MAX_CHARACTERS, MAX_WARNING, Draft, Post
from fedcommune.domain.preferences import queries as preferences
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid, NotFound
from fedcommune.files import painters
from fedcommune.web import forms, items
from fedcommune.web.acting import Reader
from fedcommune.web.items import Item
from fedcommune.web.signing import commune_of

PICTURES: Final = 4
OPTIONS: Final = 5
LARGEST: Final = PICTURES * painters.MAX_BYTES + forms.LARGEST
# What is spoken around here comes first; the rest is a choice, not a list of the world.
LANGUAGES: Final = ("fr", "en", "es", "pt", "de", "it", "ar", "mg", "ta", "hi", "zh")


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


AUDIENCES: Final = {
    Visibility.PUBLIC: _("Everybody"),
    Visibility.UNLISTED: _("Everybody, without standing in the news"),
    Visibility.FOLLOWERS: _("My followers ({n})"),
    Visibility.DIRECT: _("Only the people whom I name"),
}
LASTS: Final = {
    "1": _("one day"),
    "3": _("three days"),
    "7": _("one week"),
    "30": _("thirty days"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that is here already: it waits for the post, or hangs on it."""

    id: int
    url: str
    description: str


class Attached(TypedDict):
    """The pictures of a draft, and what each shows."""

    media: tuple[int, ...]
    words: dict[int, Words]


@dataclass(frozen=True, slots=True)
class Composer:
    """The form as it is shown; ``said`` are the fields as they were typed.

    ``answers`` and ``quotes`` are what it is about. With ``editing`` it changes what was
    written before: ``asks`` is its poll, which stays, and ``due_at`` when it is published, for
    what waits. Without ``audiences`` it is for whom it was.
    """

    action: str
    said: Mapping[str, str]
    audiences: Sequence[tuple[Visibility, str]]
    languages: Sequence[tuple[str, str]]
    followers: int
    key: str
    kept: tuple[Kept, ...] = ()
    answers: Item | None = None
    quotes: Item | None = None
    editing: bool = False
    asks: Asked | None = None
    due_at: datetime | None = None
    lasts: Mapping[str, str] = field(default_factory=lambda: LASTS)
    pictures: int = PICTURES
    options: int = OPTIONS


async def composer(
    request: Request,
    reader: Reader,
    *,
    said: Mapping[str, str] | None = None,
    answers: Item | None = None,
    quotes: Item | None = None,
    kept: tuple[Kept, ...] = (),
    to: Account | None = None,
) -> Composer:
    """Return the form for something new: as one usually writes, as wide as what it answers."""
    commune = commune_of(request)
    db = commune.database.pool
    usual = await preferences.of(db, reader.account.id)
    followers, _following = await follows.counts(db, reader.account.id)
    widest = Visibility.PUBLIC if answers is None else answers.post.visibility
    offered = [(each, words) for each, words in AUDIENCES.items() if each.width <= widest.width]
    usually = usual.visibility if usual.visibility.width <= widest.width else offered[0][0]
    begun = {
        "visibility": Visibility.DIRECT if to is not None else usually,
        "language": usual.language or commune.instance.language,
        "text": "" if answers is None else await _greeting(db, reader.account, answers),
        "sensitive": "on" if usual.sensitive else "",
        "warning": "" if answers is None else answers.post.summary,
    }
    if to is not None:
        begun["text"] = f"{_mention(to)} "
    return Composer(
        "/write",
        begun if said is None else said,
        offered,
        _languages(begun["language"] if said is None else said.get("language", "")),
        followers,
        tokens.new() if said is None or not said.get("key") else said["key"],
        kept,
        answers,
        quotes,
    )


async def pictures(
    request: Request,
    account: Account,
    form: Mapping[str, str],
    files: Mapping[str, bytes],
    kept: list[Kept],
) -> None:
    """Keep the pictures that were sent, beside those that are here, into *kept*.

    What was kept before something goes wrong is in there, too: nobody sends it twice. Raises
    Invalid for what is no picture, for too many, and for too long a description.
    """
    commune = commune_of(request)
    pool = commune.database.pool
    for text in form.get("media", "").split()[: PICTURES * 2]:
        number = _number(text) or 0
        if not form.get(f"without-{number}"):
            found = await hanging(request, account, number, form.get(f"alt-{number}"))
            kept.extend(found)
    for number in range(1, PICTURES + 1):
        content = files.get(f"picture-{number}")
        if content is None:
            continue
        if len(kept) >= PICTURES:
            raise Invalid("picture", _("A post has four pictures at most: take some away."))
        if await media_queries.count_loose(pool, account.id) >= MAX_LOOSE:
            raise Invalid("picture", _("You sent many pictures without a post: try tomorrow."))
        description = description_of(form.get(f"alt-new-{number}", ""))
        made = await commune.workshop.attachment(content)
        async with commune.database.transaction() as tx:
            media_ = await media.keep(tx, account.id, made, Words(description))
        kept.append(_kept(request, media_, description))


async def hanging(
    request: Request, account: Account, media_id: int, description: str | None = None
) -> list[Kept]:
    """Return a picture that *account* sent, with its *description* if that is not its own."""
    pool = commune_of(request).database.pool
    found = await media_queries.of_account(pool, account.id, media_id)
    if found is None:
        return []
    return [_kept(request, found, found.description if description is None else description)]


async def draft(
    request: Request, form: Mapping[str, str], kept: Sequence[Kept], before: Post | None = None
) -> Draft:
    """Return what *form* says, whom it names gathered; of an edit, *before* is what stood there.

    Looks outward. Raises Invalid.
    """
    commune = commune_of(request)
    text = form.get("text", "")
    _check(form, text, kept)
    handles = posts.mentioned_in(text, commune.instance.domain)
    said = form.get("visibility", "")
    audience = next((each for each in AUDIENCES if each == said), None)
    if said and audience is None:
        raise Invalid("visibility", _("Choose who is to read it."))
    return Draft(
        text=text,
        visibility=before.visibility if before else audience or Visibility.PUBLIC,
        summary=form.get("warning", ""),
        sensitive=bool(form.get("sensitive")),
        language=_language(form.get("language", "")),
        in_reply_to=_number(form.get("answers", "")),
        mentioned=await lookup.mentioned(commune, handles),
        poll=None if before else _poll(form),
        quoted=None if before else _number(form.get("quotes", "")),
        **attached(kept),
    )


async def about(request: Request, reader: Reader, number: int) -> Item:
    """Return the post that is answered or quoted. Raises NotFound (SEC-VIS-02)."""
    commune = commune_of(request)
    pool = commune.database.pool
    found = await stored.by_id(pool, reader.viewer, number)
    if found is None:
        raise NotFound
    (item,) = await items.of_posts(pool, [found], commune.database.clock(), reader.viewer)
    return item


def attached(kept: Sequence[Kept]) -> Attached:
    """Return what a draft says of pictures. Raises Invalid for too long a description."""
    return {
        "media": tuple(each.id for each in kept),
        "words": {each.id: Words(description_of(each.description)) for each in kept},
    }


def _kept(request: Request, found: Media, description: str) -> Kept:
    name = found.small or found.whole
    url = commune_of(request).instance.media(name) if name else ""
    return Kept(found.id, url, description)


def _check(form: Mapping[str, str], text: str, kept: Sequence[Kept]) -> None:
    """Say in the language of the reader what people get wrong most often. Raises Invalid."""
    if not text.strip() and not kept and not form.get("quotes"):
        raise Invalid("text", _("Write something first."))
    if len(text) > MAX_CHARACTERS:
        raise Invalid("text", _("A post has at most 5,000 characters: shorten it."))
    if len(form.get("warning", "")) > MAX_WARNING:
        raise Invalid("summary", _("A warning has at most 500 characters: shorten it."))


def _poll(form: Mapping[str, str]) -> Asked | None:
    options = tuple(form.get(f"option-{each}", "") for each in range(1, OPTIONS + 1))
    if not any(each.strip() for each in options):
        return None
    if len({each.strip() for each in options if each.strip()}) < MIN_OPTIONS:
        raise Invalid("poll", _("A poll needs two choices at least, and no two the same."))
    days = form.get("lasts", "1")
    if days not in LASTS:
        raise Invalid("poll", _("Choose how long the poll lasts."))
    return checked(Asked(options, timedelta(days=int(days)), bool(form.get("multiple"))))


def _language(text: str) -> str | None:
    if not text:
        return None
    if len(text) > 12 or not text.isascii() or not text.replace("-", "").isalnum():
        raise Invalid("language", _("Choose a language of the list."))
    return text


def _languages(chosen: str) -> list[tuple[str, str]]:
    codes = dict.fromkeys((*([chosen] if chosen else []), *i18n.languages(), *LANGUAGES))
    return [(code, i18n.name(code)) for code in codes]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


async def _greeting(db: Executor, account: Account, answers: Item) -> str:
    """Return the names with which an answer begins: who is answered, and whom that named."""
    named = await reach.mentioned(db, answers.post.id, silently=False, blindly=False)
    people = {each.id: each for each in (answers.author, *named) if each.id != account.id}
    return "".join(f"{_mention(each)} " for each in people.values())


def _mention(account: Account) -> str:
    return f"@{account.username}" if account.local else f"@{account.handle}"
