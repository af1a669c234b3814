"""Follow, block, mute, note, recommend: each answers how one stands to the other then."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.feeds.model import FEEDS
from fedcommune.domain.follows import actions as follows
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import ACCOUNT, checked
from tests.mastodon.schemas_people import FAMILIAR, MUTED, RELATIONSHIP, SUGGESTION
from tests.support.communes import Town


@pytest.fixture
async def jean(neighbours: Neighbours) -> Account:
    return await neighbours.here.citizen("jean")


async def act(app: App, account: Account, verb: str, **body: Any) -> dict[str, Any]:
    answer = await app.http.post(f"/api/v1/accounts/{account.id}/{verb}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = checked(answer.json(), RELATIONSHIP)
    assert found["id"] == str(account.id)
    return found


async def names(app: App, path: str) -> list[str]:
    answer = await app.http.get(path)
    assert answer.status_code == 200, answer.text
    return [checked(each, ACCOUNT)["username"] for each in answer.json()]


async def follow(town: Town, follower: Account, followed: Account) -> None:
    async with town.commune.database.transaction() as tx:
        await follows.follow(tx, follower, followed)


async def test_following_and_how(marie: App, jean: Account) -> None:
    first = await act(marie, jean, "follow", reblogs=False, notify=True, languages=["fr"])
    assert (first["following"], first["showing_reblogs"], first["notifying"]) == (True, False, True)
    assert first["languages"] == ["fr"]

    again = await act(marie, jean, "follow", reblogs=True)
    assert (again["showing_reblogs"], again["notifying"]) == (True, True)

    after = await act(marie, jean, "unfollow")
    assert not any((after["following"], after["showing_reblogs"], after["notifying"]))


async def test_nobody_follows_oneself(marie: App, neighbours: Neighbours) -> None:
    answer = await marie.http.post(f"/api/v1/accounts/{marie.account.id}/follow")

    assert answer.status_code == 403
    assert await neighbours.here.count("commune.follow") == 0


async def test_a_stranger_is_followed_over_the_wire(marie: App, neighbours: Neighbours) -> None:
    luc = await neighbours.there.citizen("luc")
    known = await neighbours.here.meet(luc)

    asked = await act(marie, known, "follow")
    assert (asked["requested"], asked["following"]) == (True, False)

    await neighbours.settle()
    (found,) = (
        await marie.http.get("/api/v1/accounts/relationships", params={"id": known.id})
    ).json()
    assert found["following"]


async def test_relationships_come_in_the_order_asked(
    marie: App, jean: Account, neighbours: Neighbours
) -> None:
    luc = await neighbours.here.citizen("luc")
    ids = [str(luc.id), "1", str(jean.id), str(marie.account.id)]

    answer = await marie.http.get("/api/v1/accounts/relationships", params={"id[]": ids})

    found = [checked(each, RELATIONSHIP)["id"] for each in answer.json()]
    assert found == [str(luc.id), str(jean.id), str(marie.account.id)]


async def test_suspended_accounts_are_told_only_when_asked_for(
    marie: App, jean: Account, neighbours: Neighbours
) -> None:
    await neighbours.here.commune.database.pool.execute(
        "update commune.account set suspended_at = now() where id = $1", jean.id
    )
    path = f"/api/v1/accounts/relationships?id[]={jean.id}"

    assert (await marie.http.get(path)).json() == []
    assert len((await marie.http.get(f"{path}&with_suspended=true")).json()) == 1


async def test_a_block_ends_follows_and_is_listed(
    marie: App, jean: Account, neighbours: Neighbours
) -> None:
    await follow(neighbours.here, jean, marie.account)

    blocked = await act(marie, jean, "block")
    assert (blocked["blocking"], blocked["followed_by"]) == (True, False)
    assert await names(marie, "/api/v1/blocks") == ["jean"]

    assert not (await act(marie, jean, "unblock"))["blocking"]
    assert await names(marie, "/api/v1/blocks") == []


async def test_a_mute_ends_when_its_time_is_over(
    marie: App, jean: Account, neighbours: Neighbours
) -> None:
    muted = await act(marie, jean, "mute", notifications=False, duration=3600)
    assert (muted["muting"], muted["muting_notifications"]) == (True, False)
    assert muted["muting_expires_at"] is not None
    (listed,) = (await marie.http.get("/api/v1/mutes")).json()
    assert checked(listed, MUTED)["mute_expires_at"] == muted["muting_expires_at"]

    neighbours.clock.pass_by(hours=2)

    assert (await marie.http.get("/api/v1/mutes")).json() == []
    answer = await marie.http.get(f"/api/v1/accounts/relationships?id={jean.id}")
    assert not answer.json()[0]["muting"]

    assert (await act(marie, jean, "mute"))["muting_expires_at"] is None
    assert not (await act(marie, jean, "unmute"))["muting"]


async def test_a_note_is_kept_and_erased(marie: App, jean: Account, neighbours: Neighbours) -> None:
    assert (await act(marie, jean, "note", comment="voisin"))["note"] == "voisin"

    too_long = await marie.http.post(
        f"/api/v1/accounts/{jean.id}/note", json={"comment": "x" * 2001}
    )
    assert too_long.status_code == 422

    assert (await act(marie, jean, "note", comment=""))["note"] == ""
    assert await neighbours.here.count("commune.note") == 0


async def test_only_whom_one_follows_is_recommended(
    marie: App, jean: Account, neighbours: Neighbours
) -> None:
    path = f"/api/v1/accounts/{jean.id}/endorse"
    assert (await marie.http.post(path)).status_code == 422

    await follow(neighbours.here, marie.account, jean)
    assert (await act(marie, jean, "endorse"))["endorsed"]
    assert await names(marie, "/api/v1/endorsements") == ["jean"]
    assert await names(marie, f"/api/v1/accounts/{marie.account.id}/endorsements") == ["jean"]

    assert not (await act(marie, jean, "unendorse"))["endorsed"]
    assert await names(marie, "/api/v1/endorsements") == []


async def test_follow_requests_are_let_in_or_refused(neighbours: Neighbours, marie: App) -> None:
    assert (
        await marie.http.patch("/api/v1/accounts/update_credentials", json={"locked": True})
    ).json()["locked"]
    jean = await neighbours.app("jean")
    luc = await neighbours.app("luc")
    assert (await act(jean, marie.account, "follow"))["requested"]
    assert (await act(luc, marie.account, "follow"))["requested"]
    assert await names(marie, "/api/v1/follow_requests") == ["luc", "jean"]

    path = "/api/v1/follow_requests"
    let_in = await marie.http.post(f"{path}/{jean.account.id}/authorize")
    refused = await marie.http.post(f"{path}/{luc.account.id}/reject")

    assert checked(let_in.json(), RELATIONSHIP)["followed_by"]
    assert not checked(refused.json(), RELATIONSHIP)["requested_by"]
    assert await names(marie, path) == []
    assert await names(marie, f"/api/v1/accounts/{marie.account.id}/followers") == ["jean"]
    assert (await marie.http.post(f"{path}/{luc.account.id}/authorize")).status_code == 404

    assert not (await act(marie, jean.account, "remove_from_followers"))["followed_by"]


async def test_followers_are_paged_by_link_alone(marie: App, neighbours: Neighbours) -> None:
    for name in ("un", "deux", "trois"):
        await follow(neighbours.here, await neighbours.here.citizen(name), marie.account)

    first = await marie.http.get(
        f"/api/v1/accounts/{marie.account.id}/followers", params={"limit": 2}
    )
    assert [each["username"] for each in first.json()] == ["trois", "deux"]

    second = await marie.http.get(first.links["next"]["url"])
    assert [each["username"] for each in second.json()] == ["un"]
    back = await marie.http.get(second.links["prev"]["url"])
    assert [each["username"] for each in back.json()] == ["trois", "deux"]


async def test_whom_one_blocks_does_not_see_whom_one_knows(
    marie: App, jean: Account, neighbours: Neighbours
) -> None:
    luc = await neighbours.here.citizen("luc")
    await follow(neighbours.here, luc, jean)
    path = f"/api/v1/accounts/{jean.id}/followers"
    assert await names(marie, path) == ["luc"]

    async with neighbours.here.commune.database.transaction() as tx:
        await blocks.block(tx, jean, marie.account)

    assert await names(marie, path) == []


async def test_familiar_followers(marie: App, jean: Account, neighbours: Neighbours) -> None:
    luc = await neighbours.here.citizen("luc")
    await follow(neighbours.here, marie.account, luc)
    await follow(neighbours.here, luc, jean)

    answer = await marie.http.get(f"/api/v1/accounts/familiar_followers?id[]={jean.id}")

    (found,) = answer.json()
    assert checked(found, FAMILIAR)["id"] == str(jean.id)
    assert [each["username"] for each in found["accounts"]] == ["luc"]


async def test_a_muted_server_is_listed_and_its_people_no_longer_follow(
    marie: App, neighbours: Neighbours
) -> None:
    luc = await neighbours.there.citizen("luc")
    known = await neighbours.here.meet(luc)
    await act(marie, known, "follow")
    await neighbours.settle()

    answer = await marie.http.post(
        "/api/v1/domain_blocks", json={"domain": neighbours.there.domain}
    )

    assert (answer.status_code, answer.json()) == (200, {})
    assert (await marie.http.get("/api/v1/domain_blocks")).json() == [neighbours.there.domain]
    stands = (await marie.http.get(f"/api/v1/accounts/relationships?id={known.id}")).json()[0]
    assert (stands["domain_blocking"], stands["following"]) == (True, False)

    await marie.http.request(
        "DELETE", "/api/v1/domain_blocks", params={"domain": neighbours.there.domain}
    )
    assert (await marie.http.get("/api/v1/domain_blocks")).json() == []


@pytest.mark.parametrize("name", ["", "victim.example/", "a b"])
async def test_what_is_no_server_is_not_muted(
    marie: App, neighbours: Neighbours, name: str
) -> None:
    answer = await marie.http.post("/api/v1/domain_blocks", json={"domain": name})

    assert answer.status_code == 422
    assert await neighbours.here.count("commune.host_mute") == 0


async def test_sec_gdp_only_our_own_who_want_to_be_found_are_shown_around(
    marie: App, jean: Account, neighbours: Neighbours
) -> None:
    luc = await neighbours.there.citizen("luc")
    await neighbours.here.meet(luc)
    await neighbours.here.commune.database.pool.execute(
        "update commune.account set discoverable = username not in ('marie') where local"
    )

    host = neighbours.here.commune.instance.host
    everybody = await names(marie, "/api/v1/directory?order=new")
    assert everybody[0] == "jean"
    assert set(everybody) == {"jean", host, *(feed.username for feed in FEEDS)}
    assert await names(marie, "/api/v1/suggestions") == ["jean"]
    (suggestion,) = (await marie.http.get("/api/v2/suggestions")).json()
    assert checked(suggestion, SUGGESTION)["account"]["username"] == "jean"

    await marie.http.delete(f"/api/v1/suggestions/{jean.id}")
    assert await names(marie, "/api/v1/suggestions") == []
