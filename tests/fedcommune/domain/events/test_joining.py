"""Take part: of here, from Mobilizon, from Mastodon in words, and by e-mail; never too many."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.events.actions import announcing, joining, mailing, notices
from fedcommune.domain.events.model import State, understood
from fedcommune.domain.events.queries import agenda, people as taking
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.errors import CommuneError, Invalid, NotAllowed, NotFound
from federation.errors import IgnoredError, RefusedError
from tests.fedcommune.domain.events.occasions import MARKET, announce, event_of
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import Wire, actor_document, note, told
from tests.fedcommune.mail.test_letters import letters_of

ADA = "https://elsewhere.example/users/ada"


@pytest.fixture
def wire(tx: Transaction) -> Wire:
    wire = Wire(tx)
    wire.serve(actor_document("ada"), actor_document("bea"))
    return wire


@pytest.fixture
async def gardeners(people: People) -> Account:
    return await people.actor("jardiniers", kind=Kind.ASSOCIATION, name="Les Jardiniers")
