"""Lists: made, changed, filled, read."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.lists.model import MAX_LISTS
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import ACCOUNT, STATUS, checked
from tests.mastodon.schemas_people import LIST

LISTS = "/api/v1/lists"


async def make(app: App, **body: Any) -> str:
    answer = await app.http.post(LISTS, json={"title": "Voisins", **body})
    assert answer.status_code == 200, answer.text
    return str(checked(answer.json(), LIST)["id"])


async def test_a_list_from_its_making_to_its_end(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.here.citizen("jean")
    await marie.http.post(f"/api/v1/accounts/{jean.id}/follow")
    one = f"{LISTS}/{await make(marie, replies_policy='followed', exclusive=True)}"

    changed = await marie.http.put(one, json={"title": "Amis"})
    assert checked(changed.json(), LIST)["title"] == "Amis"
    assert (changed.json()["replies_policy"], changed.json()["exclusive"]) == ("followed", True)
    assert (await marie.http.get(LISTS)).json() == [changed.json()]
    assert (await marie.http.get(one)).json() == changed.json()

    added = await marie.http.post(f"{one}/accounts", data={"account_ids[]": [str(jean.id)]})
    assert (added.status_code, added.json()) == (200, {})
    for query in ("", "?limit=0"):
        members = (await marie.http.get(f"{one}/accounts{query}")).json()
        assert [checked(each, ACCOUNT)["username"] for each in members] == ["jean"]
    assert (await marie.http.get(f"/api/v1/accounts/{jean.id}/lists")).json() == [changed.json()]

    taken = await marie.http.request(
        "DELETE", f"{one}/accounts", json={"account_ids": [str(jean.id)]}
    )
    assert taken.json() == {}
    assert (await marie.http.get(f"{one}/accounts")).json() == []
    assert (await marie.http.delete(one)).json() == {}
    assert (await marie.http.get(one)).status_code == 404


async def test_a_list_is_read_as_its_own_timeline(marie: App, neighbours: Neighbours) -> None:
    jean, luc = await neighbours.here.citizen("jean"), await neighbours.here.citizen("luc")
    await marie.http.post(f"/api/v1/accounts/{jean.id}/follow")
    list_id = await make(marie, replies_policy="none")
    await marie.http.post(f"{LISTS}/{list_id}/accounts", json={"account_ids": [str(jean.id)]})
    asked = await neighbours.here.say(luc, "Qui vient ?")
    await neighbours.here.say(jean, "Bonjour")
    await neighbours.here.say(jean, "Moi !", to=asked)

    found = (await marie.http.get(f"/api/v1/timelines/list/{list_id}")).json()
    assert [checked(each, STATUS)["content"] for each in found] == ["<p>Bonjour</p>"]

    await marie.http.post(f"/api/v1/accounts/{jean.id}/mute")
    assert (await marie.http.get(f"/api/v1/timelines/list/{list_id}")).json() == []


@pytest.mark.parametrize(
    "body", [{"title": " "}, {"title": "x" * 251}, {"title": "x", "replies_policy": "all"}]
)
async def test_sec_dos_06_a_list_has_limits(
    marie: App, neighbours: Neighbours, body: dict[str, str]
) -> None:
    assert (await marie.http.post(LISTS, json=body)).status_code == 422
    assert await neighbours.here.count("commune.list") == 0


async def test_sec_dos_06_nobody_has_one_list_too_many(marie: App, neighbours: Neighbours) -> None:
    for _ in range(MAX_LISTS):
        await make(marie)

    assert (await marie.http.post(LISTS, json={"title": "x"})).status_code == 422
    assert await neighbours.here.count("commune.list") == MAX_LISTS


async def test_only_whom_one_follows_is_put_on_a_list(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.here.citizen("jean")
    one = f"{LISTS}/{await make(marie)}/accounts"

    answer = await marie.http.post(one, json={"account_ids": [str(jean.id)]})

    assert answer.status_code == 404
    assert await neighbours.here.count("commune.list_member") == 0
