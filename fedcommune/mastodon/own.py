"""One's own profile as it was typed, for an app that edits it (API versions 8 and 9)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.reading import tags
from fedcommune.mastodon import entities, profile
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.tags import FeaturedTagEntity, featured_entity
from fedcommune.text import html


class Profile(Struct, frozen=True, kw_only=True):
    """What its owner typed: plain texts, and pictures that are null until there is one."""

    id: str
    display_name: str
    note: str
    fields: list[entities.Field]
    avatar: str | None
    avatar_static: str | None
    avatar_description: str = ""
    header: str | None
    header_static: str | None
    header_description: str = ""
    locked: bool
    bot: bool
    hide_collections: bool
    discoverable: bool
    indexable: bool
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    attribution_domains: list[str]
    featured_tags: list[FeaturedTagEntity]


async def show(call: Call) -> Answer:
    return await _profile(call, call.account)


async def change(call: Call) -> Answer:
    """Change what is said; what the app does not mention stays."""
    return await _profile(call, await profile.changed(call))


async def _profile(call: Call, account: Account) -> Profile:
    shown = await tags.featured(call.db, account.id)
    details = account.details
    return Profile(
        id=str(account.id),
        display_name=account.name,
        note=account.source or html.plain(account.summary),
        fields=[
            entities.Field(name=each.name, value=html.plain(each.value)) for each in account.fields
        ],
        avatar=account.icon,
        avatar_static=account.icon,
        header=account.image,
        header_static=account.image,
        locked=account.locked,
        bot=account.type in ("Application", "Service"),
        hide_collections=details.hides_follows,
        discoverable=account.discoverable,
        indexable=account.indexable,
        show_media=details.shows_media,
        show_media_replies=details.shows_media_replies,
        show_featured=details.shows_featured,
        attribution_domains=list(details.attribution_domains),
        featured_tags=[featured_entity(call.instance, each) for each in shown],
    )


_PROFILE: Final = "/api/v1/profile"

ENDPOINTS: Final = (
    Endpoint("GET", _PROFILE, show, "read:accounts profile"),
    Endpoint("PATCH", _PROFILE, change, "write:accounts"),
)
