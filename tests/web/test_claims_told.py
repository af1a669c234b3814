"""Who moderates hears of claims that wait for them: on the site, and by letter as they wish."""

from __future__ import annotations

from fedcommune.domain.letters import actions as letters
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft
from tests.support import browsers
from tests.support.browsers import Browser
from tests.support.communes import Clock, Town
from tests.web.test_claims import LETTER, SHOP, WORD, an_entry, an_officer, ask, founded


async def test_who_moderates_is_told_of_what_waits_for_them_and_finds_it(
    town: Town, browser: Browser
) -> None:
    olga, marie = await an_officer(town), await town.citizen("marie")
    place = await an_entry(town)
    await browser.sign_in(marie)
    await ask(browser, place, **WORD)

    async with browsers.browser(town) as office:
        await office.sign_in(olga)
        told = await office.open("/notifications")
        overview = await office.open("/moderation")

    assert "Marie claims a place: somebody has to decide" in told.text
    assert 'href="/claims"' in told.text
    assert "1 claim waits for a decision" in overview.text
    assert 'href="/claims"' in overview.text
    unwritten = "select count(*) from commune.unwritten where account_id = $1"
    assert await town.commune.database.pool.fetchval(unwritten, olga.id) == 1
    assert await town.count("commune.notification") == 1
    assert 'href="/claims"' not in (await browser.open("/notifications")).text


async def test_a_claim_by_letter_waits_for_nobody_until_the_letter_proves_too_little(
    town: Town, browser: Browser
) -> None:
    olga, marie = await an_officer(town), await town.citizen("marie")
    paul = await town.citizen("paul")
    async with town.commune.database.transaction() as tx:
        place = await places.add(tx, paul, Draft("Le Fournil", -21.17, 55.288, **SHOP))
    await browser.sign_in(marie)
    await ask(browser, place, **LETTER)
    assert await town.count("commune.notification") == 0

    await browser.open((await browsers.letter(town, "claim")).link)
    await browser.send("/claims/confirm")

    found = await town.commune.database.pool.fetch(
        "select account_id, kind, from_id from commune.notification"
    )
    assert [tuple(each) for each in found] == [(olga.id, "admin.claim", marie.id)]
    assert await founded(town) is None


async def test_an_officer_is_not_told_of_their_own_claim(town: Town, browser: Browser) -> None:
    olga, place = await an_officer(town), await an_entry(town)
    await browser.sign_in(olga)

    await ask(browser, place, **WORD)

    assert await town.count("commune.notification") == 0


async def test_moderators_read_of_a_claim_in_a_letter_as_they_wish(
    town: Town, browser: Browser, clock: Clock
) -> None:
    olga, omar = await an_officer(town), await an_officer(town, "omar")
    marie, place = await town.citizen("marie"), await an_entry(town)
    async with town.commune.database.transaction() as tx:
        await letters.choose(tx, olga, {"moderation": "at_once"})
        await letters.choose(tx, omar, {"moderation": "never"})
    await browser.sign_in(marie)
    await ask(browser, place, **WORD)

    clock.pass_by(minutes=3)
    while await town.commune.mailbag.step():
        pass

    (letter,) = [each for each in await browsers.letters(town) if each.kind == "told"]
    assert letter.recipient == "olga@mail.example"
    assert "Marie revendique un lieu" in letter.text
    assert f"{town.origin}/claims" in letter.text
