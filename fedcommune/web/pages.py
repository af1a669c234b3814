"""The pages: news, a profile, a conversation, a tag, who is here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.commune import Commune
from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.polls import actions as polls
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import threads
from fedcommune.domain.posts.model import Page, Post
from fedcommune.domain.projects.actions import STAGES
from fedcommune.domain.projects.model import Stage
from fedcommune.domain.reactions import queries as reactions
from fedcommune.domain.relations import queries as relations
from fedcommune.domain.relations.model import Relation
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.timelines.model import Entry
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import acting, beside, composing, forms, items
from fedcommune.web.acting import Reader
from fedcommune.web.render import Pages, page_of
from fedcommune.web.signing import onwards

PAGE: Final = 20
BESIDE: Final = 6


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


class Gone(CommuneError):
    """It was deleted by who wrote it."""


@dataclass(frozen=True, slots=True)
class Group:
    """A titled list of accounts; *kind* leads to the page that lists all of them."""

    title: str
    accounts: list[Account]
    kind: Kind | None = None


# Who is listed, in this order: whoever speaks for more than themselves.
LISTED: Final = (
    (_("Projects"), Kind.PROJECT),
    (_("Associations"), Kind.ASSOCIATION),
    (_("Shops and services"), Kind.BUSINESS),
    (_("Town hall"), Kind.AUTHORITY),
    (_("Groups"), Kind.GROUP),
    (_("Feeds"), Kind.FEED),
)


# What stands around most actors on their pages; subjects put there what they know.
AROUND: Final[Mapping[str, Any]] = {
    "needs": [],
    "administers": False,
    "carrier": None,
    "parent": None,
    "subprojects": [],
    "begins": None,
    "ends": None,
    "contributes": False,
    "tasks": [],
    "contributors": [],
    "stage_choices": [],
}


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a project, as its page shows it."""

    name: str
    past: bool
    current: bool


def commune_of(request: Request) -> Commune:
    """Return the commune that answers *request*."""
    commune = request.app.state.commune
    assert isinstance(commune, Commune), "the application is made with its commune"
    return commune


def now_of(request: Request) -> datetime:
    """Return the moment at which *request* is answered."""
    return commune_of(request).database.clock()


def pages_of(request: Request) -> Pages:
    """Return what renders the pages of this commune."""
    pages = request.app.state.pages
    assert isinstance(pages, Pages), "the application is made with its pages"
    return pages


async def who_is_here(request: Request) -> list[Group]:
    """Return a few of who is here, of each kind that is listed."""
    db, pages = commune_of(request).database.pool, pages_of(request)
    return [
        Group(pages.say(request, title), await _of_kind(db, kind, limit=BESIDE), kind)
        for title, kind in LISTED
    ]


async def actors(request: Request) -> Response:
    """Who is here, of one kind or of each. Citizens are not listed: they did not ask to be."""
    db = commune_of(request).database.pool
    pages = pages_of(request)
    wanted = _kind(request.query_params.get("kind", ""))
    after = number(request.query_params.get("after", "")) or 0
    size = BESIDE if wanted is None else PAGE + 1
    groups = [
        Group(pages.say(request, title), await _of_kind(db, kind, after=after, limit=size), kind)
        for title, kind in LISTED
        if wanted in (None, kind)
    ]
    found = groups[0].accounts
    more = found[PAGE - 1].id if wanted is not None and len(found) > PAGE else None
    return pages.page(
        request,
        "actors.html",
        here="actors",
        title=pages.say(request, _("Who is here")) if wanted is None else groups[0].title,
        kind=wanted,
        kinds=[(pages.say(request, title), kind) for title, kind in LISTED],
        groups=[Group(each.title, each.accounts[:PAGE], each.kind) for each in groups],
        more=more,
    )


async def show_profile(
    request: Request, account: Account, around: Mapping[str, Any] | None = None
) -> Response:
    """Show the page of *account*: what it says of itself, what stands *around* it, its posts."""
    commune = commune_of(request)
    db = commune.database.pool
    page = page_asked(request)
    reader = await acting.reader_of(request)
    viewer = await acting.viewer_of(request)
    now = now_of(request)
    entries = await timelines.of_account(db, viewer, account.id, page)
    pinned = await reactions.pinned(db, viewer, account.id) if page.max_id is None else []
    followers, following = await follows.counts(db, account.id)
    own = reader is not None and reader.account.id == account.id
    pages = pages_of(request)
    person = None if reader is None else reader.who.account
    told = await beside.of(db, commune.instance, account, person, pages.language(request))
    members = Group(pages.say(request, _("Who takes part")), [each.other for each in told.members])
    takes_part = Group(
        pages.say(request, _("Takes part in")), [each.other for each in told.takes_part]
    )
    return pages.page(
        request,
        "profile.html",
        beside=told,
        alternate=account.actor_id if account.local else None,
        account=account,
        home=page_of(account),
        own=own,
        relation=await _relation(db, reader, account, now),
        compose=await composing.composer(request, reader) if reader and own else None,
        pinned=await items.of_posts(db, pinned, now, viewer),
        stages=_stages(request, account),
        followers=followers,
        following=following,
        items=await items.of_entries(db, entries, now, viewer),
        is_first=page.max_id is None,
        older=older_than(entries),
        groups=[members, takes_part],
        **{**AROUND, **(around or {})},
    )


async def post(request: Request) -> Response:
    """A post of ours, with the conversation around it."""
    found, author = await post_of(request, int(request.path_params["post"]))
    username = request.path_params.get("username")
    if username is not None and author.username != str(username).lower():
        raise NotFound
    return await show_post(request, found)


async def post_of(request: Request, post_id: int) -> tuple[Post, Account]:
    """Return a post of ours that its reader may see, and its author. Raises NotFound, Gone."""
    commune = commune_of(request)
    db = commune.database.pool
    found = await posts.by_id(db, await acting.viewer_of(request), post_id)
    if found is None or not found.local:
        buried = await posts.tombstone(db, commune.instance.post(post_id))
        raise NotFound if buried is None else Gone
    author = await accounts.by_id(db, found.author_id)
    if author is None:
        raise NotFound
    return found, author


async def post_here(request: Request) -> Response:
    """``GET /posts/{post}``: any post that is known here, for who is signed in (SEC-VIS-03)."""
    reader = await acting.required(request)
    post_id = number(str(request.path_params["post"]))
    db = commune_of(request).database.pool
    found = None if post_id is None else await posts.by_id(db, reader.viewer, post_id)
    if found is None:
        raise NotFound
    author = await accounts.by_id(db, found.author_id)
    if found.local and author is not None:
        return onwards(f"/@{author.username}/{found.id}")
    return await show_post(request, found)


async def show_post(request: Request, found: Post, error: CommuneError | None = None) -> Response:
    """Show the page of a post; *error*: with what to correct. Who is signed in answers there."""
    commune = commune_of(request)
    db, now = commune.database.pool, now_of(request)
    reader = await acting.reader_of(request)
    viewer = await acting.viewer_of(request)
    (item,) = await items.of_posts(db, [found], now, viewer)
    above = await threads.ancestors(db, viewer, found.id)
    below = await threads.descendants(db, viewer, found.id)
    embedded = f"{commune.instance.origin}/api/oembed?{urlencode({'url': found.object_id})}"
    values: dict[str, Any] = {
        "alternate": found.object_id if found.local and found.visibility.is_open else None,
        "oembed": embedded if found.local and found.visibility.is_open else None,
        "item": item,
        "ancestors": await items.of_posts(db, above, now, viewer),
        "descendants": await items.of_posts(db, below, now, viewer),
        "asks": _asks(item, reader),
        "compose": await composing.composer(request, reader, answers=item) if reader else None,
    }
    if error is not None:
        return forms.again(request, "post.html", error, {}, **values)
    return pages_of(request).page(request, "post.html", problem=None, **values)


def _asks(item: items.Item, reader: Reader | None) -> str:
    """Return what who reads is asked: to vote, to sign in for that, or nothing."""
    poll = item.poll
    if poll is None or poll.over or poll.voted:
        return ""
    if reader is None:
        return "sign in"
    return "" if item.own else "vote"


async def vote(request: Request) -> Response:
    """Vote in a poll, by the form of its page."""
    form = await forms.read(request)
    reader = await acting.required(request)
    await acting.as_whom(request, form)
    post_id = number(str(request.path_params["post"]))
    db = commune_of(request).database.pool
    found = None if post_id is None else await posts.by_id(db, reader.viewer, post_id)
    if found is None:
        raise NotFound
    names = [form["choice"]] if "choice" in form else []
    names += [name.removeprefix("choice-") for name in form if name.startswith("choice-")]
    # What is no choice is not one of theirs: the action says so.
    choices = [-1 if (choice := number(name)) is None else choice for name in names]
    try:
        async with acting.doing(request, form) as (tx, account):
            await polls.vote(tx, account, found.id, choices)
    except Invalid as error:
        return await show_post(request, found, error)
    return onwards(f"/posts/{found.id}")


async def tag(request: Request) -> Response:
    """What carries a hashtag."""
    db = commune_of(request).database.pool
    name = str(request.path_params["name"]).lower()
    page = page_asked(request)
    viewer = await acting.viewer_of(request)
    entries = await timelines.tag(db, viewer, name, page)
    return pages_of(request).page(
        request,
        "tag.html",
        tag=name,
        items=await items.of_entries(db, entries, now_of(request), viewer),
        is_first=page.max_id is None,
        older=older_than(entries),
    )


async def _relation(
    db: Executor, reader: Reader | None, account: Account, now: datetime
) -> Relation | None:
    """Return how who reads stands to *account*, None to oneself and for visitors."""
    if reader is None or reader.account.id == account.id:
        return None
    found = await relations.relations(db, reader.account.id, [account.id], now)
    return found[0] if found else None


async def local_of(request: Request) -> Account:
    """Return the actor of ours whom the address names. Raises NotFound, Gone."""
    commune = commune_of(request)
    db, instance = commune.database.pool, commune.instance
    if "username" in request.path_params:
        name = str(request.path_params["username"]).lower()
        account = await accounts.local_by_username(db, name)
    elif "account" in request.path_params:
        address = instance.account(int(request.path_params["account"]))
        account = await accounts.by_actor_id(db, address)
    else:
        account = await accounts.by_actor_id(db, instance.actor)
    if account is None or not account.local or account.suspended_at is not None:
        raise NotFound
    if account.deleted_at is not None:
        raise Gone
    return account


async def _of_kind(db: Executor, kind: Kind, *, after: int = 0, limit: int) -> list[Account]:
    found = await accounts.local_of_kinds(db, [kind], after=after, limit=limit)
    return [each for each in found if each.is_active and each.silenced_at is None]


def _stages(request: Request, account: Account) -> list[Step]:
    if account.kind is not Kind.PROJECT:
        return []
    order = list(Stage)
    here = order.index(Stage(account.details.stage or Stage.IDEA))
    pages = pages_of(request)
    return [
        Step(pages.say(request, STAGES[stage]), position < here, position == here)
        for position, stage in enumerate(order)
    ]


def _kind(text: str) -> Kind | None:
    """Return the kind that is asked for, None for all of them. Raises NotFound."""
    if not text:
        return None
    for _title, kind in LISTED:
        if text == kind:
            return kind
    raise NotFound


def page_asked(request: Request) -> Page:
    """Return which part of a list is asked for: the latest, or what is older than ``before``."""
    return Page(max_id=number(request.query_params.get("before", "")), limit=PAGE)


def number(text: str) -> int | None:
    """Return a cursor; nonsense is no cursor (SEC-PAR-03)."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)


def older_than(entries: list[Entry]) -> int | None:
    """Return where the next page begins, None when there is none."""
    return entries[-1].id if len(entries) == PAGE else None
