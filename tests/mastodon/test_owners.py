"""Nobody reaches what is another's: every endpoint with an id, walked by somebody else."""

from __future__ import annotations

import httpx

from fedcommune.domain.visibility import Visibility
from fedcommune.mastodon import conversations, filters, lists, notifications
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import checked, listed
from tests.mastodon.schemas_people import CONVERSATION, REPORT

OWNED = (*lists.ENDPOINTS, *filters.ENDPOINTS, *notifications.ENDPOINTS, *conversations.ENDPOINTS)
TABLES = ("list", "list_member", "filter", "filter_keyword", "filter_post", "notification")
# Says whose lists have somebody: one's own, whoever asks.
ELSEWHERE = {"/api/v1/accounts/{id}/lists"}


async def said(http: httpx.AsyncClient, path: str, **body: object) -> str:
    answer = await http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def test_sec_vis_11_no_endpoint_takes_the_id_of_another(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.app("jean")
    await jean.http.post(f"/api/v1/accounts/{marie.account.id}/follow")
    await marie.http.post(f"/api/v1/accounts/{jean.account.id}/follow")
    letter = await neighbours.here.say(jean.account, "Psst @marie", Visibility.DIRECT)
    list_id = await said(marie.http, "/api/v1/lists", title="x")
    await marie.http.post(
        f"/api/v1/lists/{list_id}/accounts", json={"account_ids": [str(jean.account.id)]}
    )
    filter_id = await said(marie.http, "/api/v2/filters", title="x", context=["home"])
    path = f"/api/v2/filters/{filter_id}"
    keyword_id = await said(marie.http, f"{path}/keywords", keyword="x")
    held_id = await said(marie.http, f"{path}/statuses", status_id=str(letter.id))
    told = (await marie.http.get("/api/v1/notifications")).json()[0]
    luc = await neighbours.app("luc")
    before = [await neighbours.here.count(f"commune.{table}") for table in TABLES]

    walked = 0
    for endpoint in OWNED:
        if "{" not in endpoint.path or endpoint.path in ELSEWHERE:
            continue
        for id_ in (list_id, filter_id, keyword_id, held_id, told["id"], str(letter.id)):
            address = endpoint.path.replace("{id}", id_).replace("{list_id}", id_)
            address = address.replace("{group_key}", f"ungrouped-{id_}")
            answer = await luc.http.request(
                endpoint.method,
                address,
                json={"title": "y", "context": ["home"], "phrase": "y", "keyword": "y"}
                | {"account_ids": [str(luc.account.id)], "status_id": str(letter.id)},
            )
            assert answer.status_code == 404, f"{endpoint.method} {address}: {answer.text}"
            assert answer.json() == {"error": "Record not found"}
            walked += 1

    assert walked > 100
    assert before == [await neighbours.here.count(f"commune.{table}") for table in TABLES]


async def test_conversations_are_read_and_put_away(neighbours: Neighbours, marie: App) -> None:
    jean = await neighbours.here.citizen("jean")
    first = await neighbours.here.say(jean, "Psst @marie", Visibility.DIRECT)
    path = "/api/v1/conversations"

    (found,) = checked((await marie.http.get(path)).json(), listed(CONVERSATION))
    assert (found["id"], found["unread"]) == (str(first.id), True)
    assert [each["username"] for each in found["accounts"]] == ["jean"]
    assert found["last_status"]["content"].startswith("<p>Psst")

    read = checked((await marie.http.post(f"{path}/{found['id']}/read")).json(), CONVERSATION)
    assert not read["unread"]
    assert (await marie.http.delete(f"{path}/{found['id']}")).json() == {}
    assert (await marie.http.get(path)).json() == []

    await neighbours.here.say(jean, "Alors @marie ?", Visibility.DIRECT, to=first)
    (again,) = (await marie.http.get(path)).json()
    assert (again["id"], again["unread"]) == (found["id"], True)


async def test_somebody_is_reported_and_their_server_hears_of_it(
    neighbours: Neighbours, marie: App
) -> None:
    luc = await neighbours.there.citizen("luc")
    known = await neighbours.here.meet(luc)

    answer = await marie.http.post(
        "/api/v1/reports",
        json={"account_id": str(known.id), "comment": "Pub", "category": "spam", "forward": True},
    )

    found = checked(answer.json(), REPORT)
    assert (found["category"], found["forwarded"]) == ("spam", True)
    assert found["target_account"]["id"] == str(known.id)
    await neighbours.settle()
    assert await neighbours.there.count("commune.report") == 1


async def test_a_report_of_what_one_cannot_see_is_refused(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.here.citizen("jean")
    secret = await neighbours.here.say(jean, "Entre nous", Visibility.FOLLOWERS)

    for body in (
        {"account_id": str(jean.id), "status_ids": [str(secret.id)]},
        {"account_id": "1"},
    ):
        assert (await marie.http.post("/api/v1/reports", json=body)).status_code == 404
    nonsense = {"account_id": str(jean.id), "category": "x"}
    assert (await marie.http.post("/api/v1/reports", json=nonsense)).status_code == 422
    assert await neighbours.here.count("commune.report") == 0
