"""The letter about a planned post that could not be published."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from fedcommune import i18n
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import outgoing as citizens
from fedcommune.domain.citizens import queries
from fedcommune.domain.scheduled.model import Reason, Scheduled


async def dropped(
    tx: Transaction, citizen_id: int, author: Account, planned: Scheduled, reason: Reason
) -> None:
    """Tell the person who planned it that it was not published, why, and what it said."""
    citizen = await queries.by_account(tx.db, citizen_id)
    if citizen is None:
        return
    moment = format_datetime(
        planned.due_at.astimezone(ZoneInfo(tx.instance.timezone)),
        "short",
        locale=i18n.locale(citizen.language),
    )
    await citizens.told(
        tx,
        citizen,
        "not_published",
        author.username,
        moment=moment,
        reason=reason,
        text=planned.draft.text,
    )
