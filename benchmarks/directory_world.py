"""The region that the benchmark of the directory searches: actors, places, what takes place.

One in five of what there is stands in one dense town, the rest in two hundred communes. In the
middle of two years of events is the moment at which the region was made.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import fedcommune
from benchmarks.timelines import a_database
from fedcommune.database import Executor
from fedcommune.domain.directory import counts
from fedcommune.migrate import migrate
from fedcommune.postgres import Embedded

DENSE: Final = (48.857, 2.352)
# The place of the dense town where most takes place, and an association of it.
HALL: Final = 5
ORGANISER: Final = 20
_COMMUNES: Final = 10_000_000  # the first id of those that speak for communes
_BEGINNING: Final = 1_700_000_000_000  # milliseconds since 1970
_BATCH: Final = 25_000
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

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
class Size:
    """How much there is; a post of another kind stands beside each event four times."""

    actors: int = 100_000
    places: int = 500_000
    events: int = 20_000


@asynccontextmanager
async def a_region(size: Size, keep: Path | None) -> AsyncIterator[str]:
    """Yield the address of a filled database: one that goes afterwards, or the one in *keep*.

    What is kept is used again as long as size, migrations and this file are the same. What was
    interrupted is filled anew.
    """
    async with AsyncExitStack() as stack:
        if keep is None:
            url = await stack.enter_async_context(a_database())
            await _filled(url, size)
        else:
            server = Embedded(keep / "postgres", database="postgres")
            stack.push_async_callback(server.stop)
            url = await _kept(await server.start(), size)
        yield url


async def born(db: Executor) -> datetime:
    """Return the moment in the middle of the events."""
    moment: datetime = await db.fetchval("select born from region")
    return moment


async def _kept(url: str, size: Size) -> str:
    """Return the address of the database of such a region on the server of *url*."""
    name = f"region_{_digest(size)}"
    there = url.replace("///postgres?", f"///{name}?")
    db = await asyncpg.connect(url)
    try:
        known = await db.fetch("select datname from pg_database where datname like 'region%'")
        if name in {row["datname"] for row in known}:
            return there
        for row in known:
            await db.execute(f'drop database "{row["datname"]}"')
        await db.execute("create database region")
        filling = url.replace("///postgres?", "///region?")
        await migrate(filling)
        await _filled(filling, size)
        await db.execute(f'alter database region rename to "{name}"')
    finally:
        await db.close()
    return there


def _digest(size: Size) -> str:
    digest = hashlib.sha256(repr(astuple(size)).encode())
    migrations = Path(fedcommune.__file__).parent / "migrations"
    for path in (Path(__file__), *sorted(migrations.glob("*.sql"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


async def _filled(url: str, size: Size) -> None:
    """Fill an empty database, and show how far it is."""
    db = await asyncpg.connect(url)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:

        async def step(name: str, count: int, batch: Callable[[int, int], Awaitable[None]]) -> None:
            task = progress.add_task(name, total=count)
            for first in range(1, count + 1, _BATCH):
                last = min(first + _BATCH - 1, count)
                await batch(first, last)
                progress.update(task, completed=last)

        try:
            await _begin(db)
            indexes = await _without_indexes(db)
            await step("actors", size.actors, lambda *span: _actors(db, *span))
            await step("places", size.places, lambda *span: _places(db, *span))
            await step("events", size.events, lambda *span: _events(db, size, *span))
            task = progress.add_task("indexes", total=len(indexes))
            for each in indexes:
                await db.execute(each)
                progress.advance(task)
            await _count(db, progress)
            progress.add_task("statistics", total=None)
            await db.execute("vacuum (freeze, analyze)")
        finally:
            await db.close()


async def _begin(db: Connection) -> None:
    await db.execute(
        """
        set synchronous_commit to off;
        set maintenance_work_mem to '256MB';
        select setseed(0.5);
        create table region (born timestamptz not null);
        insert into region values (date_trunc('day', now()) + interval '9 hours');
        """
    )
    await db.execute(
        """
        create temporary table spot as
        select n, case when n = 0 then $1 else 42.5 + random() * 8 end as latitude,
            case when n = 0 then $2 else -1 + random() * 8 end as longitude
        from generate_series(0, 200) n
        """,
        *DENSE,
    )
    # The first would be our own commune: it is one more local authority here, because the
    # server that answers over HTTP has a name of its own.
    await db.execute(
        """
        insert into commune.account (id, actor_id, local, type, kind, username, domain, name,
            inbox, created_at, updated_at)
        select $1::bigint + n, 'https://c' || n || '.example/actor', n = 0, 'Application',
            case when n = 0 then 'authority' else 'commune' end, 'c' || n, 'c' || n || '.example',
            'Commune ' || n, 'https://c.example/i', now(), now()
        from generate_series(0, 200) n
        """,
        _COMMUNES,
    )


async def _without_indexes(db: Connection) -> list[str]:
    """Drop most indexes of the directory, which are made afterwards, as a restore does it."""
    rows = await db.fetch(
        """
        select indexdef, indexname
        from pg_indexes
        where schemaname = 'commune'
          and (tablename = 'listing' and indexname <> 'listing_pkey'
               or indexname in ('post_words', 'account_words'))
        """
    )
    for each in rows:
        await db.execute(f"drop index commune.{each['indexname']}")
    return [each["indexdef"] for each in rows]


_SAID: Final = """
    ($3::text[])[1 + k % array_length($3::text[], 1)] || ' '
    || ($4::text[])[1 + k / 7 % array_length($4::text[], 1)] || ' ' || k
    || case when k % 20011 = 7 then ' soubassophone' else '' end"""
_WHERE: Final = """spot.latitude + (random() + random() - 1) * 0.05,
    spot.longitude + (random() + random() - 1) * 0.07"""
_SPOT: Final = """
    from generate_series($1::integer, $2::integer) numbers (k)
    join spot on spot.n = case when k % 5 = 0 then 0 else 1 + k % 100003 * 7919 % 200 end"""


async def _actors(db: Connection, first: int, last: int) -> None:
    """Let there be actors, which a trigger lists."""
    await db.execute(
        f"""
        insert into commune.account (id, actor_id, local, type, kind, username, domain, name,
            summary, inbox, details, latitude, longitude, created_at, updated_at)
        select k, 'https://c' || spot.n || '.example/a/' || k, spot.n = 0, 'Organization',
            (array['association', 'business', 'project', 'group'])[1 + k % 4],
            'a' || k, 'c' || spot.n || '.example', {_SAID},
            '<p>Des nouvelles, des rendez-vous et des coups de main, toute la semaine.</p>',
            'https://c.example/i', jsonb_build_object('tags', array[($5::text[])[1 + k % 8]]),
            {_WHERE}, now(), now()
        {_SPOT}
        """,
        *(first, last, WHAT, WHERE, TAGS),
    )


async def _places(db: Connection, first: int, last: int) -> None:
    """Let there be places, and list them as the trigger does, all at once."""
    await db.execute("alter table commune.place disable trigger user")
    await db.execute(
        f"""
        insert into commune.place (id, object_id, local, owner_id, kind, name, summary, latitude,
            longitude, tags, created_at, updated_at)
        select k, 'https://c' || spot.n || '.example/p/' || k, spot.n = 0, $6::bigint + spot.n,
            case when k % 3 = 0 then 'business' else 'poi' end, {_SAID},
            'Ouvert à tout le monde, tous les jours.', {_WHERE},
            array[($5::text[])[1 + k % 8]]
            || case when k % 25013 = 3 then array['puits'] else '{{}}'::text[] end,
            now(), now()
        {_SPOT}
        """,
        *(first, last, WHAT, WHERE, TAGS, _COMMUNES),
    )
    await db.execute("alter table commune.place enable trigger user")
    await db.execute(
        """
        insert into commune.listing (subject, id, kind, name, told, tags, local, domain, latitude,
            longitude, updated_at)
        select 'place', place.id, place.kind, place.name, place.summary, place.tags, place.local,
            owner.domain, place.latitude, place.longitude, place.updated_at
        from commune.place
        join commune.account owner on owner.id = place.owner_id
        where place.id between $1 and $2
        """,
        first,
        last,
    )


async def _events(db: Connection, size: Size, first: int, last: int) -> None:
    """Announce events, a few each by associations; two in five are of the dense town."""
    await db.execute("alter table commune.post disable trigger user")
    await db.execute(
        """
        insert into commune.post (id, object_id, url, local, author_id, type, visibility, content,
            published_at, received_at, language)
        select ($3::bigint + k::bigint * 1000) << 16, 'https://c.example/e/' || k,
            'https://c.example/@e/' || k, author.local, author.id,
            case when k % 5 = 0 then 'Event' else 'Note' end,
            case when k % 50 = 5 then 'followers' else 'public' end,
            '<p>Entrée libre, apportez à boire et à manger, venez à pied ou à vélo.</p>',
            now(), now(), 'fr'
        from generate_series($1 * 5 - 4, $2 * 5) numbers (k)
        join commune.account author
            on author.id = case when k / 5 % 5 < 2 then $4 * (1 + k / 5 * 31 % $5::bigint)
                else 4 * (1 + k / 5 * 37 % $6::bigint) end
        """,
        *(first, last, _BEGINNING, ORGANISER),
        *(min(500, size.actors // ORGANISER - 1), min(2000, size.actors // 4 - 1)),
    )
    await db.execute("alter table commune.post enable trigger user")
    await db.execute(
        """
        insert into commune.hashtag (post_id, name)
        select ($3::bigint + k::bigint * 1000) << 16, ($4::text[])[1 + k / 3 % 8]
        from generate_series($1 * 5 - 4, $2 * 5) numbers (k)
        union all
        select ($3::bigint + k::bigint * 5000) << 16, 'quadrille'
        from generate_series($1, $2) numbers (k)
        where k % 997 = 3
        """,
        *(first, last, _BEGINNING, TAGS),
    )
    await db.execute(
        f"""
        insert into commune.event (post_id, name, description, uid, starts_at, ends_at, timezone,
            category, place_id, place_name, locality, latitude, longitude, organiser_id, status,
            over)
        select post.id, {_SAID}, post.content, 'e' || k || '@c.example', begins,
            case when k % 100 = 50 then begins + interval '9 days'
                when k % 3 > 0 then begins + interval '2 hours' end, 'Europe/Paris',
            (array['MUSIC', 'SPORTS', 'THEATRE', 'MEETING', 'OUTDOORS_ADVENTURE'])[1 + k / 11 % 5],
            place.id, coalesce(place.name, ''), author.domain,
            coalesce(place.latitude, author.latitude), coalesce(place.longitude, author.longitude),
            author.id, case when k % 40 = 7 then 'cancelled' else 'confirmed' end,
            begins + case when k % 100 = 50 then interval '9 days' else interval '3 hours' end
                < now()
        from (
            select k, date_trunc('day', region.born)
                + ((k / $7::double precision * 2 - 1) * 365)::integer * interval '1 day'
                + (8 + k % 13) * interval '1 hour' as begins
            from generate_series($1::integer, $2::integer) numbers (k)
            cross join region
        ) moments
        join commune.post on post.id = ($5::bigint + k::bigint * 5000) << 16
        join commune.account author on author.id = post.author_id
        left join commune.place on place.id = case
            when k % 40 = 0 then $6::bigint
            when k % 5 = 1 then 5 * (1 + k % 200) end
        """,
        *(first, last, WHAT, WHERE, _BEGINNING, HALL, size.events),
    )


async def _count(db: Connection, progress: Progress) -> None:
    """Put all that is there into the counts of the map, as the chore does it."""
    noted = await db.fetchval("select count(*) from commune.listing_change")
    task = progress.add_task("counts of the map", total=noted)
    counted = 1
    while counted:
        async with db.transaction():
            counted = await counts.count_changes(db)
        progress.advance(task, counted)
