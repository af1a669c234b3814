"""What a mute is, and how timelines leave out what is muted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fedcommune.domain.accounts.model import Account

MAX_MUTES: Final = 5_000
MAX_HOSTS: Final = 500
LONGEST: Final = timedelta(days=3650)

# For timelines: it expects a row of commune.post named ``post`` and the account of the reader
# (bigint, null when anonymous) as the first parameter. One's own are never left out.
NOT_MUTED: Final = """(
    post.author_id = $1::bigint
    or (
        not exists (
            select from commune.mute
            where mute.muter_id = $1::bigint
              and mute.muted_id = post.author_id
              and (mute.expires_at is null or mute.expires_at > now())
        )
        and not exists (
            select from commune.host_mute
            join commune.account muted on commune.is_of_host(muted.domain, host_mute.host)
            where host_mute.account_id = $1::bigint
              and muted.id = post.author_id
              and not muted.local
        )
    )
)"""


@dataclass(frozen=True, slots=True)
class Mute:
    """One account does not want to read another; ``expires_at`` is UTC, None for ever."""

    id: int
    muted: Account
    notifications: bool
    expires_at: datetime | None
