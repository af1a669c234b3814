"""Where the caller's app is told while it is closed: one place for each token (Web Push)."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from fedcommune.domain.notifications import subscriptions
from fedcommune.domain.notifications.subscriptions import Subscription
from fedcommune.errors import NotFound
from fedcommune.mastodon import authentication
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.instance import push_key
from fedcommune.mastodon.limits import Rate

# What an app may want to hear of: what Mastodon has, and what happens in a commune besides.
ALERTS: Final = (
    *("mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update"),
    *("quote", "quoted_update", "severed_relationships", "moderation_warning"),
    *("admin.sign_up", "admin.report", "admin.claim"),
    *("invite", "join_request", "joined", "left", "project_update", "move", "report"),
)
RATE: Final = Rate("push", 30, 300)


class PushSubscription(Struct, frozen=True, kw_only=True):
    """Where an app is told, and of what."""

    id: str
    endpoint: str
    standard: bool
    alerts: dict[str, bool]
    server_key: str
    policy: str


def _entity(call: Call, found: Subscription) -> PushSubscription:
    return PushSubscription(
        id=str(found.id),
        endpoint=found.endpoint,
        standard=found.standard,
        alerts={name: name in found.alerts for name in ALERTS},
        server_key=push_key(call.commune.keyring),
        policy=found.policy,
    )


async def subscribe(call: Call) -> Answer:
    """``POST /api/v1/push/subscription``: what this token wanted before is forgotten."""
    said = call.params.group("subscription")
    keys = said.group("keys")
    place = subscriptions.place(
        said.text("endpoint"),
        keys.text("p256dh"),
        keys.text("auth"),
        standard=said.flag("standard"),
        reach=call.commune.client.reach,
    )
    token = authentication.bearer(call.request)
    assert token is not None, "an endpoint for citizens is not reached without a token"
    policy = _policy(call)
    async with call.transaction() as tx:
        found = await subscriptions.subscribe(
            tx,
            place,
            token_id=_token_id(call),
            account_id=call.account.id,
            token=token,
            alerts=_alerts(call),
            policy=policy,
        )
    return _entity(call, found)


async def show(call: Call) -> Answer:
    return _entity(call, await _own(call))


async def change(call: Call) -> Answer:
    """``PUT /api/v1/push/subscription``: of what, and from whom; what is not said is not wanted."""
    policy = _policy(call)
    async with call.transaction() as tx:
        found = await subscriptions.change(
            tx.db, _token_id(call), alerts=_alerts(call), policy=policy
        )
    if found is None:
        raise NotFound
    return _entity(call, found)


async def unsubscribe(call: Call) -> Answer:
    async with call.transaction() as tx:
        await subscriptions.end(tx.db, _token_id(call))
    return {}


async def _own(call: Call) -> Subscription:
    found = await subscriptions.of_token(call.db, _token_id(call))
    if found is None:
        raise NotFound
    return found


def _token_id(call: Call) -> int:
    assert call.caller is not None, "an endpoint for citizens is not reached without a token"
    return call.caller.grant.token.id


def _alerts(call: Call) -> list[str]:
    wanted = call.params.group("data").group("alerts")
    return [name for name in ALERTS if wanted.flag(name)]


def _policy(call: Call) -> subscriptions.Policy:
    said = call.params.group("data").text("policy") or call.params.text("policy", "all")
    return subscriptions.policy(said)


_PATH: Final = "/api/v1/push/subscription"
ENDPOINTS: Final = (
    Endpoint("POST", _PATH, subscribe, "push", rate=RATE),
    Endpoint("GET", _PATH, show, "push"),
    Endpoint("PUT", _PATH, change, "push", rate=RATE),
    Endpoint("DELETE", _PATH, unsubscribe, "push"),
)
