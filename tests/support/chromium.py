"""A real Chromium without a window, out of the locked packages of the tests."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

from tests.support.node import chromium


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Start a Chromium that runs while the block does; skip where none comes along."""
    if platform.machine() != "x86_64":
        pytest.skip("The Chromium that comes along runs on x86-64 alone.")
    found = chromium()
    async with async_playwright() as driver:
        running = await driver.chromium.launch(
            executable_path=found.executable,
            # Only pages of our own are opened, and a sandbox asks for rights that few tests have.
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            env={**found.environment},
        )
        try:
            yield running
        finally:
            await running.close()
