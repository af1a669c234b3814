"""Tables as spreadsheets write them (RFC 4180 and its many dialects), a row at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from fedcommune.domain.portability.model import Unreadable
from fedcommune.domain.portability.readers import opened

_DELIMITERS: Final = ";,\t|"
MAX_COLUMNS: Final = 500


@dataclass(frozen=True, slots=True)
class Table:
    """The *names* of the columns, and the *rows* behind them: number of the line, cells."""

    names: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]

    def columns(self, wanted: dict[str, str], *, needed: tuple[str, ...]) -> dict[str, int]:
        """Return where the columns *wanted* are: a short name for each, without those missing.

        Raises Unreadable when one that is *needed* is not there.
        """
        at = {name.strip().lower(): index for index, name in enumerate(self.names)}
        missing = [wanted[short] for short in needed if wanted[short].lower() not in at]
        if missing:
            raise Unreadable(f"There is no column {', '.join(missing)}: is this the right file?")
        return {short: at[name.lower()] for short, name in wanted.items() if name.lower() in at}


def read(stream: BinaryIO) -> Table:
    """Read the first line of a table; its rows are read as they are asked for.

    Raises Unreadable for what is no table, now or on the way.
    """
    lines = opened.lines(stream)
    head = next(lines)
    delimiter = max(_DELIMITERS, key=head.count)
    if head.count(delimiter) == 0:
        raise Unreadable(
            "The first line names no columns: they are parted by commas, semicolons or tabs."
        )
    reader = csv.reader(_again(head, lines), delimiter=delimiter)
    try:
        names = next(reader)
    except csv.Error as error:
        raise Unreadable(f"Line 1 cannot be read: {error}.") from None
    if len(names) > MAX_COLUMNS:
        raise Unreadable(f"At most {MAX_COLUMNS} columns.")
    return Table(tuple(names), _rows(reader))


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    while True:
        line: int = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A quote that is never closed: what follows is not to be trusted.
            raise Unreadable(f"Line {line} cannot be read: {error}.") from None
        if any(cells):
            yield line, cells


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def safe(cell: object) -> str:
    """Return *cell* so that no spreadsheet takes it for a formula (CWE-1236)."""
    text = "" if cell is None else str(cell)
    return (
        f"'{text}"
        if text.lstrip().startswith(("=", "+", "-", "@")) or (text.startswith(("\t", "\r", "\n")))
        else text
    )
