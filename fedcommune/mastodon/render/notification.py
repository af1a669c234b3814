"""What people are told becomes the entities that apps read, alone or in groups."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from fedcommune.database import Executor
from fedcommune.domain.collections import queries as recommendations
from fedcommune.domain.notifications import asked
from fedcommune.domain.notifications.groups import SAMPLES, Group, key
from fedcommune.domain.notifications.model import Kind, Notification
from fedcommune.domain.visibility import Viewer
from fedcommune.instance import Instance
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import moment
from fedcommune.mastodon.render import account as accounts
from fedcommune.mastodon.render import collection as collections
from fedcommune.mastodon.render import filtered, offices
from fedcommune.mastodon.render import status as statuses
from fedcommune.mastodon.render.fallback import TYPES, Known, fallback


class NotificationGroup(Struct, frozen=True, kw_only=True):
    """What is told together."""

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: str
    page_min_id: str | None
    page_max_id: str | None
    latest_page_notification_at: str | None
    sample_account_ids: list[str]
    status_id: str | None = None
    collection: entities.Collection | None = None
    report: entities.Report | None = None
    event: entities.RelationshipSeveranceEvent | None = None
    moderation_warning: entities.AccountWarning | None = None
    fallback: entities.NotificationFallback | None = None


class GroupedNotifications(Struct, frozen=True, kw_only=True):
    """A page of groups, with the people and statuses that they speak of, each once."""

    accounts: list[entities.Account]
    statuses: list[entities.Status]
    notification_groups: list[NotificationGroup]


def kinds(types: Collection[str]) -> set[Kind]:
    """Return what apps mean by *types*; those that do not exist here are left out."""
    return {kind for kind, name in TYPES.items() if name in types}


async def notifications(
    db: Executor,
    instance: Instance,
    found: Sequence[Notification],
    viewer: Viewer,
    now: datetime,
    known: Known | None = None,
) -> list[entities.Notification]:
    """Return the entities of *found*, in their order, with as many queries for one as for forty.

    What is about a status that a filter hides from notifications is left out. Of a kind that
    the app does not know, as far as that is *known*, words are there to show instead.
    """
    about = await _statuses(db, instance, found, viewer, now)
    # Who is answered or named is told of it by whom wrote: those are drawn already.
    people = {int(shown.account.id): shown.account for shown in about.values()}
    others = {each.from_id for each in found} - people.keys()
    people |= await accounts.by_ids(db, instance, others) if others else {}
    hidden = _hidden(about)
    recommended = await _collections(db, instance, found, viewer)
    official = await offices.told(db, instance, found, viewer)
    questions = {} if known is None else await asked.of(db, instance, found)
    return [
        entities.Notification(
            id=str(each.id),
            type=TYPES[each.kind],
            group_key=key(each),
            created_at=moment(each.created_at),
            account=people[each.from_id],
            status=about.get(each.post_id or 0),
            collection=recommended.get(each.collection_id or 0),
            report=official.reports.get(each.id),
            event=official.severances.get(each.id),
            moderation_warning=official.warnings.get(each.id),
            fallback=fallback(
                instance, each.kind, name_of(people[each.from_id]), known, questions.get(each.id)
            ),
        )
        for each in found
        if each.from_id in people and each.post_id not in hidden
    ]


async def grouped(
    db: Executor,
    instance: Instance,
    found: Sequence[Group],
    viewer: Viewer,
    now: datetime,
    known: Known | None = None,
) -> GroupedNotifications:
    """Return the entity of a page of groups, without those about what a filter hides."""
    about = await _statuses(db, instance, [group.latest for group in found], viewer, now)
    hidden = _hidden(about)
    found = [group for group in found if group.latest.post_id not in hidden]
    people = await accounts.by_ids(
        db, instance, {account_id for group in found for account_id in group.people[:SAMPLES]}
    )
    latest = [group.latest for group in found]
    questions = {} if known is None else await asked.of(db, instance, latest)
    words = {
        each.id: fallback(
            instance, each.kind, name_of(people[each.from_id]), known, questions.get(each.id)
        )
        for each in latest
        if each.from_id in people
    }
    recommended = await _collections(db, instance, latest, viewer)
    official = await offices.told(db, instance, latest, viewer)
    return GroupedNotifications(
        accounts=list(people.values()),
        statuses=[shown for post_id, shown in about.items() if post_id not in hidden],
        notification_groups=[
            _group(group, about, recommended, official, words.get(group.latest.id))
            for group in found
        ],
    )


def _group(
    group: Group,
    about: Mapping[int, entities.Status],
    recommended: Mapping[int, entities.Collection],
    official: offices.Official,
    words: entities.NotificationFallback | None,
) -> NotificationGroup:
    latest = group.latest
    return NotificationGroup(
        group_key=group.key,
        notifications_count=len(group.notifications),
        type=TYPES[latest.kind],
        most_recent_notification_id=str(latest.id),
        page_min_id=str(group.notifications[-1].id),
        page_max_id=str(latest.id),
        latest_page_notification_at=moment(latest.created_at),
        sample_account_ids=[str(each) for each in group.people[:SAMPLES]],
        status_id=str(latest.post_id) if latest.post_id in about else None,
        collection=recommended.get(latest.collection_id or 0),
        report=official.reports.get(latest.id),
        event=official.severances.get(latest.id),
        moderation_warning=official.warnings.get(latest.id),
        fallback=words,
    )


def name_of(account: entities.Account) -> str:
    return account.display_name or account.username


def _hidden(about: Mapping[int, entities.Status]) -> set[int]:
    return {post_id for post_id, shown in about.items() if filtered.hides(shown, "notifications")}


async def _collections(
    db: Executor, instance: Instance, found: Sequence[Notification], viewer: Viewer
) -> dict[int, entities.Collection]:
    ids = {each.collection_id for each in found if each.collection_id is not None}
    seen = await recommendations.by_ids(db, viewer, ids) if ids else {}
    shown = await collections.collections(db, instance, list(seen.values()), viewer)
    return dict(zip(seen, shown, strict=True))


async def _statuses(
    db: Executor,
    instance: Instance,
    found: Sequence[Notification],
    viewer: Viewer,
    now: datetime,
) -> dict[int, entities.Status]:
    ids = {each.post_id for each in found if each.post_id is not None}
    return await statuses.by_ids(db, instance, viewer, ids, now)
