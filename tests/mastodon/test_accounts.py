"""People in apps: oneself, others, found by name or handle."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.visibility import Visibility
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import ACCOUNT, checked
from tests.mastodon.schemas_people import CREDENTIAL, PREFERENCES

VERIFY = "/api/v1/accounts/verify_credentials"
UPDATE = "/api/v1/accounts/update_credentials"


async def test_oneself_with_the_source(marie: App) -> None:
    answer = await marie.http.get(VERIFY)

    assert answer.status_code == 200
    found = checked(answer.json(), CREDENTIAL)
    assert (found["username"], found["acct"]) == ("marie", "marie")
    assert found["source"]["privacy"] == "public"


@pytest.mark.parametrize("how", ["json", "data"])
async def test_a_profile_is_changed_by_json_and_by_form(marie: App, how: str) -> None:
    nested: dict[str, Any] = {
        "json": {
            "fields_attributes": [{"name": "Site", "value": "https://marie.example"}],
            "source": {"privacy": "private", "language": "fr", "sensitive": True},
        },
        "data": {
            "fields_attributes[0][name]": "Site",
            "fields_attributes[0][value]": "https://marie.example",
            "source[privacy]": "private",
            "source[language]": "fr",
            "source[sensitive]": "true",
        },
    }
    body: Any = {
        how: {"display_name": "Marie H.", "note": "Du **miel**", "bot": "1", **nested[how]}
    }

    answer = await marie.http.patch(UPDATE, **body)

    found = checked(answer.json(), CREDENTIAL)
    assert (found["display_name"], found["bot"]) == ("Marie H.", True)
    assert found["note"] == "<p>Du <strong>miel</strong></p>"
    assert found["source"]["note"] == "Du **miel**"
    assert found["source"]["fields"][0]["value"] == "https://marie.example"
    assert 'href="https://marie.example"' in found["fields"][0]["value"]
    preferences = checked((await marie.http.get("/api/v1/preferences")).json(), PREFERENCES)
    assert preferences["posting:default:visibility"] == "private"
    assert preferences["posting:default:language"] == "fr"
    assert preferences["posting:default:sensitive"]

    again = await marie.http.patch(UPDATE, json={"locked": True})
    assert (again.json()["display_name"], again.json()["locked"]) == ("Marie H.", True)
    assert again.json()["source"]["privacy"] == "private"


@pytest.mark.parametrize(
    "body",
    [
        {"display_name": "x" * 101},
        {"note": "x" * 5001},
        {"fields_attributes": [{"name": f"{n}", "value": "x"} for n in range(9)]},
        {"fields_attributes": [{"name": "x", "value": "x" * 256}]},
        {"source": {"privacy": "everybody"}},
        {"source": {"quote_policy": "all"}},
    ],
)
async def test_sec_dos_06_a_profile_has_limits(marie: App, body: dict[str, Any]) -> None:
    before = (await marie.http.get(VERIFY)).json()

    answer = await marie.http.patch(UPDATE, json=body)

    assert answer.status_code == 422
    assert (await marie.http.get(VERIFY)).json() == before


async def test_a_changed_profile_is_told_to_followers_elsewhere(
    marie: App, neighbours: Neighbours
) -> None:
    luc = await neighbours.app("luc", neighbours.there)
    known = await neighbours.there.meet(marie.account)
    await luc.http.post(f"/api/v1/accounts/{known.id}/follow")
    await neighbours.settle()

    await marie.http.patch(UPDATE, json={"display_name": "Marie de Saint-Leu"})
    await neighbours.settle()

    there = (await luc.http.get(f"/api/v1/accounts/{known.id}")).json()
    assert checked(there, ACCOUNT)["display_name"] == "Marie de Saint-Leu"
    assert there["acct"] == f"marie@{neighbours.here.domain}"


async def test_anybody_reads_an_account(marie: App, anyone: httpx.AsyncClient) -> None:
    answer = await anyone.get(f"/api/v1/accounts/{marie.account.id}")

    assert checked(answer.json(), ACCOUNT)["id"] == str(marie.account.id)
    for nonsense in ("1", "x", "9" * 30):
        absent = await anyone.get(f"/api/v1/accounts/{nonsense}")
        assert (absent.status_code, absent.json()) == (404, {"error": "Record not found"})


async def test_a_deleted_account_is_gone(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.here.citizen("jean")
    async with neighbours.here.commune.database.transaction() as tx:
        await accounts.delete(tx, jean)

    assert (await marie.http.get(f"/api/v1/accounts/{jean.id}")).status_code == 410
    answer = await marie.http.get("/api/v1/accounts", params={"id[]": [jean.id, marie.account.id]})
    assert [each["username"] for each in answer.json()] == ["marie"]


async def test_a_handle_is_looked_up_here_alone(
    marie: App, anyone: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    luc = await neighbours.there.citizen("luc")
    path = "/api/v1/accounts/lookup"

    for acct in ("marie", "@Marie", f"marie@{neighbours.here.domain}"):
        answer = await anyone.get(path, params={"acct": acct})
        assert checked(answer.json(), ACCOUNT)["id"] == str(marie.account.id)

    handle = f"luc@{neighbours.there.domain}"
    assert (await anyone.get(path, params={"acct": handle})).status_code == 404
    await neighbours.here.meet(luc)
    assert (await anyone.get(path, params={"acct": handle})).json()["acct"] == handle


async def test_search_finds_by_name_and_elsewhere_when_asked(
    marie: App, neighbours: Neighbours
) -> None:
    await neighbours.there.citizen("luc")
    path, handle = "/api/v1/accounts/search", f"@luc@{neighbours.there.domain}"

    near = await marie.http.get(path, params={"q": "mar"})
    unresolved = await marie.http.get(path, params={"q": handle})
    resolved = await marie.http.get(path, params={"q": handle, "resolve": "true"})

    assert [checked(each, ACCOUNT)["username"] for each in near.json()] == ["marie"]
    assert unresolved.json() == []
    assert [each["acct"] for each in resolved.json()] == [handle[1:]]
    nobody = {"q": "@nobody@nowhere.localhost", "resolve": "true"}
    assert (await marie.http.get(path, params=nobody)).json() == []


async def test_counts_are_those_of_what_anybody_reads(marie: App, neighbours: Neighbours) -> None:
    await neighbours.here.say(marie.account, "Bonjour")
    await neighbours.here.say(marie.account, "Entre nous", Visibility.FOLLOWERS)

    found = (await marie.http.get(VERIFY)).json()

    assert (found["statuses_count"], found["followers_count"]) == (1, 0)
