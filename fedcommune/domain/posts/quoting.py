"""SQL: what a post says that it quotes, and who it says may quote it.

Whether a quote holds is for the subject of quotes to find out: here it is only written down.
"""

from __future__ import annotations

from datetime import datetime

from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.details import MAX_LINK
from fedcommune.domain.posts.model import Approval, Post, Quote
from federation import iris
from federation.vocabulary.notes import NoteView
from federation.vocabulary.quotes import read_policy


async def heed(
    db: Executor,
    view: NoteView,
    post: Post,
    author: Account,
    now: datetime,
    *,
    edited: bool = True,
) -> bool:
    """Write down what a stranger's post says of quotes; return whether that is news.

    Nothing of it is believed yet: a stamp counts only when the server of what is quoted keeps
    it (W-QUO-02). Only an edit changes what is quoted.
    """
    said = view.quote
    if said is not None and (said.target == post.object_id or len(said.target) > MAX_LINK):
        said = None
    stamp = None if said is None else said.stamp
    if said is not None and stamp is not None and not iris.same_origin(stamp, said.target):
        stamp = None
    before = await quote_of(db, post.id), await policy_of(db, post.id)
    quote = None if said is None else Quote(said.target, legacy=said.legacy, stamp=stamp)
    if edited or (before[0] and before[0].target) == (quote and quote.target):
        await set_quote(db, post.id, quote, now)
    policy = read_policy(view.document, followers=author.followers_url)
    # That its author may is how others say that nobody else may.
    others = [
        tuple(each for each in allowed if each != author.actor_id)
        for allowed in ((policy.automatic, policy.manual) if policy else ())
    ]
    await set_policy(db, post.id, Approval(*others) if others else None)
    return before != (await quote_of(db, post.id), await policy_of(db, post.id))


async def set_quote(db: Executor, post_id: int, quote: Quote | None, now: datetime) -> None:
    """Let a post quote exactly that, or nothing.

    What is said again changes nothing; another target, or another stamp, begins anew, and is
    looked at soon. Only the ids of posts are quoted, not those of boosts (GHSA-8h43).
    """
    if quote is None:
        await db.execute("delete from commune.quote where post_id = $1", post_id)
        return
    await db.execute(
        """
        insert into commune.quote as kept (post_id, target, target_id, state, legacy, stamp, due_at)
        values ($1, $2, (select id from commune.post where object_id = $2), $3, $4, $5,
            case when $3 = 'pending' then $6::timestamptz end)
        on conflict (post_id) do update
        set target = excluded.target,
            target_id = excluded.target_id,
            state = excluded.state,
            legacy = excluded.legacy,
            stamp = excluded.stamp,
            due_at = excluded.due_at,
            attempts = 0
        where kept.target <> excluded.target
           or (
               excluded.stamp is distinct from kept.stamp
               and not exists (
                   select from commune.post where id = kept.target_id and local
               )
           )
        """,
        post_id,
        quote.target,
        quote.state,
        quote.legacy,
        quote.stamp,
        now,
    )


async def quote_of(db: Executor, post_id: int) -> Quote | None:
    """Return what a post quotes, however that stands."""
    row = await db.fetchrow(
        "select target, state, legacy, stamp from commune.quote where post_id = $1", post_id
    )
    return None if row is None else Quote(**row)


async def quotes(db: Executor, post_id: int, target_id: int) -> bool:
    """Tell whether a post quotes that one, however that stands."""
    return bool(
        await db.fetchval(
            """
            select exists (
                select from commune.quote where post_id = $1 and target_id = $2
            )
            """,
            post_id,
            target_id,
        )
    )


async def adopt(db: Executor, post: Post, now: datetime) -> None:
    """Let *post*, that has just been stored, find those that quoted it before it came."""
    await db.execute(
        """
        update commune.quote
        set target_id = $1,
            due_at = case when state = 'pending' then $3::timestamptz else due_at end
        where target = $2
          and target_id is null
          and post_id <> $1
        """,
        post.id,
        post.object_id,
        now,
    )


async def set_policy(db: Executor, post_id: int, approval: Approval | None) -> None:
    """Let a post be quoted by exactly those; by its author alone when it says nothing."""
    if approval is None:
        await db.execute("delete from commune.quote_policy where post_id = $1", post_id)
        return
    await db.execute(
        """
        insert into commune.quote_policy (post_id, automatic, manual)
        values ($1, $2, $3)
        on conflict (post_id) do update
        set automatic = excluded.automatic,
            manual = excluded.manual
        """,
        post_id,
        list(approval.automatic),
        list(approval.manual),
    )


async def policy_of(db: Executor, post_id: int) -> Approval:
    """Return who may quote a post besides its author."""
    row = await db.fetchrow(
        "select automatic, manual from commune.quote_policy where post_id = $1", post_id
    )
    if row is None:
        return Approval()
    return Approval(tuple(row["automatic"]), tuple(row["manual"]))


async def local_quotes(db: Executor, post_id: int) -> list[tuple[int, int]]:
    """Return (post, author) of each living post of ours that quotes this one with its leave."""
    rows = await db.fetch(
        """
        select post.id, post.author_id
        from commune.quote
        join commune.post on post.id = quote.post_id
        where quote.target_id = $1
          and quote.state = 'accepted'
          and post.local
          and post.deleted_at is null
        order by post.id
        """,
        post_id,
    )
    return [(row["id"], row["author_id"]) for row in rows]
