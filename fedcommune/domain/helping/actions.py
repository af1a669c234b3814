"""Hear that somebody can help, and accept or refuse it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.helping import queries
from fedcommune.domain.helping.model import Help, offers_help
from fedcommune.domain.links import queries as links
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import offers, reach
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.deals import Offer
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.errors import Conflict, NotAllowed, NotFound
from fedcommune.i18n import translate
from fedcommune.text import html


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


_YES: Final = _("Thank you! Your help with “{title}” is welcome.")
_NO: Final = _("Thank you for offering to help with “{title}”. There is enough for now.")


async def heed(tx: Transaction, by: Account, post: Post) -> bool:
    """Keep that *by* can help, when their *post* answers a need of ours and says so.

    From here or elsewhere, for everybody or in private (product 7.4): those who administer
    the project are told. Returns whether there was such an offer, and a new one.
    """
    if post.parent_id is None or post.deleted_at is not None:
        return False
    need = await offers.of_post(tx.db, post.parent_id)
    if need is None or need.kind != "need" or not need.is_open(tx.now):
        return False
    asking = await post_queries.locked(tx.db, post.parent_id)
    if asking is None or not asking.local or asking.author_id == by.id:
        return False
    if not offers_help(html.plain(post.content)):
        return False
    made = Help(identifiers.new(tx.now), asking.id, by.id, post.id, "offered", tx.now, None, None)
    if not await queries.insert(tx.db, made):
        return False
    for person_id in await queries.administrators(tx.db, asking.author_id):
        await notifications.tell(tx, person_id, Kind.HELP_OFFERED, by.id, asking.id)
    return True


async def accept(tx: Transaction, by: Account, help_id: int) -> Help:
    """Let *by* accept an offer of help; who made it hears of it, wherever they live.

    When as many help as were wanted, the need is met, and says so. Raises NotFound when *by*
    does not administer whose need it is, Conflict when it was decided already.
    """
    made, asking, project, need = await _to_decide(tx, by, help_id)
    await queries.decide(tx.db, made.id, "accepted", by.id, tx.now)
    helped = replace(need, helpers=await queries.count_accepted(tx.db, asking.id))
    if helped.has_enough:
        helped = replace(helped, state="fulfilled")
    await posts.edit(
        tx,
        project,
        asking.id,
        Draft(
            text=asking.source,
            summary=asking.summary,
            sensitive=asking.sensitive,
            language=asking.language,
            mentioned=tuple(await reach.mentioned(tx.db, asking.id)),
            offer=helped,
        ),
    )
    await _answer(tx, project, made, need, _YES)
    return replace(made, state="accepted", decided_by=by.id, decided_at=tx.now)


async def refuse(tx: Transaction, by: Account, help_id: int) -> Help:
    """Let *by* refuse an offer of help, with thanks; raises as :func:`accept`."""
    made, _asking, project, need = await _to_decide(tx, by, help_id)
    await queries.decide(tx.db, made.id, "refused", by.id, tx.now)
    await _answer(tx, project, made, need, _NO)
    return replace(made, state="refused", decided_by=by.id, decided_at=tx.now)


async def _to_decide(
    tx: Transaction, by: Account, help_id: int
) -> tuple[Help, Post, Account, Offer]:
    found = await queries.by_id(tx.db, help_id)
    # The post first, as whoever edits it does.
    asking = None if found is None else await post_queries.locked(tx.db, found.need_id)
    made = await queries.locked(tx.db, help_id)
    need = None if asking is None else await offers.of_post(tx.db, asking.id)
    project = None if asking is None else await accounts.by_id(tx.db, asking.author_id)
    if made is None or asking is None or need is None or project is None or not asking.local:
        raise NotFound
    if by.id != project.id and not await links.is_admin(tx.db, by.id, project.id):
        raise NotFound
    if not by.is_active or not project.is_active:
        raise NotAllowed(_("Only a living account of ours can decide this."))
    if made.state != "offered":
        raise Conflict(_("This was decided already."))
    return made, asking, project, need


async def _answer(tx: Transaction, project: Account, made: Help, need: Offer, words: str) -> None:
    """Tell who offered to help, in private and in the name of the project, what was decided."""
    helper = await accounts.by_id(tx.db, made.helper_id)
    if helper is None or not helper.is_active:
        return
    answered = None
    if made.answer_id is not None:
        answered = await post_queries.by_id(tx.db, Viewer(project.id), made.answer_id)
    language = tx.instance.language
    await posts.publish(
        tx,
        project,
        Draft(
            text=translate(language, words, title=need.title),
            visibility=Visibility.DIRECT,
            in_reply_to=None if answered is None else answered.id,
            mentioned=(helper,),
            language=language,
        ),
    )
