"""Tell those who take part what became of it, and remind them."""

from __future__ import annotations

from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.events import outgoing
from fedcommune.domain.events.model import Participation, State
from fedcommune.domain.events.queries import agenda, people
from fedcommune.domain.links import queries as links
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind as Told
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.posts.occasions import Event
from fedcommune.domain.posts.sentences import sentence
from fedcommune.domain.visibility import Visibility
from fedcommune.i18n import translate

# Of so many at most who said by an answer that they come, each gets one back.
MAX_ANSWERS: Final = 200


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def matters(before: Event, after: Event) -> bool:
    """Tell whether who takes part must know: another moment, another place, or nothing at all."""
    return (before.starts_at, before.ends_at, before.status, before.where, before.online_url) != (
        after.starts_at,
        after.ends_at,
        after.status,
        after.where,
        after.online_url,
    )


async def changed(tx: Transaction, post: Post, author: Account, event: Event, reason: str) -> None:
    """Tell everybody who takes part how an event of ours stands now.

    Servers of those who asked by a Join have the Update already. Who asked by an answer, from
    a software that knows no events, is answered; who gave an address gets a letter.
    """
    taking = await people.of_event(tx.db, post.id)
    by_id = await accounts.by_ids(tx.db, [each.account_id for each in taking if each.account_id])
    answers = 0
    for one in taking:
        account = by_id.get(one.account_id or 0)
        if one.email is not None:
            await outgoing.letter(
                tx, "event_changed", one.email, one.language, event, reason=reason
            )
        elif account is None or not account.is_active:
            continue
        elif account.local:
            await notifications.take_back(tx, account.id, Told.EVENT_UPDATE, author.id, post.id)
            await notifications.tell(tx, account.id, Told.EVENT_UPDATE, author.id, post.id)
            await _letter_to(tx, account, "event_changed", event, reason=reason)
        elif one.way == "reply" and answers < MAX_ANSWERS:
            answers += 1
            await answer(tx, post, author, account, event, reason)


async def remind(tx: Transaction, post_id: int, *, soon: bool) -> bool:
    """Remind our people, and those with an address, of an event; once, whoever comes to do it.

    Of a stranger's event only our own people are reminded.
    """
    if not await agenda.reminded(tx.db, post_id, soon=soon):
        return False
    post = await post_queries.locked(tx.db, post_id)
    event = await happenings.of_post(tx.db, post_id)
    if post is None or event is None or post.deleted_at is not None:
        return False
    kind = Told.EVENT_SOON if soon else Told.EVENT_TOMORROW
    name = "event_soon" if soon else "event_tomorrow"
    for one in await people.of_event(tx.db, post_id):
        if one.state is not State.ACCEPTED:
            continue
        if one.email is not None:
            page = f"/events/{post_id}/leave?token={token_of(tx, one)}"
            await outgoing.letter(tx, name, one.email, one.language, event, page=page)
        elif one.account_id is not None:
            account = await accounts.by_id(tx.db, one.account_id)
            if account is not None and account.local and account.is_active:
                await notifications.tell(tx, account.id, kind, post.author_id, post_id)
                await _letter_to(tx, account, name, event)
    return True


async def tell_organisers(
    tx: Transaction, post: Post, author: Account, event: Event, kind: Told, subject: Account
) -> None:
    """Tell those who decide about an event of ours what *subject* asked, or does."""
    organiser = await accounts.by_id(tx.db, event.organiser_id or author.id) or author
    told = {organiser.id} if organiser.kind is Kind.CITIZEN else set()
    told |= set(await links.lock_admins(tx.db, organiser.id))
    for each in sorted(told | {organiser.id}):
        await notifications.tell(tx, each, kind, subject.id, post.id)


def token_of(tx: Transaction, one: Participation) -> str:
    """Return the token that the letters of *one* carry; empty when there is none."""
    if one.token is None:
        return ""
    return tx.keyring.open(one.token, f"participation {one.id}").decode()


async def _letter_to(
    tx: Transaction, account: Account, kind: str, event: Event, **values: str
) -> None:
    citizen = await citizens.by_account(tx.db, account.id)
    if citizen is not None:
        await outgoing.letter(tx, kind, citizen.email, citizen.language, event, **values)


async def answer(
    tx: Transaction, post: Post, author: Account, to: Account, event: Event, reason: str
) -> None:
    """Answer *to*, who said in words that they come, how it stands, and nobody else."""
    language = tx.instance.language
    text = translate(
        language,
        _("@{name} About “{event}”: {facts} {reason}"),
        name=to.handle,
        event=event.name,
        facts=sentence(event, language, home=tx.instance.timezone),
        reason=reason,
    )
    await posts.publish(
        tx,
        author,
        Draft(
            text=text.strip(),
            visibility=Visibility.DIRECT,
            in_reply_to=post.id,
            mentioned=(to,),
            language=language,
        ),
    )
