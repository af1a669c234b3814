"""Home is found among the latest posts, or by asking for those of each who is followed."""

from __future__ import annotations

from random import Random

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.posts.model import Page
from fedcommune.domain.timelines.queries.home import far, home, near
from fedcommune.domain.timelines.queries.rows import newest_first

FIRST = 1_000
PEOPLE = 40
POSTS = 1_000
READERS = {"many": FIRST, "some": FIRST + 1, "few": FIRST + 2}
FOLLOWED = {"many": 35, "some": 12, "few": 1}
VISIBILITIES = ("public", "public", "public", "unlisted", "followers", "limited", "direct")


@pytest.fixture
async def village(tx: Transaction) -> Transaction:
    """A village of everything that home has rules about, thrown together by dice."""
    await _people(tx)
    dice = Random(97413)
    await _follows(tx, dice)
    await _posts(tx, dice)
    await _boosts(tx, dice)
    await tx.db.execute("analyze")
    return tx


async def _people(tx: Transaction) -> None:
    await tx.db.execute(
        """
        insert into commune.account (id, actor_id, local, type, kind, username, domain, inbox,
            created_at, updated_at, suspended_at)
        select n, 'https://h' || n % 4 || '.example/u/' || n, false, 'Person', 'stranger',
               'u' || n, 'h' || n % 4 || '.example', 'https://h.example/i/' || n, $1, $1,
               case when n % 13 = 0 then $1::timestamptz end
        from generate_series($2::integer, $3::integer) n
        """,
        tx.now,
        FIRST,
        FIRST + PEOPLE - 1,
    )


async def _follows(tx: Transaction, dice: Random) -> None:
    number = 0
    for name, reader in READERS.items():
        others = [each for each in range(FIRST, FIRST + PEOPLE) if each != reader]
        for followed in dice.sample(others, FOLLOWED[name]):
            number += 1
            await tx.db.execute(
                """
                insert into commune.follow (id, follower_id, followed_id, activity_id, state,
                    boosts, languages, created_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                number,
                reader,
                followed,
                f"https://h.example/f/{number}",
                dice.choice(("accepted", "accepted", "accepted", "accepted", "requested"))
                if name != "few"
                else "accepted",
                dice.random() < 0.8,
                dice.choice((None, None, None, ["fr"])),
                tx.now,
            )
        if name == "few":
            continue
        muted, blocked, apart = dice.sample(others, 3)
        await tx.db.execute(
            "insert into commune.mute (id, muter_id, muted_id, created_at) values ($1, $2, $3, $4)",
            number,
            reader,
            muted,
            tx.now,
        )
        await tx.db.execute(
            "insert into commune.block (blocker_id, blocked_id, created_at) values ($1, $2, $3)",
            blocked,
            reader,
            tx.now,
        )
        await tx.db.execute(
            "insert into commune.host_mute (id, account_id, host, created_at)"
            " values ($1, $2, 'h3.example', $3)",
            number,
            reader,
            tx.now,
        )
        await tx.db.execute(
            "insert into commune.list (id, account_id, title, exclusive, created_at)"
            " values ($1, $2, 'À part', true, $3)",
            number,
            reader,
            tx.now,
        )
        await tx.db.execute(
            "insert into commune.list_member (id, list_id, account_id) values ($1, $1, $2)",
            number,
            apart,
        )
        await tx.db.execute(
            "insert into commune.followed_tag (id, account_id, name, created_at)"
            " values ($1, $2, 'jardin', $3)",
            number,
            reader,
            tx.now,
        )


async def _posts(tx: Transaction, dice: Random) -> None:
    posts, mentions, hashtags = [], [], []
    for number in range(1, POSTS + 1):
        answered = dice.randrange(max(1, number - 40), number) if number > 1 else None
        if dice.random() < 0.7:
            answered = None
        posts.append(
            (
                number * 10,
                f"https://h.example/p/{number}",
                dice.randrange(FIRST, FIRST + PEOPLE),
                dice.choice(VISIBILITIES),
                dice.choice((None, "fr", "fr", "en")),
                None if answered is None else f"https://h.example/p/{answered}",
                None if answered is None else answered * 10,
                f"https://h.example/c/{number}",
                tx.now,
                tx.now if dice.random() < 0.05 else None,
            )
        )
        if dice.random() < 0.1:
            mentions.append((number * 10, dice.choice(list(READERS.values()))))
        if dice.random() < 0.1:
            hashtags.append((number * 10,))
    await tx.db.executemany(
        """
        insert into commune.post (id, object_id, local, author_id, visibility, content, language,
            in_reply_to, parent_id, conversation, published_at, received_at, deleted_at)
        values ($1, $2, false, $3, $4, '<p>…</p>', $5, $6, $7, $8, $9, $9, $10)
        """,
        posts,
    )
    await tx.db.executemany(
        "insert into commune.mention (post_id, account_id) values ($1, $2)", mentions
    )
    await tx.db.executemany(
        "insert into commune.hashtag (post_id, name) values ($1, 'jardin')", hashtags
    )


async def _boosts(tx: Transaction, dice: Random) -> None:
    await tx.db.executemany(
        """
        insert into commune.reaction (id, kind, account_id, post_id, activity_id, visibility,
            created_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict do nothing
        """,
        [
            (
                number + 1 if number % 10 == 0 else number,
                dice.choice(("boost", "boost", "like")),
                dice.randrange(FIRST, FIRST + PEOPLE),
                10 * dice.randint(max(1, number // 10 - 30), max(1, number // 10)),
                f"https://h.example/b/{number}",
                dice.choice(("public", "unlisted", "followers")),
                tx.now,
            )
            for number in range(2, POSTS * 10, 23)
        ],
    )


def _ids(rows: list[object]) -> list[int]:
    return [entry.id for entry in newest_first(rows)]


@pytest.mark.parametrize("limit", [1, 7, 20])
async def test_both_ways_to_a_page_of_home_lead_to_the_same(
    village: Transaction, limit: int
) -> None:
    db, found = village.db, dict.fromkeys(READERS, 0)
    cursors = range(0, POSTS * 10 + 10, 490)
    for name, reader in READERS.items():
        for cursor in cursors:
            for page in (
                Page(max_id=cursor, limit=limit),
                Page(since_id=cursor, limit=limit),
                Page(min_id=cursor, limit=limit),
            ):
                nearby = await near(db, reader, page)
                wherever = _ids(await far(db, reader, page))
                assert nearby is None or _ids(nearby) == wherever, (name, page)
                found[name] += nearby is not None
                assert [each.id for each in await home(db, reader, page)] == wherever

    assert min(found.values()) > 0
    # Whoever follows one person has to look further, for more than one post.
    assert limit == 1 or found["few"] < 3 * len(cursors)


async def test_home_has_what_was_written_before_much_that_one_does_not_read(
    village: Transaction,
) -> None:
    few = READERS["few"]
    written = await village.db.fetch(
        """
        select post.id
        from commune.post
        join commune.follow on follow.followed_id = post.author_id
        where follow.follower_id = $1
          and post.in_reply_to is null
          and post.visibility in ('public', 'unlisted')
          and post.deleted_at is null
          and (follow.languages is null or post.language is null
              or post.language = any(follow.languages))
        """,
        few,
    )
    oldest = min(row["id"] for row in written)
    await village.db.execute(
        "update commune.post set author_id = $1 where id > $2 and author_id <> $3",
        FIRST + PEOPLE - 1,
        oldest,
        few,
    )
    await village.db.execute("delete from commune.reaction")

    assert await near(village.db, few, Page()) is None
    shown = [each.id for each in await home(village.db, few)]
    assert oldest in shown
