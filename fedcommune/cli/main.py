"""The list of commands."""

from __future__ import annotations

from pathlib import Path

import click

import fedcommune
from fedcommune.cli import (
    accounts,
    actors,
    announcements,
    barriers,
    boxes,
    calendars,
    citizens,
    classifieds,
    database,
    demo,
    emojis,
    events,
    hosts,
    imports,
    init,
    letters,
    links,
    lists,
    needs,
    neighbours,
    notices,
    organisations,
    places,
    planned,
    polls,
    posts,
    projects,
    reports,
    serve,
    tasks,
    tokens,
    wishes,
)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done · 1 refused or wrong · 2 wrong usage · 3 not now, try again later.",
)
@click.version_option(fedcommune.__version__, prog_name="fedcommune")
@click.option(
    "--config",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file (FEDCOMMUNE_CONFIG, or ./config.toml).",
)
@click.pass_context
def main(context: click.Context, path: Path | None) -> None:
    """The social server of a commune: citizens, associations, shops and the town hall.

    Begin with "fedcommune init", then "fedcommune serve".
    """
    context.obj = {"path": path}


for each in (
    init.init,
    serve.serve,
    serve.work,
    citizens.citizen,
    tokens.token,
    organisations.organisation,
    projects.project,
    links.link,
    lists.list_,
    lists.recommend,
    events.event,
    calendars.calendar,
    places.place,
    neighbours.neighbour,
    actors.actor,
    actors.follow,
    posts.post,
    planned.planned,
    polls.poll,
    classifieds.classified,
    needs.need,
    tasks.task,
    announcements.announcement,
    notices.notice,
    emojis.emoji,
    hosts.host,
    imports.imports,
    accounts.account,
    reports.report,
    barriers.barrier,
    reports.log,
    boxes.inbox,
    boxes.outbox,
    letters.mail,
    wishes.letter,
    database.migrate,
    demo.demo,
):
    main.add_command(each)
