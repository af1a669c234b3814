"""Search here, and find exactly what an address names elsewhere."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fedcommune.domain.visibility import Visibility
from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import did, said

SEARCH = "/api/v2/search"


async def found(http: httpx.AsyncClient, q: str, **params: str) -> Any:
    answer = await http.get(SEARCH, params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    return schemas.checked(answer.json(), schemas.SEARCH)


async def test_people_are_found_by_what_they_are_called(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    await neighbours.app("mariette")

    for text in ("mari", "@mari", f"@marie@{neighbours.here.domain}", "Marie"):
        people = [each["username"] for each in (await found(anyone, text))["accounts"]]
        assert people[0] == "marie", text
    assert (await found(anyone, "mar_e"))["accounts"] == []
    assert (await found(anyone, "mari", type="statuses"))["accounts"] == []


async def test_sec_vis_06_words_find_ones_own_what_one_touched_and_who_asked_to_be_found(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    paul, luc = await neighbours.app("paul"), await neighbours.app("luc")
    plain = await said(marie, "Les marchés de l'été")
    await said(marie, "Mon marché secret", visibility="private")

    assert (await found(paul.http, "marche ete"))["statuses"] == []
    assert len((await found(marie.http, "marché"))["statuses"]) == 2
    await did(paul, "favourite", plain)
    mine = await found(paul.http, "marche ete")
    assert [each["id"] for each in mine["statuses"]] == [plain["id"]]
    assert (await found(luc.http, "marché"))["statuses"] == []
    await neighbours.here.commune.database.pool.execute(
        "update commune.account set indexable = true where id = $1", marie.account.id
    )
    for http in (luc.http, anyone):
        open_ = await found(http, "marché")
        assert [each["id"] for each in open_["statuses"]] == [plain["id"]]
        assert (await found(http, "marché -été"))["statuses"] == []


async def test_hashtags_are_found_by_their_beginning(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    await said(marie, "#jardin #jardinage")
    await said(marie, "#jardinage")
    await said(marie, "#jardinsecret", visibility="private")

    tags = (await found(anyone, "#Jardin"))["hashtags"]

    assert [each["name"] for each in tags] == ["jardin", "jardinage"]


async def test_an_address_resolves_to_exactly_one_post_which_tells_nobody_anything(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.there.citizen("jean")
    post = await neighbours.there.say(jean, f"Bonjour @marie@{neighbours.here.domain}")
    page = f"{neighbours.there.origin}/@jean/{post.id}"

    unresolved = await found(marie.http, page)
    resolved = await found(marie.http, page, resolve="true")
    again = await found(marie.http, post.object_id, resolve="true")
    here = await found(marie.http, page)

    assert unresolved == {"accounts": [], "statuses": [], "hashtags": [], "collections": []}
    assert resolved["accounts"] == resolved["hashtags"] == []
    assert [each["uri"] for each in resolved["statuses"]] == [post.object_id]
    assert again == resolved == here
    assert await neighbours.here.count("commune.notification") == 0


async def test_a_handle_resolves_to_exactly_one_account(neighbours: Neighbours, marie: App) -> None:
    jean = await neighbours.there.citizen("jean")
    handle = f"@jean@{neighbours.there.domain}"

    assert (await found(marie.http, handle))["accounts"] == []
    (one,) = (await found(marie.http, handle, resolve="true"))["accounts"]
    (same,) = (await found(marie.http, jean.actor_id, resolve="true"))["accounts"]

    assert one["uri"] == same["uri"] == jean.actor_id
    assert one["acct"] == handle[1:]
    nobody = await found(marie.http, f"@rien@{neighbours.there.domain}", resolve="true")
    assert nobody["accounts"] == []


async def test_sec_vis_06_nothing_is_fetched_for_who_is_not_signed_in(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    jean = await neighbours.there.citizen("jean")
    before = await neighbours.here.count("commune.account")

    answer = await anyone.get(SEARCH, params={"q": jean.actor_id, "resolve": "true"})

    assert answer.status_code == 403
    assert (await found(anyone, jean.actor_id))["accounts"] == []
    assert await neighbours.here.count("commune.account") == before


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_sec_vis_04_what_its_server_does_not_show_is_not_resolved(
    neighbours: Neighbours, marie: App, visibility: Visibility
) -> None:
    jean = await neighbours.there.citizen("jean")
    post = await neighbours.there.say(jean, "Entre nous", visibility)

    result = await found(marie.http, post.object_id, resolve="true")

    assert result["statuses"] == []
    assert await neighbours.here.count("commune.post") == 0


@pytest.mark.parametrize("q", ["", "   "])
async def test_one_searches_for_something(marie: App, q: str) -> None:
    assert (await marie.http.get(SEARCH, params={"q": q})).status_code == 422


@pytest.mark.parametrize(
    "q", ["'", "a & | !", "(", '"', "\\", "%", "https://", "@", "#", "a" * 2_000]
)
async def test_any_words_can_be_searched_for(marie: App, q: str) -> None:
    assert (await marie.http.get(SEARCH, params={"q": q})).status_code == 200
