"""The agenda holds what everybody may see, in its order, as soon as it changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries.agenda import Wanted
from fedcommune.domain.events.queries.days import of_days
from tests.fedcommune.domain.people import People

NOON = datetime(2030, 6, 12, 12, tzinfo=UTC)
HALL = 900


@pytest.fixture
async def choir(people: People) -> Account:
    return await people.actor("chorale", kind=Kind.ASSOCIATION)


@pytest.fixture
async def neighbour(people: People) -> Account:
    return await people.stranger("theatre", "trois-bassins.example", kind="association")


async def hang(
    tx: Transaction, number: int, author: Account, starts_at: datetime, **more: Any
) -> None:
    """Write an event down as it is, with the post that it hangs on."""
    await tx.db.execute(
        """
        insert into commune.post (id, object_id, local, author_id, type, visibility, published_at,
            received_at)
        values ($1::bigint, 'https://x.example/e/' || $1::bigint, $2, $3, 'Event', $4, now(), now())
        """,
        *(number, author.local, author.id, more.pop("visibility", "public")),
    )
    await tx.db.execute(
        "insert into commune.hashtag (post_id, name) select $1, unnest($2::text[])",
        *(number, list(more.pop("tags", ()))),
    )
    await tx.db.execute(
        """
        insert into commune.event (post_id, name, uid, starts_at, ends_at, timezone, category,
            place_id, organiser_id, named)
        values ($1::bigint, 'Événement ' || $1::bigint, 'e' || $1::bigint,
            $2, $3, $4, $5, $6, $7, $8)
        """,
        *(number, starts_at, more.pop("ends_at", None), more.pop("zone", "Indian/Reunion")),
        *(more.pop("category", "MUSIC"), more.pop("place_id", None)),
        *(more.pop("organiser_id", None), more.pop("named", True)),
    )
    assert not more


async def a_place(tx: Transaction, owner: Account) -> None:
    await tx.db.execute(
        """
        insert into commune.place (id, object_id, local, owner_id, kind, name, latitude, longitude,
            created_at, updated_at)
        values ($1, 'https://x.example/p', true, $2, 'poi', 'Salle', -21, 55, now(), now())
        """,
        *(HALL, owner.id),
    )


async def listed(tx: Transaction, wanted: Wanted | None = None, **more: Any) -> list[int]:
    found = await agenda.listed(tx.db, wanted or Wanted(), **more)
    return [line.event.post_id for line in found]


async def as_told(tx: Transaction, wanted: Wanted) -> list[int]:
    """Say it again, out of the posts themselves and without any index of ours."""
    rows = await tx.db.fetch(
        """
        select event.post_id
        from commune.event
        join commune.post on post.id = event.post_id
        join commune.account author on author.id = post.author_id
        where post.visibility = 'public'
          and ($1::timestamptz is null or coalesce(event.ends_at, event.starts_at) >= $1)
          and ($2::timestamptz is null or event.starts_at < $2)
          and ($3 = '' or event.category = $3)
          and ($4 = '' or author.domain = $4)
          and ($5 = '' or exists (
              select from commune.hashtag
              where hashtag.post_id = event.post_id and hashtag.name = $5))
          and ($6::bigint is null or post.author_id = $6 or (
              event.organiser_id = $6 and (event.named or not exists (
                  select from commune.account person
                  where person.id = $6 and person.kind = 'citizen'))))
          and ($7::bigint is null or event.place_id = $7)
        order by event.starts_at, event.post_id
        """,
        *(wanted.since, wanted.until, wanted.category, wanted.domain, wanted.tag),
        *(wanted.account_id, wanted.place_id),
    )
    found = [row["post_id"] for row in rows]
    return found[::-1] if wanted.backwards else found


async def test_whatever_is_wanted_is_found_in_its_order_page_by_page(
    tx: Transaction, people: People, choir: Account, neighbour: Account
) -> None:
    marie = await people.citizen("marie")
    await a_place(tx, choir)
    for number in range(1, 61):
        starts_at = NOON + timedelta(days=number - 30, hours=number * 7 % 12)
        lasts = {0: timedelta(hours=2), 1: None, 2: timedelta(days=3), 3: timedelta(days=90)}
        taken = lasts[number * 5 % 4]
        await hang(
            tx,
            number,
            choir if number % 3 else neighbour,
            starts_at,
            ends_at=None if taken is None else starts_at + taken,
            visibility="followers" if number % 11 == 0 else "public",
            category="SPORTS" if number % 4 == 1 else "MUSIC",
            tags=("maloya", "bal") if number % 5 == 0 else ("bal",) if number % 2 else (),
            place_id=HALL if number % 6 == 0 else None,
            organiser_id=marie.id if number % 7 == 0 else None,
            named=number % 2 == 0,
        )

    spans: list[dict[str, Any]] = [
        {},
        {"since": NOON},
        {"until": NOON, "backwards": True},
        {"since": NOON - timedelta(days=9), "until": NOON + timedelta(days=9)},
    ]
    asked: list[dict[str, Any]] = [
        {},
        {"category": "SPORTS"},
        {"domain": "trois-bassins.example"},
        {"tag": "maloya"},
        {"tag": "bal", "category": "MUSIC", "domain": "saint-leu.example"},
        {"account_id": choir.id},
        {"account_id": marie.id},
        {"place_id": HALL},
        {"place_id": HALL, "tag": "bal"},
        {"tag": "nothing"},
    ]
    for span, such in product(spans, asked):
        wanted = Wanted(**span, **such)
        expected = await as_told(tx, wanted)
        assert await listed(tx, wanted, limit=100) == expected, wanted
        assert await listed(tx, wanted, limit=4, skip=3) == expected[3:7], wanted


async def test_what_is_no_longer_for_everybody_leaves_at_once_and_comes_back(
    tx: Transaction, choir: Account
) -> None:
    await hang(tx, 1, choir, NOON, tags=("bal",))
    wanted = Wanted(tag="bal", domain="saint-leu.example")

    for change, back in (
        ("commune.post set visibility = 'followers'", "commune.post set visibility = 'public'"),
        ("commune.post set deleted_at = now()", "commune.post set deleted_at = null"),
        ("commune.account set suspended_at = now()", "commune.account set suspended_at = null"),
        ("commune.account set deleted_at = now()", "commune.account set deleted_at = null"),
        ("commune.account set domain = 'x'", "commune.account set domain = 'saint-leu.example'"),
    ):
        await tx.db.execute(f"update {change}")
        assert await listed(tx, wanted) == [], change
        await tx.db.execute(f"update {back}")
        assert await listed(tx, wanted) == [1], back
    await tx.db.execute("delete from commune.post")
    assert await listed(tx) == []
    assert await tx.db.fetchval("select count(*) from commune.agenda") == 0


async def test_words_places_and_times_that_change_are_found_as_they_are_now(
    tx: Transaction, choir: Account
) -> None:
    await a_place(tx, choir)
    await hang(tx, 1, choir, NOON, tags=("bal",), place_id=HALL)

    await tx.db.execute("delete from commune.hashtag")
    await tx.db.execute("insert into commune.hashtag values (1, 'fête')")
    assert await listed(tx, Wanted(tag="bal")) == []
    assert await listed(tx, Wanted(tag="fête")) == [1]
    await tx.db.execute("delete from commune.place")
    assert await listed(tx, Wanted(place_id=HALL)) == []
    await tx.db.execute("update commune.event set starts_at = starts_at + interval '9 days'")
    assert await listed(tx, Wanted(until=NOON + timedelta(days=1))) == []
    assert await listed(tx, Wanted(since=NOON + timedelta(days=9))) == [1]
    await tx.db.execute("update commune.event set category = 'SPORTS'")
    assert await listed(tx, Wanted(category="SPORTS")) == [1]


async def test_only_communes_where_something_is_to_come_are_offered(
    tx: Transaction, people: People, choir: Account, neighbour: Account
) -> None:
    elsewhere = await people.stranger("fanfare", "cilaos.example", kind="association")
    await hang(tx, 1, choir, NOON - timedelta(days=400), ends_at=NOON + timedelta(days=1))
    await hang(tx, 2, neighbour, NOON - timedelta(hours=1))
    await hang(tx, 3, neighbour, NOON - timedelta(days=40))
    await hang(tx, 4, elsewhere, NOON + timedelta(days=300))

    assert await agenda.domains(tx.db, NOON) == ["cilaos.example", "saint-leu.example"]
    assert await agenda.domains(tx.db, NOON - timedelta(hours=1)) == [
        "cilaos.example",
        "saint-leu.example",
        "trois-bassins.example",
    ]
    assert await agenda.domains(tx.db, NOON + timedelta(days=301)) == []


async def on(
    tx: Transaction, days: list[date], wanted: Wanted | None = None, limit: int = 8
) -> Any:
    found = await of_days(tx.db, wanted or Wanted(), days, limit=limit)
    return {day.day: [each.post_id for each in found[day]] for day in days if found.get(day)}


async def test_a_day_holds_what_begins_and_what_lasts_on_the_clock_of_the_place(
    tx: Transaction, choir: Account, neighbour: Account
) -> None:
    june = [date(2030, 6, day) for day in range(10, 16)]
    at = datetime(2030, 6, 12, 16, tzinfo=UTC)  # 20:00 there
    await hang(tx, 1, choir, at, ends_at=at + timedelta(hours=9))  # until five in the morning
    await hang(tx, 2, choir, at - timedelta(days=9), ends_at=at + timedelta(days=1))
    await hang(tx, 3, choir, at + timedelta(hours=5), zone="Europe/Paris")  # 23:00 of the same day
    await hang(tx, 4, choir, at + timedelta(hours=5))  # 01:00 of the next
    await hang(tx, 5, neighbour, at + timedelta(days=1), zone="Mars/Olympus")
    await hang(tx, 6, choir, at, visibility="followers")
    midnight = datetime(2030, 6, 13, 20, tzinfo=UTC)
    await hang(tx, 7, choir, midnight, ends_at=midnight + timedelta(days=2))  # the 14th, the 15th

    assert await on(tx, june) == {
        10: [2],
        11: [2],
        12: [2, 1, 3],
        13: [2, 4, 5],
        14: [7],
        15: [7],
    }
    assert await on(tx, june, Wanted(domain="trois-bassins.example")) == {13: [5]}
    assert await on(tx, june[2:3], limit=1) == {12: [2, 1]}
    await tx.db.execute("update commune.account set suspended_at = now() where local")
    assert await on(tx, june) == {13: [5]}


async def test_a_day_of_a_month_never_takes_the_room_of_another(
    tx: Transaction, choir: Account
) -> None:
    for number in range(30):
        await hang(tx, number + 1, choir, NOON, tags=("bal",))
    await hang(tx, 99, choir, NOON + timedelta(days=1))

    found = await on(tx, [NOON.date(), NOON.date() + timedelta(days=1)])

    assert len(found[12]) == 9  # eight, and that there is more
    assert found[13] == [99]
    assert len((await on(tx, [NOON.date()], Wanted(tag="bal"), limit=40))[12]) == 30
