"""What people of the demo say, ask, quote and praise, and what others make of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.demo.portraits import hang, once_drawn
from fedcommune.demo.steps import Advance, known, made, moments, once, remember
from fedcommune.demo.tellings import Post as Told
from fedcommune.demo.world import World
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.polls import actions as polls
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.choices import Asked
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import Visibility


def size(told: World) -> int:
    """How many steps :func:`fill` takes."""
    return len(told.posts) + sum(post.reactions for post in told.posts)


async def fill(commune: Commune, told: World, now: datetime, advance: Advance) -> None:
    """Say what *told* says, once, the oldest first, and let people react to it."""
    for post in sorted(told.posts, key=lambda post: -post.hours_ago):
        await _say(commune, post, now)
        advance()
        await _react(commune, post, now, advance)


async def _say(commune: Commune, told: Told, now: datetime) -> None:
    step = f"post {told.key}"
    async with once_drawn(commune, step, told, now) as (tx, picture):
        if tx is None:
            return
        author = await known(tx, told.author)
        handles = posts.mentioned_in(told.text, tx.instance.domain)
        asked = Asked(told.choices, timedelta(days=told.days_open)) if told.choices else None
        draft = Draft(
            text=told.text,
            visibility=Visibility(told.visibility),
            summary=told.warning,
            language="fr",
            in_reply_to=await made(tx.db, f"post {told.reply_to}") if told.reply_to else None,
            quoted=await made(tx.db, f"post {told.quotes}") if told.quotes else None,
            mentioned=tuple([await known(tx, each.partition("@")[0]) for each in handles]),
            recommends=await known(tx, told.recommends) if told.recommends else None,
            media=await hang(tx, author, picture, told.described),
            poll=asked,
        )
        post = await feeds.publish(tx, author, draft)
        await remember(tx.db, step, post.id)


async def _react(commune: Commune, told: Told, now: datetime, advance: Advance) -> None:
    times = moments(now - timedelta(hours=told.hours_ago, minutes=-9), timedelta(minutes=7))
    for choice, voters in enumerate(told.votes):
        for name in voters:
            async with once(commune, f"vote {told.key} {name}", at=next(times)) as tx:
                if tx is not None:
                    post_id = await made(tx.db, f"post {told.key}")
                    await polls.vote(tx, await known(tx, name), post_id, [choice])
            advance()
    for name in told.liked_by:
        async with once(commune, f"like {told.key} {name}", at=next(times)) as tx:
            if tx is not None:
                await reactions.like(tx, await known(tx, name), await _made(tx, told.key))
        advance()
    for name in told.boosted_by:
        async with once(commune, f"boost {told.key} {name}", at=next(times)) as tx:
            if tx is not None:
                await reactions.boost(tx, await known(tx, name), await _made(tx, told.key))
        advance()


async def _made(tx: Transaction, key: str) -> Post:
    post = await post_queries.locked(tx.db, await made(tx.db, f"post {key}"))
    assert post is not None, "the post was published before"
    return post
