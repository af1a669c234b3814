"""Start a project, and move it through its stages."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import profiles
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.links import actions as links
from fedcommune.domain.links import queries as link_queries
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.posts.model import Draft as Words
from fedcommune.domain.posts.model import Post
from fedcommune.domain.projects import outgoing, queries
from fedcommune.domain.projects.model import Draft, Project, Stage
from fedcommune.errors import NotAllowed, NotFound
from fedcommune.i18n import translate
from federation.keys import Pair


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


STAGES = {
    Stage.IDEA: _("idea"),
    Stage.CONCEPT: _("concept"),
    Stage.STARTED: _("started"),
    Stage.DEVELOPMENT: _("development"),
    Stage.TESTING: _("testing"),
    Stage.MATURE: _("mature"),
    Stage.CLOSED: _("closed"),
}


async def start(
    tx: Transaction,
    founder: Account,
    draft: Draft,
    pair: Pair,
    *,
    carrier: Account | None = None,
    parent: Account | None = None,
) -> Account:
    """Open the project's account, make *founder* its first contributor, and say so.

    *pair* is made before the transaction. Raises Invalid for a draft that cannot become a
    project, Conflict for a name that is taken.
    """
    draft.check()
    project = await accounts.open_(
        tx,
        kind="project",
        username=draft.username,
        name=draft.name,
        pair=pair,
        profile=profiles.written(tx.instance, draft.summary),
    )
    await queries.insert(
        tx.db,
        Project(
            account_id=project.id,
            stage=draft.stage,
            stage_at=tx.now,
            openness=draft.openness,
            starts_at=draft.starts_at,
            ends_at=draft.ends_at,
            carrier_id=carrier.id if carrier else None,
            parent_id=parent.id if parent else None,
        ),
    )
    await links.begin(tx, founder, project)
    words = _("A project is born: **{name}**. {summary}")
    language = tx.instance.language
    text = translate(language, words, name=draft.name.strip(), summary=draft.summary.strip())
    await feeds.publish(tx, project, Words(text=text.strip(), language=language))
    return project


async def move(tx: Transaction, by: Account, project: Account, stage: Stage) -> Post | None:
    """Move *project* to *stage*: its document changes, and it says so in a post.

    Returns that post, or None when the project stands there already. Raises NotFound when it
    is no project of ours, and NotAllowed when *by* does not administer it.
    """
    if not project.local or await queries.by_account(tx.db, project.id) is None:
        raise NotFound
    if by.id != project.id and not await link_queries.is_admin(tx.db, by.id, project.id):
        raise NotAllowed("Only an administrator of this project can move it.")
    before = await queries.set_stage(tx.db, project.id, stage, tx.now)
    if before is None:
        return None
    await outgoing.updated(tx, project)
    language = tx.instance.language
    text = translate(
        language,
        _("Stage: {before} → **{after}**"),
        before=translate(language, STAGES[Stage(before)]),
        after=translate(language, STAGES[stage]),
    )
    post = await feeds.publish(tx, project, Words(text=text, language=language))
    for link in await link_queries.of_target(tx.db, project.id, state="active", limit=1000):
        if link.subject_id != by.id:
            await notifications.tell(tx, link.subject_id, "project_update", project.id, post.id)
    return post
