"""Two neighbouring communes on this machine, to show and to try."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
from rich.console import Console

from fedcommune import logs
from fedcommune.cli.commands import ending
from fedcommune.cli.output import Output
from fedcommune.demo import run


@click.command()
@click.option("--seed-only", is_flag=True, help="Prepare everything, then end.")
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=run.DIRECTORY,
    show_default=True,
    help="Where both communes keep their data.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65534),
    default=run.FIRST_PORT,
    show_default=True,
    help="The port of the first commune; the second takes the next one.",
)
def demo(*, seed_only: bool, directory: Path, port: int) -> None:
    """Run two neighbouring communes, filled with a small world, until Ctrl-C.

    The second time, they are there at once, with the same data.
    """
    logs.set_up("warning")
    with ending(Output()):
        asyncio.run(run.demo(directory, Console(), seed_only=seed_only, first_port=port))
