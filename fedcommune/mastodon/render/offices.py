"""What people are told by office: warnings, follows that were cut, reports to look into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fedcommune.database import Executor
from fedcommune.domain.moderation import queries
from fedcommune.domain.moderation import told as tellings
from fedcommune.domain.moderation.model import Report, Severance, Strike
from fedcommune.domain.notifications.model import Kind, Notification
from fedcommune.domain.visibility import Viewer
from fedcommune.instance import Instance
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import maybe, moment
from fedcommune.mastodon.render import account as accounts


@dataclass(frozen=True, slots=True)
class Official:
    """What notifications are about, by the id of the notification."""

    warnings: Mapping[int, entities.AccountWarning]
    severances: Mapping[int, entities.RelationshipSeveranceEvent]
    reports: Mapping[int, entities.Report]


_NOTHING = Official({}, {}, {})


async def told(
    db: Executor, instance: Instance, found: Sequence[Notification], viewer: Viewer
) -> Official:
    """Return what those of *found*, all told to *viewer*, are about that are official."""
    if viewer.account_id is None or all(each.about_id is None for each in found):
        return _NOTHING
    strikes = await tellings.strikes(db, _about(found, Kind.MODERATION_WARNING))
    cuts = await tellings.severances(
        db, viewer.account_id, _about(found, Kind.SEVERED_RELATIONSHIPS)
    )
    reports = await queries.by_ids(db, _about(found, Kind.ADMIN_REPORT))
    people = await accounts.by_ids(
        db,
        instance,
        {each.account_id for each in strikes.values()}
        | {each.account_id for each in reports.values()},
    )
    return Official(
        {
            each.id: warning(strikes[each.about_id], people[strikes[each.about_id].account_id])
            for each in found
            if each.kind is Kind.MODERATION_WARNING and each.about_id in strikes
        },
        {
            each.id: severance(cuts[each.about_id])
            for each in found
            if each.kind is Kind.SEVERED_RELATIONSHIPS and each.about_id in cuts
        },
        {
            each.id: report(reports[each.about_id], people[reports[each.about_id].account_id])
            for each in found
            if each.kind is Kind.ADMIN_REPORT and each.about_id in reports
        },
    )


def _about(found: Sequence[Notification], kind: Kind) -> set[int]:
    return {each.about_id for each in found if each.kind is kind and each.about_id is not None}


def warning(strike: Strike, target: entities.Account) -> entities.AccountWarning:
    """Return the entity of a strike; who decided it is nobody's business."""
    return entities.AccountWarning(
        id=str(strike.id),
        action=strike.action.value,
        text=strike.text,
        status_ids=[str(each) for each in strike.post_ids] or None,
        target_account=target,
        created_at=moment(strike.created_at),
    )


def severance(cut: Severance) -> entities.RelationshipSeveranceEvent:
    return entities.RelationshipSeveranceEvent(
        id=str(cut.id),
        type=cut.type,
        target_name=cut.target,
        relationships_count=cut.followers + cut.following,
        followers_count=cut.followers,
        following_count=cut.following,
        created_at=moment(cut.created_at),
    )


def report(made: Report, target: entities.Account) -> entities.Report:
    return entities.Report(
        id=str(made.id),
        action_taken=made.closed_at is not None,
        action_taken_at=maybe(made.closed_at),
        category=made.category,
        comment=made.content,
        forwarded=made.forwarded,
        created_at=moment(made.created_at),
        status_ids=[str(each) for each in made.post_ids],
        rule_ids=[str(each) for each in made.rule_ids],
        target_account=target,
    )
