"""The password grant, which is for trying things out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fedcommune.config import ConfigError, load
from fedcommune.domain.citizens import passwords
from fedcommune.domain.citizens import queries as citizens
from tests.mastodon.conftest import Neighbours
from tests.mastodon.signing import Client
from tests.mastodon.test_instance import configured

PASSWORD = "lagon calme sous filaos"


@pytest.fixture
async def open_door(neighbours: Neighbours) -> AsyncIterator[httpx.AsyncClient]:
    async with configured(neighbours.here.commune, "development", password_grant=True) as http:
        yield http


async def test_a_script_signs_in_with_a_password(
    neighbours: Neighbours, open_door: httpx.AsyncClient
) -> None:
    marie = await neighbours.here.citizen("marie")
    kept = await passwords.hash(PASSWORD)
    async with neighbours.here.commune.database.transaction() as tx:
        await citizens.set_password(tx.db, marie.id, kept)
    client = await Client.registered(neighbours.here, open_door)
    values = {
        "grant_type": "password",
        "username": "marie@mail.example",
        "password": PASSWORD,
        "scope": "read",
        **client.credentials,
    }

    right = await open_door.post("/oauth/token", data=values)
    wrong = [
        await open_door.post("/oauth/token", data={**values, **other})
        for other in ({"password": "x"}, {"username": "nobody@mail.example"}, {"username": ""})
    ]
    beyond = await open_door.post("/oauth/token", data={**values, "scope": "follow"})

    assert right.json()["scope"] == "read"
    assert {answer.json()["error"] for answer in wrong} == {"invalid_grant"}
    assert beyond.json()["error"] == "invalid_scope"
    assert await neighbours.here.count("commune.token") == 1


def test_sec_aut_05_a_public_commune_cannot_switch_the_password_grant_on(tmp_path: Path) -> None:
    public = {"FEDCOMMUNE_COMMUNE_DOMAIN": "saint-leu.example"}
    switch = {"FEDCOMMUNE_DEVELOPMENT_PASSWORD_GRANT": "true"}

    with pytest.raises(ConfigError):
        load(None, {**public, **switch})
    with pytest.raises(ConfigError):
        load(None, {**public, **switch, "FEDCOMMUNE_DEVELOPMENT_ENABLED": "true"})
