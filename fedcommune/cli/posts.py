"""Say something."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import click

from fedcommune import lookup
from fedcommune.cli import planned
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.events.actions import answers
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts import choices, queries, questions
from fedcommune.domain.posts.choices import Asked, Poll
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.scheduled import actions as scheduled
from fedcommune.domain.scheduled.model import Scheduled
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.errors import NotFound
from fedcommune.text import mentions


@click.command()
@click.argument("author")
@click.argument("text")
@click.option(
    "--visibility",
    type=click.Choice([each.value for each in Visibility]),
    default=Visibility.PUBLIC.value,
    show_default=True,
    help="Who may read it.",
)
@click.option("--reply-to", default="", help="The address or the number of the post to answer.")
@click.option("--warning", default="", help="What to say before the text is shown.")
@click.option("--language", default="", help="The language of the text; the commune's without it.")
@click.option("--poll-option", "options", multiple=True, help="A choice of a poll; repeat it.")
@click.option(
    "--poll-days",
    type=click.FloatRange(0, choices.LONGEST.days),
    default=7,
    show_default=True,
    help="How many days the poll lasts.",
)
@click.option("--poll-multiple", is_flag=True, help="Several choices may be taken.")
@click.option("--poll-hidden", is_flag=True, help="Totals are shown when the poll is over.")
@click.option("--at", default="", help="Publish it later: 2026-12-12T18:00.")
@command
def post(
    call: Call,
    *,
    author: str,
    text: str,
    visibility: str,
    reply_to: str,
    warning: str,
    language: str,
    options: tuple[str, ...],
    poll_days: float,
    poll_multiple: bool,
    poll_hidden: bool,
    at: str,
) -> None:
    """Publish TEXT (Markdown; "-" reads the standard input) in the name of AUTHOR.

    With two --poll-option or more it asks something. People are mentioned as @name or
    @name@domain; those who cannot be found stay words. With --at it waits for its moment: see
    "fedcommune planned".
    """
    words = sys.stdin.read() if text == "-" else text
    asked = None
    if options:
        asked = Asked(options, timedelta(days=poll_days), poll_multiple, poll_hidden)

    async def draft_of(commune: Commune) -> tuple[Account, Draft]:
        account = await lookup.actor(commune, author)
        parent = await _post(commune, account, reply_to) if reply_to else None
        return account, Draft(
            text=words,
            visibility=Visibility(visibility),
            summary=warning,
            language=language or None,
            in_reply_to=None if parent is None else parent.id,
            mentioned=await lookup.mentioned(commune, mentions.find(words).people),
            poll=asked,
        )

    async def plan(commune: Commune) -> Scheduled:
        due_at = planned.moment(at, commune.instance.timezone)
        account, draft = await draft_of(commune)
        by = account.id if account.kind is Kind.CITIZEN else None
        async with commune.database.transaction() as tx:
            return await scheduled.plan(tx, account, draft, due_at, planned_by=by)

    async def run(commune: Commune) -> tuple[Post, Poll | None]:
        account, draft = await draft_of(commune)
        async with commune.database.transaction() as tx:
            post = await feeds.publish(tx, account, draft)
            await answers.heed(tx, account, post)
            return post, await questions.of_post(tx.db, post.id)

    if at:
        waiting = call.run(plan)
        moment = waiting.due_at.isoformat()
        call.out.record(planned.described(waiting), f"Planned for {moment}, as {waiting.id}.")
        return
    published, poll = call.run(run)
    call.out.record(
        {**_described(published), "poll": None if poll is None else _asked(poll)},
        f"Published: {published.url}",
    )


async def _post(commune: Commune, reader: Account, text: str) -> Post:
    """Return the post that *text* names, when *reader* may see it."""
    db, viewer = commune.database.pool, Viewer(reader.id)
    found = None
    if text.isdecimal():
        found = await queries.by_id(db, viewer, int(text))
    else:
        found = await queries.by_object_id(db, viewer, text)
        page = commune.instance.origin + "/@"
        if found is None and text.startswith(page) and text.rpartition("/")[2].isdecimal():
            found = await queries.by_id(db, viewer, int(text.rpartition("/")[2]))
    if found is None:
        raise NotFound(f"No post that you may answer is known here as {text}.")
    return found


def _asked(poll: Poll) -> dict[str, Any]:
    return {
        "options": list(poll.options),
        "multiple": poll.multiple,
        "hides_totals": poll.hides_totals,
        "ends_at": poll.ends_at,
    }


def _described(published: Post) -> dict[str, Any]:
    return {
        "id": str(published.id),
        "object_id": published.object_id,
        "url": published.url,
        "visibility": published.visibility.value,
        "in_reply_to": published.in_reply_to,
        "published_at": published.published_at,
    }
