"""What one was told since one last looked, of every kind, with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.notifications import asked, listing
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.notifications.model import Kind, Notification
from fedcommune.domain.notifications.words import SENTENCES
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import LAST_ID
from fedcommune.domain.reading import actions as reading
from fedcommune.domain.reading.model import Timeline
from fedcommune.domain.relations import people
from fedcommune.web import acting, forms, items
from fedcommune.web.items import Item
from fedcommune.web.pages import PAGE, number, page_asked
from fedcommune.web.signing import commune_of, onwards


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


OTHER: Final = _("News from {name}")
# Where to go about what is not about a post; the person who did it, otherwise.
_PLACES: Final = {
    Kind.MODERATION_WARNING: "/settings",
    Kind.ADMIN_SIGN_UP: "/moderation",
    Kind.ADMIN_REPORT: "/moderation",
    Kind.ADMIN_CLAIM: "/claims",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One line: who did it, in which sentence, about which post, where it leads, whether new."""

    id: int
    kind: Kind
    teller: Account
    sentence: str
    created_at: datetime
    fresh: bool
    item: Item | None = None
    place: str | None = None
    what: str = ""


async def show(request: Request) -> Response:
    """``GET /notifications``: the latest, those who ask to follow first."""
    reader = await acting.required(request)
    commune = commune_of(request)
    db, now = commune.database.pool, commune.database.clock()
    page = page_asked(request)
    found = await listing.listed(db, reader.account.id, now, ceiling=page.ceiling, limit=PAGE)
    read_up_to = await listing.last_read(db, reader.account.id)
    tellers = await accounts.by_ids(db, {each.from_id for each in found})
    about = await posts.by_ids(db, reader.viewer, {each.post_id for each in found if each.post_id})
    shown = await items.of_posts(db, list(about.values()), now, reader.viewer)
    questions = await asked.of(db, commune.instance, found)
    by_post = {item.post.id: item for item in shown}
    asking = await people.followers(
        db,
        reader.viewer,
        reader.account.id,
        ceiling=LAST_ID,
        floor=0,
        order="desc",
        limit=PAGE,
        requested=True,
    )
    return forms.page(
        request,
        "social/notifications.html",
        here="notifications",
        notices=[
            Notice(
                each.id,
                each.kind,
                tellers[each.from_id],
                _sentence(each, questions.get(each.id)),
                each.created_at,
                each.id > read_up_to,
                by_post.get(each.post_id or 0),
                _place(each, questions.get(each.id), commune.instance.origin),
                what=questions[each.id].what if each.id in questions else "",
            )
            for each in found
            if each.from_id in tellers
        ],
        asking=[account for _cursor, account in asking] if page.max_id is None else [],
        latest=found[0].id if found and found[0].id > read_up_to else None,
        is_first=page.max_id is None,
        older=found[-1].id if len(found) == PAGE else None,
    )


async def read(request: Request) -> Response:
    """``POST /notifications/read``: all that was on the page is read, and what came before."""
    form = await forms.read(request)
    await acting.as_whom(request, form)
    up_to = number(form.get("up_to", ""))
    if up_to is not None:
        async with acting.doing(request, form) as (tx, account):
            told = await listing.one(tx.db, account.id, up_to, tx.now)
            if told is not None:
                await notifications.mark_read(tx.db, account.id, up_to=up_to, now=tx.now)
                await reading.move_marker(tx, account, Timeline.NOTIFICATIONS, up_to)
    return onwards("/notifications")


def _sentence(told: Notification, question: asked.Question | None) -> str:
    otherwise = SENTENCES.get(told.kind, OTHER)
    return otherwise if question is None else question.message(otherwise)


def _place(told: Notification, question: asked.Question | None, origin: str) -> str | None:
    if question is not None:
        return question.page.removeprefix(origin)
    if told.kind is Kind.COLLECTION_UPDATE and told.collection_id is not None:
        return f"/collections/{told.collection_id}"
    if told.kind is Kind.ADMIN_REPORT and told.about_id is not None:
        return f"/moderation/{told.about_id}"
    return _PLACES.get(told.kind)
