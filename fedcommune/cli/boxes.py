"""Look into what arrived and what leaves; try again; drop; wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import click

from fedcommune.cli.commands import Call, NotNowError, command
from fedcommune.commune import Commune
from fedcommune.database import Executor
from inbox import upkeep as received
from outbox import upkeep as published

_POLL = 0.2  # seconds between two looks at what is left


@click.group()
def inbox() -> None:
    """What other servers sent: status, retry, drop."""


@inbox.command("status")
@click.option("--list", "entries", is_flag=True, help="List what waits or failed, one by one.")
@click.option("--host", help="Only from this server, with --list.")
@command
def inbox_status(call: Call, *, entries: bool, host: str | None) -> None:
    """Tell what waits to be handled, what failed, and what nobody here understands."""
    if entries:
        found = call.run(lambda commune: received.entries(commune.database.pool, host=host))
        columns = ["received_at", "state", "type", "sender", "reason", "id"]
        call.out.rows(found, columns, "Nothing waits.")
        return
    status = call.run(lambda commune: received.status(commune.database.pool))
    if call.out.as_json:
        call.out.record(asdict(status))
        return
    call.out.say(f"Waiting: {status.waiting}, of which {status.postponed} postponed.")
    for outcome, times in sorted(status.outcomes.items()):
        call.out.say(f"Closed as {outcome}: {times}.")
    if status.hosts:
        call.out.rows(status.hosts, ["host", "waiting", "failed", "oldest"], "")
    if status.unheard:
        call.out.rows(status.unheard, ["activity_type", "object_type", "times", "last_at"], "")


@inbox.command("retry")
@click.argument("activity_id", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that was put off or failed.")
@command
def inbox_retry(call: Call, *, activity_id: str | None, everything: bool) -> None:
    """Handle again what was put off or failed: one ACTIVITY_ID, or --all."""
    _exactly_one(activity_id, everything)

    async def run(commune: Commune) -> int:
        async with commune.database.pool.acquire() as connection:
            return await received.retry(connection, activity_id, commune.database.clock())

    _count(call, "retried", call.run(run))


@inbox.command("drop")
@click.argument("activity_id", required=False)
@click.option("--host", help="Everything that waits from this server.")
@command
def inbox_drop(call: Call, *, activity_id: str | None, host: str | None) -> None:
    """Forget what waits or failed: one ACTIVITY_ID, or all of a --host."""
    _exactly_one(activity_id, host)

    async def run(commune: Commune) -> int:
        async with commune.database.pool.acquire() as connection:
            return await received.drop(connection, activity_id=activity_id, host=host)

    _count(call, "dropped", call.run(run))


@click.group()
def outbox() -> None:
    """What is sent to other servers: status, retry, drop, wait."""


@outbox.command("status")
@command
def outbox_status(call: Call) -> None:
    """Tell for which servers something waits, since when and why."""

    async def run(commune: Commune) -> list[published.HostStatus]:
        return await published.status(commune.database.pool)

    columns = ["host", "waiting", "state", "oldest", "next_attempt", "failures", "last_error"]
    call.out.rows(call.run(run), columns, "Nothing waits, and every server is well.")


@outbox.command("retry")
@click.argument("host", required=False)
@click.option("--all", "everything", is_flag=True, help="For every server.")
@command
def outbox_retry(call: Call, *, host: str | None, everything: bool) -> None:
    """Deliver now what waits for one HOST, or for --all."""
    _exactly_one(host, everything)
    _count(call, "retried", call.run(_in_transaction(lambda db: published.retry(db, host))))


@outbox.command("drop")
@click.argument("activity_id", required=False)
@click.option("--host", help="Everything that waits for this server.")
@command
def outbox_drop(call: Call, *, activity_id: str | None, host: str | None) -> None:
    """Give up what waits: one ACTIVITY_ID, or all for a --host."""
    _exactly_one(activity_id, host)
    which = activity_id or host or ""
    _count(call, "dropped", call.run(_in_transaction(lambda db: published.drop(db, which))))


@outbox.command("wait")
@click.option(
    "--timeout", type=float, default=None, help="Seconds; without it, for as long as it takes."
)
@command
def outbox_wait(call: Call, *, timeout: float | None) -> None:
    """Return when nothing is left to deliver. "serve" or "work" must be running.

    Ends with exit code 3 when something is still left after the --timeout.
    """

    async def run(commune: Commune) -> None:
        left = 0
        try:
            async with asyncio.timeout(timeout):
                pool = commune.database.pool
                while left := await published.pending(pool):  # noqa: ASYNC110  # elsewhere
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            raise NotNowError(
                f"{left} deliveries are left: look at 'fedcommune outbox status'."
            ) from None

    call.run(run)
    call.out.record({"pending": 0}, "Everything is delivered.")


def _in_transaction(
    work: Callable[[Executor], Awaitable[int]],
) -> Callable[[Commune], Awaitable[int]]:
    async def run(commune: Commune) -> int:
        async with commune.database.transaction() as tx:
            return await work(tx.db)

    return run


def _exactly_one(*given: object) -> None:
    if sum(map(bool, given)) != 1:
        raise click.UsageError("Name exactly one: see --help.")


def _count(call: Call, what: str, count: int) -> None:
    call.out.record({what: count}, f"{what.capitalize()}: {count}.")
