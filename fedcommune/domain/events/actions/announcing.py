"""Announce, change, cancel and put off what takes place."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Final

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.events import recurrence
from fedcommune.domain.events.actions import notices
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.events.queries import agenda, series
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.links import queries as links
from fedcommune.domain.places import queries as places
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import attaching, happenings, occasions
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.posts.occasions import Event, Occasion
from fedcommune.errors import Invalid, NotAllowed, NotFound
from federation.vocabulary.events import Status

FEED: Final = "agenda"
# So far ahead is there an event for each time that something takes place again.
WINDOW: Final = timedelta(days=60)
MAX_AT_ONCE: Final = 62


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def voice_of(tx: Transaction, by: Account) -> Account:
    """Return who announces what *by* organises: themselves, or the agenda for a person.

    Mobilizon shows nothing that a Person announces (product 8.3). Pictures that are to hang on
    the event are kept for this account. Raises NotAllowed for strangers.
    """
    if not by.local or not by.is_active:
        raise NotAllowed(_("Only a living account of ours can announce an event."))
    if by.kind is not Kind.CITIZEN:
        return by
    agenda_ = await accounts.local_by_username(tx.db, FEED)
    return by if agenda_ is None else agenda_


async def announce(
    tx: Transaction, by: Account, announcement: Announcement, *, organiser: Account | None = None
) -> Post:
    """Let *by*, one of ours, announce what takes place; return the post (the first one).

    What takes place again and again is an event for each time in the next weeks, tied
    together. It is *by* who decides about it, unless it is somebody else's, the *organiser*'s.
    Raises Invalid for what needs a correction, NotAllowed for strangers.
    """
    voice = await voice_of(tx, by)
    occasion = await _placed(tx, occasions.checked(announcement.occasion))
    occasion = replace(occasion, organiser_id=(organiser or by).id)
    if not announcement.rule.strip():
        return await feeds.publish(tx, voice, _draft(occasion, announcement))
    rule = recurrence.read(announcement.rule)
    first = occasion.local_start.replace(tzinfo=None)
    until = max(tx.now + WINDOW, occasion.starts_at)
    moments = recurrence.between(
        rule,
        first,
        occasion.zone,
        occasion.starts_at - timedelta(seconds=1),
        until,
        limit=MAX_AT_ONCE,
    )
    series_id = identifiers.new(tx.now)
    await series.insert(tx.db, series_id, by.id, str(rule), occasion.zone, first, until)
    made = [
        await feeds.publish(
            tx,
            voice,
            _draft(
                replace(_moved(occasion, moment), series_id=series_id, occurrence=moment),
                announcement,
            ),
        )
        for moment in moments
    ]
    return made[0]


async def go_on(tx: Transaction, series_id: int) -> int:
    """Announce the next times of a series, as its latest event stands; return how many.

    The others who come to do so find nothing left to do.
    """
    found = await series.locked(tx.db, series_id)
    if found is None or found.ended_at is not None:
        return 0
    known = await agenda.of_series(tx.db, series_id)
    pattern = next((each for each in reversed(known) if not each.is_off), None)
    organiser = await accounts.by_id(tx.db, found.organiser_id)
    if pattern is None or organiser is None or not organiser.is_active:
        await series.end(tx.db, series_id, tx.now)
        return 0
    post = await post_queries.locked(tx.db, pattern.post_id)
    until = tx.now + WINDOW
    rule = recurrence.read(found.rule)
    moments = recurrence.between(
        rule, found.first_start, found.zone, found.made_until, until, limit=MAX_AT_ONCE
    )
    if post is None or post.deleted_at is not None:
        await series.end(tx.db, series_id, tx.now)
        return 0
    voice = await voice_of(tx, organiser)
    # A picture is its sender's: another voice shows none.
    media = await attaching.attached(tx, post) if voice.id == post.author_id else None
    for moment in moments:
        occasion = replace(
            _moved(plain(pattern), moment),
            status="confirmed",
            previous_start=None,
            occurrence=moment,
            uid="",
        )
        await feeds.publish(tx, voice, Draft(text=post.source, event=occasion, media=media))
    await series.made_until(tx.db, series_id, max(until, found.made_until))
    return len(moments)


async def change(
    tx: Transaction,
    by: Account,
    post_id: int,
    announcement: Announcement,
    *,
    following: bool = False,
) -> Post:
    """Let *by* say anew what an event is; with *following*, of the later times too.

    Who takes part is told when the moment or the place is another. Raises NotFound, NotAllowed
    when *by* does not organise it, Invalid for what needs a correction and for less room than
    there are people who come already.
    """
    post, author, event = await own(tx, by, post_id)
    wanted = await _placed(tx, occasions.checked(announcement.occasion))
    later = [] if not following else await _later(tx, event)
    changed = await _change(tx, author, post, event, wanted, announcement)
    shift = wanted.starts_at - event.starts_at
    for found, each in later:
        if not each.is_off:
            moved = replace(_moved(wanted, each.starts_at + shift), status=each.status)
            await _change(tx, author, found, each, moved, announcement)
    return changed


async def cancel(
    tx: Transaction, by: Account, post_id: int, *, reason: str = "", following: bool = False
) -> Post:
    """Let *by* call an event off, and with *following* all its later times; raises as above.

    Everybody who has it is told, and who meant to come by name.
    """
    if following:
        # Before any of its times, as who makes the next ones does.
        known = await happenings.of_post(tx.db, post_id)
        if known is not None and known.series_id is not None:
            await series.locked(tx.db, known.series_id)
    post, author, event = await own(tx, by, post_id)
    if following and event.series_id is not None:
        for found, each in await _later(tx, event):
            await _set_status(tx, author, found, each, "cancelled", reason)
        await series.end(tx.db, event.series_id, tx.now)
    return await _set_status(tx, author, post, event, "cancelled", reason)


async def postpone(
    tx: Transaction,
    by: Account,
    post_id: int,
    starts_at: datetime | None = None,
    *,
    reason: str = "",
) -> Post:
    """Let *by* put an event off: to *starts_at*, or to a moment that nobody knows yet.

    It takes as long as before. Raises as :func:`change`.
    """
    post, author, event = await own(tx, by, post_id)
    if starts_at is None:
        return await _set_status(tx, author, post, event, "postponed", reason)
    if starts_at <= tx.now:
        raise Invalid("starts_at", _("Choose a moment that is still to come."))
    moved = replace(
        _moved(plain(event), starts_at), status="rescheduled", previous_start=event.starts_at
    )
    return await _say(tx, author, post, event, moved, post.source, reason=reason)


async def remove(tx: Transaction, by: Account, post_id: int) -> None:
    """Let *by* take an event away, for good and everywhere; who takes part is told before."""
    post, author, event = await own(tx, by, post_id)
    if not event.is_off and event.end > tx.now:
        post = await call_off(tx, author, post, event)
    await posts.remove(tx, author, post)


async def call_off(tx: Transaction, author: Account, post: Post, event: Event) -> Post:
    """Say that an event of ours is off, and tell who meant to come; who decides is not asked."""
    return await _set_status(tx, author, post, event, "cancelled", "")


async def own(tx: Transaction, by: Account, post_id: int) -> tuple[Post, Account, Event]:
    """Return an event of ours that *by* organises, its rows locked, and who announces it.

    Raises NotFound when there is none, NotAllowed when others organise it.
    """
    post = await post_queries.locked(tx.db, post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    event = await happenings.locked(tx.db, post_id)
    if post is None or author is None or event is None or not post.local or post.deleted_at:
        raise NotFound
    if not await organises(tx, by, event, author):
        raise NotAllowed(_("Only who organises an event can change it."))
    return post, author, event


async def organises(tx: Transaction, by: Account, event: Event, author: Account) -> bool:
    """Tell whether *by* decides about an event: as who organises it, or as who administers that."""
    if not by.local or not by.is_active:
        return False
    if by.id in (author.id, event.organiser_id):
        return True
    ids = {author.id, event.organiser_id or author.id}
    for each in ids:
        if await links.is_admin(tx.db, by.id, each):
            return True
    return False


async def _change(
    tx: Transaction,
    author: Account,
    post: Post,
    event: Event,
    wanted: Occasion,
    announcement: Announcement,
) -> Post:
    if wanted.capacity is not None and wanted.capacity < event.participants:
        raise Invalid("capacity", _("More people come already: leave room for them."))
    occasion = replace(
        wanted,
        organiser_id=event.organiser_id,
        series_id=event.series_id,
        occurrence=event.occurrence,
        uid=event.uid,
        previous_start=event.previous_start,
    )
    return await _say(
        tx, author, post, event, occasion, announcement.words, media=announcement.media
    )


async def _set_status(
    tx: Transaction, author: Account, post: Post, event: Event, status: Status, reason: str
) -> Post:
    if event.status == status:
        return post
    previous = event.starts_at if status == "postponed" else event.previous_start
    occasion = replace(plain(event), status=status, previous_start=previous)
    return await _say(tx, author, post, event, occasion, post.source, reason=reason)


async def _say(
    tx: Transaction,
    author: Account,
    post: Post,
    before: Event,
    occasion: Occasion,
    words: str,
    *,
    reason: str = "",
    media: tuple[int, ...] | None = None,
) -> Post:
    said = await posts.edit(tx, author, post.id, Draft(text=words, event=occasion, media=media))
    after = await happenings.of_post(tx.db, post.id)
    assert after is not None, "what was said is there"
    if notices.matters(before, after) and before.end > tx.now:
        await notices.changed(tx, said, author, after, reason)
    return said


async def _later(tx: Transaction, event: Event) -> list[tuple[Post, Event]]:
    """Return the times after *event* that are still there.

    Their rows are locked all at once, before anything that they share.
    """
    if event.series_id is None:
        return []
    times = await agenda.of_series(tx.db, event.series_id)
    found = [
        (await post_queries.locked(tx.db, each.post_id), each)
        for each in times
        if each.starts_at > event.starts_at
    ]
    return [(post, each) for post, each in found if post is not None and post.deleted_at is None]


async def _placed(tx: Transaction, occasion: Occasion) -> Occasion:
    """Return *occasion* with what the directory knows of its place. Raises Invalid."""
    if occasion.place_id is None:
        return occasion
    place = await places.by_id(tx.db, occasion.place_id)
    if place is None:
        raise Invalid("place", _("This place is no longer there: choose another."))
    return replace(
        occasion,
        place_name=place.name,
        street=place.street,
        postal_code=place.postal_code,
        locality=place.locality,
        latitude=place.latitude,
        longitude=place.longitude,
    )


def _draft(occasion: Occasion, announcement: Announcement) -> Draft:
    return Draft(text=announcement.words, event=occasion, media=announcement.media)


def _moved(occasion: Occasion, starts_at: datetime) -> Occasion:
    """Return *occasion* at another moment, as long as before."""
    ends_at = None
    if occasion.ends_at is not None:
        ends_at = starts_at + (occasion.ends_at - occasion.starts_at)
    return replace(occasion, starts_at=starts_at, ends_at=ends_at)


def plain(event: Event) -> Occasion:
    """Return what was said of an event, without what became of it."""
    return Occasion(**{each.name: getattr(event, each.name) for each in fields(Occasion)})
