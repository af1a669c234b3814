"""The commune as apps see it: who we are, what fits, who else is there."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Final

import fedcommune
from fedcommune import i18n, translating, vapid
from fedcommune.domain.accounts import model as account_model
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.media import model as media
from fedcommune.domain.posts import choices
from fedcommune.domain.posts import model as posts
from fedcommune.domain.posts import queries as post_queries
from fedcommune.files import films, painters
from fedcommune.keyring import Keyring
from fedcommune.mastodon.call import Call, Endpoint
from fedcommune.mastodon.entities import Account
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
from fedcommune.mastodon.render import account as render

# The version of Mastodon whose API is here, and the number of that API.
MASTODON: Final = "4.3.0"
API: Final = 2

MAX_PINNED: Final = 5
MAX_FEATURED_TAGS: Final = 10

POLLS: Final = PollLimits(
    max_options=choices.MAX_OPTIONS,
    max_characters_per_option=choices.MAX_OPTION,
    min_expiration=round(choices.SHORTEST.total_seconds()),
    max_expiration=round(choices.LONGEST.total_seconds()),
)
STATUSES: Final = StatusLimits(
    max_characters=posts.MAX_CHARACTERS,
    max_media_attachments=media.MAX_ATTACHED,
    characters_reserved_per_url=23,
)
PICTURES: Final = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"]
FILMS: Final = [
    *("video/mp4", "video/quicktime", "video/webm", "video/x-m4v", "audio/mpeg", "audio/mp3"),
    *("audio/ogg", "audio/wav", "audio/x-wav", "audio/flac", "audio/aac", "audio/mp4"),
    *("audio/m4a", "audio/x-m4a", "audio/webm"),
]
ACCOUNTS: Final = AccountLimits(
    max_display_name_length=account_model.MAX_NAME,
    max_note_length=account_model.MAX_SUMMARY,
    max_avatar_description_length=1_500,
    max_header_description_length=1_500,
    max_featured_tags=MAX_FEATURED_TAGS,
    max_pinned_statuses=MAX_PINNED,
    max_profile_fields=account_model.MAX_FIELDS,
    profile_field_name_limit=account_model.MAX_FIELD,
    profile_field_value_limit=account_model.MAX_FIELD,
)


def media_limits(call: Call) -> MediaLimits:
    """What may be sent: sounds and films only where something can be done with them."""
    films_too = call.commune.workshop.films.open
    return MediaLimits(
        supported_mime_types=[*PICTURES, *FILMS] if films_too else PICTURES,
        description_limit=media.MAX_DESCRIPTION,
        image_size_limit=painters.MAX_BYTES,
        image_matrix_limit=33_177_600,
        video_size_limit=films.MAX_BYTES if films_too else 0,
        video_frame_rate_limit=120 if films_too else 0,
        video_matrix_limit=8_294_400 if films_too else 0,
    )


def version() -> str:
    """``4.3.0 (compatible; fedcommune 0.1)``: apps read the beginning, people the end."""
    return f"{MASTODON} (compatible; fedcommune {fedcommune.__version__})"


@cache
def push_key(keyring: Keyring) -> str:
    return vapid.public_key(keyring)


def streaming(call: Call) -> str:
    """Where the streams of the commune are."""
    scheme = "wss" if call.instance.scheme == "https" else "ws"
    return f"{scheme}://{call.instance.domain}"


def house_rules(call: Call) -> list[Rule]:
    """The rules of the house, in their order."""
    rules = call.commune.config.commune.rules
    return [Rule(id=str(number), text=text) for number, text in enumerate(rules, start=1)]


def registrations(call: Call) -> Registrations:
    """How one becomes a member: at once, after approval, or by invitation only."""
    mode = call.commune.config.registration.mode
    return Registrations(
        enabled=mode != "invitation",
        approval_required=mode == "approval",
        reason_required=False,
    )


async def contact(call: Call) -> Account | None:
    """The account that speaks for the commune."""
    found = await accounts.by_actor_id(call.db, call.instance.actor)
    if found is None:
        return None
    return await render.account(call.db, call.instance, found, call.viewer)


async def show(call: Call) -> Instance:
    """``GET /api/v2/instance``."""
    instance = call.instance
    icon = instance.static("icon.svg")
    active = await citizens.count_active(call.db, call.now - timedelta(days=30))
    return Instance(
        domain=instance.domain,
        title=instance.name,
        version=version(),
        # Where the licence and the source are told: every page says it at its foot.
        source_url=f"{instance.origin}/",
        description=instance.description,
        usage=Usage(users=Users(active_month=active)),
        thumbnail=Thumbnail(url=icon, description=instance.name),
        icon=[Icon(src=icon, size="64x64")],
        languages=languages(call),
        configuration=Configuration(
            urls=Urls(streaming=streaming(call), about=f"{instance.origin}/"),
            vapid=Vapid(public_key=push_key(call.commune.keyring)),
            accounts=ACCOUNTS,
            statuses=STATUSES,
            media_attachments=media_limits(call),
            polls=POLLS,
            translation=Translation(enabled=translating.is_offered(call.commune)),
        ),
        registrations=registrations(call),
        api_versions={"mastodon": API},
        contact=Contact(email=instance.contact, account=await contact(call)),
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
    joining = registrations(call)
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
            domain_count=await hosts.count(call.db),
        ),
        thumbnail=instance.static("icon.svg"),
        languages=languages(call),
        registrations=joining.enabled,
        approval_required=joining.approval_required,
        invites_enabled=True,
        configuration=V1Configuration(
            accounts=V1AccountLimits(
                max_featured_tags=MAX_FEATURED_TAGS, max_pinned_statuses=MAX_PINNED
            ),
            statuses=STATUSES,
            media_attachments=media_limits(call),
            polls=POLLS,
        ),
        contact_account=await contact(call),
        rules=house_rules(call),
    )


def languages(call: Call) -> list[str]:
    """The languages spoken here, that of the commune first."""
    first = call.instance.language
    return [first, *(other for other in i18n.languages() if other != first)]


ENDPOINTS: Final = (
    Endpoint("GET", "/api/v1/instance", show_first, access="anyone"),
    Endpoint("GET", "/api/v2/instance", show, access="anyone"),
)
