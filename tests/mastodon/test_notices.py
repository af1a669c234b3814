"""Official notices, from who gives them to apps, closed apps, pages and neighbours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from fedcommune.commune import opened
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.links.model import Openness
from fedcommune.domain.notices import actions
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft as OrganisationDraft
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import notices
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.posts.official import Given, Severity
from fedcommune.errors import Invalid, NotAllowed, NotFound
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.pushed import Phone
from tests.mastodon.test_push import phone as phone
from tests.mastodon.test_push import push, subscribe
from tests.support import browsers
from tests.support.browsers import Browser
from tests.support.communes import Town, pair

CYCLONE = "Cyclone Chido : restez chez vous."


async def town_hall(town: Town, founder: Account, *, entrusted: bool = True) -> Account:
    draft = OrganisationDraft("authority", "ville", "Ville", "", Openness.INVITATION)
    async with town.commune.database.transaction() as tx:
        ville = await organisations.found(tx, founder, draft, pair(5))
        if entrusted:
            await actions.entrust(tx, ville)
    return ville


async def give(
    town: Town, ville: Account, severity: Severity = Severity.DANGER, hours: float | None = 6
) -> Post:
    async with town.commune.database.transaction() as tx:
        ends_at = None if hours is None else tx.now + timedelta(hours=hours)
        return await actions.give(tx, ville, Draft(CYCLONE, notice=Given(severity, ends_at)))


async def schedule(town: Town) -> None:
    while await town.commune.schedule.step():
        pass


@pytest.fixture
async def ville(neighbours: Neighbours, marie: App) -> Account:
    """The town hall of Saint-Leu, founded by marie and entrusted with notices."""
    return await town_hall(neighbours.here, marie.account)


@pytest.fixture
async def browser(neighbours: Neighbours) -> AsyncIterator[Browser]:
    async with browsers.browser(neighbours.here) as one:
        yield one


async def test_a_notice_is_a_status_an_announcement_and_news_told_once_to_everybody(
    neighbours: Neighbours, marie: App, ville: Account
) -> None:
    paul = await neighbours.app("paul")
    post = await give(neighbours.here, ville)
    await schedule(neighbours.here)
    await schedule(neighbours.here)

    (told,) = (await paul.http.get("/api/v1/notifications")).json()
    assert (told["type"], told["account"]["username"]) == ("status", "ville")
    assert told["status"]["id"] == str(post.id)
    assert "Avis officiel · Danger · jusqu'au" in told["status"]["content"].replace("’", "'")
    assert len((await marie.http.get("/api/v1/notifications?types[]=status")).json()) == 1
    (announced,) = (await paul.http.get("/api/v1/announcements")).json()
    assert "Cyclone Chido" in announced["content"]
    assert [each["id"] for each in announced["statuses"]] == [str(post.id)]
    carried = await neighbours.here.commune.database.pool.fetch(
        """
        select account.kind from commune.reaction
        join commune.account on account.id = account_id
        where post_id = $1
        """,
        post.id,
    )
    assert "commune" in {row["kind"] for row in carried}


async def test_only_an_entrusted_authority_gives_notices(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    ville = await town_hall(here, marie.account, entrusted=False)
    club = await here.organisation(marie.account, "club")
    paul = await here.citizen("paul")
    draft = Draft(CYCLONE, notice=Given(Severity.DANGER))

    async with here.commune.database.transaction() as tx:
        for account in (ville, club, marie.account):
            with pytest.raises(NotAllowed):
                await actions.give(tx, account, draft)
        for account in (club, marie.account):
            with pytest.raises(Invalid):
                await actions.entrust(tx, account)
        await actions.entrust(tx, ville)
        with pytest.raises(NotAllowed):
            await actions.give(tx, ville, draft, by=paul)
        await actions.withdraw(tx, ville)
        with pytest.raises(NotAllowed):
            await actions.give(tx, ville, draft, by=marie.account)
        with pytest.raises(NotFound):
            await actions.withdraw(tx, ville)

    for table in ("notice", "announcement", "post", "office"):
        assert await here.count(f"commune.{table}") == 0, table


async def test_words_and_dates_that_cannot_be_are_refused_and_nothing_is_given(
    neighbours: Neighbours, ville: Account
) -> None:
    async with neighbours.here.commune.database.transaction() as tx:
        past = Given(Severity.INFO, tx.now - timedelta(minutes=1))
        for draft in (
            Draft(" ", notice=Given(Severity.INFO)),
            Draft("x" * 3_001, notice=Given(Severity.INFO)),
            Draft("Coupure", notice=past),
        ):
            with pytest.raises(Invalid):
                await actions.give(tx, ville, draft)

    assert await neighbours.here.count("commune.notice") == 0
    assert await neighbours.here.count("commune.post") == 0


async def test_a_danger_is_pushed_to_every_app_and_an_information_to_those_that_ask(
    neighbours: Neighbours, marie: App, ville: Account, phone: Phone
) -> None:
    await subscribe(marie, phone, "mention", policy="none")
    await give(neighbours.here, ville, Severity.INFO)
    await schedule(neighbours.here)
    await push(neighbours)
    assert phone.received == []

    await give(neighbours.here, ville, Severity.DANGER)
    await schedule(neighbours.here)
    await push(neighbours)
    assert len(phone.received) == 1


async def test_a_notice_over_by_its_date_leaves_banner_and_announcements_at_its_minute(
    neighbours: Neighbours, marie: App, ville: Account, browser: Browser
) -> None:
    post = await give(neighbours.here, ville, hours=6)
    page = (await browser.open("/")).text
    assert '<article class="notice danger">' in page
    assert page.count("Cyclone Chido") == 2, "in the banner and in the news, nowhere else"

    neighbours.clock.pass_by(hours=6, seconds=1)
    await schedule(neighbours.here)

    assert (await marie.http.get("/api/v1/announcements")).json() == []
    page = (await browser.open("/")).text
    assert '<article class="notice' not in page
    assert "Official notice · <strong>over</strong>" in page
    stored = await notices.of_post(neighbours.here.commune.database.pool, post.id)
    assert stored is not None
    assert stored.lifted_at == stored.ends_at


async def test_who_acts_for_the_town_hall_gives_and_lifts_on_a_page(
    neighbours: Neighbours, marie: App, ville: Account, browser: Browser
) -> None:
    await browser.open("/notices")
    assert "<form" not in browser.page.text
    await browser.sign_in(marie.account)
    await browser.open("/notices")
    refused = await browser.send("/notices", text="", severity="danger")
    assert refused.status_code == 422
    assert await neighbours.here.count("commune.notice") == 0
    await browser.send("/notices", text=CYCLONE, severity="attention", day="2046-01-01")
    assert "Cyclone Chido" in browser.page.text
    (row,) = await neighbours.here.commune.database.pool.fetch("select * from commune.notice")
    assert (row["severity"], row["ends_at"].isoformat()[:10]) == ("attention", "2046-01-01")

    await browser.send("/notices/lift")
    assert "No notice lasts now" in browser.page.text
    assert (await marie.http.get("/api/v1/announcements")).json() == []


async def test_nobody_else_gives_or_lifts_by_the_page(
    neighbours: Neighbours, ville: Account, browser: Browser
) -> None:
    post = await give(neighbours.here, ville)
    paul = await neighbours.here.citizen("paul")
    await browser.sign_in(paul)
    page = await browser.open("/settings")
    csrf = browsers.forms_of(page)["/sign-out"]["csrf"]

    for path, more in (
        ("/notices", {"text": "Faux", "severity": "danger"}),
        ("/notices/lift", {"notice": str(post.id)}),
    ):
        answer = await browser.client.post(
            path, data={"csrf": csrf, "authority": str(ville.id), **more}
        )
        assert answer.status_code == 404, path

    stored = await notices.of_post(neighbours.here.commune.database.pool, post.id)
    assert stored is not None
    assert stored.lifted_at is None
    assert await neighbours.here.count("commune.notice") == 1


async def test_a_neighbour_shows_it_in_the_news_alone_marked_as_the_neighbours(
    neighbours: Neighbours, ville: Account
) -> None:
    there = neighbours.there
    jean = await there.citizen("jean")
    known = await there.meet(ville)
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, jean, known)
    await neighbours.settle()
    post = await give(neighbours.here, ville)
    await neighbours.settle()
    await schedule(there)

    seen = await there.seen(post)
    stored = await notices.of_post(there.commune.database.pool, seen.id)
    assert stored is not None
    assert stored.severity is Severity.DANGER
    assert stored.ends_at is not None
    assert await there.count("commune.announcement") == 0
    assert await there.count("commune.notification") == 0
    async with browsers.browser(there) as browser:
        page = (await browser.open("/")).text
        assert '<article class="notice' not in page
        assert f"of the neighbour {neighbours.here.domain}" in page

    async with neighbours.here.commune.database.transaction() as tx:
        await actions.lift(tx, ville, post.id)
    await neighbours.settle()

    lifted = await notices.of_post(there.commune.database.pool, seen.id)
    assert lifted is not None
    assert not lifted.is_current(neighbours.clock())


async def test_what_is_no_authority_elsewhere_gives_no_notice_here(
    neighbours: Neighbours, marie: App, ville: Account
) -> None:
    """A neighbour's citizen whose server marks a post as a notice is read like anybody."""
    there = neighbours.there
    jean = await there.citizen("jean")
    known = await there.meet(ville)
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, jean, known)
    await neighbours.settle()
    await there.commune.database.pool.execute(
        "update commune.account set kind = 'association' where id = $1", known.id
    )
    post = await give(neighbours.here, ville)
    await neighbours.settle()

    seen = await there.seen(post)
    assert await notices.of_post(there.commune.database.pool, seen.id) is None


async def test_a_deleted_notice_leaves_nothing_behind(
    neighbours: Neighbours, marie: App, ville: Account
) -> None:
    post = await give(neighbours.here, ville)
    await schedule(neighbours.here)
    async with neighbours.here.commune.database.transaction() as tx:
        await posts.delete(tx, ville, post.id)

    for table in ("notice", "announcement", "notification"):
        assert await neighbours.here.count(f"commune.{table}") == 0, table


async def test_sec_mod_02_a_block_keeps_a_notice_away(
    neighbours: Neighbours, marie: App, ville: Account
) -> None:
    paul = await neighbours.here.citizen("paul")
    async with neighbours.here.commune.database.transaction() as tx:
        await blocks.block(tx, paul, ville)
    await give(neighbours.here, ville)
    await schedule(neighbours.here)

    told = await neighbours.here.commune.database.pool.fetch(
        "select account_id from commune.notification"
    )
    assert [row["account_id"] for row in told] == [marie.account.id]


async def test_two_processes_tell_everybody_once(
    neighbours: Neighbours, marie: App, ville: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "TOGETHER", 2)
    for number in range(7):
        await neighbours.here.citizen(f"voisin{number}")
    post = await give(neighbours.here, ville)
    config = neighbours.here.commune.config
    async with opened(config, clock=neighbours.clock, migrating=False) as other:

        async def work(commune: object) -> None:
            assert hasattr(commune, "schedule")
            while await commune.schedule.step():
                pass

        await asyncio.gather(work(neighbours.here.commune), work(other))
        await schedule(neighbours.here)

    rows = await neighbours.here.commune.database.pool.fetch(
        "select account_id from commune.notification where post_id = $1", post.id
    )
    assert len(rows) == len({row["account_id"] for row in rows}) == 8
