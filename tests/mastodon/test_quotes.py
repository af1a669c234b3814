"""Quote with an app, say who may, see who did, and no longer be quoted."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.visibility import Visibility
from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import STATUSES, said

QUOTE = schemas.shaped({"state": schemas.text, "quoted_status": schemas.maybe(schemas.STATUS)})
APPROVAL = schemas.shaped(
    {
        "automatic": schemas.listed(schemas.text),
        "manual": schemas.listed(schemas.text),
        "current_user": schemas.one_of("automatic", "manual", "denied", "unknown"),
    }
)


async def seen(app: App, status: Any) -> dict[str, Any]:
    answer = await app.http.get(f"{STATUSES}/{status['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = schemas.status(answer.json())
    schemas.checked(found["quote_approval"], APPROVAL)
    return found


async def test_one_quotes_with_an_app_and_who_is_quoted_is_told(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    first = await said(marie, "Le marché est ouvert")
    assert first["quote_approval"] == {
        "automatic": ["public"],
        "manual": [],
        "current_user": "automatic",
    }

    second = await said(paul, "Allez-y", quoted_status_id=first["id"])

    quote = schemas.checked(second["quote"], QUOTE)
    assert (quote["state"], quote["quoted_status"]["id"]) == ("accepted", first["id"])
    assert (await seen(marie, first))["quotes_count"] == 1
    told = (await marie.http.get("/api/v1/notifications", params={"types[]": "quote"})).json()
    assert [(each["type"], each["status"]["id"]) for each in told] == [("quote", second["id"])]
    listed = await marie.http.get(f"{STATUSES}/{first['id']}/quotes")
    assert [each["id"] for each in schemas.statuses(listed.json())] == [second["id"]]

    third = await said(marie, "Merci", quoted_status_id=second["id"])
    inner = (await seen(paul, third))["quote"]["quoted_status"]["quote"]
    assert inner == {"state": "accepted", "quoted_status_id": first["id"]}
    boosted = (await marie.http.post(f"{STATUSES}/{second['id']}/reblog")).json()
    assert boosted["reblog"]["quote"]["state"] == "accepted"


async def test_w_quo_03_who_may_quote_is_said_with_the_post_and_changed_after(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    first = await said(marie, "Pour mes abonnés", quote_approval_policy="followers")
    assert (await seen(paul, first))["quote_approval"]["current_user"] == "denied"

    refused = await paul.http.post(
        STATUSES, json={"status": "Quand même", "quoted_status_id": first["id"]}
    )
    assert refused.status_code == 403
    assert await neighbours.here.count("commune.quote") == 0

    policy = f"{STATUSES}/{first['id']}/interaction_policy"
    public = {"quote_approval_policy": "public"}
    assert (await paul.http.put(policy, json=public)).status_code == 404
    for wrong in ({}, {"quote_approval_policy": "everybody"}):
        assert (await marie.http.put(policy, json=wrong)).status_code == 422
    assert (await seen(marie, first))["quote_approval"]["automatic"] == ["followers"]
    changed = await marie.http.put(policy, json=public)
    assert schemas.status(changed.json())["quote_approval"]["automatic"] == ["public"]
    await said(paul, "Merci", quoted_status_id=first["id"])

    edited = await marie.http.put(
        f"{STATUSES}/{first['id']}",
        json={"status": "Pour personne", "quote_approval_policy": "nobody"},
    )
    assert edited.json()["quote_approval"]["automatic"] == []
    assert edited.json()["quotes_count"] == 1


async def test_how_one_usually_lets_quote_is_taken_when_nothing_is_said(marie: App) -> None:
    await marie.http.patch(
        "/api/v1/accounts/update_credentials", json={"source": {"quote_policy": "nobody"}}
    )

    assert (await said(marie, "Bonjour"))["quote_approval"]["automatic"] == []
    chosen = (await marie.http.get("/api/v1/preferences")).json()
    assert chosen["posting:default:quote_policy"] == "nobody"


async def test_w_quo_04_one_is_no_longer_quoted(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    first = await said(marie, "Le marché est ouvert")
    second = await said(paul, "Allez-y", quoted_status_id=first["id"])
    revoke = f"{STATUSES}/{first['id']}/quotes/{second['id']}/revoke"

    assert (await paul.http.post(revoke)).status_code == 403
    assert (await seen(paul, second))["quote"]["state"] == "accepted"
    answer = await marie.http.post(revoke)

    assert schemas.status(answer.json())["quote"] == {"state": "revoked", "quoted_status": None}
    assert (await seen(marie, first))["quotes_count"] == 0
    assert (await marie.http.get(f"{STATUSES}/{first['id']}/quotes")).json() == []
    assert (await marie.http.post(revoke)).status_code == 404


async def test_ghsa_8h43_quoting_a_boost_is_quoting_what_is_boosted(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    closed = await said(marie, "À ne pas citer", quote_approval_policy="nobody")
    open_ = await said(marie, "À citer")
    boosts = [
        (await paul.http.post(f"{STATUSES}/{each['id']}/reblog")).json() for each in (closed, open_)
    ]

    refused = await paul.http.post(
        STATUSES, json={"status": "Ha", "quoted_status_id": boosts[0]["id"]}
    )

    assert refused.status_code == 403
    assert await neighbours.here.count("commune.quote") == 0
    quoting = await said(paul, "Ha", quoted_status_id=boosts[1]["id"])
    quote = quoting["quote"]
    assert isinstance(quote, dict)
    assert quote["quoted_status"]["id"] == open_["id"]


async def test_sec_vis_01_a_quote_shows_nobody_more_than_they_may_see(
    neighbours: Neighbours, marie: App
) -> None:
    paul, lea = await neighbours.app("paul"), await neighbours.app("lea")
    first = await said(marie, "Le marché est ouvert")
    second = await said(paul, "Allez-y", quoted_status_id=first["id"])
    async with neighbours.here.commune.database.transaction() as tx:
        await blocks.block(tx, marie.account, lea.account)

    assert (await seen(lea, second))["quote"] == {"state": "unauthorized", "quoted_status": None}
    refused = await lea.http.post(
        STATUSES, json={"status": "Moi aussi", "quoted_status_id": first["id"]}
    )
    assert refused.status_code == 404
    private = await neighbours.here.say(marie.account, "Secret", Visibility.FOLLOWERS)
    refused = await paul.http.post(
        STATUSES, json={"status": "Voyez", "quoted_status_id": str(private.id)}
    )
    assert refused.status_code == 404
    assert await neighbours.here.count("commune.quote") == 1

    own = await said(marie, "Je le redis", quoted_status_id=str(private.id))
    assert own["visibility"] == "private"
    assert (await marie.http.delete(f"{STATUSES}/{first['id']}")).status_code == 200
    assert (await seen(paul, second))["quote"]["state"] == "deleted"


async def test_a_message_does_not_tell_who_is_quoted_what_is_not_for_them(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    first = await said(marie, "Le marché est ouvert")
    body = {"status": "Tu as vu ?", "visibility": "direct", "quoted_status_id": first["id"]}

    assert (await paul.http.post(STATUSES, json=body)).status_code == 422
    assert await neighbours.here.count("commune.quote") == 0
    named = {**body, "status": "@marie tu as vu ?"}
    assert (await paul.http.post(STATUSES, json=named)).json()["quote"]["state"] == "accepted"


async def test_what_a_post_quotes_stays_when_it_is_edited(
    neighbours: Neighbours, marie: App
) -> None:
    first, other = await said(marie, "Un"), await said(marie, "Deux")
    second = await said(marie, "Voyez", quoted_status_id=first["id"])
    path = f"{STATUSES}/{second['id']}"

    refused = await marie.http.put(path, json={"status": "Non", "quoted_status_id": other["id"]})
    assert refused.status_code == 422
    edited = await marie.http.put(path, json={"status": "Oui", "quoted_status_id": first["id"]})

    assert edited.json()["quote"]["quoted_status"]["id"] == first["id"]
    assert "Oui" in edited.json()["content"]


async def test_w_quo_01_a_stranger_is_asked_with_an_app(neighbours: Neighbours, marie: App) -> None:
    jean = await neighbours.app("jean", neighbours.there)
    first = await said(jean, "Bonjour d'à côté")
    found = await marie.http.get(
        "/api/v2/search", params={"q": first["uri"], "resolve": "true", "type": "statuses"}
    )
    (theirs,) = found.json()["statuses"]
    assert theirs["quote_approval"]["current_user"] == "automatic"

    second = await said(marie, "Voyez", quoted_status_id=theirs["id"])
    assert second["quote"] == {"state": "pending", "quoted_status": None}
    await neighbours.settle()

    assert (await seen(marie, second))["quote"]["state"] == "accepted"
    told = (await jean.http.get("/api/v1/notifications")).json()
    assert "quote" in [each["type"] for each in told]


@pytest.mark.parametrize("wrong", ["0", "123456", "-1", "x"])
async def test_nothing_that_is_not_there_is_quoted(
    neighbours: Neighbours, marie: App, wrong: str
) -> None:
    answer = await marie.http.post(STATUSES, json={"status": "Ha", "quoted_status_id": wrong})

    assert answer.status_code in (404, 422)
    assert await neighbours.here.count("commune.post") == 0


async def test_a_quote_of_whom_one_does_not_read_is_there_to_be_folded(
    neighbours: Neighbours, marie: App
) -> None:
    paul, far = await neighbours.app("paul"), await neighbours.app("zoe", neighbours.there)
    first = await said(paul, "Le marché est ouvert")
    quoting = await said(await neighbours.app("luc"), "Allez-y", quoted_status_id=first["id"])
    outside = await said(far, "Chez nous aussi")
    (known,) = (
        await marie.http.get("/api/v2/search", params={"q": outside["uri"], "resolve": "true"})
    ).json()["statuses"]
    other = await said(paul, "Tiens", quoted_status_id=known["id"])
    await neighbours.settle()
    assert (await seen(marie, quoting))["quote"]["state"] == "accepted"
    assert (await seen(marie, other))["quote"]["state"] == "accepted"

    await marie.http.post(f"/api/v1/accounts/{paul.account.id}/mute")
    await marie.http.post("/api/v1/domain_blocks", json={"domain": neighbours.there.domain})

    muted, unheard = (await seen(marie, quoting))["quote"], (await seen(marie, other))["quote"]
    assert (muted["state"], muted["quoted_status"]["id"]) == ("muted_account", first["id"])
    assert (unheard["state"], unheard["quoted_status"]["id"]) == ("blocked_domain", known["id"])
    assert (await seen(paul, quoting))["quote"]["state"] == "accepted"
