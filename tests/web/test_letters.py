"""Letters about what people were told: as soon as they want, once, and nothing they may not see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import msgspec
import pytest

from fedcommune.commune import Commune, opened
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.letters import actions, queries, stopping
from fedcommune.domain.letters.model import Hours, Pace, Subject
from fedcommune.domain.letters.stopping import Stop
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.official import Severity
from fedcommune.domain.visibility import Visibility
from fedcommune.mail.letters import Letter
from fedcommune.mail.send import Postman, Smtp
from fedcommune.settings import CommuneSection, MailSection
from tests.fedcommune.mail.test_send import Server
from tests.mastodon.test_notices import give, schedule, town_hall
from tests.support import browsers, communes
from tests.support.communes import Clock, Town

# In the time of La Réunion, four hours before UTC: a Wednesday, ten in the morning.
WEDNESDAY = datetime(2026, 9, 2, 6, 0, tzinfo=UTC)
REUNION = CommuneSection(
    insee="97413", postal_codes=("97416", "97424", "97436"), timezone="Indian/Reunion"
)


class Still(Clock):
    """A clock that stands still until it is moved."""

    def __call__(self) -> datetime:
        return WEDNESDAY + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Still()


@pytest.fixture
async def town(database_url: str, clock: Clock) -> AsyncIterator[Town]:
    async with communes.town("saint-leu", database_url, clock, commune=REUNION) as running:
        yield running


@pytest.fixture
async def marie(town: Town) -> Account:
    return await town.citizen("marie")


@pytest.fixture
async def paul(town: Town) -> Account:
    return await town.citizen("paul")


async def write(commune: Commune) -> None:
    while await commune.mailbag.step():
        pass


async def after(town: Town, clock: Clock, **units: float) -> list[Letter]:
    """Return the letters that are on their way after so much time, all of them."""
    clock.pass_by(**units)
    await write(town.commune)
    return [each for each in await browsers.letters(town) if each.kind == "told"]


async def wish(town: Town, account: Account, **wishes: str) -> None:
    async with town.commune.database.transaction() as tx:
        await actions.choose(tx, account, wishes)


async def test_a_mention_is_written_of_at_once_but_not_while_one_is_reading(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    await town.say(paul, "Bonjour @marie, à samedi !")
    assert await after(town, clock, minutes=1) == []

    (letter,) = await after(town, clock, minutes=1)
    assert (letter.recipient, letter.subject) == ("marie@mail.example", "Paul vous mentionne")
    assert "à samedi" in letter.text
    assert "à samedi" in letter.html
    assert await after(town, clock, days=9) == [letter], "each thing is written of once"


async def test_what_was_read_meanwhile_is_in_no_letter(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    await town.say(paul, "Bonjour @marie")
    async with town.commune.database.transaction() as tx:
        await notifications.read(tx, marie.id, 2**62)

    assert await after(town, clock, days=9) == []
    assert await town.count("commune.unwritten") == 0


async def test_sec_vis_01_what_one_may_not_see_any_more_is_in_no_letter(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    zoe = await town.citizen("zoe")
    deleted = await town.say(paul, "Secret un @marie")
    await town.say(zoe, "Secret deux @marie")
    async with town.commune.database.transaction() as tx:
        await posts.delete(tx, paul, deleted.id)
        await blocks.block(tx, zoe, marie)

    assert await after(town, clock, minutes=2) == []
    assert await after(town, clock, days=9) == []


async def test_words_for_few_are_not_carried_by_letters(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    async with town.commune.database.transaction() as tx:
        await follows.follow(tx, marie, paul)
    await town.say(paul, "@marie le code est 4711", Visibility.DIRECT)

    (letter,) = await after(town, clock, minutes=2)
    assert "4711" not in letter.text + letter.html + letter.subject
    assert letter.unsubscribe.rpartition("?token=")[2].split(".")[2] == "messages"


async def test_the_rest_is_gathered_for_the_day_and_the_hour_of_the_commune(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    async with town.commune.database.transaction() as tx:
        await follows.follow(tx, paul, marie)
    zoe = await town.citizen("zoe")
    async with town.commune.database.transaction() as tx:
        await follows.follow(tx, zoe, marie)

    # Friday, 6:59 in the morning there; then seven.
    assert await after(town, clock, days=1, hours=20, minutes=59) == []
    (letter,) = await after(town, clock, minutes=1)
    assert letter.subject == "Votre semaine à Saint-leu"
    assert "Paul" in letter.text
    assert "Zoe" in letter.text
    assert await after(town, clock, days=30) == [letter]


async def test_a_day_is_gathered_for_those_who_want_it(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    await wish(town, marie, mentions="daily")
    await town.say(paul, "Un @marie")
    await town.say(paul, "Deux @marie")

    assert await after(town, clock, hours=20, minutes=59) == []
    (letter,) = await after(town, clock, minutes=1)
    assert letter.subject == "Votre journée à Saint-leu"
    assert "Un @marie" in letter.text
    assert "Deux @marie" in letter.text


async def test_who_changes_their_mind_before_the_letter_is_heard(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    await wish(town, marie, mentions="daily")
    await town.say(paul, "Un @marie")
    await after(town, clock, minutes=3)
    await wish(town, marie, mentions="never")

    assert await after(town, clock, days=9) == []


async def test_a_storm_of_mentions_is_one_letter_in_ten_minutes_and_bounded(
    town: Town, clock: Clock, marie: Account, paul: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST", 3)
    await town.say(paul, "Premier @marie")
    assert len(await after(town, clock, minutes=2)) == 1
    for number in range(5):
        await town.say(paul, f"Encore {number} @marie")

    assert len(await after(town, clock, minutes=3)) == 1
    first, second = await after(town, clock, minutes=10)
    assert "Premier" in first.text
    assert second.text.count("Encore") == 3
    assert "Et 2 autres choses." in second.text


async def test_a_danger_is_written_at_once_and_attention_once_a_day(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    ville = await town_hall(town, marie)
    await give(town, ville, Severity.ATTENTION, hours=48)
    await give(town, ville, Severity.DANGER, hours=48)
    await schedule(town)

    letters = await after(town, clock, minutes=2)
    assert {each.recipient for each in letters} == {"marie@mail.example", "paul@mail.example"}
    assert all(each.subject.startswith("🚨 Ville") for each in letters)
    assert all("Danger" in each.text and "Attention" not in each.text for each in letters)
    letters = await after(town, clock, days=1)
    assert len(letters) == 4
    assert "Attention" in letters[-1].text


async def test_a_notice_that_is_over_is_not_written_of(
    town: Town, clock: Clock, marie: Account
) -> None:
    ville = await town_hall(town, marie)
    await give(town, ville, Severity.ATTENTION, hours=1)
    await schedule(town)

    assert await after(town, clock, days=2) == []


async def test_nobody_is_written_to_at_an_address_that_is_not_confirmed(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    await town.commune.database.pool.execute(
        "update commune.citizen set confirmed_at = null where account_id = $1", marie.id
    )
    await town.say(paul, "Bonjour @marie")

    assert await after(town, clock, days=9) == []
    assert await town.count("commune.unwritten") == 0


async def test_two_processes_write_each_letter_once(
    town: Town, clock: Clock, marie: Account
) -> None:
    people = [await town.citizen(f"voisin{number}") for number in range(6)]
    for each in people:
        await town.say(marie, f"Bonjour @{each.username}")
    clock.pass_by(minutes=2)
    async with opened(town.commune.config, clock=clock, migrating=False) as other:
        await asyncio.gather(write(town.commune), write(other), write(town.commune))

    letters = await after(town, clock, days=9)
    assert sorted(each.recipient for each in letters) == sorted(
        f"{each.username}@mail.example" for each in people
    )


async def test_sec_gdp_08_one_click_of_a_mail_program_stops_a_letter(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    await town.say(paul, "Bonjour @marie")
    await after(town, clock, minutes=2)
    async with Server().running() as server:
        mail = MailSection(host="127.0.0.1", port=server.port, security="none")
        config = msgspec.structs.replace(town.commune.config, mail=mail)
        postman = Postman(town.commune.database, Smtp(config), config, clock)
        while await postman.step():
            pass
    messages = [message_from_bytes(each, policy=policy.default) for each in server.received]
    (message,) = [each for each in messages if each["To"] == "marie@mail.example"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip("<>")

    async with browsers.browser(town) as browser:
        page = await browser.open(address)
        assert (page.status_code, "Who mentions, answers or quotes you" in page.text) == (200, True)
        assert not browser.client.cookies, "a letter follows nobody"
        wishes = await queries.wishes(town.commune.database.pool, marie.id)
        assert wishes[Subject.MENTIONS] is Pace.AT_ONCE, "looking stops nothing"
        answer = await browser.client.post(address, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200

    wishes = await queries.wishes(town.commune.database.pool, marie.id)
    assert wishes[Subject.MENTIONS] is Pace.NEVER
    assert wishes[Subject.DANGER] is Pace.AT_ONCE
    before = len(await after(town, clock, minutes=1))
    await town.say(paul, "Encore @marie")
    assert len(await after(town, clock, days=9)) == before


async def test_one_click_stops_all_that_a_gathered_letter_brings(
    town: Town, clock: Clock, marie: Account, paul: Account
) -> None:
    async with town.commune.database.transaction() as tx:
        await follows.follow(tx, paul, marie)
    (letter,) = await after(town, clock, days=3)
    async with browsers.browser(town) as browser:
        await browser.open(letter.unsubscribe)
        await browser.send()
        assert "It is done" in browser.page.text

    wishes = await queries.wishes(town.commune.database.pool, marie.id)
    assert Pace.WEEKLY not in wishes.values()
    assert wishes[Subject.MENTIONS] is Pace.AT_ONCE
    assert wishes[Subject.ATTENTION] is Pace.DAILY


async def test_sec_gdp_08_a_forged_link_stops_nothing(
    town: Town, marie: Account, paul: Account
) -> None:
    keyring = town.commune.database.keyring
    good = stopping.token(keyring, Stop("citizen", marie.id, "mentions"))
    said, _, seal = good.rpartition(".")
    forged = [
        "",
        said,
        f"{said}.",
        f"{said}.{'A' * 43}",
        f"{said}.{seal[:-1]}{'A' if seal[-1] != 'A' else 'B'}",
        good.replace(str(marie.id), str(paul.id)),
        good.replace("mentions", "danger"),
        good.replace("citizen", "subscriber"),
        good + "A",
        f" {good}",
        good.replace(".mentions", ".mentions\n"),
    ]
    async with browsers.browser(town) as browser:
        for token in forged:
            for method in ("GET", "POST"):
                answer = await browser.client.request(
                    method, "/letters/stop", params={"token": token}
                )
                assert answer.status_code == 404, (method, token)

    assert await town.count("commune.letter_wish") == 0


async def test_a_citizen_chooses_on_a_page(town: Town, marie: Account, paul: Account) -> None:
    async with browsers.browser(town) as browser:
        assert "/sign-in" in str((await browser.open("/settings/letters")).url)
        await browser.sign_in(marie)
        await browser.open("/settings/letters")
        await browser.send(**{"pace-mentions": "never", "pace-commune": "weekly"})
        assert "Kept." in browser.page.text
        wishes = await queries.wishes(town.commune.database.pool, marie.id)
        assert wishes[Subject.MENTIONS] is Pace.NEVER
        assert wishes[Subject.COMMUNE] is Pace.WEEKLY

        for wrong in (
            {"pace-mentions": "hourly"},
            {"pace-all": "never"},
            {"pace-commune": "daily"},
        ):
            answer = await browser.send(**wrong)
            assert answer.status_code == 422, wrong
            await browser.open("/settings/letters")
        assert await queries.wishes(town.commune.database.pool, marie.id) == wishes
        answer = await browser.client.post(
            "/settings/letters", data={"csrf": "", "pace-danger": "never"}
        )
        assert answer.status_code == 403
        assert await queries.wishes(town.commune.database.pool, marie.id) == wishes


@pytest.mark.parametrize(
    ("now", "following", "before"),
    [
        # Winter time begins in Paris on the night before Sunday, October 25.
        ("2026-10-24T12:00Z", "2026-10-25T06:00Z", "2026-10-24T05:00Z"),
        ("2026-10-25T06:00Z", "2026-10-26T06:00Z", "2026-10-25T06:00Z"),
        ("2026-03-28T12:00Z", "2026-03-29T05:00Z", "2026-03-28T06:00Z"),
    ],
)
def test_gathered_letters_leave_at_the_hour_of_the_clock_on_the_wall(
    now: str, following: str, before: str
) -> None:
    hours, moment = Hours("Europe/Paris", 7, "friday"), datetime.fromisoformat

    assert hours.next(Pace.DAILY, moment(now)) == moment(following)
    assert hours.last(Pace.DAILY, moment(now)) == moment(before)
    assert hours.next(Pace.WEEKLY, moment(now)) - hours.last(Pace.WEEKLY, moment(now)) in (
        timedelta(days=7),
        timedelta(days=7, hours=1),
        timedelta(days=6, hours=23),
    )
