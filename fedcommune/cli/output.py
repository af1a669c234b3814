"""What a command answers: a table for people, JSON for scripts, one sentence when it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


class Output:
    """Where a command writes its answer. With *as_json*, one JSON value on the standard output."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    def record(self, values: Mapping[str, Any], sentence: str = "") -> None:
        """Show one thing: *sentence* when there is one, else its names and values."""
        if self.as_json:
            self._write(values)
        elif sentence:
            self.say(sentence)
        else:
            table = Table(box=None, show_header=False, pad_edge=False)
            for name, value in values.items():
                table.add_row(Text(name.replace("_", " "), style="bold"), plain(value))
            _console().print(table)

    def rows(self, rows: Sequence[Any], columns: Sequence[str], empty: str) -> None:
        """Show several things: their *columns* in a table, or the sentence *empty*."""
        values = [dict(row) if isinstance(row, Mapping) else asdict(row) for row in rows]
        if self.as_json:
            self._write(values)
        elif not values:
            self.say(empty)
        else:
            table = Table(box=box.SIMPLE, pad_edge=False)
            for column in columns:
                table.add_column(column.replace("_", " "), overflow="fold")
            for each in values:
                table.add_row(*(plain(each.get(column)) for column in columns))
            _console().print(table)

    def say(self, sentence: str) -> None:
        """Write *sentence* for people; scripts read the JSON only."""
        if not self.as_json:
            click.echo(_visible(sentence))

    def fail(self, sentence: str, code: int) -> None:
        """Write why the command did not do what was asked."""
        if self.as_json:
            self._write({"error": sentence, "exit_code": code})
        else:
            click.echo(_visible(sentence), err=True)

    def _write(self, value: Any) -> None:
        click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())


def plain(value: object) -> Text:
    """Return *value* as text that can neither colour nor move anything in a terminal."""
    if value is None:
        return Text("")
    if isinstance(value, datetime):
        return Text(value.strftime("%Y-%m-%d %H:%M:%S UTC"))
    if isinstance(value, list | tuple):
        return Text(", ".join(_visible(str(each)) for each in value))
    return Text(_visible(str(value)))


def _visible(text: str) -> str:
    return "".join(
        letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text
    )


def _console() -> Console:
    # Without a terminal to measure, lines are as long as they need to be.
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=200)
