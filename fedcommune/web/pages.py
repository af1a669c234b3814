"""The pages: news, a profile, a conversation, a tag, who is here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.commune import Commune
from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.links import queries as links
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import threads
from fedcommune.domain.posts.model import Page
from fedcommune.domain.projects.actions import STAGES
from fedcommune.domain.projects.model import Stage
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import NotFound
from fedcommune.web import items
from fedcommune.web.render import KINDS, Pages

PAGE: Final = 20


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Group:
    """A titled list of accounts beside the news."""

    title: str
    accounts: list[Account]


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


def pages_of(request: Request) -> Pages:
    """Return what renders the pages of this commune."""
    pages = request.app.state.pages
    assert isinstance(pages, Pages), "the application is made with its pages"
    return pages


async def home(request: Request) -> Response:
    """The news of the commune: what everybody may read, ours and the neighbours'."""
    db = commune_of(request).database.pool
    entries = await timelines.public(db, ANYONE, _page(request))
    pages = pages_of(request)
    groups = [
        Group(
            pages.say(request, title),
            await accounts.local_of_kinds(db, [kind], limit=8),
        )
        for title, kind in (
            (_("Projects"), Kind.PROJECT),
            (_("Associations"), Kind.ASSOCIATION),
            (_("Shops and services"), Kind.BUSINESS),
            (_("Town hall"), Kind.AUTHORITY),
        )
    ]
    return pages.page(
        request,
        "home.html",
        items=await items.of_entries(db, entries),
        older=_older(entries),
        groups=groups,
    )


async def actors(request: Request) -> Response:
    """Who is here, of one kind. Citizens are not listed: they did not ask to be."""
    db = commune_of(request).database.pool
    kind = _kind(request.query_params.get("kind", ""))
    after = _number(request.query_params.get("after", "")) or 0
    found = await accounts.local_of_kinds(db, [kind], after=after, limit=PAGE + 1)
    pages = pages_of(request)
    return pages.page(
        request,
        "actors.html",
        title=pages.say(request, KINDS[kind]),
        kind=kind,
        accounts=found[:PAGE],
        more=found[PAGE - 1].id if len(found) > PAGE else None,
    )


async def profile(request: Request) -> Response:
    """The page of a local actor."""
    commune = commune_of(request)
    db = commune.database.pool
    account = await _local(request)
    entries = await timelines.of_account(db, ANYONE, account.id, _page(request))
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
        items=await items.of_entries(db, entries),
        older=_older(entries),
        groups=[members, takes_part],
    )


async def post(request: Request) -> Response:
    """A post of ours, with the conversation around it."""
    db = commune_of(request).database.pool
    found = await posts.by_id(db, ANYONE, int(request.path_params["post"]))
    if found is None or not found.local:
        raise NotFound
    author = await accounts.by_id(db, found.author_id)
    username = request.path_params.get("username")
    if author is None or (username is not None and author.username != str(username).lower()):
        raise NotFound
    (item,) = await items.of_posts(db, [found])
    return pages_of(request).page(
        request,
        "post.html",
        alternate=found.object_id,
        item=item,
        ancestors=await items.of_posts(db, await threads.ancestors(db, ANYONE, found.id)),
        descendants=await items.of_posts(db, await threads.descendants(db, ANYONE, found.id)),
    )


async def tag(request: Request) -> Response:
    """What carries a hashtag."""
    db = commune_of(request).database.pool
    name = str(request.path_params["name"]).lower()
    entries = await timelines.tag(db, ANYONE, name, _page(request))
    return pages_of(request).page(
        request,
        "tag.html",
        tag=name,
        items=await items.of_entries(db, entries),
        older=_older(entries),
    )


async def interaction(request: Request) -> Response:
    """Where other servers send somebody who wants to follow or answer something from here.

    Nothing is done on a GET (FEP-3b86): the page shows the address to put into one's own
    application.
    """
    uri = request.query_params.get("uri", "")[:2000]
    if not uri.startswith(("https://", "http://", "acct:", "@")):
        raise NotFound
    return pages_of(request).page(request, "interaction.html", uri=uri)


async def _local(request: Request) -> Account:
    commune = commune_of(request)
    db = commune.database.pool
    if "username" in request.path_params:
        name = str(request.path_params["username"]).lower()
        account = await accounts.local_by_username(db, name)
    elif "account" in request.path_params:
        account = await accounts.by_id(db, int(request.path_params["account"]))
    else:
        account = await accounts.by_actor_id(db, commune.instance.actor)
    if account is None or not account.local or not account.is_active:
        raise NotFound
    return account


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
    return [people[link.subject_id] for link in found if link.subject_id in people]


async def _targets(db: Executor, subject_id: int) -> list[Account]:
    found = await links.of_subject(db, subject_id, state="active")
    targets = await accounts.by_ids(db, [link.target_id for link in found])
    return [targets[link.target_id] for link in found if link.target_id in targets]


def _kind(text: str) -> Kind:
    allowed = (Kind.PROJECT, Kind.ASSOCIATION, Kind.BUSINESS, Kind.AUTHORITY, Kind.GROUP)
    for kind in allowed:
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
