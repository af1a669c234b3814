"""Tell closed apps what their people were told, through the push services of their makers."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import structlog

from fedcommune import vapid
from fedcommune.database import Clock, Database
from fedcommune.domain.grants import queries as grants
from fedcommune.domain.notifications import envelope, listing, pushes, words
from fedcommune.domain.notifications.envelope import Envelope, Sender
from fedcommune.domain.notifications.pushes import Push
from fedcommune.domain.notifications.subscriptions import sealed_for
from federation.errors import FederationError, RefusedError
from federation.network import Answer, Client

_log = structlog.get_logger(__name__)

# How many are told side by side, and how long a push service may take (seconds).
TOGETHER: Final = 16
WITHIN: Final = 10.0
_LATER: Final = frozenset({408, 425, 429})
_GONE: Final = frozenset({404, 410})


class Pusher:
    """Works off what waits, several at a time; sending is outside of every transaction."""

    def __init__(self, database: Database, client: Client, clock: Clock) -> None:
        self._database = database
        self._client = client
        self._clock = clock
        instance, key = database.instance, vapid.private_key(database.keyring)
        contact = f"mailto:{instance.contact}" if instance.contact else f"{instance.origin}/"
        self._sender = Sender(key, vapid.public_key(database.keyring), contact)

    async def step(self) -> bool:
        """Tell what is due; return whether there was something."""
        taken = await pushes.take(self._database.pool, self._clock(), most=TOGETHER)
        await asyncio.gather(*(self._push(each) for each in taken))
        return bool(taken)

    async def _push(self, push: Push) -> None:
        pool = self._database.pool
        written = await self._written(push, self._clock())
        if written is None:
            await pushes.done(pool, push)
            return
        try:
            async with asyncio.timeout(WITHIN):
                answer = await self._client.post(
                    push.subscription.endpoint, written.body, written.headers
                )
        except RefusedError as error:
            # An address that is not asked: it leads inside, or to ourselves (SEC-AUT-12).
            _log.warning("push_refused", host=push.subscription.host, reason=str(error))
            await pushes.refused(pool, push)
        except (FederationError, TimeoutError):
            await pushes.postponed(pool, push, self._clock(), retry_after=None)
        else:
            await self._settle(push, answer)

    async def _settle(self, push: Push, answer: Answer) -> None:
        pool, status = self._database.pool, answer.status
        if 200 <= status < 300:
            await pushes.delivered(pool, push)
        elif status in _GONE:
            await pushes.gone(pool, push)
        elif status in _LATER or status >= 500:
            await pushes.postponed(pool, push, self._clock(), retry_after=answer.retry_after)
        else:
            _log.warning("push_refused", host=push.subscription.host, status=status)
            await pushes.refused(pool, push)

    async def _written(self, push: Push, now: datetime) -> Envelope | None:
        """Return what is sent; None when it is not to be told any more.

        The token may have ended since, a block or a mute have come between, the post be
        deleted or no longer for this reader: that is looked at now, not when it happened.
        """
        pool, subscription = self._database.pool, push.subscription
        if now - push.created_at > pushes.PATIENCE:
            return None
        if subscription.token_id not in await grants.good(pool, [subscription.token_id], now):
            return None
        told = await listing.one(pool, subscription.account_id, push.notification_id, now)
        if told is None:
            return None
        keyring = self._database.keyring
        token = keyring.open(subscription.token, sealed_for(subscription.token_id)).decode()
        message = await words.message(
            pool, self._database.instance, told, token=token, language=push.language
        )
        if message is None:
            return None
        urgent = told.kind in words.URGENT
        return envelope.sealed(message, subscription, self._sender, now, urgent=urgent)
