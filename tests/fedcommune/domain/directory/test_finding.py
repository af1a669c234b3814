"""Words, kinds, tags and servers are looked up together, and the map shows what the list does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.directory import maps, queries
from fedcommune.domain.directory.model import (
    MAX_COUNT,
    MAX_RANKED,
    Box,
    Cluster,
    Kind,
    Listing,
    Point,
    Wanted,
)

HERE = Point(-21.17, 55.288)
AROUND = Box(-21.3, 55.2, -21.0, 55.4)


async def put(
    tx: Transaction,
    name: str,
    *,
    count: int = 1,
    kind: str = "poi",
    tags: tuple[str, ...] = (),
    domain: str = "saint-leu.example",
    north: float = 0.0,
) -> None:
    """List *count* things of a name, close to each other."""
    await tx.db.execute(
        """
        insert into commune.listing (subject, id, kind, name, local, domain, tags, latitude,
            longitude, updated_at)
        select case when $2 = 'event' then 'event' when $2 in ('poi', 'business') then 'place'
                else 'account' end,
            coalesce((select max(id) from commune.listing), 0) + n, $2, $1,
            $4 = 'saint-leu.example', $4, $3::text[], $5 + n / 1000000.0, $6, now()
        from generate_series(1, $7::integer) n
        """,
        *(name, kind, list(tags), domain, HERE.latitude + north, HERE.longitude, count),
    )


async def names(tx: Transaction, wanted: Wanted) -> list[str]:
    return [each.name for each in await queries.search(tx.db, wanted, limit=50)]


async def several(tx: Transaction) -> None:
    await put(tx, "Jardin de la Pointe", tags=("bio",))
    await put(tx, "Jardin des Hauts", tags=("bio", "abeilles"), domain="trois-bassins.example")
    await put(tx, "Jardin ouvert", kind="event", tags=("bio",))
    await put(tx, "Au jardin", kind="business")
    await put(tx, "Chorale", kind="association", tags=("musique", "bio"))


EACH_WAY = [
    (Wanted(text="jardins"), 4),
    (Wanted(text="jardin pointe"), 1),
    (Wanted(text="jardin", kinds=frozenset({Kind.EVENT, Kind.BUSINESS})), 2),
    (Wanted(text="jardin", tags=("bio",)), 3),
    (Wanted(text="jardin", domain="trois-bassins.example"), 1),
    (Wanted(tags=("bio",), kinds=frozenset({Kind.ASSOCIATION})), 1),
    (Wanted(tags=("bio", "abeilles")), 1),
    (Wanted(tags=("bio",), domain="saint-leu.example"), 3),
    (Wanted(domain="trois-bassins.example"), 1),
    (Wanted(domain="saint-leu.example", kinds=frozenset({Kind.POI, Kind.EVENT})), 2),
    (Wanted(kinds=frozenset({Kind.POI})), 2),
    (Wanted(text="jardin", tags=("musique",)), 0),
    (Wanted(text="la"), 0),
    (Wanted(), 5),
]


@pytest.mark.parametrize(("wanted", "count"), EACH_WAY)
async def test_list_count_nearby_and_map_find_the_same(
    tx: Transaction, wanted: Wanted, count: int
) -> None:
    await several(tx)

    found = await queries.search(tx.db, wanted)
    both = await queries.search_and_count(tx.db, wanted)
    near = await queries.search(tx.db, replace(wanted, near=HERE))
    shown = await maps.layer(tx.db, AROUND, 14, wanted)
    marked = await maps.markers(tx.db, AROUND, wanted)

    assert len(found) == both.count == await queries.count(tx.db, wanted) == count
    assert both.listings == found
    same = {(each.subject, each.id) for each in found}
    for others in (near, shown, marked):
        assert others is not None
        assert all(isinstance(each, Listing) for each in others)
        assert {(each.subject, each.id) for each in others if isinstance(each, Listing)} == same


@pytest.mark.parametrize("wanted", [Wanted(text="banc"), Wanted(tags=("ombre",)), Wanted()])
async def test_what_comes_changes_and_goes_is_counted_at_once(
    tx: Transaction, wanted: Wanted
) -> None:
    await put(tx, "Banc", tags=("ombre",), count=3)

    assert (await queries.search_and_count(tx.db, wanted)).count == 3
    await tx.db.execute("delete from commune.listing where id = 1")
    assert (await queries.search_and_count(tx.db, wanted)).count == 2
    assert len(await maps.layer(tx.db, AROUND, 14, wanted)) == 2
    await tx.db.execute(
        "update commune.listing set name = 'Table', tags = '{}', kind = 'citizen' where id = 2"
    )
    assert (await queries.search_and_count(tx.db, wanted)).count == 1
    assert [each.id for each in await queries.search(tx.db, wanted)] == [3]
    assert len(await maps.layer(tx.db, AROUND, 14, wanted)) == 1


@pytest.mark.parametrize(
    "tag", ["l'été", "a\\b", "a'b\\'c", "a|b", "!a & (b", ":*", "é" * 200, "'", "\\"]
)
async def test_any_tag_is_found_by_itself_alone(tx: Transaction, tag: str) -> None:
    await put(tx, "Ici", tags=(tag,))
    await put(tx, "Là", tags=("été", "a", "b", "c"))

    assert await names(tx, Wanted(tags=(tag,))) == ["Ici"]
    assert await names(tx, Wanted(text="ici", tags=(tag,))) == ["Ici"]
    assert await names(tx, Wanted(tags=(tag,), domain="'x\\")) == []


async def test_no_typed_word_reaches_tags_kinds_or_servers(tx: Transaction) -> None:
    await put(tx, "Ici", tags=("ombre",))

    for text in ("#ombre2", "=poi", "@saint-leu.example", "'=poi'", "=business | =poi"):
        assert await names(tx, Wanted(text=text)) == []


async def test_people_are_found_by_words_and_tags_only_by_who_signed_in(tx: Transaction) -> None:
    await put(tx, "Marie", kind="citizen", tags=("jardin",))

    for wanted in (
        Wanted(text="marie"),
        Wanted(tags=("jardin",)),
        Wanted(domain="saint-leu.example"),
        Wanted(kinds=frozenset({Kind.CITIZEN})),
        Wanted(text="marie", kinds=frozenset({Kind.CITIZEN})),
    ):
        assert await names(tx, wanted) == []
        assert await queries.count(tx.db, wanted) == 0
        assert list(await maps.layer(tx.db, AROUND, 14, wanted)) == []
        assert await names(tx, replace(wanted, people=True)) == ["Marie"]


async def test_of_what_is_common_each_page_holds_it_and_more_than_so_many_is_said(
    tx: Transaction,
) -> None:
    await put(tx, "Banc", count=MAX_RANKED * 9)
    await put(tx, "Fontaine", count=30)

    first = await queries.search_and_count(tx.db, Wanted(text="banc"), limit=20)
    last = await queries.search_and_count(tx.db, Wanted(text="banc"), limit=20, skip=980)

    assert first.count == last.count == MAX_COUNT
    assert {each.name for each in (*first.listings, *last.listings)} == {"Banc"}
    assert len({each.id for each in (*first.listings, *last.listings)}) == 40
    rare = await queries.search_and_count(tx.db, Wanted(text="fontaine"), limit=50)
    assert (len(rare.listings), rare.count) == (30, 30)


async def test_names_of_several_kinds_stand_in_one_order_page_by_page(tx: Transaction) -> None:
    for name, kind in (("D", "poi"), ("A", "event"), ("C", "business"), ("B", "poi")):
        await put(tx, name, kind=kind)
    wanted = Wanted(kinds=frozenset({Kind.POI, Kind.EVENT, Kind.BUSINESS}))

    assert await names(tx, wanted) == ["A", "B", "C", "D"]
    assert await names(tx, replace(wanted, domain="saint-leu.example")) == ["A", "B", "C", "D"]
    paged = await queries.search(tx.db, wanted, limit=2, skip=1)
    assert [each.name for each in paged] == ["B", "C"]


@pytest.mark.parametrize("large", ["town", "region"])
async def test_on_a_larger_map_clusters_tell_about_how_much_and_little_is_shown_as_it_is(
    tx: Transaction, monkeypatch: pytest.MonkeyPatch, large: str
) -> None:
    monkeypatch.setattr(maps, "STREETS", -1)
    monkeypatch.setattr(maps, "TOWN", -1 if large == "region" else 10_000_000)
    await put(tx, "Banc", count=4_000)
    await put(tx, "Banc", count=4_000, north=3)
    await put(tx, "Fontaine", count=40)

    many = await maps.layer(tx.db, AROUND, 14, Wanted(text="banc"))
    few = await maps.layer(tx.db, AROUND, 14, Wanted(text="fontaine"))

    assert await maps.markers(tx.db, AROUND, Wanted(text="banc")) is None
    counts = [each.count for each in many if isinstance(each, Cluster) and each.about]
    assert len(counts) == len(many)
    assert sum(counts) == pytest.approx(4_000, rel=0.2)
    assert sorted(each.name for each in few if isinstance(each, Listing)) == ["Fontaine"] * 40


async def test_what_is_very_common_is_told_of_wherever_it_was_written_down_first(
    tx: Transaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maps, "STREETS", -1)
    monkeypatch.setattr(maps, "TOWN", -1)
    await put(tx, "Banc", count=20_000, north=3)
    await put(tx, "Banc", count=20_000)
    await put(tx, "Banc", count=100, north=6)

    found = await maps.layer(tx.db, AROUND, 10, Wanted(text="banc"))
    assert all(isinstance(each, Cluster) and each.about for each in found)
    assert sum(getattr(each, "count", 0) for each in found) == pytest.approx(20_000, rel=0.25)

    north = Box(AROUND.south + 6, AROUND.west, AROUND.north + 6, AROUND.east)
    assert len(await maps.markers(tx.db, north, Wanted(text="banc")) or []) == 100


async def test_in_some_streets_clusters_of_a_word_are_exact(tx: Transaction) -> None:
    await put(tx, "Banc", count=700)
    await put(tx, "Table", count=700)

    for wanted in (Wanted(text="banc"), Wanted(text="banc", domain="saint-leu.example")):
        found = await maps.clusters(tx.db, AROUND, 16, wanted)
        assert sum(each.count for each in found) == 700
        assert not any(each.about for each in found)
    of_server = await maps.clusters(tx.db, AROUND, 16, Wanted(domain="saint-leu.example"))
    assert sum(each.count for each in of_server) == 1_400


@pytest.mark.parametrize("count", [900, 3_000])
async def test_close_up_clusters_of_everything_add_up_however_many_there_are(
    tx: Transaction, count: int
) -> None:
    await put(tx, "Banc", count=count)
    street = Box(-21.18, 55.28, -21.16, 55.30)

    found = await maps.layer(tx.db, street, 18, Wanted())

    assert sum(each.count for each in found if isinstance(each, Cluster)) == count
    assert all(isinstance(each, Cluster) and not each.about for each in found)


@pytest.mark.parametrize("crowd", [0, 1_000, 8_010])
async def test_the_nearest_are_found_in_order_however_much_is_around(
    tx: Transaction, crowd: int
) -> None:
    if crowd:
        await put(tx, "Banc", count=crowd, kind="event")
    await put(tx, "Jardin", kind="association", north=0.03)
    await put(tx, "Jardin", kind="poi", north=0.002)
    await put(tx, "Jardin", kind="event", north=0.01)
    await put(tx, "Jardin", kind="business", north=0.02)
    wanted = Wanted(text="jardin", near=HERE, radius=10_000)

    found = await queries.search(tx.db, wanted)
    beyond = await queries.search(tx.db, wanted, limit=2, skip=1)

    kinds = [Kind.POI, Kind.EVENT, Kind.BUSINESS, Kind.ASSOCIATION]
    assert [each.kind for each in found] == kinds
    assert [each.kind for each in beyond] == kinds[1:3]
    assert [each.kind for each in await queries.search(tx.db, replace(wanted, radius=1_500))] == [
        Kind.POI,
        Kind.EVENT,
    ]
