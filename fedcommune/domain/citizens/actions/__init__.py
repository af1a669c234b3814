"""What people do to join, to sign in, and to leave."""

from __future__ import annotations

from fedcommune.domain.citizens.actions.joining import create
from fedcommune.domain.citizens.actions.signing import (
    begin_session,
    end_others,
    end_session,
    issue,
    look_at,
    secure,
    signed_in,
    use,
)

__all__ = [
    "begin_session",
    "create",
    "end_others",
    "end_session",
    "issue",
    "look_at",
    "secure",
    "signed_in",
    "use",
]
