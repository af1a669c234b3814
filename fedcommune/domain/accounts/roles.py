"""Who looks after the place, and what each of them may do (Mastodon's permission bits)."""

from __future__ import annotations

from enum import IntFlag, StrEnum
from typing import Final


class Permission(IntFlag):
    """What may be allowed; the numbers are those of Mastodon's entity Role."""

    ADMINISTRATOR = 0x1
    DEVOPS = 0x2
    VIEW_AUDIT_LOG = 0x4
    VIEW_DASHBOARD = 0x8
    MANAGE_REPORTS = 0x10
    MANAGE_FEDERATION = 0x20
    MANAGE_SETTINGS = 0x40
    MANAGE_BLOCKS = 0x80
    MANAGE_TAXONOMIES = 0x100
    MANAGE_APPEALS = 0x200
    MANAGE_USERS = 0x400
    MANAGE_INVITES = 0x800
    MANAGE_RULES = 0x1000
    MANAGE_ANNOUNCEMENTS = 0x2000
    MANAGE_CUSTOM_EMOJIS = 0x4000
    MANAGE_WEBHOOKS = 0x8000
    INVITE_USERS = 0x10000
    MANAGE_ROLES = 0x20000
    MANAGE_USER_ACCESS = 0x40000
    DELETE_USER_DATA = 0x80000


class Role(StrEnum):
    """What somebody is here besides a citizen. The order goes from the least to the most."""

    CITIZEN = "citizen"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"

    @property
    def rank(self) -> int:
        """Greater for whoever may do more."""
        return tuple(Role).index(self)

    @property
    def permissions(self) -> Permission:
        return _PERMISSIONS[self]

    @property
    def moderates(self) -> bool:
        """Whether they may do anything that citizens may not."""
        return self is not Role.CITIZEN

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


_PERMISSIONS: Final = {
    Role.CITIZEN: Permission(0),
    Role.MODERATOR: (
        Permission.VIEW_AUDIT_LOG
        | Permission.VIEW_DASHBOARD
        | Permission.MANAGE_REPORTS
        | Permission.MANAGE_FEDERATION
        | Permission.MANAGE_BLOCKS
        | Permission.MANAGE_TAXONOMIES
        | Permission.MANAGE_APPEALS
        | Permission.MANAGE_USERS
    ),
    Role.ADMINISTRATOR: Permission((Permission.DELETE_USER_DATA << 1) - 1),
}
