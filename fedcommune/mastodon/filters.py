"""Filters: what the caller does not want to read. Version 1 knows each keyword by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec import Struct

from fedcommune.domain.filters import actions, queries
from fedcommune.domain.filters.actions import Change, Draft
from fedcommune.domain.filters.model import Filter, Keyword
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon import entities
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.json import maybe
from fedcommune.mastodon.parameters import Parameters
from fedcommune.mastodon.render.filtered import entity

_LONGEST: Final = 10 * 365 * 24 * 3600


class V1Filter(Struct, frozen=True, kw_only=True):
    """One keyword, as version 1 has it."""

    id: str
    phrase: str
    context: list[str]
    expires_at: str | None
    irreversible: bool
    whole_word: bool


def _draft(call: Call, before: Filter | None, *, title: str = "title") -> Draft:
    """Return what the caller says; what they do not mention stays as it was *before*."""
    params = call.params
    contexts = params.texts("context")
    expires_at = before.expires_at if before else None
    if "expires_in" in params:
        seconds = params.number("expires_in")
        if seconds is not None and not 0 <= seconds <= _LONGEST:
            raise Invalid("expires_in", "Say in how many seconds the filter ends.")
        expires_at = None if seconds is None else call.now + timedelta(seconds=seconds)
    return Draft(
        title=params.text(title, before.title if before else ""),
        contexts=contexts or (before.contexts if before else ()),
        action=params.text("filter_action", before.action if before else "warn"),
        expires_at=expires_at,
    )


def _change(params: Parameters) -> Change:
    return Change(
        id=params.identifier("id"),
        keyword=params.maybe("keyword"),
        whole_word=params.truth("whole_word"),
        remove=params.flag("_destroy"),
    )


def _changes(call: Call) -> list[Change]:
    return [_change(each) for each in call.params.groups("keywords_attributes")]


async def show_all(call: Call) -> Answer:
    return [entity(each) for each in await queries.of_account(call.db, call.account.id)]


async def show(call: Call) -> Answer:
    return entity(await _own(call))


async def create(call: Call) -> Answer:
    draft, changes = _draft(call, None), _changes(call)
    async with call.transaction() as tx:
        return entity(await actions.make(tx, call.account, draft, changes))


async def change(call: Call) -> Answer:
    draft, changes = _draft(call, await _own(call)), _changes(call)
    async with call.transaction() as tx:
        return entity(await actions.change(tx, call.account, call.number(), draft, changes))


async def delete(call: Call) -> Answer:
    async with call.transaction() as tx:
        if not await queries.remove(tx.db, call.account.id, call.number()):
            raise NotFound
    return {}


async def keywords(call: Call) -> Answer:
    return entity(await _own(call)).keywords


async def add_keyword(call: Call) -> Answer:
    wanted = Change(
        keyword=call.params.required("keyword"), whole_word=call.params.flag("whole_word")
    )
    async with call.transaction() as tx:
        changed = await actions.change_keywords(tx, call.account, call.number(), [wanted])
    return entity(changed).keywords[-1]


async def show_keyword(call: Call) -> Answer:
    _, found = await _of_keyword(call)
    return _keyword(found)


async def change_keyword(call: Call) -> Answer:
    known, found = await _of_keyword(call)
    wanted = Change(
        id=found.id,
        keyword=call.params.maybe("keyword"),
        whole_word=call.params.truth("whole_word"),
    )
    async with call.transaction() as tx:
        changed = await actions.change_keywords(tx, call.account, known.id, [wanted])
    return _keyword(_among(changed, found.id))


async def delete_keyword(call: Call) -> Answer:
    known, found = await _of_keyword(call)
    async with call.transaction() as tx:
        await queries.remove_keyword(tx.db, known.id, found.id)
    return {}


async def statuses(call: Call) -> Answer:
    return entity(await _own(call)).statuses


async def add_status(call: Call) -> Answer:
    post_id = call.params.identifier("status_id")
    if post_id is None:
        raise Invalid("status_id", "Say which status.")
    async with call.transaction() as tx:
        changed = await actions.hold_post(tx, call.account, call.number(), post_id)
    return next(each for each in entity(changed).statuses if each.status_id == str(post_id))


async def show_status(call: Call) -> Answer:
    found = await _of_held_post(call)
    return next(each for each in entity(found).statuses if each.id == str(call.number()))


async def delete_status(call: Call) -> Answer:
    found = await _of_held_post(call)
    async with call.transaction() as tx:
        await queries.release_post(tx.db, found.id, call.number())
    return {}


async def _own(call: Call) -> Filter:
    found = await queries.by_id(call.db, call.account.id, call.number())
    if found is None:
        raise NotFound
    return found


async def _of_keyword(call: Call) -> tuple[Filter, Keyword]:
    found = await queries.of_keyword(call.db, call.account.id, call.number())
    if found is None:
        raise NotFound
    return found, _among(found, call.number())


async def _of_held_post(call: Call) -> Filter:
    found = await queries.of_held_post(call.db, call.account.id, call.number())
    if found is None:
        raise NotFound
    return found


def _among(found: Filter, keyword_id: int) -> Keyword:
    return next(each for each in found.keywords if each.id == keyword_id)


def _keyword(found: Keyword) -> entities.FilterKeyword:
    return entities.FilterKeyword(
        id=str(found.id), keyword=found.keyword, whole_word=found.whole_word
    )


# Version 1


async def v1_show_all(call: Call) -> Answer:
    found = await queries.of_account(call.db, call.account.id)
    return [_v1(each, keyword) for each in found for keyword in each.keywords]


async def v1_show(call: Call) -> Answer:
    return _v1(*await _of_keyword(call))


async def v1_create(call: Call) -> Answer:
    params = call.params
    phrase = params.required("phrase")
    draft = _v1_draft(call, None)
    wanted = Change(keyword=phrase, whole_word=params.flag("whole_word"))
    async with call.transaction() as tx:
        made = await actions.make(tx, call.account, draft, [wanted])
    return _v1(made, made.keywords[0])


async def v1_change(call: Call) -> Answer:
    """Change the keyword; the filter around it, which other keywords share, with it."""
    known, found = await _of_keyword(call)
    draft = _v1_draft(call, known)
    wanted = Change(
        id=found.id,
        keyword=call.params.maybe("phrase"),
        whole_word=call.params.truth("whole_word"),
    )
    async with call.transaction() as tx:
        changed = await actions.change(tx, call.account, known.id, draft, [wanted])
    return _v1(changed, _among(changed, found.id))


async def v1_delete(call: Call) -> Answer:
    """Remove the keyword; with the last one, the filter."""
    known, found = await _of_keyword(call)
    async with call.transaction() as tx:
        if len(known.keywords) > 1 or known.posts:
            await queries.remove_keyword(tx.db, known.id, found.id)
        else:
            await queries.remove(tx.db, call.account.id, known.id)
    return {}


def _v1_draft(call: Call, before: Filter | None) -> Draft:
    draft = _draft(call, before, title="phrase")
    hide = call.params.truth("irreversible")
    action = draft.action if hide is None else ("hide" if hide else "warn")
    title = before.title if before else draft.title[:250]
    return Draft(title, draft.contexts, action, draft.expires_at)


def _v1(found: Filter, keyword: Keyword) -> V1Filter:
    return V1Filter(
        id=str(keyword.id),
        phrase=keyword.keyword,
        context=list(found.contexts),
        expires_at=maybe(found.expires_at),
        irreversible=found.action == "hide",
        whole_word=keyword.whole_word,
    )


_READ: Final = "read:filters"
_WRITE: Final = "write:filters"
_V1: Final = "/api/v1/filters"
_ALL: Final = "/api/v2/filters"
_ONE: Final = f"{_ALL}/{{id}}"
_KEYWORD: Final = f"{_ALL}/keywords/{{id}}"
_STATUS: Final = f"{_ALL}/statuses/{{id}}"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, show_all, _READ),
    Endpoint("POST", _ALL, create, _WRITE),
    Endpoint("GET", _ONE, show, _READ),
    Endpoint("PUT", _ONE, change, _WRITE),
    Endpoint("DELETE", _ONE, delete, _WRITE),
    Endpoint("GET", f"{_ONE}/keywords", keywords, _READ),
    Endpoint("POST", f"{_ONE}/keywords", add_keyword, _WRITE),
    Endpoint("GET", f"{_ONE}/statuses", statuses, _READ),
    Endpoint("POST", f"{_ONE}/statuses", add_status, _WRITE),
    Endpoint("GET", _KEYWORD, show_keyword, _READ),
    Endpoint("PUT", _KEYWORD, change_keyword, _WRITE),
    Endpoint("DELETE", _KEYWORD, delete_keyword, _WRITE),
    Endpoint("GET", _STATUS, show_status, _READ),
    Endpoint("DELETE", _STATUS, delete_status, _WRITE),
    Endpoint("GET", _V1, v1_show_all, _READ),
    Endpoint("POST", _V1, v1_create, _WRITE),
    Endpoint("GET", f"{_V1}/{{id}}", v1_show, _READ),
    Endpoint("PUT", f"{_V1}/{{id}}", v1_change, _WRITE),
    Endpoint("DELETE", f"{_V1}/{{id}}", v1_delete, _WRITE),
)
