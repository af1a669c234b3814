"""Apps that speak ActivityPub: they hold a token, and post to the outbox of who they act as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.grants import actions as grants
from fedcommune.domain.grants.model import Scopes
from federation.names import PUBLIC
from tests.fediverse.asking import AS2
from tests.support.communes import Town

CONTEXT = "https://www.w3.org/ns/activitystreams"
TABLES = (
    *("post", "follow", "block", "reaction", "report", "link", "done", "mention", "featured"),
    "notification",
)


@dataclass
class App:
    """An app on somebody's machine, and the town it talks to."""

    town: Town
    account: Account
    token: str

    @property
    def outbox(self) -> str:
        return f"{self.account.actor_id}/outbox"

    async def call(
        self,
        method: str,
        address: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
    ) -> httpx.Response:
        """Call an *address* (an id or a path) with the token; redirects are not followed."""
        target = address.removeprefix(self.town.origin)
        sent = {"Host": self.town.domain, "Accept": AS2}
        bearer = self.token if token is None else token
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        port = urlsplit(self.town.origin).port
        async with httpx.AsyncClient(verify=False, trust_env=False, timeout=30) as client:
            return await client.request(
                method,
                f"http://127.0.0.1:{port}{target}",
                headers={**sent, **(headers or {})},
                content=content,
            )

    async def post(
        self,
        activity: Mapping[str, Any],
        *,
        to: str | None = None,
        kind: str = AS2,
        token: str | None = None,
    ) -> httpx.Response:
        """Post *activity* to the outbox (of *to*), as the media type *kind*."""
        document = {"@context": CONTEXT, **activity}
        return await self.call(
            "POST",
            to or self.outbox,
            content=json.dumps(document).encode(),
            headers={"Content-Type": kind},
            token=token,
        )

    async def does(self, activity: Mapping[str, Any]) -> str:
        """Post *activity*, which must be done; return its id."""
        answer = await self.post(activity)
        assert answer.status_code == 201, (answer.status_code, answer.text)
        return answer.headers["location"]

    async def says(self, content: str, **more: Any) -> dict[str, Any]:
        """Write a Note, for everybody unless *more* says for whom; return it."""
        note = {"type": "Note", "content": content, "to": [PUBLIC], **more}
        create = await self.reads(await self.does(note))
        found = create["object"]
        assert isinstance(found, dict)
        return found

    async def reads(self, address: str) -> dict[str, Any]:
        """Return the document at *address*, which must be there."""
        answer = await self.call("GET", address)
        assert answer.status_code == 200, (address, answer.status_code, answer.text)
        found = answer.json()
        assert isinstance(found, dict)
        return found

    async def items(self, collection: str) -> list[Any]:
        """Return all items of a collection, page after page, in their order."""
        found: list[Any] = []
        following = (await self.reads(collection)).get("first")
        while following is not None:
            page = await self.reads(following)
            assert page["type"] == "OrderedCollectionPage"
            assert page["partOf"] == collection
            found += page["orderedItems"]
            following = page.get("next")
        return found

    async def proxied(self, address: str) -> httpx.Response:
        """Ask the proxy for the document of *address*."""
        form = str(httpx.QueryParams({"id": address})).encode()
        return await self.call(
            "POST",
            "/ap/proxy",
            content=form,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )


async def app_of(
    town: Town, citizen: Account, scopes: str = "read write", *, acting: Account | None = None
) -> App:
    """Return an app that may act as *citizen*, or as somebody they administer."""
    who = acting or citizen
    async with town.commune.database.transaction() as tx:
        token = await grants.issue(
            tx, citizen_id=citizen.id, account_id=who.id, scopes=Scopes.parse(scopes)
        )
    return App(town, who, token)


async def new_app(town: Town, username: str, scopes: str = "read write") -> App:
    """Open the account of a new citizen of *town* and give their app a token."""
    return await app_of(town, await town.citizen(username), scopes)


async def everything(town: Town) -> list[int]:
    """Return how much of everything there is: equal before and after what is refused."""
    counts = [await town.count(f"commune.{table}") for table in TABLES]
    return [*counts, await town.count("outbox.activity"), await town.count("outbox.delivery")]
