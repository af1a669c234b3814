"""What the commune announces, in apps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.announcements import actions, queries
from fedcommune.domain.announcements.model import Announcement, Taken
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.visibility import Viewer
from fedcommune.instance import Instance
from fedcommune.mastodon import entities_announcements as entities
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.entities import Mention, ShallowTag
from fedcommune.mastodon.json import maybe, moment
from fedcommune.mastodon.render import readable
from fedcommune.mastodon.render.account import acct, page


async def show_all(call: Call) -> Answer:
    """What is announced now, read or not; past and coming announcements are nobody's here."""
    return await shown(
        call.db, call.instance, await queries.current(call.db, call.now), call.viewer
    )


async def dismiss(call: Call) -> Answer:
    async with call.transaction() as tx:
        await actions.dismiss(tx, call.account, call.number())
    return {}


async def react(call: Call) -> Answer:
    async with call.transaction() as tx:
        await actions.react(tx, call.account, call.number(), _name(call))
    return {}


async def take_back(call: Call) -> Answer:
    async with call.transaction() as tx:
        await actions.take_back(tx, call.account, call.number(), _name(call))
    return {}


async def shown(
    db: Executor, instance: Instance, found: Sequence[Announcement], viewer: Viewer
) -> list[entities.Announcement]:
    """Return the entities of *found*, in their order, as *viewer*, one of ours, sees them."""
    taken = await queries.taken(db, viewer.account_id or 0, [each.id for each in found])
    people = await accounts.by_ids(db, {id_ for each in found for id_ in each.mentions})
    linked = await posts.by_ids(db, viewer, {id_ for each in found for id_ in _linked(each)})
    return [
        entities.Announcement(
            id=str(each.id),
            content=readable.clean(each.content),
            starts_at=maybe(each.starts_at),
            ends_at=maybe(each.ends_at),
            all_day=each.all_day,
            published_at=moment(each.published_at),
            updated_at=moment(each.updated_at),
            read=taken.get(each.id, Taken()).read,
            mentions=[
                Mention(
                    id=str(person.id),
                    username=person.username,
                    url=page(instance, person),
                    acct=acct(person.username, person.domain, local=person.local),
                )
                for id_ in each.mentions
                if (person := people.get(id_)) is not None and person.is_active
            ],
            statuses=[
                entities.LinkedStatus(id=str(post.id), url=post.url or post.object_id)
                for id_ in _linked(each)
                if (post := linked.get(id_)) is not None
            ],
            tags=[ShallowTag(name=name, url=instance.tag_page(name)) for name in each.tags],
            reactions=[
                entities.Reaction(name=name, count=count, me=mine)
                for name, count, mine in taken.get(each.id, Taken()).reactions
            ],
        )
        for each in found
    ]


def _linked(announcement: Announcement) -> tuple[int, ...]:
    about = () if announcement.about_id is None else (announcement.about_id,)
    return tuple(dict.fromkeys((*about, *announcement.posts)))


def _name(call: Call) -> str:
    # A server may hand the address over decoded or not.
    return unquote(call.path["name"])


_ALL: Final = "/api/v1/announcements"
_REACTION: Final = f"{_ALL}/{{id}}/reactions/{{name}}"

ENDPOINTS: Final = (
    Endpoint("GET", _ALL, show_all, "read"),
    Endpoint("POST", f"{_ALL}/{{id}}/dismiss", dismiss, "write:accounts"),
    Endpoint("PUT", _REACTION, react, "write:favourites"),
    Endpoint("DELETE", _REACTION, take_back, "write:favourites"),
)
