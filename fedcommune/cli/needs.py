"""Needs: what projects and organisations ask of others, and who helps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import click

from fedcommune import lookup
from fedcommune.cli.classifieds import answer, described, ours, told
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.classifieds import actions, queries
from fedcommune.domain.classifieds.model import Need, Sought
from fedcommune.domain.helping import actions as helping
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.helping.model import Help
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.deals import WANTED
from fedcommune.domain.posts.model import MAX_PAGE, Page, Post
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import NotFound
from federation.vocabulary.offers import Wanted

_COLUMNS = ["id", "title", "wanted", "helpers", "helpers_wanted", "state", "author", "needed_by"]


@click.group()
def need() -> None:
    """Say what projects and associations need, and who helps."""


@need.command()
@click.argument("author")
@click.argument("title")
@click.option("--text", default="", help="More about it (Markdown).")
@click.option(
    "--wanted",
    type=click.Choice(list(WANTED)),
    default="people",
    show_default=True,
    help="What is needed.",
)
@click.option("--helpers", type=int, help="How many people: it is closed when there are as many.")
@click.option("--by", type=click.DateTime(["%Y-%m-%d"]), help="Until which day.")
@command
def add(
    call: Call,
    *,
    author: str,
    title: str,
    text: str,
    wanted: str,
    helpers: int | None,
    by: datetime | None,
) -> None:
    """Let AUTHOR, a project or an organisation, say that TITLE is needed."""

    async def run(commune: Commune) -> dict[str, Any]:
        account = await lookup.actor(commune, author)
        zone = ZoneInfo(commune.instance.timezone)
        day = None if by is None else by.replace(hour=23, minute=59, tzinfo=zone).astimezone(UTC)
        said = Need(title, text, cast(Wanted, wanted), helpers, day)
        async with commune.database.transaction() as tx:
            return await told(tx.db, await actions.need(tx, account, said))

    answer(call, call.run(run), "Published")


@need.command("list")
@click.option("--author", default="", help="Only what this project or organisation needs.")
@click.option("--all", "everything", is_flag=True, help="Also what is met or over.")
@command
def show_all(call: Call, *, author: str, everything: bool) -> None:
    """List what is needed, newest first."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db, now = commune.database.pool, commune.database.clock()
        voice = await lookup.actor(commune, commune.instance.actor)
        account = await lookup.actor(commune, author) if author else None
        sought = Sought(
            kind="need",
            author=None if account is None else account.id,
            state="any" if everything else "open",
        )
        page = Page(limit=MAX_PAGE)
        return [
            described(each) for each in await queries.found(db, Viewer(voice.id), sought, now, page)
        ]

    call.out.rows(call.run(run), _COLUMNS, "Nothing is needed.")


@need.command("help")
@click.argument("number")
@click.argument("helper")
@click.option("--text", default="", help="A word with it.")
@command
def help_with(call: Call, *, number: str, helper: str, text: str) -> None:
    """Let HELPER say that they can help with the need NUMBER, or with that of an address."""

    async def run(commune: Commune) -> Post:
        account = await lookup.actor(commune, helper)
        async with commune.database.transaction() as tx:
            viewer = Viewer(account.id)
            found = (
                await posts.by_id(tx.db, viewer, int(number))
                if number.isdecimal()
                else await posts.by_address(tx.db, viewer, number)
            )
            if found is None:
                raise NotFound(f"No need is known here as {number}.")
            return await actions.help_with(tx, account, found.id, text)

    said = call.run(run)
    call.out.record(
        {"post": said.object_id, "in_reply_to": said.in_reply_to},
        "They said that they can help; whoever asked decides.",
    )


@need.command("helpers")
@click.argument("number", type=int)
@command
def helpers_of(call: Call, *, number: int) -> None:
    """List who offered to help with the need NUMBER."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        found = await ours(commune.database.pool, number)
        offered = await helpers.of_need(commune.database.pool, found.post.id)
        return [
            {
                "help": str(each.help.id),
                "helper": f"@{each.helper.handle}",
                "state": each.help.state,
                "words": each.words,
                "created_at": each.help.created_at,
            }
            for each in offered
        ]

    call.out.rows(call.run(run), ["help", "helper", "state", "words"], "Nobody yet.")


@need.command()
@click.argument("help_id", type=int, metavar="HELP")
@command
def accept(call: Call, *, help_id: int) -> None:
    """Accept the offer of HELP (a number of "need helpers"), in the name of who asked."""
    made = call.run(lambda commune: _decide(commune, help_id, accepts=True))
    call.out.record(_said(made), "Accepted: they are told.")


@need.command()
@click.argument("help_id", type=int, metavar="HELP")
@command
def refuse(call: Call, *, help_id: int) -> None:
    """Refuse the offer of HELP, with thanks, in the name of who asked."""
    made = call.run(lambda commune: _decide(commune, help_id, accepts=False))
    call.out.record(_said(made), "Refused, with thanks.")


@need.command()
@click.argument("number", type=int)
@command
def close(call: Call, *, number: int) -> None:
    """Say that the need NUMBER is met."""

    async def run(commune: Commune) -> dict[str, Any]:
        async with commune.database.transaction() as tx:
            account = (await ours(tx.db, number)).author
            return await told(tx.db, await actions.conclude(tx, account, number))

    answer(call, call.run(run), "Closed")


async def _decide(commune: Commune, help_id: int, *, accepts: bool) -> Help:
    async with commune.database.transaction() as tx:
        made = await helpers.by_id(tx.db, help_id)
        if made is None:
            raise NotFound(f"Nobody offered help under the number {help_id}.")
        project = (await ours(tx.db, made.need_id)).author
        return await (helping.accept if accepts else helping.refuse)(tx, project, help_id)


def _said(made: Help) -> dict[str, Any]:
    return {"help": str(made.id), "need": str(made.need_id), "state": made.state}
