"""Take events from calendars elsewhere: new, changed, called off; never twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.calendar_reading import Found, Item
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.events.queries import calendars
from fedcommune.domain.events.queries.calendars import Calendar, Pull
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import MAX_CHARACTERS
from fedcommune.domain.posts.occasions import Event, Occasion, checked
from fedcommune.errors import CommuneError, Conflict, Invalid, NotAllowed, NotFound

MAX_CALENDARS: Final = 10
EVERY: Final = timedelta(hours=1)
LONGEST_WAIT: Final = timedelta(days=1)
# So many new events are announced at a time; the others come with the next hour.
MAX_NEW: Final = 50


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(slots=True)
class _Tally:
    added: int = 0
    changed: int = 0
    cancelled: int = 0
    skipped: int = 0


async def add(tx: Transaction, account: Account, url: str, every: timedelta = EVERY) -> Calendar:
    """Let one of ours take its events from the calendar at *url*, read every so often.

    Raises Invalid for what is no web address, Conflict when it is known, NotAllowed.
    """
    if not account.local or not account.is_active:
        raise NotAllowed(_("Only a living account of ours can take events from a calendar."))
    address = url.strip()
    if address.startswith("webcal://"):
        address = f"https://{address.removeprefix('webcal://')}"
    if not address.startswith(("https://", "http://")) or len(address) > 1_000:
        raise Invalid("url", _("The address of a calendar begins with https:// or webcal://."))
    if not EVERY <= every <= timedelta(days=30):
        raise Invalid("every", _("A calendar is read every 1 to 720 hours."))
    known = await calendars.of_account(tx.db, account.id)
    if len(known) >= MAX_CALENDARS:
        raise Conflict(_("At most {limit} calendars: remove one first."), limit=MAX_CALENDARS)
    calendar = Calendar(identifiers.new(tx.now), account.id, address, every, tx.now, 0, tx.now)
    if not await calendars.insert(tx.db, calendar):
        raise Conflict(_("This calendar is read already."))
    return calendar


async def remove(tx: Transaction, account: Account, calendar_id: int) -> None:
    """Read a calendar no more; its events stay. Raises NotFound."""
    if not await calendars.delete(tx.db, account.id, calendar_id):
        raise NotFound(_("There is no such calendar."))


async def take(tx: Transaction, calendar: Calendar, account: Account, found: Found) -> Pull:
    """Let the events of *account* be what its calendar says; write down what came of it.

    What says the same as before is left alone: so the same calendar read twice changes
    nothing. What is no longer in it, and still to come, is called off. The people who come are
    told as if the organisers had done it.
    """
    tally = _Tally()
    problems = list(found.problems)
    known = await calendars.items(tx.db, calendar.id)
    for item in found.items:
        key = (item.uid, item.recurrence)
        digest = hashlib.sha256(repr(item).encode()).digest()
        before = known.pop(key, None)
        if before is not None and before[1] == digest:
            tally.skipped += 1
            continue
        try:
            post_id = await _one(tx, account, item, None if before is None else before[0], tally)
        except CommuneError as error:
            problems.append(f"{item.name}: {error}")
            tally.skipped += 1
            continue
        if post_id is not None:
            await calendars.keep(tx.db, calendar.id, key, post_id, digest)
    if found.is_whole:
        for key, (post_id, _digest) in known.items():
            if await _gone(tx, account, post_id):
                # It takes place again as soon as it is back, even if it says the same.
                await calendars.keep(tx.db, calendar.id, key, post_id, b"")
                tally.cancelled += 1
    pull = Pull(
        identifiers.new(tx.now),
        calendar.id,
        tx.now,
        tally.added,
        tally.changed,
        tally.cancelled,
        tally.skipped,
        "; ".join(problems)[:1_000],
    )
    await calendars.log(tx.db, pull)
    await calendars.postpone(tx.db, calendar.id, tx.now + calendar.every, failures=0)
    return pull


async def failed(tx: Transaction, calendar: Calendar, problem: str) -> Pull:
    """Write down why a calendar could not be read; it is read again later, and later."""
    pull = Pull(identifiers.new(tx.now), calendar.id, tx.now, 0, 0, 0, 0, problem[:1_000])
    await calendars.log(tx.db, pull)
    failures = calendar.failures + 1
    wait = max(calendar.every, min(LONGEST_WAIT, calendar.every * 2 ** min(failures, 6)))
    await calendars.postpone(tx.db, calendar.id, tx.now + wait, failures=failures)
    return pull


async def _one(
    tx: Transaction, account: Account, item: Item, post_id: int | None, tally: _Tally
) -> int | None:
    """Announce, change or call off one event; return its post, None when there is to be none."""
    event = None if post_id is None else await happenings.of_post(tx.db, post_id)
    if event is None:
        if post_id is not None or item.status == "cancelled":
            # Somebody took it away here, or it never was: it does not come back.
            tally.skipped += 1
            return None
        if tally.added >= MAX_NEW:
            tally.skipped += 1
            return None
        announcement = Announcement(_occasion(tx, item), item.text[:MAX_CHARACTERS])
        post = await announcing.announce(tx, account, announcement)
        tally.added += 1
        return post.id
    if item.status == "cancelled":
        await announcing.cancel(tx, account, event.post_id)
        tally.cancelled += 1
        return event.post_id
    changed = Announcement(_changed(tx, event, item), item.text[:MAX_CHARACTERS], media=None)
    await announcing.change(tx, account, event.post_id, changed)
    tally.changed += 1
    return event.post_id


async def _gone(tx: Transaction, account: Account, post_id: int) -> bool:
    """Call off what is no longer in the calendar; return False when there is nothing to do."""
    event = await happenings.of_post(tx.db, post_id)
    post = await posts.locked(tx.db, post_id)
    if event is None or post is None or event.is_off or event.end <= tx.now:
        return False
    await announcing.cancel(tx, account, post_id)
    return True


def _occasion(tx: Transaction, item: Item) -> Occasion:
    return checked(
        Occasion(
            name=item.name,
            starts_at=item.starts_at,
            ends_at=item.ends_at,
            zone=item.zone,
            category=item.category or "COMMUNITY",
            status=item.status,
            place_name=item.place,
            latitude=item.latitude,
            longitude=item.longitude,
            website=item.url,
            join_mode="free",
        )
    )


def _changed(tx: Transaction, event: Event, item: Item) -> Occasion:
    """Return what the calendar says now, and what was decided here: room, how one comes."""
    said = _occasion(tx, item)
    return replace(
        said,
        category=item.category or event.category,
        join_mode=event.join_mode,
        join_url=event.join_url,
        capacity=event.capacity,
        anonymous=event.anonymous,
        named=event.named,
        price=event.price,
        place_id=event.place_id if event.place_name == item.place else None,
        online_url=event.online_url,
    )
