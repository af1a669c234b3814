"""Signing up from within an app (SEC-AUT-01, SEC-AUT-03, SEC-AUT-09)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from fedcommune.domain.citizens import actions as citizens
from fedcommune.mail.letters import Letter
from fedcommune.settings import CommuneSection, RegistrationSection
from tests.mastodon.conftest import Loopback
from tests.support import browsers, communes
from tests.support.communes import Clock, Town

ACCOUNTS = "/api/v1/accounts"
AGAIN = "/api/v1/emails/confirmations"
WAITING = "Your login is missing a confirmed e-mail address, or is pending approval"
WISH = {
    "username": "Marie",
    "email": "marie@mail.example",
    "password": "quatre chats sous la pluie",
    "agreement": "true",
    "locale": "fr",
    "postal_code": "97436",
}
SECTION = CommuneSection(insee="97413", postal_codes=("97436",))


@dataclass
class Phone:
    """An app that nobody is signed in with yet."""

    town: Town
    http: httpx.AsyncClient

    async def sign_up(self, **changes: Any) -> httpx.Response:
        body = {**WISH, **changes}
        return await self.http.post(
            ACCOUNTS, data={name: value for name, value in body.items() if value is not None}
        )

    async def letters(self) -> list[Letter]:
        return await browsers.letters(self.town)

    async def confirm(self) -> None:
        """Follow the link of the last letter."""
        token = re.findall(r"token=([\w-]+)", (await self.letters())[-1].text)[-1]
        async with self.town.commune.database.transaction() as tx:
            await citizens.confirm(tx, token)


async def phone(stack: AsyncExitStack, town: Town) -> Phone:
    http = await stack.enter_async_context(
        httpx.AsyncClient(base_url=town.origin, transport=Loopback())
    )
    made = await http.post(
        "/api/v1/apps",
        data={
            "client_name": "Phone",
            "redirect_uris": "urn:ietf:wg:oauth:2.0:oob",
            "scopes": "read write",
        },
    )
    token = await http.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": made.json()["client_id"],
            "client_secret": made.json()["client_secret"],
            "scope": "read write",
        },
    )
    http.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
    return Phone(town, http)


def running(url: str, clock: Clock, **registration: Any) -> Any:
    return communes.town(
        "saint-leu",
        url,
        clock,
        commune=SECTION,
        registration=RegistrationSection(geo_api="", **registration),
    )


@pytest.fixture
async def app(database_url: str, clock: Clock) -> AsyncIterator[Phone]:
    async with running(database_url, clock) as town, AsyncExitStack() as stack:
        yield await phone(stack, town)


async def test_somebody_signs_up_confirms_and_is_in(app: Phone) -> None:
    answer = await app.sign_up(date_of_birth="1980-01-01", reason="Je vis ici")
    assert answer.status_code == 200, answer.text
    token = answer.json()
    assert (token["token_type"], token["scope"]) == ("Bearer", "read write")
    mine = {"Authorization": f"Bearer {token['access_token']}"}

    for path in (f"{ACCOUNTS}/verify_credentials", "/api/v1/timelines/home"):
        early = await app.http.get(path, headers=mine)
        assert (early.status_code, early.json()["error"]) == (403, WAITING), path
    assert (await app.http.get(f"{ACCOUNTS}/lookup?acct=marie")).status_code == 404
    await app.confirm()

    own = (await app.http.get(f"{ACCOUNTS}/verify_credentials", headers=mine)).json()
    assert (own["username"], own["display_name"]) == ("marie", "marie")
    row = await app.town.commune.database.pool.fetchrow("select * from commune.citizen")
    assert row is not None
    assert (row["postal_code"], row["territory"], row["friend"]) == ("97436", "97413", False)
    assert (row["reason"], row["language"]) == ("Je vis ici", "fr")
    late = await app.http.post(AGAIN, headers=mine)
    assert late.status_code == 403


async def test_who_names_no_postal_code_is_a_friend(app: Phone) -> None:
    assert (await app.sign_up(postal_code=None)).status_code == 200

    row = await app.town.commune.database.pool.fetchrow("select * from commune.citizen")
    assert row is not None
    assert (row["postal_code"], row["friend"]) == ("", True)


async def test_where_friends_are_not_let_in_the_postal_code_is_asked_for(
    database_url: str, clock: Clock
) -> None:
    async with (
        running(database_url, clock, friends=False) as town,
        AsyncExitStack() as stack,
    ):
        app = await phone(stack, town)
        for code, error in (
            (None, "ERR_BLANK"),
            ("123", "ERR_INVALID"),
            ("75001", "ERR_INCLUSION"),
        ):
            refused = await app.sign_up(postal_code=code)
            assert refused.status_code == 422
            assert refused.json()["details"]["postal_code"][0]["error"] == error
        assert await town.count("commune.citizen") == 0
        assert (await app.sign_up()).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"username": ""}, "ERR_BLANK"),
        ({"username": "marie-hélène"}, "ERR_INVALID"),
        ({"username": "m" * 31}, "ERR_TOO_LONG"),
        ({"username": "m0derator"}, "ERR_RESERVED"),
        ({"username": "moderator"}, "ERR_RESERVED"),
        ({"email": ""}, "ERR_BLANK"),
        ({"email": "nowhere"}, "ERR_INVALID"),
        ({"password": ""}, "ERR_BLANK"),
        ({"password": "court"}, "ERR_TOO_SHORT"),
        ({"password": "saint-leu saint-leu"}, "ERR_INVALID"),
        ({"agreement": "false"}, "ERR_ACCEPTED"),
        ({"reason": "x" * 1_001}, "ERR_TOO_LONG"),
        ({"postal_code": "974"}, "ERR_INVALID"),
    ],
)
async def test_what_needs_a_correction_is_named(
    app: Phone, changes: dict[str, str], error: str
) -> None:
    refused = await app.sign_up(**changes)

    assert refused.status_code == 422, refused.text
    (name,) = changes
    found = refused.json()
    assert found["error"].startswith("Validation failed: ")
    assert [each["error"] for each in found["details"][name]] == [error]
    assert list(found["details"]) == [name]
    assert await app.town.count("commune.citizen") == 0
    assert await app.town.count("commune.letter") == 0


async def test_everything_that_is_wrong_is_said_at_once(app: Phone) -> None:
    refused = await app.http.post(ACCOUNTS, data={})

    assert set(refused.json()["details"]) == {"username", "email", "password", "agreement"}


async def test_a_name_is_given_once(app: Phone) -> None:
    assert (await app.sign_up()).status_code == 200

    refused = await app.sign_up(email="other@mail.example", username="M_arie")

    assert refused.json()["details"]["username"][0]["error"] == "ERR_TAKEN"
    assert await app.town.count("commune.citizen") == 1


async def test_sec_aut_03_nobody_learns_from_an_app_who_has_an_account(app: Phone) -> None:
    await app.town.citizen("jean")
    before = await app.town.count("commune.account")

    real = await app.sign_up()
    known = await app.sign_up(username="somebody", email="Jean@mail.example")

    assert real.json().keys() == known.json().keys()
    assert real.json()["scope"] == known.json()["scope"]
    assert await app.town.count("commune.account") == before + 1
    assert (await app.letters())[-1].recipient == "jean@mail.example"
    for answer in (real, known):
        mine = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        early = await app.http.get(f"{ACCOUNTS}/verify_credentials", headers=mine)
        assert (early.status_code, early.json()) == (403, {"error": WAITING})
        again = await app.http.post(AGAIN, headers=mine)
        assert (again.status_code, again.json()) == (200, {})


async def test_the_letter_is_sent_again_to_another_address(app: Phone) -> None:
    await app.town.citizen("jean")
    token = (await app.sign_up()).json()["access_token"]
    mine = {"Authorization": f"Bearer {token}"}

    assert (await app.http.post(AGAIN, headers=mine)).json() == {}
    assert (await app.letters())[-1].recipient == "marie@mail.example"
    taken = await app.http.post(AGAIN, headers=mine, data={"email": "jean@mail.example"})
    assert (taken.status_code, taken.json()) == (200, {})
    moved = await app.http.post(AGAIN, headers=mine, data={"email": "m@mail.example"})
    assert moved.json() == {}
    assert (await app.letters())[-1].recipient == "m@mail.example"
    wrong = await app.http.post(AGAIN, headers=mine, data={"email": "nowhere"})
    assert wrong.status_code == 422

    emails = await app.town.commune.database.pool.fetch("select email from commune.citizen")
    assert {row["email"] for row in emails} == {"jean@mail.example", "m@mail.example"}
    await app.confirm()
    assert (await app.http.get(f"{ACCOUNTS}/verify_credentials", headers=mine)).status_code == 200


async def test_sec_aut_09_who_waits_to_be_approved_may_do_nothing(
    database_url: str, clock: Clock
) -> None:
    async with running(database_url, clock, mode="approval") as town, AsyncExitStack() as stack:
        app = await phone(stack, town)
        token = (await app.sign_up()).json()["access_token"]
        mine = {"Authorization": f"Bearer {token}"}
        await app.confirm()

        early = await app.http.post("/api/v1/statuses", headers=mine, data={"status": "x"})

        assert (early.status_code, early.json()["error"]) == (403, WAITING)
        assert await town.count("commune.post") == 0


async def test_where_one_is_invited_an_app_needs_the_invitation(
    database_url: str, clock: Clock
) -> None:
    async with running(database_url, clock, mode="invitation") as town, AsyncExitStack() as stack:
        app = await phone(stack, town)
        async with town.commune.database.transaction() as tx:
            _, code = await citizens.invite(tx)

        for wrong in (None, "x"):
            assert (await app.sign_up(invite_code=wrong)).status_code == 403
        assert await town.count("commune.citizen") == 0
        assert (await app.sign_up(invite_code=code)).status_code == 200
