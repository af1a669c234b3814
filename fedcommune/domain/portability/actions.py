"""Bring in what a file says, a batch in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.places import actions as places
from fedcommune.domain.portability import queries, verdicts
from fedcommune.domain.portability.model import Finding, Options, Row, Source, Verdict
from fedcommune.domain.portability.verdicts import Judged
from outbox import upkeep as outbox


async def bring(
    tx: Transaction,
    commune: Account,
    source: Source,
    rows: Sequence[Row],
    options: Options,
    seen: frozenset[str] = frozenset(),
) -> list[Finding]:
    """Add what is new in *rows*, change what changed at its source, take away what is gone.

    What comes in belongs to *commune*, our own actor; nobody is followed, no account is made.
    What people here corrected, claimed or took away stays as they left it (see Options).
    Entries without a point are refused: look addresses up before. Returns what became of each.
    """
    await queries.lock(tx.db, source.name)
    judged = await verdicts.judge(tx.db, tx.instance, source, rows, options, seen)
    return [await _do(tx, commune, source, each) for each in judged]


async def _do(tx: Transaction, commune: Account, source: Source, judged: Judged) -> Finding:
    finding, entry, draft = judged.finding, judged.entry, judged.draft
    if judged.needs_point:
        return unplaced(finding)
    if judged.gone is not None and finding.place_id is not None:
        await places.remove(tx, commune, finding.place_id)
        await queries.part(tx.db, finding.place_id)
        if judged.gone.erase:
            await _erase(tx, finding.place_id)
    elif judged.erased and finding.place_id is not None:
        await _erase(tx, finding.place_id)
    elif finding.verdict is Verdict.NEW and entry is not None and draft is not None:
        place = await places.add(tx, commune, draft)
        await queries.keep(tx.db, source.name, entry.key, place.id, entry.digest)
        return replace(finding, place_id=place.id)
    elif finding.verdict is Verdict.CHANGED and entry is not None and draft is not None:
        assert finding.place_id is not None
        await places.correct(tx, commune, finding.place_id, draft)
        await queries.keep(tx.db, source.name, entry.key, finding.place_id, entry.digest)
    return finding


async def _erase(tx: Transaction, place_id: int) -> None:
    """Leave nothing of a place behind but that it is gone: who asks for that has a right to it."""
    await queries.erase(tx.db, place_id)
    await outbox.forget(tx.db, tx.instance.place(place_id))


def unplaced(finding: Finding, reason: str = "") -> Finding:
    """Return the finding about an entry of which nobody knows where it is."""
    reason = reason or "latitude: No coordinates: --geocode looks its address up."
    return replace(finding, verdict=Verdict.REFUSED, reason=reason)
