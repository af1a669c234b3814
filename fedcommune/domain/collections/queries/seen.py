"""Whose collections, and who in them, somebody may see."""

from __future__ import annotations

from typing import Final

# What $1 may see of a living owner: all but across a block (SEC-MOD-02).
SEEN: Final = """owner.suspended_at is null
    and owner.deleted_at is null
    and not exists (
        select from commune.block
        where (blocker_id = $1 and blocked_id = owner.id)
           or (blocker_id = owner.id and blocked_id = $1)
    )"""
