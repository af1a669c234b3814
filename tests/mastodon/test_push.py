"""Closed apps are told what their people are told, and only they can read it (SEC-AUT-12)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.grants import actions as grants
from fedcommune.domain.notifications import actions, pushes, subscriptions
from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid
from federation.iris import PUBLIC_WEB
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.pushed import Phone, claims, encoded
from tests.mastodon.test_mastodon_py import away, library
from tests.mastodon.test_mastodon_py import names_of_this_machine as names_of_this_machine
from tests.support.evil import EvilServer

PATH = "/api/v1/push/subscription"


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    async with EvilServer() as server:
        yield Phone(server)


async def subscribe(app: App, phone: Phone, *alerts: str, **how: Any) -> dict[str, Any]:
    answer = await app.http.post(PATH, json=phone.wishes(*alerts, **how))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def push(neighbours: Neighbours) -> None:
    """Tell closed apps until nothing is due any more."""
    while await neighbours.here.commune.pusher.step():
        pass


async def test_an_app_says_where_and_of_what_it_is_told(marie: App, phone: Phone) -> None:
    assert (await marie.http.get(PATH)).status_code == 404
    assert (await marie.http.put(PATH, json={"data": {"policy": "all"}})).status_code == 404
    said = await subscribe(marie, phone, "mention", "follow", policy="followed")
    instance = (await marie.http.get("/api/v2/instance")).json()

    assert said["endpoint"] == phone.endpoint
    assert said["server_key"] == instance["configuration"]["vapid"]["public_key"]
    assert (said["standard"], said["policy"]) == (True, "followed")
    assert {name for name, wanted in said["alerts"].items() if wanted} == {"mention", "follow"}
    assert (await marie.http.get(PATH)).json() == said

    form = {"data[alerts][poll]": "true", "data[alerts][mention]": "0", "data[policy]": "none"}
    changed = (await marie.http.put(PATH, data=form)).json()
    assert (changed["id"], changed["policy"]) == (said["id"], "none")
    assert {name for name, wanted in changed["alerts"].items() if wanted} == {"poll"}

    again = await subscribe(marie, phone, "mention", standard=False)
    assert again["id"] != said["id"]
    assert (again["standard"], again["policy"]) == (False, "all")
    assert (await marie.http.delete(PATH)).json() == {}
    assert (await marie.http.get(PATH)).status_code == 404
    assert (await marie.http.delete(PATH)).json() == {}


async def test_sec_aut_12_what_is_told_can_be_read_by_the_app_alone(
    neighbours: Neighbours, marie: App, phone: Phone
) -> None:
    server_key = (await subscribe(marie, phone, "mention"))["server_key"]
    paul = await neighbours.app("paul")
    await neighbours.here.say(paul.account, "Bonjour @marie, **ça va** ?")
    (told,) = (await marie.http.get("/api/v1/notifications")).json()
    await push(neighbours)

    (asked,) = phone.received
    assert asked.method == "POST"
    assert asked.header("Content-Encoding") == "aes128gcm"
    assert asked.header("Urgency") == "high"
    assert int(asked.header("TTL") or "") > 0
    kind, _, rest = (asked.header("Authorization") or "").partition(" ")
    token, key = rest.removeprefix("t=").split(",k=")
    assert (kind, key) == ("vapid", server_key)
    said = claims(token, key)
    assert said["aud"] == phone.endpoint.removesuffix(phone.path)
    assert said["sub"].startswith(("mailto:", "http"))
    assert b"Bonjour" not in asked.body
    assert phone.read(asked) == {
        "access_token": marie.token,
        "preferred_locale": "fr",
        "notification_id": int(told["id"]),
        "notification_type": "mention",
        "icon": told["account"]["avatar"],
        "title": "Paul vous mentionne",
        "body": "Bonjour @marie, ça va ?",
    }
    stored = await neighbours.here.commune.database.pool.fetchval(
        "select token from commune.push_subscription"
    )
    assert marie.token.encode() not in stored, "the token is sealed (SEC-AUT-07)"


async def test_an_app_of_before_the_standard_is_told_as_it_reads(
    neighbours: Neighbours, marie: App, phone: Phone
) -> None:
    """As Mastodon.py does: aesgcm, with the keys in headers."""
    api = library(neighbours.here, marie)
    private, public = await away(api.push_subscription_generate_keys)
    made = await away(
        lambda: api.push_subscription_set(phone.endpoint, public, favourite_events=True)
    )
    assert made.alerts.favourite
    paul = await neighbours.app("paul")
    post = await neighbours.here.say(marie.account, "Bonjour")
    await paul.http.post(f"/api/v1/statuses/{post.id}/favourite")
    await push(neighbours)

    (asked,) = phone.received
    assert asked.header("Content-Encoding") == "aesgcm"
    encryption, keys = asked.header("Encryption"), asked.header("Crypto-Key")
    assert encryption is not None
    assert keys is not None
    assert (asked.header("Authorization") or "").startswith("WebPush ")
    read = await away(
        lambda: api.push_subscription_decrypt_push(asked.body, private, encryption, keys)
    )
    assert (read.notification_type, read.access_token) == ("favourite", marie.token)
    assert read.title == "Paul aime votre publication"
    assert (await away(api.push_subscription)).endpoint == phone.endpoint
    await away(api.push_subscription_delete)
    assert await neighbours.here.count("commune.push_subscription") == 0


@pytest.mark.parametrize(
    ("policy", "who"),
    [
        ("all", ["paul", "jean", "luc"]),
        ("followed", ["paul"]),
        ("follower", ["jean"]),
        ("none", []),
    ],
)
async def test_an_app_is_told_of_whom_it_wants_and_of_what(
    neighbours: Neighbours, marie: App, phone: Phone, policy: str, who: list[str]
) -> None:
    people = {name: await neighbours.app(name) for name in ("paul", "jean", "luc")}
    await marie.http.post(f"/api/v1/accounts/{people['paul'].account.id}/follow")
    await people["jean"].http.post(f"/api/v1/accounts/{marie.account.id}/follow")
    await subscribe(marie, phone, "mention", policy=policy)
    post = await neighbours.here.say(marie.account, "Bonjour")
    for app in people.values():
        await neighbours.here.say(app.account, "Bonjour @marie", to=post)
        await app.http.post(f"/api/v1/statuses/{post.id}/favourite")
    await push(neighbours)

    told = sorted(phone.read(asked)["title"] for asked in phone.received)
    assert told == sorted(f"{name.capitalize()} vous répond" for name in who)


async def test_sec_vis_01_what_may_no_longer_be_heard_is_not_told(
    neighbours: Neighbours, marie: App, phone: Phone
) -> None:
    """Between what happened and the telling of it, much can change."""
    here = neighbours.here
    people = {name: await neighbours.app(name) for name in ("paul", "jean", "luc", "rosa", "tom")}
    await subscribe(marie, phone, "mention", "follow")
    await marie.http.patch("/api/v2/notifications/policy", json={"for_private_mentions": "filter"})
    said = {name: await here.say(app.account, "@marie !") for name, app in people.items()}
    await here.say(people["tom"].account, "@marie Psst", Visibility.DIRECT)
    assert await here.count("commune.push") == 5, "what waits to be let in is told to nobody"
    await people["paul"].http.delete(f"/api/v1/statuses/{said['paul'].id}")
    await marie.http.post(f"/api/v1/accounts/{people['jean'].account.id}/mute")
    await people["luc"].http.post(f"/api/v1/accounts/{marie.account.id}/block")
    pool = here.commune.database.pool
    rosa = people["rosa"].account.id
    await pool.execute("update commune.account set suspended_at = now() where id = $1", rosa)
    await push(neighbours)

    assert [phone.read(asked)["title"] for asked in phone.received] == ["Tom vous mentionne"]
    assert await here.count("commune.push") == 0


async def test_sec_aut_04_a_token_that_ended_is_told_nothing(
    neighbours: Neighbours, marie: App, phone: Phone
) -> None:
    here, paul = neighbours.here, await neighbours.app("paul")
    await subscribe(marie, phone, "mention")
    await here.say(paul.account, "Bonjour @marie")
    async with here.commune.database.transaction() as tx:
        await grants.revoke_all(tx, marie.account.id)
    await push(neighbours)

    assert phone.received == []
    for table in ("push", "push_subscription"):
        assert await here.count(f"commune.{table}") == 0


async def test_a_suspended_citizen_is_told_nothing(
    neighbours: Neighbours, marie: App, phone: Phone
) -> None:
    here, paul = neighbours.here, await neighbours.app("paul")
    await subscribe(marie, phone, "mention")
    await here.say(paul.account, "Bonjour @marie")
    await here.commune.database.pool.execute(
        "update commune.account set suspended_at = now() where id = $1", marie.account.id
    )
    await push(neighbours)

    assert phone.received == []


async def test_what_is_not_kept_is_not_told(
    neighbours: Neighbours, marie: App, phone: Phone
) -> None:
    """The push is of the transaction that tells the person (nothing is told that never was)."""
    here, paul = neighbours.here, await neighbours.app("paul")
    await subscribe(marie, phone, "mention")
    with suppress(RuntimeError):
        async with here.commune.database.transaction() as tx:
            await _mention(tx, marie, paul)
            raise RuntimeError
    assert await here.count("commune.push") == 0
    async with here.commune.database.transaction() as tx:
        await _mention(tx, marie, paul)
    assert await here.count("commune.push") == 1


async def _mention(tx: Transaction, marie: App, paul: App) -> None:
    await actions.tell(tx, marie.account.id, "mention", paul.account.id)


async def test_two_workers_tell_it_once(neighbours: Neighbours, marie: App, phone: Phone) -> None:
    paul = await neighbours.app("paul")
    await subscribe(marie, phone, "mention")
    for _ in range(5):
        await neighbours.here.say(paul.account, "Bonjour @marie")
    pusher = neighbours.here.commune.pusher
    await asyncio.gather(*(pusher.step() for _ in range(4)))

    ids = [phone.read(asked)["notification_id"] for asked in phone.received]
    assert len(ids) == len(set(ids)) == 5


@pytest.mark.parametrize("status", [404, 410])
async def test_an_app_that_is_gone_is_forgotten(
    neighbours: Neighbours, marie: App, phone: Phone, status: int
) -> None:
    paul = await neighbours.app("paul")
    await subscribe(marie, phone, "mention")
    phone.status = status
    for _ in range(3):
        await neighbours.here.say(paul.account, "Bonjour @marie")
    await push(neighbours)

    assert (await marie.http.get(PATH)).status_code == 404
    assert await neighbours.here.count("commune.push") == 0


@pytest.mark.parametrize("status", [400, 403, 413])
async def test_what_is_refused_is_not_told_again(
    neighbours: Neighbours, marie: App, phone: Phone, status: int
) -> None:
    """One letter too many is one; when nothing is taken any more, nothing more is sent."""
    paul = await neighbours.app("paul")
    await subscribe(marie, phone, "mention")
    phone.status = status
    for number in range(1, pushes.MOST_REFUSALS + 2):
        await neighbours.here.say(paul.account, "Bonjour @marie")
        await push(neighbours)
        assert len(phone.received) == min(number, pushes.MOST_REFUSALS)
    assert await neighbours.here.count("commune.push") == 0
    assert (await marie.http.get(PATH)).status_code == 404


async def test_a_service_that_is_away_is_left_alone_longer_and_longer(
    neighbours: Neighbours, marie: App, phone: Phone
) -> None:
    here, paul = neighbours.here, await neighbours.app("paul")
    elsewhere = Phone(phone.server, path="/other", host="other.localhost")
    other = App(
        marie.account,
        token := await neighbours.token(here, marie.account),
        await neighbours.http(here, token),
    )
    await subscribe(marie, phone, "mention")
    await subscribe(other, elsewhere, "mention")
    phone.status, phone.headers = 503, [("Retry-After", "120")]
    await here.say(paul.account, "Bonjour @marie")
    await push(neighbours)
    assert (len(phone.received), len(elsewhere.received)) == (1, 1), "each has its own patience"

    await here.say(paul.account, "Encore @marie")
    neighbours.clock.pass_by(seconds=100)
    await push(neighbours)
    assert (len(phone.received), len(elsewhere.received)) == (1, 2)

    neighbours.clock.pass_by(seconds=30)
    phone.status, phone.headers = 201, []
    await push(neighbours)
    assert len(phone.received) == 3
    assert await here.count("commune.push") == 0
    assert await here.count("commune.push_host") == 0


async def test_nothing_is_tried_for_ever(neighbours: Neighbours, marie: App, phone: Phone) -> None:
    paul = await neighbours.app("paul")
    await subscribe(marie, phone, "mention")
    phone.status = 500
    await neighbours.here.say(paul.account, "Bonjour @marie")
    for _ in range(40):
        await push(neighbours)
        neighbours.clock.pass_by(hours=2)

    assert len(phone.received) == pushes.MOST_ATTEMPTS
    assert await neighbours.here.count("commune.push") == 0
    assert (await marie.http.get(PATH)).status_code == 200, "the app may be there again one day"


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": ""},
        {"endpoint": "ftp://push.example/x"},
        {"endpoint": "https://169.254.169.254/latest"},
        {"endpoint": "https://10.0.0.1/x"},
        {"endpoint": "https://[fd00::1]/x"},
        {"endpoint": "https://router.lan/x"},
        {"endpoint": "https://user:password@push.example/x"},
        {"endpoint": "https://push.example/" + "x" * 3_000},
        {"p256dh": ""},
        {"p256dh": "AAAA"},
        {"p256dh": encoded(b"\x04" + bytes(64))},
        {"auth": encoded(bytes(15))},
        {"auth": "é" * 22},
    ],
)
async def test_sec_aut_12_nonsense_is_refused_and_nothing_is_kept(
    neighbours: Neighbours, marie: App, phone: Phone, change: dict[str, str]
) -> None:
    wishes = phone.wishes("mention")
    said = wishes["subscription"]
    said["keys"].update({k: v for k, v in change.items() if k != "endpoint"})
    said["endpoint"] = change.get("endpoint", said["endpoint"])
    answer = await marie.http.post(PATH, json=wishes)

    assert answer.status_code == 422, answer.text
    assert await neighbours.here.count("commune.push_subscription") == 0


async def test_a_policy_that_is_none_is_refused(marie: App, phone: Phone) -> None:
    first = await subscribe(marie, phone, "mention")
    for method in ("POST", "PUT"):
        wishes = phone.wishes("follow", policy="friends")
        assert (await marie.http.request(method, PATH, json=wishes)).status_code == 422
    assert (await marie.http.get(PATH)).json() == first


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://x.example:8443/",
    ],
)
def test_sec_aut_12_outside_of_development_only_the_public_web_is_told(
    phone_keys: tuple[str, str], endpoint: str
) -> None:
    key, secret = phone_keys
    with pytest.raises(Invalid):
        subscriptions.place(endpoint, key, secret, standard=True, reach=PUBLIC_WEB)
    subscriptions.place("https://push.example/x", key, secret, standard=True, reach=PUBLIC_WEB)


@pytest.fixture
def phone_keys() -> tuple[str, str]:
    phone = Phone(EvilServer())
    return encoded(phone.public_key), encoded(phone.secret)


async def test_sec_dos_06_an_account_is_told_in_so_many_places(
    neighbours: Neighbours, marie: App, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "MAX_SUBSCRIPTIONS", 2)
    for _ in range(3):
        token = await neighbours.token(neighbours.here, marie.account)
        app = App(marie.account, token, await neighbours.http(neighbours.here, token))
        await subscribe(app, phone, "mention")
    assert await neighbours.here.count("commune.push_subscription") == 2
    assert (await app.http.get(PATH)).status_code == 200, "the newest is kept"
