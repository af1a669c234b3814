"""Letters that people want."""

from __future__ import annotations

from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.letters import actions, issuing, queries, subscribers
from fedcommune.domain.letters import weekly as news
from fedcommune.domain.letters.model import Pace, Subject
from fedcommune.domain.letters.subscribers import Recipient
from fedcommune.mail.letters import Letter


@click.group()
def letter() -> None:
    """Letters that people want: about what they were told, and the week of the commune."""


@letter.command()
@click.argument("name")
@command
def wishes(call: Call, *, name: str) -> None:
    """Show about what the citizen NAME gets letters, and how soon."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        account = await lookup.actor(commune, name)
        found = await queries.wishes(commune.database.pool, account.id)
        return [{"subject": subject.value, "pace": pace.value} for subject, pace in found.items()]

    call.out.rows(call.run(run), ("subject", "pace"), "Nothing.")


@letter.command()
@click.argument("name")
@click.argument("subject", type=click.Choice([each.value for each in Subject]))
@click.argument("pace", type=click.Choice([each.value for each in Pace]))
@command
def wish(call: Call, *, name: str, subject: str, pace: str) -> None:
    """Let the citizen NAME get letters about SUBJECT so soon: at_once, daily, weekly or never."""

    async def run(commune: Commune) -> None:
        account = await lookup.actor(commune, name)
        async with commune.database.transaction() as tx:
            await actions.choose(tx, account, {subject: pace})

    call.run(run)
    call.out.record({"name": name, "subject": subject, "pace": pace}, "Kept.")


@letter.command()
@click.option("--preview", is_flag=True, help="Show the letter of the last seven days (default).")
@click.option("--html", "as_html", is_flag=True, help="Show it as HTML.")
@click.option("--send", is_flag=True, help="Send it now; the next one tells what comes after.")
@command
def weekly(call: Call, *, preview: bool, as_html: bool, send: bool) -> None:
    """Show the week of the commune, or send it to everybody who wants it."""
    if send and (preview or as_html):
        raise click.UsageError("Either --send it, or look at it.")

    async def show(commune: Commune) -> Letter:
        async with commune.database.transaction() as tx:
            week = await news.of(tx.db, tx.instance, tx.now - issuing.WEEK, tx.now, tx.now)
            reader = Recipient("subscriber", 0, tx.instance.contact, tx.instance.language)
            return issuing.letter_of(tx, week, reader)

    async def deliver(commune: Commune) -> None:
        async with commune.database.transaction() as tx:
            await issuing.begin(tx, tx.now)
        while (issue := await subscribers.unfinished(commune.database.pool)) is not None:
            async with commune.database.transaction() as tx:
                await issuing.send_some(tx, issue)

    if send:
        call.run(deliver)
        call.out.record({"sent": True}, "It is on its way.")
        return
    found = call.run(show)
    call.out.record(
        {"subject": found.subject, "text": found.text, "html": found.html},
        found.html if as_html else f"{found.subject}\n\n{found.text}",
    )


@letter.command("subscribers")
@command
def show_subscribers(call: Call) -> None:
    """List who asked for the week of the commune, beside the citizens who get it."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        return [
            {
                "email": each.email,
                "language": each.language,
                "asked_at": each.created_at,
                "confirmed_at": each.confirmed_at,
            }
            for each in await subscribers.listed(commune.database.pool)
        ]

    call.out.rows(call.run(run), ("email", "language", "confirmed_at"), "Nobody asked for it yet.")
