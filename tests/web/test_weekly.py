"""The week of the commune: asked for and confirmed, sent once, stopped by one click."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from fedcommune.commune import opened
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.letters import actions, issuing
from fedcommune.domain.notices import actions as notices
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.posts.official import Given, Severity
from fedcommune.domain.visibility import Visibility
from fedcommune.mail.letters import Letter
from tests.mastodon.test_notices import give, town_hall
from tests.support import browsers, communes
from tests.support.browsers import Browser
from tests.support.communes import Clock, Town
from tests.web.test_letters import REUNION, Still, write

ZOE = "zoe@mail.example"


@pytest.fixture
def clock() -> Clock:
    return Still()


@pytest.fixture
async def town(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    async with communes.town(
        "saint-leu", database_url, clock, commune=REUNION, limited=True
    ) as running:
        yield running


@pytest.fixture
async def browser(town: Town) -> AsyncIterator[Browser]:
    async with browsers.browser(town) as one:
        yield one


@pytest.fixture
async def marie(town: Town) -> Account:
    return await town.citizen("marie")


async def of_kind(town: Town, kind: str) -> list[Letter]:
    return [each for each in await browsers.letters(town) if each.kind == kind]


async def week(town: Town, clock: Clock, **units: float) -> list[Letter]:
    """Return the weekly letters on their way after so much time."""
    clock.pass_by(**units)
    await write(town.commune)
    return await of_kind(town, "weekly")


async def subscribe(town: Town, browser: Browser, email: str = ZOE) -> None:
    await browser.open("/letters")
    await browser.send(email=email)
    await browser.open((await browsers.letter(town, "weekly_confirm")).link)
    await browser.send()
    assert "See you soon" in browser.page.text


async def test_an_address_is_confirmed_before_anything_is_sent_to_it(
    town: Town, clock: Clock, browser: Browser, marie: Account
) -> None:
    await town.organisation(marie, "lagon")
    await browser.open("/letters")
    await browser.send(email=ZOE)
    letter = await browsers.letter(town, "weekly_confirm")
    assert await week(town, clock, days=2) == [], "nothing is confirmed yet"

    page = await browser.open(letter.link)
    assert page.status_code == 404, "the link was good for a day"
    await browser.open("/letters")
    await browser.send(email=ZOE)
    letter = await browsers.letter(town, "weekly_confirm")
    await browser.open(letter.link)
    assert await town.count("commune.subscriber where confirmed_at is not null") == 0
    await browser.send()
    again = await browser.open(letter.link)
    assert again.status_code == 404, "a token is good once"

    await town.organisation(marie, "colibri")
    (sent,) = await week(town, clock, days=7)
    assert sent.recipient == ZOE
    assert "Colibri" in sent.text


async def test_sec_aut_03_the_answer_tells_nobody_who_gets_it(
    town: Town, clock: Clock, browser: Browser, marie: Account
) -> None:
    await subscribe(town, browser)
    answers = []
    for email in (ZOE, "nobody@mail.example", "marie@mail.example"):
        await browser.open("/letters")
        page = await browser.send(email=email)
        answers.append((page.status_code, page.text.replace(email, "…")))

    assert len(set(answers)) == 1
    assert (await browsers.letter(town, "weekly_known")).recipient == ZOE
    assert len(await of_kind(town, "weekly_known")) == 1
    assert await town.count("commune.subscriber where confirmed_at is not null") == 1


async def test_robots_and_impatience_are_refused_and_nothing_is_sent(
    town: Town, browser: Browser
) -> None:
    await browser.open("/letters")
    assert (await browser.send(email=ZOE, website="https://spam.example")).status_code == 409
    await browser.open("/letters")
    assert (await browser.send(email="not an address")).status_code == 422
    assert await town.count("commune.subscriber") == 0
    for expected in (200, 200, 200, 200, 200, 429):
        await browser.open("/letters")
        assert (await browser.send(email=ZOE)).status_code == expected
    assert len(await of_kind(town, "weekly_confirm")) == 5
    csrf = await browser.client.post("/letters", data={"email": "x@mail.example"})
    assert csrf.status_code == 403
    assert await town.count("commune.subscriber") == 1


async def test_it_leaves_on_its_day_at_its_hour_and_tells_public_things_alone(
    town: Town, clock: Clock, browser: Browser, marie: Account
) -> None:
    await subscribe(town, browser)
    paul = await town.citizen("paul")
    ville = await town_hall(town, marie)
    await give(town, ville, Severity.DANGER, hours=48)
    await town.project(marie, "jardin")
    asked = await town.say(marie, "Qui vient au lagon ?")
    await town.say(paul, "Moi !", to=asked)
    secret = await town.say(marie, "Rien que pour mes abonnés", Visibility.FOLLOWERS)
    await town.say(marie, "Je me réponds", to=secret)
    hidden = await town.say(marie, "Effacé depuis")
    await town.say(paul, "Ah bon", to=hidden)
    async with town.commune.database.transaction() as tx:
        await posts.delete(tx, marie, hidden.id)

    # Friday, 6:59 in the morning there; then seven.
    assert await week(town, clock, days=1, hours=20, minutes=59) == []
    (letter,) = await week(town, clock, minutes=1)
    assert letter.subject == "The week in Saint-leu"
    for words in ("Cyclone Chido", "Jardin", "Qui vient au lagon ?"):
        assert words in letter.text, words
        assert words in letter.html, words
    for words in ("abonnés", "Effacé"):
        assert words not in letter.text + letter.html, words
    assert "<img" not in letter.html
    links = {part.split('"')[0] for part in letter.html.split('href="')[1:]}
    assert all(each.startswith(town.origin) for each in links)

    assert await week(town, clock, days=6) == [letter]
    await town.project(marie, "compost")
    _, second = await week(town, clock, days=1)
    assert "Compost" in second.text
    assert "Jardin" not in second.text, "a week tells what the one before did not"


async def test_a_notice_that_is_over_when_the_letter_is_written_is_left_out(
    town: Town, clock: Clock, browser: Browser, marie: Account
) -> None:
    await subscribe(town, browser)
    ville = await town_hall(town, marie)
    for words, hours in (("Houle à Saint-Leu", 1), ("Eau coupée", 96), ("Radier fermé", None)):
        async with town.commune.database.transaction() as tx:
            ends_at = None if hours is None else tx.now + timedelta(hours=hours)
            given = Draft(words, notice=Given(Severity.ATTENTION, ends_at))
            post = await notices.give(tx, ville, given)
    lifted = post.id
    await give(town, ville, hours=None)
    async with town.commune.database.transaction() as tx:
        await notices.lift(tx, ville, lifted)

    (letter,) = await week(town, clock, days=2)

    for words in ("Eau coupée", "Cyclone Chido"):
        assert words in letter.text, words
    for words in ("Houle", "Radier"):
        assert words not in letter.text + letter.html, words


async def test_a_week_whose_only_notice_is_over_is_sent_to_nobody(
    town: Town, clock: Clock, browser: Browser, marie: Account
) -> None:
    await subscribe(town, browser)
    await week(town, clock, days=7)
    ville = await town_hall(town, marie)
    await week(town, clock, days=7)
    told = await of_kind(town, "weekly")
    await give(town, ville, hours=1)

    assert await week(town, clock, days=7) == told


async def test_a_week_in_which_nothing_happened_is_sent_to_nobody(
    town: Town, clock: Clock, browser: Browser
) -> None:
    await subscribe(town, browser)

    assert await week(town, clock, days=30) == []


async def test_a_citizen_gets_it_who_wants_it_and_nobody_gets_two(
    town: Town, clock: Clock, browser: Browser, marie: Account
) -> None:
    paul = await town.citizen("paul")
    await town.citizen("noah")
    await subscribe(town, browser, "Marie@mail.example")
    for each in (marie, paul):
        async with town.commune.database.transaction() as tx:
            await actions.choose(tx, each, {"commune": "weekly"})
    await town.organisation(marie, "lagon")

    letters = await week(town, clock, days=2)
    assert sorted(each.recipient.lower() for each in letters) == [
        "marie@mail.example",
        "paul@mail.example",
    ]
    assert await town.count("commune.issue_copy") == 0, "who got it is forgotten"


async def test_sec_gdp_08_one_click_forgets_the_address(
    town: Town, clock: Clock, browser: Browser, marie: Account
) -> None:
    await subscribe(town, browser)
    await town.organisation(marie, "lagon")
    (letter,) = await week(town, clock, days=2)
    forged = letter.unsubscribe.replace("subscriber.", "subscriber.1")
    assert (await browser.client.post(forged)).status_code == 404
    assert await town.count("commune.subscriber") == 1

    await browser.open(letter.unsubscribe)
    assert await town.count("commune.subscriber") == 1, "looking stops nothing"
    for _ in range(2):
        answer = await browser.client.post(
            letter.unsubscribe, data={"List-Unsubscribe": "One-Click"}
        )
        assert answer.status_code == 200
    assert await town.count("commune.subscriber") == 0
    await town.organisation(marie, "colibri")
    assert await week(town, clock, days=7) == [letter]


async def test_two_processes_send_each_letter_once(
    town: Town, clock: Clock, marie: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "TOGETHER", 3)
    await town.organisation(marie, "lagon")
    rows = [(number, f"voisin{number}@mail.example", clock()) for number in range(1, 12)]
    await town.commune.database.pool.executemany(
        """
        insert into commune.subscriber (id, email, language, created_at, confirmed_at)
        values ($1, $2, 'fr', $3, $3)
        """,
        rows,
    )
    clock.pass_by(days=2)
    async with opened(town.commune.config, clock=clock, migrating=False) as other:
        await asyncio.gather(write(town.commune), write(other), write(town.commune), write(other))

    letters = await week(town, clock, days=1)
    assert sorted(each.recipient for each in letters) == sorted(email for _, email, _ in rows)


async def test_a_server_that_was_down_for_long_leaves_the_week_out(
    town: Town, clock: Clock, browser: Browser, marie: Account
) -> None:
    await subscribe(town, browser)
    await town.organisation(marie, "lagon")
    late = issuing.LATE + timedelta(days=2, minutes=1)
    assert await week(town, clock, seconds=late.total_seconds()) == []

    await town.organisation(marie, "colibri")
    (letter,) = await week(town, clock, days=4)
    assert "Colibri" in letter.text
