"""Found an organisation, say anew what it is, close it; and vouch for an authority."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from msgspec import structs

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import profiles
from fedcommune.domain.accounts.model import Account, Changes, Details, Kind, Profile
from fedcommune.domain.links import actions as links
from fedcommune.domain.links import queries as link_queries
from fedcommune.domain.organisations import queries
from fedcommune.domain.organisations.model import Draft, Facts, Organisation, Revision
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from fedcommune.text import html
from federation.keys import Pair


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


async def found(
    tx: Transaction, founder: Account, draft: Draft, pair: Pair, roles: tuple[str, ...] = ()
) -> Account:
    """Open the organisation's account and make *founder* its first administrator.

    *pair* is made before the transaction. Raises Invalid for a draft that cannot become an
    organisation, Conflict for a name that is taken.
    """
    draft.check()
    details = Details(
        openness=draft.openness, siret=draft.siret, rna=draft.rna, **_said(draft.facts)
    )
    organisation = await accounts.open_(
        tx,
        kind=draft.kind,
        username=draft.username,
        name=draft.name,
        pair=pair,
        profile=profiles.written(
            tx.instance,
            draft.summary,
            Profile(latitude=draft.latitude, longitude=draft.longitude, details=details),
        ),
    )
    await queries.keep(tx.db, Organisation(organisation.id, draft.siret, draft.rna))
    await links.begin(tx, founder, organisation, roles)
    return organisation


async def edit(tx: Transaction, by: Account, account_id: int, revision: Revision) -> Account:
    """Let an administrator say anew what an organisation or a project of ours is.

    Its followers are told, and those who take part in it on other servers. A SIRET that
    changes takes the word of the commune for an authority away. Raises NotFound when it is
    none of ours, NotAllowed when *by* does not administer it, Invalid for what needs a
    correction.
    """
    stored = await administered(tx, by, account_id)
    revision.check()
    profile = profiles.written(tx.instance, revision.text)
    before = stored.details
    details = replace(
        before,
        openness=revision.openness,
        siret=revision.siret,
        rna=revision.rna,
        vouched_at=before.vouched_at if revision.siret == before.siret else None,
        **_said(revision.facts),
    )
    # Where it is no longer: the point goes with the address, which Changes cannot say.
    moved = structs.replace(stored, latitude=revision.latitude, longitude=revision.longitude)
    changed = await accounts.edit(
        tx,
        stored,
        Changes(
            name=revision.name.strip(),
            summary=profile.summary,
            source=profile.source,
            details=details,
        ),
        point=(moved.latitude, moved.longitude),
    )
    if stored.kind is not Kind.PROJECT:
        await queries.keep(tx.db, Organisation(stored.id, revision.siret, revision.rna))
    return changed


async def close(tx: Transaction, by: Account, account_id: int, name: str) -> None:
    """Let an administrator delete an organisation or a project for good.

    *name* is its short name, typed out, so that it is no accident. Who takes part on other
    servers is told that it is no more. Raises Invalid for another name, NotFound and
    NotAllowed as :func:`edit`.
    """
    stored = await administered(tx, by, account_id)
    if name.strip().lstrip("@").lower() != stored.username.lower():
        raise Invalid("username", _("Type its short name, so that it is no accident."))
    await accounts.delete(tx, stored)


async def vouch(tx: Transaction, account_id: int, *, since: bool = True) -> Account:
    """Let the commune say that an authority is who it says to be, or no longer (product 7.1).

    It is asked for by somebody who administers the server. Two proofs are needed before: its
    website leads back to its profile, and it has a SIRET. Raises NotFound when it is no
    authority of ours, Conflict while a proof is missing.
    """
    stored = await queries.locked(tx.db, account_id)
    if stored is None or stored.kind is not Kind.AUTHORITY:
        raise NotFound(_("Only a local authority of this commune can be verified."))
    details = stored.details
    if since:
        if not details.siret:
            raise Conflict(_("Write its SIRET into its page first."))
        proven = {url for url, _moment in details.verified}
        if not details.website or details.website not in proven:
            raise Conflict(_("Its website must link back to its page with rel=me first."))
    vouched = (details.vouched_at or tx.now) if since else None
    return await accounts.edit(tx, stored, Changes(details=replace(details, vouched_at=vouched)))


async def administered(tx: Transaction, by: Account, account_id: int) -> Account:
    """Return an organisation or a project of ours that *by* administers, its row locked.

    Raises NotFound, NotAllowed.
    """
    stored = await queries.locked(tx.db, account_id)
    if stored is None or stored.suspended_at is not None:
        raise NotFound
    if by.id != stored.id and not await link_queries.is_admin(tx.db, by.id, stored.id):
        raise NotAllowed(_("Only an administrator of this page can do this."))
    return stored


def _said(facts: Facts) -> dict[str, Any]:
    """Return what of the details *facts* fill."""
    return {
        "tags": facts.words,
        "street": html.line(facts.street),
        "postal_code": facts.postal_code.strip(),
        "locality": html.line(facts.locality),
        "opening_hours": html.line(facts.opening_hours),
        "accessibility": facts.accessibility,
        "website": facts.website.strip() or None,
        "email": facts.email.strip(),
        "phone": facts.phone.strip(),
    }
