"""Any table of places in CSV: the columns are guessed, or given by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from fedcommune.domain.portability.model import Refused, Row, Unreadable
from fedcommune.domain.portability.readers import columns, tables
from fedcommune.domain.portability.readers.columns import Wanted


def guessed(stream: BinaryIO, wanted: Wanted) -> dict[str, str]:
    """Return as what each column of a table would be read, by name. Raises Unreadable."""
    found = columns.matched(tables.read(stream).names, wanted)
    return {name: field for field, name in found.items()}


def read(stream: BinaryIO, wanted: Wanted) -> Iterator[Row]:
    """Yield what each line says. Raises Unreadable for what is no table of places."""
    table = tables.read(stream)
    found = columns.matched(table.names, wanted)
    if "name" not in found:
        raise Unreadable(
            f"No column is a name: say which, as in --map {table.names[0] or 'X'}=name."
        )
    at = {field: table.names.index(name) for field, name in found.items()}
    for line, cells in table.rows:
        if len(cells) > len(table.names):
            yield Refused(line, f"There are {len(cells)} cells for {len(table.names)} columns.")
            continue
        said = {field: cells[index] for field, index in at.items() if index < len(cells)}
        yield columns.entry(line, said, wanted)
