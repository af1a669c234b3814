"""Write, change, delete and read statuses, one at a time, with their threads."""

from __future__ import annotations

from typing import Final

import msgspec

from fedcommune.database import Executor
from fedcommune.domain.events.actions import answers
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import details, threads
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.timelines.model import Entry
from fedcommune.errors import NotFound
from fedcommune.mastodon import drafts, entities, idempotency, refreshes, scheduled
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.limits import DELETION
from fedcommune.mastodon.render import status as render
from fedcommune.text import html

MAX_STATUSES: Final = 40


async def create(call: Call) -> Answer:
    """Publish, now or later; the same key within an hour answers what it made."""
    key = idempotency.key_of(call)
    draft = await drafts.new(call)
    if call.params.text("scheduled_at"):
        return await scheduled.plan(call, draft, key)
    author = call.account
    async with call.transaction() as tx:
        made = await idempotency.made_before(tx, author, key)
        if made is None:
            post: Post | None = await feeds.publish(tx, author, draft)
            assert post is not None, "what is published is there"
            await answers.heed(tx, author, post)
            await idempotency.remember(tx, author, key, post.id)
        else:
            post = await post_queries.by_id(tx.db, call.viewer, made)
    if post is None:
        raise NotFound
    return await shown(call, post)


async def edit(call: Call) -> Answer:
    """Change what one wrote."""
    draft = await drafts.changed(call, await own(call))
    asks = "poll" in call.params
    async with call.transaction() as tx:
        post = await posts.edit(tx, call.account, call.number(), draft, asks=asks)
    return await shown(call, post)


async def delete(call: Call) -> Answer:
    """Delete what one wrote, or take a boost back; answer with the text, to write it anew.

    What hung on it can be attached anew for a day, unless ``delete_media`` says no.
    """
    entry = await entry_of(call)
    boost = entry.boost
    if (entry.post.author_id if boost is None else boost.account_id) != call.account.id:
        raise NotFound
    before = await render.status(call.db, call.instance, entry, call.viewer, call.now)
    async with call.transaction() as tx:
        if boost is None:
            gone = call.params.flag("delete_media")
            await posts.delete(tx, call.account, entry.post.id, keep_media=not gone)
        else:
            await reactions.unboost(tx, call.account, entry.post)
    return msgspec.structs.replace(before, text=entry.post.source if boost is None else "")


async def show(call: Call) -> Answer:
    return await _shown(call, call.number())


async def show_many(call: Call) -> Answer:
    """Those of the ids that may be seen, in the order asked."""
    ids = call.params.identifiers("id")[:MAX_STATUSES]
    async with call.reading() as db:
        found = await timelines.by_ids(db, call.viewer, ids)
        entries = [found[each] for each in ids if each in found]
        return await render.statuses(db, call.instance, entries, call.viewer, call.now)


async def context(call: Call) -> Answer:
    """What it answers, and what answers it, answer under answer; what is missing is looked up."""
    async with call.reading() as db:
        post = (await _entry(call, db, call.number())).post
        above = await threads.ancestors(db, call.viewer, post.id)
        below = await threads.descendants(db, call.viewer, post.id)
        ordered = [*above, *in_order(post.id, below)]
        shown_ = await render.of_posts(db, call.instance, ordered, call.viewer, call.now)
    found = entities.Context(ancestors=shown_[: len(above)], descendants=shown_[len(above) :])
    return await refreshes.completing(call, post, found)


def in_order(root: int, below: list[Post]) -> list[Post]:
    """Return *below*, oldest first, each followed by what answers it.

    What answers something that is not among them stands with the answers to *root*.
    """
    known = {post.id for post in below}
    answers: dict[int, list[Post]] = {}
    for post in below:
        parent = post.parent_id if post.parent_id in known else root
        answers.setdefault(parent or root, []).append(post)
    ordered: list[Post] = []
    waiting = answers.get(root, [])[::-1]
    while waiting:
        post = waiting.pop()
        ordered.append(post)
        waiting += answers.get(post.id, [])[::-1]
    return ordered


async def history(call: Call) -> Answer:
    """What it said before, oldest first, and what it says now."""
    async with call.reading() as db:
        post = (await _entry(call, db, call.number())).post
        before = await details.revisions(db, call.viewer, post.id)
        shown_ = await render.status(db, call.instance, post, call.viewer, call.now)
    return render.versions(post, before, shown_)


async def source(call: Call) -> Answer:
    """The text as it was typed; what was not typed here, without its markup."""
    post = await post_of(call)
    return entities.StatusSource(
        id=str(post.id),
        text=post.source if post.local else html.plain(post.content),
        spoiler_text=post.summary,
    )


# What other modules need, too.


async def entry_of(call: Call) -> Entry:
    """Return the post or boost of the address. Raises :class:`NotFound` (SEC-VIS-03)."""
    return await _entry(call, call.db, call.number())


async def _entry(call: Call, db: Executor, id_: int) -> Entry:
    entry = await timelines.by_id(db, call.viewer, id_)
    if entry is None:
        raise NotFound
    return entry


async def post_of(call: Call) -> Post:
    """Return the post of the address; that which is boosted, when it is a boost."""
    return (await entry_of(call)).post


async def own(call: Call) -> Post:
    """Return the caller's own post. Raises :class:`NotFound` for all others (SEC-VIS-11)."""
    entry = await entry_of(call)
    if entry.boost is not None or entry.post.author_id != call.account.id:
        raise NotFound
    return entry.post


async def shown(call: Call, post: Post) -> entities.Status:
    """Return the entity of *post* as it is now."""
    return await _shown(call, post.id)


async def _shown(call: Call, id_: int) -> entities.Status:
    async with call.reading() as db:
        found = await render.by_ids(db, call.instance, call.viewer, [id_], call.now)
        if id_ in found:
            return found[id_]
        entry = await _entry(call, db, id_)
        return await render.status(db, call.instance, entry, call.viewer, call.now)


_ONE: Final = "/api/v1/statuses/{id}"

ENDPOINTS: Final = (
    Endpoint("POST", "/api/v1/statuses", create, "write:statuses"),
    Endpoint("GET", "/api/v1/statuses", show_many, "read:statuses", "anyone"),
    Endpoint("GET", _ONE, show, "read:statuses", "anyone"),
    Endpoint("PUT", _ONE, edit, "write:statuses"),
    Endpoint("DELETE", _ONE, delete, "write:statuses", rate=DELETION),
    Endpoint("GET", f"{_ONE}/context", context, "read:statuses", "anyone"),
    Endpoint("GET", f"{_ONE}/history", history, "read:statuses", "anyone"),
    Endpoint("GET", f"{_ONE}/source", source, "read:statuses"),
)
