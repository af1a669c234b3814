"""Three communes: an answer reaches those who follow the question, through its home (W-FWD)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fedcommune.domain.follows import actions as follows
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.visibility import Visibility
from tests.fediverse.conftest import Neighbours
from tests.support import communes
from tests.support.communes import Clock, Town
from tests.support.databases import Shelf


@pytest.fixture
async def third(shelf: Shelf, clock: Clock) -> AsyncIterator[Town]:
    """A commune further away, which knows only Saint-Leu."""
    async with (
        shelf.lend() as url,
        communes.town("cilaos", url, clock) as town,
    ):
        yield town


async def test_s2s_16_an_answer_is_forwarded_with_its_proof_and_so_is_its_end(
    neighbours: Neighbours, third: Town
) -> None:
    here, there = neighbours.here, neighbours.there
    everybody = [here, there, third]
    marie, jean, rose = (
        await here.citizen("marie"),
        await there.citizen("jean"),
        await third.citizen("rose"),
    )
    for town, who in ((there, jean), (third, rose)):
        async with town.commune.database.transaction() as tx:
            await follows.follow(tx, who, await town.meet(marie))
    await communes.settle(everybody)
    question = await here.say(marie, "Qui prête une échelle ?")
    await communes.settle(everybody)

    answer = await there.say(jean, "Moi, demain.", to=await there.seen(question))
    await communes.settle(everybody)

    kept = await third.seen(answer)
    assert kept.parent_id == (await third.seen(question)).id
    assert await third.known(jean) is not None
    assert await there.count("commune.follow") == 1

    async with there.commune.database.transaction() as tx:
        await posts.delete(tx, jean, answer.id)
    await communes.settle(everybody)

    gone = await third.stored(answer)
    assert gone is None or gone.deleted_at is not None


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_w_fwd_02_what_is_not_for_everybody_is_never_forwarded(
    neighbours: Neighbours, third: Town, visibility: Visibility
) -> None:
    here, there = neighbours.here, neighbours.there
    everybody = [here, there, third]
    marie, jean, rose = (
        await here.citizen("marie"),
        await there.citizen("jean"),
        await third.citizen("rose"),
    )
    for town, who in ((there, jean), (third, rose)):
        async with town.commune.database.transaction() as tx:
            await follows.follow(tx, who, await town.meet(marie))
    await communes.settle(everybody)
    question = await here.say(marie, "Qui prête une échelle ?")
    await communes.settle(everybody)

    answer = await there.say(
        jean,
        f"@marie@{here.domain} moi, mais ne le dis pas.",
        visibility,
        to=await there.seen(question),
    )
    await communes.settle(everybody)

    assert await here.stored(answer) is not None
    assert await third.stored(answer) is None
