"""Found an organisation or a project, say what it is, run it with others, close it: on pages."""

from __future__ import annotations

import re

import orjson
import pytest

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.links import queries as links
from fedcommune.domain.links.model import State
from fedcommune.domain.territory import addresses
from fedcommune.domain.territory.addresses import Address
from tests.support import browsers
from tests.support.browsers import Browser
from tests.support.communes import Town

SIRET = "73282932000074"


async def named(town: Town, username: str) -> Account | None:
    return await accounts.local_by_username(town.commune.database.pool, username)


async def now(town: Town, account: Account) -> Account:
    found = await accounts.by_id(town.commune.database.pool, account.id)
    assert found is not None
    return found


async def signed_in(town: Town, browser: Browser, username: str = "marie") -> Account:
    account = await town.citizen(username)
    await browser.sign_in(account)
    return account


@pytest.mark.parametrize("kind", ["association", "business", "authority", "group", "project"])
async def test_a_citizen_founds_it_in_two_steps_and_runs_it(
    town: Town, browser: Browser, kind: str
) -> None:
    marie = await signed_in(town, browser)
    await browser.open("/found")
    assert f"/found?kind={kind}" in browser.page.text
    await browser.open(f"/found?kind={kind}")

    await browser.send("/found", name="Les Filaos", username="filaos", text="On plante.")

    assert browser.page.url.path == "/@filaos/edit"
    founded = await named(town, "filaos")
    assert founded is not None
    assert (founded.kind.value, founded.name) == (kind, "Les Filaos")
    assert await links.is_admin(town.commune.database.pool, marie.id, founded.id)
    document = await browser.client.get(
        founded.actor_id, headers={"Accept": "application/activity+json"}
    )
    assert document.json()["kind"] == kind
    assert document.json()["openness"] == "moderated"


async def test_a_name_that_is_taken_is_said_beside_what_was_typed(
    town: Town, browser: Browser
) -> None:
    await signed_in(town, browser)
    before = await town.count("commune.account")
    await browser.open("/found?kind=business")

    await browser.send("/found", name="Garage Payet", username="marie")

    assert browser.page.status_code == 409
    assert 'value="Garage Payet"' in browser.page.text
    assert await town.count("commune.account") == before


async def test_what_an_administrator_says_is_on_the_page_and_in_the_document(
    town: Town, browser: Browser
) -> None:
    marie = await signed_in(town, browser)
    garage = await town.organisation(marie, "garage")
    async with town.commune.database.transaction() as tx:
        known = [Address("12 Rue Haute", -21.17, 55.29, "12 Rue Haute", "97436", "Saint-Leu")]
        await addresses.keep(tx.db, "12 Rue Haute, 97436 Saint-Leu", known, tx.now)
    await browser.open("/@garage/edit")

    await browser.send(
        "/@garage/edit",
        name="Garage Payet",
        text="Honnête et *rapide*.",
        tags="#Mécanique vélo",
        street="12 Rue Haute",
        postal_code="97436",
        locality="Saint-Leu",
        opening_hours="Mo-Fr 08:00-17:00",
        accessibility="limited",
        website="https://garage.example/",
        email="garage@mail.example",
        phone="0262 34 00 00",
        siret="732 829 320 00074",
        openness="invitation",
    )

    assert browser.page.url.path == "/@garage"
    shown = browser.page.text
    for words in (
        "12 Rue Haute",
        "Monday to Friday: 8:00",
        "#<bdi>mécanique",
        SIRET,
        "garage.example",
    ):
        assert words in shown
    (written,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', shown)
    told = orjson.loads(written)
    assert told["@type"] == "NGO"
    assert told["address"]["postalCode"] == "97436"
    response = await browser.client.get(
        garage.actor_id, headers={"Accept": "application/activity+json"}
    )
    document = response.json()
    lines = {each["name"]: each["value"] for each in document["attachment"]}
    assert lines["SIRET"] == SIRET
    (site,) = (each for each in lines.values() if "https://garage.example/" in each)
    assert 'rel="me ' in site
    assert document["location"]["address"]["streetAddress"] == "12 Rue Haute"
    assert document["location"]["latitude"] == -21.17
    assert document["cm:openingHours"] == "Mo-Fr 08:00-17:00"
    assert document["cm:accessibility"] == "limited"
    assert document["openness"] == "invitation"
    assert {each["name"] for each in document["tag"]} == {"#mécanique", "#vélo"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("siret", "73282932000075"),
        ("rna", "12345"),
        ("website", "javascript:alert(1)"),
        ("email", "nobody"),
        ("phone", "ring me"),
        ("postal_code", "974"),
        ("accessibility", "maybe"),
        ("name", "  "),
        ("openness", "sometimes"),
    ],
)
async def test_what_needs_a_correction_is_said_and_nothing_changes(
    town: Town, browser: Browser, field: str, typed: str
) -> None:
    marie = await signed_in(town, browser)
    garage = await town.organisation(marie, "garage")
    await browser.open("/@garage/edit")

    await browser.send("/@garage/edit", **{field: typed})

    assert browser.page.status_code == 422
    assert 'role="alert"' in browser.page.text
    assert await now(town, garage) == garage


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("siret", "732 829 320 00075", "A SIRET has 14 digits, the last one a check digit"),
        ("siret", "1234", "A SIRET has 14 digits"),
        ("rna", "W12", "An RNA number is the letter W and nine digits or letters."),
        ("rna", "W671234567", "An RNA number is the letter W and nine digits or letters."),
    ],
)
async def test_a_number_of_a_register_is_checked_and_what_is_wrong_is_said(
    town: Town, browser: Browser, field: str, typed: str, said: str
) -> None:
    marie = await signed_in(town, browser)
    garage = await town.organisation(marie, "garage")
    await browser.open("/@garage/edit")

    page = await browser.send("/@garage/edit", **{field: typed})

    assert page.status_code == 422
    assert said in page.text
    assert await now(town, garage) == garage
    for good, number in (("siret", "732 829 320 00074"), ("rna", "w9r4001234")):
        await browser.open("/@garage/edit")
        assert (await browser.send("/@garage/edit", **{good: number})).url.path == "/@garage"
    details = (await now(town, garage)).details
    assert (details.siret, details.rna) == ("73282932000074", "W9R4001234")


async def test_sec_vis_11_nobody_else_changes_or_closes_it(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    garage = await town.organisation(marie, "garage")
    await signed_in(town, browser, "luc")
    await browser.open("/found?kind=group")
    csrf = browsers.forms_of(browser.page)["/found"]["csrf"]

    for path, form in (
        ("/@garage/edit", {"name": "Mine"}),
        ("/@garage/close", {"username": "garage"}),
        ("/@garage/people", {"handle": "@luc"}),
    ):
        assert (await browser.client.get(path)).status_code == 403
        refused = await browser.client.post(path, data={**form, "csrf": csrf})
        assert refused.status_code == 403

    assert await now(town, garage) == garage
    assert await links.count(town.commune.database.pool, garage.id) == 1


async def test_it_is_closed_by_its_name_typed_out(town: Town, browser: Browser) -> None:
    marie = await signed_in(town, browser)
    garage = await town.organisation(marie, "garage")
    await browser.open("/@garage/close")

    await browser.send("/@garage/close", username="garage_payet")
    assert browser.page.status_code == 422
    assert (await now(town, garage)).deleted_at is None

    await browser.send("/@garage/close", username="@garage")
    assert (await now(town, garage)).deleted_at is not None
    assert (await browser.open("/@garage")).status_code == 410


async def test_it_is_handed_over_and_never_left_alone(town: Town, browser: Browser) -> None:
    marie = await signed_in(town, browser)
    jean = await town.citizen("jean")
    troupe = await town.organisation(marie, "troupe")
    pool = town.commune.database.pool
    await browser.open("/@troupe/people")
    (mine,) = await links.of_target(pool, troupe.id, state=State.ACTIVE)

    await browser.send(f"/links/{mine.id}", do="change", admin="")
    assert browser.page.status_code == 409
    assert await links.is_admin(pool, marie.id, troupe.id)

    await browser.open("/@troupe/people")
    await browser.send("/@troupe/people", handle="@jean", admin="yes", roles="mise en scène")
    async with browsers.browser(town) as other:
        await other.sign_in(jean)
        await other.open("/settings/links")
        (invitation,) = await links.of_target(pool, troupe.id, state=State.INVITED)
        await other.send(f"/links/{invitation.id}", do="accept")
    assert await links.is_admin(pool, jean.id, troupe.id)

    await browser.open("/@troupe/people")
    await browser.send(f"/links/{mine.id}", do="change", admin="")
    assert not await links.is_admin(pool, marie.id, troupe.id)
    assert await links.is_admin(pool, jean.id, troupe.id)


async def test_one_asks_is_let_in_hides_it_and_leaves(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    troupe = await town.organisation(marie, "troupe")
    jean = await signed_in(town, browser, "jean")
    pool = town.commune.database.pool
    assert "/@troupe/join" in (await browser.open("/@troupe")).text
    await browser.open("/@troupe/join")
    await browser.send("/@troupe/join", roles="trésorier, costumes", message="Je couds.")
    (asked,) = await links.of_target(pool, troupe.id, state=State.PENDING)
    assert (asked.roles, asked.message) == (["trésorier", "costumes"], "Je couds.")
    assert "jean" not in (await browser.client.get("/@troupe", headers={"Cookie": ""})).text

    async with browsers.browser(town) as other:
        await other.sign_in(marie)
        await other.open("/@troupe/people")
        assert "Je couds." in other.page.text
        await other.send(f"/links/{asked.id}", do="accept")

    async with browsers.browser(town) as visitor:
        assert "/@jean" in (await visitor.open("/@troupe")).text
        assert "/@troupe" in (await visitor.open("/@jean")).text
        await browser.open("/settings/links")
        await browser.send(f"/links/{asked.id}", do="hide")
        assert "/@jean" not in (await visitor.open("/@troupe")).text
        assert "/@troupe" not in (await visitor.open("/@jean")).text
        members = await visitor.client.get(
            f"{troupe.actor_id}/members", headers={"Accept": "application/activity+json"}
        )
        assert jean.actor_id not in members.text

    await browser.open("/settings/links")
    await browser.send(f"/links/{asked.id}", do="leave")
    assert await links.count(pool, troupe.id) == 1


async def test_sec_vis_11_a_stranger_to_a_link_has_no_say_in_it(
    town: Town, browser: Browser
) -> None:
    marie, jean = await town.citizen("marie"), await town.citizen("jean")
    troupe = await town.organisation(marie, "troupe")
    async with browsers.browser(town) as asking:
        await asking.sign_in(jean)
        await asking.open("/@troupe/join")
        await asking.send("/@troupe/join")
    pool = town.commune.database.pool
    (asked,) = await links.of_target(pool, troupe.id, state=State.PENDING)
    await signed_in(town, browser, "luc")
    await browser.open("/found?kind=group")
    csrf = browsers.forms_of(browser.page)["/found"]["csrf"]

    for do in ("accept", "refuse", "remove", "leave", "hide", "change"):
        form = {"do": do, "csrf": csrf}
        refused = await browser.client.post(f"/links/{asked.id}", data=form)
        assert refused.status_code == 404
    async with browsers.browser(town) as asking:
        await asking.sign_in(jean)
        await asking.open("/settings/links")
        await asking.send(f"/links/{asked.id}", do="accept")
        assert asking.page.status_code == 403

    assert await links.by_id(pool, asked.id) == asked
