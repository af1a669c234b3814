"""Who may listen, to what, for how long, and how much (SEC-VIS-05, SEC-AUT-04, SEC-AUT-06)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from websockets.exceptions import InvalidStatus

from fedcommune.domain.citizens.queries import sessions
from fedcommune.domain.grants import actions as grants
from fedcommune.domain.grants import model
from fedcommune.domain.grants.model import Registration, Scopes
from fedcommune.domain.timelines import stream as streams
from fedcommune.domain.visibility import Visibility
from fedcommune.mastodon import authentication
from fedcommune.mastodon.streams import connection
from fedcommune.mastodon.streams.hub import Hub
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.listening import ear, feed
from tests.support.communes import Town

pytestmark = pytest.mark.usefixtures("hearing")

PATHS = (
    *("user", "user/notification", "public", "public/local", "public/remote", "direct"),
    *("public/media", "hashtag?tag=x", "hashtag/local?tag=x", "list?list=1"),
)
OUTSIDE = {"error": "This action is outside the authorized scopes", "status": 403}
ABSENT = {"error": "Record not found", "status": 404}


async def sql(town: Town, statement: str, *values: object) -> None:
    await town.commune.database.pool.execute(statement, *values)


async def for_an_application(town: Town) -> str:
    async with town.commune.database.transaction() as tx:
        asking, _ = await grants.register(
            tx, Registration("x", (model.OUT_OF_BAND,), Scopes.parse("read"))
        )
        _, token = await grants.for_itself(tx, asking, Scopes.parse("read"))
        return token


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5_000])
async def test_sec_vis_05_without_a_good_token_nobody_listens(
    neighbours: Neighbours, token: str
) -> None:
    here = neighbours.here
    with pytest.raises(InvalidStatus) as refused:
        async with ear(here, token, "?stream=public"):
            pass
    assert refused.value.response.status_code == 401
    for path in PATHS:
        async with feed(here, token, path) as answered:
            assert answered.answer.status == 401, path


async def test_sec_aut_06_an_application_alone_does_not_listen(neighbours: Neighbours) -> None:
    token = await for_an_application(neighbours.here)
    with pytest.raises(InvalidStatus) as refused:
        async with ear(neighbours.here, token, "?stream=public"):
            pass
    assert refused.value.response.status_code == 401
    for path in PATHS:
        async with feed(neighbours.here, token, path) as answered:
            assert answered.answer.status == 403, path


async def test_a_token_comes_as_header_in_the_address_or_as_subprotocol(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    async with ear(here, marie.token) as app:
        assert app.socket.subprotocol is None
        await app.reached()
    async with ear(here, query=f"?access_token={marie.token}&stream=user") as app:
        await app.reached()
    async with ear(here, query="/?stream=user", subprotocols=[marie.token]) as app:
        assert app.socket.subprotocol == marie.token
        await app.reached()
    async with ear(here, marie.token, origin="https://elsewhere.example") as app:
        await app.reached()
    async with feed(here, "", f"user?access_token={marie.token}", Authorization="") as answered:
        assert answered.answer.status == 200
    http = await neighbours.http()
    elsewhere = await http.get(f"/api/v1/timelines/home?access_token={marie.token}")
    assert elsewhere.status_code == 401, "addresses are written down: only streams take them there"


async def test_sec_vis_05_each_stream_needs_its_scope(neighbours: Neighbours, marie: App) -> None:
    here, paul = neighbours.here, await neighbours.app("paul")
    statuses = await neighbours.token(here, marie.account, Scopes.parse("read:statuses"))
    told = await neighbours.token(here, marie.account, Scopes.parse("read:notifications"))
    none = await neighbours.token(here, marie.account, Scopes.parse("write read:lists"))
    names = ("user", "public", "public:local", "hashtag", "direct", "list")
    for token, refused in (
        (none, (*names, "user:notification")),
        (told, names),
        (statuses, ("user:notification",)),
    ):
        async with ear(here, token) as app:
            for name in refused:
                await app.say(type="subscribe", stream=name, tag="x", list="1")
                assert await app.next() == OUTSIDE, name

    async with (
        ear(here, statuses, "?stream=user") as of_statuses,
        ear(here, told, "?stream=user:notification") as of_told,
    ):
        await of_statuses.reached()
        await of_told.reached()
        await here.say(paul.account, "Bonjour @marie")
        await here.say(marie.account, "Ensuite")
        assert (await of_told.event())[1] == "notification"
        assert (await of_statuses.event())[1] == "update", "no word of the notification"


async def test_what_cannot_be_done_is_said_and_the_socket_stays(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    foreign = (await paul.http.post("/api/v1/lists", json={"title": "x"})).json()["id"]
    async with ear(neighbours.here, marie.token, "?stream=nonsense") as app:
        assert await app.next() == {"error": "Unknown stream type", "status": 400}
        for list_id in (foreign, "1"):
            await app.say(type="subscribe", stream="list", list=list_id)
            assert await app.next() == ABSENT
        for name, more in (("hashtag", {}), ("hashtag", {"tag": " "}), ("list", {"list": "x"})):
            await app.say(type="subscribe", stream=name, **more)
            assert (await app.next())["status"] == 400
        for nonsense in ("", "{", "[]", "1", '{"type": "dance"}', b"\x00", "x" * 5_000, "null"):
            await app.socket.send(nonsense)
            assert (await app.next())["status"] == 422, nonsense
        await app.subscribe("user")
        await neighbours.here.say(marie.account, "Bonjour")
        assert (await app.event())[1] == "update"
    async with feed(neighbours.here, marie.token, f"list?list={foreign}") as answered:
        assert answered.answer.status == 404
    async with feed(neighbours.here, marie.token, "hashtag") as answered:
        assert answered.answer.status == 400


Ends = Callable[[Neighbours, App], Awaitable[object]]


async def revoked(neighbours: Neighbours, app: App) -> None:
    async with neighbours.here.commune.database.transaction() as tx:
        await grants.revoke_all(tx, app.account.id)


async def everything_ended(neighbours: Neighbours, app: App) -> None:
    """What a changed password, a recovery and the second step do."""
    async with neighbours.here.commune.database.transaction() as tx:
        await sessions.end_all(tx.db, app.account.id, tx.now, but=None, applications=True)


async def suspended(neighbours: Neighbours, app: App) -> None:
    await sql(
        neighbours.here,
        "update commune.account set suspended_at = now() where id = $1",
        app.account.id,
    )


async def left(neighbours: Neighbours, app: App) -> None:
    await sql(
        neighbours.here,
        "update commune.account set deleted_at = now() where id = $1",
        app.account.id,
    )


async def application_removed(neighbours: Neighbours, app: App) -> None:
    """CVE-2024-25619."""
    await sql(neighbours.here, "delete from commune.application")


@pytest.mark.parametrize("end", [revoked, everything_ended, suspended, left, application_removed])
async def test_sec_vis_05_who_may_no_longer_listen_is_cut_off_at_once(
    neighbours: Neighbours, marie: App, end: Ends
) -> None:
    here, paul = neighbours.here, await neighbours.app("paul")
    async with (
        ear(here, marie.token, "?stream=user") as socket,
        ear(here, marie.token) as idle,
        feed(here, marie.token, "public") as events,
    ):
        await socket.reached()
        await idle.reached()
        await end(neighbours, marie)
        assert await socket.ended() == 1008
        assert await idle.ended() == 1008
        assert await events.ended()
    await here.say(paul.account, "Sans Marie")
    with pytest.raises(InvalidStatus):
        async with ear(here, marie.token):
            pass


async def test_sec_vis_05_others_stay_when_one_is_cut_off(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    async with ear(neighbours.here, paul.token, "?stream=user") as app:
        await app.reached()
        await revoked(neighbours, marie)
        await neighbours.here.say(paul.account, "Toujours là")
        assert (await app.event())[1] == "update"


async def test_sec_vis_05_whoever_no_longer_administers_is_cut_off(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    garden = await here.organisation(marie.account, "jardin")
    token = await neighbours.token(here, marie.account, acting=garden)
    async with ear(here, token, "?stream=user") as app, ear(here, marie.token) as own:
        await app.reached()
        await sql(here, "update commune.link set is_admin = false where target_id = $1", garden.id)
        assert await app.ended() == 1008
        await own.reached()


async def test_a_token_that_ends_by_itself_ends_its_stream(
    neighbours: Neighbours, marie: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fedcommune.mastodon.streams.hub.LOOK_AGAIN", 0.05)
    async with ear(neighbours.here, marie.token, "?stream=user") as app:
        await app.reached()
        # Nobody is told of this one.
        await sql(
            neighbours.here, "update commune.token set expires_at = now() - interval '1 hour'"
        )
        assert await app.ended() == 1008


async def test_sec_vis_05_nobody_hears_that_something_private_was_deleted(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    paul, luc = await neighbours.app("paul"), await neighbours.app("luc")
    await luc.http.post(f"/api/v1/accounts/{paul.account.id}/follow")
    said = [
        await here.say(paul.account, "Pour Marie @marie", Visibility.DIRECT),
        await here.say(paul.account, "Aux miens", Visibility.FOLLOWERS),
        await here.say(paul.account, "Pour tous"),
    ]
    everybody: dict[str, list[str]] = {}
    async with (
        ear(here, marie.token, "?stream=user") as of_marie,
        ear(here, luc.token, "?stream=user") as of_luc,
        ear(here, paul.token, "?stream=user") as of_paul,
        ear(here, marie.token, "?stream=public") as public,
    ):
        ears = {"marie": of_marie, "luc": of_luc, "paul": of_paul, "public": public}
        for each in ears.values():
            await each.reached()
        for post in said:
            await paul.http.delete(f"/api/v1/statuses/{post.id}")
        await here.say(paul.account, "@marie Fin #fin")
        await here.say(marie.account, "Fin")
        for name, each in ears.items():
            everybody[name] = []
            while (event := await each.event())[1] == "delete":
                everybody[name].append(event[2])
            assert event[1] in ("update", "notification")
    direct, followers, open_ = (str(post.id) for post in said)
    assert everybody == {
        "marie": [direct, open_],
        "luc": [followers, open_],
        "paul": [direct, followers, open_],
        "public": [open_],
    }


async def test_sec_mod_02_a_block_counts_at_once(neighbours: Neighbours, marie: App) -> None:
    here, paul = neighbours.here, await neighbours.app("paul")
    await marie.http.post(f"/api/v1/accounts/{paul.account.id}/follow")
    async with ear(here, marie.token, "?stream=user") as app:
        await app.subscribe("public")
        await here.say(paul.account, "Avant")
        assert {(await app.event())[0] for _ in range(2)} == {"user", "public"}
        await paul.http.post(f"/api/v1/accounts/{marie.account.id}/block")
        await here.say(paul.account, "Après")
        await here.say(marie.account, "Moi")
        assert (await app.event())[2]["content"] == "<p>Moi</p>"


async def test_sec_dos_06_so_many_streams_and_no_more(
    neighbours: Neighbours, marie: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PER_TOKEN", 2)
    monkeypatch.setattr(connection, "MOST_STREAMS", 2)
    here = neighbours.here
    async with ear(here, marie.token) as app, feed(here, marie.token, "user"):
        with pytest.raises(InvalidStatus) as refused:
            async with ear(here, marie.token):
                pass
        assert refused.value.response.status_code == 429
        async with feed(here, marie.token, "user") as answered:
            assert answered.answer.status == 429
        await app.subscribe("user")
        await app.subscribe("public")
        await app.subscribe("public")
        await app.say(type="subscribe", stream="direct")
        assert (await app.next())["status"] == 422
        await app.say(type="unsubscribe", stream="public")
        await app.subscribe("direct")
    async with ear(here, marie.token) as app:
        await app.reached()


async def test_sec_dos_06_so_many_from_one_address(
    neighbours: Neighbours, marie: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PER_ADDRESS", 1)
    paul = await neighbours.app("paul")
    async with ear(neighbours.here, marie.token):
        with pytest.raises(InvalidStatus) as refused:
            async with ear(neighbours.here, paul.token):
                pass
        assert refused.value.response.status_code == 429


async def test_sec_dos_02_who_does_not_read_is_let_go(
    neighbours: Neighbours, marie: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for an app is bounded, and what waited is dropped."""
    monkeypatch.setattr(connection, "WAITING", 3)
    commune = neighbours.here.commune
    caller = await authentication.caller_of(commune, marie.token)
    assert caller is not None
    async with Hub(commune).opened(caller, "192.0.2.1") as slow:
        slow.subscribe(streams.named("user"))
        for number in range(3):
            await neighbours.here.say(marie.account, f"Numéro {number}")
        first = await asyncio.wait_for(slow.next(), 8)
        assert first is not None
        for number in range(3):
            await neighbours.here.say(marie.account, f"Encore {number}")
        async with asyncio.timeout(8):
            while slow.code is None:  # noqa: ASYNC110  # told by another task
                await asyncio.sleep(0.01)
        assert slow.code == 1008
        assert await slow.next() is None


async def test_sec_dos_02_who_says_too_much_is_cut_off(neighbours: Neighbours, marie: App) -> None:
    async with ear(neighbours.here, marie.token) as app:
        await app.socket.send("x" * 20_000)
        assert await app.ended() == 1009


async def test_a_lost_ear_ends_the_streams_that_may_have_missed_something(
    neighbours: Neighbours, marie: App
) -> None:
    """Apps connect again, and read what they missed; then all goes on."""
    here = neighbours.here
    async with (
        ear(here, marie.token, "?stream=user") as app,
        feed(here, marie.token, "user") as old,
    ):
        await app.reached()
        database = await asyncpg.connect(here.commune.database.url)
        await database.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'fedcommune listener' and datname = current_database()"
        )
        await database.close()
        assert await app.ended() == 1012
        assert await old.ended()
    async with ear(here, marie.token, "?stream=user") as again:
        await again.reached()
        await here.say(marie.account, "De nouveau")
        assert (await again.event())[1] == "update"
