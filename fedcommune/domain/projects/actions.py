"""Start a project, and move it through its stages."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import profiles
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, Changes, Details, Profile
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.links import actions as links
from fedcommune.domain.links import queries as link_queries
from fedcommune.domain.links.model import State
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.posts.model import Draft as Words
from fedcommune.domain.posts.model import Post
from fedcommune.domain.projects import queries
from fedcommune.domain.projects.model import Draft, Edit, Stage
from fedcommune.errors import Invalid, NotAllowed, NotFound
from fedcommune.i18n import translate
from federation.keys import Pair


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# More than these are told by what they follow.
MAX_CONTRIBUTORS: Final = 1000
# Parts of parts of parts: deeper is a mistake.
MAX_DEPTH: Final = 10

STAGES: Final = {
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
        profile=profiles.written(
            tx.instance,
            draft.summary,
            Profile(
                details=Details(
                    stage=draft.stage,
                    openness=draft.openness,
                    starts_at=draft.starts_at,
                    ends_at=draft.ends_at,
                    carried_by=carrier.actor_id if carrier else None,
                    parent=parent.actor_id if parent else None,
                )
            ),
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
    stands = await queries.locked(tx.db, project.id)
    if stands is None:
        raise NotFound
    if by.id != project.id and not await link_queries.is_admin(tx.db, by.id, project.id):
        raise NotAllowed(_("Only an administrator of this project can move it."))
    before = stands.details.stage or Stage.IDEA
    if before == stage:
        return None
    contributors = await _contributors(tx, project)
    await accounts.edit(
        tx,
        stands,
        Changes(details=replace(stands.details, stage=stage)),
        also=[each.recipient for each in contributors if not each.local],
    )
    language = tx.instance.language
    text = translate(
        language,
        _("Stage: {before} → **{after}**"),
        before=translate(language, STAGES[Stage(before)]),
        after=translate(language, STAGES[stage]),
    )
    post = await feeds.publish(tx, project, Words(text=text, language=language))
    for each in contributors:
        if each.local and each.id != by.id:
            await notifications.tell(tx, each.id, "project_update", project.id, post.id)
    return post


async def edit(tx: Transaction, by: Account, project: Account, wanted: Edit) -> Account:
    """Let *by* say anew what a project is; its followers and contributors are told.

    Raises NotFound when it is no project of ours, NotAllowed when *by* does not administer it,
    or a new carrier or parent, Invalid for what needs a correction.
    """
    wanted.check()
    stands = await queries.locked(tx.db, project.id)
    if stands is None:
        raise NotFound
    await _must_administer(tx, by, stands)
    for named, before in (
        (wanted.carrier, stands.details.carried_by),
        (wanted.parent, stands.details.parent),
    ):
        if named is not None and named.actor_id != before and by.id != project.id:
            await _must_administer(tx, by, named)
    if wanted.parent is not None:
        await _check_is_no_circle(tx, stands, wanted.parent)
    profile = profiles.written(tx.instance, wanted.summary)
    contributors = await _contributors(tx, project)
    return await accounts.edit(
        tx,
        stands,
        Changes(
            name=wanted.name.strip(),
            summary=profile.summary,
            source=profile.source,
            details=replace(
                stands.details,
                openness=wanted.openness,
                starts_at=wanted.starts_at,
                ends_at=wanted.ends_at,
                carried_by=None if wanted.carrier is None else wanted.carrier.actor_id,
                parent=None if wanted.parent is None else wanted.parent.actor_id,
            ),
        ),
        also=[each.recipient for each in contributors if not each.local],
    )


async def _must_administer(tx: Transaction, by: Account, target: Account) -> None:
    if by.id != target.id and not await link_queries.is_admin(tx.db, by.id, target.id):
        raise NotAllowed(_("Only an administrator can decide this."))


async def _check_is_no_circle(tx: Transaction, project: Account, parent: Account) -> None:
    above: Account | None = parent
    for _level in range(MAX_DEPTH):
        if above is None or (above.details.parent is None and above.id != project.id):
            return
        if above.id == project.id:
            break
        above = await account_queries.by_actor_id(tx.db, above.details.parent or "")
    raise Invalid("parent", _("A project cannot be a part of itself."))


async def _contributors(tx: Transaction, project: Account) -> list[Account]:
    links_ = await link_queries.of_target(
        tx.db, project.id, state=State.ACTIVE, limit=MAX_CONTRIBUTORS
    )
    people = await account_queries.by_ids(tx.db, [link.subject_id for link in links_])
    return list(people.values())
