"""Ask the moderators to look at somebody, or at some of what they wrote."""

from __future__ import annotations

from typing import Final

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.moderation import actions
from fedcommune.domain.moderation.categories import CATEGORIES
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.limits import Rate
from fedcommune.mastodon.render import account as render
from fedcommune.mastodon.render import offices

REPORTS: Final = Rate("reports", 30, 3_600)
MAX_RULES: Final = 50
_HIGHEST: Final = 2**31 - 1


async def report(call: Call) -> Answer:
    """Report; whose server it is hears of it only when that is asked for."""
    params = call.params
    account_id = params.identifier("account_id")
    if account_id is None:
        raise Invalid("account_id", "Say whom you report.")
    post_ids, rule_ids = params.identifiers("status_ids"), params.identifiers("rule_ids")
    if len(rule_ids) > MAX_RULES or any(each > _HIGHEST for each in rule_ids):
        raise Invalid("rule_ids", "There are no such rules.")
    said = params.text("category", "violation" if rule_ids else "other")
    category = next((each for each in CATEGORIES if each == said), None)
    if category is None:
        raise Invalid("category", f"Choose one of {', '.join(CATEGORIES)}.")
    comment = params.text("comment").strip()
    async with call.transaction() as tx:
        account = await accounts.by_id(tx.db, account_id)
        if account is None or account.deleted_at is not None:
            raise NotFound
        forwarded = params.flag("forward") and not account.local
        made = await actions.report(
            tx,
            call.account,
            account,
            post_ids=post_ids,
            content=comment,
            category=category,
            rule_ids=rule_ids,
            forward=forwarded,
        )
    target = await render.account(call.db, call.instance, account, call.viewer)
    return offices.report(made, target)


ENDPOINTS: Final = (Endpoint("POST", "/api/v1/reports", report, "write:reports", rate=REPORTS),)
