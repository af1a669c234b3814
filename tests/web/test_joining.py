"""Sign up: two fields, a name, a letter; and who may not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fedcommune.domain.citizens import actions
from fedcommune.domain.citizens import queries as citizens
from fedcommune.settings import RegistrationSection
from tests.support import browsers, communes
from tests.support.browsers import PASSWORD, Browser, forms_of
from tests.support.communes import Clock, Town
from tests.support.evil import EvilServer
from tests.web.conftest import SAINT_LEU

PEOPLE = "commune.citizen"
SESSIONS = "commune.session"


async def join(browser: Browser, **fields: str) -> None:
    """Go through both steps of signing up as Marie, unless *fields* say otherwise."""
    first = {"email": "marie@mail.example", "postal_code": "97436"}
    second = {"name": "Marie Payet", "username": "marie", "password": PASSWORD, "agree": "yes"}
    await browser.open("/sign-up")
    await browser.send(**{name: fields.get(name, text) for name, text in first.items()})
    if browser.page.status_code == 200:
        await browser.send(**{**second, **{n: t for n, t in fields.items() if n not in first}})


async def test_somebody_joins_in_two_steps_and_a_letter(town: Town, browser: Browser) -> None:
    await join(browser)
    letter = await browsers.letter(town, "confirm")

    assert browser.page.status_code == 200
    assert letter.recipient == "marie@mail.example"
    assert letter.link in letter.text
    assert await town.count(SESSIONS) == 0
    await browser.open(letter.link)
    assert await town.count(SESSIONS) == 0
    await browser.send()
    assert browser.page.url.path == "/welcome"
    assert "Marie Payet" in browser.page.text
    assert await town.count(SESSIONS) == 1


async def test_sec_aut_03_an_unconfirmed_citizen_is_nobody_anywhere(
    town: Town, browser: Browser
) -> None:
    await join(browser)
    async with browsers.browser(town) as other:
        profile = await other.open("/@marie")
        finger = await other.client.get(f"/.well-known/webfinger?resource=acct:marie@{town.domain}")
        await other.open("/sign-in")
        await other.send(email="marie@mail.example", password=PASSWORD)

        assert profile.status_code == 404
        assert finger.status_code in (404, 410)
        assert other.page.status_code == 403
        assert "confirm" in other.page.text
        assert "session" not in other.client.cookies
    assert await town.count(SESSIONS) == 0


async def test_sec_aut_03_a_confirmation_is_good_once_and_for_a_day(
    town: Town, browser: Browser, clock: Clock
) -> None:
    await join(browser)
    link = (await browsers.letter(town, "confirm")).link
    clock.pass_by(hours=25)
    late = await browser.open(link)
    assert late.status_code == 404
    clock.pass_by(hours=-25)

    await browser.open(link)
    await browser.send()
    async with browsers.browser(town) as other:
        again = await other.open(link)

    assert again.status_code == 404
    assert await town.count(SESSIONS) == 1


async def test_sec_aut_03_a_known_address_gets_the_same_answer_and_another_letter(
    town: Town, browser: Browser
) -> None:
    await town.citizen("marie")
    await join(browser, email="MARIE@mail.example", username="other", name="Other")
    known = browser.page.text
    async with browsers.browser(town) as other:
        await join(other, email="jean@mail.example", username="jean", name="Jean")
        unknown = other.page.text

    assert known.replace("MARIE@", "jean@") == unknown
    assert (await browsers.letter(town, "known")).recipient == "marie@mail.example"
    assert (
        await town.commune.database.pool.fetchval(
            "select count(*) from commune.account where username = 'other'"
        )
        == 0
    )


async def test_sec_aut_03_who_does_not_own_an_address_cannot_keep_it(
    town: Town, browser: Browser
) -> None:
    await join(browser, username="thief", password="somebody elses words")
    first = (await browsers.letter(town, "confirm")).link
    async with browsers.browser(town) as owner:
        await join(owner)
        await owner.open((await browsers.letter(town, "confirm")).link)
        await owner.send()
        void = await browser.open(first)

        assert owner.page.url.path == "/welcome"
    assert void.status_code == 404
    assert await town.count(PEOPLE) == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "marie%other@mail.example"}, "e-mail"),
        ({"postal_code": "9743"}, "digits"),
        ({"username": "Marie Payet"}, "short name"),
        ({"username": "admin"}, "kept for the server"),
        ({"name": " "}, "name"),
        ({"password": "short"}, "12 characters"),
        ({"password": "motdepasse1234"}, "guess"),
        ({"password": "marie.payet.1990", "name": "x"}, ""),
        ({"agree": ""}, "rules"),
    ],
)
async def test_what_needs_a_correction_is_said_and_nothing_is_kept(
    town: Town, browser: Browser, fields: dict[str, str], wrong: str
) -> None:
    await join(browser, **fields)

    if wrong:
        assert browser.page.status_code in (409, 422)
        assert 'role="alert"' in browser.page.text
        assert wrong in browser.page.text
        assert PASSWORD not in browser.page.text
        assert await town.count(PEOPLE) == 0
    else:
        assert await town.count(PEOPLE) == 1


async def test_a_robot_that_fills_everything_in_is_refused(town: Town, browser: Browser) -> None:
    await browser.open("/sign-up")
    await browser.send(email="a@b.example", postal_code="97436", website="https://x.example")

    assert browser.page.status_code == 409
    assert await town.count(PEOPLE) == 0


async def test_without_a_password_a_link_lets_in(town: Town, browser: Browser) -> None:
    await join(browser, password="", way="link")
    await browser.open((await browsers.letter(town, "confirm")).link)
    await browser.send()
    await browser.open("/settings")
    await browser.send("/sign-out")
    await browser.open("/sign-in/letter")
    await browser.send(email="marie@mail.example")
    await browser.open((await browsers.letter(town, "sign_in")).link)
    await browser.send()

    assert browser.page.url.path == "/settings"
    assert await town.count(SESSIONS) == 1


async def test_sec_aut_09_who_must_be_approved_waits(database_url: str, clock: Clock) -> None:
    registration = RegistrationSection(mode="approval", geo_api="")
    async with (
        communes.town(
            "saint-leu", database_url, clock, commune=SAINT_LEU, registration=registration
        ) as town,
        browsers.browser(town) as browser,
    ):
        await join(browser, reason="I live next door.")
        await browser.open((await browsers.letter(town, "confirm")).link)
        await browser.send()
        assert browser.page.status_code == 403
        assert await town.count(SESSIONS) == 0
        assert (await browser.open("/@marie")).status_code == 404

        (citizen, _account) = (await citizens.waiting(town.commune.database.pool))[0]
        async with town.commune.database.transaction() as tx:
            await actions.approve(tx, citizen.account_id)
        assert citizen.reason == "I live next door."
        assert (await browser.open("/@marie")).status_code == 200
        await browser.open("/sign-in")
        await browser.send(email="marie@mail.example", password=PASSWORD)
        assert await town.count(SESSIONS) == 1


async def test_sec_aut_09_an_invitation_lets_in_as_many_as_it_says(
    database_url: str, clock: Clock
) -> None:
    registration = RegistrationSection(mode="invitation", geo_api="")
    async with (
        communes.town(
            "saint-leu", database_url, clock, commune=SAINT_LEU, registration=registration
        ) as town,
        browsers.browser(town) as browser,
    ):
        assert forms_of(await browser.open("/sign-up")) == {}, "there is nothing to fill in"
        csrf = forms_of(await browser.open("/sign-in"))["/sign-in"]["csrf"]
        fields = {"csrf": csrf, "email": "marie@mail.example", "postal_code": "97436"}
        refused = await browser.client.post("/sign-up", data=fields)
        assert refused.status_code == 403
        assert await town.count("commune.citizen") == 0
        async with town.commune.database.transaction() as tx:
            _invitation, token = await actions.invite(tx)
        kept = await town.commune.database.pool.fetchval(
            "select token_hash from commune.invitation"
        )
        assert token.encode() not in kept

        async def come(name: str) -> int:
            await browser.open(f"/sign-up?invitation={token}")
            await browser.send(email=f"{name}@mail.example", postal_code="97436")
            await browser.send(name=name, username=name, password=PASSWORD, agree="yes")
            return browser.page.status_code

        assert await come("marie") == 200
        assert await come("jean") == 403
        assert await town.count(PEOPLE) == 1


async def test_several_communes_of_a_code_are_a_choice_and_a_neighbour_is_shown(
    database_url: str, second_database_url: str, clock: Clock
) -> None:
    communes_of: list[dict[str, Any]] = [
        {"nom": "Saint-Leu", "code": "97413", "codesPostaux": ["97424"]},
        {"nom": "Trois-Bassins", "code": "97423", "codesPostaux": ["97424"]},
        {"nom": "Cilaos", "code": "97425", "codesPostaux": ["97424"]},
    ]
    async with EvilServer() as api:
        api.says(
            "/communes?codePostal=97424&fields=nom,code,codesPostaux,codeEpci,centre",
            _json(communes_of),
            content_type="application/json",
        )
        registration = RegistrationSection(geo_api=api.url("127.0.0.1", "").rstrip("/"))
        async with (
            communes.town(
                "saint-leu", database_url, clock, commune=SAINT_LEU, registration=registration
            ) as town,
            communes.town("trois-bassins", second_database_url, clock) as there,
            browsers.browser(town) as browser,
        ):
            actor = await town.find(f"@{there.commune.instance.host}@{there.domain}")
            await town.commune.database.pool.execute(
                "update commune.account set territory = '97423' where id = $1", actor.id
            )
            await browser.open("/sign-up")
            await browser.send(email="marie@mail.example", postal_code="97424")

            assert f'href="{there.origin}/sign-up?postal_code=97424"' in browser.page.text
            assert "Cilaos" in browser.page.text
            await browser.send(territory="97425")
            assert "friend of Saint-leu" in browser.page.text
            await browser.send(name="Marie", username="marie", password=PASSWORD, agree="yes")
            account = await town.commune.database.pool.fetchrow(
                "select friend, territory from commune.citizen"
            )
            assert account is not None
            assert (account["friend"], account["territory"]) == (True, "97425")


async def test_a_code_from_elsewhere_joins_as_a_friend_when_nobody_can_be_asked(
    town: Town, browser: Browser
) -> None:
    await browser.open("/sign-up")
    await browser.send(email="marie@mail.example", postal_code="75011")
    assert "friend" in browser.page.text
    await browser.send(territory="elsewhere")
    await browser.send(name="Marie", username="marie", password=PASSWORD, agree="yes")

    assert await town.commune.database.pool.fetchval("select friend from commune.citizen")


async def test_without_friends_a_code_from_elsewhere_stays_outside(
    database_url: str, clock: Clock
) -> None:
    registration = RegistrationSection(friends=False, geo_api="")
    async with (
        communes.town(
            "saint-leu", database_url, clock, commune=SAINT_LEU, registration=registration
        ) as town,
        browsers.browser(town) as browser,
    ):
        await browser.open("/sign-up")
        await browser.send(email="marie@mail.example", postal_code="75011")
        assert "for those who live in" in browser.page.text
        await browser.open("/sign-up")
        await browser.send(email="marie@mail.example", postal_code="75011", territory="elsewhere")
        assert "Who are you" not in browser.page.text
        assert await town.count(PEOPLE) == 0


async def test_sec_dos_11_sign_ups_are_counted(strict: Town) -> None:
    async with browsers.browser(strict) as browser:
        for number in range(5):
            await join(browser, email=f"a{number}@mail.example", username=f"first{number}x")
        assert await strict.count(PEOPLE) == 5
        await join(browser, email="b@mail.example", username="second")

    assert browser.page.status_code == 429
    assert int(browser.page.headers["retry-after"]) > 0
    assert await strict.count(PEOPLE) == 5


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
