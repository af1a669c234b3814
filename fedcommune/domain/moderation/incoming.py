"""Reports from afar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.moderation import actions, queries
from fedcommune.domain.moderation.model import (
    MAX_CONTENT,
    MAX_POSTS,
    REPORTS_PER_DOMAIN,
    REPORTS_WITHIN,
)
from federation import activities, documents, iris
from federation.activities import Activity
from federation.errors import IgnoredError
from inbox.router import Router

if TYPE_CHECKING:
    from inbox.gather import Gathered

router: Router[Transaction] = Router()


def the_actor(activity: Activity, gathered: Gathered) -> Iterable[str]:
    """Return the id of who speaks."""
    return (activity.actor,)


@router.receives("Flag", needs=the_actor)
async def reported(tx: Transaction, activity: Activity, gathered: Gathered) -> None:
    """Somebody elsewhere reports one of ours, or some of its posts (W-ACT-Flag).

    Only what is ours, and what that server may see, counts; a second person in the same
    Flag makes a second report. A server whose reports the moderators reject is not heard, nor
    is any beyond thirty an hour (SEC-MOD-04). The moderators are told.
    """
    object_ids = [
        iri for iri in activities.object_ids(activity)[: MAX_POSTS + 1] if tx.instance.owns(iri)
    ]
    if not object_ids:
        raise IgnoredError("This report is about nobody here.")
    reporter = await accounts.known(
        tx, activity.actor, gathered.get(activity.actor), gathered.handle(activity.actor)
    )
    named = {reporter.domain, iris.authority(reporter.actor_id)}
    if (await hosts.rules_for(tx.db, named)).reject_reports:
        raise IgnoredError("Reports of this server are not heard.")
    since = tx.now - REPORTS_WITHIN
    if await queries.reports_from(tx.db, reporter.domain, since) >= REPORTS_PER_DOMAIN:
        raise IgnoredError("This server has sent too many reports within the hour.")
    posts = await queries.reportable_posts(tx.db, object_ids, reporter_domain=reporter.domain)
    people = await account_queries.by_actor_ids(tx.db, object_ids)
    about = {*posts, *(account.id for account in people.values() if account.local)}
    content = documents.string(activity.document, "content", limit=MAX_CONTENT) or ""
    made = False
    for number, account_id in enumerate(sorted(about)):
        if await blocks.between(tx.db, reporter.id, account_id):
            continue
        report = await queries.insert(
            tx.db,
            id_=identifiers.new(tx.now),
            # The id is unique; a Flag about two people is kept as two reports.
            activity_id=activity.id if number == 0 else f"{activity.id}#{account_id}",
            reporter_id=reporter.id,
            account_id=account_id,
            post_ids=posts.get(account_id, ()),
            content=content,
            now=tx.now,
        )
        if report is not None:
            await actions.tell_moderators(tx, report)
            made = True
    if not made:
        raise IgnoredError("This report is about nobody here, or was made before.")
