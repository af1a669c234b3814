"""The entities for moderators, as Mastodon documents them."""

from __future__ import annotations

from tests.mastodon.schemas import (
    ACCOUNT,
    STATUS,
    count,
    identifier,
    listed,
    maybe,
    moment,
    one_of,
    shaped,
    text,
    truth,
)

ROLE = shaped(
    {
        "id": text,
        "name": text,
        "color": text,
        "permissions": text,
        "highlighted": truth,
    }
)
ADMIN_ACCOUNT = shaped(
    {
        "id": identifier,
        "username": text,
        "domain": maybe(text),
        "created_at": moment,
        "email": maybe(text),
        "ip": maybe(text),
        "ips": listed(shaped({"ip": text, "used_at": moment})),
        "locale": maybe(text),
        "invite_request": maybe(text),
        "role": maybe(ROLE),
        "confirmed": maybe(truth),
        "approved": maybe(truth),
        "disabled": maybe(truth),
        "silenced": truth,
        "suspended": truth,
        "sensitized": truth,
        "account": ACCOUNT,
    }
)
ADMIN_REPORT = shaped(
    {
        "id": identifier,
        "action_taken": truth,
        "action_taken_at": maybe(moment),
        "category": one_of("spam", "legal", "violation", "other"),
        "comment": text,
        "forwarded": truth,
        "created_at": moment,
        "updated_at": moment,
        "account": ADMIN_ACCOUNT,
        "target_account": ADMIN_ACCOUNT,
        "assigned_account": maybe(ADMIN_ACCOUNT),
        "action_taken_by_account": maybe(ADMIN_ACCOUNT),
        "statuses": listed(STATUS),
        "rules": listed(shaped({"id": text, "text": text})),
    }
)
ADMIN_DOMAIN_BLOCK = shaped(
    {
        "id": identifier,
        "domain": text,
        "digest": text,
        "created_at": moment,
        "severity": one_of("silence", "suspend", "noop"),
        "reject_media": truth,
        "reject_reports": truth,
        "private_comment": maybe(text),
        "public_comment": maybe(text),
        "obfuscate": truth,
    }
)
ADMIN_DOMAIN_ALLOW = shaped({"id": identifier, "domain": text, "created_at": moment})
ADMIN_EMAIL_DOMAIN_BLOCK = shaped(
    {
        "id": identifier,
        "domain": text,
        "created_at": moment,
        "history": listed(shaped({"day": text, "accounts": text, "uses": text})),
    }
)
ADMIN_IP_BLOCK = shaped(
    {
        "id": identifier,
        "ip": text,
        "severity": one_of("sign_up_requires_approval", "sign_up_block", "no_access"),
        "comment": text,
        "created_at": moment,
        "expires_at": maybe(moment),
    }
)
ADMIN_CANONICAL_EMAIL_BLOCK = shaped({"id": identifier, "canonical_email_hash": text})
ACCOUNT_WARNING = shaped(
    {
        "id": identifier,
        "action": one_of(
            *("none", "disable", "mark_statuses_as_sensitive", "delete_statuses"),
            *("sensitive", "silence", "suspend"),
        ),
        "text": text,
        "status_ids": maybe(listed(identifier)),
        "target_account": ACCOUNT,
        "created_at": moment,
    }
)
SEVERANCE = shaped(
    {
        "id": identifier,
        "type": one_of("domain_block", "user_domain_block", "account_suspension"),
        "purged": truth,
        "target_name": text,
        "followers_count": count,
        "following_count": count,
        "created_at": moment,
    }
)
