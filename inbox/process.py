"""One received activity, one effect: leased, gathered, handled and closed in one transaction.

Several activities share a transaction, each under a savepoint: what one of them did is undone
when its handler fails, and the others stay. The outcome of each is written in the same
transaction as its effects, so that both are kept, or neither.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Generic, TypeVar

import asyncpg
import structlog

from federation import activities, documents
from federation.activities import Activity
from federation.errors import GoneError, IgnoredError, RefusedError, UnavailableError
from federation.names import MAX_INBOX_BODY
from federation.network import Client
from inbox import gather, patience, store
from inbox import lanes as queue
from inbox.gather import Gathered, Gatherer
from inbox.lanes import Postponed, Settlement, Waiting
from inbox.ports import Clock, Connection, Hosts, InstanceSigner, KnownActors, Pool
from inbox.router import Route, Router, object_types

T = TypeVar("T")

HANDLER_SECONDS: Final = 10.0
TRANSACTION_SECONDS: Final = 15.0
MOST_TOGETHER: Final = 48
MOST_OUTWARD: Final = 48
MOST_OUTWARD_OF_A_HOST: Final = 8
SOON: Final = timedelta(seconds=5)
_PATIENCE_FOR_OTHERS: Final = 0.25
_BREATH: Final = 0.5

# Two transactions were in each other's way: nobody's fault, and soon over.
_COLLISIONS: Final = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
# The connection was lost, whatever was being done with it: no activity is to blame.
_CUT_OFF: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)

_CHANCE: Final = secrets.SystemRandom()

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Item(Generic[T]):
    """A waiting activity on its way to its handler. *error* decides instead of the handler."""

    waiting: Waiting
    activity: Activity | None = None
    route: Route[T] | None = None
    wanted: frozenset[str] = frozenset()
    gathered: Gathered = gather.NOTHING
    error: Exception | None = None


@dataclass(slots=True)
class Lane(Generic[T]):
    """What one sender said and we leased, in order; *outward* when a stranger must be asked."""

    id: int
    host: str
    items: list[Item[T]] = field(default_factory=list)
    outward: bool = False


class Processor(Generic[T]):
    """Hands what was received to the handlers of *router*.

    *begin* makes the application's transaction value of a connection on which a transaction
    is open. Any number of processors may run, in any number of processes.
    """

    def __init__(
        self,
        pool: Pool,
        router: Router[T],
        begin: Callable[[Connection], T],
        known: KnownActors,
        hosts: Hosts,
        client: Client,
        signer: InstanceSigner,
        clock: Clock,
        *,
        handler_seconds: float = HANDLER_SECONDS,
        chance: Callable[[], float] = _CHANCE.random,
    ) -> None:
        self._pool = pool
        self._router = router
        self._begin = begin
        self._known = known
        self._hosts = hosts
        self._client = client
        self._signer = signer
        self._clock = clock
        self._handler_seconds = handler_seconds
        self._chance = chance
        self._outward: dict[int, tuple[str, asyncio.Task[None]]] = {}

    async def step(self) -> bool:
        """Lease some lanes and handle what is due; return whether there was something.

        Lanes that wait for a stranger go on by themselves while other lanes are handled;
        with nothing else to do, a step waits for them a moment. Raises what the database
        raises; leases then run out within a minute.
        """
        token = secrets.randbits(62)
        async with self._pool.acquire() as connection:
            due = await queue.lease(connection, token, self._clock())
        if not due:
            return await self._wait_for_outward()
        lanes = [self._read(lane_id, items) for lane_id, items in due.items()]
        await self._find_missing(lanes)
        await self._send_outward([lane for lane in lanes if lane.outward], token)
        for together in _together([lane for lane in lanes if not lane.outward]):
            await self._handle_all(together, token)
        return True

    async def aclose(self, *, seconds: float = 5.0) -> None:
        """Let what is under way finish for *seconds*, then abandon it: leases bring it back."""
        tasks = [task for _, task in self._outward.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Before the transaction

    def _read(self, lane_id: int, waiting: Sequence[Waiting]) -> Lane[T]:
        lane: Lane[T] = Lane(lane_id, waiting[0].host if waiting else "")
        for each in waiting:
            item: Item[T] = Item(each)
            lane.items.append(item)
            if self._hosts.refused(each.host):
                item.error = RefusedError("The server of the sender is blocked.")
                continue
            try:
                document = documents.read(each.body, limit=MAX_INBOX_BODY)
                self._route(item, activities.read(document, raw=each.body))
            except Exception as error:
                item.error = error
        return lane

    def _route(self, item: Item[T], activity: Activity) -> None:
        item.activity = activity
        item.route = self._router.find(activity)
        if item.route is not None:
            asks = gather.asks(activity, item.route.needs)
            item.wanted = frozenset(asks(activity, gather.NOTHING))

    async def _find_missing(self, lanes: Iterable[Lane[T]]) -> None:
        """Mark the lanes that must look outward, asking the application once for all of them."""
        lanes = list(lanes)
        items = [item for lane in lanes for item in lane.items if item.error is None]
        wanted = sorted({iri for item in items for iri in item.wanted})
        missing = frozenset(await self._known.missing(wanted)) if wanted else frozenset()
        for lane in lanes:
            said: set[str] = set()
            for place, item in enumerate(lane.items):
                lacking = item.wanted & missing if item.error is None else frozenset()
                if lacking & said:
                    # An earlier activity of this sender brings what this one leans on.
                    del lane.items[place:]
                    break
                said |= item.waiting.about
                if item.error is None and (lacking or item.waiting.how == "origin"):
                    lane.outward = True

    async def _send_outward(self, lanes: Sequence[Lane[T]], token: int) -> None:
        """Let *lanes* ask strangers, each by itself; too many, and some come back later."""
        later = []
        for lane in lanes:
            of_host = sum(host == lane.host for host, _ in self._outward.values())
            if (
                lane.id in self._outward
                or len(self._outward) >= MOST_OUTWARD
                or of_host >= MOST_OUTWARD_OF_A_HOST
            ):
                later.append(lane.id)
                continue
            task = asyncio.create_task(self._look_outward(lane, token))
            self._outward[lane.id] = (lane.host, task)
            task.add_done_callback(partial(self._returned, lane.id))
        if later:
            async with self._pool.acquire() as connection:
                await queue.put_off(connection, token, later, self._clock() + SOON)

    def _returned(self, lane_id: int, task: asyncio.Task[None]) -> None:
        del self._outward[lane_id]

    async def _wait_for_outward(self) -> bool:
        if not self._outward:
            return False
        await asyncio.wait(
            [task for _, task in self._outward.values()],
            timeout=_PATIENCE_FOR_OTHERS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        return True

    async def _look_outward(self, lane: Lane[T], token: int) -> None:
        try:
            gatherer = Gatherer(known=self._known, client=self._client, signer=await self._signer())
            tasks = {asyncio.create_task(self._gather(item, gatherer)): item for item in lane.items}
            try:
                _, late = await asyncio.wait(tasks, timeout=gather.SECONDS)
                for task in late:
                    tasks[task].error = UnavailableError("What it leans on took too long to come.")
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await gatherer.aclose()
            await self._handle_all([lane], token)
        except Exception:
            # The lease brings the lane back.
            log.exception("lane abandoned", lane=lane.id, host=lane.host)

    async def _gather(self, item: Item[T], gatherer: Gatherer) -> None:
        if item.error is not None or item.activity is None:
            return
        try:
            if item.waiting.how == "origin":
                self._route(item, await gatherer.original(item.activity))
            if item.route is not None:
                asks = gather.asks(item.activity, item.route.needs)
                item.gathered = await gatherer.gather(item.activity, asks)
        except Exception as error:
            item.error = error

    # The transaction

    async def _handle_all(
        self, lanes: Sequence[Lane[T]], token: int, *, again: bool = True
    ) -> None:
        """Handle *lanes* in one transaction, or one by one; once *again* when that was cut off."""
        try:
            await self._transact(lanes, token)
        except Exception as error:
            items = [item for lane in lanes for item in lane.items]
            if len(items) > 1:
                log.warning("transaction undone, one by one now", error=str(error))
                for lane in lanes:
                    await self._handle_all([Lane(lane.id, lane.host, lane.items[:1])], token)
            elif items and again and isinstance(error, _CUT_OFF):
                await asyncio.sleep(_BREATH)  # the pool finds out which connections are lost
                await self._handle_all(lanes, token, again=False)
            elif items:
                items[0].error = error
                await self._transact(lanes, token)
            else:
                raise

    async def _transact(self, lanes: Sequence[Lane[T]], token: int) -> None:
        settlement = Settlement()
        taken: list[int] = []
        async with self._pool.acquire() as connection, connection.transaction():
            seqs = [item.waiting.seq for lane in lanes for item in lane.items]
            held = await queue.hold(connection, token, seqs) if seqs else set()
            await connection.execute("savepoint activity")
            until = asyncio.get_running_loop().time() + TRANSACTION_SECONDS
            for lane in lanes:
                if asyncio.get_running_loop().time() > until:
                    break
                if not await self._handle_lane(connection, lane, held, settlement, until):
                    taken.append(lane.id)
            now = self._clock()
            await queue.settle(connection, settlement, now)
            ours = [lane.id for lane in lanes if lane.id not in taken]
            if taken:
                await queue.put_off(connection, token, taken, now + SOON)
            await queue.rest(connection, token, ours, now)

    async def _handle_lane(
        self,
        connection: Connection,
        lane: Lane[T],
        held: set[int],
        settlement: Settlement,
        until: float,
    ) -> bool:
        """Handle what is held of *lane*; return False when somebody else is at work on it."""
        stuck: set[str] = set()
        for item in lane.items:
            if item.waiting.seq not in held:
                return False
            if asyncio.get_running_loop().time() > until:
                return True
            if stuck & item.waiting.about or not await self._handle(connection, item, settlement):
                stuck |= item.waiting.about
        return True

    async def _handle(self, connection: Connection, item: Item[T], settlement: Settlement) -> bool:
        """Handle one activity; return False when it must be tried again later."""
        try:
            if item.error is not None:
                raise item.error
            if item.route is None or item.activity is None:
                return _unheard(item, settlement)
            async with asyncio.timeout(self._handler_seconds):
                if item.waiting.how == "origin" and await store.known(
                    connection, item.activity.id, self._clock()
                ):
                    raise IgnoredError("It was received before.")
                await item.route.handler(self._begin(connection), item.activity, item.gathered)
            await connection.execute("release savepoint activity; savepoint activity")
        except Exception as error:
            await connection.execute("rollback to savepoint activity")
            return self._conclude(item.waiting, error, settlement)
        settlement.done.append(item.waiting)
        return True

    def _conclude(self, item: Waiting, error: Exception, settlement: Settlement) -> bool:
        """Decide what becomes of *item*, which ended in *error*; False when it is tried again."""
        now = self._clock()
        if isinstance(error, IgnoredError):
            settlement.ignored.append((item, str(error)))
            return True
        if isinstance(error, RefusedError | GoneError):
            settlement.refused.append((item, str(error)))
            return True
        tries, faults = item.tries, item.faults
        if isinstance(error, _COLLISIONS):
            again: datetime | None = now + patience.AFTER_COLLISION
        elif isinstance(error, UnavailableError):
            tries += 1
            again = patience.after_unavailable(
                tries,
                item.received_at,
                now,
                retry_after=error.retry_after,
                chance=self._chance(),
            )
            if again is None:
                settlement.refused.append((item, f"Given up: {error}"))
                return True
        else:
            faults += 1
            again = patience.after_fault(faults, now)
            log.error("handler failed", activity=item.id, faults=faults, exc_info=error)
        reason = _reason(error)
        if again is None:
            settlement.failed.append((item, reason))
            return True
        settlement.postponed.append(Postponed(item.seq, again, tries, faults, reason))
        return False


def _unheard(item: Item[T], settlement: Settlement) -> bool:
    activity = item.activity
    assert activity is not None, "an activity that cannot be read has an error"
    object_type = next(iter(object_types(activity)), "")
    pair = (activity.type[:64], object_type[:64])
    settlement.ignored.append((item.waiting, "Nobody here understands it."))
    settlement.unheard[pair] = settlement.unheard.get(pair, 0) + 1
    return True


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "It took too long."
    return f"{type(error).__name__}: {error}"


def _together(lanes: Iterable[Lane[T]]) -> Iterator[list[Lane[T]]]:
    """Yield *lanes* in groups that share a transaction."""
    group: list[Lane[T]] = []
    size = 0
    for lane in lanes:
        if group and size + len(lane.items) > MOST_TOGETHER:
            yield group
            group, size = [], 0
        group.append(lane)
        size += len(lane.items)
    if group:
        yield group
