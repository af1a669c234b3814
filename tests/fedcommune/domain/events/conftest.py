"""A wire to Ada and Bea, and the association that organises."""

from __future__ import annotations

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account, Kind
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import Wire, actor_document


@pytest.fixture
def wire(tx: Transaction) -> Wire:
    wire = Wire(tx)
    wire.serve(actor_document("ada"), actor_document("bea"))
    return wire


@pytest.fixture
async def gardeners(people: People) -> Account:
    return await people.actor("jardiniers", kind=Kind.ASSOCIATION, name="Les Jardiniers")
