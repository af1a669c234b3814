"""SQL about the people who live here, and how they sign in."""

from __future__ import annotations

from fedcommune.domain.citizens.queries.people import (
    by_account,
    by_email,
    count,
    count_active,
    email_is_known,
    forget_unconfirmed,
    hide,
    insert,
    listed,
    locked,
    remove,
    set_approved,
    set_confirmed,
    set_email,
    set_language,
    set_password,
    show,
    waiting,
)

__all__ = [
    "by_account",
    "by_email",
    "count",
    "count_active",
    "email_is_known",
    "forget_unconfirmed",
    "hide",
    "insert",
    "listed",
    "locked",
    "remove",
    "set_approved",
    "set_confirmed",
    "set_email",
    "set_language",
    "set_password",
    "show",
    "waiting",
]
