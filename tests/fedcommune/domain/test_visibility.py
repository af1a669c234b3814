"""The one rule about who may see what says the same in Python and in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fedcommune.database import Transaction
from fedcommune.domain.visibility import (
    ANYONE,
    MAY_SEE,
    Standing,
    Viewer,
    Visibility,
    may_see,
    narrower,
    standing,
)
from tests.fedcommune.domain.people import People


@dataclass(frozen=True, slots=True)
class World:
    """Everything that matters between one author, one reader and one post."""

    visibility: Visibility
    reader: str
    follow: str | None
    follows_back: bool
    mentioned: bool
    other_mentioned: bool
    blocked: bool
    blocking: bool
    author_suspended: bool
    author_deleted: bool
    post_deleted: bool
    scope: str | None


WORLDS = st.builds(
    World,
    visibility=st.sampled_from(Visibility),
    reader=st.sampled_from(["anyone", "author", "reader"]),
    follow=st.sampled_from([None, "requested", "accepted"]),
    follows_back=st.booleans(),
    mentioned=st.booleans(),
    other_mentioned=st.booleans(),
    blocked=st.booleans(),
    blocking=st.booleans(),
    # Rarely, or nearly nothing would ever be seen.
    author_suspended=st.sampled_from([False, False, False, True]),
    author_deleted=st.sampled_from([False, False, False, True]),
    post_deleted=st.sampled_from([False, False, False, True]),
    scope=st.sampled_from([None, "commune", "neighbours", "public"]),
)


def expected(world: World) -> bool:
    """Say in plain words who may see what (SEC-VIS-01)."""
    if world.post_deleted:
        return False
    if world.reader == "author":
        return True
    if world.author_suspended or world.author_deleted:
        return False
    if world.reader == "anyone":
        return world.visibility in ("public", "unlisted")
    if world.blocked or world.blocking:
        return False
    if world.visibility in ("public", "unlisted") or world.mentioned:
        return True
    if world.visibility == "limited":
        # The reader lives here, so that what is offered within the commune is for them.
        return world.scope in ("commune", "neighbours")
    return world.visibility == "followers" and world.follow == "accepted"


async def build(tx: Transaction, world: World, author: int, reader: int, other: int) -> None:
    """Put *world* into the database, around the post 1."""
    db = tx.db
    await db.execute(
        """
        insert into commune.post (
            id, object_id, local, author_id, visibility, published_at, received_at, deleted_at
        )
        values (1, 'https://saint-leu.example/1', true, $1, $2, $3, $3, $4)
        """,
        author,
        world.visibility,
        tx.now,
        tx.now if world.post_deleted else None,
    )
    if world.scope is not None:
        await db.execute(
            """
            insert into commune.offer (post_id, kind, purpose, title, scope)
            values (1, 'classified', 'offer', 'Une échelle', $1)
            """,
            world.scope,
        )
    follow = """
        insert into commune.follow (id, follower_id, followed_id, activity_id, state, created_at)
        values ($1, $2, $3, 'https://x.example/' || $1::bigint::text, $4, $5)
        """
    if world.follow is not None:
        await db.execute(follow, 2, reader, author, world.follow, tx.now)
    if world.follows_back:
        await db.execute(follow, 3, author, reader, "accepted", tx.now)
    for mentioned, account_id in ((world.mentioned, reader), (world.other_mentioned, other)):
        if mentioned:
            await db.execute(
                "insert into commune.mention (post_id, account_id) values (1, $1)", account_id
            )
    for blocks, blocker, blocked in (
        (world.blocked, author, reader),
        (world.blocking, reader, author),
    ):
        if blocks:
            await db.execute(
                """
                insert into commune.block (blocker_id, blocked_id, created_at)
                values ($1, $2, $3)
                """,
                blocker,
                blocked,
                tx.now,
            )
    await db.execute(
        "update commune.account set suspended_at = $2, deleted_at = $3 where id = $1",
        author,
        tx.now if world.author_suspended else None,
        tx.now if world.author_deleted else None,
    )


async def test_sec_vis_01_python_sql_and_plain_words_agree(
    connection: asyncpg.Connection[asyncpg.Record], people: People, tx: Transaction
) -> None:
    author = (await people.citizen("marie")).id
    reader = (await people.citizen("paul")).id
    other = (await people.citizen("rose")).id
    viewers = {"anyone": ANYONE, "author": Viewer(author), "reader": Viewer(reader)}
    seen: list[tuple[World, bool, bool, bool]] = []

    worlds: list[World] = []

    @settings(max_examples=150, deadline=None, database=None)
    @given(WORLDS)
    def imagine(world: World) -> None:
        worlds.append(world)

    imagine()
    for world in worlds:
        attempt = connection.transaction()
        await attempt.start()
        try:
            await build(tx, world, author, reader, other)
            viewer = viewers[world.reader]
            found = await standing(tx.db, 1, viewer)
            by_python = found is not None and may_see(world.visibility, found)
            by_sql = await tx.db.fetchval(
                f"select exists (select from commune.post where post.id = 1 and {MAY_SEE})",
                viewer.account_id,
            )
        finally:
            await attempt.rollback()
        seen.append((world, by_python, bool(by_sql), expected(world)))

    assert [each for each in seen if len({*each[1:]}) > 1] == []
    assert {each[3] for each in seen} == {True, False}


async def test_there_is_no_standing_towards_nothing(tx: Transaction) -> None:
    assert await standing(tx.db, 1, ANYONE) is None


def test_by_default_only_what_is_open_is_seen() -> None:
    assert {each for each in Visibility if may_see(each, Standing())} == {
        Visibility.PUBLIC,
        Visibility.UNLISTED,
    }


@settings(suppress_health_check=[HealthCheck.differing_executors])
@given(st.sampled_from(Visibility), st.booleans(), st.booleans())
def test_sec_mod_02_a_block_hides_everything_from_everybody_but_the_author(
    visibility: Visibility, follows: bool, mentioned: bool
) -> None:
    for blocked, blocks in product([True, False], repeat=2):
        if not blocked and not blocks:
            continue
        found = Standing(
            follows_author=follows,
            is_mentioned=mentioned,
            blocked_by_author=blocked,
            blocks_author=blocks,
        )
        assert not may_see(visibility, found)


@given(st.sampled_from(Visibility), st.sampled_from(Visibility))
def test_the_narrower_of_two_is_never_wider_than_either(one: Visibility, other: Visibility) -> None:
    found = narrower(one, other)

    assert found in (one, other)
    assert found.width <= min(one.width, other.width)
