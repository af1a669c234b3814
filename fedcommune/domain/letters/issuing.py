"""The week of the commune: ask for it, confirm it, send it to everybody who wants it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.citizens import barriers, tokens
from fedcommune.domain.citizens.model import check_email
from fedcommune.domain.letters import stopping, subscribers, weekly
from fedcommune.domain.letters.actions import GOOD_FOR
from fedcommune.domain.letters.model import Hours, Pace, Subject
from fedcommune.domain.letters.stopping import Stop
from fedcommune.domain.letters.subscribers import Issue, Recipient, Subscriber
from fedcommune.domain.letters.weekly import Week
from fedcommune.domain.notices.model import moment
from fedcommune.errors import NotFound
from fedcommune.mail import letters, queue
from fedcommune.mail.letters import Letter

CONFIRM: Final = "/letters/confirm"
TICKET: Final = timedelta(hours=24)
# Whoever did not confirm their address by then is forgotten.
UNCONFIRMED: Final = timedelta(days=7)
# A week that could not be sent for so long is left out; two weeks at most stand in one letter.
LATE: Final = timedelta(days=3)
WEEK: Final = timedelta(days=7)
# So many get it in one transaction.
TOGETHER: Final = 50


async def ask(tx: Transaction, email: str, language: str, *, address: str) -> None:
    """Somebody at the IP *address* wants the week of the commune: a letter asks them to confirm.

    Whatever is known of *email*, nothing tells it but a letter to it: who gets it already is
    told so, from where nobody signs up nothing is sent. Raises Invalid for what is no address.
    """
    email = check_email(email)
    if (await barriers.before(tx.db, email, address, tx.now)).refused:
        return
    known = await subscribers.by_email(tx.db, email)
    if known is not None and known.confirmed_at is not None:
        stop = stopping.link(tx.instance, tx.keyring, Stop("subscriber", known.id, "commune"))
        letter = letters.write(
            tx.instance,
            "weekly_known",
            known.email,
            known.language,
            link=stop,
        )
        await queue.post(tx, replace(letter, unsubscribe=stop))
        return
    token = tokens.new()
    fresh = Subscriber(identifiers.new(tx.now), email, language, tx.now, None)
    await subscribers.ask(tx.db, fresh, tokens.digest(token), tx.now + TICKET)
    letter = letters.write(
        tx.instance,
        "weekly_confirm",
        email,
        language,
        link=f"{tx.instance.origin}{CONFIRM}?token={token}",
        expires_at=tx.now + TICKET,
    )
    await queue.post(tx, letter)


async def look_at(tx: Transaction, token: str) -> Subscriber:
    """Return who would confirm with *token*. Raises NotFound when it is not good (any more)."""
    found = await subscribers.by_ticket(tx.db, tokens.digest(token), tx.now)
    if found is None:
        raise NotFound
    return found


async def confirm(tx: Transaction, token: str) -> Subscriber:
    """Let whoever holds *token* get the letter. Raises NotFound; a token is good once."""
    found = await look_at(tx, token)
    await subscribers.confirm(tx.db, found.id, tx.now)
    return found


async def begin(tx: Transaction, when: datetime) -> None:
    """Begin the weekly letter of *when*: of what is new since the one before."""
    last = await subscribers.latest(tx.db)
    since = when - WEEK
    if last is not None:
        if last.moment >= when:
            return
        since = max(last.moment, when - 2 * WEEK)
    await subscribers.open_issue(tx.db, Issue(identifiers.new(tx.now), since, when, None))


async def is_due(tx: Transaction, hours: Hours) -> datetime | None:
    """Return the moment of the weekly letter that has come and was not begun."""
    when = hours.last(Pace.WEEKLY, tx.now)
    last = await subscribers.latest(tx.db)
    if tx.now - when > LATE or (last is not None and last.moment >= when):
        return None
    return when


async def send_some(tx: Transaction, issue: Issue) -> bool:
    """Send *issue* to some more of those who want it, each once; return whether any were left.

    Of several processes one sends at a time. A week in which nothing happened is sent to nobody.
    """
    if not await subscribers.hold(tx.db, issue.id):
        return False
    waiting = await subscribers.waiting(tx.db, issue, limit=TOGETHER)
    week = None
    if waiting:
        week = await weekly.of(tx.db, tx.instance, issue.since, issue.moment, tx.now)
    if week is None or week.is_empty:
        await subscribers.finish(tx.db, issue.id, tx.now)
        return False
    for recipient in waiting:
        if await subscribers.claim(tx.db, issue.id, recipient.email):
            await queue.post(tx, letter_of(tx, week, recipient))
    return True


def letter_of(tx: Transaction, week: Week, recipient: Recipient) -> Letter:
    """Return the letter of a week to somebody."""
    stop = Stop(recipient.whose, recipient.id, Subject.COMMUNE.value)
    return letters.compose(
        tx.instance,
        "weekly",
        recipient.email,
        recipient.language,
        unsubscribe=stopping.link(tx.instance, tx.keyring, stop),
        expires_at=tx.now + GOOD_FOR[Pace.WEEKLY],
        week=week,
        citizen=recipient.whose == "citizen",
        when=lambda value: moment(tx.instance, value, recipient.language),
    )
