"""Any table of places in CSV: the columns are guessed, or given by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from fedcommune.domain.portability.model import Refused, Row, Unreadable
from fedcommune.domain.portability.readers import columns, tables
from fedcommune.domain.portability.readers.columns import GUESSES, Wanted


def guessed(
    stream: BinaryIO, wanted: Wanted, guesses: Mapping[str, tuple[str, ...]] = GUESSES
) -> dict[str, str]:
    """Return as what each column of a table would be read, by name. Raises Unreadable."""
    found = columns.matched(tables.read(stream).names, wanted, guesses)
    return {name: field for field, name in found.items()}


def read(stream: BinaryIO, wanted: Wanted) -> Iterator[Row]:
    """Yield what each line says. Raises Unreadable for what is no table of places."""
    for line in lines(stream, wanted, GUESSES, needed=("name",)):
        yield line if isinstance(line, Refused) else columns.entry(*line, wanted)


def lines(
    stream: BinaryIO,
    wanted: Wanted,
    guesses: Mapping[str, tuple[str, ...]],
    *,
    needed: tuple[str, ...],
) -> Iterator[tuple[int, dict[str, str]] | Refused]:
    """Yield each line: its number, and its cells by field.

    Raises Unreadable for what is no table, or one without a field that is *needed*.
    """
    table = tables.read(stream)
    found = columns.matched(table.names, wanted, guesses)
    for field in needed:
        if field not in found:
            raise Unreadable(
                f"No column is a {field}: say which, as in --map {table.names[0] or 'X'}={field}."
            )
    at = {field: table.names.index(name) for field, name in found.items()}
    for line, cells in table.rows:
        if len(cells) > len(table.names):
            yield Refused(line, f"There are {len(cells)} cells for {len(table.names)} columns.")
            continue
        yield line, {field: cells[index] for field, index in at.items() if index < len(cells)}
