"""Bring in what a file says, a batch in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events import recurrence
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.places import actions as places
from fedcommune.domain.portability import event_queries, event_verdicts, queries, verdicts
from fedcommune.domain.portability.model import Finding, Options, Row, Source, Verdict
from fedcommune.domain.portability.readers.calendars import Happening
from fedcommune.domain.portability.unfolding import Told
from fedcommune.domain.portability.verdicts import Judged
from fedcommune.domain.posts.occasions import Occasion
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


async def bring_events(
    tx: Transaction, by: Account, source: Source, rows: Sequence[Told], options: Options
) -> list[Finding]:
    """Announce what is new in *rows*, change what changed at its source, call off what is off.

    *rows* are single times (see :mod:`.unfolding`). What no organisation of ours is known to
    organise is *by*'s; who organises it may change it, and what people here changed or took
    away stays as they left it (see Options). Returns what became of each.
    """
    await queries.lock(tx.db, source.name)
    judged = await event_verdicts.judge(tx.db, tx.instance, source, rows, options, tx.now)
    return [await _announce(tx, by, source, each) for each in judged]


async def withdraw_events(
    tx: Transaction,
    source: Source,
    keys: Collection[str],
    options: Options,
    *,
    whole: bool,
    after: str,
    limit: int,
) -> list[Finding]:
    """Call off what came from *source*, is still to come and stands under none of *keys* now.

    What people here changed stays, unless forced (see Options), and so does everything of a
    file of which the *whole* is not known. Of the keys that follow *after*, *limit* at most are
    looked at. Returns what became of each; who meant to come is told.
    """
    await queries.lock(tx.db, source.name)
    found = await event_queries.vanished(tx.db, source.name, keys, tx.now, after=after, limit=limit)
    judged = event_verdicts.judge_vanished(found, options, whole=whole)
    for each in judged:
        if each.finding.verdict is Verdict.GONE and each.known is not None:
            author = await accounts.by_id(tx.db, each.known.author_id)
            assert author is not None, "who announced what is here is here"
            await announcing.cancel(tx, author, each.known.post_id)
            await event_queries.forget_said(tx.db, source.name, each.finding.key)
    return [each.finding for each in judged]


async def _announce(
    tx: Transaction, by: Account, source: Source, judged: event_verdicts.Judged
) -> Finding:
    finding, entry, occasion = judged.finding, judged.entry, judged.occasion
    if entry is None or occasion is None:
        return finding
    said = Announcement(
        occasion, event_verdicts.words(entry, source.credit), event_verdicts.tags(entry)
    )
    if judged.known is not None:
        author = await accounts.by_id(tx.db, judged.known.author_id)
        assert author is not None, "who announced what is here is here"
        post_id = judged.known.post_id
        if entry.cancelled:
            await announcing.cancel(tx, author, post_id)
        else:
            await announcing.change(tx, author, post_id, said)
    else:
        organiser = None
        if judged.organiser_id is not None:
            organiser = await accounts.by_id(tx.db, judged.organiser_id)
        if entry.instead_of is not None:
            series_id = await _series(tx, organiser or by, source, entry, occasion)
            said = replace(said, occasion=replace(occasion, series_id=series_id))
        post_id = (await announcing.announce(tx, by, said, organiser=organiser)).id
    await event_queries.keep(tx.db, source.name, entry, post_id, event_verdicts.digest(entry))
    return replace(finding, post_id=post_id)


async def _series(
    tx: Transaction, by: Account, source: Source, entry: Happening, occasion: Occasion
) -> int:
    """Return what ties the times of a thing together. The next ones come with the next import."""
    known = await event_queries.series_of(tx.db, source.name, entry.uid)
    if known is not None:
        return known
    series_id = identifiers.new(tx.now)
    first = recurrence.on_clock(occasion.starts_at, occasion.zone)
    rule = str(recurrence.read(entry.rule)) if entry.rule else ""
    await event_queries.note_series(tx.db, series_id, by.id, rule, occasion.zone, first, tx.now)
    return series_id


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
