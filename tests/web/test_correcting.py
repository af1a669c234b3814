"""What must be corrected is said beside its field; what was sent before is kept."""

from __future__ import annotations

import re

import httpx
import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import Words
from tests.support import browsers, pictures
from tests.support.browsers import PASSWORD, Browser, forms_of
from tests.support.communes import Town

NO_FILE = ("", b"", "application/octet-stream")
PICTURE = ("lagon.png", pictures.png(), "image/png")
# Where one publishes something with a picture: the fields, one that is wrong, the right one.
FORMS = {
    "/classifieds/new": (
        {"title": "Vélo", "exchange": "sale", "description": "Un vélo rouge"},
        ("picture", "description"),
        ("price", "cher", "25"),
    ),
    "/events/new": (
        {"name": "Bal", "starts_day": "2030-12-14", "category": "MUSIC", "banner_text": "Un bal"},
        ("banner", "banner_text"),
        ("starts_time", "25:00", "18:00"),
    ),
}


def beside(page: httpx.Response, field: str) -> str:
    """Return what is said beside *field*, to which the field itself points."""
    told = re.search(rf'<strong class="correct" id="wrong-{field}">([^<]+)</strong>', page.text)
    assert told is not None, f"nothing is said beside {field}"
    (tag,) = re.findall(rf'<(?:input|textarea|select) id="{field}"[^>]*>', page.text)
    assert 'aria-invalid="true"' in tag
    assert f'aria-describedby="wrong-{field}' in tag
    return told[1]


async def test_what_is_wrong_stands_at_the_head_and_beside_its_field(
    town: Town, browser: Browser
) -> None:
    await browser.open("/sign-up")
    await browser.send(email="marie@mail.example", postal_code="97436")

    await browser.send(name="Marie", username="Marie Payet", password=PASSWORD, agree="yes")

    assert browser.page.status_code == 422
    told = beside(browser.page, "username")
    assert f'role="alert" id="problem">{told}</p>' in browser.page.text
    assert "we keep no password" in browser.page.text
    assert await town.count("commune.citizen") == 0


@pytest.mark.parametrize(
    ("field", "text"), [("siret", "123"), ("website", "nonsense"), ("text", "x" * 5001)]
)
async def test_a_long_form_says_it_where_one_corrects_it(
    town: Town, browser: Browser, field: str, text: str
) -> None:
    marie = await town.citizen("marie")
    await town.organisation(marie, "petanque")
    await browser.sign_in(marie)
    await browser.open("/@petanque/edit")

    await browser.send("/@petanque/edit", **{field: text})

    assert browser.page.status_code == 422
    assert beside(browser.page, field)


@pytest.mark.parametrize("address", FORMS)
async def test_a_picture_is_sent_once_however_often_the_form_is_corrected(
    town: Town, browser: Browser, address: str
) -> None:
    typed, (picture, words), (field, wrong, right) = FORMS[address]
    await browser.sign_in(await town.citizen("marie"))
    fields = {**forms_of(await browser.open(address))[address], **typed}

    for text in (wrong, wrong, right):
        fields[field] = text
        file = NO_FILE if "kept_picture" in fields else PICTURE
        answer = await browser.client.post(address, data=fields, files={picture: file})
        if text == wrong:
            assert answer.status_code == 422
            assert "Your picture is here already" in answer.text
            fields = {**fields, **forms_of(answer)[address], words: "Autre chose"}

    assert answer.status_code == 200
    rows = await town.commune.database.pool.fetch("select description, post_id from commune.media")
    ((description, post_id),) = rows
    assert description == "Autre chose"
    assert post_id is not None


@pytest.mark.parametrize("address", FORMS)
async def test_sec_med_07_nobody_publishes_the_picture_of_somebody_else(
    town: Town, browser: Browser, address: str
) -> None:
    typed, (picture, _words), (field, _wrong, right) = FORMS[address]
    theirs = await _loose(town, await town.citizen("paul"))
    await browser.sign_in(await town.citizen("marie"))
    fields = {**forms_of(await browser.open(address))[address], **typed, field: right}

    for number in (str(theirs), "0", "nonsense", "9" * 30):
        answer = await browser.client.post(
            address, data={**fields, "kept_picture": number}, files={picture: NO_FILE}
        )
        assert answer.status_code == 422
        assert beside(answer, picture)

    assert await town.count("commune.post") == 0
    rows = await town.commune.database.pool.fetch("select description, post_id from commune.media")
    assert [tuple(row) for row in rows] == [("Le lagon", None)]


async def test_a_form_that_is_too_old_leads_back_to_its_page_and_does_nothing(
    town: Town, browser: Browser
) -> None:
    """SEC-AUT-08: and to no page of anybody else."""
    fields = {"email": "marie@mail.example", "postal_code": "97436", "csrf": "0" * 64}
    for came_from, back in (
        (f"{town.origin}/sign-up?postal_code=97436", "/sign-up?postal_code=97436"),
        ("https://evil.example/sign-up", "/"),
        (f"{town.origin}//evil.example/", "/"),
        ("", "/"),
    ):
        answer = await browser.client.post(
            "/sign-up", data=fields, headers={"Referer": came_from, "Accept": "text/html"}
        )
        assert answer.status_code == 403
        assert "too old" in answer.text
        assert f'<a class="button" href="{back}">' in answer.text


async def test_who_deleted_their_account_is_a_visitor_at_once(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await browsers.with_password(town, marie)
    await browser.sign_in(marie)
    await browser.open("/settings/leave")

    await browser.send("/settings/leave", username="marie", password=PASSWORD)

    assert "Your account is deleted" in browser.page.text
    assert 'href="/notifications"' not in browser.page.text


async def test_sec_gdp_08_a_link_that_was_cut_says_where_else_letters_are_stopped(
    browser: Browser,
) -> None:
    answer = await browser.open("/letters/stop?token=cut")

    assert answer.status_code == 404
    assert 'href="/settings/letters"' in answer.text
    assert "<form" not in answer.text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("address", ["/agenda?category=MUSIC", "/classifieds?category=books"])
async def test_nothing_of_a_kind_is_not_nothing_at_all(browser: Browser, address: str) -> None:
    path = address.partition("?")[0]

    chosen, all_ = await browser.open(address), await browser.open(path)

    assert f'<a class="more" href="{path}">Show everything</a>' in chosen.text
    assert "Show everything" not in all_.text


async def _loose(town: Town, account: Account) -> int:
    made = await town.commune.workshop.attachment(pictures.png())
    async with town.commune.database.transaction() as tx:
        return (await media.keep(tx, account.id, made, Words("Le lagon"))).id
