"""Classifieds and needs in apps: statuses that say everything, answers in private."""

from __future__ import annotations

from fedcommune.domain.classifieds import actions
from fedcommune.domain.classifieds.model import Draft, Need
from fedcommune.domain.helping import queries as helpers
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import STATUSES, said


async def test_a_classified_is_a_status_that_says_everything(
    neighbours: Neighbours, marie: App
) -> None:
    async with neighbours.here.commune.database.transaction() as tx:
        post = await actions.publish(
            tx, marie.account, Draft("Donne 20 plants", "Le samedi.", place="La Pointe")
        )
    status = (await marie.http.get(f"{STATUSES}/{post.id}")).json()
    assert "<strong>Donne 20 plants</strong>" in status["content"]
    assert "Le samedi." in status["content"]
    assert "Don · La Pointe · jusqu" in status["content"]
    assert "en message privé" in status["content"]
    assert status["spoiler_text"] == ""


async def test_whatever_an_app_proposes_an_answer_is_for_who_offers(
    neighbours: Neighbours, marie: App
) -> None:
    """SEC-VIS-02: first contact is between two; others do not even know of it."""
    here = neighbours.here
    async with here.commune.database.transaction() as tx:
        post = await actions.publish(tx, marie.account, Draft("Une échelle", exchange="loan"))
    paul, rose = await neighbours.app("paul"), await neighbours.app("rose")

    answer = await said(paul, "Pour samedi ?", in_reply_to_id=str(post.id), visibility="public")

    assert answer["visibility"] == "direct"
    assert (await marie.http.get(f"{STATUSES}/{answer['id']}")).status_code == 200
    assert (await rose.http.get(f"{STATUSES}/{answer['id']}")).status_code == 404
    below = (await rose.http.get(f"{STATUSES}/{post.id}/context")).json()
    assert below["descendants"] == []
    # Who offers it adds to it as they like.
    more = await said(marie, "Elle fait 3 m.", in_reply_to_id=str(post.id))
    assert more["visibility"] == "public"


async def test_i_can_help_from_an_app_is_counted(neighbours: Neighbours, marie: App) -> None:
    here = neighbours.here
    garden = await here.project(marie.account, "jardin")
    async with here.commune.database.transaction() as tx:
        need = await actions.need(tx, garden, Need("Des bras", helpers=2))
    paul = await neighbours.app("paul")

    await said(paul, "Je peux aider samedi", in_reply_to_id=str(need.id))

    (found,) = await helpers.of_need(here.commune.database.pool, need.id)
    assert (found.helper.id, found.help.state) == (paul.account.id, "offered")
    told = (await marie.http.get("/api/v1/notifications")).json()
    assert "help_offered" in [each["type"] for each in told]
