"""What needs a correction is said in the language of who reads, numbers included."""

from __future__ import annotations

import pytest

from tests.support import browsers
from tests.support.communes import Town


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "Une ligne de 200 caractères au plus\N{NO-BREAK SPACE}: raccourcissez-la."),
        ("en", "One line of at most 200 characters: shorten it."),
    ],
)
async def test_a_sentence_with_a_number_is_in_the_language_of_the_reader(
    town: Town, language: str, said: str
) -> None:
    marie = await town.citizen("marie")
    lagon = await town.organisation(marie, "lagon")
    async with browsers.browser(town, **{"Accept-Language": language}) as browser:
        await browser.sign_in(marie)
        await browser.open("/@lagon/edit")

        answer = await browser.send("/@lagon/edit", locality="x" * 201)

    assert answer.status_code == 422
    assert said in answer.text
    assert await town.find("@lagon") == lagon


async def test_what_is_not_allowed_is_said_in_french(town: Town) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    await town.organisation(marie, "lagon")
    async with browsers.browser(town, **{"Accept-Language": "fr"}) as browser:
        await browser.sign_in(paul)

        answer = await browser.open("/@lagon/edit")

    assert answer.status_code == 403
    assert "Seul un administrateur de cette page peut le faire." in answer.text
