"""Good calls of what hangs on posts, waits, or is told: one of each endpoint."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import httpx

from fedcommune.domain.announcements import actions as announcements
from fedcommune.domain.announcements.model import Span
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.every_call import ME, V1, V2, Caller
from tests.mastodon.pushed import Phone
from tests.mastodon.signing import Client
from tests.mastodon.words import STATUSES, said
from tests.support import pictures

SCHEDULED = f"{V1}/scheduled_statuses"
STREAMS = f"{V1}/streaming"


async def newcomer(neighbours: Neighbours) -> None:
    """Somebody signs up from within an app."""
    anyone = await neighbours.http()
    client = await Client.registered(neighbours.here, anyone)
    asked = {"grant_type": "client_credentials", "scope": "read write", **client.credentials}
    token = (await anyone.post("/oauth/token", data=asked)).json()["access_token"]
    made = await Caller(await neighbours.http(token=token))(
        "POST",
        ME,
        username="neuve",
        email="neuve@mail.example",
        password="quatre chats sous la pluie",
        agreement=True,
        locale="fr",
        postal_code="97436",
    )
    phone = Caller(await neighbours.http(token=made["access_token"]))
    await phone("POST", f"{V1}/emails/confirmations")


async def media(marie: App) -> None:
    call, files = Caller(marie.http), {"file": ("a.png", pictures.png(), "image/png")}
    for path in (f"{V1}/media", f"{V2}/media"):
        sent = await marie.http.post(path, files=files, data={"focus": "0.5,0"})
        assert sent.status_code == 200, sent.text
    path = f"{V1}/media/{sent.json()['id']}"
    await call("GET", path)
    await call("PUT", path, description="Un chat")
    shown = await said(marie, "Le chat", media_ids=[sent.json()["id"]])
    assert shown["media_attachments"]
    other = (await marie.http.post(f"{V2}/media", files=files)).json()
    await call("DELETE", f"{V1}/media/{other['id']}")


async def posts(neighbours: Neighbours, marie: App, jean: App) -> None:
    """Polls, quotes, plans, and what is made of a post for others."""
    call, other = Caller(marie.http), Caller(jean.http)
    await call("GET", f"{V1}/profile")
    await call("PATCH", f"{V1}/profile", note="Bonjour")
    asked = await said(marie, "Quand ?", poll={"options": ["Hier", "Demain"], "expires_in": 600})
    await other("POST", f"{V1}/polls/{asked['id']}/votes", choices=[1])
    assert (await other("GET", f"{V1}/polls/{asked['id']}"))["voted"]
    assert (await other("GET", f"{STATUSES}/{asked['id']}"))["poll"]
    path = f"{STATUSES}/{asked['id']}"
    quoting = await said(jean, "Demain !", quoted_status_id=asked["id"])
    assert await call("GET", f"{path}/quotes")
    await call("POST", f"{path}/quotes/{quoting['id']}/revoke")
    await call("PUT", f"{path}/interaction_policy", quote_approval_policy="nobody")
    await call("POST", f"{path}/translate", lang="en")
    await call("GET", "/api/oembed", url=asked["url"])
    assert await call("GET", f"{V1}/timelines/direct") is not None
    days = [(neighbours.clock() + timedelta(days=number)).isoformat() for number in (1, 2, 3)]
    for due in days[:2]:
        planned = await call("POST", STATUSES, status="Bientôt", scheduled_at=due)
    assert len(await call("GET", SCHEDULED)) == 2
    await call("GET", f"{SCHEDULED}/{planned['id']}")
    await call("PUT", f"{SCHEDULED}/{planned['id']}", scheduled_at=days[2])
    await call("DELETE", f"{SCHEDULED}/{planned['id']}")


async def threads(neighbours: Neighbours, marie: App) -> None:
    """A thread of elsewhere that is completed while it is read."""
    far = await neighbours.app("zoe", neighbours.there)
    root = await said(far, "Qui vient ?")
    await said(far, "Moi", in_reply_to_id=root["id"])
    call = Caller(marie.http)
    (found,) = (await call("GET", f"{V2}/search", q=root["uri"], resolve=True))["statuses"]
    read = await marie.http.get(f"{STATUSES}/{found['id']}/context")
    refresh = read.headers["mastodon-async-refresh"].split('"')[1]
    await call("GET", f"/api/v1_alpha/async_refreshes/{refresh}")


async def collections(marie: App, jean: App) -> None:
    call, other, every = Caller(marie.http), Caller(jean.http), f"{V1}/collections"
    made = (await call("POST", every, name="Voisins"))["collection"]
    path = f"{every}/{made['id']}"
    who = {"account_id": str(jean.account.id)}
    for verb in ("accept", "revoke"):
        item = (await call("POST", f"{path}/items", **who))["collection_item"]
        await other("POST", f"{path}/items/{item['id']}/accept")
        assert await call("GET", path)
        assert (await call("GET", f"{ME}/{marie.account.id}/collections"))["collections"]
        assert (await other("GET", f"{ME}/{jean.account.id}/in_collections"))["collections"]
        if verb == "revoke":
            await other("POST", f"{path}/items/{item['id']}/revoke")
        else:
            await call("DELETE", f"{path}/items/{item['id']}")
    for method in ("PATCH", "PUT"):
        await call(method, path, name="Mes voisins")
    await call("DELETE", path)


async def told(neighbours: Neighbours, marie: App, phone: Phone) -> None:
    """What the commune announces, and the doors of streams and pushes."""
    call = Caller(marie.http)
    async with neighbours.here.commune.database.transaction() as tx:
        announced = await announcements.announce(tx, "Coupure d'eau", Span())
    path = f"{V1}/announcements"
    emoji = f"{path}/{announced.id}/reactions/{quote('🥳')}"
    await call("PUT", emoji)
    assert (await call("GET", path))[0]["reactions"]
    await call("DELETE", emoji)
    await call("POST", f"{path}/{announced.id}/dismiss")
    await call("POST", f"{V1}/push/subscription", **phone.wishes("mention"))
    await call("GET", f"{V1}/push/subscription")
    await call("PUT", f"{V1}/push/subscription", data={"policy": "none"})
    await call("DELETE", f"{V1}/push/subscription")
    for healthy in ("/health", f"{STREAMS}/health"):
        assert (await marie.http.get(healthy)).text == "OK"
    list_id = (await call("POST", f"{V1}/lists", title="Une"))["id"]
    feeds = ("", "/media", "/local", "/local/media", "/remote", "/remote/media")
    for name in (
        *(f"public{each}" for each in feeds),
        *("user", "user/notification", "direct", "hashtag", "hashtag/local", "list"),
    ):
        await _opened(marie.http, name, {"tag": "jardin", "list": list_id})


async def _opened(http: httpx.AsyncClient, name: str, params: dict[str, str]) -> None:
    async with http.stream("GET", f"{STREAMS}/{name}", params=params) as answer:
        assert answer.status_code == 200, name
