"""Hashtags: how much one is used, who follows it, who shows it on their profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final

from msgspec import Struct

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.reading import actions
from fedcommune.domain.reading import tags as queries
from fedcommune.domain.reading.model import FeaturedTag, Use
from fedcommune.errors import Invalid, NotFound
from fedcommune.instance import Instance
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.entities import History, Tag
from fedcommune.mastodon.json import day
from fedcommune.mastodon.pagination import linked, page


class FeaturedTagEntity(Struct, frozen=True, kw_only=True):
    """A hashtag on somebody's profile."""

    id: str
    name: str
    url: str
    statuses_count: str
    last_status_at: str | None


async def show(call: Call) -> Answer:
    return await _one(call, _name(call))


async def follow(call: Call) -> Answer:
    async with call.transaction() as tx:
        name = await actions.follow_tag(tx, call.account, call.path["name"])
    return await _one(call, name)


async def unfollow(call: Call) -> Answer:
    async with call.transaction() as tx:
        name = await actions.unfollow_tag(tx, call.account, call.path["name"])
    return await _one(call, name)


async def followed(call: Call) -> Answer:
    found = await queries.followed(call.db, call.account.id, page(call, 40, 40))
    entities = await of_names(call, [name for _, name in found])
    return linked(call, entities, [cursor for cursor, _ in found])


async def feature(call: Call) -> Answer:
    """Show the tag of the address on one's profile."""
    async with call.transaction() as tx:
        name = await actions.feature_tag(tx, call.account, call.path["name"])
    return await _one(call, name)


async def unfeature(call: Call) -> Answer:
    name = _name(call)
    async with call.transaction() as tx:
        await queries.unfeature(tx.db, call.account.id, name=name)
    return await _one(call, name)


async def featured(call: Call) -> Answer:
    """What the caller shows."""
    return await _featured(call, call.account.id)


async def featured_of(call: Call) -> Answer:
    """What an account of ours shows; nobody else's is known."""
    account = await accounts.by_id(call.db, call.number())
    if account is None or account.deleted_at is not None:
        raise NotFound
    if not account.local or not account.is_active:
        return []
    return await _featured(call, account.id)


async def add_featured(call: Call) -> Answer:
    async with call.transaction() as tx:
        name = await actions.feature_tag(tx, call.account, call.params.required("name"))
    (found,) = [each for each in await _all_featured(call) if each.name == name]
    return featured_entity(call.instance, found)


async def remove_featured(call: Call) -> Answer:
    """Only one's own is found, in the statement that removes it (SEC-VIS-11)."""
    async with call.transaction() as tx:
        if not await queries.unfeature(tx.db, call.account.id, id_=call.number()):
            raise NotFound
    return {}


async def suggestions(call: Call) -> Answer:
    return await of_names(call, await queries.often_used(call.db, call.account.id))


async def of_names(call: Call, names: Sequence[str]) -> list[Tag]:
    """Return the entities of tags, in their order, with three queries for all of them."""
    uses = await queries.uses(call.db, names, call.now)
    account_id = call.viewer.account_id
    following = await queries.follows_among(call.db, account_id, names)
    showing = (
        set()
        if account_id is None
        else {each.name for each in await queries.featured(call.db, account_id)}
    )
    return [
        Tag(
            id=name,
            name=name,
            url=call.instance.tag_page(name),
            history=history(uses.get(name) or queries.unused(call.now)),
            following=name in following,
            featuring=name in showing,
        )
        for name in names
    ]


def history(uses: Sequence[Use]) -> list[History]:
    """Return the uses of seven days as texts, the days as seconds since 1970."""
    return [
        History(
            day=str(int(datetime.combine(each.day, time(), UTC).timestamp())),
            uses=str(each.uses),
            accounts=str(each.accounts),
        )
        for each in uses
    ]


async def _one(call: Call, name: str) -> Tag:
    (tag,) = await of_names(call, [name])
    return tag


def _name(call: Call) -> str:
    try:
        return actions.tag_named(call.path["name"])
    except Invalid:
        raise NotFound from None


async def _all_featured(call: Call) -> list[FeaturedTag]:
    return await queries.featured(call.db, call.account.id)


async def _featured(call: Call, account_id: int) -> list[FeaturedTagEntity]:
    found = await queries.featured(call.db, account_id)
    return [featured_entity(call.instance, each) for each in found]


def featured_entity(instance: Instance, tag: FeaturedTag) -> FeaturedTagEntity:
    """Return a tag as it stands on a profile."""
    return FeaturedTagEntity(
        id=str(tag.id),
        name=tag.name,
        url=instance.tag_page(tag.name),
        statuses_count=str(tag.uses),
        last_status_at=None if tag.last_used_at is None else day(tag.last_used_at),
    )


_ONE: Final = "/api/v1/tags/{name}"
_FEATURED: Final = "/api/v1/featured_tags"

ENDPOINTS: Final = (
    Endpoint("GET", _ONE, show, access="anyone"),
    Endpoint("POST", f"{_ONE}/follow", follow, "write:follows"),
    Endpoint("POST", f"{_ONE}/unfollow", unfollow, "write:follows"),
    Endpoint("POST", f"{_ONE}/feature", feature, "write:accounts"),
    Endpoint("POST", f"{_ONE}/unfeature", unfeature, "write:accounts"),
    Endpoint("GET", "/api/v1/followed_tags", followed, "read:follows"),
    Endpoint("GET", _FEATURED, featured, "read:accounts"),
    Endpoint("POST", _FEATURED, add_featured, "write:accounts"),
    Endpoint("DELETE", f"{_FEATURED}/{{id}}", remove_featured, "write:accounts"),
    Endpoint("GET", f"{_FEATURED}/suggestions", suggestions, "read:accounts"),
    Endpoint("GET", "/api/v1/accounts/{id}/featured_tags", featured_of, access="anyone"),
)
