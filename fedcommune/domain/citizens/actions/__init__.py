"""What people do to join, to sign in, to stay safe, and to leave."""

from __future__ import annotations

from fedcommune.domain.citizens.actions.joining import (
    approve,
    ask_again,
    ask_to_confirm,
    confirm,
    confirm_known,
    create,
    forget_expired,
    invite,
    reject,
    sign_up,
)
from fedcommune.domain.citizens.actions.recovering import (
    ask_for,
    ask_for_email,
    cancel_email,
    change_password,
    confirm_email,
    force_reset,
    leave,
    look_at_email,
    reset,
)
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
    "approve",
    "ask_again",
    "ask_for",
    "ask_for_email",
    "ask_to_confirm",
    "begin_session",
    "cancel_email",
    "change_password",
    "confirm",
    "confirm_email",
    "confirm_known",
    "create",
    "end_others",
    "end_session",
    "force_reset",
    "forget_expired",
    "invite",
    "issue",
    "leave",
    "look_at",
    "look_at_email",
    "reject",
    "reset",
    "secure",
    "sign_up",
    "signed_in",
    "use",
]
