"""Whom people recommend, through the API: made, filled with consent, taken back (version 10)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.collections.model import MAX_COLLECTIONS
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import (
    ACCOUNT,
    address,
    checked,
    count,
    identifier,
    listed,
    maybe,
    moment,
    one_of,
    shaped,
    text,
    truth,
)
from tests.mastodon.words import block, follow, said

ALL = "/api/v1/collections"
ITEM = shaped(
    {
        "id": identifier,
        "account_id": maybe(identifier),
        "state": one_of("pending", "accepted"),
        "created_at": moment,
    }
)
COLLECTION = shaped(
    {
        "id": identifier,
        "account_id": identifier,
        "uri": address,
        "url": maybe(address),
        "name": text,
        "description": text,
        "language": maybe(text),
        "local": truth,
        "sensitive": truth,
        "discoverable": truth,
        "tag": maybe(shaped({"name": text, "url": address})),
        "item_count": count,
        "items": listed(ITEM),
        "created_at": moment,
        "updated_at": moment,
    }
)


async def make(app: App, *people: Account, **more: Any) -> Any:
    body = {"name": "Mes voisins", "account_ids": [str(each.id) for each in people], **more}
    answer = await app.http.post(ALL, json=body)
    assert answer.status_code == 200, answer.text
    return checked(answer.json()["collection"], COLLECTION)


async def seen(http: httpx.AsyncClient, collection: Any) -> Any:
    answer = await http.get(f"{ALL}/{collection['id']}")
    assert answer.status_code == 200, answer.text
    checked(answer.json()["accounts"], listed(ACCOUNT))
    return checked(answer.json()["collection"], COLLECTION)


async def of(http: httpx.AsyncClient, account: Account, what: str = "collections") -> list[Any]:
    answer = await http.get(f"/api/v1/accounts/{account.id}/{what}")
    assert answer.status_code == 200, answer.text
    found: list[Any] = checked(answer.json()["collections"], listed(COLLECTION))
    return found


async def test_a_collection_from_its_making_to_its_end(marie: App, neighbours: Neighbours) -> None:
    garage = await neighbours.here.organisation(marie.account, "garage")

    made = await make(
        marie, garage, description="De <confiance>", tag_name="#Voisins", language="fr"
    )
    assert (made["description"], made["tag"]["name"]) == ("De &lt;confiance&gt;", "voisins")
    assert [(each["account_id"], each["state"]) for each in made["items"]] == [
        (str(garage.id), "accepted")
    ]
    whole = (await marie.http.get(f"{ALL}/{made['id']}")).json()
    assert [each["username"] for each in whole["accounts"]] == ["marie", "garage"]

    changed = await marie.http.patch(f"{ALL}/{made['id']}", json={"name": "Mon quartier"})
    assert checked(changed.json()["collection"], COLLECTION)["name"] == "Mon quartier"
    assert changed.json()["collection"]["tag"]["name"] == "voisins"
    assert [each["id"] for each in await of(marie.http, marie.account)] == [made["id"]]
    assert [each["id"] for each in await of(marie.http, garage, "in_collections")] == [made["id"]]

    item = f"{ALL}/{made['id']}/items/{made['items'][0]['id']}"
    assert (await marie.http.delete(item)).json() == {}
    assert (await seen(marie.http, made))["item_count"] == 0
    assert (await marie.http.delete(f"{ALL}/{made['id']}")).json() == {}
    gone = await marie.http.get(f"{ALL}/{made['id']}")
    assert (gone.status_code, gone.json()) == (404, {"error": "Record not found"})


async def test_a_citizen_is_asked_and_nobody_sees_them_before_they_agree(
    marie: App, neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    jean = await neighbours.app("jean")
    assert (await marie.http.get(f"/api/v1/accounts/{jean.account.id}")).json()[
        "feature_approval"
    ] == {"automatic": ["following"], "manual": ["public"], "current_user": "manual"}

    made = await make(marie, jean.account)

    assert [each["state"] for each in made["items"]] == ["pending"]
    assert (await seen(anyone, made))["items"] == []
    (told,) = (await jean.http.get("/api/v1/notifications")).json()
    assert (told["type"], told["collection"]["id"]) == ("added_to_collection", made["id"])
    assert [each["state"] for each in told["collection"]["items"]] == ["pending"]
    item = f"{ALL}/{made['id']}/items/{made['items'][0]['id']}"
    stranger = await neighbours.app("luc")
    refused = await stranger.http.post(f"{item}/accept")
    assert refused.status_code == 404
    assert (await seen(anyone, made))["items"] == []

    agreed = await jean.http.post(f"{item}/accept")
    assert agreed.json()["collection_item"]["state"] == "accepted"
    assert [each["state"] for each in (await seen(anyone, made))["items"]] == ["accepted"]


async def test_who_follows_the_owner_agrees_at_once(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.here.citizen("jean")
    await follow(neighbours.here, jean, marie.account)

    made = await make(marie, jean)

    assert [each["state"] for each in made["items"]] == ["accepted"]


async def test_consent_is_taken_back_for_good(
    marie: App, neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    jean = await neighbours.app("jean")
    await follow(neighbours.here, jean.account, marie.account)
    made = await make(marie, jean.account)
    item = f"{ALL}/{made['id']}/items/{made['items'][0]['id']}"
    luc = await neighbours.app("luc")
    refused = await luc.http.post(f"{item}/revoke")
    assert (refused.status_code, refused.json()["error"]) == (403, "This action is not allowed")
    assert (await seen(anyone, made))["item_count"] == 1

    assert (await jean.http.post(f"{item}/revoke")).json() == {}

    assert (await seen(anyone, made))["item_count"] == 0
    assert (await jean.http.get("/api/v1/notifications")).json() == []
    again = await marie.http.post(
        f"{ALL}/{made['id']}/items", json={"account_id": str(jean.account.id)}
    )
    assert again.status_code == 422
    assert (await seen(marie.http, made))["item_count"] == 0


async def test_nobody_is_recommended_against_their_will(marie: App, neighbours: Neighbours) -> None:
    shy, blocker = await neighbours.here.citizen("shy"), await neighbours.here.citizen("blocker")
    await block(neighbours.here, blocker, marie.account)
    async with neighbours.here.commune.database.transaction() as tx:
        shy = await accounts.edit(tx, shy, Changes(discoverable=False))
    made = await make(marie)

    for account_id in (str(shy.id), str(blocker.id), "12345"):
        added = await marie.http.post(f"{ALL}/{made['id']}/items", json={"account_id": account_id})
        assert added.status_code == 422, account_id
        whole = await marie.http.post(ALL, json={"name": "x", "account_ids": [account_id]})
        assert whole.status_code == 422
    assert (await marie.http.post(f"{ALL}/{made['id']}/items", json={})).status_code == 422
    assert await neighbours.here.count("commune.collection_item") == 0
    assert await neighbours.here.count("commune.collection") == 1


async def test_sec_vis_11_a_collection_is_its_owners_alone(
    marie: App, neighbours: Neighbours
) -> None:
    garage = await neighbours.here.organisation(marie.account, "garage")
    made = await make(marie, garage)
    luc = await neighbours.app("luc")
    item = made["items"][0]["id"]

    for method, path in (
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/items"),
        ("DELETE", f"/items/{item}"),
    ):
        refused = await luc.http.request(
            method,
            f"{ALL}/{made['id']}{path}",
            json={"name": "x", "account_id": str(luc.account.id)},
        )
        assert refused.status_code == 403, f"{method} {path}"
        assert refused.json() == {"error": "This action is not allowed"}
    assert await seen(luc.http, made) == made

    await block(neighbours.here, marie.account, luc.account)
    for method, path in (("PATCH", ""), ("DELETE", ""), ("GET", "")):
        gone = await luc.http.request(method, f"{ALL}/{made['id']}{path}", json={"name": "x"})
        assert gone.status_code == 404, f"{method} {path}"
    assert (
        await luc.http.get(f"/api/v1/accounts/{marie.account.id}/collections")
    ).status_code == 404


async def test_an_unlisted_collection_is_for_who_has_its_address(
    marie: App, neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    garage = await neighbours.here.organisation(marie.account, "garage")
    made = await make(marie, garage, discoverable=False)

    assert await of(anyone, marie.account) == []
    assert len(await of(marie.http, marie.account)) == 1
    jean = await neighbours.app("jean")
    assert await of(jean.http, garage, "in_collections") == []
    assert (await seen(anyone, made))["discoverable"] is False


async def test_the_three_lists_are_called_by_what_they_are(
    marie: App, neighbours: Neighbours
) -> None:
    answer = await marie.http.post(ALL, json={"kind": "appreciates"})

    made = checked(answer.json()["collection"], COLLECTION)
    assert (made["name"], made["kind"]) == ("Mes commerces et services", "appreciates")
    assert (await marie.http.post(ALL, json={"kind": "appreciates"})).status_code == 409
    assert (await marie.http.post(ALL, json={"kind": "detests"})).status_code == 422
    assert (await marie.http.post(ALL, json={})).status_code == 422
    assert await neighbours.here.count("commune.collection") == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": " "},
        {"name": "x" * 41},
        {"name": "x", "description": "x" * 101},
        {"name": "x", "tag_name": "deux mots"},
        {"name": "x", "language": "<b>"},
    ],
)
async def test_sec_dos_06_a_collection_has_limits(
    marie: App, neighbours: Neighbours, body: dict[str, str]
) -> None:
    assert (await marie.http.post(ALL, json=body)).status_code == 422
    assert await neighbours.here.count("commune.collection") == 0


async def test_sec_dos_06_nobody_has_one_collection_too_many(
    marie: App, neighbours: Neighbours
) -> None:
    for _ in range(MAX_COLLECTIONS):
        await make(marie)

    assert (await marie.http.post(ALL, json={"name": "x"})).status_code == 422
    assert await neighbours.here.count("commune.collection") == MAX_COLLECTIONS
    first = await marie.http.get(f"/api/v1/accounts/{marie.account.id}/collections?limit=4")
    assert len(first.json()["collections"]) == 4
    second = await marie.http.get(first.links["next"]["url"])
    assert second.links.keys() == {"next", "prev"}
    assert second.json()["collections"][0]["id"] > first.json()["collections"][-1]["id"]


async def test_who_stands_in_it_is_told_when_it_is_called_otherwise(
    marie: App, neighbours: Neighbours
) -> None:
    jean = await neighbours.app("jean")
    await follow(neighbours.here, jean.account, marie.account)
    made = await make(marie, jean.account)

    for name in ("Amis", "Gens biens"):
        await marie.http.patch(f"{ALL}/{made['id']}", json={"name": name})

    types = [each["type"] for each in (await jean.http.get("/api/v1/notifications")).json()]
    assert types == ["collection_update", "added_to_collection"]
    grouped = (await jean.http.get("/api/v2/notifications")).json()["notification_groups"]
    assert [each["collection"]["name"] for each in grouped] == ["Gens biens", "Gens biens"]


async def test_a_status_that_leads_to_a_collection_carries_it(
    marie: App, neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    garage = await neighbours.here.organisation(marie.account, "garage")
    made = await make(marie, garage)

    status = await said(marie, f"Voyez {made['url']}")

    assert [each["id"] for each in status["tagged_collections"]] == [made["id"]]
    found = await marie.http.get("/api/v2/search", params={"q": made["url"]})
    assert [each["id"] for each in found.json()["collections"]] == [made["id"]]
    page = (await anyone.get(f"/collections/{made['id']}")).text
    assert "Mes voisins" in page
    assert "@garage" in page
    assert (await anyone.get("/collections/12")).status_code == 404
