"""Ask to quote, be let, be refused, have it taken back: two communes over real HTTP (W-QUO)."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft, Post, QuotePolicy
from fedcommune.domain.quotes import actions as quotes
from fedcommune.domain.quotes import queries
from fedcommune.domain.quotes.model import Quoting
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.errors import NotAllowed, NotFound
from tests.fediverse.asking import ask
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town


async def publish(town: Town, author: Account, text: str, **draft: Any) -> Post:
    async with town.commune.database.transaction() as tx:
        return await feeds.publish(tx, author, Draft(text=text, **draft))


async def quote_of(town: Town, post: Post) -> Quoting:
    """Return how the quote in *post* stands in *town*."""
    kept = await town.seen(post)
    found = await queries.of_post(town.commune.database.pool, kept.id)
    assert found is not None
    return found


async def told(town: Town, account: Account) -> list[str]:
    found = await notifications.page(town.commune.database.pool, account.id)
    return [str(each.kind) for each in found]


async def scene(
    neighbours: Neighbours, policy: QuotePolicy = "public", **draft: Any
) -> tuple[Town, Account, Post, Town, Account]:
    """Marie wrote something here; Jean there follows her and has it."""
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    known = await there.meet(marie)
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, jean, known)
    await neighbours.settle()
    post = await publish(here, marie, "Le marché est ouvert", quotes=policy, **draft)
    await neighbours.settle()
    return here, marie, post, there, jean


async def test_w_quo_01_who_lets_everybody_quote_answers_at_once_with_a_stamp(
    neighbours: Neighbours,
) -> None:
    here, marie, post, there, jean = await scene(neighbours)
    theirs = await there.seen(post)

    quoting = await publish(there, jean, "Allez-y", quoted=theirs.id)
    assert (await quote_of(there, quoting)).state == "pending"
    await neighbours.settle()

    at_home, away = await quote_of(here, quoting), await quote_of(there, quoting)
    assert (at_home.state, away.state) == ("accepted", "accepted")
    assert (
        at_home.stamp == away.stamp == here.commune.instance.quote_stamp(post.id, at_home.post_id)
    )
    assert "quote" in await told(here, marie)
    document = (await ask(there, quoting.object_id)).json()
    assert document["quote"] == document["quoteUri"] == post.object_id
    assert document["quoteAuthorization"] == at_home.stamp
    assert f'<p class="quote-inline">RE: <a href="{post.url}">' in document["content"]
    stamp = await ask(here, str(at_home.stamp))
    assert stamp.status_code == 200
    assert stamp.json() | {"@context": None} == {
        "@context": None,
        "id": at_home.stamp,
        "type": "QuoteAuthorization",
        "attributedTo": marie.actor_id,
        "interactingObject": quoting.object_id,
        "interactionTarget": post.object_id,
    }


async def test_w_quo_03_nobody_means_nobody_and_nothing_is_asked(neighbours: Neighbours) -> None:
    here, marie, post, there, jean = await scene(neighbours, "nobody")
    theirs = await there.seen(post)

    with pytest.raises(NotAllowed):
        await publish(there, jean, "Quand même", quoted=theirs.id)
    await neighbours.settle()

    assert await there.count("commune.quote") == await here.count("commune.quote") == 0
    policy = (await ask(here, post.object_id)).json()["interactionPolicy"]
    assert policy == {"canQuote": {"automaticApproval": [marie.actor_id]}}


async def test_w_quo_03_followers_may_quote_what_is_for_followers_to_quote(
    neighbours: Neighbours,
) -> None:
    here, _, post, there, jean = await scene(neighbours, "followers")
    paul = await there.citizen("paul")
    theirs = await there.seen(post)

    with pytest.raises(NotAllowed):
        await publish(there, paul, "Moi aussi", quoted=theirs.id)
    quoting = await publish(there, jean, "Moi", quoted=theirs.id)
    await neighbours.settle()

    assert (await quote_of(there, quoting)).state == "accepted"
    assert (await quote_of(here, quoting)).state == "accepted"


async def test_w_quo_01_a_policy_that_changed_on_the_way_is_a_refusal(
    neighbours: Neighbours,
) -> None:
    here, marie, post, there, jean = await scene(neighbours)
    theirs = await there.seen(post)

    quoting = await publish(there, jean, "Allez-y", quoted=theirs.id)
    async with here.commune.database.transaction() as tx:
        await posts.change_policy(tx, marie, post.id, "nobody")
    await neighbours.settle()

    assert (await quote_of(there, quoting)).state == "rejected"
    assert await here.stored(quoting) is None
    assert "quote" not in await told(here, marie)
    assert "quote" not in (await ask(there, quoting.object_id)).json()


async def test_w_quo_04_a_stamp_that_is_taken_back_is_gone_everywhere(
    neighbours: Neighbours,
) -> None:
    here, marie, post, there, jean = await scene(neighbours)
    quoting = await publish(there, jean, "Allez-y", quoted=(await there.seen(post)).id)
    await neighbours.settle()
    at_home = await quote_of(here, quoting)
    known = await here.known(jean)
    assert known is not None

    async with here.commune.database.transaction() as tx:
        with pytest.raises(NotAllowed):
            await quotes.revoke(tx, known, post.id, at_home.post_id)
    assert (await quote_of(here, quoting)).state == "accepted"
    async with here.commune.database.transaction() as tx:
        await quotes.revoke(tx, marie, post.id, at_home.post_id)
    await neighbours.settle()

    assert (await quote_of(here, quoting)).state == "revoked"
    assert (await quote_of(there, quoting)).state == "revoked"
    assert (await ask(here, str(at_home.stamp))).status_code == 404
    assert "quote" not in (await ask(there, quoting.object_id)).json()
    assert "quote" not in await told(here, marie)
    async with here.commune.database.transaction() as tx:
        with pytest.raises(NotFound):
            await quotes.revoke(tx, marie, post.id, at_home.post_id)


async def test_what_is_deleted_is_quoted_no_more(neighbours: Neighbours) -> None:
    here, marie, post, there, jean = await scene(neighbours)
    theirs = await there.seen(post)
    quoting = await publish(there, jean, "Allez-y", quoted=theirs.id)
    await neighbours.settle()

    async with here.commune.database.transaction() as tx:
        await posts.delete(tx, marie, post.id)
    await neighbours.settle()

    gone = await there.stored(post)
    assert gone is not None
    assert gone.deleted_at is not None
    kept = await there.seen(quoting)
    around = await queries.around(there.commune.database.pool, Viewer(jean.id), [kept.id])
    assert around[kept.id].gone


async def test_who_quotes_is_told_of_an_edit(neighbours: Neighbours) -> None:
    here, marie, post, there, jean = await scene(neighbours)
    await publish(there, jean, "Allez-y", quoted=(await there.seen(post)).id)
    await neighbours.settle()

    neighbours.clock.pass_by(minutes=5)
    async with here.commune.database.transaction() as tx:
        await posts.edit(tx, marie, post.id, Draft(text="Le marché est fermé"))
    await neighbours.settle()

    assert "quoted_update" in await told(there, jean)


async def test_sec_mod_02_who_is_blocked_asks_in_vain(neighbours: Neighbours) -> None:
    here, marie, post, there, jean = await scene(neighbours)
    theirs = await there.seen(post)
    known = await here.known(jean)
    assert known is not None
    async with here.commune.database.transaction() as tx:
        await blocks.block(tx, marie, known)

    quoting = await publish(there, jean, "Allez-y", quoted=theirs.id)
    await neighbours.settle()

    assert (await quote_of(there, quoting)).state in ("pending", "rejected")
    assert await here.count("commune.quote") == 0
    assert "quote" not in await told(here, marie)


async def test_sec_vis_07_what_is_for_followers_is_quoted_by_its_author_alone(
    neighbours: Neighbours,
) -> None:
    here, marie, post, there, jean = await scene(neighbours, visibility=Visibility.FOLLOWERS)
    theirs = await there.seen(post)

    with pytest.raises(NotAllowed):
        await publish(there, jean, "Regardez", quoted=theirs.id)
    own = await publish(here, marie, "Je le redis", quoted=post.id)
    await neighbours.settle()

    assert own.visibility is Visibility.FOLLOWERS
    assert (await quote_of(here, own)).state == "accepted"
    # One's own words need no stamp, and the neighbour sees that they are.
    assert (await quote_of(there, own)).state == "accepted"
    assert (await quote_of(there, own)).stamp is None


async def test_w_quo_02_a_good_stamp_is_looked_at_again_and_falls_when_it_is_gone(
    neighbours: Neighbours,
) -> None:
    here, _, post, there, jean = await scene(neighbours)
    quoting = await publish(there, jean, "Allez-y", quoted=(await there.seen(post)).id)
    await neighbours.settle()
    at_home = await quote_of(here, quoting)

    # The Delete got lost: nobody told the neighbour.
    await here.commune.database.pool.execute(
        "update commune.quote set state = 'revoked' where post_id = $1", at_home.post_id
    )
    neighbours.clock.pass_by(days=6)
    await neighbours.settle()
    assert (await quote_of(there, quoting)).state == "accepted"
    neighbours.clock.pass_by(days=2)
    await neighbours.settle()

    assert (await quote_of(there, quoting)).state == "revoked"
