"""The letter that says that something offered ends soon."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fedcommune import i18n
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import outgoing as citizens
from fedcommune.domain.citizens import queries


async def ending(
    tx: Transaction, citizen_id: int, author: Account, post_id: int, title: str, ends: datetime
) -> None:
    """Tell somebody who can renew it until when it stands; the link leads to the button."""
    citizen = await queries.by_account(tx.db, citizen_id)
    if citizen is None:
        return
    day = ends.astimezone(ZoneInfo(tx.instance.timezone)).date()
    await citizens.told(
        tx,
        citizen,
        "offer_ending",
        author.username,
        page=f"/classifieds/{post_id}",
        title=title,
        day=i18n.day(day, "long", citizen.language),
    )
