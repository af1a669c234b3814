"""What is said among few: who with whom, and an answer to the same people and nobody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.conversations import queries
from fedcommune.domain.conversations.model import Conversation
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import threads
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import CommuneError, Conflict, Invalid, NotFound
from fedcommune.web import acting, composing, forms, items
from fedcommune.web.acting import Reader
from fedcommune.web.composing import Kept
from fedcommune.web.pages import PAGE, number, page_asked
from fedcommune.web.signing import commune_of, onwards

_MOST: Final = 40


async def show_all(request: Request) -> Response:
    """``GET /messages``: one's conversations, the latest first."""
    reader = await acting.required(request)
    commune = commune_of(request)
    db, now = commune.database.pool, commune.database.clock()
    page = page_asked(request)
    found = await queries.listed(db, reader.account.id, ceiling=page.ceiling, limit=PAGE)
    people = await accounts.by_ids(db, {each for one in found for each in one.people})
    last = await posts.by_ids(db, reader.viewer, [each.last_id for each in found])
    shown = await items.of_posts(db, list(last.values()), now, reader.viewer)
    return forms.page(
        request,
        "social/messages.html",
        here="messages",
        conversations=found,
        people=people,
        last={item.post.id: item for item in shown},
        is_first=page.max_id is None,
        older=found[-1].last_id if len(found) == PAGE else None,
    )


async def show(request: Request) -> Response:
    """``GET /messages/{conversation}``: all that was said; it is read then."""
    reader = await acting.required(request)
    found = await _conversation(request, reader)
    if found.unread:
        async with commune_of(request).database.transaction() as tx:
            await queries.read(tx.db, reader.account.id, found)
    return await _page(request, reader, found)


async def answer(request: Request) -> Response:
    """``POST /messages/{conversation}``: say something, or show it, to the same people.

    Whoever else is named in the text stays a word.
    """
    form, files = await forms.read_any(request, largest=composing.LARGEST)
    account = await acting.as_whom(request, form)
    reader = await acting.required(request)
    db = commune_of(request).database.pool
    found = await queries.one(db, account.id, _id(request))
    if found is None:
        raise NotFound
    people = await accounts.by_ids(db, found.people)
    kept: list[Kept] = []
    try:
        await composing.pictures(request, account, form, files, kept)
        draft = Draft(
            text=form.get("text", ""),
            visibility=Visibility.DIRECT,
            sensitive=bool(form.get("sensitive")),
            in_reply_to=found.last_id,
            mentioned=tuple(people.values()),
            language=None,
            **composing.attached(kept),
        )
        async with acting.doing(request, form) as (tx, author):
            await feeds.publish(tx, author, draft)
    except (Invalid, Conflict) as error:
        return await _page(request, reader, found, error, form, kept)
    return onwards(f"/messages/{found.id}#answer")


async def _page(
    request: Request,
    reader: Reader,
    found: Conversation,
    error: CommuneError | None = None,
    form: Mapping[str, str] | None = None,
    kept: Sequence[Kept] = (),
) -> Response:
    commune = commune_of(request)
    db, now = commune.database.pool, commune.database.clock()
    people = await accounts.by_ids(db, found.people)
    above = await threads.ancestors(db, reader.viewer, found.last_id)
    last = await posts.by_id(db, reader.viewer, found.last_id)
    whole = {
        each.id: each for each in [*above, *await threads.descendants(db, reader.viewer, found.id)]
    }
    if last is not None:
        whole[last.id] = last
    first = await posts.by_id(db, reader.viewer, found.id)
    if first is not None:
        whole[first.id] = first
    said = [whole[each] for each in sorted(whole) if whole[each].visibility is Visibility.DIRECT]
    values: dict[str, Any] = {
        "here": "messages",
        "conversation": found,
        "people": list(people.values()),
        "kept": kept,
        "most": composing.PICTURES,
        "items": await items.of_posts(db, said, now, reader.viewer),
    }
    if error is not None:
        return forms.again(request, "social/conversation.html", error, form or {}, **values)
    return forms.page(request, "social/conversation.html", **values)


async def _conversation(request: Request, reader: Reader) -> Conversation:
    db = commune_of(request).database.pool
    found = await queries.one(db, reader.account.id, _id(request))
    if found is None:
        raise NotFound
    return found


def _id(request: Request) -> int:
    found = number(str(request.path_params["conversation"]))
    if found is None:
        raise NotFound
    return found
