"""The numbers beside an account follow what happens to it."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Tally
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.visibility import Visibility
from tests.fedcommune.domain.people import People


async def test_follows_and_posts_are_counted_as_they_come_and_go(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    await follows.follow(tx, marie, paul)
    post = await posts.publish(tx, paul, Draft("Bonjour"))
    await posts.publish(tx, paul, Draft("Entre nous", visibility=Visibility.FOLLOWERS))

    found = await accounts.tallies(tx.db, [marie.id, paul.id, 17])
    assert found == {
        marie.id: Tally(0, 1, 0, None),
        paul.id: Tally(1, 0, 1, post.published_at),
        17: Tally(),
    }

    await follows.stop(tx, marie, paul)
    await posts.delete(tx, paul, post.id)
    found = await accounts.tallies(tx.db, [marie.id, paul.id])
    assert (found[marie.id].following, found[paul.id].followers, found[paul.id].posts) == (0, 0, 0)


async def test_who_is_purged_takes_their_follows_out_of_the_counts(
    tx: Transaction, people: People
) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    await follows.follow(tx, marie, paul)

    await tx.db.execute("delete from commune.account where id = $1", marie.id)

    found = await accounts.tallies(tx.db, [marie.id, paul.id])
    assert found == {marie.id: Tally(), paul.id: Tally()}
