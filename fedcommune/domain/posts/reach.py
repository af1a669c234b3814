"""SQL: whom a post is for, who has it, and whether a stranger's post concerns anybody here."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Visibility
from outbox.addressing import Recipient


async def mention(
    db: Executor,
    post_id: int,
    account_ids: Collection[int],
    *,
    silent: bool,
    blind: bool = False,
) -> None:
    """Let a post address these accounts; *silent*: they are not written in the text.

    *blind*: nobody else sees that they are addressed, unless they are already openly.
    """
    await db.execute(
        """
        insert into commune.mention (post_id, account_id, silent, blind)
        select $1, unnest($2::bigint[]), $3, $4
        on conflict (post_id, account_id) do update
        set silent = excluded.silent,
            blind = mention.blind and excluded.silent
        """,
        post_id,
        list(account_ids),
        silent,
        blind,
    )


async def forget_mentions(db: Executor, post_id: int, kept: Collection[int]) -> None:
    """Let a post address only those of its mentioned accounts."""
    await db.execute(
        "delete from commune.mention where post_id = $1 and account_id <> all($2::bigint[])",
        post_id,
        list(kept),
    )


async def mentioned(
    db: Executor, post_id: int, *, silently: bool | None = None, blindly: bool | None = None
) -> list[Account]:
    """Return whom a post addresses by name: all, or only those written in the text or not.

    With *blindly* False, only those of whom everybody who reads it may know.
    """
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.mention
        join commune.account on account.id = mention.account_id
        where mention.post_id = $1
          and ($2::boolean is null or mention.silent = $2)
          and ($3::boolean is null or mention.blind = $3)
        order by account.id
        """,
        post_id,
        silently,
        blindly,
    )
    return [accounts.of_row(row) for row in rows]


async def audience(db: Executor, post: Post) -> list[Recipient]:
    """Return the strangers whom *post* is for: followers where it is for them, and mentioned."""
    rows = await db.fetch(
        """
        select account.actor_id, account.inbox, account.shared_inbox
        from commune.account
        where not account.local
          and account.deleted_at is null
          and (
              account.id in (select account_id from commune.mention where post_id = $1)
              or ($3 and account.id in (
                  select follower_id from commune.follow
                  where followed_id = $2 and state = 'accepted'
              ))
          )
        order by account.id
        """,
        post.id,
        post.author_id,
        post.visibility not in (Visibility.LIMITED, Visibility.DIRECT),
    )
    return [Recipient(**row) for row in rows]


async def holders(db: Executor, post: Post) -> list[Recipient]:
    """Return the strangers whose servers have *post*: its audience, and all who carried it on.

    Those who liked, boosted, quoted or answered it, voted or take part in it (W-POLL-03,
    W-EVT-03), and the followers of the accounts here that boosted it (W-ACT-Delete).
    """
    rows = await db.fetch(
        """
        select account.actor_id, account.inbox, account.shared_inbox
        from commune.account
        where not account.local
          and account.deleted_at is null
          and account.id in (
              select account_id from commune.reaction where post_id = $1
              union
              select author_id from commune.post where parent_id = $1
              union
              select voter_id from commune.vote where post_id = $1
              union
              select account_id
              from commune.participation
              where post_id = $1 and state in ('pending', 'accepted')
              union
              select quoting.author_id
              from commune.quote
              join commune.post quoting on quoting.id = quote.post_id
              where quote.target_id = $1
                and quote.state = 'accepted'
              union
              select follow.follower_id
              from commune.reaction
              join commune.follow on follow.followed_id = reaction.account_id
              where reaction.post_id = $1
                and reaction.kind = 'boost'
                and follow.state = 'accepted'
          )
        order by account.id
        """,
        post.id,
    )
    found = {each.actor_id: each for each in await audience(db, post)}
    if post.visibility.is_open:
        found |= {row["actor_id"]: Recipient(**row) for row in rows}
    return list(found.values())


async def voters(db: Executor, post: Post) -> list[Recipient]:
    """Return the strangers who voted in *post*, which is for everybody; nobody otherwise.

    Of what is for some only, those who voted are among them.
    """
    if not post.visibility.is_open:
        return []
    rows = await db.fetch(
        """
        select account.actor_id, account.inbox, account.shared_inbox
        from commune.account
        where not account.local
          and account.deleted_at is null
          and account.id in (select voter_id from commune.vote where post_id = $1)
        order by account.id
        """,
        post.id,
    )
    return [Recipient(**row) for row in rows]


async def concerns_us(
    db: Executor,
    *,
    author_id: int,
    visibility: Visibility,
    parent: Post | None,
    addressed: Collection[int],
) -> bool:
    """Tell whether a stranger's new post is for anybody here (W-IN-01).

    *addressed* are the accounts of ours that it names; *parent* what it answers, when
    we have it.
    """
    if addressed:
        return True
    if visibility in (Visibility.LIMITED, Visibility.DIRECT):
        return False
    if await follows.has_local_followers(db, author_id):
        return True
    if not visibility.is_open or parent is None or parent.deleted_at is not None:
        return False
    return parent.local or await follows.has_local_followers(db, parent.author_id)


async def local_owners(db: Executor, followers_urls: Collection[str]) -> list[Account]:
    """Return our living actors whose followers collections these are."""
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.account
        where account.followers_url = any($1::text[])
          and account.local
          and account.deleted_at is null
          and account.suspended_at is null
        order by account.id
        """,
        list(followers_urls),
    )
    return [accounts.of_row(row) for row in rows]


async def local_boosters(db: Executor, post_id: int) -> list[Account]:
    """Return our living actors that boosted this post."""
    rows = await db.fetch(
        f"""
        select {accounts.COLUMNS}
        from commune.reaction
        join commune.account on account.id = reaction.account_id
        where reaction.post_id = $1
          and reaction.kind = 'boost'
          and account.local
          and account.deleted_at is null
        order by account.id
        """,
        post_id,
    )
    return [accounts.of_row(row) for row in rows]


async def group_of(db: Executor, post_id: int) -> str | None:
    """Return the id of our feed or square that passes this post on, the first one to do so."""
    found: str | None = await db.fetchval(
        """
        select account.actor_id
        from commune.reaction
        join commune.account on account.id = reaction.account_id
        where reaction.post_id = $1
          and reaction.kind = 'boost'
          and account.local
          and account.kind in ('feed', 'square')
        order by reaction.id
        limit 1
        """,
        post_id,
    )
    return found


async def open_audience_of(db: Executor, post_id: int) -> str | None:
    """Return the followers collection of who wrote a post that is for everybody."""
    found: str | None = await db.fetchval(
        """
        select account.followers_url
        from commune.post
        join commune.account on account.id = post.author_id
        where post.id = $1
          and post.visibility in ('public', 'unlisted')
          and post.deleted_at is null
          and account.deleted_at is null
        """,
        post_id,
    )
    return found
