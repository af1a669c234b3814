"""The shapes of the API for moderators (Mastodon 4.5); every field is always there."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from fedcommune.mastodon.entities import Account, Role, Status
from fedcommune.mastodon.entities_instance import Rule


class Ip(Struct, frozen=True, kw_only=True):
    """From where somebody signed in, and when last."""

    ip: str
    used_at: str


class AdminAccount(Struct, frozen=True, kw_only=True):
    """Somebody as moderators see them; what only citizens have is null for others."""

    id: str
    username: str
    domain: str | None
    created_at: str
    email: str | None
    ip: str | None
    ips: list[Ip]
    locale: str | None
    invite_request: str | None
    role: Role | None
    confirmed: bool | None
    approved: bool | None
    disabled: bool | None
    silenced: bool
    suspended: bool
    sensitized: bool
    account: Account
    created_by_application_id: str | None = None
    invited_by_account_id: str | None = None


class AdminReport(Struct, frozen=True, kw_only=True):
    """A report, with who made it and who looks into it."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: Literal["spam", "legal", "violation", "other"]
    comment: str
    forwarded: bool
    created_at: str
    updated_at: str
    account: AdminAccount
    target_account: AdminAccount
    assigned_account: AdminAccount | None
    action_taken_by_account: AdminAccount | None
    statuses: list[Status]
    rules: list[Rule]


class AdminDomainBlock(Struct, frozen=True, kw_only=True):
    """What was decided about a server."""

    id: str
    domain: str
    digest: str
    created_at: str
    severity: Literal["silence", "suspend", "noop"]
    reject_media: bool
    reject_reports: bool
    private_comment: str | None
    public_comment: str | None
    obfuscate: bool


class AdminDomainAllow(Struct, frozen=True, kw_only=True):
    """A server that is noted down as welcome."""

    id: str
    domain: str
    created_at: str


class Attempts(Struct, frozen=True, kw_only=True):
    """How often somebody tried to sign up in one day; nobody counts that here."""

    day: str
    accounts: str
    uses: str


class AdminEmailDomainBlock(Struct, frozen=True, kw_only=True):
    """A domain of which no e-mail address is taken."""

    id: str
    domain: str
    created_at: str
    allow_with_approval: bool
    history: list[Attempts]


class AdminIpBlock(Struct, frozen=True, kw_only=True):
    """A network that is kept away."""

    id: str
    ip: str
    severity: str
    comment: str
    created_at: str
    expires_at: str | None


class AdminCanonicalEmailBlock(Struct, frozen=True, kw_only=True):
    """An e-mail address that is not taken, known by its digest alone."""

    id: str
    canonical_email_hash: str
