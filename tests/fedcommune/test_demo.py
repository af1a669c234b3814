"""The demo: two towns that are alive, filled once by the real actions and over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from fedcommune.commune import Commune
from fedcommune.demo import meeting, run, seed, world
from fedcommune.domain.citizens import passwords
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.projects.model import Stage
from fedcommune.errors import Conflict
from tests.support.ports import a_port

PAIR = tuple[Commune, Commune]


@pytest.fixture
async def both(walkable: Path) -> AsyncIterator[PAIR]:
    """Both communes, filled, while they answer each other."""
    with a_port() as one, a_port() as other:
        async with run.running(walkable / "demo", (one, other)) as communes:
            await run.prepare(communes, Console(quiet=True))
            yield communes


async def sums(communes: PAIR, query: str) -> Any:
    """Return what *query* counts in each commune, added up."""
    found = [await each.database.pool.fetchval(query) for each in communes]
    return sum(found)


async def values(communes: PAIR, query: str) -> set[Any]:
    """Return what *query* finds in either commune."""
    return {row[0] for each in communes for row in await each.database.pool.fetch(query)}


def test_every_key_of_the_story_names_one_thing_and_every_name_somebody() -> None:
    told = [world.read(name) for name in run.NAMES]

    keys = [post.key for each in told for post in each.posts]
    keys += [each.key for each in meeting.read().words if each.key]
    assert len(keys) == len(set(keys))
    for each in told:
        people = [one.username for one in each.citizens]
        people += [one.username for one in each.organisations]
        people += [one.username for one in each.projects]
        assert len(people) == len(set(people))
        assert {post.author for post in each.posts} <= set(people)
        assert all(post.described for post in each.posts if post.picture)
        assert all(offer.described for offer in each.offers if offer.picture)
        assert all(event.described for event in each.events if event.picture)


def test_the_readme_counts_what_the_demo_tells() -> None:
    told = [world.read(name) for name in run.NAMES]
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

    words = " ".join(readme.split())
    for number, what in (
        (sum(len(each.citizens) for each in told), "citizens"),
        (sum(len(each.organisations) for each in told), "associations, shops, groups"),
        (sum(len(each.projects) for each in told), "projects of all stages"),
        (sum(len(each.events) for each in told), "events"),
        (sum(len(each.offers) for each in told), "classifieds"),
        (sum(len(each.spots) for each in told), "places"),
    ):
        assert f"{number} {what}" in words


async def test_the_demo_fills_two_communes_that_live_together_and_does_it_once(both: PAIR) -> None:
    await _people(both)
    await _what_takes_place(both)
    await _projects(both)
    await _what_is_offered(both)
    await _what_is_said(both)
    await _what_is_liked(both)
    await _what_waits(both)
    await _who_signs_in(both[0])

    before = [await _told(each) for each in both]
    await run.prepare(both, Console(quiet=True))
    assert [await _told(each) for each in both] == before

    for each in both:
        step = f"demo {run.STORY}"
        await each.database.pool.execute("delete from commune.setting where name = $1", step)
    with pytest.raises(Conflict, match="another version"):
        await run.prepare(both, Console(quiet=True))
    assert [await _told(each) for each in both] == before


async def _people(both: PAIR) -> None:
    kinds = {
        row["kind"]: row["count"]
        for row in await both[0].database.pool.fetch(
            "select kind, count(*) from commune.account where local group by kind"
        )
    }
    assert min(kinds[each] for each in ("citizen", "association", "business", "project")) >= 4
    assert kinds["authority"] >= 1
    assert kinds["group"] >= 2
    assert await sums(both, "select count(*) from commune.account where local") >= 40
    assert await sums(both, "select count(*) from commune.place where local") >= 30
    confirmed = "select count(*) from commune.subscriber where confirmed_at is not null"
    assert await sums(both, confirmed) >= 4
    wanted = "select count(*) from commune.letter_wish where subject = 'commune'"
    assert await sums(both, wanted) >= 5


async def _what_takes_place(both: PAIR) -> None:
    events = """
        select count(distinct coalesce(series_id, post_id))
        from commune.event join commune.post on post.id = event.post_id
        where post.local
    """
    assert await sums(both, events) >= 15
    assert await sums(both, "select count(*) from commune.series") >= 3
    assert {"cancelled", "postponed", "rescheduled"} <= await values(
        both, "select status from commune.event"
    )
    assert await sums(both, "select count(*) from commune.event where online_url <> ''") >= 2
    asked = """
        select count(*) from commune.event where capacity is not null and join_mode = 'restricted'
    """
    assert await sums(both, asked) >= 2
    assert await sums(both, "select count(*) from commune.event where price like '%€%'") >= 2
    assert {"accepted", "pending"} <= await values(both, "select state from commune.participation")
    guests = """
        select count(*) from commune.participation
        join commune.account on account.id = participation.account_id where not account.local
    """
    assert await sums(both, guests) >= 4


async def _projects(both: PAIR) -> None:
    assert (
        await sums(both, "select count(*) from commune.account where local and kind = 'project'")
        >= 12
    )
    stages = "select details ->> 'stage' from commune.account where local and kind = 'project'"
    assert await values(both, stages) == {each.value for each in Stage}
    for fact in ("parent", "carried_by"):
        told = f"select count(*) from commune.account where local and details ->> '{fact}' <> ''"
        assert await sums(both, told) >= 2
    contributors = """
        select count(*) from commune.link
        join commune.account subject on subject.id = subject_id
        join commune.account target on target.id = target_id
        where relationship = 'contributesTo' and state = 'active'
          and target.local and not subject.local
    """
    for each in both:
        assert await each.database.pool.fetchval(contributors) >= 1
    assert await sums(both, "select count(*) from commune.task") >= 10
    assert await values(both, "select state from commune.help") >= {"offered", "accepted"}


async def _what_is_offered(both: PAIR) -> None:
    ours = "from commune.offer join commune.post on post.id = post_id where post.local"
    offered = f"select count(*) {ours} and offer.kind = 'classified'"
    assert await sums(both, offered) >= 25
    assert await sums(both, f"select count(*) {ours} and offer.kind = 'need'") >= 8
    for column, expected in (
        ("purpose", {"offer", "request"}),
        ("exchange", {"gift", "loan", "exchange", "sale"}),
        ("currency", {"EUR", "G1", "time"}),
        ("scope", {"public", "neighbours", "commune"}),
        ("offer.state", {"open", "fulfilled"}),
    ):
        assert await values(both, f"select {column} {ours}") >= expected
    pictures = """
        select count(distinct media.post_id) from commune.media
        join commune.offer on offer.post_id = media.post_id
    """
    assert await sums(both, pictures) >= 8


async def _what_is_said(both: PAIR) -> None:
    days = "select date_trunc('day', published_at) from commune.post where local"
    assert len(await values(both, days)) >= 5
    assert await sums(both, "select count(*) from commune.media where post_id is not null") >= 30
    assert await sums(both, "select count(*) from commune.poll where voters >= 4") >= 3
    accepted = """
        select count(*) from commune.quote join commune.post on post.id = post_id
        where post.local and quote.state = 'accepted'
    """
    assert await sums(both, accepted) >= 4
    assert await sums(both, "select count(*) from commune.post where visibility = 'direct'") >= 7
    for each in both:
        now = each.database.clock()
        lasts = "select count(*) from commune.notice where ends_at > $1 and lifted_at is null"
        assert await each.database.pool.fetchval(lasts, now) >= 1
        assert await each.database.pool.fetchval("select count(*) from commune.announcement") >= 2
        heard = """
            select count(*) from commune.post answer
            join commune.post asked on asked.id = answer.parent_id
            where asked.local and not answer.local
        """
        boosted = """
            select count(*) from commune.reaction
            join commune.account on account.id = reaction.account_id
            join commune.post on post.id = reaction.post_id
            where reaction.kind = 'boost' and account.kind = 'citizen'
              and account.local and not post.local
        """
        assert await each.database.pool.fetchval(heard) >= 1
        assert await each.database.pool.fetchval(boosted) >= 1
        carried = """
            select distinct account.username from commune.reaction
            join commune.account on account.id = reaction.account_id where account.kind = 'feed'
        """
        feeds = {row["username"] for row in await each.database.pool.fetch(carried)}
        assert feeds >= {"agenda", "projets", "commerces", "democratie"}


async def _what_is_liked(both: PAIR) -> None:
    praise = """
        select count(*) from commune.recommendation join commune.post on post.id = post_id
        where post.local
    """
    assert await sums(both, praise) >= 8
    full = """
        select count(*) from (
            select collection.account_id
            from commune.collection
            join commune.collection_item item on item.collection_id = collection.id
            where collection.local and collection.kind is not null and item.state = 'accepted'
            group by collection.account_id
            having count(distinct collection.kind) = 3
        ) as owner
    """
    assert await sums(both, full) >= 8
    unsure = """
        select count(*) from commune.collection_item item
        join commune.collection on collection.id = item.collection_id
        where collection.local and collection.kind is not null and item.state <> 'accepted'
    """
    assert await sums(both, unsure) == 0
    stamped = "select count(*) from commune.collection_item where authorization_id is not null"
    assert await sums(both, stamped) >= 6


async def _what_waits(both: PAIR) -> None:
    between = """
        select link.state from commune.link
        join commune.account subject on subject.id = subject_id
        join commune.account target on target.id = target_id
        where subject.local <> target.local
    """
    assert {"active", "pending", "invited"} <= await values(both, between)
    assert {"open", "accepted"} == await values(both, "select state from commune.claim")
    asked = """
        select count(*) from commune.collection_item item
        join commune.collection on collection.id = item.collection_id
        where collection.local and collection.kind is null and item.state = 'pending'
    """
    assert await sums(both, asked) >= 1


async def _who_signs_in(commune: Commune) -> None:
    found = await citizens.by_email(commune.database.pool, seed.email(commune, "marie_hoarau"))
    assert found is not None
    assert await passwords.check(seed.PASSWORD, found.password)


async def _told(commune: Commune) -> list[int]:
    """Return how much of everything there is, once nothing travels any more."""
    pool = commune.database.pool
    async with asyncio.timeout(60):
        while await pool.fetchval("select count(*) from outbox.delivery"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return [
        await pool.fetchval(f"select count(*) from commune.{table}")
        for table in ("account", "post", "link", "collection_item", "reaction", "place", "task")
    ]
