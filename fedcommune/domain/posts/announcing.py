"""Let a post be an event, say so in its words and its document, and learn those of strangers."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.posts import happenings, occasions
from fedcommune.domain.posts.model import Attachment, Post
from fedcommune.domain.posts.occasions import Event, Occasion
from fedcommune.domain.posts.sentences import sentence
from fedcommune.i18n import translate
from fedcommune.text import html
from federation.vocabulary import attachments as files
from federation.vocabulary import event_drafts
from federation.vocabulary.notes import NoteView
from federation.vocabulary.places import Place


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


def worded(tx: Transaction, occasion: Occasion, description: str) -> str:
    """Return the words of our event for those who show only words: the sentence comes first."""
    said = sentence(occasion, tx.instance.language, home=tx.instance.timezone)
    return f"<p>{html.escape(said)}</p>{description}"


async def hang(tx: Transaction, post: Post, occasion: Occasion, description: str) -> None:
    """Let our *post* be this event; each time that it is said anew it has a higher number.

    Calendars need that number to know which of two copies is the later (RFC 5545, 3.8.7.4).
    """
    known = await happenings.locked(tx.db, post.id)
    said: dict[str, Any] = {each.name: getattr(occasion, each.name) for each in fields(Occasion)}
    uid = occasion.uid or (known.uid if known else f"{post.id}@{tx.instance.host}")
    await happenings.hang(
        tx.db,
        Event(
            **{**said, "uid": uid},
            post_id=post.id,
            description=description,
            sequence=0 if known is None else known.sequence + 1,
        ),
        tx.now,
    )


async def learn(tx: Transaction, post: Post, view: NoteView) -> None:
    """Let a stranger's *post*, new or edited, be the event that *view* tells of, or none."""
    event = None
    if view.event is not None:
        event = occasions.told(
            post.id, post.object_id, view.event, view.title, tx.instance.timezone
        )
    if event is None:
        await happenings.drop(tx.db, post.id)
        return
    # Whoever its server names may say later that it is off (see behalf).
    organisers = tuple(dict.fromkeys((*event.organisers, *view.authors)))
    event = replace(event, organisers=organisers)
    await happenings.hang(tx.db, event, tx.now)
    await happenings.count(tx.db, post.id, event.participants)


async def refresh(tx: Transaction, post: Post, view: NoteView) -> bool:
    """Take how many come to a stranger's event from *view*, which comes from its author.

    Returns whether that is news. Anything else needs an edit.
    """
    if view.event is None or view.event.participants is None or post.local:
        return False
    known = await happenings.locked(tx.db, post.id)
    taking = min(view.event.participants, occasions.MAX_CAPACITY)
    if known is None or known.participants == taking:
        return False
    await happenings.count(tx.db, post.id, taking)
    return True


async def extensions(
    tx: Transaction, post: Post, author: Account, event: Event, banners: list[Attachment]
) -> dict[str, Any]:
    """Return what the document of our event says that no other post does (product 8.3)."""
    rule = None if event.series_id is None else await happenings.rule_of(tx.db, event.series_id)
    banner = next((each for each in banners if each.media_type.startswith("image/")), None)
    written = event_drafts.write(
        event_drafts.EventDraft(
            id=post.object_id,
            actor=author.actor_id,
            summary=sentence(event, tx.instance.language, home=tx.instance.timezone),
            starts_at=event.local_start,
            ends_at=event.local_end,
            timezone=event.zone,
            organizers=tuple(await organisers(tx, event, author)),
            category=event.category,
            status=event.status,
            previous_start=None
            if event.previous_start is None
            else event.previous_start.astimezone(ZoneInfo(event.zone)),
            join_mode=event.join_mode,
            join_url=event.join_url,
            capacity=event.capacity,
            participants=event.participants,
            anonymous=event.anonymous,
            place=await _place(tx, post, event),
            online_url=event.online_url,
            online_name=translate(tx.instance.language, _("Online")),
            website=event.website,
            banner=None
            if banner is None
            else files.Attachment(
                banner.url,
                banner.media_type,
                banner.description,
                banner.width,
                banner.height,
                banner.blurhash,
            ),
            series=None if event.series_id is None else tx.instance.series(event.series_id),
            rule=rule,
            price=event.price,
        )
    )
    said = {post.language: event.description} if post.language else None
    return {"content": event.description, "contentMap": said, **written}


async def organisers(tx: Transaction, event: Event, author: Account) -> list[str]:
    """Return the ids of those who organise: who says so, and the person behind it if named."""
    found = [author.actor_id]
    if event.organiser_id not in (None, author.id):
        person = await accounts.by_id(tx.db, event.organiser_id or 0)
        if person is not None and person.is_active:
            if person.kind is not Kind.CITIZEN:
                found = [person.actor_id]
            elif event.named:
                found = [person.actor_id, author.actor_id]
    return found


async def _place(tx: Transaction, post: Post, event: Event) -> Place | None:
    if not event.where and event.latitude is None:
        return None
    place_id = f"{post.object_id}/place"
    if event.place_id is not None:
        place_id = tx.instance.place(event.place_id)
    return Place(
        id=place_id,
        # Gancio takes no place without a name.
        name=event.place_name or event.where or f"{event.latitude}, {event.longitude}",
        latitude=event.latitude,
        longitude=event.longitude,
        street=event.street,
        postal_code=event.postal_code,
        locality=event.locality,
        country="FR" if event.street or event.postal_code or event.locality else "",
    )
