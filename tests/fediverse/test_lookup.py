"""Find somebody by a name or an address, here and next door."""

from __future__ import annotations

import pytest

from fedcommune import lookup
from fedcommune.domain.accounts import actions as account_actions
from fedcommune.errors import CommuneError, Invalid, NotFound
from federation.errors import FederationError
from tests.fediverse.conftest import Neighbours


async def test_somebody_here_has_many_names(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    host = here.commune.instance.host
    for name in (
        "marie",
        "@marie",
        "MARIE",
        "acct:marie",
        f"@marie@{here.domain}",
        f"marie@{host}",
        f"acct:Marie@{here.domain}",
        marie.actor_id,
        f"{here.origin}/@marie",
        "  marie ",
    ):
        assert (await lookup.actor(here.commune, name)).id == marie.id
    for name in ("commune", host, f"@{host}@{here.domain}", here.commune.instance.actor):
        found = await lookup.actor(here.commune, name)
        assert found.actor_id == here.commune.instance.actor


async def test_somebody_next_door_is_learnt_of_once(neighbours: Neighbours) -> None:
    here, there = neighbours.here, neighbours.there
    jean = await there.citizen("jean")
    found = await lookup.actor(here.commune, f"@jean@{there.domain}")
    assert (found.actor_id, found.local) == (jean.actor_id, False)
    assert found.handle == f"jean@{there.domain}"
    for name in (jean.actor_id, f"{there.origin}/@jean", f"JEAN@{there.domain}"):
        assert (await lookup.actor(here.commune, name)).id == found.id


@pytest.mark.parametrize(
    "name",
    [
        "",
        "@",
        "@@",
        "a@",
        "@a b@c.example",
        "marie@",
        "nobody",
        "nobody@{domain}",
        "{origin}/@nobody",
        "{origin}/ap/actors/1",
        "nobody@{there}",
        "http://10.0.0.1/@x",
        "https://user:pw@elsewhere.example/",
        "https://",
        "http://[::1",
        "file:///etc/passwd",
        "x" * 5000,
        "x@" + "y" * 5000,
        "a\x00b",
        "marie@évil\u202e.example",
    ],
)
async def test_who_is_nobody_is_said_and_nothing_is_kept(neighbours: Neighbours, name: str) -> None:
    here, there = neighbours.here, neighbours.there
    before = await here.count("commune.account")
    asked = name.format(domain=here.domain, origin=here.origin, there=there.domain)
    with pytest.raises((CommuneError, FederationError)) as refused:
        await lookup.actor(here.commune, asked)
    assert str(refused.value)
    assert await here.count("commune.account") == before


async def test_a_deleted_citizen_is_found_no_more(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    async with here.commune.database.transaction() as tx:
        await account_actions.delete(tx, marie)
    for name in ("marie", f"marie@{here.domain}", marie.actor_id, f"{here.origin}/@marie"):
        with pytest.raises(NotFound):
            await lookup.actor(here.commune, name)


async def test_who_is_mentioned_and_cannot_be_found_stays_a_word(neighbours: Neighbours) -> None:
    here, there = neighbours.here, neighbours.there
    marie, _ = await here.citizen("marie"), await there.citizen("jean")
    handles = [f"marie@{here.domain}", f"jean@{there.domain}", f"nobody@{there.domain}", "x"]
    found = await lookup.mentioned(here.commune, handles)
    assert [account.username for account in found] == ["marie", "jean"]
    assert found[0].id == marie.id


async def test_an_address_that_is_none_is_a_clear_error(neighbours: Neighbours) -> None:
    with pytest.raises(Invalid) as refused:
        await lookup.actor(neighbours.here.commune, "not@@a.handle")
    assert "Write a name like" in str(refused.value)
