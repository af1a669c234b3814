"""Who reads chooses the language of the pages, without an account, in one browser."""

from __future__ import annotations

import pytest

from fedcommune import i18n
from tests.support.browsers import Browser

FRENCH = {"Accept-Language": "fr"}


async def test_a_reader_chooses_a_language_and_comes_back_to_the_page(browser: Browser) -> None:
    before = await browser.client.get("/agenda?view=month", headers=FRENCH)
    assert before.headers["content-language"] == "fr"
    assert "set-cookie" not in before.headers
    assert 'href="/language?to=en&amp;return_to=/agenda%3Fview%3Dmonth"' in before.text

    chosen = await browser.client.get(
        "/language?to=en&return_to=/agenda%3Fview%3Dmonth", follow_redirects=False
    )
    after = await browser.client.get("/agenda?view=month", headers=FRENCH)

    assert chosen.status_code == 303
    assert chosen.headers["location"] == "/agenda?view=month"
    assert "HttpOnly" in chosen.headers["set-cookie"]
    assert after.headers["content-language"] == "en"
    assert "Cookie" in after.headers["vary"]


@pytest.mark.parametrize("wanted", ["", "tlh", "../fr", "en%0d%0aX: y"])
async def test_a_language_that_we_do_not_speak_changes_nothing(
    browser: Browser, wanted: str
) -> None:
    answer = await browser.client.get(
        f"/language?to={wanted}&return_to=//elsewhere.example/", follow_redirects=False
    )

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert "set-cookie" not in answer.headers
    after = await browser.client.get("/", headers={**FRENCH, "Cookie": "language=tlh"})
    assert after.headers["content-language"] == "fr"


async def test_creole_is_offered_and_what_it_does_not_say_yet_is_said_in_french(
    browser: Browser,
) -> None:
    before = await browser.client.get("/letters", headers=FRENCH)
    assert ">Kréol rényoné</a>" in before.text

    await browser.client.get("/language?to=rcf&return_to=/letters", follow_redirects=False)
    chosen = await browser.client.get("/letters", headers={"Accept-Language": "en"})
    preferred = await browser.client.get(
        "/", headers={"Accept-Language": "rcf, fr;q=0.8", "Cookie": ""}
    )

    for page in (chosen, preferred):
        assert page.headers["content-language"] == "rcf"
        assert '<html lang="rcf">' in page.text
        assert "Nouvèl" in page.text
    message = "For this letter alone. Nobody sees it, and one click stops it."
    untranslated = i18n.translate("fr", message)
    assert untranslated in before.text
    assert untranslated in chosen.text
