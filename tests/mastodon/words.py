"""Short words for what people do with their apps."""

from __future__ import annotations

from typing import Any

import httpx

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.follows import actions as follows
from tests.mastodon import schemas
from tests.mastodon.conftest import App
from tests.support.communes import Town

STATUSES = "/api/v1/statuses"


async def said(app: App, text: str, **more: object) -> Any:
    """Publish with *app*; return the status."""
    answer = await app.http.post(STATUSES, json={"status": text, **more})
    assert answer.status_code == 200, answer.text
    return schemas.status(answer.json())


async def did(app: App, verb: str, status: Any, **body: object) -> Any:
    """Do something with a status; return the status that is answered."""
    answer = await app.http.post(f"{STATUSES}/{status['id']}/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    return schemas.status(answer.json())


async def listed(http: httpx.AsyncClient, path: str, **params: Any) -> list[Any]:
    """Return a list of statuses."""
    answer = await http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found: list[Any] = schemas.statuses(answer.json())
    return found


async def ids(http: httpx.AsyncClient, path: str, **params: Any) -> list[str]:
    """Return the ids of a list of statuses."""
    return [each["id"] for each in await listed(http, path, **params)]


async def follow(town: Town, follower: Account, followed: Account) -> None:
    async with town.commune.database.transaction() as tx:
        await follows.follow(tx, follower, followed)


async def block(town: Town, blocker: Account, blocked: Account) -> None:
    async with town.commune.database.transaction() as tx:
        await blocks.block(tx, blocker, blocked)


def cursors(answer: httpx.Response) -> dict[str, str]:
    """Return where the pages around an answer are, by their relation."""
    return {str(name): str(link["url"]) for name, link in answer.links.items()}
