"""What people are told: one by one, in groups, and what waits to be let in."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Visibility
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import checked
from tests.mastodon.schemas_people import GROUPED, NOTIFICATION, POLICY, REQUEST

ALL, GROUPS = "/api/v1/notifications", "/api/v2/notifications"


@pytest.fixture
async def jean(neighbours: Neighbours) -> App:
    return await neighbours.app("jean")


@pytest.fixture
async def post(neighbours: Neighbours, marie: App) -> Post:
    return await neighbours.here.say(marie.account, "Bonjour")


async def told(app: App, **params: Any) -> list[str]:
    answer = await app.http.get(ALL, params=params)
    assert answer.status_code == 200, answer.text
    return [checked(each, NOTIFICATION)["type"] for each in answer.json()]


async def like(app: App, post: Post) -> None:
    answer = await app.http.post(f"/api/v1/statuses/{post.id}/favourite")
    assert answer.status_code == 200, answer.text


async def test_notifications_are_told_chosen_and_forgotten(
    marie: App, jean: App, post: Post, neighbours: Neighbours
) -> None:
    await like(jean, post)
    await jean.http.post(f"/api/v1/accounts/{marie.account.id}/follow")
    await neighbours.here.say(jean.account, "Salut @marie")
    await neighbours.here.say(jean.account, "Oui", to=post)

    assert await told(marie) == ["mention", "mention", "follow", "favourite"]
    assert await told(marie, **{"types[]": ["mention"]}) == ["mention", "mention"]
    assert await told(marie, **{"exclude_types[]": ["mention"]}) == ["follow", "favourite"]
    assert await told(marie, account_id=str(marie.account.id)) == []
    assert (await marie.http.get(f"{ALL}/unread_count")).json() == {"count": 4}

    first = (await marie.http.get(ALL, params={"limit": 1})).json()[0]
    assert first["status"]["content"] == "<p>Oui</p>"
    await marie.http.post("/api/v1/markers", json={"notifications": {"last_read_id": first["id"]}})
    assert (await marie.http.get(f"{ALL}/unread_count")).json() == {"count": 0}

    assert (await marie.http.get(f"{ALL}/{first['id']}")).json() == first
    assert (await marie.http.post(f"{ALL}/{first['id']}/dismiss")).json() == {}
    assert await told(marie) == ["mention", "follow", "favourite"]
    assert (await marie.http.post(f"{ALL}/clear")).json() == {}
    assert await told(marie) == []


async def test_pages_go_both_ways(
    marie: App, jean: App, post: Post, neighbours: Neighbours
) -> None:
    for word in ("un", "deux", "trois"):
        await neighbours.here.say(jean.account, f"{word} @marie")

    first = await marie.http.get(ALL, params={"limit": 2})
    second = await marie.http.get(first.links["next"]["url"])
    back = await marie.http.get(second.links["prev"]["url"])

    assert len(second.json()) == 1
    assert [each["id"] for each in back.json()] == [each["id"] for each in first.json()]


async def test_what_is_alike_is_told_together(
    marie: App, jean: App, post: Post, neighbours: Neighbours
) -> None:
    luc = await neighbours.app("luc")
    await like(jean, post)
    await like(luc, post)
    await neighbours.here.say(jean.account, "Salut @marie")

    found = checked((await marie.http.get(GROUPS)).json(), GROUPED)

    mention, likes = found["notification_groups"]
    assert (mention["type"], mention["notifications_count"]) == ("mention", 1)
    assert mention["group_key"].startswith("ungrouped-")
    assert (likes["type"], likes["notifications_count"]) == ("favourite", 2)
    assert likes["sample_account_ids"] == [str(luc.account.id), str(jean.account.id)]
    assert likes["status_id"] == str(post.id)
    assert {each["username"] for each in found["accounts"]} == {"jean", "luc"}
    assert {each["id"] for each in found["statuses"]} == {str(post.id), mention["status_id"]}
    assert (await marie.http.get(f"{GROUPS}/unread_count")).json() == {"count": 2}

    apart = (await marie.http.get(GROUPS, params={"grouped_types[]": ["follow"]})).json()
    assert [each["notifications_count"] for each in apart["notification_groups"]] == [1, 1, 1]

    one = f"{GROUPS}/{likes['group_key']}"
    assert checked((await marie.http.get(one)).json(), GROUPED)["notification_groups"] == [likes]
    people = (await marie.http.get(f"{one}/accounts")).json()
    assert [each["username"] for each in people] == ["luc", "jean"]
    assert (await jean.http.get(one)).status_code == 404
    assert (await marie.http.post(f"{one}/dismiss")).json() == {}
    assert await told(marie) == ["mention"]


async def test_pages_of_groups_lose_nothing_and_repeat_nothing(
    marie: App, jean: App, neighbours: Neighbours
) -> None:
    for number in range(3):
        await like(jean, await neighbours.here.say(marie.account, f"Numéro {number}"))

    first = await marie.http.get(GROUPS, params={"limit": 2})
    second = await marie.http.get(first.links["next"]["url"])

    keys = [
        each["group_key"]
        for answer in (first, second)
        for each in answer.json()["notification_groups"]
    ]
    assert len(keys) == len(set(keys)) == 3


async def test_nothing_is_told_of_whom_one_mutes(
    marie: App, jean: App, post: Post, neighbours: Neighbours
) -> None:
    await neighbours.here.say(jean.account, "Salut @marie")
    await marie.http.post(f"/api/v1/accounts/{jean.account.id}/mute")
    await like(jean, post)
    assert await told(marie) == []

    await marie.http.post(f"/api/v1/accounts/{jean.account.id}/mute", json={"notifications": False})
    assert await told(marie) == ["mention"]


async def test_what_comes_from_people_whom_one_does_not_follow_can_wait(
    marie: App, jean: App, post: Post
) -> None:
    policy = await marie.http.patch(f"{GROUPS}/policy", json={"for_not_following": "filter"})
    assert checked(policy.json(), POLICY)["for_not_following"] == "filter"
    await like(jean, post)

    assert await told(marie) == []
    assert await told(marie, include_filtered="true") == ["favourite"]
    summary = checked((await marie.http.get(f"{GROUPS}/policy")).json(), POLICY)["summary"]
    assert summary == {"pending_requests_count": 1, "pending_notifications_count": 1}
    (request,) = (await marie.http.get(f"{ALL}/requests")).json()
    assert checked(request, REQUEST)["account"]["username"] == "jean"
    assert (await marie.http.get(f"{ALL}/requests/{request['id']}")).json() == request

    assert (await marie.http.post(f"{ALL}/requests/{request['id']}/accept")).json() == {}
    assert (await marie.http.get(f"{ALL}/requests/merged")).json() == {"merged": True}
    assert await told(marie) == ["favourite"]
    await jean.http.post(f"/api/v1/statuses/{post.id}/reblog")
    assert await told(marie) == ["reblog", "favourite"]


async def test_what_waits_can_be_forgotten_and_what_is_dropped_never_was(
    marie: App, jean: App, post: Post, neighbours: Neighbours
) -> None:
    await marie.http.patch(f"{GROUPS}/policy", json={"for_not_followers": "filter"})
    await like(jean, post)
    answer = await marie.http.post(f"{ALL}/requests/dismiss", json={"id": [str(jean.account.id)]})
    assert answer.json() == {}
    assert (await marie.http.get(f"{ALL}/requests")).json() == []

    await marie.http.patch(f"{GROUPS}/policy", json={"for_not_followers": "drop"})
    await neighbours.here.say(jean.account, "Salut @marie")
    assert await neighbours.here.count("commune.notification") == 0

    assert (
        await marie.http.patch(f"{GROUPS}/policy", json={"for_not_followers": "maybe"})
    ).status_code == 422


async def test_direct_words_of_strangers_wait_unless_one_spoke_first(
    marie: App, jean: App, neighbours: Neighbours
) -> None:
    unasked = await neighbours.here.say(jean.account, "Psst @marie", Visibility.DIRECT)
    assert await told(marie) == []
    first = await neighbours.here.say(marie.account, "Oui ? @jean", Visibility.DIRECT, to=unasked)
    await neighbours.here.say(jean.account, "Rien @marie", Visibility.DIRECT, to=first)
    assert await told(marie) == ["mention"]


async def test_sec_vis_11_nobody_reads_or_forgets_what_another_is_told(
    marie: App, jean: App, post: Post
) -> None:
    await like(jean, post)
    (mine,) = (await marie.http.get(ALL)).json()

    for method, path in (
        ("GET", f"{ALL}/{mine['id']}"),
        ("POST", f"{ALL}/{mine['id']}/dismiss"),
        ("GET", f"{GROUPS}/ungrouped-{mine['id']}"),
        ("POST", f"{GROUPS}/ungrouped-{mine['id']}/dismiss"),
        ("POST", f"{GROUPS}/{mine['group_key']}/dismiss"),
    ):
        answer = await jean.http.request(method, path)
        assert (answer.status_code, answer.json()) == (404, {"error": "Record not found"})
    assert await told(marie) == ["favourite"]


@pytest.mark.parametrize("key", ["x", "ungrouped-", "follow-9999999999", "mention-1-1", "é"])
async def test_a_key_of_no_group_is_nothing(marie: App, key: str) -> None:
    assert (await marie.http.get(f"{GROUPS}/{key}")).status_code == 404
