"""The number of the API that we tell apps, and what each number up to it promises them.

From the version histories of docs.joinmastodon.org. Annual reports (8) are an option of a
server, said by ``wrapstodon``: here they are not offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest

from fedcommune.domain.collections.model import MAX_COLLECTIONS
from fedcommune.mastodon import instance
from fedcommune.mastodon.app import ENDPOINTS
from fedcommune.mastodon.push import ALERTS
from tests.mastodon.answers import named
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import checked
from tests.mastodon.schemas_people import GROUPED, NOTIFICATION, REPORT
from tests.mastodon.test_collections import make
from tests.mastodon.words import STATUSES, follow, said
from tests.support import pictures

_COLLECTIONS: Final = "/api/v1/collections"
PROMISED: Final[Mapping[int, tuple[str, ...]]] = {
    2: (
        "GET /api/v2/notifications",
        "GET /api/v2/notifications/{group_key}",
        "POST /api/v2/notifications/{group_key}/dismiss",
        "GET /api/v2/notifications/{group_key}/accounts",
        "GET /api/v2/notifications/unread_count",
    ),
    3: ("PATCH /api/v1/accounts/update_credentials",),
    4: ("DELETE /api/v1/media/{id}", "DELETE /api/v1/statuses/{id}"),
    5: ("POST /api/v2/filters", "PUT /api/v2/filters/{id}"),
    7: (
        "GET /api/v1/statuses/{id}/quotes",
        "POST /api/v1/statuses/{id}/quotes/{quoting_status_id}/revoke",
        "PUT /api/v1/statuses/{id}/interaction_policy",
    ),
    8: ("GET /api/v1/profile", "PATCH /api/v1/profile"),
    10: (
        f"POST {_COLLECTIONS}",
        f"GET {_COLLECTIONS}/{{id}}",
        f"PATCH {_COLLECTIONS}/{{id}}",
        f"DELETE {_COLLECTIONS}/{{id}}",
        f"POST {_COLLECTIONS}/{{collection_id}}/items",
        f"DELETE {_COLLECTIONS}/{{collection_id}}/items/{{id}}",
        f"POST {_COLLECTIONS}/{{collection_id}}/items/{{id}}/revoke",
        "GET /api/v1/accounts/{account_id}/collections",
        "GET /api/v1/accounts/{account_id}/in_collections",
    ),
}


async def me(app: App) -> Any:
    return (await app.http.get("/api/v1/accounts/verify_credentials")).json()


async def test_the_number_is_told_with_the_version_that_has_it(anyone: httpx.AsyncClient) -> None:
    said_ = (await anyone.get("/api/v2/instance")).json()

    assert said_["api_versions"] == {"mastodon": 10}
    assert said_["version"].startswith("4.6.0 ")
    assert said_["wrapstodon"] is None
    assert max(PROMISED) == instance.API


@pytest.mark.parametrize("number", PROMISED)
def test_every_endpoint_that_a_number_promises_is_there(number: int) -> None:
    assert set(PROMISED[number]) <= {named(endpoint) for endpoint in ENDPOINTS}


async def test_3_to_5_websites_that_may_name_one_media_that_go_filters_that_blur(
    marie: App, neighbours: Neighbours
) -> None:
    paul = await neighbours.app("paul")
    path = "/api/v1/accounts/update_credentials"
    changed = await marie.http.patch(path, json={"attribution_domains": ["journal.example"]})
    assert changed.json()["source"]["attribution_domains"] == ["journal.example"]

    status = await said(marie, "Les courges")
    wanted = {"title": "x", "context": ["home"], "filter_action": "blur"}
    await paul.http.post(
        "/api/v2/filters", json={**wanted, "keywords_attributes": [{"keyword": "courges"}]}
    )
    seen = (await paul.http.get(f"{STATUSES}/{status['id']}")).json()
    assert [each["filter"]["filter_action"] for each in seen["filtered"]] == ["blur"]
    gone = await marie.http.delete(f"{STATUSES}/{status['id']}", params={"delete_media": "true"})
    assert gone.status_code == 200


async def test_7_quotes_are_said_with_a_policy_and_stay_in_the_history(
    marie: App, neighbours: Neighbours
) -> None:
    paul = await neighbours.app("paul")
    policy = {"source": {"quote_policy": "followers"}}
    await marie.http.patch("/api/v1/accounts/update_credentials", json=policy)
    preferences = (await marie.http.get("/api/v1/preferences")).json()
    assert preferences["posting:default:quote_policy"] == "followers"
    first = await said(marie, "Bonjour", quote_approval_policy="public")
    quoting = await said(paul, "Oui", quoted_status_id=first["id"])
    await paul.http.put(f"{STATUSES}/{quoting['id']}", json={"status": "Oui !"})

    history = (await paul.http.get(f"{STATUSES}/{quoting['id']}/history")).json()

    assert [each["quote"]["quoted_status"]["id"] for each in history] == [first["id"]] * 2
    assert {"quote", "quoted_update"} <= set(ALERTS)


async def test_9_pictures_of_a_profile_are_described(marie: App, neighbours: Neighbours) -> None:
    said_ = {"avatar_description": " Marie au jardin ", "header_description": "La mer"}
    files = {"avatar": ("a.png", pictures.png(), "image/png")}

    profile = (await marie.http.patch("/api/v1/profile", data=said_, files=files)).json()

    assert (profile["avatar_description"], profile["header_description"]) == (
        "Marie au jardin",
        "La mer",
    )
    assert (await me(marie))["avatar_description"] == "Marie au jardin"
    far = await neighbours.http(neighbours.there)
    known = await neighbours.there.meet(marie.account)
    there = (await far.get(f"/api/v1/accounts/{known.id}")).json()
    assert (there["avatar_description"], there["header_description"]) == ("Marie au jardin", "")
    too_long = await marie.http.patch("/api/v1/profile", json={"header_description": "x" * 1_501})
    assert too_long.status_code == 422
    await marie.http.delete("/api/v1/profile/header")
    last = await me(marie)
    assert (last["avatar_description"], last["header_description"]) == ("Marie au jardin", "")


async def test_10_an_app_is_given_words_for_what_it_does_not_know(
    marie: App, neighbours: Neighbours
) -> None:
    jean = await neighbours.app("jean")
    await make(marie, jean.account)
    status = await said(jean, "Bonjour")
    await marie.http.post(f"{STATUSES}/{status['id']}/favourite")
    path, knows = "/api/v1/notifications", {"supported_types[]": ["favourite", "mention"]}

    silent = (await jean.http.get(path)).json()
    like, collection = (await jean.http.get(path, params=knows)).json()
    one = (await jean.http.get(f"{path}/{collection['id']}", params=knows)).json()
    grouped = (await jean.http.get("/api/v2/notifications", params=knows)).json()

    assert [each["fallback"] for each in silent] == [None, None]
    assert (like["type"], like["fallback"]) == ("favourite", None)
    told = checked(collection, NOTIFICATION)["fallback"]
    assert told["title"] == "Marie vous recommande"
    assert "/settings/collections" in told["summary"]
    assert one["fallback"] == told
    groups = checked(grouped, GROUPED)["notification_groups"]
    assert {each["type"]: each["fallback"] for each in groups} == {
        "favourite": None,
        "added_to_collection": told,
    }


async def test_10_who_may_feature_somebody_is_told_to_each(
    marie: App, neighbours: Neighbours
) -> None:
    jean, luc = await neighbours.app("jean"), await neighbours.app("luc")
    await follow(neighbours.here, jean.account, luc.account)

    def approval(app: App) -> Any:
        return app.http.get(f"/api/v1/accounts/{jean.account.id}")

    by_luc, by_marie = (await approval(luc)).json(), (await approval(marie)).json()
    assert by_luc["feature_approval"]["current_user"] == "automatic"
    assert by_marie["feature_approval"]["current_user"] == "manual"
    assert (await me(marie))["role"]["collection_limit"] == MAX_COLLECTIONS


async def test_10_a_collection_is_reported_here_and_to_the_server_of_its_owner(
    marie: App, neighbours: Neighbours
) -> None:
    far, club = await neighbours.app("zoe", neighbours.there), None
    club = await neighbours.there.organisation(far.account, "club")
    made = await make(far, club)
    owner = await neighbours.here.meet(far.account)
    await marie.http.get(f"/api/v1/accounts/{owner.id}/collections")
    (known,) = (await marie.http.get(f"/api/v1/accounts/{owner.id}/collections")).json()[
        "collections"
    ]
    assert known["uri"] == made["uri"]
    body = {"account_id": str(owner.id), "collection_ids": [known["id"]], "forward": True}

    report = checked((await marie.http.post("/api/v1/reports", json=body)).json(), REPORT)
    strange = await marie.http.post("/api/v1/reports", json={**body, "collection_ids": ["17"]})
    await neighbours.settle()

    assert report["collection_ids"] == [known["id"]]
    assert strange.status_code == 404
    assert await neighbours.here.count("commune.report") == 1
    pool = neighbours.there.commune.database.pool
    found = await pool.fetchval("select collection_ids from commune.report")
    assert [str(each) for each in found] == [made["id"]]
