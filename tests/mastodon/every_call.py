"""One good call of each endpoint, in an order in which each finds something to answer with."""

from __future__ import annotations

from typing import Any

import httpx

from fedcommune.domain.visibility import Visibility
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.signing import Client
from tests.mastodon.words import STATUSES, said

V1, V2 = "/api/v1", "/api/v2"
ME = f"{V1}/accounts"


class Caller:
    """Calls as one person; every call must go well."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def __call__(self, method: str, path: str, **body: Any) -> Any:
        given = {"params": body} if method == "GET" else {"json": body}
        answer = await self.http.request(method, path, **given)  # type: ignore[arg-type]  # one or the other
        assert answer.status_code == 200, f"{method} {path}: {answer.text}"
        return answer.json()


async def the_house(neighbours: Neighbours, marie: App) -> None:
    """The server's own pages, and applications."""
    anyone = await neighbours.http()
    call = Caller(anyone)
    for path in (f"{V1}/instance", f"{V2}/instance", f"{V1}/directory", f"{V1}/custom_emojis"):
        await call("GET", path)
    for page in ("rules", "peers", "activity", "domain_blocks", "extended_description"):
        await call("GET", f"{V1}/instance/{page}")
    for page in ("privacy_policy", "terms_of_service", "translation_languages"):
        await call("GET", f"{V1}/instance/{page}")
    dated = (await call("GET", f"{V1}/instance/terms_of_service"))["effective_date"]
    await call("GET", f"{V1}/instance/terms_of_service/{dated}")
    await call("GET", "/.well-known/oauth-authorization-server")
    client = await Client.registered(neighbours.here, anyone)
    given = await client.exchange(await client.code(marie.account, "read"))
    token = given.json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    await anyone.get(f"{V1}/apps/verify_credentials", headers=headers)
    await anyone.post("/oauth/revoke", data={"token": token, **client.credentials})
    for method in ("GET", "POST"):
        await Caller(marie.http)(method, "/oauth/userinfo")
    await Caller(marie.http)("GET", f"{V1}/announcements")


async def oneself(marie: App) -> None:
    call = Caller(marie.http)
    await call("PATCH", f"{ME}/update_credentials", note="Bonjour", locked=True)
    await call("GET", f"{ME}/verify_credentials")
    await call("DELETE", f"{V1}/profile/avatar")
    await call("DELETE", f"{V1}/profile/header")
    await call("GET", f"{V1}/preferences")


async def people(neighbours: Neighbours, marie: App) -> None:
    """Jean and Luc, whom Marie follows, mutes, blocks and reports."""
    jean, luc = await neighbours.app("jean"), await neighbours.app("luc")
    call, other = Caller(marie.http), f"{ME}/{jean.account.id}"
    # Marie lets in who asks.
    for app, verb in ((jean, "authorize"), (luc, "reject")):
        await Caller(app.http)("POST", f"{ME}/{marie.account.id}/follow")
        assert await call("GET", f"{V1}/follow_requests")
        await call("POST", f"{V1}/follow_requests/{app.account.id}/{verb}")
    await Caller(luc.http)("POST", f"{other}/follow")
    await call("POST", f"{ME}/{luc.account.id}/follow")
    await said(jean, "Le jardin est ouvert #jardin https://example.org/jardin")
    assert await call("GET", f"{V1}/suggestions") is not None
    await call("GET", f"{V2}/suggestions")
    await call("DELETE", f"{V1}/suggestions/{jean.account.id}")
    await call("POST", f"{other}/follow")
    assert await call("GET", ME, **{"id[]": [str(jean.account.id)]})
    await call("GET", other)
    await call("GET", f"{ME}/lookup", acct="jean")
    assert await call("GET", f"{ME}/search", q="jean")
    assert await call("GET", f"{ME}/relationships", **{"id[]": [str(jean.account.id)]})
    await call("GET", f"{ME}/familiar_followers", **{"id[]": [str(jean.account.id)]})
    for verb in ("endorse", "unendorse", "pin"):
        await call("POST", f"{other}/{verb}")
    assert await call("GET", f"{V1}/endorsements")
    await call("GET", f"{ME}/{marie.account.id}/endorsements")
    await call("POST", f"{other}/unpin")
    await call("POST", f"{other}/note", comment="Du jardin")
    for page in ("followers", "following", "statuses", "featured_tags", "lists"):
        await call("GET", f"{other}/{page}")
    for verb in ("mute", "unmute", "remove_from_followers"):
        await call("POST", f"{other}/{verb}", duration=600)
        await call("GET", f"{V1}/mutes")
    await call("POST", f"{ME}/{luc.account.id}/block")
    assert await call("GET", f"{V1}/blocks")
    await call("POST", f"{ME}/{luc.account.id}/unblock")
    await call("POST", f"{ME}/{luc.account.id}/unfollow")
    await call("POST", f"{V1}/domain_blocks", domain="far.example")
    assert await call("GET", f"{V1}/domain_blocks") == ["far.example"]
    await call("DELETE", f"{V1}/domain_blocks", domain="far.example")
    await call("POST", f"{V1}/reports", account_id=str(luc.account.id), comment="Bruyant")


async def statuses(marie: App, jean: App) -> None:
    call = Caller(marie.http)
    status = await said(marie, "Bonjour @jean #jardin", spoiler_text="Attention")
    path = f"{STATUSES}/{status['id']}"
    answer = await said(jean, "Bonjour @marie", in_reply_to_id=status["id"])
    await call("PUT", path, status="Rebonjour @jean #jardin https://example.org/jardin")
    for verb in ("favourite", "reblog", "bookmark", "pin", "mute"):
        await call("POST", f"{path}/{verb}")
    for page in ("context", "history", "source", "favourited_by", "reblogged_by"):
        assert await call("GET", f"{path}/{page}")
    assert await call("GET", STATUSES, **{"id[]": [status["id"], answer["id"]]})
    await call("GET", path)
    for page in ("bookmarks", "favourites", "timelines/home", "timelines/public"):
        assert await call("GET", f"{V1}/{page}"), page
    assert await call("GET", f"{V1}/timelines/tag/jardin")
    await call("GET", f"{V1}/timelines/link", url="https://example.org/jardin")
    assert await call("POST", f"{V1}/markers", home={"last_read_id": status["id"]})
    assert await call("GET", f"{V1}/markers", **{"timeline[]": ["home"]})
    for page in ("trends", "trends/tags", "trends/links", "trends/statuses"):
        await call("GET", f"{V1}/{page}")
    found = await call("GET", f"{V2}/search", q="jardin")
    assert found["statuses"]
    assert found["hashtags"]
    for verb in ("unfavourite", "unreblog", "unbookmark", "unpin", "unmute"):
        await call("POST", f"{path}/{verb}")
    await call("DELETE", path)


async def tags(marie: App) -> None:
    call, path = Caller(marie.http), f"{V1}/tags/jardin"
    await call("GET", path)
    await call("POST", f"{path}/follow")
    assert await call("GET", f"{V1}/followed_tags")
    await call("POST", f"{path}/unfollow")
    await call("POST", f"{path}/feature")
    await call("POST", f"{path}/unfeature")
    featured = await call("POST", f"{V1}/featured_tags", name="jardin")
    assert await call("GET", f"{V1}/featured_tags")
    await call("GET", f"{V1}/featured_tags/suggestions")
    await call("DELETE", f"{V1}/featured_tags/{featured['id']}")


async def lists(marie: App, jean: App) -> None:
    call = Caller(marie.http)
    made = await call("POST", f"{V1}/lists", title="Voisins")
    path, members = f"{V1}/lists/{made['id']}", [str(jean.account.id)]
    await call("PUT", path, title="Voisines")
    await call("GET", path)
    assert await call("GET", f"{V1}/lists")
    await call("POST", f"{path}/accounts", account_ids=members)
    assert await call("GET", f"{path}/accounts")
    assert await call("GET", f"{ME}/{members[0]}/lists")
    assert await call("GET", f"{V1}/timelines/list/{made['id']}")
    await call("DELETE", f"{path}/accounts", account_ids=members)
    await call("DELETE", path)


async def filters(marie: App, jean: App) -> None:
    call, every = Caller(marie.http), f"{V2}/filters"
    status = await said(jean, "Encore des courgettes")
    made = await call(
        "POST", every, title="Courgettes", context=["home", "public"], filter_action="warn"
    )
    path = f"{every}/{made['id']}"
    keyword = await call("POST", f"{path}/keywords", keyword="courgettes")
    held = await call("POST", f"{path}/statuses", status_id=status["id"])
    for page in (every, path, f"{path}/keywords", f"{path}/statuses"):
        assert await call("GET", page)
    await call("GET", f"{V1}/timelines/home")
    await call("GET", f"{every}/keywords/{keyword['id']}")
    await call("PUT", f"{every}/keywords/{keyword['id']}", keyword="courgette")
    await call("GET", f"{every}/statuses/{held['id']}")
    await call("PUT", path, title="Légumes")
    await call("DELETE", f"{every}/keywords/{keyword['id']}")
    await call("DELETE", f"{every}/statuses/{held['id']}")
    await call("DELETE", path)
    first = await call("POST", f"{V1}/filters", phrase="navets", context=["home"])
    assert await call("GET", f"{V1}/filters")
    await call("GET", f"{V1}/filters/{first['id']}")
    await call("PUT", f"{V1}/filters/{first['id']}", phrase="navet", context=["home"])
    await call("DELETE", f"{V1}/filters/{first['id']}")


async def told(neighbours: Neighbours, marie: App, jean: App) -> None:
    """Conversations, notifications, and those that wait for a yes."""
    call, every, groups = Caller(marie.http), f"{V1}/notifications", f"{V2}/notifications"
    await neighbours.here.say(jean.account, "Psst @marie", Visibility.DIRECT)
    (talk,) = await call("GET", f"{V1}/conversations")
    await call("POST", f"{V1}/conversations/{talk['id']}/read")
    await call("DELETE", f"{V1}/conversations/{talk['id']}")
    await call("GET", f"{every}/unread_count")
    notification = (await call("GET", every))[-1]
    await call("GET", f"{every}/{notification['id']}")
    await call("GET", f"{groups}/unread_count")
    group = (await call("GET", groups))["notification_groups"][0]["group_key"]
    await call("GET", f"{groups}/{group}")
    assert await call("GET", f"{groups}/{group}/accounts")
    await call("POST", f"{groups}/{group}/dismiss")
    await call("POST", f"{every}/{notification['id']}/dismiss")
    await call("PATCH", f"{groups}/policy", for_not_following="filter")
    await call("GET", f"{groups}/policy")
    strangers = []
    for name in ("ali", "bea", "coco", "dodo"):
        stranger = await neighbours.app(name)
        await said(stranger, "Bonjour @marie")
        strangers.append(str(stranger.account.id))
    assert await call("GET", f"{every}/requests")
    await call("GET", f"{every}/requests/merged")
    await call("GET", f"{every}/requests/{strangers[0]}")
    await call("POST", f"{every}/requests/{strangers[0]}/accept")
    await call("POST", f"{every}/requests/{strangers[1]}/dismiss")
    await call("POST", f"{every}/requests/accept", id=[strangers[2]])
    await call("POST", f"{every}/requests/dismiss", id=[strangers[3]])
    await call("POST", f"{every}/clear")
