"""What a letter says of a notification: one sentence, and words that anybody may read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.letters.model import Subject, subject_of
from fedcommune.domain.notifications import asked
from fedcommune.domain.notifications.model import Kind, Notification
from fedcommune.domain.notifications.words import SENTENCES
from fedcommune.domain.posts import notices
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Viewer
from fedcommune.i18n import translate
from fedcommune.text import html

_NAME: Final = 100
_WORDS: Final = 280
_NOTICE: Final = 3_200
# Where moderators decide about what they are told.
_DESKS: Final = {
    Kind.ADMIN_REPORT: "/moderation",
    Kind.ADMIN_SIGN_UP: "/moderation",
    Kind.ADMIN_CLAIM: "/claims",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a letter; *link* is a page of ours, or nothing."""

    subject: Subject
    told_at: datetime
    sentence: str
    words: str = ""
    link: str = ""


async def of(
    tx: Transaction, account_id: int, found: Sequence[Notification], language: str
) -> dict[int, Line]:
    """Return the lines of *found*, by id: those that a letter may tell *account_id* of.

    What they may not see (any more) is in none (SEC-VIS-01), nor is what is over. Words that
    are not for everybody stay here: letters are read by whoever carries them.
    """
    people = await accounts.by_ids(tx.db, {each.from_id for each in found})
    about = {each.post_id for each in found if each.post_id is not None}
    seen = await posts.by_ids(tx.db, Viewer(account_id), about)
    official = await notices.of_posts(tx.db, seen)
    questions = await asked.of(tx.db, tx.instance, found)
    lines = {}
    for each in found:
        teller, post = people.get(each.from_id), seen.get(each.post_id or 0)
        if teller is None or (each.post_id is not None and post is None):
            continue
        notice = None if post is None else official.get(post.id)
        lasting = notice if notice is not None and notice.is_current(tx.now) else None
        subject = subject_of(
            each.kind,
            None if post is None else post.visibility,
            None if lasting is None else lasting.severity,
        )
        if subject is None or each.kind not in SENTENCES:
            continue
        name = html.line(teller.display_name, limit=_NAME)
        link, words = "", ""
        if post is not None:
            link, words = _page(tx, post), _words(post, _WORDS if lasting is None else _NOTICE)
        elif each.kind in _DESKS:
            link = f"{tx.instance.origin}{_DESKS[each.kind]}"
        elif teller.local:
            link = tx.instance.profile_page(teller.username)
        question = questions.get(each.id)
        if question is not None:
            link = question.page
        lines[each.id] = Line(
            subject,
            each.created_at,
            translate(language, SENTENCES[each.kind], name=name)
            if question is None
            else question.sentence(language, SENTENCES[each.kind], name),
            words,
            link,
        )
    return lines


def _page(tx: Transaction, post: Post) -> str:
    """Return the page of ours on which anybody reads *post*, if there is one."""
    ours = post.local and post.visibility.is_open and tx.instance.owns(post.url)
    return (post.url or "") if ours else ""


def _words(post: Post, limit: int) -> str:
    if not post.visibility.is_open:
        return ""
    return html.plain(html.escape(post.summary or post.title) or post.content, limit=limit)
