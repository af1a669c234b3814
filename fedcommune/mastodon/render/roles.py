"""Roles become badges for everybody, and what their bearers may do."""

from __future__ import annotations

from typing import Final

from fedcommune import i18n
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.collections.model import MAX_COLLECTIONS
from fedcommune.instance import Instance
from fedcommune.mastodon import entities


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# As Mastodon numbers those that it is installed with.
IDS: Final = {Role.CITIZEN: "-99", Role.MODERATOR: "1", Role.ADMINISTRATOR: "3"}
NAMES: Final = {
    Role.CITIZEN: "",
    Role.MODERATOR: _("Moderator"),
    Role.ADMINISTRATOR: _("Administrator"),
}


def role(instance: Instance, held: Role, *, shown: bool = True) -> entities.Role:
    """Return the entity of a role, named in the language of the commune."""
    return entities.Role(
        id=IDS[held],
        name=i18n.translate(instance.language, NAMES[held]) if NAMES[held] else "",
        permissions=str(int(held.permissions)),
        highlighted=held.moderates and shown,
        collection_limit=MAX_COLLECTIONS,
    )


def badges(instance: Instance, account: Account) -> list[entities.AccountRole]:
    """Return the roles that everybody sees of an account."""
    if not account.local or not account.role.moderates or not account.role_shown:
        return []
    held = role(instance, account.role)
    return [entities.AccountRole(id=held.id, name=held.name)]
