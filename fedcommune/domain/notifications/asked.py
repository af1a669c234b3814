"""What a notification asks of the person who is told: about what, and where they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fedcommune.database import Executor
from fedcommune.domain.notifications.model import Kind, Notification
from fedcommune.i18n import translate
from fedcommune.instance import Instance


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


_TO_TAKE_PART: Final = _("{name} asks to take part in {what}")


@dataclass(frozen=True, slots=True)
class Question:
    """*what* is what somebody wants to take part in, by its name; empty when that is plain.

    *page* is where the answer is given, on our server.
    """

    page: str
    what: str = ""

    def message(self, otherwise: str) -> str:
        """Return the sentence, not yet translated; *otherwise* is the one that names nothing."""
        return _TO_TAKE_PART if self.what else otherwise

    def sentence(self, language: str, otherwise: str, name: str) -> str:
        """Return who asks for what, in *language*."""
        more = {"what": self.what} if self.what else {}
        return translate(language, self.message(otherwise), name=name, **more)


async def of(
    db: Executor, instance: Instance, found: Sequence[Notification]
) -> Mapping[int, Question]:
    """Return what those of *found* ask that wait for an answer, by the id of the notification."""
    asked = {each.id: _page(instance, each) for each in found}
    questions = {number: Question(page) for number, page in asked.items() if page}
    requests = [each for each in found if each.kind is Kind.JOIN_REQUEST]
    if not requests:
        return questions
    rows = await db.fetch(
        """
        select told.id, account.username, account.name
        from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as told (id, account_id, from_id)
        cross join lateral (
            select link.target_id
            from commune.link
            where link.subject_id = told.from_id
              and link.state = 'pending'
              and (link.target_id = told.account_id or exists (
                  select from commune.link own
                  where own.target_id = link.target_id
                    and own.subject_id = told.account_id
                    and own.state = 'active'
                    and own.is_admin
              ))
            order by link.changed_at desc
            limit 1
        ) waiting
        join commune.account on account.id = waiting.target_id
        """,
        [each.id for each in requests],
        [each.account_id for each in requests],
        [each.from_id for each in requests],
    )
    for row in rows:
        page = f"{instance.profile_page(row['username'])}/people"
        questions[row["id"]] = Question(page, row["name"] or row["username"])
    return questions


def _page(instance: Instance, told: Notification) -> str:
    match told.kind:
        case Kind.INVITE:
            return f"{instance.origin}/settings/links"
        case Kind.EVENT_REQUEST if told.post_id is not None:
            return f"{instance.event_page(told.post_id)}/participants"
        case Kind.HELP_OFFERED if told.post_id is not None:
            return instance.classified_page(told.post_id)
        case Kind.ADDED_TO_COLLECTION:
            return f"{instance.origin}/settings/collections"
    return ""
