"""Who takes part in what: ask, invite, answer, change, leave, remove and hide, on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import lookup
from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links import actions, queries, showing
from fedcommune.domain.links.model import Link, State, Wish, relationship_with
from fedcommune.domain.organisations import queries as organisations
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import acting, forms
from fedcommune.web.acting import Reader
from fedcommune.web.organisations import OPENNESS, administered, joinable
from fedcommune.web.signing import commune_of, onwards
from federation.errors import FederationError

MOST: Final = 200


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Bond:
    """A link with the one on its other side, as seen from a page."""

    link: Link
    other: Account


async def show_join(request: Request) -> Response:
    """The form with which one asks to take part."""
    reader = await acting.required(request)
    account = await joinable(request)
    return forms.page(request, "actors/join.html", **await _asking(request, reader, account))


async def join(request: Request) -> Response:
    """Ask to take part, in one's own name or as whom one acts, with a word and roles."""
    form = await forms.read(request)
    reader = await acting.required(request)
    account = await joinable(request)
    try:
        async with acting.doing(request, form) as (tx, subject):
            await actions.ask(tx, subject, account, _wish(form))
    except CommuneError as error:
        if isinstance(error, NotFound):
            raise
        values = await _asking(request, reader, account)
        return forms.again(request, "actors/join.html", error, form, **values)
    return onwards("/settings/links")


async def show_people(request: Request) -> Response:
    """Who takes part, who asks to and who is invited, for those who run it."""
    by, account = await administered(request)
    return await _people(request, by, account)


async def invite(request: Request) -> Response:
    """Invite somebody, of this commune or another, by their address."""
    form = await forms.read(request)
    by, account = await administered(request)
    try:
        person = await _named(request, form)
        async with commune_of(request).database.transaction() as tx:
            await actions.invite(tx, by, account, person, _wish(form))
    except CommuneError as error:
        return await _people(request, by, account, error, form)
    return onwards(f"/@{account.username}/people")


async def show_mine(request: Request) -> Response:
    """What one, or as whom one acts, takes part in, asked for or is invited to."""
    reader = await acting.required(request)
    # The page of somebody of another commune leads here, with its address.
    handle = request.query_params.get("handle", "")[:300]
    return await _mine(request, reader, form={"handle": handle})


async def join_elsewhere(request: Request) -> Response:
    """Ask to take part in something of another commune, by its address."""
    form = await forms.read(request)
    reader = await acting.required(request)
    try:
        target = await _named(request, form)
        async with acting.doing(request, form) as (tx, subject):
            await actions.ask(tx, subject, target, _wish(form))
    except CommuneError as error:
        return await _mine(request, reader, error, form)
    return onwards("/settings/links")


async def change(request: Request) -> Response:
    """Do what a button beside a link says; where one goes afterwards is on the button, too."""
    form = await forms.read(request)
    reader = await acting.required(request)
    wanted = form.get("do", "")
    pool = commune_of(request).database.pool
    by = me = reader.account
    sides: tuple[Account, Account] | None = None
    try:
        async with acting.doing(request, form) as (tx, me):
            link, sides = await _concerned(tx, me, reader, request)
            by = await acting.decider(tx.db, reader, sides[1]) or me
            await _do(tx, by, me, wanted, link, sides, form)
    except CommuneError as error:
        # Before the sides are known, there is no page of theirs to show.
        if isinstance(error, NotFound) or sides is None:
            raise
        subject, target = sides
        if subject.id == me.id:
            return await _mine(request, reader, error)
        return await _people(request, by, target, error)
    subject, target = sides
    if subject.id == me.id and form.get("from") != "people":
        return onwards("/settings/links")
    if await acting.decider(pool, reader, target) is None:
        return onwards(f"/@{target.username}")
    return onwards(f"/@{target.username}/people")


async def _do(
    tx: Transaction,
    by: Account,
    me: Account,
    wanted: str,
    link: Link,
    sides: tuple[Account, Account],
    form: Mapping[str, str],
) -> None:
    mine = link.subject_id == me.id
    invited = link.state == State.INVITED
    match wanted:
        case "accept" if mine and invited:
            await actions.accept_invitation(tx, link, sides)
        case "refuse" if mine and invited:
            await actions.decline_invitation(tx, link, sides)
        case "accept":
            await actions.approve(tx, by, link, sides)
        case "accept-plain":
            await actions.approve(tx, by, link, sides, as_admin=False)
        case "refuse":
            await actions.refuse(tx, by, link, sides)
        case "leave" if mine:
            await actions.leave(tx, link, sides)
        case "remove":
            await actions.remove(tx, by, link, sides)
        case "hide" | "show" if mine:
            await showing.hide(tx, me, link.id, hidden=wanted == "hide")
        case "change":
            await actions.change(
                tx,
                by,
                link,
                sides,
                roles=_roles(form),
                is_admin=form.get("admin") == "yes",
            )
        case _:
            raise Invalid("do", _("Use the buttons of the page."))


async def _concerned(
    tx: Transaction, me: Account, reader: Reader, request: Request
) -> tuple[Link, tuple[Account, Account]]:
    """Return the link of the address and its sides, if *me* or who reads has a say in it.

    Nobody else learns that it exists (SEC-VIS-11).
    """
    number = str(request.path_params["link"])
    # A bigint is what the database can look for (SEC-PAR-03).
    link = None
    if number.isascii() and number.isdigit() and len(number) <= 18:
        link = await queries.locked(tx.db, int(number))
    if link is None:
        raise NotFound
    people = await accounts.by_ids(tx.db, [link.subject_id, link.target_id])
    subject, target = people[link.subject_id], people[link.target_id]
    if link.subject_id != me.id and await acting.decider(tx.db, reader, target) is None:
        raise NotFound
    return link, (subject, target)


async def bond_between(db: Executor, subject: Account, target: Account) -> Link | None:
    """Return how *subject* stands to *target*; None when they have nothing to do."""
    link = await queries.standing(db, subject.id, target.id, relationship_with(target.kind))
    return None if link is None or link.state == State.ENDED else link


async def _asking(request: Request, reader: Reader, account: Account) -> dict[str, Any]:
    db = commune_of(request).database.pool
    # Nobody takes part in oneself.
    me = reader.who.account if reader.account.id == account.id else reader.account
    return {
        "account": account,
        "me": me,
        "choices": [each for each in reader.actors if each.id != account.id],
        "link": await bond_between(db, me, account),
        "openness": OPENNESS,
    }


async def _people(
    request: Request,
    by: Account,
    account: Account,
    error: CommuneError | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    db = commune_of(request).database.pool
    values: dict[str, Any] = {"account": account, "by": by}
    for state in (State.PENDING, State.INVITED, State.ACTIVE):
        found = await queries.of_target(db, account.id, state=state, limit=MOST)
        values[state.value] = await _bonds(db, found, [each.subject_id for each in found])
    if error is not None:
        return forms.again(request, "actors/people.html", error, form or {}, **values)
    return forms.page(request, "actors/people.html", **values)


async def _mine(
    request: Request,
    reader: Reader,
    error: CommuneError | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    db = commune_of(request).database.pool
    values: dict[str, Any] = {
        "who": reader.who,
        "me": reader.account,
        "choices": reader.actors,
        "here": "settings",
    }
    for state in (State.PENDING, State.INVITED, State.ACTIVE):
        found = await queries.of_subject(db, reader.account.id, state=state, limit=MOST)
        values[state.value] = await _bonds(db, found, [each.target_id for each in found])
    values["administers"] = await organisations.administered(db, reader.who.account.id)
    if error is not None:
        return forms.again(request, "actors/links.html", error, form or {}, **values)
    return forms.page(request, "actors/links.html", form=form or {}, **values)


async def _bonds(db: Executor, found: Sequence[Link], others: Sequence[int]) -> list[Bond]:
    people = await accounts.by_ids(db, others)
    return [
        Bond(link, people[other])
        for link, other in zip(found, others, strict=True)
        if other in people and people[other].is_active
    ]


async def shown(
    db: Executor, viewer: Viewer, *, target_id: int | None = None, subject_id: int | None = None
) -> list[Bond]:
    """Return who takes part in a target, or in what a subject does, as *viewer* may see it."""
    found = await queries.shown(db, viewer, target_id=target_id, subject_id=subject_id, limit=MOST)
    others = [each.subject_id if target_id else each.target_id for each in found]
    return [each for each in await _bonds(db, found, others) if each.other.discoverable]


async def _named(request: Request, form: Mapping[str, str]) -> Account:
    """Return whom a form names. Raises Invalid with a sentence that says what to do."""
    try:
        return await lookup.actor(commune_of(request), form.get("handle", ""))
    except (NotFound, Invalid, FederationError):
        raise Invalid(
            "handle", _("Nobody is found there: write an address like @jean@trois-bassins.re.")
        ) from None


def _wish(form: Mapping[str, str]) -> Wish:
    return Wish(_roles(form), form.get("admin") == "yes", form.get("message", ""))


def _roles(form: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(form.get("roles", "").split(","))
