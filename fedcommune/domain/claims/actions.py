"""Claim a place, prove it, decide about it: an entry becomes an organisation with a voice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens import tokens
from fedcommune.domain.claims import outgoing, queries
from fedcommune.domain.claims.model import LETTER, MAX_REASON, Ask, Claim, Proof, State
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind as Told
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft as OrganisationDraft
from fedcommune.domain.organisations.model import Facts
from fedcommune.domain.places import actions as places
from fedcommune.domain.places import queries as place_queries
from fedcommune.domain.places.model import Place
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from fedcommune.text import html
from federation.keys import Pair


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def begin(tx: Transaction, claimant: Account, place_id: int, ask: Ask) -> Claim:
    """Let *claimant*, a citizen of ours, say that a place is theirs.

    A proof by letter sends one to the domain of the website; the others wait for an officer,
    who is told.
    Raises NotFound for no place of ours, Conflict for one that is spoken for, not to be
    claimed, or claimed by them already, Invalid for what needs a correction.
    """
    if not claimant.local or not claimant.is_active or claimant.kind is not Kind.CITIZEN:
        raise NotAllowed(_("Only a citizen of this commune can claim a place."))
    place = await _claimable(tx, place_id)
    ask.check(place.website)
    if await account_queries.local_by_username(tx.db, ask.username) is not None:
        raise Conflict(_("This name is taken, or looks like one that is: choose another."))
    by_letter = ask.proof is Proof.LETTER
    claim = Claim(
        id=identifiers.new(tx.now),
        place_id=place.id,
        account_id=claimant.id,
        username=ask.username,
        proof=ask.proof,
        email=ask.email.strip() if by_letter else None,
        email_proven_at=None,
        siret=ask.siret,
        rna=ask.rna,
        message=ask.message.strip(),
        state=State.OPEN,
        reason="",
        organisation_id=None,
        decided_by=None,
        created_at=tx.now,
        decided_at=None,
    )
    token = tokens.new() if by_letter else ""
    digest = tokens.digest(token) if by_letter else None
    until = tx.now + LETTER if by_letter else None
    if not await queries.insert(tx.db, claim, token=digest, token_until=until):
        raise Conflict(_("You have claimed this place already: see how it stands."))
    if by_letter:
        await outgoing.asked(tx, claim, claimant, place, token)
    else:
        await _tell_moderators(tx, claim)
    return claim


async def look_at(tx: Transaction, claimant: Account, token: str) -> tuple[Claim, Place]:
    """Return the claim whose letter carried *token*, and its place.

    Only for who claims: nobody else who reads the letter can be led to give the place away.
    Raises NotFound for anything else, and once it was used or is too old.
    """
    found = await queries.by_token(tx.db, tokens.digest(token), tx.now)
    if found is None or found.account_id != claimant.id:
        raise NotFound
    place = await _claimable(tx, found.place_id)
    claim = await queries.locked(tx.db, found.id)
    if claim is None or claim.state is not State.OPEN or claim.email_proven_at is not None:
        raise NotFound
    return claim, place


async def prove(tx: Transaction, claimant: Account, token: str, pair: Pair) -> Account | None:
    """Take the token of the letter; return the organisation when that is proof enough.

    It is when the website was imported or told by the commune; what anybody here may have
    typed proves nothing by itself, and an officer decides (None). Raises as :func:`look_at`
    and :func:`accept`.
    """
    claim, place = await look_at(tx, claimant, token)
    await queries.prove(tx.db, claim.id, tx.now)
    if not await place_queries.website_stands(tx.db, place.id):
        await _tell_moderators(tx, claim)
        return None
    return await _accept(tx, claim, place, pair, None)


async def accept(tx: Transaction, by: Account | None, claim_id: int, pair: Pair) -> Account:
    """Let *by*, an officer, say yes; None is whoever runs the server. Returns the organisation.

    *pair* is made before the transaction. Raises NotAllowed for who is no officer, or decides
    about their own claim, NotFound for no claim, Conflict for one that is closed, for a place
    that somebody speaks for, or a name that was taken meanwhile.
    """
    claim, place = await _open(tx, by, claim_id)
    if claim.waits_for_letter:
        raise Conflict(_("Their letter was not answered yet: nothing is proven."))
    _must_be_claimable(place)
    return await _accept(tx, claim, place, pair, by)


async def refuse(tx: Transaction, by: Account | None, claim_id: int, reason: str) -> None:
    """Let *by*, an officer, say no, and why. Raises as :func:`accept`, Invalid without reason."""
    claim, _place = await _open(tx, by, claim_id)
    if not 1 <= len(reason.strip()) <= MAX_REASON:
        raise Invalid("reason", _("Say why, in a few words: they will read it."))
    await _refuse(tx, claim, by, reason.strip())


async def withdraw(tx: Transaction, claimant: Account, claim_id: int) -> None:
    """Let who claimed take it back. Raises NotFound for no open claim of theirs."""
    claim = await queries.by_id(tx.db, claim_id)
    if claim is None or claim.account_id != claimant.id or claim.state is not State.OPEN:
        raise NotFound
    await queries.close(tx.db, claim.id, State.WITHDRAWN, tx.now)


async def _accept(
    tx: Transaction, claim: Claim, place: Place, pair: Pair, by: Account | None
) -> Account:
    claimant = await account_queries.by_id(tx.db, claim.account_id)
    if claimant is None or not claimant.is_active:
        raise NotFound
    organisation = await organisations.found(
        tx,
        claimant,
        OrganisationDraft(
            place.kind,
            claim.username,
            html.shorten(place.name, 100),
            place.source or place.summary,
            siret=claim.siret,
            rna=claim.rna,
            latitude=place.latitude,
            longitude=place.longitude,
            facts=_facts(place),
        ),
        pair,
    )
    await places.give(tx, place.id, organisation)
    decided = None if by is None else by.id
    await queries.close(
        tx.db, claim.id, State.ACCEPTED, tx.now, by=decided, organisation=organisation.id
    )
    await outgoing.accepted(tx, claimant, place, organisation)
    for other in await queries.others(tx.db, claim):
        await _refuse(tx, other, by, _("Somebody else proved that this place is theirs."))
    return organisation


async def _tell_moderators(tx: Transaction, claim: Claim) -> None:
    """Tell whoever moderates here that a claim waits for a decision; not who made it."""
    for each in await citizens.moderators(tx.db):
        if each.id != claim.account_id:
            await notifications.tell_officially(
                tx, each.id, Told.ADMIN_CLAIM, claim.id, from_id=claim.account_id
            )


async def _refuse(tx: Transaction, claim: Claim, by: Account | None, reason: str) -> None:
    decided = None if by is None else by.id
    await queries.close(tx.db, claim.id, State.REFUSED, tx.now, by=decided, reason=reason)
    claimant = await account_queries.by_id(tx.db, claim.account_id)
    place = await place_queries.known(tx.db, claim.place_id)
    if claimant is not None and place is not None:
        await outgoing.refused(tx, claimant, place, reason)


def _facts(place: Place) -> Facts:
    """Return what the entry said, as an organisation says it; what does not fit stays out."""
    facts = Facts(
        tags=place.tags,
        street=place.street,
        postal_code=place.postal_code,
        locality=place.locality,
        opening_hours=place.opening_hours,
        accessibility=place.accessibility,
        website=place.website or "",
    )
    for _line in ("tags", "street", "postal_code", "locality", "opening_hours", "website"):
        try:
            facts.check()
        except Invalid as error:
            empty: dict[str, Any] = {error.field: () if error.field == "tags" else ""}
            facts = replace(facts, **empty)
        else:
            break
    return facts


async def _claimable(tx: Transaction, place_id: int) -> Place:
    place = await place_queries.locked(tx.db, place_id)
    if place is None or not place.local:
        raise NotFound
    _must_be_claimable(place)
    return place


def _must_be_claimable(place: Place) -> None:
    if place.claimed_by is not None:
        raise Conflict(_("Somebody speaks for this place already."))
    if not place.claimable or place.kind == "poi":
        raise Conflict(_("Nobody can claim this place: it belongs to everybody."))


async def _open(tx: Transaction, by: Account | None, claim_id: int) -> tuple[Claim, Place]:
    """Return an open claim that *by* may decide about, and its place, locked one after the other.

    The place is locked first, always: two who decide about it at once wait for each other.
    """
    if by is not None and not by.role.moderates:
        raise NotAllowed(_("Only a moderator decides about claims."))
    found = await queries.by_id(tx.db, claim_id)
    place = None if found is None else await place_queries.locked(tx.db, found.place_id)
    claim = None if place is None else await queries.locked(tx.db, claim_id)
    if claim is None or place is None:
        raise NotFound
    if by is not None and claim.account_id == by.id:
        raise NotAllowed(_("Somebody else decides about your own claim."))
    if claim.state is not State.OPEN:
        raise Conflict(_("This claim was decided already."))
    return claim, place
