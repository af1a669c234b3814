"""The list of commands."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

import fedcommune

# Where each command is: "the module:what it is called there".
COMMANDS: Final[Mapping[str, str]] = {
    "init": "init:init",
    "serve": "serve:serve",
    "work": "serve:work",
    "citizen": "citizens:citizen",
    "token": "tokens:token",
    "organisation": "organisations:organisation",
    "project": "projects:project",
    "link": "links:link",
    "list": "lists:list_",
    "recommend": "lists:recommend",
    "event": "events:event",
    "calendar": "calendars:calendar",
    "place": "places:place",
    "neighbour": "neighbours:neighbour",
    "actor": "actors:actor",
    "follow": "actors:follow",
    "post": "posts:post",
    "planned": "planned:planned",
    "poll": "polls:poll",
    "classified": "classifieds:classified",
    "need": "needs:need",
    "task": "tasks:task",
    "announcement": "announcements:announcement",
    "notice": "notices:notice",
    "emoji": "emojis:emoji",
    "host": "hosts:host",
    "import": "imports:imports",
    "account": "accounts:account",
    "report": "reports:report",
    "barrier": "barriers:barrier",
    "log": "reports:log",
    "inbox": "boxes:inbox",
    "outbox": "boxes:outbox",
    "mail": "letters:mail",
    "letter": "wishes:letter",
    "migrate": "database:migrate",
    "demo": "demo:demo",
}


class Commands(click.Group):
    """Loads a command when it is called for: most need much that the others do not."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        # To look, again and again, for what became free among what is just being loaded takes
        # a tenth of the time, and hardly anything did.
        gc.disable()
        try:
            found = getattr(importlib.import_module(f"fedcommune.cli.{module}"), name)
        finally:
            gc.freeze()
            gc.enable()
        assert isinstance(found, click.Command), "what stands in the table is a command"
        return found


@click.group(
    cls=Commands,
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
