"""Searches of the directory and of its map, beside a bare ``select 1`` in the same run.

    python -m benchmarks.directory [--json] [--actors 100000] [--places 500000] [--only near]

The embedded PostgreSQL, a pool of connections, the queries of the domain as the pages call
them. One in five of what there is stands in one dense town, the rest in two hundred communes.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import asyncpg
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.timelines import a_database, machine
from fedcommune.domain.directory import maps, queries
from fedcommune.domain.directory.model import Box, Kind, Point, Wanted

CONCURRENCY: Final = 8
DENSE: Final = (48.857, 2.352)
Query = Callable[["asyncpg.Pool[asyncpg.Record]", random.Random], Awaitable[object]]

WHAT: Final = (
    *("Boulangerie", "Compost", "Banc", "Boîte à livres", "Théâtre", "Garage", "Jardin partagé"),
    *("Chorale", "Bibliothèque", "Fontaine", "Terrain de pétanque", "Couture", "Menuiserie"),
    *("Épicerie", "Café", "Ressourcerie", "École", "Club de natation", "Marché", "Atelier vélo"),
)
WHERE: Final = (
    "de la Pointe",
    "du Lagon",
    "des Filaos",
    "de la Gare",
    "du Vieux Port",
    "des Hauts",
)
TAGS: Final = ("jardin", "culture", "entraide", "sport", "enfants", "vélo", "bio", "musique")


@dataclass(frozen=True, slots=True)
class Figure:
    """How one query went: so many a second, milliseconds that half and nearly all of them took."""

    query: str
    count: int
    per_second: float
    p50: float
    p99: float


async def fill(db: asyncpg.Connection[asyncpg.Record], *, actors: int, places: int) -> None:
    """Fill an empty database; triggers list the actors, one statement the many places."""
    await db.execute("select setseed(0.5)")
    await db.execute(
        """
        create temporary table spot as
        select n, case when n = 0 then $1 else 42.5 + random() * 8 end as latitude,
            case when n = 0 then $2 else -1 + random() * 8 end as longitude
        from generate_series(0, 200) n
        """,
        *DENSE,
    )
    # Most indexes are made afterwards, as a restore does it.
    indexes = await db.fetch(
        """
        select indexdef, indexname
        from pg_indexes
        where schemaname = 'commune'
          and tablename = 'listing'
          and indexname <> 'listing_pkey'
        """
    )
    for each in indexes:
        await db.execute(f"drop index commune.{each['indexname']}")
    await db.execute("alter table commune.place disable trigger user")
    said = """
        ($2::text[])[1 + k % array_length($2::text[], 1)] || ' '
        || ($3::text[])[1 + k / 7 % array_length($3::text[], 1)] || ' ' || k
        || case when k % 20011 = 7 then ' soubassophone' else '' end"""
    where = """spot.latitude + (random() + random() - 1) * 0.05,
        spot.longitude + (random() + random() - 1) * 0.07"""
    await db.execute(
        f"""
        insert into commune.account (id, actor_id, local, type, kind, username, domain, name,
            summary, inbox, details, latitude, longitude, created_at, updated_at)
        select k, 'https://c' || spot.n || '.example/a/' || k, spot.n = 0, 'Organization',
            (array['association', 'business', 'project', 'group'])[1 + k % 4],
            'a' || k, 'c' || spot.n || '.example', {said},
            '<p>Des nouvelles, des rendez-vous et des coups de main, toute la semaine.</p>',
            'https://c.example/i', jsonb_build_object('tags', array[($4::text[])[1 + k % 8]]),
            {where}, now(), now()
        from generate_series(1, $1::integer) numbers (k)
        join spot on spot.n = case when k % 5 = 0 then 0 else 1 + k % 100003 * 7919 % 200 end
        """,
        actors,
        WHAT,
        WHERE,
        TAGS,
    )
    await db.execute(
        """
        insert into commune.account (id, actor_id, local, type, kind, username, domain, inbox,
            created_at, updated_at)
        select $1::bigint + n, 'https://c' || n || '.example/actor', n = 0, 'Application',
            'commune', 'c' || n, 'c' || n || '.example', 'https://c.example/i', now(), now()
        from generate_series(0, 200) n
        """,
        10_000_000,
    )
    await db.execute(
        f"""
        insert into commune.place (id, object_id, local, owner_id, kind, name, summary, latitude,
            longitude, tags, created_at, updated_at)
        select k, 'https://c' || spot.n || '.example/p/' || k, spot.n = 0,
            $5::bigint + spot.n,
            case when k % 3 = 0 then 'business' else 'poi' end,
            {said},
            'Ouvert à tout le monde, tous les jours.', {where},
            array[($4::text[])[1 + k % 8]]
            || case when k % 25013 = 3 then array['puits'] else '{{}}'::text[] end,
            now(), now()
        from generate_series(1, $1::integer) numbers (k)
        join spot on spot.n = case when k % 5 = 0 then 0 else 1 + k % 100003 * 7919 % 200 end
        """,
        places,
        WHAT,
        WHERE,
        TAGS,
        10_000_000,
    )
    await db.execute(
        """
        insert into commune.listing (subject, id, kind, name, told, tags, local, domain, latitude,
            longitude, updated_at)
        select 'place', place.id, place.kind, place.name, place.summary, place.tags, place.local,
            owner.domain, place.latitude, place.longitude, place.updated_at
        from commune.place
        join commune.account owner on owner.id = place.owner_id
        """
    )
    await db.execute("alter table commune.place enable trigger user")
    for each in indexes:
        await db.execute(each["indexdef"])
    counted = 1
    while counted:
        async with db.transaction():
            counted = await maps.count_changes(db)
    await db.execute("vacuum analyze")


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


def routes() -> dict[str, Query]:
    """Return what is asked, by name."""

    def search(**wanted: object) -> Query:
        return lambda pool, chance: queries.search(pool, Wanted(**wanted))  # type: ignore[arg-type]

    def near(**wanted: object) -> Query:
        return lambda pool, chance: queries.search(
            pool,
            Wanted(near=around(chance), **wanted),  # type: ignore[arg-type]
        )

    def points(zoom: int, **wanted: object) -> Query:
        return lambda pool, chance: maps.markers(pool, box(chance, zoom), Wanted(**wanted))  # type: ignore[arg-type]

    def groups(zoom: int, **wanted: object) -> Query:
        return lambda pool, chance: maps.clusters(
            pool,
            box(chance, zoom),
            zoom,
            Wanted(**wanted),  # type: ignore[arg-type]
        )

    shops = frozenset({Kind.BUSINESS, Kind.ASSOCIATION})
    return {
        "select 1": lambda pool, chance: pool.fetchval("select 1"),
        "search, a rare word": search(text="soubassophone"),
        "search, a common word": search(text="boulangerie"),
        "search, two words": search(text="jardin lagon"),
        "search, a rare tag": search(tags=("puits",)),
        "search, a common tag": search(tags=("jardin",)),
        "count, a common word": lambda pool, chance: queries.count(
            pool, Wanted(text="boulangerie")
        ),
        "alphabetical": search(),
        "alphabetical, page 40": lambda pool, chance: queries.search(pool, Wanted(), skip=800),
        "near": near(),
        "near, kinds": near(kinds=shops),
        "near, a common word": near(text="boulangerie"),
        "near, a rare word": near(text="soubassophone"),
        "near, a common tag": near(tags=("jardin",)),
        "near, a rare tag": near(tags=("puits",)),
        "markers, zoom 17": points(17),
        "markers, zoom 13": points(13),
        "markers, zoom 8": points(8),
        "markers, zoom 15, a common word": points(15, text="boulangerie"),
        "markers, zoom 8, a rare word": points(8, text="soubassophone"),
        **{f"clusters, zoom {zoom}": groups(zoom) for zoom in (5, 8, 11, 13, 14, 16)},
        "clusters, zoom 8, a common word": groups(8, text="boulangerie"),
    }


async def measure(
    pool: asyncpg.Pool[asyncpg.Record], name: str, query: Query, seconds: float
) -> Figure:
    """Ask over as many connections at once, after a warm-up, for so long."""
    taken: list[float] = []

    async def one(seed: int, until: float) -> None:
        chance = random.Random(seed)  # the same points in each run
        while (begun := time.perf_counter()) < until:
            await query(pool, chance)
            taken.append(time.perf_counter() - begun)

    async def all_(span: float) -> float:
        begun = time.perf_counter()
        await asyncio.gather(*(one(seed, begun + span) for seed in range(CONCURRENCY)))
        return time.perf_counter() - begun

    await all_(0.5)
    taken.clear()
    wall = await all_(seconds)
    cuts = statistics.quantiles(taken, n=100) if len(taken) > 1 else taken * 99
    return Figure(
        name,
        len(taken),
        round(len(taken) / wall, 1),
        round(cuts[49] * 1000, 2),
        round(cuts[98] * 1000, 2),
    )


async def run(actors: int, places: int, seconds: float, only: Sequence[str]) -> list[Figure]:
    """Return the figures of all queries, or of those whose name has one of *only* in it."""
    async with a_database() as url:
        connection = await asyncpg.connect(url)
        begun = time.perf_counter()
        await fill(connection, actors=actors, places=places)
        Console(stderr=True).print(f"Filled in {time.perf_counter() - begun:.0f} s.")
        await connection.close()
        async with asyncpg.create_pool(url, min_size=CONCURRENCY, max_size=CONCURRENCY) as pool:
            return [
                await measure(pool, name, query, seconds)
                for name, query in routes().items()
                if name == "select 1" or not only or any(each in name for each in only)
            ]


def show(figures: Sequence[Figure]) -> None:
    table = Table("query", "a second", "p50 ms", "p99 ms")
    for each in figures:
        table.add_row(each.query, f"{each.per_second:,.0f}", f"{each.p50:.1f}", f"{each.p99:.1f}")
    Console().print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--actors", type=int, default=100_000)
    parser.add_argument("--places", type=int, default=500_000)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--only", action="append", default=[], help="a part of a name")
    given = parser.parse_args()
    figures = asyncio.run(run(given.actors, given.places, given.seconds, given.only))
    if given.json:
        result = {"machine": machine(), "figures": [asdict(each) for each in figures]}
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        show(figures)


if __name__ == "__main__":
    main()
