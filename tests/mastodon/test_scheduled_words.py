"""Statuses for later, said otherwise on the page, as apps see them."""

from __future__ import annotations

from fedcommune.domain.posts.model import Draft
from fedcommune.domain.scheduled import actions as scheduled
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.test_scheduled import PLANNED, at, planned


async def test_an_app_moves_a_plan_and_reads_what_was_changed_on_the_page(
    neighbours: Neighbours, marie: App
) -> None:
    """Mastodon's form: ``scheduled_at`` is all that an app changes of a plan."""
    waiting = await planned(
        neighbours, marie, "Bientot", poll={"options": ["Oui", "Non"], "expires_in": 600}
    )
    place = f"{PLANNED}/{waiting['id']}"
    body = {"scheduled_at": at(neighbours, hours=3), "status": "Autre chose", "text": "Autre"}
    moved = (await marie.http.put(place, json=body)).json()
    assert moved["params"] == waiting["params"]

    async with neighbours.here.commune.database.transaction() as tx:
        await scheduled.rewrite(tx, marie.account, int(waiting["id"]), Draft("Bientôt"))

    read = (await marie.http.get(place)).json()
    assert read["scheduled_at"] == moved["scheduled_at"]
    assert read["params"] == {**waiting["params"], "text": "Bientôt"}
