"""What an app does through the outbox has the effects that it has anywhere (ActivityPub 6)."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts import actions as account_actions
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.follows import queries as follows
from fedcommune.domain.links.model import Openness
from fedcommune.domain.posts import details
from fedcommune.domain.visibility import Viewer
from federation.names import PUBLIC
from tests.fediverse.apps import App, app_of, everything, new_app
from tests.fediverse.asking import ask, document, walk
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town


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


async def change(town: Town, account: Account, changes: Changes) -> None:
    async with town.commune.database.transaction() as tx:
        await account_actions.edit(tx, account, changes)


async def test_c2s_14_an_update_changes_what_it_names(marie: App) -> None:
    note = await marie.says("<p>Bonjour</p>", summary="attention")
    changes = {"id": note["id"], "type": "Note", "content": "<p><em>Bonsoir</em></p>"}
    update = await marie.reads(await marie.does({"type": "Update", "object": changes}))
    assert update["type"] == "Update"
    now = await marie.reads(note["id"])
    assert now["content"] == "<p><em>Bonsoir</em></p>"
    assert now["summary"] == "attention"
    assert now["updated"]
    await marie.does({"type": "Update", "object": {"id": note["id"], "summary": None}})
    last = await marie.reads(note["id"])
    assert "summary" not in last
    assert last["content"] == now["content"]
    assert last["to"] == note["to"]


async def test_c2s_14_an_edit_arrives_where_the_post_did(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    await jean.does({"type": "Follow", "object": marie.account.actor_id})
    await neighbours.settle()
    note = await marie.says("<p>8 h</p>")
    await neighbours.settle()
    await marie.does({"type": "Update", "object": {"id": note["id"], "content": "<p>9 h</p>"}})
    await neighbours.settle()
    (arrived,) = await jean.items(f"{jean.account.actor_id}/inbox")
    assert arrived["object"]["content"] == "<p>9 h</p>"
    pool = neighbours.there.commune.database.pool
    stored = await pool.fetchval("select id from commune.post where object_id = $1", note["id"])
    assert len(await details.revisions(pool, Viewer(jean.account.id), stored)) == 1


async def test_c2s_14_a_profile_is_changed_in_part(marie: App) -> None:
    me = marie.account.actor_id
    line = {"type": "PropertyValue", "name": "Blog", "value": '<a href="https://a.example/">a</a>'}
    changes = {"id": me, "name": "Marie P.", "summary": "<p>Ici<script>x</script></p>"}
    await marie.does({"type": "Update", "object": {**changes, "attachment": [line]}})
    now = await marie.reads(me)
    assert (now["name"], now["summary"]) == ("Marie P.", "<p>Ici</p>")
    assert now["attachment"][0]["name"] == "Blog"
    await marie.does({"type": "Update", "object": {"id": me, "summary": None}})
    last = await marie.reads(me)
    assert last["summary"] == ""
    assert last["name"] == "Marie P."
    assert last["attachment"] == now["attachment"]


async def test_c2s_14_what_stays_as_it_is_cannot_be_changed(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    note = await marie.says("Bonjour", to=[marie.account.followers_url])
    me = marie.account.actor_id
    before = await everything(neighbours.here)
    for changes in (
        {"id": note["id"], "to": [PUBLIC]},
        {"id": note["id"], "cc": [paul.account.actor_id]},
        {"id": note["id"], "type": "Article"},
        {"id": note["id"], "inReplyTo": "https://a.example/1"},
        {"id": note["id"], "content": None},
        {"id": me, "type": "Application"},
        {"id": me, "icon": {"type": "Image", "url": "https://a.example/x.png"}},
    ):
        answer = await marie.post({"type": "Update", "object": changes})
        assert answer.status_code == 400, changes
    assert await everything(neighbours.here) == before
    assert await marie.reads(note["id"]) == {
        **note,
        "@context": (await marie.reads(note["id"]))["@context"],
    }


async def test_c2s_15_only_the_owner_updates_and_deletes(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    open_note = await paul.says("Bonjour")
    closed = await paul.says("Bonjour", to=[paul.account.followers_url])
    before = await everything(neighbours.here)
    for object_id, status in (
        (open_note["id"], 403),
        (closed["id"], 404),
        (f"{neighbours.here.origin}/ap/posts/1", 404),
        (paul.account.actor_id, 403),
    ):
        changes = {"id": object_id, "content": "<p>pris</p>", "name": "pris"}
        assert (await marie.post({"type": "Update", "object": changes})).status_code == status
        assert (await marie.post({"type": "Delete", "object": object_id})).status_code == status
    assert (
        await marie.post({"type": "Delete", "object": marie.account.actor_id})
    ).status_code == 403
    assert await everything(neighbours.here) == before
    assert (await paul.reads(open_note["id"]))["content"] == "Bonjour"


async def test_c2s_16_a_tombstone_stays_of_what_was_deleted(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    await jean.does({"type": "Follow", "object": marie.account.actor_id})
    await neighbours.settle()
    note = await marie.says("<p>secret</p>")
    closed_id = await marie.does({"type": "Note", "content": "secret", "to": []})
    closed = (await marie.reads(closed_id))["object"]
    await neighbours.settle()
    assert len(await jean.items(f"{jean.account.actor_id}/inbox")) == 1
    delete_id = await marie.does({"type": "Delete", "object": note["id"]})
    await marie.does({"type": "Delete", "object": {"id": closed["id"], "type": "Note"}})
    await neighbours.settle()
    assert (await marie.reads(delete_id))["object"]["type"] == "Tombstone"
    gone = await ask(neighbours.here, note["id"])
    assert gone.status_code == 410
    assert gone.json()["type"] == "Tombstone"
    assert (await marie.call("GET", closed["id"])).status_code == 404
    assert (await marie.call("GET", closed_id)).status_code == 404
    assert await jean.items(f"{jean.account.actor_id}/inbox") == []
    kept = await neighbours.here.commune.database.pool.fetch("select body from commune.done")
    assert "secret" not in str(kept)


async def test_c2s_17_who_is_followed_is_listed_once_they_accepted(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    await change(neighbours.there, jean.account, Changes(locked=True))
    known = await neighbours.here.meet(jean.account)
    follow_id = await marie.does({"type": "Follow", "object": known.actor_id})
    await neighbours.settle()
    pool = neighbours.here.commune.database.pool
    assert not await follows.follows(pool, marie.account.id, known.id)
    (asked,) = await jean.items(f"{jean.account.actor_id}/inbox")
    assert (asked["type"], asked["id"]) == ("Follow", follow_id)
    accept_id = await jean.does({"type": "Accept", "object": follow_id})
    await neighbours.settle()
    assert await follows.follows(pool, marie.account.id, known.id)
    assert (await jean.reads(accept_id))["object"]["id"] == follow_id
    await jean.does({"type": "Reject", "object": asked})
    await neighbours.settle()
    assert not await follows.follows(pool, marie.account.id, known.id)


async def test_c2s_18_and_c2s_19_one_features_what_is_ones_own(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    note, others = await marie.says("Bonjour"), await paul.says("Bonsoir")
    featured = marie.account.featured_url
    add = {"type": "Add", "object": note["id"], "target": featured}
    assert (await marie.reads(await marie.does(add)))["type"] == "Add"
    shown = await document(neighbours.here, str(featured))
    assert [each["id"] for each in shown["orderedItems"]] == [note["id"]]
    before = await everything(neighbours.here)
    for refused, status in (
        ({**add, "object": others["id"]}, 403),
        ({**add, "target": paul.account.featured_url}, 501),
        ({**add, "target": f"{marie.account.actor_id}/followers"}, 501),
    ):
        assert (await marie.post(refused)).status_code == status
    assert await everything(neighbours.here) == before
    await marie.does({**add, "type": "Remove"})
    assert (await document(neighbours.here, str(featured)))["orderedItems"] == []


async def test_c2s_20_a_like_counts_and_its_author_is_told(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    note = await jean.says("Bonjour")
    like_id = await marie.does({"type": "Like", "object": note["id"]})
    await neighbours.settle()
    assert (await jean.reads(f"{note['id']}/likes"))["totalItems"] == 1
    (told,) = await jean.items(f"{jean.account.actor_id}/inbox")
    assert (told["type"], told["id"]) == ("Like", like_id)
    assert await marie.does({"type": "Like", "object": note["id"]}) == like_id


async def test_c2s_21_a_block_keeps_away_and_is_not_told(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    known = await neighbours.here.meet(jean.account)
    block_id = await marie.does({"type": "Block", "object": known.actor_id})
    assert await neighbours.here.count("outbox.delivery") == 0
    await neighbours.settle()
    assert await neighbours.there.count("commune.block") == 0
    assert await blocks.between(neighbours.here.commune.database.pool, marie.account.id, known.id)
    assert (await ask(neighbours.here, block_id)).status_code == 404
    assert (await marie.reads(block_id))["object"] == known.actor_id
    await jean.does({"type": "Follow", "object": marie.account.actor_id})
    await neighbours.settle()
    assert await marie.items(f"{marie.account.actor_id}/inbox") == []


@pytest.mark.parametrize("embedded", [True, False])
async def test_c2s_22_what_one_did_is_undone(
    neighbours: Neighbours, marie: App, jean: App, embedded: bool
) -> None:
    here = neighbours.here
    note = await jean.says("Bonjour", to=[jean.account.followers_url], cc=[PUBLIC])
    person = (await here.meet(jean.account)).actor_id
    for kind, about, table in (
        ("Follow", person, "commune.follow"),
        ("Like", note["id"], "commune.reaction"),
        ("Announce", note["id"], "commune.reaction"),
        ("Block", person, "commune.block"),
    ):
        done = {"type": kind, "object": about}
        done_id = await marie.does(done)
        await neighbours.settle()
        assert await here.count(table) == 1
        undone = {**done, "actor": marie.account.actor_id} if embedded else done_id
        undo = await marie.reads(await marie.does({"type": "Undo", "object": undone}))
        assert undo["object"]["id"] == done_id
        await neighbours.settle()
        assert await here.count(table) == 0
        assert await neighbours.there.count(table) == 0
        again = await marie.post({"type": "Undo", "object": done_id})
        assert again.status_code == 404


async def test_c2s_22_nobody_undoes_what_others_did(
    neighbours: Neighbours, marie: App, paul: App
) -> None:
    note = await marie.says("Bonjour")
    like_id = await paul.does({"type": "Like", "object": note["id"]})
    before = await everything(neighbours.here)
    embedded = {"type": "Like", "actor": paul.account.actor_id, "object": note["id"]}
    for undone, status in (
        (like_id, 404),
        (embedded, 403),
        ({"type": "Create", "object": note["id"]}, 400),
        ({"type": "Like", "object": note["id"]}, 404),
        ("https://nowhere.example/1", 404),
    ):
        assert (await marie.post({"type": "Undo", "object": undone})).status_code == status
    assert await everything(neighbours.here) == before


async def test_c2s_26_an_answer_stands_in_its_thread(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    question = await jean.says("Qui a vu mon chat ?")
    answer = await marie.says("Moi.", inReplyTo=question["id"])
    await neighbours.settle()
    assert await walk(neighbours.there, f"{question['id']}/replies") == [answer["id"]]
    (told,) = await jean.items(f"{jean.account.actor_id}/inbox")
    assert told["object"]["inReplyTo"] == question["id"]
    before = await everything(neighbours.here)
    closed = await jean.says("Chut", to=[jean.account.followers_url])
    for lost in (closed["id"], f"{neighbours.here.origin}/ap/posts/1", "https://[x", "urn:x"):
        note = {"type": "Note", "content": "x", "to": [PUBLIC], "inReplyTo": lost}
        assert (await marie.post(note)).status_code == 400
    assert await everything(neighbours.here) == before


async def test_c2s_26_a_report_reaches_the_moderators_alone(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    note = await jean.says("Insulte")
    known = await neighbours.here.meet(jean.account)
    flag = {"type": "Flag", "object": [known.actor_id, note["id"]], "content": "Voyez <b>là</b>"}
    flag_id = await marie.does(flag)
    await neighbours.settle()
    assert await neighbours.here.count("commune.report") == 1
    assert await neighbours.there.count("commune.report") == 0
    assert (await ask(neighbours.here, flag_id)).status_code == 404
    assert (await marie.post(flag)).status_code == 409
    note = await jean.says("Encore")
    await marie.does({**flag, "object": note["id"], "to": [known.actor_id]})
    await neighbours.settle()
    assert await neighbours.there.count("commune.report") == 1
    pool = neighbours.there.commune.database.pool
    reporter = await pool.fetchval(
        "select actor_id from commune.report join commune.account on account.id = reporter_id"
    )
    assert reporter == f"{neighbours.here.origin}/actor"


async def members_of(app: App, address: str) -> list[str]:
    """Return who the members of a collection are: each is told of by a Member document."""
    return [each["actor"] for each in await app.items(address)]


async def test_c2s_26_one_joins_is_let_in_and_leaves(
    neighbours: Neighbours, marie: App, paul: App, jean: App
) -> None:
    here = neighbours.here
    theatre = await here.organisation(paul.account, "theatre", Openness.MODERATED)
    stage = await app_of(here, paul.account, acting=theatre)
    members = f"{theatre.actor_id}/members"
    join_id = await marie.does({"type": "Join", "object": theatre.actor_id, "content": "Bonjour"})
    assert marie.account.actor_id not in await members_of(paul, members)
    assert (await paul.post({"type": "Accept", "object": join_id})).status_code == 404
    await stage.does({"type": "Accept", "object": join_id})
    assert marie.account.actor_id in await members_of(paul, members)
    await marie.does({"type": "Leave", "object": theatre.actor_id})
    assert marie.account.actor_id not in await members_of(paul, members)
    known = await here.meet(jean.account)
    invite = {"type": "Invite", "object": theatre.actor_id, "target": known.actor_id}
    invite_id = await stage.does(invite)
    await neighbours.settle()
    (invited,) = await jean.items(f"{jean.account.actor_id}/inbox")
    assert (invited["type"], invited["id"]) == ("Invite", invite_id)
    await jean.does({"type": "Accept", "object": invite_id})
    await neighbours.settle()
    assert known.actor_id in await members_of(paul, members)
    await stage.does({"type": "Remove", "object": known.actor_id, "target": members})
    assert known.actor_id not in await members_of(paul, members)


async def test_c2s_26_a_move_needs_everything_and_an_alias(
    neighbours: Neighbours, marie: App, paul: App, jean: App
) -> None:
    here, there = neighbours.here, neighbours.there
    me = marie.account.actor_id
    await paul.does({"type": "Follow", "object": me})
    move = {"type": "Move", "object": me, "target": jean.account.actor_id}
    before = await everything(here)
    narrow = await app_of(here, marie.account, "write:accounts write:follows")
    assert (await narrow.post(move)).status_code == 403
    assert (await marie.post(move)).status_code == 400
    assert (await marie.post({**move, "object": paul.account.actor_id})).status_code == 400
    assert await everything(here) == before
    await change(there, jean.account, Changes(also_known_as=(me,)))
    await marie.does(move)
    await neighbours.settle()
    assert (await marie.reads(me))["movedTo"] == jean.account.actor_id
    known = await here.meet(jean.account)
    assert await follows.follows(here.commune.database.pool, paul.account.id, known.id)


async def test_s2s_14_what_an_app_does_is_delivered(
    neighbours: Neighbours, marie: App, jean: App
) -> None:
    note = await jean.says("Bonjour", to=[jean.account.followers_url], cc=[PUBLIC])
    boost_id = await marie.does({"type": "Announce", "object": note["id"]})
    await neighbours.settle()
    told = await jean.items(f"{jean.account.actor_id}/inbox")
    assert [(each["type"], each["id"]) for each in told] == [("Announce", boost_id)]
    assert (await jean.reads(f"{note['id']}/shares"))["totalItems"] == 1
    closed = await jean.says("Chut", to=[jean.account.followers_url])
    refused = await marie.post({"type": "Announce", "object": closed["id"]})
    assert refused.status_code == 400
