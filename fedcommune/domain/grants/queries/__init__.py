"""SQL about applications, codes and tokens."""

from __future__ import annotations

from fedcommune.domain.grants.queries.applications import (
    application,
    application_by_id,
    authorisation,
    insert_application,
    insert_authorisation,
    made_for_scripts,
    use_code,
)
from fedcommune.domain.grants.queries.tokens import (
    by_token,
    forget_codes,
    good,
    insert_token,
    note_use,
    of_citizen,
    of_newcomer,
    of_value,
    revoke,
    revoke_all,
    revoke_of_citizen,
    revoke_of_code,
    revoke_oldest,
)

__all__ = [
    "application",
    "application_by_id",
    "authorisation",
    "by_token",
    "forget_codes",
    "good",
    "insert_application",
    "insert_authorisation",
    "insert_token",
    "made_for_scripts",
    "note_use",
    "of_citizen",
    "of_newcomer",
    "of_value",
    "revoke",
    "revoke_all",
    "revoke_of_citizen",
    "revoke_of_code",
    "revoke_oldest",
    "use_code",
]
