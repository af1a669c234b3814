"""One attempt: a signature made now, a second knock if it may help, and what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from federation import iris, signatures
from federation.errors import RefusedError, UnavailableError
from federation.keys import Signer
from federation.network.answers import Answer
from federation.network.client import Client
from outbox import lanes
from outbox.lanes import Dialect, Outcome
from outbox.ports import Clock

# The client gives up by itself before that; a delivery must never hold its place for ever.
LONGEST: Final = 45.0  # seconds for one request
KNOCKS: Final = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt. *dialect* is the one that was answered last."""

    outcome: Outcome
    dialect: Dialect | None = None
    retry_after: timedelta = timedelta(0)
    error: str | None = None


async def knock(
    client: Client,
    inbox: str,
    body: bytes,
    *,
    signer: Signer,
    known: Dialect | None,
    clock: Clock,
) -> Attempt:
    """Bring *body* to *inbox*, signed by *signer*; nothing is raised for what a stranger does.

    *known* is the dialect that the host took before, None when it must be found out. Each
    request is signed at the moment it leaves (W-SIG-04, W-9421-05).
    """
    tried = [known or lanes.FIRST]
    while True:
        dialect = tried[-1]
        try:
            async with asyncio.timeout(LONGEST):
                answer = await _post(client, inbox, body, signer, dialect, clock)
        except RefusedError as error:
            # Not the host: its address is one that we never ask.
            return Attempt(Outcome.DROPPED, error=str(error))
        except UnavailableError as error:
            wait = lanes.asked_to_wait(error.retry_after)
            return Attempt(Outcome.FAILED, retry_after=wait, error=str(error))
        except TimeoutError:
            return Attempt(Outcome.FAILED, error="The server did not answer in time.")
        following = lanes.second_knock(
            tried,
            answer.status,
            known=known is not None,
            asks_for_9421="Accept-Signature" in answer.headers,
        )
        if following is None or len(tried) == KNOCKS:
            return _read(answer, dialect)
        tried.append(following)


async def _post(
    client: Client, inbox: str, body: bytes, signer: Signer, dialect: Dialect, clock: Clock
) -> Answer:
    address = iris.without_fragment(iris.check(inbox, client.reach))
    headers = signatures.sign(
        method="POST",
        url=address,
        body=body,
        signer=signer,
        scheme=dialect.scheme,
        now=clock(),
        content_type=dialect.media_type,
    )
    return await client.post(address, body, headers)


def _read(answer: Answer, dialect: Dialect) -> Attempt:
    outcome = lanes.classify(answer.status)
    return Attempt(
        outcome,
        dialect,
        lanes.asked_to_wait(answer.retry_after),
        None if outcome is Outcome.DELIVERED else f"The server answered {answer.status}.",
    )
