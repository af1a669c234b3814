"""Tokens are given, counted, revoked; only their owner ends them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fedcommune.domain.grants import actions, model, queries
from fedcommune.domain.grants.model import Registration, Scopes, Wish
from fedcommune.errors import Invalid
from tests.support import communes
from tests.support.communes import Clock, Town

READ = Scopes.parse("read")
BACK = "https://app.example/back"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def here(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    async with communes.town("saint-leu", database_url, clock) as town:
        yield town


async def good(town: Town, token: str) -> bool:
    database = town.commune.database
    return await queries.by_token(database.pool, token, database.clock()) is not None


async def test_sec_vis_11_nobody_ends_the_token_of_somebody_else(here: Town) -> None:
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    async with here.commune.database.transaction() as tx:
        token = await actions.issue(tx, citizen_id=marie.id, account_id=marie.id, scopes=READ)
        (grant,) = await queries.of_citizen(tx.db, marie.id, tx.now)
        by_paul = await actions.revoke_own(tx, paul.id, grant.token.id)
        assert await queries.of_citizen(tx.db, paul.id, tx.now) == []

    assert not by_paul
    assert await good(here, token)
    async with here.commune.database.transaction() as tx:
        assert await actions.revoke_own(tx, marie.id, grant.token.id)
        assert not await actions.revoke_own(tx, marie.id, grant.token.id)
    assert not await good(here, token)


async def test_sec_dos_06_a_person_has_so_many_tokens_the_oldest_gives_way(
    here: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "MAX_TOKENS", 3)
    marie = await here.citizen("marie")
    tokens = []
    for _ in range(4):
        async with here.commune.database.transaction() as tx:
            tokens.append(
                await actions.issue(tx, citizen_id=marie.id, account_id=marie.id, scopes=READ)
            )

    assert [await good(here, token) for token in tokens] == [False, True, True, True]


async def test_sec_aut_04_everything_ends_at_once_codes_too(here: Town) -> None:
    marie = await here.citizen("marie")
    async with here.commune.database.transaction() as tx:
        application, _ = await actions.register(tx, Registration("x", (BACK,)))
        code = await actions.authorise(
            tx, application, Wish(BACK, READ), citizen_id=marie.id, account_id=marie.id
        )
        token = await actions.issue(tx, citizen_id=marie.id, account_id=marie.id, scopes=READ)

    async with here.commune.database.transaction() as tx:
        await actions.revoke_all(tx, marie.id)
        given = await actions.exchange(tx, application, code=code, redirect_uri=BACK, verifier=None)

    assert given is None
    assert not await good(here, token)


async def test_sec_aut_06_a_code_gives_no_more_than_the_application_registered_for(
    here: Town,
) -> None:
    marie = await here.citizen("marie")
    async with here.commune.database.transaction() as tx:
        application, _ = await actions.register(
            tx, Registration("x", (BACK,), Scopes.parse("read:statuses"))
        )
        for wish in (Wish(BACK, READ), Wish(BACK, Scopes([])), Wish(f"{BACK}/", READ)):
            with pytest.raises(Invalid):
                await actions.authorise(
                    tx, application, wish, citizen_id=marie.id, account_id=marie.id
                )

    assert await here.count("commune.authorisation") == 0


async def test_codes_that_ended_are_forgotten(here: Town, clock: Clock) -> None:
    marie = await here.citizen("marie")
    for _ in range(2):
        async with here.commune.database.transaction() as tx:
            application, _ = await actions.register(tx, Registration("x", (BACK,)))
            await actions.authorise(
                tx, application, Wish(BACK, READ), citizen_id=marie.id, account_id=marie.id
            )
        clock.pass_by(hours=1)

    assert await here.count("commune.authorisation") == 1
