"""The shapes of the API: the server itself, applications and tokens (Mastodon 4.5)."""

from __future__ import annotations

from msgspec import Struct, field

from fedcommune.mastodon.entities import Account


class Application(Struct, frozen=True, kw_only=True):
    """A registered application."""

    id: str
    name: str
    website: str | None
    scopes: list[str]
    redirect_uris: list[str]
    redirect_uri: str
    vapid_key: str


class CredentialApplication(Application, frozen=True, kw_only=True):
    """The same, for the application itself, once."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int = 0


class Token(Struct, frozen=True, kw_only=True):
    """What an application puts into its requests; *created_at* in seconds since 1970."""

    access_token: str
    scope: str
    created_at: int
    token_type: str = "Bearer"  # noqa: S105  # a word of RFC 6750


class Rule(Struct, frozen=True, kw_only=True):
    """One rule of the house."""

    id: str
    text: str
    hint: str = ""
    translations: dict[str, dict[str, str]] = {}


class StatusLimits(Struct, frozen=True, kw_only=True):
    """What fits into a status."""

    max_characters: int
    max_media_attachments: int
    characters_reserved_per_url: int


class MediaLimits(Struct, frozen=True, kw_only=True):
    """What may be uploaded: bytes, pixels, pictures a second."""

    supported_mime_types: list[str]
    description_limit: int
    image_size_limit: int
    image_matrix_limit: int
    video_size_limit: int
    video_frame_rate_limit: int
    video_matrix_limit: int


class PollLimits(Struct, frozen=True, kw_only=True):
    """What a poll may be; durations in seconds."""

    max_options: int
    max_characters_per_option: int
    min_expiration: int
    max_expiration: int


class AccountLimits(Struct, frozen=True, kw_only=True):
    """What fits into a profile."""

    max_display_name_length: int
    max_note_length: int
    max_avatar_description_length: int
    max_header_description_length: int
    max_featured_tags: int
    max_pinned_statuses: int
    max_profile_fields: int
    profile_field_name_limit: int
    profile_field_value_limit: int


class Urls(Struct, frozen=True, kw_only=True):
    """Where to find what."""

    streaming: str
    about: str
    status: str | None = None
    privacy_policy: str | None = None
    terms_of_service: str | None = None


class Vapid(Struct, frozen=True, kw_only=True):
    """With which key pushed messages are signed."""

    public_key: str


class Translation(Struct, frozen=True, kw_only=True):
    """Whether statuses can be translated."""

    enabled: bool


class Feeds(Struct, frozen=True, kw_only=True):
    """Who may read the feeds of one sort: ``public``, ``authenticated`` or ``disabled``."""

    local: str = "public"
    remote: str = "public"


class TimelinesAccess(Struct, frozen=True, kw_only=True):
    """Who may read which feeds."""

    live_feeds: Feeds = Feeds()
    hashtag_feeds: Feeds = Feeds()
    trending_link_feeds: Feeds = Feeds()


class Configuration(Struct, frozen=True, kw_only=True):
    """Every limit an app wants to know."""

    urls: Urls
    vapid: Vapid
    accounts: AccountLimits
    statuses: StatusLimits
    media_attachments: MediaLimits
    polls: PollLimits
    translation: Translation
    timelines_access: TimelinesAccess = TimelinesAccess()
    limited_federation: bool = False


class Users(Struct, frozen=True, kw_only=True):
    """How many wrote something in the last thirty days."""

    active_month: int


class Usage(Struct, frozen=True, kw_only=True):
    """How much goes on."""

    users: Users


class Thumbnail(Struct, frozen=True, kw_only=True):
    """A picture of the commune."""

    url: str
    description: str = ""
    blurhash: str | None = None
    versions: dict[str, str] = {}


class Icon(Struct, frozen=True, kw_only=True):
    """A small picture of the commune; *size* like ``32x32``."""

    src: str
    size: str


class Registrations(Struct, frozen=True, kw_only=True):
    """How to become a member."""

    enabled: bool
    approval_required: bool
    reason_required: bool | None = None
    message: str | None = None
    min_age: int | None = None
    url: str | None = None


class Contact(Struct, frozen=True, kw_only=True):
    """Whom to ask."""

    email: str
    account: Account | None


class Territory(Struct, frozen=True, kw_only=True):
    """Which commune this is: our own addition, for apps that show a map."""

    insee: str
    postal_codes: list[str]
    epci: str
    latitude: float | None
    longitude: float | None


class Instance(Struct, frozen=True, kw_only=True):
    """The commune (``/api/v2/instance``)."""

    domain: str
    title: str
    version: str
    source_url: str
    description: str
    usage: Usage
    thumbnail: Thumbnail
    icon: list[Icon]
    languages: list[str]
    configuration: Configuration
    registrations: Registrations
    api_versions: dict[str, int]
    contact: Contact
    rules: list[Rule]
    wrapstodon: str | None = None
    territory: Territory


class V1Urls(Struct, frozen=True, kw_only=True):
    """Where streams are."""

    streaming_api: str


class V1Stats(Struct, frozen=True, kw_only=True):
    """How many there are of what."""

    user_count: int
    status_count: int
    domain_count: int


class V1AccountLimits(Struct, frozen=True, kw_only=True):
    """What fits into a profile."""

    max_featured_tags: int
    max_pinned_statuses: int


class V1Configuration(Struct, frozen=True, kw_only=True):
    """The limits that apps wanted to know first."""

    accounts: V1AccountLimits
    statuses: StatusLimits
    media_attachments: MediaLimits
    polls: PollLimits


class V1Instance(Struct, frozen=True, kw_only=True):
    """The commune (``/api/v1/instance``)."""

    uri: str
    title: str
    short_description: str
    description: str
    email: str
    version: str
    urls: V1Urls
    stats: V1Stats
    thumbnail: str | None
    languages: list[str]
    registrations: bool
    approval_required: bool
    invites_enabled: bool
    configuration: V1Configuration
    contact_account: Account | None
    rules: list[Rule]


class Week(Struct, frozen=True, kw_only=True):
    """What happened in one week; *week* is its begin in seconds since 1970, all are texts."""

    week: str
    statuses: str
    logins: str
    registrations: str


class ExtendedDescription(Struct, frozen=True, kw_only=True):
    """More about the commune; *content* is HTML."""

    updated_at: str
    content: str


class PrivacyPolicy(Struct, frozen=True, kw_only=True):
    """What becomes of what people tell us; *content* is HTML."""

    updated_at: str
    content: str


class TermsOfService(Struct, frozen=True, kw_only=True):
    """The conditions of use; *content* is HTML, dates are days."""

    effective_date: str
    effective: bool
    content: str
    succeeded_by: str | None = None


class DomainBlock(Struct, frozen=True, kw_only=True):
    """A server that we keep away from; *digest* is the SHA-256 of its name."""

    domain: str
    digest: str
    severity: str
    comment: str = field(default="")
