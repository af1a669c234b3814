"""Posts that recommend an actor in words: who is recommended, and by which posts (8.6 b)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from fedcommune.database import Executor, Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts.model import Page, Post
from fedcommune.domain.posts.queries import COLUMNS, of_row
from fedcommune.domain.visibility import MAY_SEE, Viewer
from fedcommune.errors import Invalid
from federation.vocabulary import recommendations
from federation.vocabulary.notes import NoteView


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


# Whom one can recommend: whoever stands for more than themselves.
KINDS: Final = frozenset({"business", "association", "authority", "group", "project"})


async def recommend(tx: Transaction, post: Post, author: Account, subject: Account) -> None:
    """Let our new *post* recommend *subject*. Raises Invalid for whom nobody recommends."""
    if subject.id == author.id:
        raise Invalid("recommends", _("Nobody recommends themselves: let others do it."))
    if subject.kind not in KINDS:
        raise Invalid("recommends", _("One recommends shops, associations, groups and projects."))
    await _keep(tx.db, post.id, subject.id)


async def learn(tx: Transaction, post: Post, author: Account, view: NoteView) -> None:
    """Keep whom a stranger's *post*, new or edited, recommends, when it is known here."""
    said = recommendations.read(view.document, author.actor_id)
    subject = None if said is None else await accounts.by_actor_id(tx.db, said)
    if subject is None or subject.kind not in KINDS or subject.id == author.id:
        await tx.db.execute("delete from commune.recommendation where post_id = $1", post.id)
        return
    await _keep(tx.db, post.id, subject.id)


async def subject_of(db: Executor, post_id: int) -> Account | None:
    """Return whom a post recommends."""
    found = await db.fetchval(
        "select account_id from commune.recommendation where post_id = $1", post_id
    )
    return None if found is None else await accounts.by_id(db, found)


async def about(db: Executor, viewer: Viewer, account_id: int, page: Page) -> list[Post]:
    """Return the posts that recommend an account, the latest first, as *viewer* may see them."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.recommendation
        join commune.post on post.id = recommendation.post_id
        join commune.account author on author.id = post.author_id
        where recommendation.account_id = $2
          and ($3::bigint is null or post.id < $3)
          and post.deleted_at is null
          and author.silenced_at is null
          and {MAY_SEE}
        order by post.id desc
        limit $4
        """,
        viewer.account_id,
        account_id,
        page.max_id,
        page.limit,
    )
    return [of_row(row) for row in rows]


async def answers(
    db: Executor, viewer: Viewer, post_ids: Collection[int], account_id: int
) -> dict[int, list[Post]]:
    """Return what who is recommended answered to posts, by the post, the oldest first."""
    rows = await db.fetch(
        f"""
        select {COLUMNS}
        from commune.post
        where post.parent_id = any($2::bigint[])
          and post.author_id = $3
          and post.deleted_at is null
          and {MAY_SEE}
        order by post.id
        """,
        viewer.account_id,
        list(post_ids),
        account_id,
    )
    found: dict[int, list[Post]] = {}
    for row in rows:
        post = of_row(row)
        assert post.parent_id is not None, "only answers were asked for"
        found.setdefault(post.parent_id, []).append(post)
    return found


async def _keep(db: Executor, post_id: int, account_id: int) -> None:
    await db.execute(
        """
        insert into commune.recommendation (post_id, account_id)
        values ($1, $2)
        on conflict (post_id) do update set account_id = excluded.account_id
        """,
        post_id,
        account_id,
    )
