"""See how a poll stands, and vote in it."""

from __future__ import annotations

from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.polls import actions
from fedcommune.domain.posts import queries, questions
from fedcommune.domain.posts.choices import Poll
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import NotFound


@click.group()
def poll() -> None:
    """See how polls stand, and vote in them; "fedcommune post --poll-option" asks."""


@poll.command()
@click.argument("number", type=int)
@command
def show(call: Call, *, number: int) -> None:
    """Show how the poll of the post NUMBER stands, as everybody may see it."""

    async def run(commune: Commune) -> dict[str, Any]:
        db = commune.database.pool
        post = await queries.by_id(db, ANYONE, number)
        found = None if post is None else await questions.of_post(db, number)
        if found is None:
            raise NotFound(f"There is no poll {number} for everybody.")
        return _described(commune, found)

    call.out.record(call.run(run))


@poll.command()
@click.argument("voter")
@click.argument("number", type=int)
@click.argument("choices", type=click.IntRange(1, 100), nargs=-1, required=True)
@command
def vote(call: Call, *, voter: str, number: int, choices: tuple[int, ...]) -> None:
    """Let VOTER take the CHOICES (1 is the first) of the poll of the post NUMBER."""

    async def run(commune: Commune) -> dict[str, Any]:
        account = await lookup.actor(commune, voter)
        async with commune.database.transaction() as tx:
            try:
                counted = await actions.vote(tx, account, number, [each - 1 for each in choices])
            except NotFound:
                raise NotFound(f"There is no poll {number} that {voter} may see.") from None
        return _described(commune, counted)

    call.out.record(call.run(run), "It counts.")


def _described(commune: Commune, found: Poll) -> dict[str, Any]:
    now = commune.database.clock()
    return {
        "id": str(found.post_id),
        "options": list(found.options),
        "votes": list(found.votes) if found.shows_totals(now) else None,
        "voters": found.voters,
        "multiple": found.multiple,
        "ends_at": found.ends_at,
        "over": found.is_over(now),
    }
