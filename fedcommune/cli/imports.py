"""Bring in what is known elsewhere: tables, maps, public registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from fedcommune import lookup
from fedcommune.cli import findings
from fedcommune.cli.commands import Call, command
from fedcommune.cli.findings import OF_EVENTS, Told
from fedcommune.commune import Commune
from fedcommune.domain.events.actions.announcing import FEED
from fedcommune.domain.places.model import CATEGORIES
from fedcommune.domain.portability import unfolding
from fedcommune.domain.portability.model import Finding, Options
from fedcommune.domain.portability.readers import event_columns, event_formats, formats, spreadsheet
from fedcommune.domain.portability.readers.columns import GUESSES, Wanted
from fedcommune.domain.territory.model import check_insee
from fedcommune.errors import Invalid
from fedcommune.importing import Events, Places
from federation.vocabulary.points import KINDS

_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
Typed = TypeVar("Typed", bound=Callable[..., Any])


@click.group(name="import")
def imports() -> None:
    """Bring in what is known elsewhere, without duplicates; try it with --dry-run first."""


def _of_a_file(
    forms: Iterable[str], fields: Iterable[str], *, forced: str
) -> Callable[[Typed], Typed]:
    """Give a command what every import takes: a file of one of *forms*, and how it is read.

    *fields* are what a column may be, *forced* what ``--force`` does.
    """
    wanted = (
        click.argument("file", type=_FILE),
        click.option(
            "--from",
            "format_",
            type=click.Choice(list(forms)),
            required=True,
            help="What the file is.",
        ),
        click.option(
            "--dry-run", is_flag=True, help="Say what would become of each line; change nothing."
        ),
        click.option(
            "--map",
            "columns",
            multiple=True,
            metavar="COLUMN=FIELD",
            help=f"Which column is what, where it is not guessed: {', '.join(fields)}.",
        ),
        click.option(
            "--source",
            "name",
            help="The name of the file's source [default: the name of the file].",
        ),
        click.option("--credit", default="", help="What stands below each text (Markdown)."),
        click.option(
            "--insee",
            multiple=True,
            help="Only of this commune; may be repeated [default: that of the configuration].",
        ),
        click.option("--also-alike", is_flag=True, help="Add what is probably here already, too."),
        click.option("--force", is_flag=True, help=forced),
        click.option(
            "--report",
            type=click.Path(path_type=Path, dir_okay=False, writable=True),
            help="Write what became of each line to this file (CSV).",
        ),
    )

    def given(typed: Typed) -> Typed:
        for each in reversed(wanted):
            typed = each(typed)
        return typed

    return given


@imports.command()
@_of_a_file(formats.FORMATS, GUESSES, forced="Overwrite what somebody corrected here.")
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="poi",
    show_default=True,
    help="What a line is when it does not say so.",
)
@click.option(
    "--category",
    type=click.Choice(list(CATEGORIES)),
    help="What kind of poi a line is when it does not say so.",
)
@click.option("--units", type=_FILE, help="StockUniteLegale, beside StockEtablissement of SIRENE.")
@click.option(
    "--with-restricted",
    is_flag=True,
    help="SIRENE: keep the activity of who restricted its diffusion, without name and street.",
)
@click.option("--geocode", is_flag=True, help="Look addresses without coordinates up, gently.")
@command
def places(
    call: Call,
    *,
    file: Path,
    format_: str,
    dry_run: bool,
    columns: tuple[str, ...],
    name: str | None,
    credit: str,
    kind: str,
    category: str | None,
    insee: tuple[str, ...],
    units: Path | None,
    with_restricted: bool,
    geocode: bool,
    also_alike: bool,
    force: bool,
    report: Path | None,
) -> None:
    """Bring in the places of FILE, a batch at a time.

    It may be stopped: the same command goes on where it stopped. The file is read to its end
    before anything changes. Imported places can be claimed; no account is made.
    """
    _check(file, units)
    wanted = Wanted(
        insee=_communes(call, insee),
        kind=KINDS[kind],
        category=category or "",
        columns=_mapped(columns, GUESSES),
        partial=with_restricted,
    )
    source = formats.source(format_, name or file.stem, credit)
    opens_units = None if units is None else lambda: units.open("rb")
    with findings.bar(call, file, "Reading") as opens:
        for _ in formats.rows(format_, opens, wanted, opens_units):
            pass
    told = Told()
    if format_ == "csv":
        with file.open("rb") as stream:
            told.columns = spreadsheet.guessed(stream, wanted)

    async def run(commune: Commune) -> Places:
        options = Options(force=force, alike=also_alike)
        done = Places(commune, source, options, dry=dry_run, geocode=geocode)
        with findings.bar(call, file, "Importing") as opens, findings.report_to(report) as write:

            def tell(finding: Finding) -> None:
                told.keep(finding)
                write(finding)

            await done.run(formats.rows(format_, opens, wanted, opens_units), tell)
        return done

    findings.tell(call, call.run(run), told)


@imports.command()
@_of_a_file(
    event_formats.FORMATS, event_columns.GUESSES, forced="Overwrite what somebody changed here."
)
@click.option(
    "--by",
    default=FEED,
    show_default=True,
    help="Who announces what no organisation here is known to organise.",
)
@click.option(
    "--withdraw-missing",
    is_flag=True,
    help="Call off what came from this source, is still to come and is no longer in FILE.",
)
@command
def events(
    call: Call,
    *,
    file: Path,
    format_: str,
    dry_run: bool,
    by: str,
    columns: tuple[str, ...],
    name: str | None,
    credit: str,
    insee: tuple[str, ...],
    also_alike: bool,
    force: bool,
    withdraw_missing: bool,
    report: Path | None,
) -> None:
    """Bring in the events of FILE that are still to come, a batch at a time.

    It may be stopped: the same command goes on where it stopped. The file is read to its end
    before anything changes. What repeats is spelled out for six months: the same command later
    brings the rest. With --withdraw-missing FILE is all that its source has.
    """
    _check(file)
    wanted = Wanted(insee=_communes(call, insee), columns=_mapped(columns, event_columns.GUESSES))
    source = event_formats.source(format_, name or file.stem, credit)
    told = Told(shown=OF_EVENTS)
    if format_ == "csv":
        with file.open("rb") as stream:
            told.columns = spreadsheet.guessed(stream, wanted, event_columns.GUESSES)

    async def run(commune: Commune) -> Events:
        account = await lookup.actor(commune, by)
        zone, now = commune.instance.timezone, commune.database.clock()
        with findings.bar(call, file, "Reading") as opens:
            rows = list(
                unfolding.unfold(
                    event_formats.rows(format_, opens, wanted, zone), timezone=zone, now=now
                )
            )
        done = Events(
            commune, source, Options(force=force, alike=also_alike), dry=dry_run, by=account
        )
        with (
            findings.steps(call, len(rows), "Importing") as step,
            findings.report_to(report, OF_EVENTS) as write,
        ):

            def tell(finding: Finding) -> None:
                told.keep(finding)
                write(finding)
                step()

            await done.run(rows, tell)
            if withdraw_missing:
                await done.withdraw(tell)
        return done

    findings.tell(call, call.run(run), told)


def _check(*files: Path | None) -> None:
    for each in files:
        if each is not None and not each.is_file():
            raise Invalid("file", "It is read more than once: give a file, not a pipe.")


def _communes(call: Call, insee: tuple[str, ...]) -> frozenset[str]:
    """Return the communes of which lines are taken, by their codes. Raises Invalid."""
    codes = insee or tuple(filter(None, [call.config().commune.insee]))
    return frozenset(check_insee(code) for code in codes)


def _mapped(columns: Iterable[str], fields: Iterable[str]) -> dict[str, str]:
    """Return which field each column is, of COLUMN=FIELD as typed. Raises Invalid."""
    found = {}
    for text in columns:
        column, equals, name = text.rpartition("=")
        if not equals or name not in fields:
            raise Invalid("map", f"Write COLUMN=FIELD, with one of {', '.join(fields)}.")
        found[column] = name
    return found
