"""Whom people recommend becomes the entities that apps read."""

from __future__ import annotations

from collections.abc import Sequence

from fedcommune.database import Executor
from fedcommune.domain.collections import queries
from fedcommune.domain.collections.model import Collection, Item, State
from fedcommune.domain.visibility import Viewer
from fedcommune.instance import Instance
from fedcommune.mastodon import entities_collections as entities
from fedcommune.mastodon.entities_parts import ShallowTag
from fedcommune.mastodon.json import moment
from fedcommune.text import html


async def collections(
    db: Executor, instance: Instance, found: Sequence[Collection], viewer: Viewer
) -> list[entities.Collection]:
    """Return the entities of *found*, in their order, with one query however many there are."""
    if not found:
        return []
    items = await queries.items(db, viewer, [each.id for each in found])
    return [_collection(instance, each, items[each.id]) for each in found]


async def collection(
    db: Executor, instance: Instance, found: Collection, viewer: Viewer
) -> entities.Collection:
    """Return the entity of one collection."""
    (entity,) = await collections(db, instance, [found], viewer)
    return entity


def item(found: Item) -> entities.CollectionItem:
    """Return the entity of one item; who refused is shown to nobody."""
    return entities.CollectionItem(
        id=str(found.id),
        account_id=str(found.account_id),
        state="accepted" if found.state is State.ACCEPTED else "pending",
        created_at=moment(found.created_at),
    )


def _collection(
    instance: Instance, found: Collection, items: Sequence[Item]
) -> entities.Collection:
    topic = found.topic
    return entities.Collection(
        id=str(found.id),
        account_id=str(found.account_id),
        uri=found.object_id,
        url=found.url,
        name=found.name,
        description=html.escape(found.description),
        language=found.language,
        local=found.local,
        sensitive=found.sensitive,
        discoverable=found.discoverable,
        tag=None if topic is None else ShallowTag(name=topic, url=instance.tag_page(topic)),
        item_count=len(items),
        items=[item(each) for each in items],
        created_at=moment(found.created_at),
        updated_at=moment(found.updated_at),
        kind=found.kind,
    )
