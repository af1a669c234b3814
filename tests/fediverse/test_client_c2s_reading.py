"""What an app reads: the inbox, the outbox, other servers through the proxy (ActivityPub 5)."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from fedcommune.domain.mutes import actions as mutes
from federation.names import PUBLIC
from tests.fediverse.apps import CONTEXT, App, app_of, everything, new_app
from tests.fediverse.asking import AS2, ask, document, walk
from tests.fediverse.conftest import Neighbours
from tests.support import communes
from tests.support.communes import Clock
from tests.support.evil import EvilServer


@pytest.fixture
async def marie(neighbours: Neighbours) -> App:
    return await new_app(neighbours.here, "marie")


@pytest.fixture
async def paul(neighbours: Neighbours) -> App:
    """Somebody of the same commune."""
    return await new_app(neighbours.here, "paul")


@pytest.fixture
async def jean(neighbours: Neighbours) -> App:
    """Somebody of the other commune."""
    return await new_app(neighbours.there, "jean")


def inbox_of(app: App) -> str:
    return f"{app.account.actor_id}/inbox"


async def test_c2s_30_the_inbox_is_ordered_newest_first_and_says_each_thing_once(
    neighbours: Neighbours, marie: App, paul: App, jean: App
) -> None:
    for writer in (paul, jean):
        await marie.does({"type": "Follow", "object": writer.account.actor_id})
    await neighbours.settle()
    mention = {"type": "Mention", "href": marie.account.actor_id}
    first = await jean.says("un", to=[jean.account.followers_url])
    await neighbours.settle()
    second = await paul.says("deux", cc=[marie.account.actor_id], tag=[mention])
    third = await jean.says("trois", cc=[marie.account.actor_id], tag=[mention])
    await neighbours.settle()
    mine = await marie.says("à moi")
    like_id = await jean.does({"type": "Like", "object": mine["id"]})
    await neighbours.settle()
    collection = await marie.reads(inbox_of(marie))
    assert collection["type"] == "OrderedCollection"
    found = await marie.items(inbox_of(marie))
    about = [each["id"] if each["type"] == "Like" else each["object"]["id"] for each in found]
    assert about == [like_id, third["id"], second["id"], first["id"]]
    assert [each["type"] for each in found] == ["Like", "Create", "Create", "Create"]
    assert [each["actor"] for each in found][1:] == [
        jean.account.actor_id,
        paul.account.actor_id,
        jean.account.actor_id,
    ]


async def test_c2s_30_the_inbox_is_filtered(
    neighbours: Neighbours, marie: App, paul: App, jean: App
) -> None:
    for writer in (paul, jean):
        await marie.does({"type": "Follow", "object": writer.account.actor_id})
    await neighbours.settle()
    await paul.says("un", to=[paul.account.followers_url])
    await jean.says("deux", to=[jean.account.followers_url])
    hidden = await jean.does({"type": "Note", "content": "pour personne", "to": []})
    await neighbours.settle()
    assert len(await marie.items(inbox_of(marie))) == 2
    assert hidden not in str(await marie.items(inbox_of(marie)))
    async with neighbours.here.commune.database.transaction() as tx:
        await mutes.mute(tx, marie.account, paul.account)
    (left,) = await marie.items(inbox_of(marie))
    assert left["object"]["content"] == "deux"
    await marie.does({"type": "Block", "object": jean.account.actor_id})
    assert await marie.items(inbox_of(marie)) == []


async def test_c2s_30_what_is_addressed_arrives_named_or_not(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    mention = {"type": "Mention", "href": marie.account.actor_id}
    question = await marie.says("Qui vient ?")
    said = [
        await paul.says("cc", cc=[marie.account.actor_id]),
        await paul.says("bcc", bcc=[marie.account.actor_id]),
        await paul.says("direct", to=[marie.account.actor_id]),
        await paul.says("tag", tag=[mention]),
        await paul.says("answer", inReplyTo=question["id"]),
    ]
    await paul.says("de rien")
    found = await marie.items(inbox_of(marie))
    assert [each["object"]["id"] for each in found] == [each["id"] for each in said][::-1]
    await marie.does({"type": "Follow", "object": paul.account.actor_id})
    followed = await marie.items(inbox_of(marie))
    assert len(followed) == len(said) + 1
    assert len({each["object"]["id"] for each in followed}) == len(followed)


async def test_c2s_30_only_the_owner_reads_the_inbox(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    await marie.does({"type": "Follow", "object": paul.account.actor_id})
    await paul.says("secret", to=[paul.account.followers_url])
    for part in ("", "/page", "/page/5"):
        address = inbox_of(marie) + part
        assert (await ask(neighbours.here, address)).status_code == 401
        assert (await marie.call("GET", address, token="nonsense")).status_code == 401
        answer = await paul.call("GET", address)
        assert answer.status_code == 403
        assert "secret" not in answer.text
        for scopes in ("write", "read:notifications", "read:statuses"):
            narrow = await app_of(neighbours.here, marie.account, scopes)
            assert (await narrow.call("GET", address)).status_code == 403
        answer = await marie.call("GET", address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store"


async def test_c2s_31_the_outbox_shows_each_reader_what_is_for_them(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    await paul.does({"type": "Follow", "object": marie.account.actor_id})
    open_note = await marie.says("pour tous")
    closed = await marie.says("pour qui me suit", to=[marie.account.followers_url])
    await marie.does({"type": "Follow", "object": paul.account.actor_id})
    own = await marie.items(marie.outbox)
    assert [each["type"] for each in own] == ["Follow", "Create", "Create"]
    assert own[1]["object"]["id"] == closed["id"]
    assert [each["object"]["id"] for each in await paul.items(marie.outbox)] == [open_note["id"]]
    assert [each["object"]["id"] for each in await walk(neighbours.here, marie.outbox)] == [
        open_note["id"]
    ]
    assert (await marie.call("GET", marie.outbox)).headers["cache-control"] == "private, no-store"
    bad = await marie.call("GET", marie.outbox, token="nonsense")
    assert bad.status_code == 401


async def test_c2s_31_a_token_reads_what_its_person_may_read(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    note = await paul.says("pour qui me suit", to=[paul.account.followers_url])
    assert (await marie.call("GET", note["id"])).status_code == 404
    await marie.does({"type": "Follow", "object": paul.account.actor_id})
    answer = await marie.call("GET", note["id"])
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    narrow = await app_of(neighbours.here, marie.account, "write")
    assert (await narrow.call("GET", note["id"])).status_code == 403
    await paul.does({"type": "Block", "object": marie.account.actor_id})
    assert (await marie.call("GET", note["id"])).status_code == 404


async def test_c2s_32_blind_copies_are_shown_to_nobody(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    lea = await neighbours.here.citizen("lea")
    await paul.does({"type": "Follow", "object": marie.account.actor_id})
    note = {"type": "Note", "content": "Bonjour", "to": [PUBLIC], "bcc": [lea.actor_id]}
    create_id = await marie.does(note)
    for reader in (marie, paul):
        create = await reader.reads(create_id)
        found = [
            create,
            await reader.reads(create["object"]["id"]),
            await reader.items(marie.outbox),
            await reader.items(inbox_of(reader)),
            (await reader.proxied(create_id)).json(),
        ]
        for each in found:
            assert "bcc" not in str(each)
            assert lea.actor_id not in str(each)


async def test_c2s_33_an_actor_says_where_apps_go(neighbours: Neighbours, marie: App) -> None:
    here = neighbours.here
    endpoints = (await document(here, marie.account.actor_id))["endpoints"]
    assert endpoints["sharedInbox"] == f"{here.origin}/inbox"
    assert endpoints["proxyUrl"] == f"{here.origin}/ap/proxy"
    metadata = (await ask(here, "/.well-known/oauth-authorization-server")).json()
    assert endpoints["oauthAuthorizationEndpoint"] == metadata["authorization_endpoint"]
    assert endpoints["oauthTokenEndpoint"] == metadata["token_endpoint"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    voice = await document(here, "/actor")
    assert voice["endpoints"] == {"sharedInbox": f"{here.origin}/inbox"}


async def test_c2s_34_pages_are_of_twenty_and_hold_everything_once(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    await paul.does({"type": "Follow", "object": marie.account.actor_id})
    said = []
    for number in range(25):
        said.append((await marie.says(str(number), to=[marie.account.followers_url]))["id"])
        if number % 5 == 0:
            await marie.does({"type": "Update", "object": {"id": said[-1], "summary": "x"}})
    page = await paul.reads(f"{inbox_of(paul)}/page")
    assert len(page["orderedItems"]) == 20
    assert [each["object"]["id"] for each in await paul.items(inbox_of(paul))] == said[::-1]
    assert len((await marie.reads(f"{marie.outbox}/page"))["orderedItems"]) == 20
    own = [each for each in await marie.items(marie.outbox) if each["type"] == "Create"]
    assert [each["object"]["id"] for each in own] == said[::-1]


async def test_c2s_29_the_proxy_brings_what_stands_elsewhere(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    note = await jean.says("Bonjour")
    for address in (note["id"], jean.account.actor_id, jean.outbox):
        answer = await marie.proxied(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{AS2}; charset=utf-8"
        assert answer.json()["id"] == address
    closed = await jean.says("Chut", to=[jean.account.followers_url])
    before = await everything(neighbours.here)
    assert (await marie.proxied(closed["id"])).status_code == 404
    assert (await marie.proxied(f"{neighbours.there.origin}/ap/posts/1")).status_code == 404
    assert await everything(neighbours.here) == before


async def test_c2s_29_ours_is_shown_with_the_eyes_of_who_asks(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    note = await paul.says("Chut", to=[paul.account.followers_url])
    assert (await marie.proxied(note["id"])).status_code == 404
    assert (await paul.proxied(note["id"])).json()["content"] == "Chut"
    assert (await paul.proxied(inbox_of(paul))).status_code == 200
    assert (await marie.proxied(inbox_of(paul))).status_code == 403
    for nothing in ("/", "/oauth/authorize", "/api/v1/accounts/verify_credentials", "/ap/proxy"):
        answer = await marie.proxied(neighbours.here.origin + nothing)
        assert answer.status_code in (404, 405), nothing
    assert (await marie.proxied(f"{neighbours.here.origin}/actor?x=1")).status_code == 404


async def test_c2s_29_sec_net_01_the_proxy_reaches_nothing_inside(
    neighbours: Neighbours, marie: App
) -> None:
    for address, status in (
        ("", 400),
        ("not an address", 400),
        ("file:///etc/passwd", 400),
        ("gopher://a.example/", 400),
        ("https://user@a.example/", 400),
        ("https://[", 400),
        ("http://169.254.169.254/latest/meta-data", 400),
        ("http://10.0.0.1/", 400),
    ):
        answer = await marie.proxied(address)
        assert answer.status_code == status, address
    assert (await marie.call("POST", "/ap/proxy", content=b"{}")).status_code == 415
    anonymous = App(neighbours.here, marie.account, "nonsense")
    assert (await anonymous.proxied(marie.account.actor_id)).status_code == 401
    narrow = await app_of(neighbours.here, marie.account, "write")
    assert (await narrow.proxied(marie.account.actor_id)).status_code == 403


async def test_c2s_29_only_documents_come_through_the_proxy(
    neighbours: Neighbours, marie: App
) -> None:
    secret = "a secret of the inside"
    async with EvilServer() as server:
        host = f"elsewhere.localhost:{server.port}"
        note = {"@context": CONTEXT, "id": f"http://{host}/other", "type": "Note", "name": secret}
        large = b'{"type": "Note", "content": "%b"}' % (b"x" * 1_100_000)
        for path, body, kind in (
            ("/page", f"<p>{secret}</p>".encode(), "text/html"),
            ("/json", orjson.dumps({"x": secret}), "application/json"),
            ("/plain", orjson.dumps({**note, "@context": None, "id": f"http://{host}/plain"}), AS2),
            ("/forged", orjson.dumps(note), AS2),
            ("/large", large, AS2),
            ("/broken", b"{", AS2),
        ):
            server.says(path, body, content_type=kind, host="elsewhere.localhost")
            answer = await marie.proxied(f"http://{host}{path}")
            assert answer.status_code in (404, 502), path
            assert secret not in answer.text
        asked = [each for each in server.asked if each.header("authorization")]
        assert asked == []
    assert (await marie.proxied(f"http://{host}/page")).status_code == 503


async def test_c2s_27_and_c2s_29_the_proxy_asks_no_more_than_is_reasonable(
    database_url: str,
) -> None:
    async with communes.town("saint-leu", database_url, Clock(), limited=True) as here:
        marie = await new_app(here, "marie")
        paul = await new_app(here, "paul")
        answers = await asyncio.gather(*(marie.proxied(here.origin + "/actor") for _ in range(100)))
        statuses = [each.status_code for each in answers]
        assert statuses.count(200) >= 60
        assert set(statuses) == {200, 429}
        assert (await paul.proxied(here.origin + "/actor")).status_code == 200


async def test_sec_vis_12_a_page_of_another_site_may_call_with_a_token(marie: App) -> None:
    for address in (marie.outbox, inbox_of(marie), "/ap/proxy"):
        answer = await marie.call("OPTIONS", address, token="")
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in answer.headers
    answer = await marie.post({"type": "Note", "content": "x", "to": []})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Location" in answer.headers["access-control-expose-headers"]
