"""Recommending in words between two communes: on the page, answered, taken back (product 8.6 b)."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import recommending
from fedcommune.domain.posts.model import Draft, Page, Post
from fedcommune.domain.visibility import ANYONE, Visibility
from fedcommune.errors import Invalid
from tests.fediverse.conftest import Neighbours
from tests.support import browsers
from tests.support.communes import Town


async def recommend(
    town: Town, author: Account, subject: Account, visibility: Visibility = Visibility.PUBLIC
) -> Post:
    draft = Draft(
        f"Je recommande @{subject.handle} : honnête et rapide.",
        visibility=visibility,
        mentioned=(subject,),
        recommends=subject,
    )
    async with town.commune.database.transaction() as tx:
        return await feeds.publish(tx, author, draft)


async def praise(town: Town, subject: Account) -> list[str]:
    known = await town.known(subject)
    assert known is not None
    pool = town.commune.database.pool
    found = await recommending.about(pool, ANYONE, known.id, Page())
    return [each.object_id for each in found]


async def test_words_of_a_neighbour_stand_on_the_page_are_answered_and_taken_back(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, luc = await here.citizen("marie"), await there.citizen("luc")
    garage = await there.organisation(luc, "garage")

    post = await recommend(here, marie, await here.meet(garage))
    await neighbours.settle()

    assert await praise(there, garage) == [post.object_id]
    arrived = await there.seen(post)
    async with browsers.browser(there) as browser:
        await browser.sign_in(luc)
        assert "honnête et rapide" in (await browser.open("/@garage")).text
        await browser.open(f"/recommend/{garage.id}/answer/{arrived.id}")
        await browser.send(words="Merci Marie !")
        assert "Merci Marie" in (await browser.open("/@garage")).text
    await neighbours.settle()
    known = await here.known(garage)
    assert known is not None
    answered = await recommending.answers(here.commune.database.pool, ANYONE, [post.id], known.id)
    assert [each.source or each.content for each in answered[post.id]] != []

    async with here.commune.database.transaction() as tx:
        await posts.delete(tx, marie, post.id)
    await neighbours.settle()
    assert await praise(there, garage) == []
    assert await praise(here, garage) == []


async def test_sec_vis_what_is_not_for_everybody_is_not_on_the_page(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, luc = await here.citizen("marie"), await there.citizen("luc")
    garage = await there.organisation(luc, "garage")

    await recommend(here, marie, await here.meet(garage), Visibility.DIRECT)
    await neighbours.settle()

    assert await praise(there, garage) == []
    assert await praise(here, garage) == []


async def test_nobody_recommends_a_person_or_themselves(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie, luc = await here.citizen("marie"), await here.citizen("luc")
    garage = await here.organisation(marie, "garage")
    before = await here.count("commune.post")

    for author, subject in ((marie, luc), (garage, garage)):
        with pytest.raises(Invalid):
            await recommend(here, author, subject)

    assert await here.count("commune.post") == before
    assert await here.count("commune.recommendation") == 0


async def test_sec_vis_11_nobody_else_answers_in_its_name(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie, luc = await here.citizen("marie"), await here.citizen("luc")
    garage = await here.organisation(luc, "garage")
    async with browsers.browser(here) as browser:
        await browser.sign_in(marie)
        await browser.open(f"/recommend/{garage.id}")
        await browser.send(words="Honnête.")
        assert browser.page.url.path == "/@garage"
        assert "Honnête." in browser.page.text
        post = await here.commune.database.pool.fetchval(
            "select post_id from commune.recommendation"
        )
        csrf = browsers.forms_of(browser.page)["/settings/lists"]["csrf"]
        before = await here.count("commune.post")

        refused = await browser.client.post(
            f"/recommend/{garage.id}/answer/{post}", data={"words": "Moi !", "csrf": csrf}
        )

    assert refused.status_code == 404
    assert await here.count("commune.post") == before
