"""What people do with their accounts, and what we learn of strangers."""

from __future__ import annotations

from fedcommune.domain.accounts.actions.keeping import edit, prove, rotate_keys
from fedcommune.domain.accounts.actions.learning import known, learn
from fedcommune.domain.accounts.actions.leaving import (
    delete,
    forget_expired,
    forget_stranger,
    may_move,
    moved_away,
)
from fedcommune.domain.accounts.actions.opening import open_
from fedcommune.domain.accounts.actions.telling import tell

__all__ = [
    "delete",
    "edit",
    "forget_expired",
    "forget_stranger",
    "known",
    "learn",
    "may_move",
    "moved_away",
    "open_",
    "prove",
    "rotate_keys",
    "tell",
]
