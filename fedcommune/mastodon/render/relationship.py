"""How one account stands to another becomes the entity that apps read."""

from __future__ import annotations

from fedcommune.domain.relations.model import Relation
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import maybe


def relationship(relation: Relation) -> entities.Relationship:
    """Return one entity; *relation* is as seen by the caller."""
    return entities.Relationship(
        id=str(relation.id),
        following=relation.following,
        showing_reblogs=relation.following and relation.boosts,
        notifying=relation.following and relation.notify,
        languages=None if relation.languages is None else list(relation.languages),
        followed_by=relation.followed_by,
        blocking=relation.blocking,
        blocked_by=relation.blocked_by,
        muting=relation.muting,
        muting_notifications=relation.muting_notifications,
        muting_expires_at=maybe(relation.mute_expires_at),
        requested=relation.requested,
        requested_by=relation.requested_by,
        domain_blocking=relation.host_muted,
        endorsed=relation.endorsed,
        note=relation.note,
    )
