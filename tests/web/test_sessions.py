"""Who is signed in, and forms that other sites cannot send (SEC-AUT-08)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from fedcommune.web import doors, sessions
from tests.support import browsers
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Clock, Town

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


async def test_sec_aut_08_a_session_is_a_new_one_each_time_and_ends_on_the_server(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    password = await browsers.with_password(town, marie)
    browser.client.cookies.set("session", "A" * 43, domain=town.commune.instance.host)
    await browser.open("/sign-in")
    await browser.send(email="marie@mail.example", password=password)
    first = browser.client.cookies["session"]
    assert first != "A" * 43
    await browser.send("/sign-out")
    assert "session" not in browser.client.cookies
    assert await town.count(SESSIONS) == 0

    browser.client.cookies.set("session", first, domain=town.commune.instance.host)
    assert (await browser.open("/settings")).url.path == "/sign-in"


async def test_sec_aut_08_cookies_are_for_this_server_and_not_for_scripts(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    password = await browsers.with_password(town, marie)
    page = await browser.open("/sign-in")
    visit = page.headers["set-cookie"]
    fields = forms_of(page)["/sign-in"]
    answer = await browser.client.post(
        "/sign-in",
        data={**fields, "email": "marie@mail.example", "password": password},
        follow_redirects=False,
    )

    for cookie in (visit, answer.headers.get_list("set-cookie")[0]):
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert "no-store" in page.headers["cache-control"]


async def test_sec_aut_08_every_form_of_the_pages_is_refused_without_its_token(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    before = await town.count(SESSIONS)
    for route in doors.routes():
        if "POST" in (route.methods or ()):
            # A form is sent in one of two ways; sent in the other it is no form of ours.
            plain = await browser.client.post(route.path, data={"session": "others"})
            filed = await browser.client.post(
                route.path, data={"session": "others"}, files={"file": b"x"}
            )
            assert {plain.status_code, filed.status_code} == {400, 403}, route.path

    assert await town.count(SESSIONS) == before
    assert await town.count("commune.letter") == 0


async def test_sessions_are_listed_and_ended_one_by_one(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    jean = await town.citizen("jean")
    await browser.sign_in(marie)
    async with browsers.browser(town) as other, browsers.browser(town) as stranger:
        await other.sign_in(marie)
        await stranger.sign_in(jean)
        await browser.open("/settings/sessions")
        pool = town.commune.database.pool
        of_jean = await pool.fetchval(
            "select id from commune.session where account_id = $1", jean.id
        )
        form = forms_of(browser.page)["/settings/sessions"]
        refused = await browser.client.post(
            "/settings/sessions", data={**form, "session": str(of_jean)}
        )
        assert refused.status_code == 404
        assert await town.count(SESSIONS) == 3
        await browser.send(session="others")
        assert (await other.open("/settings")).url.path == "/sign-in"
        assert (await stranger.open("/settings")).url.path == "/settings"


async def test_a_session_ends_when_it_is_not_used(
    town: Town, browser: Browser, clock: Clock
) -> None:
    await browser.sign_in(await town.citizen("marie"))
    clock.pass_by(days=44)
    assert (await browser.open("/settings")).url.path == "/settings"
    clock.pass_by(days=44)
    assert (await browser.open("/settings")).url.path == "/settings"
    clock.pass_by(days=46)
    assert (await browser.open("/settings")).url.path == "/sign-in"


async def test_sec_aut_01_a_new_browser_is_told_of(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    password = await browsers.with_password(town, marie)
    for agent, letters in (("Firefox/1", 0), ("Firefox/2", 0), ("Evil <b>Browser", 1)):
        async with browsers.browser(town, **{"User-Agent": agent}) as other:
            await other.open("/sign-in")
            await other.send(email="marie@mail.example", password=password)
        assert len(await browsers.letters(town)) == letters

    letter = await browsers.letter(town, "new_browser")
    assert "Evil <b>Browser" in letter.text
    assert "Evil &lt;b&gt;Browser" in letter.html


PAYLOADS = [
    *("https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example"),
    *("\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "/%2f/evil.example"),
    *("/%5cevil.example", "javascript:alert(1)", "data:text/html,x", "http:evil.example"),
    *("evil.example", "/ /evil.example", "/.//evil.example", "/..//evil.example", ""),
    *("\x00/settings", " /settings", "@evil.example", "/é", "/settings\r\nX: y", "/" + "a" * 3000),
]


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_sec_xss_07_only_our_own_addresses_are_gone_back_to(payload: str) -> None:
    assert sessions.return_to(payload, "/fallback") == "/fallback"


@pytest.mark.parametrize("path", ["/", "/settings", "/oauth/authorize?a=b&c=%2F%2Fd", "/@marie/1"])
async def test_sec_xss_07_and_those_are(path: str) -> None:
    assert sessions.return_to(path, "/fallback") == path


async def test_sec_xss_07_signing_in_leads_back_or_home(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    password = await browsers.with_password(town, marie)
    for wanted, reached in (
        ("/settings/password", "/settings/password"),
        ("//evil.example", "/settings"),
    ):
        async with browsers.browser(town) as other:
            await other.open(f"/sign-in?return_to={quote(wanted, safe='')}")
            await other.send(email="marie@mail.example", password=password)
            assert str(other.page.url) == town.origin + reached
