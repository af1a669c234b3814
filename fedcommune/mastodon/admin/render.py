"""People and reports, as moderators see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from fedcommune.domain.moderation import people, queries
from fedcommune.domain.moderation.model import Report
from fedcommune.domain.moderation.people import Person
from fedcommune.mastodon import entities
from fedcommune.mastodon.admin.entities import AdminAccount, AdminReport, Ip
from fedcommune.mastodon.call import Call
from fedcommune.mastodon.instance import house_rules
from fedcommune.mastodon.json import maybe, moment
from fedcommune.mastodon.render import account as accounts
from fedcommune.mastodon.render import roles
from fedcommune.mastodon.render import status as statuses


async def persons(call: Call, found: Sequence[Person]) -> list[AdminAccount]:
    """Return the entities of *found*, in their order."""
    shown = await accounts.by_ids(call.db, call.instance, [each.account.id for each in found])
    return [_person(call, each, shown[each.account.id]) for each in found]


async def person(call: Call, found: Person) -> AdminAccount:
    (shown,) = await persons(call, [found])
    return shown


async def _by_ids(call: Call, account_ids: Collection[int]) -> dict[int, AdminAccount]:
    found = await people.by_ids(call.db, account_ids)
    shown = await persons(call, list(found.values()))
    return dict(zip(found, shown, strict=True))


def _person(call: Call, found: Person, shown: entities.Account) -> AdminAccount:
    account, citizen = found.account, found.citizen
    addresses = [Ip(ip=each.ip, used_at=moment(each.used_at)) for each in found.addresses]
    return AdminAccount(
        id=str(account.id),
        username=account.username,
        domain=None if account.local else account.domain,
        created_at=moment(account.created_at),
        email=citizen.email if citizen else None,
        ip=addresses[0].ip if addresses else None,
        ips=addresses,
        locale=citizen.language if citizen else None,
        invite_request=citizen.reason or None if citizen else None,
        role=roles.role(call.instance, account.role, shown=account.role_shown) if citizen else None,
        confirmed=citizen.confirmed_at is not None if citizen else None,
        approved=citizen.approved_at is not None if citizen else None,
        disabled=citizen.disabled_at is not None if citizen else None,
        silenced=account.silenced_at is not None,
        suspended=found.suspended,
        sensitized=account.sensitised_at is not None,
        account=shown,
    )


async def reports(call: Call, found: Sequence[Report]) -> list[AdminReport]:
    """Return the entities of *found*, in their order.

    The posts are those that somebody reported, whoever may see them otherwise: that they
    were shown to the moderators is what a report is for.
    """
    ids = {
        each
        for report in found
        for each in (
            report.reporter_id,
            report.account_id,
            report.assigned_id,
            report.closed_by_id,
        )
        if each is not None
    }
    shown = await _by_ids(call, ids)
    reported = await queries.reported_posts(
        call.db, [each for report in found for each in report.post_ids]
    )
    written = await statuses.of_posts(
        call.db, call.instance, list(reported.values()), call.viewer, call.now
    )
    by_id = dict(zip(reported, written, strict=True))
    rules = {rule.id: rule for rule in house_rules(call)}
    return [
        AdminReport(
            id=str(each.id),
            action_taken=each.closed_at is not None,
            action_taken_at=maybe(each.closed_at),
            category=each.category,
            comment=each.content,
            forwarded=each.forwarded,
            created_at=moment(each.created_at),
            updated_at=moment(each.updated_at or each.created_at),
            account=shown[each.reporter_id],
            target_account=shown[each.account_id],
            assigned_account=shown.get(each.assigned_id or 0),
            action_taken_by_account=shown.get(each.closed_by_id or 0),
            statuses=[by_id[post_id] for post_id in each.post_ids if post_id in by_id],
            rules=[rules[str(rule)] for rule in each.rule_ids if str(rule) in rules],
        )
        for each in found
    ]


async def report(call: Call, found: Report) -> AdminReport:
    (shown,) = await reports(call, [found])
    return shown
