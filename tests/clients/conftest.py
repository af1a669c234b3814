"""Two communes, a browser, and clients that are programs of their own."""

from tests.browser.conftest import browser
from tests.mastodon.conftest import anyone, checks, clock, marie, neighbours

__all__ = ["anyone", "browser", "checks", "clock", "marie", "neighbours"]
