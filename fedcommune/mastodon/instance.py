"""The commune as apps see it: who we are, what fits, who else is there."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Final

import fedcommune
from fedcommune import i18n, vapid
from fedcommune.domain.accounts import model as accounts
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.posts import model as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.keyring import Keyring
from fedcommune.mastodon.call import Call, Endpoint
from fedcommune.mastodon.entities_instance import (
    AccountLimits,
    Configuration,
    Contact,
    Icon,
    Instance,
    MediaLimits,
    PollLimits,
    Registrations,
    Rule,
    StatusLimits,
    Territory,
    Thumbnail,
    Translation,
    Urls,
    Usage,
    Users,
    V1AccountLimits,
    V1Configuration,
    V1Instance,
    V1Stats,
    V1Urls,
    Vapid,
)

# The version of Mastodon whose API is here, and the number of that API.
MASTODON: Final = "4.5.0"
API: Final = 7
SOURCE: Final = "https://github.com/fedcommune/fedcommune"

MAX_PINNED: Final = 5
MAX_FEATURED_TAGS: Final = 10

POLLS: Final = PollLimits(
    max_options=20, max_characters_per_option=100, min_expiration=300, max_expiration=31_536_000
)
STATUSES: Final = StatusLimits(
    max_characters=posts.MAX_CHARACTERS, max_media_attachments=4, characters_reserved_per_url=23
)
MEDIA: Final = MediaLimits(
    supported_mime_types=["image/jpeg", "image/png", "image/gif", "image/webp"],
    description_limit=1_500,
    image_size_limit=16 * 1024 * 1024,
    image_matrix_limit=33_177_600,
    video_size_limit=0,
    video_frame_rate_limit=0,
    video_matrix_limit=0,
)
ACCOUNTS: Final = AccountLimits(
    max_display_name_length=accounts.MAX_NAME,
    max_note_length=accounts.MAX_SUMMARY,
    max_avatar_description_length=1_500,
    max_header_description_length=1_500,
    max_featured_tags=MAX_FEATURED_TAGS,
    max_pinned_statuses=MAX_PINNED,
    max_profile_fields=accounts.MAX_FIELDS,
    profile_field_name_limit=accounts.MAX_FIELD,
    profile_field_value_limit=accounts.MAX_FIELD,
)


def version() -> str:
    """``4.5.0 (compatible; fedcommune 0.1)``: apps read the beginning, people the end."""
    return f"{MASTODON} (compatible; fedcommune {fedcommune.__version__})"


@cache
def push_key(keyring: Keyring) -> str:
    return vapid.public_key(keyring)


def streaming(call: Call) -> str:
    """Where the streams of the commune are."""
    scheme = "wss" if call.instance.scheme == "https" else "ws"
    return f"{scheme}://{call.instance.domain}"


async def _active(call: Call) -> int:
    return await citizens.count_active(call.db, call.now - timedelta(days=30))


def house_rules(call: Call) -> list[Rule]:
    """The rules of the house, in their order."""
    return []


def _registrations(call: Call) -> Registrations:
    return Registrations(enabled=False, approval_required=False)


async def show(call: Call) -> Instance:
    """``GET /api/v2/instance``."""
    instance = call.instance
    return Instance(
        domain=instance.domain,
        title=instance.name,
        version=version(),
        source_url=SOURCE,
        description=instance.description,
        usage=Usage(users=Users(active_month=await _active(call))),
        thumbnail=Thumbnail(url=instance.static("icon.svg")),
        icon=[Icon(src=instance.static("icon.svg"), size="64x64")],
        languages=[instance.language, *(x for x in i18n.languages() if x != instance.language)],
        configuration=Configuration(
            urls=Urls(streaming=streaming(call), about=f"{instance.origin}/"),
            vapid=Vapid(public_key=push_key(call.commune.keyring)),
            accounts=ACCOUNTS,
            statuses=STATUSES,
            media_attachments=MEDIA,
            polls=POLLS,
            translation=Translation(enabled=False),
        ),
        registrations=_registrations(call),
        api_versions={"mastodon": API},
        contact=Contact(email=instance.contact, account=None),
        rules=house_rules(call),
        territory=Territory(
            insee=instance.insee,
            postal_codes=list(instance.postal_codes),
            epci=instance.epci,
            latitude=instance.latitude,
            longitude=instance.longitude,
        ),
    )


async def show_first(call: Call) -> V1Instance:
    """``GET /api/v1/instance``."""
    instance = call.instance
    registrations = _registrations(call)
    return V1Instance(
        uri=instance.domain,
        title=instance.name,
        short_description=instance.description,
        description=instance.description,
        email=instance.contact,
        version=version(),
        urls=V1Urls(streaming_api=streaming(call)),
        stats=V1Stats(
            user_count=await citizens.count(call.db),
            status_count=await post_queries.count_local(call.db),
            domain_count=len(await hosts.listed(call.db, limit=100_000)),
        ),
        thumbnail=instance.static("icon.svg"),
        languages=[instance.language],
        registrations=registrations.enabled,
        approval_required=registrations.approval_required,
        invites_enabled=False,
        configuration=V1Configuration(
            accounts=V1AccountLimits(
                max_featured_tags=MAX_FEATURED_TAGS, max_pinned_statuses=MAX_PINNED
            ),
            statuses=STATUSES,
            media_attachments=MEDIA,
            polls=POLLS,
        ),
        contact_account=None,
        rules=house_rules(call),
    )


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/instance", show_first, access="anyone"),
    Endpoint("GET", "/api/v2/instance", show, access="anyone"),
)
