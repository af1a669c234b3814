"""A website that leads back to a profile is verified, by its own page; so is an authority."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft, Facts, Revision
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft as Entry
from fedcommune.errors import Conflict, NotFound
from tests.support.browsers import Browser
from tests.support.communes import Clock, Town, pair
from tests.support.evil import EvilServer

HOST = "mairie.localhost"
SIRET = "73282932000074"


@pytest.fixture
async def website() -> AsyncIterator[EvilServer]:
    async with EvilServer() as server:
        yield server


async def authority(town: Town, founder: Account, site: str, siret: str | None = SIRET) -> Account:
    draft = Draft("authority", "ville", "La Ville", siret=siret)
    async with town.commune.database.transaction() as tx:
        made = await organisations.found(tx, founder, draft, pair(4))
    async with town.commune.database.transaction() as tx:
        said = Revision("La Ville", siret=siret, facts=Facts(website=site))
        return await organisations.edit(tx, founder, made.id, said)


async def look(town: Town) -> None:
    while await town.commune.websites.step():
        pass


async def now(town: Town, account: Account) -> Account:
    found = await accounts.by_id(town.commune.database.pool, account.id)
    assert found is not None
    return found


async def test_a_page_that_links_back_is_verified_until_it_no_longer_does(
    town: Town, browser: Browser, clock: Clock, website: EvilServer
) -> None:
    site = website.url(HOST, "/")
    ville = await authority(town, await town.citizen("marie"), site)
    way_back = f'<p><a rel="nofollow ME" href="{ville.url}">Nous suivre</a></p>'
    website.says("/", way_back.encode(), content_type="text/html; charset=utf-8")
    assert website.asked == []

    await look(town)

    page = await browser.open("/@ville")
    assert "✓" in page.text
    (link,) = re.findall(f'<a [^>]*href="{re.escape(site)}"[^>]*>', page.text)
    assert 'rel="me ' in link, "one page leads to the other, and back"
    api = await browser.client.get(f"/api/v1/accounts/{ville.id}")
    (line,) = [each for each in api.json()["fields"] if site in each["value"]]
    assert line["verified_at"] is not None
    assert 'rel="me ' in line["value"]

    website.says("/", b"<p>Rien</p>", content_type="text/html")
    clock.pass_by(days=8)
    await look(town)
    assert "✓" not in (await browser.open("/@ville")).text
    assert (await now(town, ville)).details.verified == ()


@pytest.mark.parametrize(
    "page",
    [
        b'<a href="OWN">a link without the word</a>',
        b'<a rel="me" href="OWN/elsewhere">another page</a>',
        b'<!-- <a rel="me" href="OWN"> -->',
        b"",
    ],
)
async def test_what_does_not_lead_back_is_not_verified(
    town: Town, website: EvilServer, page: bytes
) -> None:
    ville = await authority(town, await town.citizen("marie"), website.url(HOST, "/"))
    said = page.replace(b"OWN", str(ville.url).encode())
    website.says("/", said, content_type="text/html")

    await look(town)

    assert (await now(town, ville)).details.verified == ()


async def test_an_authority_is_vouched_for_after_both_proofs_only(
    town: Town, browser: Browser, website: EvilServer
) -> None:
    marie = await town.citizen("marie")
    ville = await authority(town, marie, website.url(HOST, "/"))
    website.says("/", f'<a rel="me" href="{ville.url}">.</a>'.encode(), content_type="text/html")
    with pytest.raises(Conflict):
        async with town.commune.database.transaction() as tx:
            await organisations.vouch(tx, ville.id)
    assert (await now(town, ville)).details.vouched_at is None

    await look(town)
    async with town.commune.database.transaction() as tx:
        await organisations.vouch(tx, ville.id)

    document = await browser.client.get(
        ville.actor_id, headers={"Accept": "application/activity+json"}
    )
    stamped = (await now(town, ville)).details.vouched_at
    assert stamped is not None
    assert "Verified by the commune" in (await browser.open("/@ville")).text
    assert stamped.date().isoformat() in str(document.json()["attachment"])

    # Another number, another proof: the word of the commune goes with it.
    async with town.commune.database.transaction() as tx:
        said = Revision("La Ville", facts=Facts(website=ville.details.website or ""))
        await organisations.edit(tx, marie, ville.id, replace(said, siret="35600000000048"))
    assert (await now(town, ville)).details.vouched_at is None


async def test_only_authorities_are_vouched_for(town: Town) -> None:
    marie = await town.citizen("marie")
    troupe = await town.organisation(marie, "troupe")

    with pytest.raises(NotFound):
        async with town.commune.database.transaction() as tx:
            await organisations.vouch(tx, troupe.id)

    assert await now(town, troupe) == troupe


async def test_the_entry_that_an_authority_speaks_for_shows_what_was_proven(
    town: Town, browser: Browser, website: EvilServer
) -> None:
    marie, site = await town.citizen("marie"), website.url(HOST, "/")
    ville = await authority(town, marie, site)
    async with town.commune.database.transaction() as tx:
        commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
        assert commune is not None
        entry = Entry("Mairie", -21.17, 55.29, kind="authority", website=site, claimable=True)
        place = await places.add(tx, commune, entry)
        await places.give(tx, place.id, ville)
    address = f"/places/{place.id}"
    page = await browser.open(address)
    assert "La Ville" in page.text
    assert "verified" not in page.text

    website.says("/", f'<a rel="me" href="{ville.url}">.</a>'.encode(), content_type="text/html")
    await look(town)
    async with town.commune.database.transaction() as tx:
        await organisations.vouch(tx, ville.id)

    page = await browser.open(address)
    assert "✔ verified authority" in page.text
    assert "✓ verified" in page.text
