"""What a list is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

# Of one person (SEC-DOS-06).
MAX_LISTS: Final = 50
MAX_MEMBERS: Final = 500
MAX_TITLE: Final = 250

RepliesPolicy: TypeAlias = Literal["followed", "list", "none"]
REPLIES_POLICIES: Final[tuple[RepliesPolicy, ...]] = ("followed", "list", "none")


@dataclass(frozen=True, slots=True)
class PeopleList:
    """People whom *account_id* reads apart.

    ``replies`` says which answers show: to whom the owner follows, to people of the list, or
    none. The people of an ``exclusive`` list do not show at home.
    """

    id: int
    account_id: int
    title: str
    replies: RepliesPolicy
    exclusive: bool
