"""Answers that take the same time, whatever was found out on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def evenly(seconds: float) -> AsyncIterator[None]:
    """Let the block take *seconds* at least: the clock tells nothing of what it did."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, end - loop.time()))
