"""From a page of ours to a neighbour: found, followed, read, liked and answered there."""

from __future__ import annotations

from tests.fediverse.conftest import Neighbours
from tests.support.browsers import browser


async def test_one_finds_follows_likes_and_answers_a_neighbour_without_leaving(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    async with browser(here) as opened:
        await opened.sign_in(marie)
        found = await opened.open(f"/find?q=@jean@{there.domain}")
        stranger = await here.meet(jean)
        assert f'href="/people/{stranger.id}"' in found.text

        await opened.open(f"/people/{stranger.id}")
        await opened.send(f"/people/{stranger.id}/do", verb="follow")
        await neighbours.settle()
        assert "You follow" in (await opened.open(f"/people/{stranger.id}")).text
        said = await there.say(jean, "Bonjour des Hauts")
        await neighbours.settle()

        for path in ("/home", "/nearby", f"/people/{stranger.id}"):
            assert "Bonjour des Hauts" in (await opened.open(path)).text, path
        kept = await here.seen(said)
        await opened.send(f"/posts/{kept.id}/do", verb="like")
        page = await opened.open(f"/posts/{kept.id}")
        assert f">@jean@{there.domain} </textarea>" in page.text
        await opened.send("/write", text=f"@jean@{there.domain} Bonjour d'en bas")
        await neighbours.settle()

        pool = there.commune.database.pool
        told = await pool.fetch("select kind from commune.notification order by id")
        assert sorted(row["kind"] for row in told) == ["favourite", "follow", "reply"]
        assert (await there.seen(said)).likes_count == 1
        assert (await there.seen(said)).replies_count == 1
