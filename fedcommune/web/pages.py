"""The pages: news, a profile, a conversation, a tag, who is here."""

from __future__ import annotations

from collections.abc import Iterable
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
from fedcommune.domain.announcements import queries as announcements
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.links import queries as links
from fedcommune.domain.polls import actions as polls
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import threads
from fedcommune.domain.posts.model import Page, Post
from fedcommune.domain.projects.actions import STAGES
from fedcommune.domain.projects.model import Stage
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import forms, items, sessions
from fedcommune.web.render import Pages
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


async def home(request: Request) -> Response:
    """The news of the commune: what everybody may read, ours and the neighbours'."""
    commune = commune_of(request)
    db = commune.database.pool
    page = _page(request)
    entries = await timelines.public(db, ANYONE, page)
    pages = pages_of(request)
    return pages.page(
        request,
        "home.html",
        alternate=commune.instance.actor,
        here="news",
        items=await items.of_entries(db, entries, now_of(request)),
        is_first=page.max_id is None,
        older=_older(entries),
        announced=await announcements.current(db, commune.database.clock()),
        voice=await accounts.by_actor_id(db, commune.instance.actor),
        groups=[
            Group(pages.say(request, title), await _of_kind(db, kind, limit=BESIDE), kind)
            for title, kind in LISTED
        ],
    )


async def actors(request: Request) -> Response:
    """Who is here, of one kind or of each. Citizens are not listed: they did not ask to be."""
    db = commune_of(request).database.pool
    pages = pages_of(request)
    wanted = _kind(request.query_params.get("kind", ""))
    after = _number(request.query_params.get("after", "")) or 0
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


async def profile(request: Request) -> Response:
    """The page of a local actor."""
    commune = commune_of(request)
    db = commune.database.pool
    account = await _local(request)
    page = _page(request)
    entries = await timelines.of_account(db, ANYONE, account.id, page)
    followers, following = await follows.counts(db, account.id)
    pages = pages_of(request)
    members = Group(pages.say(request, _("Who takes part")), await _members(db, account.id))
    takes_part = Group(pages.say(request, _("Takes part in")), await _targets(db, account.id))
    return pages.page(
        request,
        "profile.html",
        alternate=account.actor_id,
        account=account,
        stages=_stages(request, account),
        followers=followers,
        following=following,
        items=await items.of_entries(db, entries, now_of(request)),
        is_first=page.max_id is None,
        older=_older(entries),
        groups=[members, takes_part],
    )


async def post(request: Request) -> Response:
    """A post of ours, with the conversation around it."""
    found, author = await post_of(request, int(request.path_params["post"]))
    username = request.path_params.get("username")
    if username is not None and author.username != str(username).lower():
        raise NotFound
    return await show_post(request, found)


async def post_of(request: Request, post_id: int) -> tuple[Post, Account]:
    """Return a post of ours that anybody may read, and its author. Raises NotFound, Gone."""
    commune = commune_of(request)
    db = commune.database.pool
    found = await posts.by_id(db, ANYONE, post_id)
    if found is None or not found.local:
        buried = await posts.tombstone(db, commune.instance.post(post_id))
        raise NotFound if buried is None else Gone
    author = await accounts.by_id(db, found.author_id)
    if author is None:
        raise NotFound
    return found, author


async def show_post(request: Request, found: Post, error: CommuneError | None = None) -> Response:
    """Show the page of a post; *error*: with what to correct. Who is signed in can vote."""
    commune = commune_of(request)
    db, now = commune.database.pool, now_of(request)
    who = await sessions.citizen_of(request) if found.type == "Question" else None
    viewer = ANYONE if who is None else Viewer(who.account.id)
    (item,) = await items.of_posts(db, [found], now, viewer)
    above = await threads.ancestors(db, ANYONE, found.id)
    below = await threads.descendants(db, ANYONE, found.id)
    values: dict[str, Any] = {
        "alternate": found.object_id,
        "oembed": f"{commune.instance.origin}/api/oembed?{urlencode({'url': found.object_id})}",
        "item": item,
        "ancestors": await items.of_posts(db, above, now),
        "descendants": await items.of_posts(db, below, now),
        "asks": _asks(item, who),
    }
    if error is not None:
        return forms.again(request, "post.html", error, {}, **values)
    if who is not None:
        return forms.page(request, "post.html", **values)
    return pages_of(request).page(request, "post.html", problem=None, csrf="", **values)


def _asks(item: items.Item, who: SignedIn | None) -> str:
    """Return what who reads is asked: to vote, to sign in for that, or nothing."""
    poll = item.poll
    if poll is None or poll.over or poll.voted:
        return ""
    if who is None:
        return "sign in"
    return "" if who.account.id == item.author.id else "vote"


async def vote(request: Request) -> Response:
    """Vote in a poll of ours, by the form of its page."""
    form = await forms.read(request)
    who = await sessions.required(request)
    post_id = _number(request.path_params["post"])
    if post_id is None:
        raise NotFound
    found, author = await post_of(request, post_id)
    names = [form["choice"]] if "choice" in form else []
    names += [name.removeprefix("choice-") for name in form if name.startswith("choice-")]
    # What is no choice is not one of theirs: the action says so.
    choices = [-1 if (number := _number(name)) is None else number for name in names]
    try:
        async with commune_of(request).database.transaction() as tx:
            await polls.vote(tx, who.account, found.id, choices)
    except Invalid as error:
        return await show_post(request, found, error)
    return onwards(f"/@{author.username}/{found.id}")


async def tag(request: Request) -> Response:
    """What carries a hashtag."""
    db = commune_of(request).database.pool
    name = str(request.path_params["name"]).lower()
    page = _page(request)
    entries = await timelines.tag(db, ANYONE, name, page)
    return pages_of(request).page(
        request,
        "tag.html",
        tag=name,
        items=await items.of_entries(db, entries, now_of(request)),
        is_first=page.max_id is None,
        older=_older(entries),
    )


async def interaction(request: Request) -> Response:
    """Where other servers send somebody who wants to follow or answer something from here.

    Nothing is done on a GET (FEP-3b86): the page shows the address to put into one's own
    application.
    """
    uri = request.query_params.get("uri", "").strip()[:2000]
    if not uri.startswith(("https://", "http://", "acct:", "@")):
        raise Invalid("uri", _("Say whom to follow or what to answer: add its address as uri."))
    return pages_of(request).page(request, "interaction.html", uri=uri)


async def _local(request: Request) -> Account:
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


async def _members(db: Executor, target_id: int) -> list[Account]:
    found = await links.of_target(db, target_id, state="active")
    people = await accounts.by_ids(db, [link.subject_id for link in found])
    return _listable(people.get(link.subject_id) for link in found)


async def _targets(db: Executor, subject_id: int) -> list[Account]:
    found = await links.of_subject(db, subject_id, state="active")
    targets = await accounts.by_ids(db, [link.target_id for link in found])
    return _listable(targets.get(link.target_id) for link in found)


def _listable(found: Iterable[Account | None]) -> list[Account]:
    return [each for each in found if each and each.is_active and each.discoverable]


def _kind(text: str) -> Kind | None:
    """Return the kind that is asked for, None for all of them. Raises NotFound."""
    if not text:
        return None
    for _title, kind in LISTED:
        if text == kind:
            return kind
    raise NotFound


def _page(request: Request) -> Page:
    return Page(max_id=_number(request.query_params.get("before", "")), limit=PAGE)


def _number(text: str) -> int | None:
    """Return a cursor; nonsense is no cursor (SEC-PAR-03)."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        return None
    return int(text)


def _older(entries: list[Entry]) -> int | None:
    return entries[-1].id if len(entries) == PAGE else None
