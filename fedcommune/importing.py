"""Import a file: read it once to the end, then bring it in, a batch in a transaction."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Generic, TypeVar, cast

from fedcommune import geocoding
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.portability import (
    actions,
    event_queries,
    event_verdicts,
    unfolding,
    verdicts,
)
from fedcommune.domain.portability.model import (
    Entry,
    Finding,
    Options,
    Passed,
    Refused,
    Row,
    Source,
    Verdict,
)
from fedcommune.domain.portability.readers.calendars import Happening
from fedcommune.errors import NotFound

BATCH: Final = 100
AT_ONCE: Final = 20_000
# The address base lets fifty a second pass; there are others who ask.
PAUSE: Final = 0.1

Told = Callable[[Finding], None]
R = TypeVar("R")


@dataclass(slots=True)
class Import(ABC, Generic[R]):
    """One import on its way. Give it rows; :meth:`run` counts what became of them.

    With *dry* nothing is changed. What was done stays done when it is cut off: the same rows
    again go on from there, because what is here already is the same.
    """

    commune: Commune
    source: Source
    options: Options = field(default_factory=Options)
    dry: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    _whole: bool = True

    async def run(self, rows: Iterable[R], tell: Told) -> None:
        """Bring *rows* in; *tell* is called with what became of each that is of the commune.

        Raises NotFound before the commune is set up.
        """
        account = await self._account()
        iterator, more = iter(rows), True
        while more:
            batch, more = await asyncio.to_thread(self._take, iterator)
            seen = frozenset(self._seen)
            batch = [self._once(row) for row in batch]
            for finding in await self._batch(account, batch, seen) if batch else ():
                self._count(finding)
                tell(finding)

    @abstractmethod
    async def _account(self) -> Account:
        """Return who brings it in."""

    @abstractmethod
    async def _batch(self, account: Account, batch: list[R], seen: frozenset[str]) -> list[Finding]:
        """Bring one batch in; return what became, or would become, of each row."""

    def _take(self, rows: Iterator[R]) -> tuple[list[R], bool]:
        """Return the next rows, and whether there may be more.

        What is none of our business, most of a national register, is only counted. Who wants
        to stop does not wait until all of it was.
        """
        batch: list[R] = []
        looked_at = 0
        for row in islice(rows, AT_ONCE):
            looked_at += 1
            if not isinstance(row, Passed):
                batch.append(row)
                if len(batch) == BATCH:
                    return batch, True
            else:
                self.passed[row] = self.passed.get(row, 0) + 1
        return batch, looked_at == AT_ONCE

    def _once(self, row: R) -> R:
        """Refuse what stands in the file a second time: it would change to and fro for ever."""
        if not isinstance(row, Entry | Happening):
            self._whole = self._whole and not isinstance(row, Refused)
            return row
        before = self._seen.setdefault(row.key, row.line)
        if before == row.line:
            return row
        return cast(R, Refused(row.line, f"It stands on line {before} already.", row.name))

    def _count(self, finding: Finding) -> None:
        if finding.verdict is Verdict.PASSED:
            self.passed[finding.reason] = self.passed.get(finding.reason, 0) + 1
        self.counts[finding.verdict] = self.counts.get(finding.verdict, 0) + 1


@dataclass(slots=True)
class Events(Import[unfolding.Told]):
    """An import of events, announced by *by*, which is an actor of ours."""

    by: Account | None = None

    async def _account(self) -> Account:
        if self.by is None:
            raise NotFound("There is nobody who would announce the events.")
        return self.by

    async def _batch(
        self, account: Account, batch: list[unfolding.Told], seen: frozenset[str]
    ) -> list[Finding]:
        db, instance = self.commune.database.pool, self.commune.instance
        if self.dry:
            now = self.commune.database.clock()
            judged = await event_verdicts.judge(db, instance, self.source, batch, self.options, now)
            return [each.finding for each in judged]
        async with self.commune.database.transaction() as tx:
            return await actions.bring_events(tx, account, self.source, batch, self.options)

    async def withdraw(self, tell: Told) -> None:
        """Call off what is still to come and was not among the rows; *tell* is called as before.

        To be called after :meth:`run`, of all that the source has.
        """
        after, more = "", True
        while more:
            findings = await self._vanished(after)
            for finding in findings:
                self._count(finding)
                tell(finding)
                after = finding.key
            more = len(findings) == BATCH

    async def _vanished(self, after: str) -> list[Finding]:
        if self.dry:
            db, now = self.commune.database.pool, self.commune.database.clock()
            found = await event_queries.vanished(
                db, self.source.name, self._seen, now, after=after, limit=BATCH
            )
            judged = event_verdicts.judge_vanished(found, self.options, whole=self._whole)
            return [each.finding for each in judged]
        async with self.commune.database.transaction() as tx:
            return await actions.withdraw_events(
                tx,
                self.source,
                self._seen,
                self.options,
                whole=self._whole,
                after=after,
                limit=BATCH,
            )


@dataclass(slots=True)
class Places(Import[Row]):
    """An import of places; with *geocode*, addresses without a point are looked up.

    A dry one keeps the addresses that it looked up.
    """

    geocode: bool = False

    async def _account(self) -> Account:
        found = await accounts.by_actor_id(self.commune.database.pool, self.commune.instance.actor)
        if found is None:
            raise NotFound("The commune is not set up yet: run 'fedcommune init'.")
        return found

    async def _batch(
        self, account: Account, batch: list[Row], seen: frozenset[str]
    ) -> list[Finding]:
        db, instance = self.commune.database.pool, self.commune.instance
        judged = await verdicts.judge(db, instance, self.source, batch, self.options, seen)
        nowhere: dict[int, str] = {}
        if self.geocode:
            for number, each in enumerate(judged):
                if each.needs_point and each.entry is not None:
                    found = await self._locate(each.entry)
                    if isinstance(found, Entry):
                        batch[number] = found
                    else:
                        nowhere[number] = found
        if not self.dry:
            async with self.commune.database.transaction() as tx:
                findings = await actions.bring(tx, account, self.source, batch, self.options, seen)
        else:
            judged = await verdicts.judge(db, instance, self.source, batch, self.options, seen)
            findings = [
                actions.unplaced(each.finding) if each.needs_point else each.finding
                for each in judged
            ]
        for number, reason in nowhere.items():
            findings[number] = actions.unplaced(findings[number], reason)
        return findings

    async def _locate(self, entry: Entry) -> Entry | str:
        """Return the entry where its address is, or why nobody knows."""
        if not (entry.postal_code or entry.locality):
            return "latitude: Neither coordinates nor an address with its commune."
        found = await geocoding.located(self.commune, entry.address)
        await asyncio.sleep(PAUSE)
        if found is None:
            return "latitude: The address base does not answer now: try again later."
        insee = self.commune.instance.insee
        here = [each for each in found if not insee or each.insee in ("", insee)]
        if not here:
            return "latitude: The address base knows no such address in this commune."
        return entry.at(here[0].latitude, here[0].longitude)
