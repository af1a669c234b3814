from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import actions, threads
from fedcommune.domain.posts.model import Draft, Page, Post
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
from tests.fedcommune.domain.people import People


async def say(
    tx: Transaction, author: Account, parent: Post | None = None, **changes: object
) -> Post:
    draft = Draft("…", in_reply_to=None if parent is None else parent.id, **changes)  # type: ignore[arg-type]
    return await actions.publish(tx, author, draft)


async def test_a_thread_is_read_upwards_and_downwards(tx: Transaction, people: People) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    root = await say(tx, marie)
    answer = await say(tx, paul, root)
    other = await say(tx, marie, root)
    last = await say(tx, marie, answer)

    above = await threads.ancestors(tx.db, ANYONE, last.id)
    below = await threads.descendants(tx.db, ANYONE, root.id)

    assert [post.id for post in above] == [root.id, answer.id]
    assert [post.id for post in below] == [answer.id, other.id, last.id]


async def test_sec_vis_01_a_thread_shows_each_reader_what_is_for_them(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    root = await say(tx, marie)
    whisper = await say(tx, paul, root, visibility=Visibility.DIRECT, mentioned=(marie,))
    answer = await say(tx, marie, whisper, visibility=Visibility.DIRECT, mentioned=(paul,))

    for viewer, seen in ((ANYONE, []), (Viewer(marie.id), [whisper.id, answer.id])):
        below = await threads.descendants(tx.db, viewer, root.id)
        assert [post.id for post in below] == seen
    assert await threads.ancestors(tx.db, ANYONE, answer.id) == [
        post
        for post in await threads.ancestors(tx.db, Viewer(marie.id), answer.id)
        if post.visibility.is_open
    ]


async def test_a_deleted_post_leaves_the_thread_around_it_whole(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    root = await say(tx, marie)
    middle = await say(tx, marie, root)
    last = await say(tx, marie, middle)

    await actions.delete(tx, marie, middle.id)

    assert [post.id for post in await threads.descendants(tx.db, ANYONE, root.id)] == [last.id]
    assert [post.id for post in await threads.ancestors(tx.db, ANYONE, last.id)] == [root.id]


async def test_a_thread_that_bites_its_tail_comes_to_an_end(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    one = await say(tx, marie)
    two = await say(tx, marie, one)
    await tx.db.execute("update commune.post set parent_id = $1 where id = $2", two.id, one.id)

    assert [post.id for post in await threads.ancestors(tx.db, ANYONE, one.id)] == [two.id]
    assert [post.id for post in await threads.descendants(tx.db, ANYONE, one.id)] == [two.id]


async def test_w_thr_02_the_replies_collection_holds_only_what_is_open(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    root = await say(tx, marie)
    mine = await say(tx, marie, root)
    his = await say(tx, paul, root, visibility=Visibility.UNLISTED)
    await say(tx, paul, root, visibility=Visibility.FOLLOWERS)

    everybodys = await threads.replies(tx.db, root.id)

    assert [post.id for post in everybodys] == [mine.id, his.id]
    assert [p.id for p in await threads.replies(tx.db, root.id, by_author=True)] == [mine.id]
    assert [p.id for p in await threads.replies(tx.db, root.id, by_author=False)] == [his.id]
    assert [p.id for p in await threads.replies(tx.db, root.id, after=mine.id)] == [his.id]
    assert len(await threads.replies(tx.db, root.id, limit=1)) == 1


async def test_w_thr_01_the_context_holds_the_open_posts_root_first(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    root = await say(tx, marie)
    answer = await say(tx, marie, root)
    await say(tx, marie, root, visibility=Visibility.FOLLOWERS)
    assert root.conversation is not None

    found = await threads.conversation(tx.db, ANYONE, root.conversation)

    assert [post.id for post in found] == [root.id, answer.id]
    assert await threads.count_of_conversation(tx.db, root.conversation) == 2
    rest = await threads.conversation(tx.db, ANYONE, root.conversation, Page(min_id=root.id))
    assert [post.id for post in rest] == [answer.id]
