"""Official notices of the local authorities."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.announcements.model import span
from fedcommune.domain.notices import actions, queries
from fedcommune.domain.notices.model import Told
from fedcommune.domain.posts import notices as hung
from fedcommune.domain.posts.actions import mentioned_in
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.posts.official import Given, Severity
from fedcommune.errors import NotFound

COLUMNS = ("id", "state", "severity", "authority", "text", "until")
SEVERITY = click.Choice([each.value for each in Severity])


@click.group()
def notice() -> None:
    """Official notices: a local authority warns everybody here, and takes it back."""


@notice.command()
@click.argument("authority")
@click.option("--withdraw", is_flag=True, help="Take the office away again.")
@command
def office(call: Call, *, authority: str, withdraw: bool) -> None:
    """Entrust AUTHORITY, a local authority of ours, with giving official notices."""

    async def run(commune: Commune) -> Account:
        account = await lookup.actor(commune, authority)
        async with commune.database.transaction() as tx:
            await (actions.withdraw if withdraw else actions.entrust)(tx, account)
        return account

    account = call.run(run)
    call.out.record(
        {"authority": account.handle, "entrusted": not withdraw},
        f"@{account.handle} gives no more notices."
        if withdraw
        else f"@{account.handle} may give official notices.",
    )


@notice.command()
@click.argument("authority")
@click.argument("text")
@click.option(
    "--severity",
    type=SEVERITY,
    default=Severity.INFO.value,
    show_default=True,
    help="How grave it is: danger is told at once, by every means.",
)
@click.option("--until", default="", help="When it is over: 2026-10-05, or 2026-10-05T18:00.")
@command
def give(call: Call, *, authority: str, text: str, severity: str, until: str) -> None:
    """Let AUTHORITY tell everybody TEXT (Markdown). Times are those of the commune."""

    async def run(commune: Commune) -> dict[str, Any]:
        account = await lookup.actor(commune, authority)
        ends_at = span("", until, commune.instance.timezone).ends_at
        draft = Draft(
            text=text,
            mentioned=await lookup.mentioned(commune, mentioned_in(text, commune.instance.domain)),
            notice=Given(Severity(severity), ends_at),
        )
        async with commune.database.transaction() as tx:
            post = await actions.give(tx, account, draft)
            given = await hung.of_post(tx.db, post.id)
            assert given is not None, "it was given just now"
            return _described(Told(given, post), account, commune.instance.timezone, tx.now)

    said = call.run(run)
    call.out.record(said, f"Given as number {said['id']}: {said['url']}")


@notice.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that are over.")
@command
def list_(call: Call, *, everything: bool) -> None:
    """List the notices that last."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db, now = commune.database.pool, commune.database.clock()
        found = await (queries.latest(db) if everything else queries.current(db, now))
        by_id = await accounts.by_ids(db, {each.post.author_id for each in found})
        return [
            _described(each, by_id[each.post.author_id], commune.instance.timezone, now)
            for each in found
        ]

    call.out.rows(call.run(run), COLUMNS, "No notice lasts now.")


@notice.command()
@click.argument("number", type=int)
@command
def lift(call: Call, *, number: int) -> None:
    """Take the notice NUMBER off before its date; what it said stays to be read."""

    async def run(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            told = [each for each in await queries.current(tx.db, tx.now) if each.post.id == number]
            author = await accounts.by_id(tx.db, told[0].post.author_id) if told else None
            if author is None:
                raise NotFound("There is no notice of this number that still lasts.")
            await actions.lift(tx, author, number)

    call.run(run)
    call.out.record({"id": str(number), "lifted": True}, "It is over.")


def _described(told: Told, authority: Account, zone: str, now: datetime) -> dict[str, Any]:
    """Return a notice as the command line tells it, in the time of the commune."""
    over_at = told.notice.over_at
    return {
        "id": str(told.post.id),
        "state": "lasts" if told.notice.is_current(now) else "over",
        "severity": told.notice.severity.value,
        "authority": f"@{authority.handle}",
        "text": told.post.source,
        "until": None
        if over_at is None
        else over_at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes"),
        "url": told.post.url,
    }
