"""Events in apps: one sentence and a link; an answer in words takes part, here and next door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement, State
from fedcommune.domain.events.queries import people
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Occasion
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import said

START = datetime(2040, 12, 15, 14, 0, tzinfo=UTC)


async def announce(app: App, neighbours: Neighbours) -> Post:
    occasion = Occasion(
        "Marché de nuit",
        START,
        "Indian/Reunion",
        START + timedelta(hours=4),
        place_name="Front de mer",
    )
    async with neighbours.here.commune.database.transaction() as tx:
        return await announcing.announce(tx, app.account, Announcement(occasion, "Maloya."))


async def shown(app: App, post_id: str) -> Any:
    answer = await app.http.get(f"/api/v1/statuses/{post_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_event_is_a_title_a_sentence_and_a_link(
    neighbours: Neighbours, marie: App
) -> None:
    """W-EVT-04."""
    post = await announce(marie, neighbours)

    status = await shown(marie, str(post.id))

    content = status["content"]
    assert content.startswith("<p><strong>Marché de nuit</strong></p>")
    assert "Samedi 15 décembre 2040, 18&nbsp;h&nbsp;– 22&nbsp;h" in content
    assert content.count("Marché de nuit") == 1
    assert f"/events/{post.id}" in content
    assert status["account"]["acct"] == "agenda"


async def test_the_same_next_door_once(neighbours: Neighbours, marie: App) -> None:
    jean = await neighbours.app("jean", neighbours.there)
    agenda = await neighbours.there.find(f"@agenda@{neighbours.here.domain}")
    await jean.http.post(f"/api/v1/accounts/{agenda.id}/follow")
    await neighbours.settle()
    post = await announce(marie, neighbours)
    await neighbours.settle()

    stored = await neighbours.there.seen(post)
    status = await shown(jean, str(stored.id))

    assert status["content"].count("Marché de nuit") == 1
    assert "Samedi 15 décembre 2040, 18&nbsp;h&nbsp;– 22&nbsp;h" in status["content"]


async def test_an_answer_in_words_takes_part_and_is_liked(
    neighbours: Neighbours, marie: App
) -> None:
    post = await announce(marie, neighbours)
    paul = await neighbours.app("paul")

    answer = await said(paul, "Je participe !", in_reply_to_id=str(post.id))

    (one,) = await people.of_event(neighbours.here.commune.database.pool, post.id)
    assert (one.account_id, one.state) == (paul.account.id, State.ACCEPTED)
    assert (await shown(paul, answer["id"]))["favourites_count"] == 1


async def test_an_event_is_not_changed_by_the_words_of_an_app(
    neighbours: Neighbours, marie: App
) -> None:
    gardeners = await neighbours.here.organisation(marie.account, "jardiniers")
    token = await neighbours.token(neighbours.here, marie.account, acting=gardeners)
    app = App(gardeners, token, await neighbours.http(neighbours.here, token))
    post = await announce(app, neighbours)

    answer = await app.http.put(f"/api/v1/statuses/{post.id}", json={"status": "Autre chose"})

    assert answer.status_code == 422
    assert "page" in answer.json()["error"]
    assert "Maloya" in (await shown(app, str(post.id)))["content"]
