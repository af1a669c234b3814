"""Claims: an entry becomes an organisation by a letter, by a number that somebody compares, by
the word of a moderator; and by nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.citizens import tokens
from fedcommune.domain.claims import actions as claims
from fedcommune.domain.claims.model import Ask, Proof, suggested
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.links import queries as links
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft, Place
from fedcommune.errors import Conflict
from tests.support import browsers, communes
from tests.support.browsers import Browser
from tests.support.communes import Clock, Town, pair

SHOP: dict[str, Any] = {
    "kind": "business",
    "summary": "Pain au levain.",
    "street": "3 rue du Four",
    "postal_code": "97436",
    "locality": "Saint-Leu",
    "opening_hours": "Tu-Su 06:00-12:30",
    "website": "https://www.fournil.example/",
    "claimable": True,
}
LETTER = {"username": "fournil", "proof": "letter", "email": "bonjour@fournil.example"}
NUMBER = {"username": "fournil", "proof": "number", "number": "732 829 320 00074"}
WORD = {"username": "fournil", "proof": "word", "message": "Je suis derrière le comptoir."}


async def an_entry(town: Town, name: str = "Le Fournil", **more: Any) -> Place:
    """Let the commune tell of a shop that was imported."""
    draft = Draft(name, -21.17, 55.288, **{**SHOP, "imported_as": f"osm:{name}", **more})
    async with town.commune.database.transaction() as tx:
        commune = await accounts.by_actor_id(tx.db, tx.instance.actor)
        assert commune is not None
        return await places.add(tx, commune, draft)


async def an_officer(town: Town, username: str = "olga") -> Account:
    account = await town.citizen(username)
    await town.commune.database.pool.execute(
        "update commune.account set role = 'moderator' where id = $1", account.id
    )
    return account


async def ask(browser: Browser, place: Place, **fields: str) -> Any:
    await browser.open(f"/places/{place.id}/claim")
    return await browser.send(f"/places/{place.id}/claim", **fields)


async def founded(town: Town) -> Account | None:
    return await accounts.local_by_username(town.commune.database.pool, "fournil")


async def nothing_happened(town: Town) -> None:
    """Nobody was founded, nobody speaks for the entry."""
    assert await founded(town) is None
    assert (
        await town.commune.database.pool.fetchval(
            "select count(*) from commune.place where claimed_by is not null"
        )
        == 0
    )
    assert await town.count("commune.organisation") == 0


async def test_a_letter_to_the_domain_of_the_website_makes_an_entry_an_organisation(
    town: Town, browser: Browser
) -> None:
    marie, place = await town.citizen("marie"), await an_entry(town)
    await browser.sign_in(marie)
    form = await browser.open(f"/places/{place.id}/claim")
    assert 'value="le_fournil"' in form.text

    sent = await ask(browser, place, **LETTER)
    letter = await browsers.letter(town, "claim")
    await browser.open(letter.link)
    page = await browser.send("/claims/confirm")

    assert "The letter waits to be answered" in sent.text
    assert letter.recipient == "bonjour@fournil.example"
    assert page.url.path == "/@fournil"
    for told in ("Le Fournil", "Pain au levain.", "3 rue du Four", "Tu-Su 06:00-12:30"):
        assert told in page.text
    shop = await founded(town)
    assert shop is not None
    assert (shop.kind, shop.latitude, shop.longitude) == (Kind.BUSINESS, -21.17, 55.288)
    assert await links.is_admin(town.commune.database.pool, marie.id, shop.id)
    found = await browser.open("/directory?q=fournil")
    assert "/@fournil" in found.text
    assert f"/places/{place.id}" not in found.text
    assert 'href="/@fournil"' in (await browser.open(f"/places/{place.id}")).text
    assert (await browsers.letter(town, "claim_accepted")).recipient == "marie@mail.example"


async def test_the_letter_is_worth_something_once_in_time_and_to_who_asked(
    town: Town, browser: Browser, clock: Clock
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    place = await an_entry(town)
    await browser.sign_in(marie)
    await ask(browser, place, **LETTER)
    link = (await browsers.letter(town, "claim")).link
    async with browsers.browser(town) as other:
        await other.sign_in(paul)
        assert (await other.open(link)).status_code == 404
    await browser.open(link)
    clock.pass_by(days=4)

    late = await browser.send("/claims/confirm")

    assert late.status_code == 404
    assert (await browser.open(f"/claims/confirm?token={tokens.new()}")).status_code == 404
    await nothing_happened(town)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**LETTER, "email": "bonjour@gmail.com"}, "domain of the website"),
        ({**LETTER, "email": "x@mail.fournil.example"}, "domain of the website"),
        ({**LETTER, "email": "x@fournil.example.evil.example"}, "domain of the website"),
        ({**LETTER, "email": "nobody"}, "not an e-mail address"),
        ({**NUMBER, "number": "732 829 320 00075"}, "no SIRET"),
        ({**NUMBER, "number": ""}, "no SIRET"),
        ({**WORD, "message": "  "}, "how one can tell"),
        ({**WORD, "message": "x" * 1001}, "too long"),
        ({**WORD, "username": "Le Fournil !"}, "short name"),
    ],
)
async def test_what_proves_nothing_is_refused_and_nothing_is_asked(
    town: Town, browser: Browser, fields: dict[str, str], said: str
) -> None:
    place = await an_entry(town)
    await browser.sign_in(await town.citizen("marie"))

    answer = await ask(browser, place, **fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert await town.count("commune.claim") == 0
    assert [each for each in await browsers.letters(town) if each.kind == "claim"] == []


async def test_a_website_that_anybody_may_have_typed_is_no_proof_without_a_moderator(
    town: Town, browser: Browser
) -> None:
    marie, olga = await town.citizen("marie"), await an_officer(town)
    place = await an_entry(town, website="https://old.example/")
    async with town.commune.database.transaction() as tx:
        mine = Draft("Le Fournil", -21.17, 55.288, **SHOP)
        await places.correct(tx, marie, place.id, mine)
    await browser.sign_in(marie)
    await ask(browser, place, **LETTER)
    await browser.open((await browsers.letter(town, "claim")).link)

    page = await browser.send("/claims/confirm")

    assert page.url.path == "/claims"
    await nothing_happened(town)
    await browser.sign_in(olga)
    assert "the website was typed by somebody here" in (await browser.open("/claims")).text


async def test_a_number_is_compared_by_a_moderator_who_says_yes(
    town: Town, browser: Browser
) -> None:
    marie, olga = await town.citizen("marie"), await an_officer(town)
    place = await an_entry(town)
    await browser.sign_in(marie)
    await ask(browser, place, **NUMBER)
    await nothing_happened(town)
    await browser.sign_in(olga)
    queue = await browser.open("/claims")
    claim = await town.commune.database.pool.fetchval("select id from commune.claim")
    assert "SIRET 73282932000074" in queue.text

    page = await browser.send(f"/claims/{claim}/approve")

    assert page.url.path == "/@fournil"
    assert "73282932000074" in page.text
    shop = await founded(town)
    assert shop is not None
    assert await links.is_admin(town.commune.database.pool, marie.id, shop.id)
    assert not await links.is_admin(town.commune.database.pool, olga.id, shop.id)


async def test_a_refusal_has_a_reason_that_who_claimed_reads(town: Town, browser: Browser) -> None:
    marie, olga = await town.citizen("marie"), await an_officer(town)
    place = await an_entry(town)
    await browser.sign_in(marie)
    await ask(browser, place, **WORD)
    claim = await town.commune.database.pool.fetchval("select id from commune.claim")
    await browser.sign_in(olga)
    await browser.open("/claims")
    silent = await browser.send(f"/claims/{claim}/refuse", reason=" ")
    assert silent.status_code == 422

    await browser.send(f"/claims/{claim}/refuse", reason="Passez nous voir à la mairie.")

    await browser.sign_in(marie)
    page = await browser.open("/claims")
    assert "Refused" in page.text
    assert "Passez nous voir à la mairie." in page.text
    assert "Passez nous voir" in (await browsers.letter(town, "claim_refused")).text
    await nothing_happened(town)
    assert (await ask(browser, place, **NUMBER)).url.path == "/claims"  # they may ask again


async def test_one_claim_is_accepted_and_the_others_hear_that_they_were_not(
    town: Town, browser: Browser
) -> None:
    marie, paul, olga = (
        await town.citizen("marie"),
        await town.citizen("paul"),
        await an_officer(town),
    )
    place = await an_entry(town)
    found = []
    for who, name in ((marie, "fournil"), (paul, "fournil_de_paul")):
        async with town.commune.database.transaction() as tx:
            asked = Ask(name, Proof.WORD, message="C'est moi.")
            found.append(await claims.begin(tx, who, place.id, asked))

    async def accept(number: int) -> object:
        async with town.commune.database.transaction() as tx:
            by = await accounts.by_id(tx.db, olga.id)
            return await claims.accept(tx, by, found[number].id, pair(number))

    done = await asyncio.gather(accept(0), accept(1), return_exceptions=True)

    assert sorted(isinstance(each, Conflict) for each in done) == [False, True]
    states = await town.commune.database.pool.fetch(
        "select state from commune.claim order by state"
    )
    assert [row["state"] for row in states] == ["accepted", "refused"]
    assert await town.count("commune.organisation") == 1


async def test_nobody_decides_who_does_not_moderate_nor_about_their_own(
    town: Town, browser: Browser
) -> None:
    marie, olga = await town.citizen("marie"), await an_officer(town)
    place = await an_entry(town)
    await browser.sign_in(olga)
    await ask(browser, place, **WORD)
    claim = await town.commune.database.pool.fetchval("select id from commune.claim")
    own = await post(browser, f"/claims/{claim}/approve")
    await browser.sign_in(marie)
    stranger = await post(browser, f"/claims/{claim}/approve")
    refusing = await post(browser, f"/claims/{claim}/refuse", reason="Non.")
    withdrawing = await post(browser, f"/claims/{claim}/withdraw")

    assert own.status_code == 403
    assert {stranger.status_code, refusing.status_code, withdrawing.status_code} == {404}
    await nothing_happened(town)
    assert await town.commune.database.pool.fetchval("select state from commune.claim") == "open"


async def post(browser: Browser, path: str, **fields: str) -> Any:
    """Send a form that no page shows, with the token that our pages give."""
    page = await browser.open("/settings/email")
    token = browsers.forms_of(page)["/settings/email"]["csrf"]
    return await browser.client.post(path, data={**fields, "csrf": token})


@pytest.mark.parametrize("why", ["poi", "not claimable", "claimed", "gone"])
async def test_what_cannot_be_claimed_has_no_form_and_takes_none(
    town: Town, browser: Browser, why: str
) -> None:
    marie = await town.citizen("marie")
    more: dict[str, dict[str, Any]] = {
        "poi": {"kind": "poi"},
        "not claimable": {"claimable": False},
    }
    place = await an_entry(town, **more.get(why, {}))
    async with town.commune.database.transaction() as tx:
        if why == "claimed":
            theatre = await accounts.local_by_username(tx.db, "agenda")
            assert theatre is not None
            await places.give(tx, place.id, theatre)
        elif why == "gone":
            await places.remove(tx, marie, place.id)
    await browser.sign_in(marie)

    page = await browser.open(f"/places/{place.id}/claim")
    sent = await post(browser, f"/places/{place.id}/claim", **WORD)

    assert page.status_code in (404, 410)
    assert sent.status_code == page.status_code
    assert await town.count("commune.claim") == 0
    assert f"/places/{place.id}/claim" not in (await browser.open(f"/places/{place.id}")).text


async def test_a_name_that_is_taken_leaves_the_claim_open(town: Town, browser: Browser) -> None:
    olga, place = await an_officer(town), await an_entry(town)
    await browser.sign_in(await town.citizen("marie"))
    taken = await ask(browser, place, **{**WORD, "username": "agenda"})
    assert taken.status_code == 409
    await ask(browser, place, **WORD)
    again = await ask(browser, place, **WORD)
    assert again.status_code == 409
    await town.citizen("fournil")
    claim = await town.commune.database.pool.fetchval("select id from commune.claim")
    await browser.sign_in(olga)
    await browser.open("/claims")

    answer = await browser.send(f"/claims/{claim}/approve")

    assert answer.status_code == 409
    assert "This name is taken" in answer.text
    assert await town.count("commune.organisation") == 0
    assert await town.commune.database.pool.fetchval("select state from commune.claim") == "open"


async def test_who_leaves_takes_their_claims_and_their_name_from_the_history_with_them(
    town: Town,
) -> None:
    marie, place = await town.citizen("marie"), await an_entry(town)
    async with town.commune.database.transaction() as tx:
        await claims.begin(tx, marie, place.id, Ask("fournil", Proof.WORD, message="Moi."))
        await places.correct(tx, marie, place.id, Draft("Fournil", -21.17, 55.288, **SHOP))
    async with town.commune.database.transaction() as tx:
        await citizens.leave(tx, marie)

    assert await town.count("commune.claim") == 0
    assert (
        await town.commune.database.pool.fetchval("select account_id from commune.place_revision")
        is None
    )


async def test_neighbours_learn_that_somebody_speaks_for_the_entry(
    database_url: str, second_database_url: str, clock: Clock
) -> None:
    async with communes.together(
        communes.town("saint-leu", database_url, clock),
        communes.town("trois-bassins", second_database_url, clock),
    ) as (here, there):
        async with there.commune.database.transaction() as tx:
            theirs = await accounts.by_actor_id(tx.db, tx.instance.actor)
        assert theirs is not None
        ours = await there.find(f"@{here.commune.instance.host}@{here.domain}")
        async with there.commune.database.transaction() as tx:
            await follows.follow(tx, theirs, ours)
        await communes.settle([here, there])
        place = await an_entry(here)
        await communes.settle([here, there])
        async with browsers.browser(there) as browser:
            assert "Le Fournil" in (await browser.open("/directory?q=fournil")).text
        marie = await here.citizen("marie")
        async with here.commune.database.transaction() as tx:
            asked = Ask("fournil", Proof.WORD, message="C'est moi.")
            claim = await claims.begin(tx, marie, place.id, asked)
        async with here.commune.database.transaction() as tx:
            await claims.accept(tx, None, claim.id, pair(3))

        await communes.settle([here, there])

        said = await here.commune.database.pool.fetchval(
            "select claimed_by is not null from commune.place"
        )
        known = await there.commune.database.pool.fetchrow(
            "select claimable, claimed_by from commune.place"
        )
        assert said
        assert known is not None
        assert known["claimable"] is False


def test_a_short_name_is_suggested_from_the_name() -> None:
    assert suggested("Boulangerie Técher & Fils") == "boulangerie_techer_fils"
    assert suggested("L'Œil de la Pointe " * 5) == "l_oeil_de_la_pointe_l_oeil_de"
    assert suggested("Ω") == ""
