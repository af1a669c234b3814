"""Filters, of version 2 and 1, and what they hold back."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.filters.model import Filter, Keyword, matches
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.visibility import Viewer
from fedcommune.mastodon.render.filtered import filtered
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import checked
from tests.mastodon.schemas_people import FILTER, FILTER_STATUS, FILTER_V1, KEYWORD

FILTERS = "/api/v2/filters"


async def make(app: App, **body: Any) -> dict[str, Any]:
    whole = {"title": "Volcan", "context": ["home"], **body}
    answer = await app.http.post(FILTERS, json=whole)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = checked(answer.json(), FILTER)
    return found


async def test_a_filter_from_its_making_to_its_end(marie: App) -> None:
    answer = await marie.http.post(
        FILTERS,
        data={
            "title": "Volcan",
            "context[]": ["home", "public"],
            "filter_action": "hide",
            "expires_in": "3600",
            "keywords_attributes[0][keyword]": "lave",
            "keywords_attributes[0][whole_word]": "true",
        },
    )
    made = checked(answer.json(), FILTER)
    assert (made["filter_action"], made["context"]) == ("hide", ["home", "public"])
    assert made["expires_at"] is not None
    (keyword,) = made["keywords"]
    one = f"{FILTERS}/{made['id']}"

    changed = await marie.http.put(
        one,
        json={
            "title": "Fournaise",
            "expires_in": "",
            "keywords_attributes": [
                {"id": keyword["id"], "_destroy": True},
                {"keyword": "magma"},
            ],
        },
    )
    found = checked(changed.json(), FILTER)
    assert (found["title"], found["expires_at"]) == ("Fournaise", None)
    assert [each["keyword"] for each in found["keywords"]] == ["magma"]
    assert (await marie.http.get(one)).json() == found
    assert (await marie.http.get(FILTERS)).json() == [found]

    added = await marie.http.post(f"{one}/keywords", json={"keyword": "cendre"})
    path = f"{FILTERS}/keywords/{checked(added.json(), KEYWORD)['id']}"
    assert (await marie.http.put(path, json={"keyword": "cendres"})).json()["keyword"] == "cendres"
    assert (await marie.http.get(path)).json()["keyword"] == "cendres"
    assert len((await marie.http.get(f"{one}/keywords")).json()) == 2
    assert (await marie.http.delete(path)).json() == {}
    assert (await marie.http.delete(one)).json() == {}
    assert (await marie.http.get(FILTERS)).json() == []


async def test_what_filters_hold_back_is_told(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.here.citizen("jean")
    post = await neighbours.here.say(jean, "La **Lave** coule")
    calm = await neighbours.here.say(jean, "Rien")
    made = await make(marie, keywords_attributes=[{"keyword": "lave", "whole_word": True}])
    held = await marie.http.post(f"{FILTERS}/{made['id']}/statuses", json={"status_id": calm.id})
    assert checked(held.json(), FILTER_STATUS)["status_id"] == str(calm.id)

    pool = neighbours.here.commune.database.pool
    seen = list((await posts.by_ids(pool, Viewer(marie.account.id), [post.id, calm.id])).values())
    found = await filtered(pool, Viewer(marie.account.id), seen, neighbours.clock())

    assert found[post.id][0].keyword_matches == ["lave"]
    assert found[calm.id][0].status_matches == [str(calm.id)]
    assert await filtered(pool, Viewer(), seen, neighbours.clock()) == {}

    entry = f"{FILTERS}/statuses/{held.json()['id']}"
    assert (await marie.http.get(entry)).json() == held.json()
    assert (await marie.http.delete(entry)).json() == {}
    assert (await marie.http.get(f"{FILTERS}/{made['id']}/statuses")).json() == []


@pytest.mark.parametrize(
    ("keyword", "whole", "text", "found"),
    [
        ("lave", True, "laverie", False),
        ("lave", False, "laverie", True),
        ("LAVE", True, "la lave.", True),
        ("#lave", True, "vu: #lave", True),
        ("a.c", False, "abc", False),
        ("la lave", True, "la\n  lave", True),
        ("(a+)+$", False, "a" * 5_000 + "!", False),
    ],
)
def test_a_keyword_means_exactly_itself(keyword: str, whole: bool, text: str, found: bool) -> None:
    one = Filter(1, 1, "x", ("home",), "warn", None, (Keyword(1, keyword, whole),))

    assert bool(matches([one], (), text)) is found


async def test_version_1_knows_each_keyword_by_itself(marie: App, neighbours: Neighbours) -> None:
    path = "/api/v1/filters"
    answer = await marie.http.post(
        path, json={"phrase": "lave", "context": ["home"], "irreversible": True}
    )
    made = checked(answer.json(), FILTER_V1)
    assert (made["phrase"], made["irreversible"], made["whole_word"]) == ("lave", True, False)

    one = f"{path}/{made['id']}"
    body = {"phrase": "magma", "context": ["public"], "whole_word": True, "irreversible": False}
    changed = checked((await marie.http.put(one, json=body)).json(), FILTER_V1)
    assert changed == {**made, **body}
    assert (await marie.http.get(path)).json() == [changed]
    assert (await marie.http.get(one)).json() == changed
    assert (await marie.http.delete(one)).json() == {}
    assert await neighbours.here.count("commune.filter") == 0


@pytest.mark.parametrize(
    "body",
    [
        {"title": ""},
        {"title": "x" * 251},
        {"context": []},
        {"context": ["everywhere"]},
        {"filter_action": "burn"},
        {"expires_in": -1},
        {"keywords_attributes": [{"keyword": "x" * 501}]},
        {"keywords_attributes": [{"keyword": ""}]},
        {"keywords_attributes": [{"keyword": f"k{n}"} for n in range(101)]},
    ],
)
async def test_sec_dos_06_a_filter_has_limits(
    marie: App, neighbours: Neighbours, body: dict[str, Any]
) -> None:
    answer = await marie.http.post(FILTERS, json={"title": "x", "context": ["home"], **body})

    assert answer.status_code == 422
    assert await neighbours.here.count("commune.filter") == 0


async def filtered_out(app: App, path: str, **params: str) -> list[str]:
    """Return the titles of the filters told with what *path* shows, one text a status."""
    answer = await app.http.get(path, params=params)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    shown = found if isinstance(found, list) else found["descendants"]
    shown = [each.get("status", each) for each in shown]
    return ["+".join(one["filter"]["title"] for one in each["filtered"]) for each in shown]


@pytest.fixture
async def volcano(marie: App, neighbours: Neighbours) -> dict[str, str]:
    """Jean, whom Marie follows, answers her and is boosted; each context and where it is read."""
    jean = await neighbours.app("jean")
    await marie.http.post(f"/api/v1/accounts/{jean.account.id}/follow")
    mine = await neighbours.here.say(marie.account, "Que se passe-t-il ?")
    lava = await neighbours.here.say(jean.account, "@marie la lave coule", to=mine)
    await jean.http.post(f"/api/v1/statuses/{lava.id}/reblog")
    await neighbours.here.say(jean.account, "La lave coule encore")
    return {
        "home": "/api/v1/timelines/home",
        "notifications": "/api/v1/notifications",
        "public": "/api/v1/timelines/public",
        "thread": f"/api/v1/statuses/{mine.id}/context",
        "account": f"/api/v1/accounts/{jean.account.id}/statuses",
    }


async def test_each_status_tells_which_filters_hold_it_back(
    marie: App, neighbours: Neighbours, volcano: dict[str, str]
) -> None:
    await make(marie, context=list(volcano), keywords_attributes=[{"keyword": "lave"}])
    anyone = await neighbours.http()

    for context, path in volcano.items():
        told = await filtered_out(marie, path)
        assert "Volcan" in told, context
    boosts = (await marie.http.get(volcano["account"])).json()
    assert all(each["filtered"] == each["reblog"]["filtered"] for each in boosts if each["reblog"])
    shown = (await anyone.get(volcano["public"])).json()
    assert {len(each["filtered"]) for each in shown} == {0}


@pytest.mark.parametrize("context", ["home", "notifications", "public", "thread", "account"])
async def test_what_is_to_be_hidden_is_left_out_of_home_and_notifications_alone(
    marie: App, volcano: dict[str, str], context: str
) -> None:
    before = {each: await filtered_out(marie, path) for each, path in volcano.items()}
    await make(
        marie, context=[context], filter_action="hide", keywords_attributes=[{"keyword": "lave"}]
    )

    for each, path in volcano.items():
        told = await filtered_out(marie, path)
        hidden = each == context and context in ("home", "notifications")
        assert ("Volcan" in told) is not hidden
        assert (len(told) < len(before[each])) is hidden
    groups = (await marie.http.get("/api/v2/notifications")).json()
    types = {each["type"] for each in groups["notification_groups"]}
    assert ("mention" in types) is (context != "notifications")


async def test_a_filter_that_ended_holds_nothing_back(
    marie: App, neighbours: Neighbours, volcano: dict[str, str]
) -> None:
    await make(marie, expires_in="60", keywords_attributes=[{"keyword": "lave"}])
    assert "Volcan" in await filtered_out(marie, volcano["home"])

    neighbours.clock.pass_by(minutes=2)

    assert set(await filtered_out(marie, volcano["home"])) == {""}


async def test_what_is_quoted_is_filtered_too(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.app("jean")
    await make(marie, keywords_attributes=[{"keyword": "lave"}])
    lava = (await jean.http.post("/api/v1/statuses", json={"status": "la lave"})).json()
    body = {"status": "Voyez", "quoted_status_id": lava["id"]}
    quoting = (await jean.http.post("/api/v1/statuses", json=body)).json()

    seen = (await marie.http.get(f"/api/v1/statuses/{quoting['id']}")).json()

    assert seen["filtered"] == []
    assert seen["quote"]["quoted_status"]["filtered"][0]["keyword_matches"] == ["lave"]
