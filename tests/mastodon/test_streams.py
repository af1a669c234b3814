"""What happens is told at once, over WebSocket and server-sent events."""

from __future__ import annotations

import pytest

from fedcommune.domain.announcements import actions as announcements
from fedcommune.domain.announcements.model import Span
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.timelines import stream
from fedcommune.domain.visibility import Visibility
from fedcommune.mastodon.streams import events
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.listening import ear, feed
from tests.mastodon.words import said

pytestmark = pytest.mark.usefixtures("hearing")


async def test_a_post_of_somebody_followed_comes_home_at_once(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    await marie.http.post(f"/api/v1/accounts/{paul.account.id}/follow")
    async with ear(neighbours.here, marie.token, "?stream=user") as app:
        await app.reached()
        post = await neighbours.here.say(paul.account, "Bonjour #jardin")
        stream, event, status = await app.event()

    assert (stream, event) == ("user", "update")
    asked = await marie.http.get(f"/api/v1/statuses/{post.id}")
    assert status == asked.json()


async def test_one_socket_carries_many_streams_and_says_which(
    neighbours: Neighbours, marie: App
) -> None:
    list_id = (await marie.http.post("/api/v1/lists", json={"title": "x"})).json()["id"]
    await marie.http.post(
        f"/api/v1/lists/{list_id}/accounts", json={"account_ids": [str(marie.account.id)]}
    )
    async with ear(neighbours.here, marie.token) as app:
        await app.subscribe("user")
        await app.subscribe("public:local")
        await app.subscribe("public:remote")
        await app.subscribe("public:media")
        await app.subscribe("hashtag", tag="Jardin")
        await app.subscribe("hashtag:local", tag="jardin")
        await app.subscribe("hashtag", tag="mer")
        await app.subscribe("list", list=list_id)
        await neighbours.here.say(marie.account, "Les fleurs #jardin")
        heard = {(await app.event())[0] for _ in range(5)}
        await app.say(type="unsubscribe", stream="user")
        await app.reached()
        await neighbours.here.say(marie.account, "Sans rien")
        again = {(await app.event())[0] for _ in range(2)}

    both = {"public:local", f"list:{list_id}"}
    assert heard == both | {"user", "hashtag:jardin", "hashtag:local:jardin"}
    assert again == both


async def test_what_is_edited_and_deleted_is_told(neighbours: Neighbours, marie: App) -> None:
    async with ear(neighbours.here, marie.token, "?stream=user") as app:
        await app.reached()
        said = await marie.http.post("/api/v1/statuses", json={"status": "Bonjour"})
        path = f"/api/v1/statuses/{said.json()['id']}"
        await marie.http.post(f"{path}/favourite")
        await marie.http.put(path, json={"status": "Bonsoir"})
        first, second = await app.event(), await app.event()
        asked = (await marie.http.get(path)).json()
        boost = (await marie.http.post(f"{path}/reblog")).json()
        await marie.http.post(f"{path}/unreblog")
        third = await app.event()
        await marie.http.delete(path)
        fourth = await app.event()

    assert first[1] == "update"
    assert second[1:] == ("status.update", asked)
    assert asked["favourited"], "each reader sees what they did with it"
    assert third == ("user", "delete", boost["id"])
    assert fourth == ("user", "delete", asked["id"])


async def test_notifications_are_told_to_whom_they_are_for(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    async with (
        ear(neighbours.here, marie.token, "?stream=user") as home,
        ear(neighbours.here, marie.token, "?stream=user:notification") as only,
        ear(neighbours.here, paul.token, "?stream=user") as of_paul,
    ):
        for app in (home, only, of_paul):
            await app.reached()
        await neighbours.here.say(paul.account, "Bonjour @marie")
        told = await home.event()
        again = await only.event()
        own = await of_paul.event()
        (asked,) = (await marie.http.get("/api/v1/notifications")).json()

    assert told == ("user", "notification", asked)
    assert again == ("user:notification", "notification", asked)
    assert own[1] == "update"


async def test_a_conversation_is_told_to_its_people_alone(
    neighbours: Neighbours, marie: App
) -> None:
    paul, luc = await neighbours.app("paul"), await neighbours.app("luc")
    async with (
        ear(neighbours.here, marie.token, "?stream=direct") as of_marie,
        ear(neighbours.here, paul.token, "?stream=direct") as of_paul,
        ear(neighbours.here, luc.token, "?stream=direct") as of_luc,
    ):
        for app in (of_marie, of_paul, of_luc):
            await app.reached()
        await neighbours.here.say(paul.account, "Psst @marie", Visibility.DIRECT)
        told = await of_marie.event()
        own = await of_paul.event()
        await neighbours.here.say(paul.account, "Psst @luc", Visibility.DIRECT)
        other = await of_luc.event()
        (asked,) = (await marie.http.get("/api/v1/conversations")).json()

    assert told == ("direct", "conversation", asked)
    assert not own[2]["unread"]
    assert other[2]["last_status"]["content"].startswith("<p>Psst")
    assert [each["username"] for each in other[2]["accounts"]] == ["paul"]


async def test_changed_filters_are_told_and_hold_back_from_then_on(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    async with (
        ear(neighbours.here, marie.token, "?stream=public") as of_marie,
        ear(neighbours.here, paul.token, "?stream=public") as of_paul,
    ):
        await of_marie.subscribe("user")
        await of_paul.reached()
        await neighbours.here.say(paul.account, "Le loto revient")
        before = await of_marie.event()
        made = await marie.http.post(
            "/api/v2/filters",
            json={
                "title": "Jeux",
                "context": ["home"],
                "keywords_attributes": [{"keyword": "loto"}],
            },
        )
        changed = await of_marie.event()
        await neighbours.here.say(paul.account, "Encore le loto")
        after = await of_marie.event()
        for_paul = [await of_paul.event() for _ in range(2)]
        await marie.http.delete(f"/api/v2/filters/{made.json()['id']}")
        gone = await of_marie.event()

    assert before[2]["filtered"] == []
    assert changed == ("user", "filters_changed", None)
    assert after[2]["filtered"][0]["filter"]["title"] == "Jeux"
    assert after[2]["filtered"][0]["keyword_matches"] == ["loto"]
    assert all(each[2]["filtered"] == [] for each in for_paul)
    assert gone == ("user", "filters_changed", None)


async def test_what_was_let_in_is_told(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    await marie.http.patch("/api/v2/notifications/policy", json={"for_not_following": "filter"})
    async with ear(neighbours.here, marie.token, "?stream=user") as app:
        await app.reached()
        await neighbours.here.say(paul.account, "Bonjour @marie")
        await marie.http.post(f"/api/v1/notifications/requests/{paul.account.id}/accept")
        told = await app.event()

    assert told == ("user", "notifications_merged", 1), "what waits is told to nobody"


async def test_server_sent_events_tell_the_same(neighbours: Neighbours, marie: App) -> None:
    async with feed(neighbours.here, marie.token, "user") as app:
        assert app.answer.status == 200
        assert app.answer.headers["Content-Type"].startswith("text/event-stream")
        assert app.answer.headers["Access-Control-Allow-Origin"] == "*"
        assert app.answer.headers["X-Accel-Buffering"] == "no"
        post = await neighbours.here.say(marie.account, "Bonjour")
        event, status = await app.event()
        await marie.http.delete(f"/api/v1/statuses/{post.id}")
        gone = await app.event()
        await marie.http.post("/api/v2/filters", json={"title": "x", "context": ["home"]})
        changed = await app.event()

    assert (event, status["id"]) == ("update", str(post.id))
    assert gone == ("delete", str(post.id))
    assert changed == ("filters_changed", "undefined")


@pytest.mark.parametrize(
    ("path", "heard"),
    [
        ("public", True),
        ("public/local", True),
        ("public/remote", False),
        ("public?only_media=true", False),
        ("hashtag?tag=jardin", True),
        ("hashtag/local?tag=JARDIN", True),
        ("hashtag?tag=mer", False),
    ],
)
async def test_each_public_stream_has_an_address(
    neighbours: Neighbours, marie: App, path: str, heard: bool
) -> None:
    async with (
        feed(neighbours.here, marie.token, path) as app,
        feed(neighbours.here, marie.token, "public") as all_,
    ):
        post = await neighbours.here.say(marie.account, "Bonjour #jardin")
        await all_.event()
        await marie.http.delete(f"/api/v1/statuses/{post.id}")
        first, _ = await app.event()

    assert first == ("update" if heard else "delete")


async def test_sec_mod_02_a_stream_shows_what_is_quoted_as_each_reader_may_see_it(
    neighbours: Neighbours, marie: App
) -> None:
    paul, rosa, luc = [await neighbours.app(name) for name in ("paul", "rosa", "luc")]
    quoted = await said(paul, "Ma recette")
    await marie.http.post(f"/api/v1/accounts/{paul.account.id}/block")
    await rosa.http.post(f"/api/v1/accounts/{paul.account.id}/mute")
    told = {}
    for reader in (marie, rosa, luc):
        async with ear(neighbours.here, reader.token, "?stream=public") as app:
            await app.reached()
            status = await said(luc, "À lire", quoted_status_id=quoted["id"])
            _, _, heard = await app.event()
        told[reader.account.username] = heard["quote"]
        asked = await reader.http.get(f"/api/v1/statuses/{status['id']}")
        assert heard == asked.json()

    assert told["marie"] == {"state": "unauthorized", "quoted_status": None}
    assert told["rosa"]["state"] == "muted_account"
    assert told["luc"]["state"] == "accepted"
    assert told["rosa"]["quoted_status"]["id"] == told["luc"]["quoted_status"]["id"]


async def test_streams_of_media_tell_only_of_posts_that_have_some(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    async with (
        feed(here, marie.token, "public?only_media=true") as all_,
        feed(here, marie.token, "public/local/media") as local,
        ear(here, marie.token, "?stream=public:media") as app,
        ear(here, marie.token, "?stream=public:remote:media") as remote,
    ):
        await app.reached()
        await remote.reached()
        await here.say(marie.account, "Sans image")
        async with here.commune.database.transaction() as tx:
            post = await feeds.publish(tx, marie.account, Draft("Avec image"))
            await tx.db.execute(
                "insert into commune.attachment (post_id, position, media_type, url) "
                "values ($1, 0, 'image/png', 'https://media.example/x.png')",
                post.id,
            )
        told = [await all_.event(), await local.event(), (await app.event())[1:]]
        await marie.http.delete(f"/api/v1/statuses/{post.id}")
        gone = await remote.event()

    assert [(event, status["id"]) for event, status in told] == [("update", str(post.id))] * 3
    (shown,) = told[0][1]["media_attachments"]
    assert shown["url"] == here.commune.instance.picture("whole", "https://media.example/x.png")
    assert gone == ("public:remote:media", "delete", str(post.id))


async def test_a_stream_shows_that_it_lives(
    neighbours: Neighbours, marie: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "THUMP", 0.05)
    async with feed(neighbours.here, marie.token, "user") as app:
        assert await app.line() == ":thump\n"


async def test_the_streams_say_that_they_are_there(neighbours: Neighbours) -> None:
    http = await neighbours.http()
    answer = await http.get("/api/v1/streaming/health")
    assert (answer.status_code, answer.text) == (200, "OK")
    answer = await http.get("/health")
    assert (answer.status_code, answer.text) == (200, "OK")


async def test_an_announcement_is_told_to_everybody(neighbours: Neighbours, marie: App) -> None:
    database = neighbours.here.commune.database
    async with ear(neighbours.here, marie.token, "?stream=user") as app:
        await app.reached()
        async with database.transaction() as tx:
            made = await announcements.announce(tx, "Coupure d'eau **demain**", Span())
        _, event, told = await app.event()
        assert (event, told["id"], told["reactions"]) == ("announcement", str(made.id), [])
        assert "<strong>demain</strong>" in told["content"]
        async with database.transaction() as tx:
            await announcements.react(tx, marie.account, made.id, "🎉")
        _, event, told = await app.event()
        assert (event, told) == (
            "announcement.reaction",
            {"name": "🎉", "count": 1, "announcement_id": str(made.id)},
        )
        async with database.transaction() as tx:
            await announcements.end(tx, made.id)
        assert await app.event() == ("user", "announcement.delete", str(made.id))


async def test_what_looks_different_without_an_edit_can_be_told(
    neighbours: Neighbours, marie: App
) -> None:
    post = await neighbours.here.say(marie.account, "Qui vient ?")
    async with ear(neighbours.here, marie.token, "?stream=user") as app:
        await app.reached()
        async with neighbours.here.commune.database.transaction() as tx:
            await stream.changed(tx.db, post.id)
        _, event, status = await app.event()

    assert (event, status["id"]) == ("status.update", str(post.id))
