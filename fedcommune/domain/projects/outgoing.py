"""What leaves about a project: its document changes when its stage does."""

from __future__ import annotations

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account


async def updated(tx: Transaction, project: Account) -> None:
    """Send Update(Group) of *project*, its stage included, to those who follow or take part."""
    raise NotImplementedError
