"""Take part, or not after all: ours and, in the ``gain`` functions, everybody's."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events import outgoing
from fedcommune.domain.events.actions import announcing, notices
from fedcommune.domain.events.model import MAX_MESSAGE, Participation, State, Way
from fedcommune.domain.events.queries import people
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind as Told
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts import outgoing as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from fedcommune.i18n import translate
from fedcommune.text import html
from federation.errors import IgnoredError

_ASKED: Final = (State.PENDING, State.ACCEPTED)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


class FullError(Conflict):
    """There is no room left at this event."""


async def join(
    tx: Transaction, who: Account, post_id: int, *, message: str = "", way: Way = "here"
) -> Participation:
    """Let *who*, one of ours, take part in an event, of here or of elsewhere; once.

    Of a stranger's event they have asked, until the answer comes (W-EVT-03). Raises NotFound
    for what they may not see or is no event, Invalid when one cannot say so here,
    :class:`FullError`, and NotAllowed for whom the organisers refused.
    """
    if not who.local or not who.is_active:
        raise NotAllowed(_("Only a living account of ours can take part."))
    post, author, event = await _seen(tx, who, post_id)
    known = await people.of_account(tx.db, post.id, who.id)
    if known is not None and known.state in _ASKED:
        return known
    if known is not None and known.state is State.REJECTED and post.local:
        raise NotAllowed(_("The organisers answered already."))
    check_is_open(tx, event)
    one = _anew(tx, post, who, known, tx.instance.activity(identifiers.new(tx.now)), message, way)
    if post.local:
        one = await take_seat(tx, post, author, event, one)
        await _tell_asked(tx, post, author, event, who, one)
        return one
    if event.room == 0:
        raise FullError(_("There is no room left at this event."))
    one = replace(one, state=State.PENDING)
    await people.save(tx.db, one)
    await outgoing.asked(tx, one, who, post, author)
    return one


async def leave(tx: Transaction, who: Account, post_id: int) -> None:
    """Let *who*, one of ours, not come after all; nothing happens when they did not mean to.

    Raises NotFound for what they may not see or is no event.
    """
    post, author, event = await _seen(tx, who, post_id)
    one = await people.of_account(tx.db, post.id, who.id)
    if one is None or one.state not in _ASKED:
        return
    await give_up(tx, post, author, event, one)
    if not post.local:
        await outgoing.left(tx, one, who, post, author)


async def gain(
    tx: Transaction,
    subject: Account,
    post: Post,
    author: Account,
    activity_id: str,
    *,
    message: str = "",
    way: Way = "join",
) -> Participation | None:
    """Let a stranger take part in our event, or be refused, or wait for the organisers.

    They are told: by Accept, Reject, or Ignore when nobody decides about it here (W-EVT-03,
    FEP-8a8e). None when they do not take part.
    """
    event = await happenings.locked(tx.db, post.id)
    if event is None:
        raise IgnoredError("This is no event.")
    known = await people.of_account(tx.db, post.id, subject.id)
    if known is not None and known.state in _ASKED and known.activity_id == activity_id:
        raise IgnoredError("This was asked already.")
    if not event.is_open(tx.now):
        if way == "join":
            await outgoing.ignored(tx, activity_id, subject, post, author)
        return None
    one = _anew(tx, post, subject, known, activity_id, message, way)
    if known is not None and known.state is State.REJECTED:
        if way == "join":
            await outgoing.refused(tx, one, subject, post, author)
        return None
    if known is not None and known.state in _ASKED:
        one = replace(one, state=known.state)
        await people.save(tx.db, one)
    else:
        try:
            one = await take_seat(tx, post, author, event, one)
        except FullError:
            await people.save(tx.db, replace(one, state=State.LEFT))
            if way == "join":
                await outgoing.refused(tx, one, subject, post, author)
            return None
    if one.takes_part and way == "join":
        await outgoing.accepted(tx, one, subject, post, author)
    if known is None or known.state not in _ASKED:
        await _tell_asked(tx, post, author, event, subject, one)
    return one


async def lose(tx: Transaction, subject: Account, post: Post, author: Account) -> None:
    """Take that a stranger does not come to our event. IgnoredError when they did not mean to."""
    event = await happenings.locked(tx.db, post.id)
    one = await people.of_account(tx.db, post.id, subject.id)
    if event is None or one is None or one.state not in _ASKED:
        raise IgnoredError("They did not take part.")
    await give_up(tx, post, author, event, one)


async def decide(
    tx: Transaction, by: Account, post_id: int, participation_id: int, *, accept: bool
) -> Participation:
    """Let *by*, who organises it, let somebody in who asked, or refuse or remove somebody.

    They are told, wherever they are. Raises NotFound, NotAllowed, :class:`FullError`.
    """
    post, author, event = await announcing.own(tx, by, post_id)
    one = await people.by_id(tx.db, post.id, participation_id)
    if one is None or one.state not in _ASKED:
        raise NotFound
    if accept and one.takes_part:
        return one
    if accept and event.room == 0:
        raise FullError(_("There is no room left: make more of it first."))
    state = State.ACCEPTED if accept else State.REJECTED
    decided = replace(one, state=state, changed_at=tx.now)
    await people.save(tx.db, decided)
    await recount(tx, post, author, event)
    await _answer(tx, post, author, event, decided)
    return decided


async def was_answered(tx: Transaction, one: Participation, post: Post, *, accepted: bool) -> None:
    """Take the answer of a stranger to one of ours who asked to come."""
    state = State.ACCEPTED if accepted else State.REJECTED
    if one.state is state or one.state is State.LEFT:
        return
    await people.save(tx.db, replace(one, state=state, changed_at=tx.now))
    assert one.account_id is not None, "only accounts ask elsewhere"
    await notifications.take_back(tx, one.account_id, Told.EVENT_ANSWER, post.author_id, post.id)
    await notifications.tell(tx, one.account_id, Told.EVENT_ANSWER, post.author_id, post.id)


def check_is_open(tx: Transaction, event: Event) -> None:
    """Raise :class:`Invalid` when one cannot say here, or not any more, that one comes."""
    if event.is_off:
        raise Invalid("event", _("This event does not take place."))
    if event.end <= tx.now:
        raise Invalid("event", _("This event is over."))
    if event.join_mode == "external":
        raise Invalid("event", _("One takes part elsewhere: follow the link of the event."))
    if not event.is_open(tx.now):
        raise Invalid("event", _("For this event nobody needs to say that they come."))


async def take_seat(
    tx: Transaction, post: Post, author: Account, event: Event, one: Participation
) -> Participation:
    """Keep that *one* takes part in our *event*, whose row is locked, or waits for a yes.

    Whoever takes a seat holds that row: the last one is given once. Raises :class:`FullError`.
    """
    if event.room == 0:
        raise FullError(_("There is no room left at this event."))
    state = State.PENDING if event.join_mode == "restricted" else State.ACCEPTED
    taken = replace(one, state=state, changed_at=tx.now)
    await people.save(tx.db, taken)
    await recount(tx, post, author, event)
    return taken


async def give_up(
    tx: Transaction, post: Post, author: Account, event: Event, one: Participation
) -> None:
    """Keep that *one* does not come, and give the seat back."""
    await people.save(tx.db, replace(one, state=State.LEFT, changed_at=tx.now))
    if post.local:
        await recount(tx, post, author, event)


async def recount(tx: Transaction, post: Post, author: Account, event: Event) -> None:
    """Count who takes part in our event; when there is room anew, or none, others are told."""
    taking = await people.count(tx.db, post.id)
    await happenings.count(tx.db, post.id, taking)
    was_full = event.room == 0
    is_full = event.capacity is not None and taking >= event.capacity
    if was_full != is_full:
        await posts.updated(tx, post, author)


async def _answer(
    tx: Transaction, post: Post, author: Account, event: Event, one: Participation
) -> None:
    if one.email is not None:
        kind = "event_joined" if one.takes_part else "event_refused"
        page = f"/events/{post.id}/leave?token={notices.token_of(tx, one)}"
        await outgoing.letter(
            tx, kind, one.email, one.language, event, page=page if one.takes_part else ""
        )
        return
    subject = await accounts.by_id(tx.db, one.account_id or 0)
    if subject is None or not subject.is_active:
        return
    if subject.local:
        await notifications.take_back(tx, subject.id, Told.EVENT_ANSWER, author.id, post.id)
        await notifications.tell(tx, subject.id, Told.EVENT_ANSWER, author.id, post.id)
    elif one.way == "reply":
        words = _("You are expected.") if one.takes_part else _("You are not on the list.")
        await notices.answer(
            tx, post, author, subject, event, translate(tx.instance.language, words)
        )
    elif one.takes_part:
        await outgoing.accepted(tx, one, subject, post, author)
    else:
        await outgoing.refused(tx, one, subject, post, author)


async def _tell_asked(
    tx: Transaction,
    post: Post,
    author: Account,
    event: Event,
    subject: Account,
    one: Participation,
) -> None:
    kind = Told.EVENT_JOINED if one.takes_part else Told.EVENT_REQUEST
    await notices.tell_organisers(tx, post, author, event, kind, subject)


async def _seen(tx: Transaction, who: Account, post_id: int) -> tuple[Post, Account, Event]:
    """Return an event that *who* may see, its rows locked, and who announces it."""
    seen = await post_queries.by_id(tx.db, Viewer(who.id), post_id)
    author = None if seen is None else await accounts.by_id(tx.db, seen.author_id)
    event = await happenings.locked(tx.db, post_id)
    if seen is None or author is None or event is None:
        raise NotFound
    return seen, author, event


def _anew(
    tx: Transaction,
    post: Post,
    subject: Account,
    known: Participation | None,
    activity_id: str,
    message: str,
    way: Way,
) -> Participation:
    said = html.shorten(html.plain(html.escape(message)), MAX_MESSAGE)
    if known is not None:
        return replace(known, message=said, activity_id=activity_id, way=way, changed_at=tx.now)
    return Participation(
        id=identifiers.new(tx.now),
        post_id=post.id,
        account_id=subject.id,
        email=None,
        name="",
        language=tx.instance.language,
        message=said,
        state=State.LEFT,
        way=way,
        activity_id=activity_id,
        token_hash=None,
        token=None,
        created_at=tx.now,
        changed_at=tx.now,
    )
