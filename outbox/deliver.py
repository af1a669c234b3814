"""Bring what was published to its inboxes: lease lanes, sign, post, settle, without a pause.

Requests of many hosts are always under way together. ``step`` never waits for a particular
one: it settles whatever has finished, leases what is due, and returns. So a host that hangs
holds at most its own three places, and nobody else's delivery.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import structlog

from federation.errors import GoneError
from federation.keys import Signer
from federation.network.client import Client
from outbox import lanes, leases, store
from outbox.knock import Attempt, knock
from outbox.lanes import Outcome
from outbox.ports import Chance, Clock, Executor, Hosts, Signers, Wake
from outbox.store import Delivery, Said
from outbox.underway import Bodies, Finished, Lane

_log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=30)  # after a crash, the others wait so long at most
RENEWAL: Final = timedelta(seconds=10)  # how often a living worker renews what it holds
TURN: Final = timedelta(seconds=60)  # after that a lane starts nothing more before its next lease
BATCH: Final = 20  # deliveries leased at once for one lane
POLL: Final = 5.0  # seconds: the safety net when no notification arrives
GATHER: Final = 0.02  # seconds during which finished deliveries are gathered into one settlement
ENOUGH: Final = 100  # finished deliveries that are settled without gathering more
OURS_TO_MEND: Final = timedelta(minutes=5)  # how long what failed by our own fault waits


class Deliverer:
    """Delivers for one process; any number of processes may run one each.

    *wake* returns when something was published or after so many seconds; without it the
    queue is looked at every five seconds. *chance* (0 to 1) becomes the jitter of W-DEL-03.
    *places* is how many hosts are served at once, three requests each at most. One task at a
    time calls :meth:`step`.
    """

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        client: Client,
        signers: Signers,
        hosts: Hosts,
        clock: Clock,
        *,
        wake: Wake = asyncio.sleep,
        chance: Chance = random.random,
        places: int = 256,
    ) -> None:
        self._pool = pool
        self._client = client
        self._signers = signers
        self._hosts = hosts
        self._clock = clock
        self._wake = wake
        self._chance = chance
        self._places = places
        self._name = secrets.token_hex(8)
        self._renewed = clock()
        self._lanes: dict[str, Lane] = {}
        self._progress = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._turn = asyncio.Lock()
        self._stopping = False
        self._bodies = Bodies()
        self._finished = Finished()

    async def step(self) -> bool:
        """Settle what has finished, begin what is due; False when there was nothing to do.

        While requests are under way and none has finished, it waits for the first of: one
        that finishes, a notification, five seconds.
        """
        if self._under_way() and not self._progress.is_set():
            await self._wait()
        async with self._turn:
            self._progress.clear()
            did = await self._settle()
            if not self._stopping:
                did = await self._begin() or did
        return did or bool(self._lanes)

    async def settled(self) -> None:
        """Return when nothing is due any more and nothing is under way."""
        while await self.step():
            pass

    async def next_due(self) -> datetime | None:
        """Return when there will be something to do (aware); None when nothing waits."""
        return await leases.next_due(self._pool, now=self._clock())

    async def stop(self, patience: float = 10.0) -> None:
        """Begin nothing more, finish what is under way within *patience* seconds, give back.

        What is not answered by then is cut off; it stays queued and will be sent again.
        """
        self._stopping = True
        self._progress.set()
        for lane in self._lanes.values():
            lane.put_back()
        running = [task for lane in self._lanes.values() for task in lane.running.values()]
        if running:
            _, late = await asyncio.wait(running, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            for lane in self._lanes.values():
                lane.running.clear()  # what was cut off before it began has not left by itself
        async with self._turn:
            await self._settle()

    # Waiting

    def _under_way(self) -> bool:
        return any(lane.running for lane in self._lanes.values())

    async def _wait(self) -> None:
        wake = asyncio.ensure_future(self._wake(POLL))
        progress = asyncio.ensure_future(self._progress.wait())
        try:
            await asyncio.wait({wake, progress}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiting in (wake, progress):
                waiting.cancel()
                with suppress(asyncio.CancelledError):
                    await waiting

    def _progressed(self) -> None:
        """Tell ``step`` that something has finished: at once if it is much or all, or soon."""
        if not self._under_way() or len(self._finished) >= ENOUGH:
            self._progress.set()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER, self._gathered)

    def _gathered(self) -> None:
        self._timer = None
        self._progress.set()

    # Beginning

    async def _begin(self) -> bool:
        now = self._clock()
        async with self._pool.acquire() as db:
            if self._lanes and now - self._renewed >= RENEWAL:
                await leases.renew(db, list(self._lanes), owner=self._name, until=now + LEASE)
                self._renewed = now
            for host in await leases.ring(db, now=now):
                if host in self._lanes:
                    self._lanes[host].ask_again = True
            leased = await self._lease(db, now)
            asking = [
                lane
                for lane in self._lanes.values()
                if lane.ask_again and not lane.queue and self._may_start(lane)
            ]
            if not asking:
                return False
            found = await store.due(
                db,
                [(lane.host, 1 if lane.health.is_open() else BATCH) for lane in asking],
                but=[key for lane in asking for key in lane.unsettled],
                now=now,
            )
            for lane in asking:
                lane.ask_again = False
            bodies = await self._bodies.get(db, {delivery.activity for delivery in found})
        await self._queue(found, bodies)
        await self._pump_all(asking)
        return bool(leased or found)

    async def _lease(self, db: Executor, now: datetime) -> list[Lane]:
        """Lease as many lanes as there are free places, a quarter at most for troubled hosts."""
        free = self._places - len(self._lanes)
        if free <= 0:
            return []
        troubled = sum(lane.health.parallel() == 1 for lane in self._lanes.values())
        room = max(0, min(max(self._places // 4, 1) - troubled, (free + 1) // 2))
        healths = await leases.lease(
            db,
            owner=self._name,
            now=now,
            until=now + LEASE,
            well=free - room,
            troubled=room,
        )
        leased = []
        for host, health in healths.items():
            lane = Lane(host, health, now)
            self._lanes[host] = lane
            if self._hosts.refused(host):
                await store.drop_host(db, host)
            else:
                lane.ask_again = True
                leased.append(lane)
        return leased

    async def _queue(self, found: list[Delivery], bodies: dict[int, Said]) -> None:
        signers = await self._all_signers({said.actor_id for said in bodies.values()})
        for delivery in found:
            lane = self._lanes[delivery.host]
            said = bodies.get(delivery.activity)
            if said is None:  # forgotten since, and its deliveries with it
                continue
            lane.unsettled.add(delivery.key)
            signer = signers[said.actor_id]
            if isinstance(signer, Signer):
                lane.queue.append((delivery, said, signer))
            else:
                self._finish(lane, delivery, said, signer)
        if len(self._finished):
            self._progressed()

    async def _all_signers(self, actors: set[str]) -> dict[str, Signer | Attempt | None]:
        """Ask once for each of *actors*: who signs, what an attempt came to without, our fault."""
        signers: dict[str, Signer | Attempt | None] = {}
        for actor_id in actors:
            try:
                signers[actor_id] = await self._signers.signer(actor_id)
            except GoneError as error:
                signers[actor_id] = Attempt(Outcome.DROPPED, error=str(error))
            except Exception:
                _log.exception("signer_failed", actor=actor_id)
                signers[actor_id] = None
        return signers

    async def _pump_all(self, lanes: list[Lane]) -> None:
        for place, lane in enumerate(lanes):
            self._pump(lane)
            if place % 4 == 3:
                # Each start makes a signature: let answers, and other people's requests, in.
                await asyncio.sleep(0)

    def _may_start(self, lane: Lane) -> bool:
        now = self._clock()
        return (
            not self._stopping
            and now - lane.since < TURN
            and not lane.health.is_paused(now)
            and len(lane.running) < lane.health.parallel()
        )

    def _pump(self, lane: Lane) -> None:
        """Start as many requests as the host gets; put the rest back when it gets none now."""
        while lane.queue and self._may_start(lane):
            delivery, said, signer = lane.queue.popleft()
            lane.running[delivery.key] = asyncio.create_task(
                self._attempt(lane, delivery, said, signer)
            )
        if not lane.running:
            lane.put_back()

    async def _attempt(self, lane: Lane, delivery: Delivery, said: Said, signer: Signer) -> None:
        attempt: Attempt | None = None
        try:
            attempt = await knock(
                self._client,
                delivery.inbox,
                said.body,
                signer=signer,
                known=lane.health.speaks(self._clock()),
                clock=self._clock,
            )
        except Exception:
            _log.exception("delivery_failed_by_our_fault", inbox=delivery.inbox)
        finally:
            lane.running.pop(delivery.key, None)
        self._finish(lane, delivery, said, attempt)
        self._pump(lane)
        self._progressed()

    # Settling

    def _finish(self, lane: Lane, delivery: Delivery, said: Said, attempt: Attempt | None) -> None:
        """Decide what becomes of one delivery after an *attempt* (None: our own fault)."""
        now = self._clock()
        attempts = delivery.attempts + 1
        self._finished.lanes[lane.host] = lane
        if attempt is None:
            if attempts < len(lanes.SCHEDULE):
                self._finished.postpone(delivery, attempts, now + OURS_TO_MEND)
            else:
                self._finished.close(delivery, said)
            return
        lane.health = lanes.after(
            lane.health,
            attempt.outcome,
            now=now,
            dialect=attempt.dialect,
            retry_after=attempt.retry_after,
            error=attempt.error,
        )
        if lanes.is_final(attempt.outcome):
            if attempt.outcome is Outcome.GONE:
                self._finished.gone.append((delivery.host, delivery.inbox))
            if attempt.outcome is not Outcome.DELIVERED:
                _log.info("delivery_dropped", inbox=delivery.inbox, reason=attempt.error)
            self._finished.close(delivery, said)
            return
        again = lanes.next_attempt(
            attempts,
            outcome=attempt.outcome,
            deletes=said.deletes,
            created_at=said.created_at,
            now=now,
            chance=self._chance(),
            retry_after=attempt.retry_after,
        )
        lane.failed = lane.failed or attempt.outcome is Outcome.FAILED
        if again is not None:
            self._finished.postpone(delivery, attempts, again)
            return
        _log.info("delivery_given_up", inbox=delivery.inbox, reason=attempt.error)
        if attempt.outcome is not Outcome.UNAUTHORISED:
            lane.health = lanes.exhausted(lane.health, now)
        self._finished.close(delivery, said)

    async def _settle(self) -> bool:
        finished, self._finished = self._finished, Finished()
        released = [lane for lane in self._lanes.values() if lane.is_idle()]
        told = {**finished.lanes, **{lane.host: lane for lane in released}}
        if not told:
            return False
        for lane in released:
            del self._lanes[lane.host]
        now = self._clock()
        # A crash that loses this commit costs a second delivery of the same activity, no more.
        async with self._pool.acquire() as db, db.transaction():
            await db.execute("set local synchronous_commit to off")
            await finished.write(db, now)
            for lane in released:
                if lane.failed and lane.health.is_open():
                    await self._give_up_old(db, lane, now)
            await leases.settle(
                db,
                [
                    leases.LaneState(lane.host, lane.health, lane.host not in self._lanes)
                    for lane in told.values()
                ],
                owner=self._name,
            )
        for lane in finished.lanes.values():
            lane.ask_again = True
        for host, key in finished.keys:
            finished.lanes[host].unsettled.discard(key)
        return True

    async def _give_up_old(self, db: Executor, lane: Lane, now: datetime) -> None:
        """Under an open breaker few attempts are made: what is too old is given up as well."""
        given_up = await store.give_up_old(
            db,
            lane.host,
            before=now - lanes.OLDEST,
            deletes_before=now - lanes.OLDEST_DELETE,
        )
        if given_up:
            lane.health = lanes.exhausted(lane.health, now)
