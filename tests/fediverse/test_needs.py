"""What a project needs, and help from any commune (product 7.4, scenario 4)."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import actions
from fedcommune.domain.classifieds.model import Need
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.helping import actions as helping
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.notifications import queries as notifications
from fedcommune.domain.posts import offers
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.deals import Offer
from fedcommune.domain.posts.model import Post
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import Stage
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.fediverse.asking import document
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town


async def ask_for(town: Town, author: Account, need: Need) -> Post:
    async with town.commune.database.transaction() as tx:
        return await actions.need(tx, author, need)


async def offer_at(town: Town, post: Post) -> Offer:
    kept = await town.seen(post)
    found = await offers.of_post(town.commune.database.pool, kept.id)
    assert found is not None
    return found


async def told(town: Town, account: Account) -> list[str]:
    found = await notifications.page(town.commune.database.pool, account.id)
    return [str(each.kind) for each in found]


async def test_scenario_4_a_stage_is_seen_and_a_need_gets_help_from_another_commune(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    garden = await here.project(marie, "jardin_partage")
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, jean, await there.meet(garden))
    await neighbours.settle()
    async with here.commune.database.transaction() as tx:
        moved = await projects.move(tx, marie, garden, Stage.STARTED)
    need = await ask_for(here, garden, Need("Trois personnes pour bêcher", helpers=3))
    await neighbours.settle()

    assert moved is not None
    assert "démarré" in (await there.seen(moved)).content
    theirs = await there.seen(need)
    said = await document(here, need.object_id)
    assert (said["kind"], said["purpose"], said["context"]) == ("need", "request", garden.actor_id)
    assert (said["cm:helpersWanted"], said["cm:helpers"]) == (3, 0)
    assert said["publishes"]["resourceQuantity"]["hasNumericalValue"] == "3"
    kept = await offer_at(there, need)
    assert (kept.kind, kept.helpers_wanted) == ("need", 3)

    async with there.commune.database.transaction() as tx:
        answer = await actions.help_with(tx, jean, theirs.id, "Samedi, avec ma fourche.")
    await neighbours.settle()

    assert (await here.seen(answer)).visibility is Visibility.DIRECT
    db = here.commune.database.pool
    (offered,) = await helpers.of_need(db, need.id)
    assert (offered.helper.handle, offered.help.state) == (f"jean@{there.domain}", "offered")
    assert "avec ma fourche" in offered.words
    assert "help_offered" in await told(here, marie)

    async with here.commune.database.transaction() as tx:
        await helping.accept(tx, marie, offered.help.id)
    await neighbours.settle()

    assert (await offer_at(here, need)).helpers == (await offer_at(there, need)).helpers == 1
    assert "1 sur 3" in (await there.seen(need)).content
    assert "mention" in await told(there, jean) or "reply" in await told(there, jean)


async def test_a_need_is_met_when_there_is_enough_and_then_nobody_is_counted(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, paul, rose = [await here.citizen(name) for name in ("marie", "paul", "rose")]
    jean = await there.citizen("jean")
    garden = await here.project(marie, "jardin_partage")
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, jean, await there.meet(garden))
    await neighbours.settle()
    need = await ask_for(here, garden, Need("Une remorque", wanted="people", helpers=1))
    await neighbours.settle()

    await there.say(jean, "I can help!", to=await there.seen(need))
    await here.say(paul, "Je ne peux pas aider, désolé.", to=need)
    await neighbours.settle()
    db = here.commune.database.pool
    (offered,) = await helpers.of_need(db, need.id)
    assert offered.helper.username == "jean"

    async with here.commune.database.transaction() as tx:
        await helping.accept(tx, marie, offered.help.id)
    await neighbours.settle()

    assert (await offer_at(here, need)).state == (await offer_at(there, need)).state == "fulfilled"
    assert "Trouvé" in (await there.seen(need)).content
    await here.say(rose, "Je peux aider", to=need)
    assert len(await helpers.of_need(db, need.id)) == 1
    async with here.commune.database.transaction() as tx:
        with pytest.raises(Invalid):
            await actions.help_with(tx, rose, need.id)


async def test_only_who_administers_it_decides_and_only_once(neighbours: Neighbours) -> None:
    """SEC-VIS-11: for the others there is nothing to decide."""
    here = neighbours.here
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    garden = await here.project(marie, "jardin_partage")
    need = await ask_for(here, garden, Need("Des bras", helpers=2))
    database = here.commune.database
    async with database.transaction() as tx:
        await actions.help_with(tx, paul, need.id)
        answers = await helpers.of_need(tx.db, need.id)
        with pytest.raises(NotFound):
            await helping.accept(tx, paul, answers[0].help.id)
    assert (await offer_at(here, need)).helpers == 0
    assert (await helpers.of_need(database.pool, need.id))[0].help.state == "offered"

    async with database.transaction() as tx:
        await helping.refuse(tx, garden, answers[0].help.id)
    async with database.transaction() as tx:
        with pytest.raises(Conflict):
            await helping.accept(tx, marie, answers[0].help.id)
    assert (await offer_at(here, need)).helpers == 0
    assert await helpers.state_of(database.pool, need.id, paul.id) == "refused"
    answer = await database.pool.fetchval(
        "select id from commune.post where author_id = $1 order by id desc limit 1", garden.id
    )
    assert (await posts.by_id(database.pool, Viewer(paul.id), answer)) is not None
    assert (await posts.by_id(database.pool, Viewer(None), answer)) is None


async def test_a_person_has_no_needs_of_a_project(neighbours: Neighbours) -> None:
    marie = await neighbours.here.citizen("marie")
    with pytest.raises(NotAllowed):
        await ask_for(neighbours.here, marie, Need("Des bras"))
    assert await neighbours.here.count("commune.offer") == 0
