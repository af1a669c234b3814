"""Report somebody, look into reports, take measures about people, posts, servers, addresses."""

from __future__ import annotations

from fedcommune.domain.moderation.actions.barriers import (
    block_address,
    block_email,
    block_email_domain,
    change_address,
    unblock_address,
    unblock_email,
    unblock_email_domain,
)
from fedcommune.domain.moderation.actions.hearing import HEARD_FROM_SUSPENDED, welcome
from fedcommune.domain.moderation.actions.hosts import (
    allow_host,
    block_host,
    limit_host,
    note_host,
    restrain_host,
    strike_host,
)
from fedcommune.domain.moderation.actions.measures import (
    act,
    desensitise,
    disable,
    enable,
    sensitise,
    silence,
    suspend,
    unsilence,
    unsuspend,
)
from fedcommune.domain.moderation.actions.people import (
    announce,
    approve,
    delete_data,
    give_role,
    reject,
)
from fedcommune.domain.moderation.actions.posts import delete_posts, mark_posts
from fedcommune.domain.moderation.actions.reporting import (
    assign_report,
    change_report,
    close_report,
    reopen_report,
    report,
    tell_moderators,
)

__all__ = [
    "HEARD_FROM_SUSPENDED",
    "act",
    "allow_host",
    "announce",
    "approve",
    "assign_report",
    "block_address",
    "block_email",
    "block_email_domain",
    "block_host",
    "change_address",
    "change_report",
    "close_report",
    "delete_data",
    "delete_posts",
    "desensitise",
    "disable",
    "enable",
    "give_role",
    "limit_host",
    "mark_posts",
    "note_host",
    "reject",
    "reopen_report",
    "report",
    "restrain_host",
    "sensitise",
    "silence",
    "strike_host",
    "suspend",
    "tell_moderators",
    "unblock_address",
    "unblock_email",
    "unblock_email_domain",
    "unsilence",
    "unsuspend",
    "welcome",
]
