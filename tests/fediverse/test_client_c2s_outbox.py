"""The outbox takes what its owner's app does, and only that (ActivityPub 6)."""

from __future__ import annotations

from typing import Any

import pytest

from fedcommune.domain.grants.model import WIDE
from fedcommune.domain.visibility import Visibility
from federation.names import PUBLIC
from tests.fediverse.apps import App, app_of, everything, new_app
from tests.fediverse.asking import AS2, ask
from tests.fediverse.conftest import Neighbours
from tests.support import communes
from tests.support.communes import Clock

NOTE = {"type": "Note", "content": "<p>Bonjour</p>", "to": [PUBLIC]}


@pytest.fixture
async def marie(neighbours: Neighbours) -> App:
    return await new_app(neighbours.here, "marie")


@pytest.fixture
async def jean(neighbours: Neighbours) -> App:
    """Somebody of the other commune."""
    return await new_app(neighbours.there, "jean")


async def test_c2s_01_an_activity_is_done(marie: App) -> None:
    create = {"type": "Create", "actor": marie.account.actor_id, "to": [PUBLIC], "object": NOTE}
    answer = await marie.post(create)
    assert answer.status_code == 201
    assert answer.json()["type"] == "Create"
    assert answer.json()["object"]["content"] == "<p>Bonjour</p>"


async def test_c2s_02_a_bare_object_is_wrapped_in_a_create(marie: App) -> None:
    create = await marie.reads(await marie.does(NOTE))
    assert create["type"] == "Create"
    assert create["actor"] == marie.account.actor_id
    assert create["object"]["type"] == "Note"
    assert create["to"] == create["object"]["to"] == [PUBLIC]


@pytest.mark.parametrize("name", ["to", "cc", "audience"])
@pytest.mark.parametrize("inside", [True, False])
async def test_c2s_03_and_c2s_12_addressing_is_copied_both_ways(
    neighbours: Neighbours, marie: App, name: str, inside: bool
) -> None:
    paul = await neighbours.here.citizen("paul")
    followers = marie.account.followers_url
    note: dict[str, Any] = {"type": "Note", "content": "Bonjour"}
    outer: dict[str, Any] = {"type": "Create", "to": [followers], "object": note}
    (note if inside else outer)[name] = [*(outer.get(name, [])), paul.actor_id]
    create = await marie.reads(await marie.does(outer))
    for each in (create, create["object"]):
        assert {*each["to"], *each.get("cc", [])} == {followers, paul.actor_id}


async def test_c2s_04_only_the_owner_posts(neighbours: Neighbours, marie: App) -> None:
    paul = await new_app(neighbours.here, "paul")
    before = await everything(neighbours.here)
    for token, status in (("", 401), ("nonsense", 401), ("x" * 5_000, 401), (paul.token, 403)):
        answer = await marie.post(NOTE, token=token)
        assert answer.status_code == status
        assert set(answer.json()) == {"error"}
        if status == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
    for outbox in ("/actor/outbox", "/ap/actors/1/outbox"):
        assert (await marie.post(NOTE, to=outbox)).status_code == 403
    assert await everything(neighbours.here) == before


@pytest.mark.parametrize(
    ("activity", "scope"),
    [
        (NOTE, "write:statuses"),
        ({"type": "Follow", "object": "{paul}"}, "write:follows"),
        ({"type": "Block", "object": "{paul}"}, "write:blocks"),
        ({"type": "Like", "object": "{post}"}, "write:favourites"),
        ({"type": "Announce", "object": "{post}"}, "write:statuses"),
        ({"type": "Flag", "object": "{paul}"}, "write:reports"),
        ({"type": "Update", "object": {"id": "{marie}", "name": "M"}}, "write:accounts"),
    ],
)
async def test_c2s_04_sec_aut_06_each_activity_needs_its_own_scope(
    neighbours: Neighbours, activity: dict[str, Any], scope: str
) -> None:
    here = neighbours.here
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    post = await here.say(paul, "Bonjour")
    names = {"{paul}": paul.actor_id, "{post}": post.object_id, "{marie}": marie.actor_id}
    about = activity.get("object")
    if isinstance(about, str):
        activity = {**activity, "object": names[about]}
    elif isinstance(about, dict):
        activity = {**activity, "object": {**about, "id": marie.actor_id}}
    others = [each for each in WIDE["write"] if each != scope]
    without = await app_of(here, marie, " ".join(["read", *others]))
    before = await everything(here)
    refused = await without.post(activity)
    assert refused.status_code == 403
    assert scope in refused.json()["error"]
    assert await everything(here) == before
    assert await (await app_of(here, marie, f"{scope}")).does(activity)


async def test_c2s_04_an_organisation_speaks_through_who_administers_it(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    theatre = await here.organisation(marie.account, "theatre")
    app = await app_of(here, marie.account, acting=theatre)
    note = await app.says("Ce soir, on joue.")
    assert note["attributedTo"] == theatre.actor_id
    assert (await app.post(NOTE, to=marie.outbox)).status_code == 403


async def test_c2s_05_an_id_of_the_client_is_ignored(neighbours: Neighbours, marie: App) -> None:
    claimed = f"{neighbours.here.origin}/ap/posts/12345"
    create_id = await marie.does(
        {"type": "Create", "id": f"{claimed}#create", "object": {**NOTE, "id": claimed}}
    )
    create = await marie.reads(create_id)
    assert create["id"] == create_id != f"{claimed}#create"
    assert create["object"]["id"] != claimed
    assert (await ask(neighbours.here, claimed)).status_code == 404


async def test_c2s_06_and_c2s_07_201_and_the_address_of_the_activity(
    neighbours: Neighbours, marie: App
) -> None:
    audiences: list[dict[str, list[str | None]]] = [
        {"to": [PUBLIC]},
        {"to": [marie.account.followers_url]},
        {"to": []},
    ]
    for visibility in audiences:
        answer = await marie.post({**NOTE, **visibility})
        assert answer.status_code == 201
        location = answer.headers["location"]
        assert location.startswith(f"{neighbours.here.origin}/ap/")
        assert (await marie.reads(location))["id"] == location
        open_to_all = (await ask(neighbours.here, location)).status_code == 200
        assert open_to_all == (visibility == {"to": [PUBLIC]})


@pytest.mark.parametrize("name", ["bto", "bcc"])
async def test_c2s_08_blind_copies_are_delivered_and_seen_by_nobody(
    neighbours: Neighbours, marie: App, jean: App, name: str
) -> None:
    paul = await new_app(neighbours.here, "paul")
    known = await neighbours.here.meet(jean.account)
    blind = [known.actor_id, paul.account.actor_id]
    answer = await marie.post({"type": "Create", "object": {**NOTE, "to": [], name: blind}})
    assert answer.status_code == 201
    assert name not in answer.text
    rows = await neighbours.here.commune.database.pool.fetch(
        """
        select delivery.inbox, activity.body
        from outbox.delivery join outbox.activity on activity.key = delivery.activity
        """
    )
    assert [row["inbox"] for row in rows] == [known.inbox]
    for body in (rows[0]["body"].decode(), answer.text):
        for hidden in ("bto", "bcc", jean.account.actor_id, paul.account.actor_id):
            assert hidden not in body
    note = answer.json()["object"]
    assert (await paul.reads(note["id"]))["content"] == note["content"]
    assert jean.account.actor_id not in str(await paul.reads(note["id"]))
    assert (await ask(neighbours.here, note["id"])).status_code == 404


async def test_c2s_09_what_was_done_stands_in_the_outbox(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.here.citizen("paul")
    post = await neighbours.here.say(paul, "Bonjour")
    done = [
        await marie.does(NOTE),
        await marie.does({"type": "Follow", "object": paul.actor_id}),
        await marie.does({"type": "Like", "object": post.object_id}),
        await marie.does({"type": "Announce", "object": post.object_id}),
        await marie.does({**NOTE, "to": [marie.account.followers_url]}),
    ]
    assert [each["id"] for each in await marie.items(marie.outbox)] == done[::-1]
    assert (await marie.reads(marie.outbox))["totalItems"] == len(done)


async def test_c2s_10_what_is_addressed_is_delivered(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    await jean.does({"type": "Follow", "object": marie.account.actor_id})
    await neighbours.settle()
    note = await marie.says("<p>Il <em>pleut</em> &amp; il vente</p>")
    await neighbours.settle()
    arrived = await jean.items(f"{jean.account.actor_id}/inbox")
    assert [each["object"]["id"] for each in arrived] == [note["id"]]
    assert arrived[0]["object"]["content"] == "<p>Il <em>pleut</em> &amp; il vente</p>"


async def test_c2s_11_who_acts_is_who_wrote(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.here.citizen("paul")
    assert (await marie.says("Bonjour"))["attributedTo"] == marie.account.actor_id
    before = await everything(neighbours.here)
    for forged in (
        {**NOTE, "attributedTo": paul.actor_id},
        {"type": "Create", "actor": paul.actor_id, "object": NOTE},
        {"type": "Like", "actor": paul.actor_id, "object": "https://a.example/1"},
    ):
        assert (await marie.post(forged)).status_code == 403
    assert await everything(neighbours.here) == before


@pytest.mark.parametrize(
    "kind",
    [
        *("Create", "Update", "Delete", "Follow", "Add", "Remove", "Like", "Block", "Undo"),
        *("Announce", "Flag", "Join", "Leave", "Invite", "Accept", "Reject", "Move"),
    ],
)
async def test_c2s_13_what_is_missing_is_asked_for(
    neighbours: Neighbours, marie: App, kind: str
) -> None:
    before = await everything(neighbours.here)
    answer = await marie.post({"type": kind, "to": [PUBLIC]})
    assert answer.status_code == 400
    if kind in ("Add", "Remove"):
        note = {"type": kind, "object": "https://a.example/1"}
        assert (await marie.post(note)).status_code == 400
    assert await everything(neighbours.here) == before


async def test_c2s_23_405_where_nothing_is_posted(neighbours: Neighbours, marie: App) -> None:
    for address in (marie.account.actor_id, f"{marie.account.actor_id}/followers"):
        assert (await marie.post(NOTE, to=address)).status_code == 405


async def test_c2s_28_both_media_types_and_no_other(neighbours: Neighbours, marie: App) -> None:
    profile = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    for kind in (AS2, f"{AS2}; charset=utf-8", profile):
        assert (await marie.post(NOTE, kind=kind)).status_code == 201
    before = await everything(neighbours.here)
    for kind in ("application/json", "text/html", 'application/ld+json; profile="x"'):
        assert (await marie.post(NOTE, kind=kind)).status_code == 415
    assert await everything(neighbours.here) == before


async def test_c2s_27_who_posts_too_much_waits(
    database_url: str,
) -> None:
    async with communes.town("saint-leu", database_url, Clock(), limited=True) as here:
        marie, paul = await new_app(here, "marie"), await new_app(here, "paul")
        notes = [await marie.says("Bonjour") for _ in range(34)]
        left, refused = len(notes), None
        for note in notes:
            before = await everything(here)
            answer = await marie.post({"type": "Delete", "object": note["id"]})
            if answer.status_code == 429:
                refused = answer
                break
            left -= 1
        assert refused is not None
        assert left <= 4
        assert int(refused.headers["retry-after"]) > 0
        assert await everything(here) == before
        assert (await paul.post(NOTE)).status_code == 201


async def test_c2s_26_visibilities_are_what_the_addresses_say(
    neighbours: Neighbours, marie: App
) -> None:
    here, followers = neighbours.here, marie.account.followers_url
    paul = await here.citizen("paul")
    for addressing, visibility in (
        ({"to": PUBLIC}, Visibility.PUBLIC),
        ({"to": ["as:Public"], "cc": [followers]}, Visibility.PUBLIC),
        ({"to": [followers], "cc": [PUBLIC]}, Visibility.UNLISTED),
        ({"to": [followers]}, Visibility.FOLLOWERS),
        ({"to": [paul.actor_id]}, Visibility.DIRECT),
        ({"to": [paul.actor_id], "directMessage": False}, Visibility.LIMITED),
        ({"to": []}, Visibility.DIRECT),
    ):
        note = await marie.says("Bonjour", **addressing)
        stored = await here.commune.database.pool.fetchval(
            "select visibility from commune.post where object_id = $1", note["id"]
        )
        assert stored == visibility


async def test_c2s_26_what_cannot_be_said_is_refused(neighbours: Neighbours, marie: App) -> None:
    here = neighbours.here
    paul = await here.citizen("paul")
    before = await everything(here)
    for addressing in (
        {"to": [paul.followers_url]},
        {"to": [f"{here.origin}/ap/actors/9/followers"]},
        {"to": ["https://[::1/x"]},
        {"to": [{"name": "nobody"}]},
        {"to": ["not an address"]},
        {"bto": [PUBLIC], "to": []},
        {"bcc": [marie.account.followers_url], "to": []},
    ):
        answer = await marie.post({**NOTE, **addressing})
        assert answer.status_code == 400, addressing
    assert await everything(here) == before


async def test_c2s_26_html_is_cleaned_and_markdown_is_preferred(marie: App) -> None:
    dirty = '<p onclick="x()">Bon<script>alert(1)</script>jour <a href="javascript:x">ici</a></p>'
    note = await marie.says(dirty)
    assert note["content"].startswith("<p>Bonjour <a ")
    assert "script" not in note["content"]
    assert note["source"]["content"].startswith("Bonjour")
    source = {"mediaType": "text/markdown", "content": "Du **gras** pour #meteo"}
    typed = await marie.says("<p>ignored</p>", source=source)
    assert "<strong>gras</strong>" in typed["content"]
    assert typed["source"]["content"] == source["content"]
    assert [tag["name"] for tag in typed["tag"]] == ["#meteo"]


async def test_c2s_26_whom_tags_name_is_mentioned_and_told(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    known = await neighbours.here.meet(jean.account)
    tag = {"type": "Mention", "href": known.actor_id, "name": "@jean"}
    note = await marie.says("<p>Salut Jean</p>", to=[known.actor_id], tag=[tag])
    assert [each["href"] for each in note["tag"]] == [known.actor_id]
    await neighbours.settle()
    (arrived,) = await jean.items(f"{jean.account.actor_id}/inbox")
    assert arrived["object"]["id"] == note["id"]
    assert (await ask(neighbours.here, note["id"])).status_code == 404


@pytest.mark.parametrize(
    "name", ["publicKey", "publicKeyPem", "publicKeyMultibase", "inbox", "proof", "signature"]
)
async def test_w_ori_06_no_app_writes_keys_inboxes_or_proofs(
    neighbours: Neighbours, marie: App, name: str
) -> None:
    before = await everything(neighbours.here)
    for activity in (
        {**NOTE, name: "x"},
        {"type": "Create", "object": {**NOTE, name: {"id": "x"}}},
        {"type": "Create", "object": {**NOTE, "tag": [{"type": "Mention", name: "x"}]}},
    ):
        answer = await marie.post(activity)
        assert answer.status_code == 400
        assert name in answer.json()["error"]
    assert await everything(neighbours.here) == before


async def test_c2s_26_what_is_not_done_here_says_so(neighbours: Neighbours, marie: App) -> None:
    before = await everything(neighbours.here)
    for activity in (
        {"type": "Arrive", "location": "x"},
        {"type": "Offer", "object": NOTE},
        {"type": "Frobnicate", "object": NOTE},
        {"type": "Article", "content": "x"},
        {"type": "Person", "name": "x"},
        {"type": "Create", "object": {"type": "Question", "content": "x"}},
    ):
        answer = await marie.post(activity)
        assert answer.status_code == 501, activity
        assert answer.json()["error"].endswith(".")
    assert await everything(neighbours.here) == before


async def test_sec_par_01_strangers_json_is_read_as_strangers_json(
    neighbours: Neighbours, marie: App
) -> None:
    before = await everything(neighbours.here)
    deep = b"[" * 40 + b"]" * 40
    for body, status in (
        (b'{"type": "Note", "type": "Note", "content": "x"}', 400),
        (b'{"type": "Note", "content": "x", "tag": %b}' % deep, 400),
        (b"[]", 400),
        (b"{", 400),
        (b'{"type": ["Note", "Follow"], "object": "x"}', 400),
        (b'{"content": "x"}', 400),
        (b'{"type": "Note", "content": "%b"}' % (b"x" * 6_000), 400),
        (b'{"type": "Note", "content": "%b"}' % (b"x" * 1_100_000), 413),
        (b'{"@context": "https://elsewhere.example", "type": "Note", "content": "x"}', 400),
    ):
        answer = await marie.call("POST", marie.outbox, content=body, headers={"Content-Type": AS2})
        assert answer.status_code == status, body[:80]
    assert await everything(neighbours.here) == before
