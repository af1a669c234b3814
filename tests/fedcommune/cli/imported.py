"""Type an import, and see what is in the database then."""

from __future__ import annotations

from typing import Any

import asyncpg

from tests.conftest import run
from tests.fedcommune.cli.conftest import Terminal


def write(terminal: Terminal, text: str | bytes, name: str = "lieux.csv") -> str:
    path = terminal.folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def bring(terminal: Terminal, file: str, *words: str, code: int = 0, form: str = "csv") -> Any:
    return terminal.ask("import", "places", file, "--from", form, *words, code=code)


def counts(answer: Any) -> dict[str, int]:
    return {name: count for name, count in answer["counts"].items() if count}


def fetch(terminal: Terminal, query: str, *args: Any) -> list[Any]:
    async def ask() -> list[Any]:
        db = await asyncpg.connect(terminal.environment["FEDCOMMUNE_DATABASE_URL"])
        try:
            return [dict(row) for row in await db.fetch(query, *args)]
        finally:
            await db.close()

    return run(ask())


def stored(terminal: Terminal) -> list[Any]:
    return fetch(terminal, "select * from commune.place where deleted_at is null order by id")


def everything(terminal: Terminal) -> list[Any]:
    return [
        fetch(terminal, f"select * from {table} order by 1")
        for table in ("commune.place", "commune.imported", "commune.place_revision",
                      "commune.account", "outbox.activity")
    ]  # fmt: skip
