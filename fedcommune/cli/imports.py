"""Bring in what is known elsewhere: tables, maps, public registers."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.domain.places.model import CATEGORIES
from fedcommune.domain.portability.model import Finding, Options, Verdict
from fedcommune.domain.portability.readers import formats, spreadsheet, tables
from fedcommune.domain.portability.readers.columns import GUESSES, Wanted
from fedcommune.domain.territory.model import check_insee
from fedcommune.errors import Invalid
from fedcommune.importing import Import
from fedcommune.text import html
from federation.vocabulary.points import KINDS

_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
MOST_SHOWN: Final = 100
MOST_TOLD: Final = 10_000
# What needs no look of anybody once it is done.
_DONE: Final = (Verdict.NEW, Verdict.CHANGED, Verdict.GONE)
_COLUMNS: Final = ("line", "verdict", "name", "key", "reason", "changes", "place_id")


@click.group(name="import")
def imports() -> None:
    """Bring in what is known elsewhere, without duplicates; try it with --dry-run first."""


@imports.command()
@click.argument("file", type=_FILE)
@click.option(
    "--from",
    "format_",
    type=click.Choice(list(formats.FORMATS)),
    required=True,
    help="What the file is.",
)
@click.option("--dry-run", is_flag=True, help="Say what would become of each line; change nothing.")
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="COLUMN=FIELD",
    help=f"Which column is what, where it is not guessed: {', '.join(GUESSES)}.",
)
@click.option(
    "--source", "name", help="The name of the file's source [default: the name of the file]."
)
@click.option("--credit", default="", help="What stands below each text (Markdown).")
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
@click.option(
    "--insee",
    multiple=True,
    help="Only of this commune; may be repeated [default: that of the configuration].",
)
@click.option("--units", type=_FILE, help="StockUniteLegale, beside StockEtablissement of SIRENE.")
@click.option(
    "--with-restricted",
    is_flag=True,
    help="SIRENE: keep the activity of who restricted its diffusion, without name and street.",
)
@click.option("--geocode", is_flag=True, help="Look addresses without coordinates up, gently.")
@click.option("--also-alike", is_flag=True, help="Add what is probably here already, too.")
@click.option("--force", is_flag=True, help="Overwrite what somebody corrected here.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write what became of each line to this file (CSV).",
)
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
    for each in filter(None, (file, units)):
        if not each.is_file():
            raise Invalid("file", "It is read more than once: give a file, not a pipe.")
    codes = insee or tuple(filter(None, [call.config().commune.insee]))
    wanted = Wanted(
        insee=frozenset(check_insee(code) for code in codes),
        kind=KINDS[kind],
        category=category or "",
        columns=dict(_mapped(each) for each in columns),
        partial=with_restricted,
    )
    source = formats.source(format_, name or file.stem, credit)
    opens_units = None if units is None else lambda: units.open("rb")
    with _bar(call, file, "Reading") as opens:
        for _ in formats.rows(format_, opens, wanted, opens_units):
            pass
    told = Told()
    if format_ == "csv":
        with file.open("rb") as stream:
            told.columns = spreadsheet.guessed(stream, wanted)

    async def run(commune: Commune) -> Import:
        options = Options(force=force, alike=also_alike)
        done = Import(commune, source, options, dry=dry_run, geocode=geocode)
        with _bar(call, file, "Importing") as opens, _report(report) as write:

            def tell(finding: Finding) -> None:
                told.keep(finding)
                write(finding)

            await done.run(formats.rows(format_, opens, wanted, opens_units), tell)
        return done

    _tell(call, call.run(run), told)


@dataclass(slots=True)
class Told:
    """What became of the lines, as many as a reader can read; the rest is counted."""

    lines: list[Finding] = field(default_factory=list)
    left_off: int = 0
    columns: dict[str, str] = field(default_factory=dict)

    def keep(self, finding: Finding) -> None:
        if finding.verdict in (Verdict.SAME, Verdict.PASSED):
            return
        if len(self.lines) < MOST_TOLD:
            self.lines.append(finding)
        else:
            self.left_off += 1


def _tell(call: Call, done: Import, told: Told) -> None:
    counts = {verdict.value: done.counts.get(verdict, 0) for verdict in Verdict}
    counts[Verdict.PASSED] = sum(done.passed.values())
    if call.out.as_json:
        call.out.record(
            {
                "source": done.source.name,
                "dry_run": done.dry,
                "counts": {name.replace(" ", "_"): count for name, count in counts.items()},
                "passed_over": {str(reason): count for reason, count in done.passed.items()},
                "columns": told.columns,
                "lines": [_described(each) for each in told.lines],
                "left_off": told.left_off,
            }
        )
        return
    if done.dry and told.columns:
        pairs = (f"{name} = {what}" for name, what in told.columns.items())
        call.out.say(f"Columns: {', '.join(pairs)}.")
    shown = [_described(each) for each in told.lines if done.dry or each.verdict not in _DONE]
    if shown:
        call.out.rows(shown[:MOST_SHOWN], _COLUMNS, "")
    if len(shown) + told.left_off > MOST_SHOWN:
        call.out.say("There are more lines: --report writes all of them to a file.")
    for reason, count in done.passed.items():
        call.out.say(f"Passed over, {reason}: {count}.")
    said = ", ".join(f"{name}: {count}" for name, count in counts.items() if count)
    call.out.say(f"{done.source.name}: {said or 'nothing of this commune'}.")
    if done.dry:
        call.out.say("Nothing was changed: this was a dry run.")


def _described(finding: Finding) -> dict[str, Any]:
    told = asdict(finding)
    for name in ("name", "key", "reason"):
        told[name] = html.line(told[name], limit=200)
    return {name: told[name] for name in _COLUMNS}


def _mapped(text: str) -> tuple[str, str]:
    column, equals, name = text.rpartition("=")
    if not equals or name not in GUESSES:
        raise Invalid("map", f"Write COLUMN=FIELD, with one of {', '.join(GUESSES)}.")
    return column, name


@contextmanager
def _bar(call: Call, file: Path, label: str) -> Iterator[formats.Opens]:
    """Give what opens *file*; how far it was read is shown to people."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=call.out.as_json or not console.is_terminal,
    ) as progress:
        yield lambda: progress.open(file, "rb", description=label)


@contextmanager
def _report(file: Path | None) -> Iterator[Callable[[Finding], None]]:
    """Give what writes a line about a finding to *file*, if there is one."""
    if file is None:
        yield lambda _: None
        return
    # With a byte order mark, Excel sees that it is UTF-8.
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(_COLUMNS)

        def write(finding: Finding) -> None:
            told = _described(finding) | {"changes": ", ".join(finding.changes)}
            writer.writerow([tables.safe(cell) for cell in told.values()])

        yield write
