"""What the commune announces, in apps and on its front page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from fedcommune import lookup
from fedcommune.domain.announcements import actions
from fedcommune.domain.announcements.model import MAX_REACTIONS, Announcement, Span, span
from fedcommune.domain.posts.actions import mentioned_in
from fedcommune.errors import Invalid
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import (
    address,
    checked,
    count,
    identifier,
    listed,
    maybe,
    moment,
    shaped,
    text,
    truth,
)
from tests.support.communes import Town

ALL = "/api/v1/announcements"
ANNOUNCEMENT = shaped(
    {
        "id": identifier,
        "content": text,
        "starts_at": maybe(moment),
        "ends_at": maybe(moment),
        "all_day": truth,
        "published_at": moment,
        "updated_at": moment,
        "read": truth,
        "mentions": listed(
            shaped({"id": identifier, "username": text, "url": address, "acct": text})
        ),
        "statuses": listed(shaped({"id": identifier, "url": address})),
        "tags": listed(shaped({"name": text, "url": address})),
        "emojis": listed(text),
        "reactions": listed(shaped({"name": text, "count": count, "me": truth})),
    }
)


async def announce(town: Town, words: str, when: Span | None = None, **more: Any) -> Announcement:
    people = await lookup.mentioned(town.commune, mentioned_in(words, town.domain))
    async with town.commune.database.transaction() as tx:
        return await actions.announce(tx, words, when or Span(), mentioned=people, **more)


async def shown(app: App) -> list[Any]:
    answer = await app.http.get(ALL)
    assert answer.status_code == 200, answer.text
    found: list[Any] = checked(answer.json(), listed(ANNOUNCEMENT))
    return found


async def test_an_announcement_names_people_tags_and_posts(
    marie: App, neighbours: Neighbours
) -> None:
    jean = await neighbours.here.citizen("jean")
    post = await neighbours.here.say(jean, "Bonjour")
    when = span("2046-10-05", "2046-10-06", "Indian/Reunion")

    await announce(neighbours.here, f"Fête avec @jean #Fete {post.url}", when)

    (found,) = await shown(marie)
    assert found["mentions"][0]["acct"] == "jean"
    assert found["tags"][0]["name"] == "fete"
    assert found["statuses"] == [{"id": str(post.id), "url": post.url}]
    assert found["starts_at"] == "2046-10-04T20:00:00.000Z"
    assert found["ends_at"] == "2046-10-06T19:59:59.000Z"
    assert (found["all_day"], found["read"], found["reactions"]) == (True, False, [])
    assert 'class="u-url mention"' in found["content"]


async def test_only_what_is_current_shows(marie: App, neighbours: Neighbours) -> None:
    now = neighbours.clock()
    await announce(neighbours.here, "Bientôt", published_at=now + timedelta(hours=2))
    await announce(neighbours.here, "Court", Span(ends_at=now + timedelta(hours=1)))
    ended = await announce(neighbours.here, "Fini")
    assert [each["content"] for each in await shown(marie)] == ["<p>Court</p>", "<p>Fini</p>"]

    async with neighbours.here.commune.database.transaction() as tx:
        await actions.end(tx, ended.id)
    assert [each["content"] for each in await shown(marie)] == ["<p>Court</p>"]
    gone = await marie.http.post(f"{ALL}/{ended.id}/dismiss")
    assert (gone.status_code, gone.json()) == (404, {"error": "Record not found"})
    assert await neighbours.here.count("commune.announcement_dismissal") == 0

    neighbours.clock.pass_by(hours=3)
    assert [each["content"] for each in await shown(marie)] == ["<p>Bientôt</p>"]


async def test_each_reads_for_themselves(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.app("jean")
    made = await announce(neighbours.here, "Coupure d'eau")

    for _ in range(2):
        read = await marie.http.post(f"{ALL}/{made.id}/dismiss")
        assert (read.status_code, read.json()) == (200, {})

    assert [each["read"] for each in await shown(marie)] == [True]
    assert [each["read"] for each in await shown(jean)] == [False]


async def test_emojis_are_given_and_taken_back(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.app("jean")
    made = await announce(neighbours.here, "Marché samedi")
    for app, name in ((marie, "🎉"), (marie, "🎉"), (jean, "🎉"), (jean, "👩‍🌾"), (jean, "🇷🇪")):
        given = await app.http.put(f"{ALL}/{made.id}/reactions/{quote(name)}")
        assert (given.status_code, given.json()) == (200, {}), name

    (found,) = await shown(marie)
    assert [(each["name"], each["count"], each["me"]) for each in found["reactions"]] == [
        ("🎉", 2, True),
        ("👩‍🌾", 1, False),
        ("🇷🇪", 1, False),
    ]
    assert (await marie.http.delete(f"{ALL}/{made.id}/reactions/🎉")).status_code == 200
    (found,) = await shown(marie)
    assert found["reactions"][0] | {"url": 0, "static_url": 0} == {
        "name": "🎉", "count": 1, "me": False, "url": 0, "static_url": 0,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["bof", "1", "🎉🎉", "<b>", "🎉" * 400, "🇷"])
async def test_what_is_no_emoji_is_refused(marie: App, neighbours: Neighbours, name: str) -> None:
    made = await announce(neighbours.here, "Marché")

    for method in ("PUT", "DELETE"):
        address_ = f"{ALL}/{made.id}/reactions/{quote(name, safe='')}"
        refused = await marie.http.request(method, address_)
        assert refused.status_code == 422, name
        assert refused.json()["error"] == "Validation failed: Name is not a recognized emoji"
    assert await neighbours.here.count("commune.announcement_reaction") == 0


async def test_sec_dos_06_an_announcement_gathers_a_few_emojis(
    marie: App, neighbours: Neighbours
) -> None:
    made = await announce(neighbours.here, "Marché")
    for name in "🍇🍈🍉🍊🍋🍌🍍🥭"[:MAX_REACTIONS]:
        assert (await marie.http.put(f"{ALL}/{made.id}/reactions/{name}")).status_code == 200

    assert (await marie.http.put(f"{ALL}/{made.id}/reactions/🍎")).status_code == 422
    assert await neighbours.here.count("commune.announcement_reaction") == MAX_REACTIONS


async def test_an_announcement_goes_with_the_post_that_it_is_about(
    marie: App, neighbours: Neighbours
) -> None:
    post = await neighbours.here.say(marie.account, "Avis officiel")
    await announce(neighbours.here, "Avis", about_id=post.id)
    assert (await shown(marie))[0]["statuses"][0]["id"] == str(post.id)

    await neighbours.here.commune.database.pool.execute(
        "delete from commune.post where id = $1", post.id
    )
    assert await shown(marie) == []


async def test_the_front_page_shows_what_is_announced(
    anyone: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    before = (await anyone.get("/")).text
    await announce(
        neighbours.here, "Coupure **d'eau**", span("2046-10-05", "2046-10-06", "Indian/Reunion")
    )

    page = (await anyone.get("/", headers={"Accept-Language": "fr"})).text

    assert "announced" not in before
    assert "<strong>d&#39;eau</strong>" in page or "<strong>d'eau</strong>" in page
    assert "samedi 6\u00a0octobre 2046" in page
    assert "announced" not in (await anyone.get("/?before=1")).text


@pytest.mark.parametrize(
    ("begins", "ends"),
    [("demain", ""), ("2026-13-01", ""), ("2026-10-06", "2026-10-05"), ("", "5/10/2026")],
)
def test_a_time_that_is_none_is_refused(begins: str, ends: str) -> None:
    with pytest.raises(Invalid):
        span(begins, ends, "Europe/Paris")
