"""What to read now: home, the commune, everything known, a tag, a link, one account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.posts.model import MAX_TAGS, hashtags
from fedcommune.domain.reactions import queries as reactions
from fedcommune.domain.timelines import queries
from fedcommune.domain.timelines.model import Entry
from fedcommune.domain.timelines.queries import Wanted
from fedcommune.errors import NotFound
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render import filtered
from fedcommune.mastodon.render import status as render


async def home(call: Call) -> Answer:
    part = page(call)
    async with call.reading() as db:
        found = await queries.home(db, call.account.id, part)
        return await listed(call, db, found, hiding="home")


async def public(call: Call) -> Answer:
    part, local, only_media = page(call), _local(call), call.params.flag("only_media")
    async with call.reading() as db:
        found = await queries.public(db, call.viewer, part, local=local, only_media=only_media)
        return await listed(call, db, found)


async def tag(call: Call) -> Answer:
    """What carries a tag; a tag that cannot be one is carried by nothing."""
    names = hashtags([call.path["hashtag"]])
    if not names:
        return []
    params = call.params
    # How many posts carry it makes a difference to the plan: here it is made for each tag.
    found = await queries.tag(
        call.db,
        call.viewer,
        names[0],
        page(call),
        local=_local(call),
        only_media=params.flag("only_media"),
        any_of=_tags(call, "any"),
        all_of=_tags(call, "all"),
        none_of=_tags(call, "none"),
    )
    async with call.reading() as db:
        return await listed(call, db, found)


async def link(call: Call) -> Answer:
    url = call.params.required("url").strip()
    found = await queries.link(call.db, call.viewer, url, page(call))
    async with call.reading() as db:
        return await listed(call, db, found)


async def of_account(call: Call) -> Answer:
    """What one account says; what it pinned, when that is asked for."""
    async with call.reading() as db:
        account = await accounts.by_id(db, call.number())
        if account is None or account.deleted_at is not None:
            raise NotFound
        params, part = call.params, page(call)
        if params.flag("pinned"):
            pinned = await reactions.pinned(db, call.viewer, account.id)
            return await render.of_posts(db, call.instance, pinned, call.viewer, call.now)
        tagged = params.text("tagged")
        names = hashtags([tagged])
        if (tagged and not names) or account.suspended_at is not None:
            return []
        wanted = Wanted(
            replies=not params.flag("exclude_replies"),
            boosts=not params.flag("exclude_reblogs"),
            only_media=params.flag("only_media"),
            tag=names[0] if names else None,
        )
        found = await queries.of_account(db, call.viewer, account.id, part, wanted)
        return await listed(call, db, found)


async def listed(
    call: Call, db: Executor, entries: Sequence[Entry], *, hiding: str | None = None
) -> Answer:
    """Return a page of *entries*, newest first, with where the pages around it are.

    What a filter of the caller hides in the context *hiding* is left out; elsewhere apps do
    that themselves.
    """
    shown = await render.statuses(db, call.instance, entries, call.viewer, call.now)
    kept = [each for each in shown if hiding is None or not filtered.hides(each, hiding)]
    return linked(call, kept, [entry.id for entry in entries])


def _local(call: Call) -> bool | None:
    """Only ours, only those of others, or both: saying both is saying neither."""
    local, remote = call.params.flag("local"), call.params.flag("remote")
    return None if local == remote else local


def _tags(call: Call, name: str) -> list[str]:
    return hashtags(call.params.texts(name)[:MAX_TAGS])


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/timelines/home", home, "read:statuses"),
    Endpoint("GET", "/api/v1/timelines/public", public, "read:statuses", "anyone"),
    Endpoint("GET", "/api/v1/timelines/tag/{hashtag}", tag, "read:statuses", "anyone"),
    Endpoint("GET", "/api/v1/timelines/link", link, "read:statuses", "anyone"),
    Endpoint("GET", "/api/v1/accounts/{id}/statuses", of_account, "read:statuses", "anyone"),
)
