"""The page on which a person lets an application in (SEC-AUT-05, SEC-AUT-08)."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.citizens import queries as citizen_queries
from fedcommune.domain.citizens.model import Browser
from tests.mastodon.conftest import Neighbours
from tests.mastodon.moderating import promoted
from tests.mastodon.signing import BACK, VERIFIER, Client, challenge

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_CHOICE = re.compile(r'name="account" value="(\d+)"')


class Reader:
    """A person with a browser, signed in."""

    def __init__(self, http: httpx.AsyncClient, account: Account) -> None:
        self.http = http
        self.account = account

    async def look(self, client: Client, **more: str) -> httpx.Response:
        asked = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": BACK,
            "scope": "read write:statuses",
            "state": "a state & more",
            **more,
        }
        asked = {name: value for name, value in asked.items() if value}
        return await self.http.get(f"/oauth/authorize?{urlencode(asked)}")

    async def say(
        self, page: httpx.Response, decision: str = "allow", **more: str
    ) -> httpx.Response:
        fields = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
        fields.setdefault("account", str(self.account.id))
        return await self.http.post(
            "/oauth/authorize", data={**fields, "decision": decision, **more}
        )


def told(answer: httpx.Response) -> dict[str, str]:
    """Return what the application is told in the address it gets the person back with."""
    assert answer.status_code == 303, answer.text
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == BACK
    return {name: values[0] for name, values in parse_qs(address.query).items()}


@pytest.fixture
async def reader(neighbours: Neighbours) -> Reader:
    account = await neighbours.here.citizen("marie")
    return await signed_in(neighbours, account)


async def signed_in(neighbours: Neighbours, account: Account) -> Reader:
    async with neighbours.here.commune.database.transaction() as tx:
        citizen = await citizen_queries.by_account(tx.db, account.id)
        assert citizen is not None
        session = await citizens.begin_session(tx, citizen, Browser("tests", "127.0.0.1"))
    http = await neighbours.http()
    http.headers.update({"Cookie": f"session={session}", "Accept": "text/html"})
    http.headers["Accept-Language"] = "en"
    return Reader(http, account)


@pytest.fixture
async def client(neighbours: Neighbours, anyone: httpx.AsyncClient) -> Client:
    return await Client.registered(
        neighbours.here, anyone, "read write", redirect_uris=f"{BACK} {OUT_OF_BAND} app://x"
    )


async def codes(neighbours: Neighbours) -> int:
    return await neighbours.here.count("commune.authorisation")


async def test_a_person_reads_who_asks_and_says_yes(reader: Reader, client: Client) -> None:
    page = await reader.look(client, code_challenge=challenge(), code_challenge_method="S256")
    answer = told(await reader.say(page))
    token = await client.exchange(answer["code"], code_verifier=VERIFIER)

    assert "The application Un essai asks for your permission to:" in page.text
    assert "Read everything that you can read here" in page.text
    assert "Write, change and delete posts in your name" in page.text
    assert "app.example" in page.text
    assert answer["state"] == "a state & more"
    assert answer["iss"] == f"{client.town.origin}/"
    assert token.json()["scope"] == "read write:statuses"


async def test_a_person_says_no(neighbours: Neighbours, reader: Reader, client: Client) -> None:
    answer = told(await reader.say(await reader.look(client), "deny"))

    assert answer["error"] == "access_denied"
    assert answer["state"] == "a state & more"
    assert "code" not in answer
    assert await codes(neighbours) == 0


async def test_sec_aut_08_the_page_is_never_framed_nor_kept(reader: Reader, client: Client) -> None:
    page = await reader.look(client)

    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert policy.endswith("form-action 'self' https://app.example")
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"


async def test_an_application_with_a_scheme_of_its_own_gets_its_code(
    reader: Reader, client: Client
) -> None:
    page = await reader.look(client, redirect_uri="app://x")
    answer = await reader.say(page)

    assert page.headers["content-security-policy"].endswith("form-action 'self' app:")
    assert answer.headers["location"].startswith("app://x?code=")


async def test_a_code_is_shown_to_whoever_copies_it(reader: Reader, client: Client) -> None:
    page = await reader.look(client, redirect_uri=OUT_OF_BAND)
    answer = await reader.say(page)
    found = re.search(r"<code>([\w-]{43})</code>", answer.text)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert found is not None
    token = await client.exchange(found[1], redirect_uri=OUT_OF_BAND)
    assert token.status_code == 200


async def test_a_person_chooses_whom_they_manage_and_nobody_else(
    neighbours: Neighbours, reader: Reader, client: Client
) -> None:
    here = neighbours.here
    club = await here.organisation(reader.account, "club")
    other = await here.citizen("paul")
    shop = await here.organisation(other, "shop")

    page = await reader.look(client)
    answer = told(await reader.say(page, account=str(club.id)))
    token = (await client.exchange(answer["code"])).json()["access_token"]
    refused = [
        await reader.say(page, account=text) for text in (str(other.id), str(shop.id), "", "x", "0")
    ]

    assert set(_CHOICE.findall(page.text)) == {str(reader.account.id), str(club.id)}
    acting = await neighbours.http(token=token)
    said = (await acting.get("/api/v1/apps/verify_credentials")).json()
    assert said["name"] == "Un essai"
    assert {answer.status_code for answer in refused} == {400}
    assert await codes(neighbours) == 1
    owner = await here.commune.database.pool.fetchrow(
        "select citizen_id, account_id from commune.token"
    )
    assert owner is not None
    assert tuple(owner) == (reader.account.id, club.id)


@pytest.mark.parametrize("csrf", ["", "wrong", "0" * 64])
async def test_sec_aut_08_only_a_form_of_ours_says_yes(
    neighbours: Neighbours, reader: Reader, client: Client, csrf: str
) -> None:
    answer = await reader.say(await reader.look(client), csrf=csrf)

    assert answer.status_code == 403
    assert await codes(neighbours) == 0


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_sec_aut_08_another_site_cannot_say_yes(
    neighbours: Neighbours, reader: Reader, client: Client, headers: dict[str, str]
) -> None:
    page = await reader.look(client)
    reader.http.headers.update(headers)

    answer = await reader.say(page)

    assert answer.status_code == 403
    assert await codes(neighbours) == 0


@pytest.mark.parametrize(
    "address",
    [
        f"{BACK}/",
        f"{BACK}?x=1",
        "https://app.example/BACK",
        "http://app.example/back",
        "https://app.example.evil.example/back",
        "https://evil.example/",
        "javascript:alert(1)",
        "",
    ],
)
async def test_sec_aut_05_nobody_is_sent_to_an_address_that_was_not_registered(
    neighbours: Neighbours, reader: Reader, client: Client, address: str
) -> None:
    good = await reader.look(client)
    page = await reader.look(client, redirect_uri=address)
    forced = await reader.say(good, redirect_uri=address)

    for answer in (page, forced):
        assert answer.status_code == 400
        assert "location" not in answer.headers
    assert await codes(neighbours) == 0


async def test_an_unknown_application_is_named_as_such(reader: Reader, client: Client) -> None:
    client.id = "nobody"

    answer = await reader.look(client)

    assert answer.status_code == 400
    assert "This application is not known here" in answer.text


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"scope": "follow"}, "invalid_scope"),
        ({"scope": "admin:read"}, "invalid_scope"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"code_challenge": "x" * 43, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "x" * 43}, "invalid_request"),
        ({"code_challenge": "x", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
)
async def test_sec_aut_05_what_cannot_be_had_is_told_to_the_application(
    neighbours: Neighbours, reader: Reader, client: Client, asked: dict[str, Any], error: str
) -> None:
    good = await reader.look(client)

    answers = [told(await reader.look(client, **asked)), told(await reader.say(good, **asked))]

    assert {answer["error"] for answer in answers} == {error}
    assert {answer["state"] for answer in answers} == {"a state & more"}
    assert await codes(neighbours) == 0


async def test_sec_aut_06_nobody_gives_what_only_moderators_have(
    neighbours: Neighbours, reader: Reader, anyone: httpx.AsyncClient
) -> None:
    client = await Client.registered(neighbours.here, anyone, "read admin:read admin:write")

    page = await reader.look(client, scope="read admin:read admin:write")
    answer = told(await reader.say(page))
    token = await client.exchange(answer["code"])

    assert token.json()["scope"] == "read"


async def test_sec_aut_06_a_moderator_gives_it_in_their_own_name_and_in_no_other(
    neighbours: Neighbours, reader: Reader, anyone: httpx.AsyncClient
) -> None:
    here = neighbours.here
    await promoted(here, reader.account)
    club = await here.organisation(reader.account, "club")
    client = await Client.registered(here, anyone, "read admin:read admin:write:reports")
    wanted = "read admin:read admin:write:reports"

    page = await reader.look(client, scope=wanted, lang="en")
    mine = told(await reader.say(page))
    of_club = told(await reader.say(page, account=str(club.id)))

    assert "As a moderator: see everything that moderators see" in page.text
    assert "As a moderator: look into reports and close them" in page.text
    assert (await client.exchange(mine["code"])).json()["scope"] == wanted
    assert (await client.exchange(of_club["code"])).json()["scope"] == "read"
    only = await reader.look(client, scope="admin:read")
    assert told(await reader.say(only, account=str(club.id)))["error"] == "invalid_scope"


async def test_a_visitor_signs_in_first_and_comes_back(
    neighbours: Neighbours, client: Client, anyone: httpx.AsyncClient
) -> None:
    visitor = Reader(anyone, await neighbours.here.citizen("paul"))

    answer = await visitor.look(client)

    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    back = parse_qs(address.query)["return_to"][0]
    assert address.path == "/sign-in"
    assert back.startswith("/oauth/authorize?response_type=code")
    assert await codes(neighbours) == 0


async def test_an_application_may_want_another_sign_in(reader: Reader, client: Client) -> None:
    answer = await reader.look(client, force_login="true")
    back = parse_qs(urlsplit(answer.headers["location"]).query)["return_to"][0]
    again = await reader.http.get(back)

    assert answer.headers["location"].startswith("/sign-in?return_to=")
    assert "force_login" not in back
    assert again.headers["location"].startswith("/sign-in?return_to=")


async def test_the_page_speaks_the_language_that_is_asked_for(
    reader: Reader, client: Client
) -> None:
    page = await reader.look(client, lang="fr")

    assert page.headers["content-language"] == "fr"
    assert "L’application Un essai" in page.text.replace("&#39;", "’").replace("'", "’")
    assert "Écrire, modifier et supprimer des messages en votre nom" in page.text


async def test_a_name_is_text_and_nothing_else(
    neighbours: Neighbours, reader: Reader, anyone: httpx.AsyncClient
) -> None:
    client = await Client.registered(
        neighbours.here, anyone, client_name="<script>alert(1)</script>{x}"
    )

    page = await reader.look(client, scope="read")

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
