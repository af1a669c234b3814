"""Hashtags that one follows or shows, and what is talked about."""

from __future__ import annotations

import httpx

from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import did, ids, said


async def test_a_tag_says_how_it_is_used(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    paul = await neighbours.app("paul")
    await said(marie, "#jardin un")
    await said(paul, "#Jardin deux")
    await said(paul, "#jardin trois")
    await said(paul, "#jardin quatre", visibility="unlisted")

    tag = (await anyone.get("/api/v1/tags/Jardin")).json()

    schemas.checked(tag, schemas.TAG)
    assert tag["name"] == "jardin"
    assert tag["url"] == f"{neighbours.here.origin}/tags/jardin"
    assert len(tag["history"]) == 7
    assert (tag["history"][0]["uses"], tag["history"][0]["accounts"]) == ("3", "2")
    assert tag["history"][1]["uses"] == "0"
    assert int(tag["history"][0]["day"]) - int(tag["history"][1]["day"]) == 86_400
    unused = (await anyone.get("/api/v1/tags/rien")).json()
    assert [each["uses"] for each in unused["history"]] == ["0"] * 7
    assert (await anyone.get("/api/v1/tags/12")).status_code == 404


async def test_tags_are_followed_listed_and_left(marie: App) -> None:
    for name in ("jardin", "école"):
        answer = await marie.http.post(f"/api/v1/tags/{name}/follow")
        assert schemas.checked(answer.json(), schemas.TAG)["following"] is True
    await marie.http.post("/api/v1/tags/JARDIN/follow")

    listed = (await marie.http.get("/api/v1/followed_tags")).json()
    assert [each["name"] for each in listed] == ["école", "jardin"]
    left = (await marie.http.post("/api/v1/tags/jardin/unfollow")).json()
    assert left["following"] is False
    assert (await marie.http.get("/api/v1/tags/jardin")).json()["following"] is False
    assert (await marie.http.post("/api/v1/tags/12/follow")).status_code == 422


async def test_tags_are_shown_on_a_profile(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    await said(marie, "#jardin")
    await said(marie, "#secret", visibility="private")
    suggested = (await marie.http.get("/api/v1/featured_tags/suggestions")).json()
    assert [each["name"] for each in suggested] == ["jardin"]

    added = await marie.http.post("/api/v1/featured_tags", data={"name": "#Jardin"})
    await marie.http.post("/api/v1/tags/secret/feature")

    schemas.checked(added.json(), schemas.FEATURED_TAG)
    assert (added.json()["name"], added.json()["statuses_count"]) == ("jardin", "1")
    path = f"/api/v1/accounts/{marie.account.id}/featured_tags"
    shown = (await anyone.get(path)).json()
    assert [(each["name"], each["statuses_count"]) for each in shown] == [
        ("jardin", "1"),
        ("secret", "0"),
    ]
    assert (await marie.http.delete(f"/api/v1/featured_tags/{shown[0]['id']}")).json() == {}
    await marie.http.post("/api/v1/tags/secret/unfeature")
    assert (await anyone.get(path)).json() == []


async def test_a_profile_shows_ten_tags_at_most(neighbours: Neighbours, marie: App) -> None:
    for number in range(10):
        await marie.http.post("/api/v1/featured_tags", data={"name": f"tag{number}"})

    answer = await marie.http.post("/api/v1/featured_tags", data={"name": "encore"})

    assert answer.status_code == 422
    assert await neighbours.here.count("commune.featured_tag") == 10


async def test_trends_come_from_what_people_here_do(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    paul = await neighbours.app("paul")
    liked = await said(marie, "#jardin https://journal.example/une")
    await said(paul, "#jardin https://journal.example/une")
    await said(paul, "#école")
    await said(paul, "#secret https://journal.example/deux", visibility="unlisted")
    await did(paul, "favourite", liked)

    tags = (await anyone.get("/api/v1/trends/tags")).json()
    links = (await anyone.get("/api/v1/trends/links")).json()

    assert [each["name"] for each in tags] == ["jardin", "école"]
    assert [each["url"] for each in links] == ["https://journal.example/une"]
    schemas.checked(links, schemas.listed(schemas.CARD))
    assert links[0]["history"][0] == {
        "day": tags[0]["history"][0]["day"],
        "uses": "2",
        "accounts": "2",
    }
    # What the commune's own voice boosts is interest, too.
    assert (await ids(anyone, "/api/v1/trends/statuses"))[0] == liked["id"]
    assert (await anyone.get("/api/v1/trends/tags?limit=1&offset=1")).json()[0]["name"] == "école"
