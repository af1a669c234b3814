"""The three lists of a citizen on pages: buttons, one's own lists, and the first steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import lookup
from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.model import Kind as Actor
from fedcommune.domain.collections import queries, three
from fedcommune.domain.collections.model import TITLES, Kind, State
from fedcommune.domain.collections.queries import three as stored
from fedcommune.domain.directory import queries as directory
from fedcommune.domain.directory.model import Kind as Listed
from fedcommune.domain.directory.model import Listing, Point, Subject, Wanted
from fedcommune.domain.places import queries as places
from fedcommune.domain.places.model import Place
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.instance import Instance
from fedcommune.web import forms, sessions
from fedcommune.web.signing import commune_of, onwards
from federation.errors import FederationError

SUGGESTED: Final = 12
_REACH: Final = 20_000.0


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# The steps of a newcomer, in this order: what is asked, who is suggested, and where to go for
# what is not here yet.
STEPS: Final = (
    (
        Kind.APPRECIATES,
        _("Which shops and services do you appreciate?"),
        _("The baker who smiles, the garage that is honest: a word from you helps them."),
        frozenset({Listed.BUSINESS}),
        ("/places/new", _("Tell of it")),
    ),
    (
        Kind.PARTICIPATES,
        _("In which associations do you take part?"),
        _("Sports, music, mutual aid: your neighbours may join you there."),
        frozenset({Listed.ASSOCIATION, Listed.GROUP}),
        ("/found", _("Found it")),
    ),
    (
        Kind.CREATES,
        _("Which projects do you bring to life?"),
        _("A shared garden, a festival, an idea: what you carry with others."),
        frozenset({Listed.PROJECT}),
        ("/found?kind=project", _("Start it")),
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a list, or that might stand there: an actor, or a place nobody speaks for."""

    name: str
    page: str
    kind: str
    told: str = ""
    account: int = 0
    place: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One of the three lists with what stands in it."""

    kind: Kind
    title: str
    entries: list[Entry]
    shown: bool


async def shelves(db: Executor, owner: Account, viewer: Viewer) -> list[Shelf]:
    """Return the lists of our *owner* that *viewer* may see, the empty ones left out."""
    mine = viewer.account_id == owner.id
    found = await queries.of_account(db, owner.id, unlisted=mine)
    by_kind = {each.kind: each for each in found if each.kind is not None and each.local}
    shown = []
    for kind in Kind:
        collection = by_kind.get(kind)
        if collection is None:
            continue
        items = (await queries.items(db, viewer, [collection.id]))[collection.id]
        people = await accounts.by_ids(db, [each.account_id for each in items])
        entries = [
            _of_account(people[each.account_id], each.state)
            for each in items
            if each.account_id in people and people[each.account_id].is_active
        ]
        entries += await places_of(db, collection.id)
        if entries:
            shown.append(Shelf(kind, TITLES[kind], entries, collection.discoverable))
    return shown


async def places_of(db: Executor, collection_id: int) -> list[Entry]:
    """Return the places that stand in a list and are still there, in their order."""
    entries = []
    for place_id in await stored.place_ids(db, collection_id):
        place = await places.by_id(db, place_id)
        if place is not None:
            page = f"/places/{place.id}" if place.local else place.object_id
            entries.append(Entry(place.name, page, place.kind, place=place.id, state="accepted"))
    return entries


@dataclass(frozen=True, slots=True)
class Liked:
    """How many appreciate a place, who of them shows it, and whether the reader does."""

    likes: int
    likers: list[Account]
    listed: bool
    fits: bool


async def liked(db: Executor, place: Place, reader: Account | None) -> Liked:
    """Return how a place nobody speaks for is appreciated; associations are not listed so."""
    return Liked(
        await stored.count_place(db, place.id),
        await stored.appreciating_place(db, place.id),
        reader is not None and await stored.has_place(db, reader.id, place.id),
        fits=place.claimed_by is None and place.kind != "association",
    )


async def show(request: Request) -> Response:
    """One's own lists, and whether they are shown."""
    who = await sessions.required(request)
    return await _mine(request, who.account)


async def change(request: Request) -> Response:
    """Put something into a list, take it out, show the lists or keep them."""
    form = await forms.read(request)
    who = await sessions.required(request)
    commune = commune_of(request)
    back = sessions.return_to(form.get("return_to"), "/settings/lists")
    try:
        account = None
        if form.get("handle") or form.get("account"):
            account = await _named(request, form)
        async with commune.database.transaction() as tx:
            match form.get("do"):
                case "put" if account is not None:
                    await three.put(tx, who.account, account)
                case "take" if account is not None:
                    await three.take_out(tx, who.account, account)
                case "put" if await places.by_id(tx.db, _number(form.get("place", ""))):
                    await three.put_place(tx, who.account, _number(form["place"]))
                case "take" if form.get("place"):
                    await three.take_place(tx, who.account, _number(form["place"]))
                case "show" | "keep":
                    await three.show(tx, who.account, shown=form["do"] == "show")
                case _:
                    raise NotFound
    except CommuneError as error:
        if isinstance(error, NotFound):
            raise
        return await _mine(request, who.account, error, form)
    return onwards(back)


async def welcome(request: Request) -> Response:
    """The three first steps of somebody new; each may be skipped, and come back to."""
    who = await sessions.required(request)
    commune = commune_of(request)
    db = commune.database.pool
    text = request.query_params.get("step", "1")
    number = int(text) if text in ("1", "2", "3") else 1
    kind, title, told, sought, (own, invitation) = STEPS[number - 1]
    words = request.query_params.get("q", "").strip()[:100]
    found = await _around(db, commune.instance, sought, words)
    chosen = {
        (each.account, each.place)
        for shelf in await shelves(db, who.account, Viewer(who.account.id))
        for each in shelf.entries
    }
    suggestions = [_suggested(each, chosen) for each in found]
    return forms.page(
        request,
        "actors/welcome.html",
        who=who,
        number=number,
        kind=kind,
        title=title,
        told=told,
        own=own,
        invitation=invitation,
        words=words,
        suggestions=suggestions,
        sizes=await stored.sizes(db, who.account.id),
        steps=[each[0] for each in STEPS],
    )


async def _around(
    db: Executor, instance: Instance, kinds: frozenset[Listed], words: str
) -> list[Listing]:
    """Return what is sought: by words, or what is near, then who lives here without a point."""
    if words:
        return await directory.search(db, Wanted(text=words, kinds=kinds), limit=SUGGESTED)
    found: list[Listing] = []
    if instance.latitude is not None and instance.longitude is not None:
        middle = Point(instance.latitude, instance.longitude)
        wanted = Wanted(kinds=kinds, near=middle, radius=_REACH)
        found = await directory.search(db, wanted, limit=SUGGESTED)
    ours = Wanted(kinds=kinds, domain=instance.domain)
    known = {(each.subject, each.id) for each in found}
    for each in await directory.search(db, ours, limit=SUGGESTED):
        if (each.subject, each.id) not in known:
            found.append(each)
    return found[:SUGGESTED]


def _suggested(listing: Listing, chosen: set[tuple[int, int]]) -> Entry:
    is_place = listing.subject is Subject.PLACE
    account, place = (0, listing.id) if is_place else (listing.id, 0)
    return Entry(
        name=listing.name,
        page="",
        kind=listing.kind,
        told=listing.told,
        account=account,
        place=place,
        state="accepted" if (account, place) in chosen else "",
    )


def _of_account(account: Account, state: str) -> Entry:
    page = f"/@{account.username}" if account.local else account.url or account.actor_id
    return Entry(
        name=account.display_name,
        page=page if page.startswith(("/", "https://", "http://")) else "#",
        kind=account.kind,
        account=account.id,
        state=state if state != State.REFUSED else "",
    )


async def _mine(
    request: Request,
    owner: Account,
    error: CommuneError | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    db = commune_of(request).database.pool
    found = await shelves(db, owner, Viewer(owner.id))
    values: dict[str, Any] = {"here": "settings", "lists": found}
    values["shown"] = all(each.shown for each in found)
    template = "actors/my_lists.html"
    if error is not None:
        return forms.again(request, template, error, form or {}, **values)
    return forms.page(request, template, **values)


async def _named(request: Request, form: Mapping[str, str]) -> Account:
    """Return whom a form names, by an id of here or by an address. Raises NotFound, Invalid."""
    commune = commune_of(request)
    if form.get("account"):
        found = await accounts.by_id(commune.database.pool, _number(form["account"]))
        if found is None or not found.is_active or found.kind is Actor.STRANGER:
            raise NotFound
        return found
    try:
        return await lookup.actor(commune, form["handle"])
    except (NotFound, Invalid, FederationError):
        raise Invalid(
            "handle", _("Nobody is found there: write an address like @garage@saint-leu.re.")
        ) from None


def _number(text: str) -> int:
    """Return an id that a form sent back. Raises NotFound for nonsense (SEC-PAR-03)."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)
