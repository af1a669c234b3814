"""Wait for what another process, or the other commune, does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

# Seconds that one message may take between two processes of one machine.
PATIENCE: Final = 60.0


class NothingArrived(Exception):
    """What was sent did not arrive in time."""


async def until(happened: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until *happened*. Raises NothingArrived when that takes too long."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await happened():  # noqa: ASYNC110  # the other side is another server
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise NothingArrived(
            f"Waited {PATIENCE:.0f} seconds, in vain, for this: {what}. Look at "
            "'fedcommune outbox status' of both communes."
        ) from None
