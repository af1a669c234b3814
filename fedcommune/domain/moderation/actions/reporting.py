"""Report somebody to the moderators, and what becomes of a report."""

from __future__ import annotations

from collections.abc import Collection

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.collections import queries as collections
from fedcommune.domain.moderation import outgoing, queries
from fedcommune.domain.moderation.categories import Category
from fedcommune.domain.moderation.log import record
from fedcommune.domain.moderation.model import MAX_CONTENT, MAX_POSTS, Measure, Report
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def report(
    tx: Transaction,
    reporter: Account,
    account: Account,
    *,
    post_ids: Collection[int] = (),
    content: str = "",
    category: Category = "other",
    rule_ids: Collection[int] = (),
    forward: bool = False,
    collection_ids: Collection[int] = (),
) -> Report:
    """Let our *reporter* report *account*, and some of its posts or collections, to the moderators.

    With *forward*, the server of *account* hears of it too, from the commune: it does not
    learn who reports. Raises Invalid for too long a text, NotFound for what the reporter
    cannot see or *account* did not make, Conflict when it was reported already.
    """
    if not reporter.local or not reporter.is_active:
        raise NotAllowed(_("Only a living account of ours can report here."))
    if reporter.id == account.id:
        raise Conflict(_("Nobody reports oneself: name another account."))
    if len(content) > MAX_CONTENT or max(len(post_ids), len(collection_ids)) > MAX_POSTS:
        raise Invalid(
            "content",
            _("A report has at most {content} characters and {posts} posts."),
            content=MAX_CONTENT,
            posts=MAX_POSTS,
        )
    posts = await queries.visible_posts_of(tx.db, account.id, post_ids, reporter.id)
    if len(posts) != len(set(post_ids)):
        raise NotFound
    seen = await collections.by_ids(tx.db, Viewer(reporter.id), collection_ids)
    about = [each for each in seen.values() if each.account_id == account.id]
    if len(about) != len(set(collection_ids)):
        raise NotFound
    made = await queries.insert(
        tx.db,
        id_=identifiers.new(tx.now),
        activity_id=None,
        reporter_id=reporter.id,
        account_id=account.id,
        post_ids=post_ids,
        content=content,
        now=tx.now,
        category=category,
        rule_ids=rule_ids,
        forwarded=forward and not account.local,
        collection_ids=[each.id for each in about],
    )
    if made is None:
        raise Conflict(_("You have reported this already: a moderator will look at it."))
    await tell_moderators(tx, made)
    if forward and not account.local:
        commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
        if commune is None:
            raise NotFound(_("The commune has no actor yet: run fedcommune init first."))
        objects = [*(object_id for _, object_id in posts), *(each.object_id for each in about)]
        await outgoing.flag(tx, commune, account, objects, content)
    return made


async def tell_moderators(tx: Transaction, made: Report) -> None:
    """Tell whoever moderates here that there is a report; not who it is about, or made it."""
    for each in await citizens.moderators(tx.db):
        if each.id not in (made.account_id, made.reporter_id):
            await notifications.tell_officially(
                tx, each.id, Kind.ADMIN_REPORT, made.id, from_id=made.reporter_id
            )


async def close_report(tx: Transaction, report_id: int, *, by: Account | None = None) -> None:
    """Close a report. Raises NotFound when there is none, or it is closed."""
    closed_by = None if by is None else by.id
    if not await queries.close(tx.db, report_id, tx.now, by_id=closed_by):
        raise NotFound
    await _record(tx, Measure.CLOSE_REPORT, report_id, by)


async def reopen_report(tx: Transaction, report_id: int, *, by: Account | None = None) -> None:
    """Open a report again. Raises NotFound when there is none, or it is open."""
    if not await queries.reopen(tx.db, report_id, tx.now):
        raise NotFound
    await _record(tx, Measure.REOPEN_REPORT, report_id, by)


async def assign_report(
    tx: Transaction, report_id: int, to: Account | None, *, by: Account | None = None
) -> None:
    """Let a moderator look into a report, or nobody. Raises NotFound, NotAllowed for others."""
    if to is not None and not to.role.moderates:
        raise NotAllowed(_("Only who moderates here looks into reports."))
    if not await queries.assign(tx.db, report_id, None if to is None else to.id, tx.now):
        raise NotFound
    kind = Measure.UNASSIGN_REPORT if to is None else Measure.ASSIGN_REPORT
    await _record(tx, kind, report_id, by)


async def change_report(
    tx: Transaction,
    report_id: int,
    category: Category,
    rule_ids: Collection[int],
    *,
    by: Account | None = None,
) -> None:
    """Say better than who reported what a report is about. Raises NotFound."""
    if not await queries.recategorise(tx.db, report_id, category, rule_ids, tx.now):
        raise NotFound
    await _record(tx, Measure.CHANGE_REPORT, report_id, by)


async def _record(tx: Transaction, kind: Measure, report_id: int, by: Account | None) -> None:
    found = await queries.by_id(tx.db, report_id)
    await record(
        tx,
        kind,
        by=by,
        account_id=None if found is None else found.account_id,
        report_id=report_id,
    )
