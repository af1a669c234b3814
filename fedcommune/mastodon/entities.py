"""The shapes of the API: people, posts and what belongs to them (Mastodon 4.5).

Every field is always there, null rather than absent, lists never null. Ids are texts,
moments are texts made by :mod:`fedcommune.mastodon.json`.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct

from fedcommune.mastodon.entities_collections import Collection as Collection
from fedcommune.mastodon.entities_parts import CustomEmoji as CustomEmoji
from fedcommune.mastodon.entities_parts import Filter as Filter
from fedcommune.mastodon.entities_parts import FilterKeyword as FilterKeyword
from fedcommune.mastodon.entities_parts import FilterResult as FilterResult
from fedcommune.mastodon.entities_parts import FilterStatus as FilterStatus
from fedcommune.mastodon.entities_parts import History as History
from fedcommune.mastodon.entities_parts import MediaAttachment as MediaAttachment
from fedcommune.mastodon.entities_parts import Mention as Mention
from fedcommune.mastodon.entities_parts import Poll as Poll
from fedcommune.mastodon.entities_parts import PollOption as PollOption
from fedcommune.mastodon.entities_parts import QuoteApproval as QuoteApproval
from fedcommune.mastodon.entities_parts import ShallowTag as ShallowTag
from fedcommune.mastodon.entities_parts import StatusApplication as StatusApplication
from fedcommune.mastodon.entities_parts import Tag as Tag


class Field(Struct, frozen=True, kw_only=True):
    """A line of a profile; *value* is HTML."""

    name: str
    value: str
    verified_at: str | None = None


class AccountRole(Struct, frozen=True, kw_only=True):
    """A badge that everybody sees."""

    id: str
    name: str
    color: str = ""


class Role(Struct, frozen=True, kw_only=True):
    """What its bearer may do here; *permissions* is a sum of bits, as text."""

    id: str
    name: str
    permissions: str
    color: str = ""
    highlighted: bool = False
    collection_limit: int = 0


CurrentUser: TypeAlias = Literal["automatic", "manual", "denied", "unknown", "missing"]


class FeatureApproval(Struct, frozen=True, kw_only=True):
    """Who may put an account into a collection."""

    automatic: list[str] = []
    manual: list[str] = []
    current_user: CurrentUser = "missing"


class Account(Struct, frozen=True, kw_only=True):
    """Somebody: a citizen, an organisation, a project, a feed, a stranger."""

    id: str
    username: str
    acct: str
    url: str | None
    uri: str
    display_name: str
    note: str
    avatar: str
    avatar_static: str
    avatar_description: str = ""
    header: str
    header_static: str
    header_description: str = ""
    locked: bool = False
    fields: list[Field] = []
    emojis: list[CustomEmoji] = []
    bot: bool = False
    group: bool = False
    discoverable: bool | None = None
    indexable: bool = False
    noindex: bool | None = None
    moved: Account | None = None
    memorial: bool = False
    suspended: bool = False
    limited: bool = False
    created_at: str
    last_status_at: str | None = None
    statuses_count: int = 0
    followers_count: int = 0
    following_count: int = 0
    hide_collections: bool | None = None
    show_media: bool = True
    show_media_replies: bool = True
    show_featured: bool = True
    roles: list[AccountRole] = []
    feature_approval: FeatureApproval = FeatureApproval()


class Source(Struct, frozen=True, kw_only=True):
    """What its owner typed and prefers; *note* is plain text."""

    note: str = ""
    fields: list[Field] = []
    privacy: Literal["public", "unlisted", "private", "direct"] = "public"
    sensitive: bool = False
    language: str = ""
    follow_requests_count: int = 0
    hide_collections: bool | None = None
    discoverable: bool | None = None
    indexable: bool = False
    attribution_domains: list[str] = []
    quote_policy: Literal["public", "followers", "nobody"] = "public"


class CredentialAccount(Account, frozen=True, kw_only=True):
    """One's own account."""

    source: Source
    role: Role


class MutedAccount(Account, frozen=True, kw_only=True):
    """An account in the list of those one muted."""

    mute_expires_at: str | None = None


class Relationship(Struct, frozen=True, kw_only=True):
    """How the caller stands to one account."""

    id: str
    following: bool = False
    showing_reblogs: bool = False
    notifying: bool = False
    languages: list[str] | None = None
    followed_by: bool = False
    blocking: bool = False
    blocked_by: bool = False
    muting: bool = False
    muting_notifications: bool = False
    muting_expires_at: str | None = None
    requested: bool = False
    requested_by: bool = False
    domain_blocking: bool = False
    endorsed: bool = False
    note: str = ""


class PreviewCardAuthor(Struct, frozen=True, kw_only=True):
    """Who wrote what a link leads to."""

    name: str = ""
    url: str = ""
    account: Account | None = None


class PreviewCard(Struct, frozen=True, kw_only=True):
    """What a link leads to."""

    url: str
    title: str
    description: str = ""
    language: str | None = None
    type: Literal["link", "photo", "video", "rich"] = "link"
    authors: list[PreviewCardAuthor] = []
    author_name: str = ""
    author_url: str = ""
    provider_name: str = ""
    provider_url: str = ""
    html: str = ""
    width: int = 0
    height: int = 0
    image: str | None = None
    image_description: str = ""
    embed_url: str = ""
    blurhash: str | None = None
    missing_attribution: bool | None = None
    published_at: str | None = None


class Quote(Struct, frozen=True, kw_only=True):
    """The status that another quotes, as far as the caller may see it."""

    state: str
    quoted_status: Status | None = None


class ShallowQuote(Struct, frozen=True, kw_only=True):
    """A quote inside a quote."""

    state: str
    quoted_status_id: str | None = None


class Status(Struct, frozen=True, kw_only=True):
    """Something that was said; or, with *reblog*, passed on."""

    id: str
    uri: str
    url: str | None
    created_at: str
    edited_at: str | None = None
    account: Account
    content: str
    visibility: Literal["public", "unlisted", "private", "direct"]
    sensitive: bool = False
    spoiler_text: str = ""
    media_attachments: list[MediaAttachment] = []
    application: StatusApplication | None = None
    mentions: list[Mention] = []
    tags: list[ShallowTag] = []
    emojis: list[CustomEmoji] = []
    reblogs_count: int = 0
    favourites_count: int = 0
    quotes_count: int = 0
    replies_count: int = 0
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    reblog: Status | None = None
    poll: Poll | None = None
    card: PreviewCard | None = None
    language: str | None = None
    text: str | None = None
    quote: Quote | ShallowQuote | None = None
    quote_approval: QuoteApproval = QuoteApproval()
    favourited: bool = False
    reblogged: bool = False
    muted: bool = False
    bookmarked: bool = False
    pinned: bool = False
    filtered: list[FilterResult] = []
    tagged_collections: list[Collection] = []


class Context(Struct, frozen=True, kw_only=True):
    """What stands before and after a status in its thread."""

    ancestors: list[Status]
    descendants: list[Status]


class StatusEdit(Struct, frozen=True, kw_only=True):
    """One version of a status."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: Account
    poll: dict[str, Any] | None = None
    media_attachments: list[MediaAttachment] = []
    emojis: list[CustomEmoji] = []
    quote: Quote | ShallowQuote | None = None


class StatusSource(Struct, frozen=True, kw_only=True):
    """A status as it was typed."""

    id: str
    text: str
    spoiler_text: str


class Report(Struct, frozen=True, kw_only=True):
    """That somebody asked for a look at an account."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: Literal["spam", "legal", "violation", "other"]
    comment: str
    forwarded: bool
    created_at: str
    status_ids: list[str] | None
    collection_ids: list[str] | None = None
    rule_ids: list[str] | None
    target_account: Account


class Appeal(Struct, frozen=True, kw_only=True):
    """What somebody answered to a warning."""

    text: str
    state: Literal["approved", "rejected", "pending"]


class AccountWarning(Struct, frozen=True, kw_only=True):
    """What moderators did about the caller, and what they say of it."""

    id: str
    action: str
    text: str
    status_ids: list[str] | None
    target_account: Account
    appeal: Appeal | None = None
    created_at: str


class RelationshipSeveranceEvent(Struct, frozen=True, kw_only=True):
    """That follows of the caller were cut, because of which server or account."""

    id: str
    type: str
    purged: bool = False
    target_name: str
    relationships_count: int
    followers_count: int
    following_count: int
    created_at: str


class Notification(Struct, frozen=True, kw_only=True):
    """Something the caller is told."""

    id: str
    type: str
    group_key: str
    created_at: str
    account: Account
    status: Status | None = None
    report: Report | None = None
    event: RelationshipSeveranceEvent | None = None
    moderation_warning: AccountWarning | None = None
    fallback: dict[str, Any] | None = None
    collection: Collection | None = None


class CollectionWithAccounts(Struct, frozen=True, kw_only=True):
    """A collection with its owner and everybody who stands in it."""

    accounts: list[Account]
    collection: Collection
