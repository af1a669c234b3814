"""Say what became of the lines of a file: to people, to scripts, in a report."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from fedcommune.cli.commands import Call
from fedcommune.domain.portability.model import Finding, Verdict
from fedcommune.domain.portability.readers import formats, tables
from fedcommune.importing import Import
from fedcommune.text import html

MOST_SHOWN: Final = 100
MOST_TOLD: Final = 10_000
OF_PLACES: Final = ("line", "verdict", "name", "key", "reason", "changes", "place_id")
OF_EVENTS: Final = ("line", "verdict", "name", "key", "reason", "changes", "post_id")
# What needs no look of anybody once it is done.
_DONE: Final = (Verdict.NEW, Verdict.CHANGED, Verdict.GONE)


@dataclass(slots=True)
class Told:
    """What became of the lines, as many as a reader can read; the rest is counted."""

    lines: list[Finding] = field(default_factory=list)
    left_off: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    shown: tuple[str, ...] = OF_PLACES

    def keep(self, finding: Finding) -> None:
        """Remember what became of one line, if that is news."""
        if finding.verdict in (Verdict.SAME, Verdict.PASSED):
            return
        if len(self.lines) < MOST_TOLD:
            self.lines.append(finding)
        else:
            self.left_off += 1


def tell(call: Call, done: Import[Any], told: Told) -> None:
    """Say what became of the lines, and how many of each kind there were."""
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
                "lines": [described(each, told.shown) for each in told.lines],
                "left_off": told.left_off,
            }
        )
        return
    if done.dry and told.columns:
        pairs = (f"{name} = {what}" for name, what in told.columns.items())
        call.out.say(f"Columns: {', '.join(pairs)}.")
    shown = [
        described(each, told.shown) for each in told.lines if done.dry or each.verdict not in _DONE
    ]
    if shown:
        call.out.rows(shown[:MOST_SHOWN], told.shown, "")
    if len(shown) + told.left_off > MOST_SHOWN:
        call.out.say("There are more lines: --report writes all of them to a file.")
    for reason, count in done.passed.items():
        call.out.say(f"Passed over, {reason}: {count}.")
    said = ", ".join(f"{name}: {count}" for name, count in counts.items() if count)
    call.out.say(f"{done.source.name}: {said or 'nothing of this commune'}.")
    if done.dry:
        call.out.say("Nothing was changed: this was a dry run.")


def described(finding: Finding, columns: Sequence[str]) -> dict[str, Any]:
    """Return the cells *columns* of what became of one line."""
    told = asdict(finding)
    for name in ("name", "key", "reason"):
        told[name] = html.line(told[name], limit=200)
    return {name: told[name] for name in columns}


@contextmanager
def bar(call: Call, file: Path, label: str) -> Iterator[formats.Opens]:
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
def steps(call: Call, total: int, label: str) -> Iterator[Callable[[], None]]:
    """Give what is called for each of *total* lines; how many are done is shown to people."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=call.out.as_json or not console.is_terminal,
    ) as progress:
        task = progress.add_task(label, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def report_to(
    file: Path | None, columns: Sequence[str] = OF_PLACES
) -> Iterator[Callable[[Finding], None]]:
    """Give what writes a line about a finding to *file*, if there is one."""
    if file is None:
        yield lambda _: None
        return
    # With a byte order mark, Excel sees that it is UTF-8.
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(columns)

        def write(finding: Finding) -> None:
            told = described(finding, columns) | {"changes": ", ".join(finding.changes)}
            writer.writerow([tables.safe(cell) for cell in told.values()])

        yield write
