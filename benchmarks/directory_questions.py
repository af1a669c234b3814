"""What the benchmark of the directory asks: through the domain, as pages call it, and by HTTP."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from benchmarks.directory_world import DENSE, HALL, ORGANISER
from fedcommune.database import Database, Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.directory import maps, queries
from fedcommune.domain.directory.model import Box, Kind, Point, Wanted
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries.days import of_days
from fedcommune.web.weeks import IN_MONTH, IN_WEEK

Question = Callable[[random.Random], Awaitable[object]]

BY_ID: Final = "an account by its id"
BARE: Final = "HTTP, a bare route"
REFERENCES: Final = frozenset({"select 1", BY_ID, BARE})
SHOPS: Final = frozenset({Kind.BUSINESS, Kind.ASSOCIATION})
BUSINESSES: Final = frozenset({Kind.BUSINESS})
EVENTS: Final = frozenset({Kind.EVENT})


def around(chance: random.Random) -> Point:
    """Return a point in the dense town, or nearly."""
    return Point(DENSE[0] + chance.uniform(-0.04, 0.04), DENSE[1] + chance.uniform(-0.05, 0.05))


def box(chance: random.Random, zoom: int) -> Box:
    """Return what a screen shows of the dense town at *zoom*."""
    middle, width = around(chance), 360 / 2**zoom * 5
    return Box(
        middle.latitude - width / 4,
        max(middle.longitude - width / 2, -180),
        middle.latitude + width / 4,
        middle.longitude + width / 2,
    )


def reading(database: Database, ask: Callable[[Executor, random.Random], Any]) -> Question:
    """Return a question that is asked as pages ask: on a connection that is lent for it."""

    async def asked(chance: random.Random) -> object:
        async with database.reading() as db:
            return await ask(db, chance)

    return asked


def references(database: Database, actors: int) -> dict[str, Question]:
    """Return the least that PostgreSQL can be asked, by name."""
    return {
        "select 1": lambda chance: database.readers.fetchval("select 1"),
        BY_ID: reading(database, lambda db, chance: accounts.by_id(db, chance.randint(1, actors))),
    }


def of_the_directory(database: Database) -> dict[str, Question]:
    """Return what is asked of the list and of the map, by name."""

    def search(skip: int = 0, **wanted: Any) -> Question:
        return reading(
            database,
            lambda db, chance: queries.search_and_count(db, Wanted(**wanted), skip=skip),
        )

    def near(**wanted: Any) -> Question:
        return reading(
            database,
            lambda db, chance: queries.search(db, Wanted(near=around(chance), **wanted)),
        )

    def layer(zoom: int, **wanted: Any) -> Question:
        return reading(
            database,
            lambda db, chance: maps.layer(db, box(chance, zoom), zoom, Wanted(**wanted)),
        )

    return {
        "search, a rare word": search(text="soubassophone"),
        "search, a common word": search(text="boulangerie"),
        "search, two words": search(text="jardin lagon"),
        "search, two words of a kind": search(text="jardin lagon", kinds=BUSINESSES),
        "search, a common word, page 40": search(text="boulangerie", skip=800),
        "search, a common word of one kind": search(text="boulangerie", kinds=EVENTS),
        "search, a rare tag": search(tags=("puits",)),
        "search, a common tag": search(tags=("jardin",)),
        "search, of a commune": search(domain="c0.example"),
        "search, events": search(kinds=EVENTS),
        "search, everything": search(),
        "search, everything, page 40": search(skip=800),
        "near": near(),
        "near, kinds": near(kinds=SHOPS),
        "near, events": near(kinds=EVENTS),
        "near, a common word": near(text="boulangerie"),
        "near, a rare word": near(text="soubassophone"),
        "near, two words": near(text="jardin lagon"),
        "near, two words of a kind": near(text="jardin lagon", kinds=BUSINESSES),
        "near, a common tag": near(tags=("jardin",)),
        "near, a rare tag": near(tags=("puits",)),
        **{f"map, zoom {zoom}": layer(zoom) for zoom in (5, 8, 11, 13, 14, 15, 16, 17, 18)},
        "map, zoom 13, events": layer(13, kinds=EVENTS),
        "map, zoom 13, a common tag": layer(13, tags=("jardin",)),
        "map, zoom 13, of a commune": layer(13, domain="c0.example"),
        "map, zoom 15, of a commune": layer(15, domain="c0.example"),
        "map, zoom 15, a common tag": layer(15, tags=("jardin",)),
        "map, zoom 15, a common word": layer(15, text="boulangerie"),
        "map, zoom 15, two words": layer(15, text="jardin lagon"),
        "map, zoom 13, two words of a kind": layer(13, text="jardin lagon", kinds=BUSINESSES),
        "map, zoom 8, a common word": layer(8, text="boulangerie"),
        "map, zoom 8, a rare word": layer(8, text="soubassophone"),
    }


def of_the_agenda(database: Database, now: datetime) -> dict[str, Question]:
    """Return what is asked of the agenda, by name."""

    def listed(*, limit: int = 31, skip: int = 0, **wanted: Any) -> Question:
        asked = agenda.Wanted(**{"since": now, **wanted})
        return reading(
            database, lambda db, chance: agenda.listed(db, asked, limit=limit, skip=skip)
        )

    def span(count: int, limit: int, **wanted: Any) -> Question:
        """What a calendar shows: so many days, in each so much."""

        def asked(db: Executor, chance: random.Random) -> Any:
            first = now.date() + timedelta(days=chance.randrange(-300, 300))
            days = [first + timedelta(days=number) for number in range(count)]
            return of_days(db, agenda.Wanted(**wanted), days, limit=limit)

        return reading(database, asked)

    return {
        "agenda": listed(),
        "agenda, page 30": listed(skip=870),
        "agenda, what was": listed(since=None, until=now, backwards=True),
        "agenda, a week": span(7, IN_WEEK),
        "agenda, a month": span(42, IN_MONTH),
        "agenda, a month of a commune": span(42, IN_MONTH, domain="c25.example"),
        "agenda, a month of a common tag": span(42, IN_MONTH, tag="jardin"),
        "agenda, a common tag": listed(tag="jardin"),
        "agenda, a rare tag": listed(tag="quadrille"),
        "agenda, a category": listed(category="MUSIC"),
        "agenda, of a commune": listed(domain="c0.example"),
        "agenda, of a small commune": listed(domain="c25.example"),
        "agenda, of a place": listed(place_id=HALL),
        "agenda, of an association": listed(account_id=ORGANISER),
        "agenda, its communes": reading(database, lambda db, chance: agenda.domains(db, now)),
    }


@dataclass(slots=True)
class Browser:
    """Asks a server of this machine over connections that stay open."""

    host: str
    port: int
    _idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def get(self, path: str) -> bytes:
        """Return the body of the answer. Raises RuntimeError when it is none of 200."""
        if self._idle:
            reader, writer = self._idle.pop()
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        host = f"{self.host}:{self.port}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(f"{path}: {head.decode()}")
        start = head.index(b"content-length: ") + 16
        body = await reader.readexactly(int(head[start : head.index(b"\r", start)]))
        self._idle.append((reader, writer))
        return body

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


@asynccontextmanager
async def a_browser(host: str, port: int) -> AsyncIterator[Browser]:
    browser = Browser(host, port)
    try:
        yield browser
    finally:
        browser.close()


def over_http(browser: Browser, now: datetime) -> dict[str, Question]:
    """Return what is asked of a running server, by name: the bare route first."""

    def layer(zoom: int, query: str = "") -> Question:
        def asked(chance: random.Random) -> Awaitable[object]:
            part = box(chance, zoom)
            sides = f"{part.west:.5f},{part.south:.5f},{part.east:.5f},{part.north:.5f}"
            return browser.get(f"/map.geojson?bbox={sides}&zoom={zoom}{query}")

        return asked

    def near(chance: random.Random) -> Awaitable[object]:
        point = around(chance)
        return browser.get(f"/directory?lat={point.latitude:.5f}&lon={point.longitude:.5f}")

    def page(path: str) -> Question:
        return lambda chance: browser.get(path)

    return {
        BARE: page("/hello"),
        "HTTP, the directory, a common word": page("/directory?q=boulangerie"),
        "HTTP, the directory, near": near,
        "HTTP, the map, zoom 11": layer(11),
        "HTTP, the map, zoom 17": layer(17),
        "HTTP, the map, zoom 15, a common word": layer(15, "&q=boulangerie"),
        "HTTP, the agenda": page("/agenda"),
        "HTTP, the agenda, a month": page(f"/agenda?view=month&from={now.date().isoformat()}"),
    }
