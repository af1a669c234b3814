"""Who is signed in, and forms that other sites cannot send (SEC-AUT-08)."""

from __future__ import annotations

from tests.support import browsers
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Town

SESSIONS = "commune.session"


async def test_a_citizen_signs_in_and_out(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    password = await browsers.with_password(town, marie)

    await browser.open("/sign-in")
    await browser.send(email="MARIE@mail.example", password=password)

    assert await town.count(SESSIONS) == 1
    assert browser.client.cookies.get("session")


async def test_sec_aut_08_a_form_from_elsewhere_is_refused(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    password = await browsers.with_password(town, marie)
    fields = {"email": "marie@mail.example", "password": password}

    await browser.open("/sign-in")
    token = forms_of(browser.page)["/sign-in"]["csrf"]
    without = await browser.client.post("/sign-in", data=fields)
    wrong = await browser.client.post("/sign-in", data={**fields, "csrf": "0" * 64})
    origin = await browser.client.post(
        "/sign-in", data={**fields, "csrf": token}, headers={"Origin": "https://evil.example"}
    )
    site = await browser.client.post(
        "/sign-in", data={**fields, "csrf": token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    async with browsers.browser(town) as other:
        await other.open("/sign-in")
        strange = await other.client.post("/sign-in", data={**fields, "csrf": token})

    assert {r.status_code for r in (without, wrong, origin, site, strange)} == {403}
    assert await town.count(SESSIONS) == 0
