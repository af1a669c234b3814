"""Claims: the form of who says that an entry is theirs, how it stands, the queue of officers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import throttles
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.citizens.throttles import Limit
from fedcommune.domain.claims import actions, queries
from fedcommune.domain.claims.model import Ask, Claim, Proof, State, suggested
from fedcommune.domain.places import queries as places
from fedcommune.domain.places.model import Place
from fedcommune.errors import CommuneError, NotAllowed, NotFound
from fedcommune.web import forms, sessions
from fedcommune.web.entries import place_of
from fedcommune.web.pages import commune_of, pages_of
from fedcommune.web.signing import count, onwards
from federation import keys

CLAIM: Final = Limit("claim", 10, timedelta(days=1))


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


STATES: Final = {
    State.OPEN: _("Somebody looks at it"),
    State.ACCEPTED: _("Accepted"),
    State.REFUSED: _("Refused"),
    State.WITHDRAWN: _("Taken back"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A claim as a page shows it; ``state`` and ``reason`` are words."""

    claim: Claim
    place: Place
    claimant: Account
    organisation: Account | None
    state: str
    reason: str


def routes() -> list[Route]:
    """The pages of claims."""
    return [
        Route("/places/{place:number}/claim", show_claim, methods=["GET"]),
        Route("/places/{place:number}/claim", claim, methods=["POST"]),
        Route("/claims", show, methods=["GET"]),
        Route("/claims/confirm", show_confirm, methods=["GET"]),
        Route("/claims/confirm", confirm, methods=["POST"]),
        Route("/claims/{claim:number}/withdraw", withdraw, methods=["POST"]),
        Route("/claims/{claim:number}/approve", approve, methods=["POST"]),
        Route("/claims/{claim:number}/refuse", refuse, methods=["POST"]),
    ]


async def show_claim(request: Request) -> Response:
    """``GET /places/{id}/claim``: the form, with a proof to choose."""
    await sessions.required(request)
    place = await _claimable(request)
    form = {"username": suggested(place.name), "proof": "letter" if place.website else "number"}
    return forms.page(request, "claims/form.html", here="directory", place=place, form=form)


async def claim(request: Request) -> Response:
    """Say that a place is theirs."""
    form = await forms.read(request)
    who = await sessions.required(request)
    place = await _claimable(request)
    typed = form.get("proof", "")
    ask = Ask(
        username=form.get("username", "").strip().lower(),
        proof=Proof(typed) if typed in set(Proof) else Proof.WORD,
        email=form.get("email", "").strip(),
        number=form.get("number", ""),
        message=form.get("message", ""),
    )
    try:
        await count(request, (CLAIM, str(who.account.id)))
        if ask.proof is Proof.LETTER:
            await count(request, (throttles.LETTER_EMAIL, ask.email))
        async with commune_of(request).database.transaction() as tx:
            await actions.begin(tx, who.account, place.id, ask)
    except (NotAllowed, NotFound):
        raise
    except CommuneError as error:
        return forms.again(request, "claims/form.html", error, form, here="directory", place=place)
    return onwards("/claims")


async def show(request: Request) -> Response:
    """``GET /claims``: one's own claims, and for who moderates those that wait for a decision."""
    return await _list(request, await sessions.required(request))


async def withdraw(request: Request) -> Response:
    """Take one's claim back."""
    await forms.read(request)
    who = await sessions.required(request)
    async with commune_of(request).database.transaction() as tx:
        await actions.withdraw(tx, who.account, int(request.path_params["claim"]))
    return onwards("/claims")


async def show_confirm(request: Request) -> Response:
    """The page behind the link of the letter: one button, so that no mail scanner claims."""
    who = await sessions.required(request)
    token = request.query_params.get("token", "")
    try:
        async with commune_of(request).database.transaction() as tx:
            found, place = await actions.look_at(tx, who.account, token)
    except NotFound:
        return forms.page(request, "claims/void.html", 404)
    return forms.page(request, "claims/confirm.html", token=token, claim=found, place=place)


async def confirm(request: Request) -> Response:
    """Take the token of the letter: the place is theirs, or an officer has the last word."""
    form = await forms.read(request)
    who = await sessions.required(request)
    await count(request, (throttles.TICKET, sessions.browser_of(request).address))
    pair = await asyncio.to_thread(keys.generate)
    try:
        async with commune_of(request).database.transaction() as tx:
            organisation = await actions.prove(tx, who.account, form.get("token", ""), pair)
    except NotFound:
        return forms.page(request, "claims/void.html", 404)
    return onwards("/claims" if organisation is None else f"/@{organisation.username}")


async def approve(request: Request) -> Response:
    """Say yes to a claim."""
    await forms.read(request)
    who = await _officer(request)
    pair = await asyncio.to_thread(keys.generate)
    try:
        async with commune_of(request).database.transaction() as tx:
            organisation = await actions.accept(
                tx, who.account, int(request.path_params["claim"]), pair
            )
    except (NotFound, NotAllowed):
        raise
    except CommuneError as error:
        return await _list(request, who, error)
    return onwards(f"/@{organisation.username}")


async def refuse(request: Request) -> Response:
    """Say no to a claim, and why."""
    form = await forms.read(request)
    who = await _officer(request)
    try:
        async with commune_of(request).database.transaction() as tx:
            await actions.refuse(
                tx, who.account, int(request.path_params["claim"]), form.get("reason", "")
            )
    except (NotFound, NotAllowed):
        raise
    except CommuneError as error:
        return await _list(request, who, error)
    return onwards("/claims")


async def _list(request: Request, who: SignedIn, error: CommuneError | None = None) -> Response:
    db = commune_of(request).database.pool
    own = await _lines(request, await queries.of_account(db, who.account.id))
    officer = who.account.role.moderates
    waiting = await _lines(request, await queries.waiting(db)) if officer else []
    values: dict[str, Any] = {
        "here": "settings",
        "own": own,
        "officer": officer,
        "waiting": waiting,
        "who": who,
    }
    if error is None:
        return forms.page(request, "claims/list.html", **values)
    return forms.again(request, "claims/list.html", error, {}, **values)


async def _lines(request: Request, found: Sequence[Claim]) -> list[Line]:
    db, pages = commune_of(request).database.pool, pages_of(request)
    ids = {each.account_id for each in found}
    ids |= {each.organisation_id for each in found if each.organisation_id}
    people: Mapping[int, Account] = await accounts.by_ids(db, ids)
    lines = []
    for each in found:
        place = await places.known(db, each.place_id)
        claimant = people.get(each.account_id)
        if place is None or claimant is None:
            continue
        state = STATES[each.state]
        if each.state is State.OPEN and each.waits_for_letter:
            state = _("The letter waits to be answered")
        lines.append(
            Line(
                each,
                place,
                claimant,
                people.get(each.organisation_id or 0),
                pages.say(request, state),
                pages.say(request, each.reason) if each.reason else "",
            )
        )
    return lines


async def _claimable(request: Request) -> Place:
    """Return a place that can be claimed. Raises NotFound for any other."""
    place, _owner = await place_of(request)
    if not place.local or not place.claimable or place.kind == "poi" or place.claimed_by:
        raise NotFound
    return place


async def _officer(request: Request) -> SignedIn:
    """Return who moderates here. Raises NotFound: for anybody else there is nothing here."""
    who = await sessions.required(request)
    if not who.account.role.moderates:
        raise NotFound
    return who
