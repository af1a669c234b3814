"""Who quotes a status, who may, and no longer being quoted."""

from __future__ import annotations

from typing import Final

from fedcommune.domain.posts import actions as posts
from fedcommune.domain.quotes import actions as quotes
from fedcommune.domain.quotes import queries
from fedcommune.errors import Invalid
from fedcommune.mastodon import drafts
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.pagination import linked, page
from fedcommune.mastodon.render import status as render
from fedcommune.mastodon.statuses import own, post_of, shown


async def listed(call: Call) -> Answer:
    """Return what quotes a status with its author's leave, as far as the caller may see it."""
    post = await post_of(call)
    found = await queries.listed(call.db, call.viewer, post.id, page(call, 20, 40))
    statuses = await render.of_posts(call.db, call.instance, found, call.viewer, call.now)
    return linked(call, statuses, [each.id for each in found])


async def change_policy(call: Call) -> Answer:
    """Say anew who may quote one's status; the quotes that are there stay."""
    policy = drafts.quotes(call)
    if policy is None:
        choices = ", ".join(drafts.QUOTES)
        raise Invalid("quote_approval_policy", f"Choose one of {choices}.")
    post = await own(call)
    async with call.transaction() as tx:
        post = await posts.change_policy(tx, call.account, post.id, policy)
    return await shown(call, post)


async def revoke(call: Call) -> Answer:
    """No longer be quoted by one status; answer with that status (W-QUO-04)."""
    post = await post_of(call)
    quoting = call.number("quoting_status_id")
    async with call.transaction() as tx:
        quoted_by = await quotes.revoke(tx, call.account, post.id, quoting)
    return await shown(call, quoted_by)


_ONE: Final = "/api/v1/statuses/{id}"

ENDPOINTS: Final = (
    Endpoint("GET", f"{_ONE}/quotes", listed, "read:statuses"),
    Endpoint("PUT", f"{_ONE}/interaction_policy", change_policy, "write:statuses"),
    Endpoint("POST", f"{_ONE}/quotes/{{quoting_status_id}}/revoke", revoke, "write:statuses"),
)
