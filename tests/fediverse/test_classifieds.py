"""Classifieds over real HTTP: how far each goes, who may answer, and how it ends (product 8.5)."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import actions, queries
from fedcommune.domain.classifieds.model import Draft
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import offers
from fedcommune.domain.posts import queries as post_queries
from fedcommune.domain.posts.deals import LASTS
from fedcommune.domain.posts.model import Draft as Words
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import ANYONE, Viewer, Visibility
from fedcommune.errors import Invalid, NotAllowed, NotFound
from federation.vocabulary.offers import Scope
from tests.fediverse.asking import PAGE, ask, document, walk
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town

TOMATOES = Draft(
    "Donne 20 plants de tomates",
    "À retirer le samedi.",
    category="plants",
    place="La Pointe",
    latitude=-21.17063,
    longitude=55.28841,
)


async def offer(town: Town, author: Account, draft: Draft = TOMATOES) -> Post:
    async with town.commune.database.transaction() as tx:
        return await actions.publish(tx, author, draft)


async def voice_of(town: Town) -> Account:
    return await town.find(town.commune.instance.actor)


async def follow(town: Town, us: Account, them: Account) -> None:
    async with town.commune.database.transaction() as tx:
        await follows.follow(tx, us, them)


async def neighbourly(neighbours: Neighbours) -> None:
    """Let the two communes follow each other."""
    for one, other in neighbours.both_ways():
        theirs = await one.find((await voice_of(other)).actor_id)
        await follow(one, await voice_of(one), theirs)
    await neighbours.settle()


async def do_chores(town: Town) -> None:
    await town.commune.chores.step()


async def state_at(town: Town, post: Post) -> str | None:
    kept = await town.stored(post)
    found = None if kept is None else await offers.of_post(town.commune.database.pool, kept.id)
    return None if found is None else found.state


async def listed(town: Town) -> list[str]:
    rows = await town.commune.database.pool.fetch(
        "select name from commune.listing where subject = 'classified' order by name"
    )
    return [row["name"] for row in rows]


async def test_a_gift_is_a_note_that_flohmarkt_and_mastodon_read(neighbours: Neighbours) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    await follow(there, jean, await there.meet(marie))
    await neighbours.settle()

    post = await offer(here, marie)
    await neighbours.settle()

    said = await document(here, post.object_id)
    assert (said["type"], said["kind"], said["purpose"]) == ("Note", "classified", "offer")
    assert said["name"] == "Donne 20 plants de tomates"
    assert said["content"].startswith("<p><strong>Donne 20 plants de tomates</strong></p>")
    assert "Pour répondre\N{NO-BREAK SPACE}: en message privé." in said["content"]
    assert said["publishes"]["action"] == "transfer"
    assert said["publishes"]["resourceQuantity"] == {"hasUnit": "one", "hasNumericalValue": "1"}
    assert "reciprocal" not in said
    assert (said["cm:exchange"], said["cm:category"], said["cm:state"]) == (
        "gift",
        "plants",
        "open",
    )
    assert "cm:scope" not in said
    assert said["location"] == {
        "type": "Place",
        "name": "La Pointe",
        "latitude": -21.17,
        "longitude": 55.29,
    }
    assert said["flohmarkt:data"] == {
        "name": "Donne 20 plants de tomates",
        "description": "À retirer le samedi.",
        "price": 0,
        "currency": "EUR",
        "coordinates": {"lat": -21.17, "lng": 55.29},
        "original_id": post.object_id,
    }
    assert {"#annonce", "#don"} <= {tag["name"] for tag in said["tag"]}
    assert "endTime" in said
    assert "summary" not in said, "that would be a content warning"
    carried = await walk(here, (await here.find("@annonces")).actor_id + "/outbox")
    assert post.object_id in [each["object"] for each in carried], "@annonces carries it"

    kept = await there.seen(post)
    theirs = await offers.of_post(there.commune.database.pool, kept.id)
    assert theirs is not None
    assert (theirs.title, theirs.exchange, theirs.shape) == (
        "Donne 20 plants de tomates",
        "gift",
        "commune",
    )
    assert await listed(there) == ["Donne 20 plants de tomates"]


async def test_a_sale_says_its_price_in_return(neighbours: Neighbours) -> None:
    marie = await neighbours.here.citizen("marie")
    for currency, price, action in (("EUR", "12.50", "transfer"), ("G1", "5", "transfer")):
        draft = Draft("Vélo", exchange="sale", price=Decimal(price), currency=currency)
        said = await document(
            neighbours.here, (await offer(neighbours.here, marie, draft)).object_id
        )
        assert said["reciprocal"]["action"] == action
        quantity = said["reciprocal"]["resourceQuantity"]["hasNumericalValue"]
        assert Decimal(quantity) == Decimal(price)
        assert said["flohmarkt:data"]["currency"] == currency
    hours = Draft(
        "Cours de guitare", category="skills", exchange="sale", price=Decimal(1), currency="time"
    )
    said = await document(neighbours.here, (await offer(neighbours.here, marie, hours)).object_id)
    assert said["publishes"]["action"] == "deliverService"
    assert said["reciprocal"]["resourceQuantity"] == {"hasUnit": "hour", "hasNumericalValue": "1"}
    assert "flohmarkt:data" not in said


async def test_scenario_6_a_reply_reaches_the_author_alone_and_after_60_days_it_expires(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    paul = await there.citizen("paul")
    await follow(there, jean, await there.meet(marie))
    await neighbours.settle()
    post = await offer(here, marie)
    await neighbours.settle()
    theirs = await there.seen(post)

    async with there.commune.database.transaction() as tx:
        answer = await actions.contact(tx, jean, theirs.id, "Je passe samedi.")
    await neighbours.settle()

    kept = await here.seen(answer)
    assert kept.visibility is Visibility.DIRECT
    db = here.commune.database.pool
    assert await post_queries.by_id(db, Viewer(marie.id), kept.id) is not None
    assert await post_queries.by_id(db, ANYONE, kept.id) is None
    assert await post_queries.by_id(there.commune.database.pool, Viewer(paul.id), answer.id) is None
    assert (await ask(there, answer.object_id)).status_code == 404
    assert "Je passe samedi" not in (await ask(here, f"/@marie/{post.id}", accept=PAGE)).text

    neighbours.clock.pass_by(days=54)
    await do_chores(here)
    told = await notifications.page(db, marie.id)
    assert told[0].kind == "offer_ending"
    assert await state_at(here, post) == "open"

    neighbours.clock.pass_by(days=7)
    await do_chores(here)
    await neighbours.settle()
    assert await state_at(here, post) == await state_at(there, post) == "expired"
    assert (await document(here, post.object_id))["cm:state"] == "expired"
    assert "Terminé" in (await there.seen(post)).content
    assert await listed(here) == await listed(there) == []
    async with there.commune.database.transaction() as tx:
        with pytest.raises(Invalid):
            await actions.contact(tx, jean, theirs.id, "Trop tard ?")


async def test_who_offers_renews_or_concludes_it_and_nobody_else(neighbours: Neighbours) -> None:
    here, there = neighbours.here, neighbours.there
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    jean = await there.citizen("jean")
    await follow(there, jean, await there.meet(marie))
    await neighbours.settle()
    post = await offer(here, marie)
    database = here.commune.database
    before = await offers.of_post(database.pool, post.id)

    neighbours.clock.pass_by(days=61)
    await do_chores(here)
    for act in (actions.renew, actions.conclude):
        async with database.transaction() as tx:
            with pytest.raises(NotAllowed):
                await act(tx, paul, post.id)
    assert await state_at(here, post) == "expired"

    async with database.transaction() as tx:
        await actions.renew(tx, marie, post.id)
        now = tx.now
    await neighbours.settle()
    after = await offers.of_post(database.pool, post.id)
    assert before is not None
    assert after is not None
    assert (after.state, after.expires_at) == ("open", now + LASTS)
    assert await state_at(there, post) == "open"
    assert await listed(there) == [TOMATOES.title]

    neighbours.clock.pass_by(minutes=1)
    async with database.transaction() as tx:
        await actions.conclude(tx, marie, post.id)
    await neighbours.settle()
    assert await state_at(there, post) == "fulfilled"
    assert "Parti" in (await there.seen(post)).content
    assert await listed(here) == await listed(there) == []
    async with database.transaction() as tx:
        with pytest.raises(Invalid):
            await actions.renew(tx, marie, post.id)


@pytest.mark.parametrize("scope", ["commune", "neighbours", "public"])
async def test_a_scope_leaks_nowhere(neighbours: Neighbours, scope: Scope) -> None:
    """SEC-VIS-01, SEC-VIS-03, SEC-VIS-07: who × scope × page, API, document, outbox, directory."""
    here, there = neighbours.here, neighbours.there
    await neighbourly(neighbours)
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    jean, rose = await there.citizen("jean"), await there.citizen("rose")
    await follow(there, jean, await there.meet(marie))
    await neighbours.settle()
    known = {jean.id: await here.meet(jean), rose.id: await here.meet(rose)}
    draft = Draft("Prête une échelle", exchange="loan", scope=scope)

    post = await offer(here, marie, draft)
    await neighbours.settle()

    db, theirs = here.commune.database.pool, there.commune.database.pool
    is_public, is_near = scope == "public", scope != "commune"
    # At home: everybody who lives here; who lives with a neighbour, when it is for them.
    assert await post_queries.by_id(db, Viewer(paul.id), post.id) is not None
    assert (await post_queries.by_id(db, ANYONE, post.id) is not None) is is_public
    assert (await post_queries.by_id(db, Viewer(known[rose.id].id), post.id) is not None) is is_near
    # Next door: it arrives when it is for them, and is for those who live there.
    arrived = await there.stored(post)
    assert (arrived is not None) is is_near
    if arrived is not None:
        for reader in (jean, rose):
            assert await post_queries.by_id(theirs, Viewer(reader.id), arrived.id) is not None
        assert (await post_queries.by_id(theirs, ANYONE, arrived.id) is not None) is is_public
    # Anonymous: page, document, outbox, interface for apps, lists, the directory.
    status = 200 if is_public else 404
    assert (await ask(here, post.object_id)).status_code == status
    assert (await ask(here, f"/@marie/{post.id}", accept=PAGE)).status_code == status
    assert (await ask(here, f"/api/v1/statuses/{post.id}", accept=None)).status_code == status
    for address in (
        "/",
        "/@marie",
        "/classifieds",
        "/directory",
        "/api/v1/timelines/public?local=true",
        f"/api/v1/accounts/{marie.id}/statuses",
    ):
        shown = (await ask(here, address, accept=None)).text
        assert (draft.title in shown) is is_public, address
    for outbox in (f"{marie.actor_id}/outbox", f"{here.origin}/actor/outbox"):
        assert (post.object_id in orjson.dumps(await walk(here, outbox)).decode()) is is_public
    assert (await listed(here) == [draft.title]) is is_public
    assert (await listed(there) == [draft.title]) is is_public
    # A stranger's server that signs: only what is for its people.
    assert (await ask(here, post.object_id, signer=(there, rose))).status_code == (
        200 if is_near else 404
    )


async def test_what_is_for_neighbours_is_not_for_a_commune_that_ours_does_not_follow(
    neighbours: Neighbours,
) -> None:
    """SEC-VIS-07: to follow us is not enough; nothing is sent, and nothing is shown."""
    here, there = neighbours.here, neighbours.there
    ours = await there.find((await voice_of(here)).actor_id)
    await follow(there, await voice_of(there), ours)
    await neighbours.settle()
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    known = await here.meet(jean)

    post = await offer(here, marie, Draft("Cherche un cric", purpose="request", scope="neighbours"))
    await neighbours.settle()

    assert await there.stored(post) is None
    assert await post_queries.by_id(here.commune.database.pool, Viewer(known.id), post.id) is None
    assert (await ask(here, post.object_id, signer=(there, jean))).status_code == 404


async def test_a_house_number_is_never_told(neighbours: Neighbours) -> None:
    marie = await neighbours.here.citizen("marie")
    draft = Draft("Table", place="12 rue de la Compagnie", latitude=-21.17063, longitude=55.28841)
    said = await document(neighbours.here, (await offer(neighbours.here, marie, draft)).object_id)
    assert said["location"] == {"type": "Place", "latitude": -21.17, "longitude": 55.29}
    assert "Compagnie" not in orjson.dumps(said).decode()


async def test_an_edit_by_an_app_keeps_what_is_offered(neighbours: Neighbours) -> None:
    marie = await neighbours.here.citizen("marie")
    post = await offer(neighbours.here, marie)
    neighbours.clock.pass_by(minutes=1)
    database = neighbours.here.commune.database
    async with database.transaction() as tx:
        edited = await posts.edit(tx, marie, post.id, Words(text="À retirer le dimanche."))
    assert edited.content.startswith("<p><strong>Donne 20 plants de tomates</strong></p>")
    assert "dimanche" in edited.content
    assert await state_at(neighbours.here, post) == "open"


async def test_nobody_answers_their_own_or_what_they_may_not_see(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    jean = await neighbours.there.citizen("jean")
    stranger = await here.meet(jean)
    post = await offer(here, marie, Draft("Cage à poules", scope="commune"))
    count = await here.count("commune.post")
    for who, error in ((marie, Invalid), (stranger, NotFound)):
        async with here.commune.database.transaction() as tx:
            with pytest.raises(error):
                await actions.contact(tx, who, post.id, "Bonjour")
    assert await here.count("commune.post") == count
    found = await queries.one(here.commune.database.pool, Viewer(stranger.id), post.id)
    assert found is None
