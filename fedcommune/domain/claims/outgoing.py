"""The letters about claims: one to the domain of the website, one about how it ended."""

from __future__ import annotations

from fedcommune import i18n
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.claims.model import LETTER, Claim
from fedcommune.domain.places.model import Place
from fedcommune.mail import letters, queue


async def asked(tx: Transaction, claim: Claim, claimant: Account, place: Place, token: str) -> None:
    """Send the letter whose link proves that who claims reads what is sent to the website."""
    assert claim.email is not None, "only a claim by letter sends one"
    letter = letters.write(
        tx.instance,
        "claim",
        claim.email,
        await _language(tx, claimant),
        link=f"{tx.instance.origin}/claims/confirm?token={token}",
        expires_at=tx.now + LETTER,
        place=place.name,
        username=claimant.username,
    )
    await queue.post(tx, letter)


async def accepted(tx: Transaction, claimant: Account, place: Place, organisation: Account) -> None:
    """Tell who claimed that they speak for the place now."""
    await _tell(
        tx,
        claimant,
        "claim_accepted",
        link=organisation.url or tx.instance.origin,
        place=place.name,
        organisation=organisation.username,
    )


async def refused(tx: Transaction, claimant: Account, place: Place, reason: str) -> None:
    """Tell who claimed that it was refused, and why: what is ours to say, in their language."""
    reason = i18n.translate(await _language(tx, claimant), reason)
    await _tell(
        tx,
        claimant,
        "claim_refused",
        link=f"{tx.instance.origin}/claims",
        place=place.name,
        reason=reason,
    )


async def _tell(tx: Transaction, claimant: Account, kind: str, *, link: str, **values: str) -> None:
    citizen = await citizens.by_account(tx.db, claimant.id)
    if citizen is not None:
        letter = letters.write(
            tx.instance, kind, citizen.email, citizen.language, link=link, expires_at=None, **values
        )
        await queue.post(tx, letter)


async def _language(tx: Transaction, claimant: Account) -> str:
    citizen = await citizens.by_account(tx.db, claimant.id)
    return tx.instance.language if citizen is None else citizen.language
