"""Take part with an e-mail address and no account: a letter to confirm, a link to cancel."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import tokens
from fedcommune.domain.citizens.model import check_email
from fedcommune.domain.events import outgoing
from fedcommune.domain.events.actions import joining, notices
from fedcommune.domain.events.model import AFTERWARDS, UNCONFIRMED, Participation, State
from fedcommune.domain.events.queries import people
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event
from fedcommune.domain.visibility import ANYONE
from fedcommune.errors import Invalid, NotFound
from fedcommune.text import html

MAX_NAME: Final = 100


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def ask(tx: Transaction, post_id: int, email: str, name: str, language: str) -> None:
    """Send a letter to *email* by which somebody confirms that they come to our event.

    Who asked before gets the letter that fits, and whoever typed learns nothing of that.
    Raises NotFound for what not everybody may see, Invalid for what needs a correction, and
    when one cannot take part without an account, :class:`~joining.FullError`.
    """
    email = check_email(email)
    name = html.line(name, limit=MAX_NAME)
    if not name:
        raise Invalid("name", _("Say who comes: a first name is enough."))
    post = await post_queries.by_id(tx.db, ANYONE, post_id)
    event = None if post is None else await happenings.locked(tx.db, post_id)
    if post is None or event is None or not post.local:
        raise NotFound
    joining.check_is_open(tx, event)
    if not event.anonymous:
        raise Invalid("event", _("For this event one needs an account."))
    one = await people.of_email(tx.db, post.id, email)
    if one is not None and one.state in (State.ACCEPTED, State.PENDING, State.REJECTED):
        await _tell(tx, one, event)
        return
    if event.room == 0:
        raise joining.FullError(_("There is no room left at this event."))
    one_id = identifiers.new(tx.now) if one is None else one.id
    token = tokens.new()
    asked = Participation(
        id=one_id,
        post_id=post.id,
        account_id=None,
        email=email,
        name=name,
        language=language,
        message="",
        state=State.UNCONFIRMED,
        way="mail",
        activity_id=None,
        token_hash=tokens.digest(token),
        token=tx.keyring.seal(token.encode(), f"participation {one_id}"),
        created_at=tx.now if one is None else one.created_at,
        changed_at=tx.now,
    )
    await people.save(tx.db, asked)
    page = f"/events/{post.id}/confirm?token={token}"
    await outgoing.letter(tx, "event_confirm", email, language, event, page=page, name=name)


async def look(tx: Transaction, post_id: int, token: str) -> tuple[Participation, Event]:
    """Return whose letter carried *token*, and the event. Raises NotFound."""
    one = await people.of_token(tx.db, tokens.digest(token))
    event = await happenings.of_post(tx.db, post_id)
    if one is None or event is None or one.post_id != post_id:
        raise NotFound
    return one, event


async def confirm(tx: Transaction, post_id: int, token: str) -> Participation:
    """Give a seat to who opened the link of the first letter, or let them wait for a yes.

    Twice is once. Raises NotFound for no such link, Invalid when it is too late,
    :class:`~joining.FullError` when others were faster.
    """
    post, author, event, one = await _held(tx, post_id, token)
    if one.state is not State.UNCONFIRMED:
        return one
    if one.changed_at < tx.now - UNCONFIRMED:
        raise NotFound
    joining.check_is_open(tx, event)
    taken = await joining.take_seat(tx, post, author, event, one)
    await _tell(tx, taken, event)
    return taken


async def withdraw(tx: Transaction, post_id: int, token: str) -> Participation:
    """Take that somebody does not come, by the link of their letter; raises NotFound."""
    post, author, event, one = await _held(tx, post_id, token)
    if one.state in (State.ACCEPTED, State.PENDING, State.UNCONFIRMED):
        await joining.give_up(tx, post, author, event, one)
    return replace(one, state=State.LEFT)


async def forget(tx: Transaction) -> None:
    """Forget addresses that nobody confirmed, and those of people who came long ago."""
    await people.forget(tx.db, unconfirmed=tx.now - UNCONFIRMED, over=tx.now - AFTERWARDS)


async def _held(
    tx: Transaction, post_id: int, token: str
) -> tuple[Post, Account, Event, Participation]:
    post = await post_queries.by_id(tx.db, ANYONE, post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    event = await happenings.locked(tx.db, post_id)
    # Read once the row of the event is held: nobody else decides about it now.
    one = await people.of_token(tx.db, tokens.digest(token))
    if post is None or author is None or event is None or one is None or one.post_id != post_id:
        raise NotFound
    return post, author, event, one


async def _tell(tx: Transaction, one: Participation, event: Event) -> None:
    assert one.email is not None, "whoever has no account has an address"
    kinds = {
        State.ACCEPTED: "event_joined",
        State.PENDING: "event_asked",
        State.REJECTED: "event_refused",
    }
    page = f"/events/{event.post_id}/leave?token={notices.token_of(tx, one)}"
    await outgoing.letter(
        tx,
        kinds[one.state],
        one.email,
        one.language,
        event,
        page="" if one.state is State.REJECTED else page,
    )
