"""Letting an application in, with the browser and over the API (SEC-AUT-05)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest_asyncio
from playwright.async_api import expect

from fedcommune.domain.accounts.model import Account
from tests.browser.visitor import Visitor
from tests.mastodon.signing import VERIFIER, challenge
from tests.support.browsers import PASSWORD, Loopback
from tests.support.communes import Town
from tests.support.evil import Asked, EvilServer, answer

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


@pytest_asyncio.fixture(loop_scope="session")
async def http(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """What the application calls the commune with."""
    async with httpx.AsyncClient(base_url=town.origin, transport=Loopback()) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def back(town: Town) -> AsyncIterator[str]:
    """Where the application waits for people to come back."""

    async def thanks(asked: Asked, writer: asyncio.StreamWriter) -> None:
        page = b"<!doctype html><title>Thanks</title>"
        writer.write(answer(200, page, [("Content-Type", "text/html")]))

    async with EvilServer() as application:
        application.plays_everywhere(thanks)
        yield application.url("127.0.0.1", "/back")


async def registered(http: httpx.AsyncClient, redirect_uri: str) -> dict[str, str]:
    """Register an application over the API; return its credentials."""
    said = await http.post(
        "/api/v1/apps",
        json={
            "client_name": "Carnet",
            "redirect_uris": redirect_uri,
            "scopes": "read write",
            "website": "https://carnet.example",
        },
    )
    assert said.status_code == 200, said.text
    return {name: said.json()[name] for name in ("client_id", "client_secret")}


def asking(credentials: dict[str, str], redirect_uri: str) -> str:
    """Return the address of the page on which a person says yes or no."""
    asked = {
        "response_type": "code",
        "client_id": credentials["client_id"],
        "redirect_uri": redirect_uri,
        "scope": "read write:statuses",
        "state": "where were we",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    return f"/oauth/authorize?{urlencode(asked)}"


async def token_for(
    http: httpx.AsyncClient, credentials: dict[str, str], redirect_uri: str, code: str
) -> str:
    said = await http.post(
        "/oauth/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": VERIFIER,
            **credentials,
        },
    )
    assert said.status_code == 200, said.text
    return str(said.json()["access_token"])


async def acts_as(http: httpx.AsyncClient, token: str) -> str:
    said = await http.get(
        "/api/v1/accounts/verify_credentials", headers={"Authorization": f"Bearer {token}"}
    )
    assert said.status_code == 200, said.text
    return str(said.json()["username"])


async def test_an_application_acts_as_the_organisation_that_one_chose(
    town: Town, anybody: Visitor, marie: Account, http: httpx.AsyncClient, back: str
) -> None:
    await town.organisation(marie, "petanque")
    credentials = await registered(http, back)
    await anybody.open(asking(credentials, back))
    await anybody.fill(email="marie@mail.example", password=PASSWORD)
    await anybody.press("Sign in")
    await anybody.sees("Let Carnet in?", "Write, change and delete posts in your name")
    await anybody.tick("Petanque")
    await anybody.press("Allow")

    await expect(anybody.page).to_have_title("Thanks")
    told = {name: values[0] for name, values in parse_qs(urlsplit(anybody.page.url).query).items()}
    assert told["state"] == "where were we"
    token = await token_for(http, credentials, back, told["code"])
    assert await acts_as(http, token) == "petanque"
    said = await http.post(
        "/api/v1/statuses",
        json={"status": "Concours dimanche"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert said.json()["account"]["username"] == "petanque"


async def test_who_refuses_is_sent_back_and_gives_nothing(
    town: Town, anybody: Visitor, marie: Account, http: httpx.AsyncClient, back: str
) -> None:
    credentials = await registered(http, back)
    await anybody.open(asking(credentials, back))
    await anybody.fill(email="marie@mail.example", password=PASSWORD)
    await anybody.press("Sign in")
    await anybody.press("Refuse")

    await expect(anybody.page).to_have_title("Thanks")
    assert "error=access_denied" in anybody.page.url
    assert await town.count("commune.authorisation") == 0


async def test_a_code_is_shown_to_who_must_copy_it(
    anybody: Visitor, marie: Account, http: httpx.AsyncClient
) -> None:
    credentials = await registered(http, OUT_OF_BAND)
    await anybody.open(asking(credentials, OUT_OF_BAND))
    await anybody.fill(email="marie@mail.example", password=PASSWORD)
    await anybody.press("Sign in")
    await anybody.press("Allow")
    await anybody.sees("Copy this code into Carnet")
    code = await anybody.main.locator("code").inner_text()

    token = await token_for(http, credentials, OUT_OF_BAND, code)
    assert await acts_as(http, token) == "marie"


async def test_an_address_that_was_never_registered_is_told_to_the_person(
    town: Town, anybody: Visitor, marie: Account, http: httpx.AsyncClient, back: str
) -> None:
    credentials = await registered(http, back)
    await anybody.open(asking(credentials, "https://evil.example/back"))

    await anybody.sees("an address that it never registered")
    assert await town.count("commune.authorisation") == 0
