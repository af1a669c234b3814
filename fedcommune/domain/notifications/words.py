"""What a closed app shows: one sentence, a few words, a face; in the language of its person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.notifications import asked
from fedcommune.domain.notifications.envelope import MOST
from fedcommune.domain.notifications.model import Kind, Notification, alert
from fedcommune.domain.visibility import MAY_SEE
from fedcommune.i18n import translate
from fedcommune.instance import Instance
from fedcommune.text import html

_TITLE: Final = 200
_BODY: Final = 140
_ICON: Final = "avatar.png"
# What somebody waits for: a telephone may be woken for it (RFC 8030 §5.3).
URGENT: Final = frozenset(
    {
        Kind.MENTION,
        Kind.REPLY,
        Kind.FOLLOW_REQUEST,
        Kind.INVITE,
        Kind.NOTICE,
        Kind.EVENT_UPDATE,
        Kind.EVENT_SOON,
    }
)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


SENTENCES: Final[Mapping[Kind, str]] = {
    Kind.FOLLOW: _("{name} is now following you"),
    Kind.FOLLOW_REQUEST: _("{name} asks to follow you"),
    Kind.MENTION: _("{name} mentioned you"),
    Kind.REPLY: _("{name} answered you"),
    Kind.FAVOURITE: _("{name} likes your post"),
    Kind.REBLOG: _("{name} boosted your post"),
    Kind.UPDATE: _("{name} edited a post"),
    Kind.POLL: _("{name}: the poll is over"),
    Kind.QUOTE: _("{name} quoted you"),
    Kind.QUOTED_UPDATE: _("{name} changed what you quoted"),
    Kind.ADDED_TO_COLLECTION: _("{name} recommends you"),
    Kind.COLLECTION_UPDATE: _("{name} changed a collection in which you are"),
    Kind.INVITE: _("{name} invites you"),
    Kind.JOIN_REQUEST: _("{name} asks to take part"),
    Kind.JOINED: _("{name}: you are among the members now"),
    Kind.LEFT: _("{name}: you are no longer among the members"),
    Kind.PROJECT_UPDATE: _("{name} has something new"),
    Kind.EVENT_REQUEST: _("{name} asks to come to an event"),
    Kind.EVENT_JOINED: _("{name} comes to an event"),
    Kind.EVENT_ANSWER: _("{name} answered: you are expected, or there is no room"),
    Kind.EVENT_UPDATE: _("{name} changed an event to which you go"),
    Kind.EVENT_TOMORROW: _("{name}: it is tomorrow"),
    Kind.EVENT_SOON: _("{name}: it begins in two hours"),
    Kind.HELP_OFFERED: _("{name} offers to help"),
    Kind.MOVE: _("{name} has moved"),
    Kind.REPORT: _("{name} reported something"),
    Kind.NOTICE: _("{name}: an official notice"),
    Kind.ADMIN_REPORT: _("{name} reported something"),
    Kind.ADMIN_SIGN_UP: _("{name} signed up"),
    Kind.ADMIN_CLAIM: _("{name} claims a place: somebody has to decide"),
    Kind.MODERATION_WARNING: _("A word from the moderators"),
    Kind.SEVERED_RELATIONSHIPS: _("Some follows were cut, with a server that is blocked"),
}
# Where a question is answered: a page of ours.
ANSWER: Final = _("Answer here: {page}")
_OTHER: Final = _("News from {name}")


async def message(
    db: Executor, instance: Instance, told: Notification, *, token: str, language: str
) -> bytes | None:
    """Return what Mastodon's apps read in a push, as JSON; None when nobody is left to tell of.

    What the told one may not (any more) see of a post is not in it (SEC-VIS-01).
    """
    teller = await accounts.by_id(db, told.from_id)
    if teller is None:
        return None
    name = html.line(teller.display_name, limit=_TITLE // 2)
    otherwise = SENTENCES.get(told.kind, _OTHER)
    question = (await asked.of(db, instance, [told])).get(told.id)
    sentence = translate(language, otherwise, name=name)
    if question is not None:
        sentence = question.sentence(language, otherwise, name)
    said = {
        "access_token": token,
        "preferred_locale": language,
        "notification_id": told.id,
        "notification_type": alert(told.kind),
        "icon": _icon(instance, teller),
        "title": html.shorten(sentence, _TITLE),
        "body": html.plain(
            await _words(db, told) or _where(language, question) or teller.summary, limit=_BODY
        ),
    }
    written = orjson.dumps(said)
    # Only strange letters and a strange address make it so long.
    return written if len(written) <= MOST else orjson.dumps({**said, "icon": "", "body": ""})


async def _words(db: Executor, told: Notification) -> str:
    """Return the warning or the words of the post it is about, as HTML."""
    row = await db.fetchrow(
        f"""
        select post.summary, post.title, post.content
        from commune.post
        where post.id = $2
          and {MAY_SEE}
        """,
        told.account_id,
        told.post_id,
    )
    if row is None:
        return ""
    return html.escape(row["summary"] or row["title"]) or str(row["content"])


def _where(language: str, question: asked.Question | None) -> str:
    """Return where a question is answered, as HTML."""
    return "" if question is None else html.escape(translate(language, ANSWER, page=question.page))


def _icon(instance: Instance, teller: Account) -> str:
    icon = teller.icon or ""
    known = icon.startswith(("https://", "http://")) and len(icon) <= 500
    return icon if known else instance.static(_ICON)
