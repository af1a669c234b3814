"""The communes around: seen by everybody, followed by who looks after federation."""

from __future__ import annotations

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft
from fedcommune.settings import CommuneSection
from tests.support import browsers, communes
from tests.support.browsers import Browser
from tests.support.communes import Clock, Town

EPCI = "249740101"


async def an_officer(town: Town) -> None:
    account = await town.citizen("olga")
    await town.commune.database.pool.execute(
        "update commune.account set role = 'moderator' where id = $1", account.id
    )


async def sign_in_officer(town: Town, browser: Browser) -> None:
    await an_officer(town)
    account = await accounts.local_by_username(town.commune.database.pool, "olga")
    assert account is not None
    await browser.sign_in(account)


async def test_a_commune_is_suggested_by_its_grouping_followed_and_seen_with_what_arrives(
    database_url: str, second_database_url: str, clock: Clock
) -> None:
    async with communes.together(
        communes.town(
            "saint-leu", database_url, clock, commune=CommuneSection(insee="97413", epci=EPCI)
        ),
        communes.town(
            "trois-bassins",
            second_database_url,
            clock,
            commune=CommuneSection(insee="97423", epci=EPCI),
        ),
    ) as (here, there):
        await here.find(f"@{there.commune.instance.host}@{there.domain}")
        async with browsers.browser(here) as browser:
            suggested = await browser.open("/neighbours")
            assert "of the same grouping of communes" in suggested.text
            assert "<form" not in suggested.text
            await sign_in_officer(here, browser)
            await browser.open("/neighbours")

            asked = await browser.send("/neighbours/follow", domain=there.domain)
            assert "has not answered yet" in asked.text
            await communes.settle([here, there])
            async with there.commune.database.transaction() as tx:
                theirs = await accounts.by_actor_id(tx.db, tx.instance.actor)
                assert theirs is not None
                await places.add(tx, theirs, Draft("Lavoir", -21.1, 55.3))
            await there.say(await there.citizen("jean"), "Bonjour des Hauts.")
            await communes.settle([here, there])

            page = await browser.open("/neighbours")
            assert "has not answered yet" not in page.text
            assert "1 place<" in page.text
            assert "1 post<" in page.text
            await browser.send("/neighbours/unfollow", domain=there.domain)
            assert await here.count("commune.follow") == 0


async def test_nobody_else_makes_the_commune_follow(town: Town, browser: Browser) -> None:
    await browser.sign_in(await town.citizen("marie"))
    page = await browser.open("/settings/email")
    token = browsers.forms_of(page)["/settings/email"]["csrf"]

    for path in ("/neighbours/follow", "/neighbours/unfollow"):
        answer = await browser.client.post(path, data={"csrf": token, "domain": "x.example"})
        assert answer.status_code == 404
        bare = await browser.client.post(path, data={"domain": "x.example"})
        assert bare.status_code == 403
    assert await town.count("commune.follow") == 0


async def test_what_is_no_commune_is_not_followed(town: Town, browser: Browser) -> None:
    await sign_in_officer(town, browser)
    await browser.open("/neighbours")

    for domain in ("", town.domain, "127.0.0.1:1", "not a domain"):
        answer = await browser.send("/neighbours/follow", domain=domain)
        assert answer.status_code == 422, domain
        assert 'role="alert"' in answer.text
    assert await town.count("commune.follow") == 0
