"""Too much of everything, thrown at a running commune: it takes its share, and stays well."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from fedcommune.domain.posts.model import MAX_ATTACHMENTS, MAX_MENTIONS, MAX_TAGS
from fedcommune.domain.visibility import Visibility
from federation.names import AS2, PUBLIC
from inbox.lanes import MOST_UNHEARD
from tests.hostile.attack import LATER
from tests.hostile.siege import Message, Siege
from tests.support.evil import endless_body

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def said(siege: Siege, name: str, /, **changes: Any) -> dict[str, Any]:
    """Let Mallory, whom Paul follows, say a note; return it as it is kept."""
    note = siege.note("mallory", name, **changes)
    to = changes.get("to", [PUBLIC])
    assert await siege.send("mallory", siege.says("mallory", "Create", note, to=to)) == 202
    assert await siege.broken() == []
    pool = siege.town.commune.database.pool
    row = await pool.fetchrow("select * from commune.post where object_id = $1", note["id"])
    assert row is not None, f"{name} was not kept"
    return dict(row)


async def hanging(siege: Siege, table: str, post: dict[str, Any]) -> int:
    pool = siege.town.commune.database.pool
    return int(await pool.fetchval(f"select count(*) from {table} where post_id = $1", post["id"]))


async def test_sec_dos_03_a_reply_chain_without_end_is_not_climbed(siege: Siege) -> None:
    for depth in range(100):
        parent = f"{siege['mallory'].id}/notes/c{depth + 1}"
        siege.shows(siege.note("mallory", f"c{depth}", inReplyTo=parent))
    asked = len(siege.server.asked)

    await said(siege, "c0", inReplyTo=f"{siege['mallory'].id}/notes/c1")

    assert len(siege.server.asked) - asked <= 5


async def test_sec_dos_03_a_note_that_names_900_strangers_asks_none_of_them(siege: Siege) -> None:
    people = [siege.server.url(f"h{n}.evil.localhost", "/users/x") for n in range(900)]
    tags = [{"type": "Mention", "href": each, "name": "@x"} for each in people]
    asked = len(siege.server.asked)

    post = await said(siege, "names", to=[PUBLIC], cc=people, tag=tags)

    assert len(siege.server.asked) - asked <= 5
    assert await hanging(siege, "commune.mention", post) == 0
    assert len(orjson.loads(post["tags"])) <= MAX_MENTIONS + MAX_TAGS


@pytest.mark.parametrize("kind", ["itself", "first", "ours", "empty"])
async def test_sec_dos_04_a_collection_without_end_is_not_walked(siege: Siege, kind: str) -> None:
    page = f"{siege['mallory'].id}/replies/{kind}"
    following = {
        "itself": page,
        "first": f"{page}/first",
        "ours": f"{siege.town.origin}/ap/posts/1/replies",
        "empty": f"{page}/2",
    }[kind]
    collection: Message = {
        "@context": AS2,
        "id": page,
        "type": "CollectionPage",
        "partOf": page,
        "items": [],
        "next": following,
    }
    for address in (page, f"{page}/first", f"{page}/2"):
        siege.shows({**collection, "id": address})
    asked = len(siege.server.asked)

    await said(siege, f"endless-{kind}", replies=collection, context=page, likes=page, shares=page)

    assert len(siege.server.asked) - asked <= 5


async def test_sec_dos_05_each_note_has_so_much_of_everything(siege: Siege) -> None:
    files = [
        {"type": "Document", "mediaType": "image/png", "url": f"http://evil.localhost/{n}.png"}
        for n in range(500)
    ]
    tags = [{"type": "Hashtag", "name": f"#mot{n}"} for n in range(2000)]

    post = await said(siege, "much", attachment=files, tag=tags, content="x" * 150_000)

    assert await hanging(siege, "commune.attachment", post) <= MAX_ATTACHMENTS
    assert await hanging(siege, "commune.hashtag", post) <= MAX_TAGS
    assert len(post["content"]) <= 100_100
    assert len(orjson.loads(post["tags"])) <= 2 * MAX_TAGS


async def test_sec_dos_05_a_question_offers_500_things_at_most(siege: Siege) -> None:
    options = [{"type": "Note", "name": f"choix {n}"} for n in range(3000)]
    post = await said(siege, "question", type="Question", oneOf=options)

    database = siege.town.commune.database.pool
    asked = "select cardinality(options) from commune.poll where post_id = $1"
    assert await database.fetchval(asked, post["id"]) == 500


async def test_sec_par_02_poison_in_texts_is_removed_and_the_note_is_kept(siege: Siege) -> None:
    poison = "a\x00b"
    note = siege.note(
        "mallory",
        "poison",
        content=poison,
        summary=poison,
        name=poison,
        tag=[{"type": "Hashtag", "name": f"#{poison}"}, {"type": "Emoji", "name": f":{poison}:"}],
        attachment=[{"type": "Document", "url": "http://evil.localhost/x", "name": poison}],
    )
    message = orjson.dumps(siege.says("mallory", "Create", note))
    message = message.replace(b"a\\u0000b", b"a\\u0000\\ud800b")
    assert b"ud800" in message

    assert await siege.send("mallory", message) == 202

    assert await siege.broken() == []
    pool = siege.town.commune.database.pool
    row = await pool.fetchrow("select * from commune.post where object_id = $1", note["id"])
    assert row is not None
    # NUL is gone; half a character is shown as what it is, an unreadable one.
    assert (row["content"], row["summary"]) == ("a\ufffdb", "a\ufffdb")


@pytest.mark.parametrize(
    "changes",
    [
        {"published": "0000-01-01T00:00:00Z"},
        {"published": "9999-12-31T23:59:59-23:59"},
        {"updated": "not a date"},
        {"likes": {"type": "Collection", "totalItems": -(10**15)}},
        {"replies": {"type": "Collection", "totalItems": 2**53 - 1}},
        {"sensitive": "yes", "summary": 7, "tag": 7, "attachment": True, "url": []},
        {"inReplyTo": {"x": [1]}, "conversation": 7, "contentMap": ["x"]},
    ],
)
async def test_sec_par_03_and_04_nonsense_in_a_property_is_overlooked(
    siege: Siege, changes: Message
) -> None:
    post = await said(siege, f"nonsense-{siege.number()}", **changes)

    assert 1970 <= post["published_at"].year <= 2100
    assert min(post["likes_count"], post["shares_count"], post["replies_count"]) == 0


async def test_w_in_a_flood_of_things_that_nobody_understands_is_counted_and_forgotten(
    siege: Siege,
) -> None:
    before = await siege.everything()
    object_ = {"id": f"{siege['mallory'].id}/x", "type": "Odd", "attributedTo": siege["mallory"].id}

    for number in range(60):
        odd = siege.says("mallory", f"Odd{number}", {**object_, "type": f"Thing{number}"})
        assert await siege.send("mallory", odd) == 202

    assert await siege.everything() == before
    pool = siege.town.commune.database.pool
    assert 60 <= await pool.fetchval("select count(*) from inbox.unheard") <= MOST_UNHEARD


async def test_sec_vis_10_an_edit_never_shows_a_secret_to_more_people(siege: Siege) -> None:
    secret = siege.note("ada", "secret", updated=LATER, to=[PUBLIC], content="wider")
    assert await siege.send("ada", siege.says("ada", "Update", secret)) == 202

    pool = siege.town.commune.database.pool
    row = await pool.fetchrow("select * from commune.post where object_id = $1", secret["id"])
    assert row is not None
    assert row["visibility"] in (Visibility.DIRECT, Visibility.LIMITED)


async def test_sec_vis_08_a_private_answer_travels_to_nobody(siege: Siege) -> None:
    """Ada follows Marie; what Trude answers in private, with all of Marie's followers named."""
    letters = len([each for each in siege.server.asked if each.method == "POST"])
    followers = siege.marie.followers_url
    for name, to in (("followers", [followers]), ("direct", [siege.marie.actor_id])):
        answer = siege.note(
            "trude",
            f"private-{name}",
            to=to,
            cc=[siege.marie.actor_id],
            inReplyTo=siege.posts["public"].object_id,
        )
        create = siege.says("trude", "Create", answer, to=to, cc=[siege.marie.actor_id])
        create["signature"] = {"type": "RsaSignature2017", "creator": siege["trude"].key_id}
        assert await siege.send("trude", create) == 202

    assert len([each for each in siege.server.asked if each.method == "POST"]) == letters


async def test_sec_ori_09_nobody_takes_the_name_of_another(siege: Siege) -> None:
    """A newcomer says, and its own domain confirms, that it is called as Ada is."""
    newcomer = siege["newcomer"]
    handle = f"ada@{siege['ada'].authority}"
    newcomer.extra.update({"webfinger": handle, "preferredUsername": "ada"})
    newcomer.move_in()
    for resource in (handle, f"ada@{newcomer.authority}", f"newcomer@{newcomer.authority}"):
        link = {"rel": "self", "type": "application/activity+json", "href": newcomer.id}
        siege.server.says(
            f"/.well-known/webfinger?resource=acct:{resource}",
            {"subject": f"acct:{handle}", "links": [link]},
            content_type="application/jrd+json",
            host=newcomer.host,
        )
    like = siege.says("newcomer", "Like", siege.posts["public"].object_id)

    assert await siege.send("newcomer", like) == 202

    ada = await siege.town.find(siege["ada"].id)
    assert (ada.username, ada.domain) == ("ada", siege["ada"].authority)
    learnt = await siege.town.find(newcomer.id)
    assert learnt.domain == newcomer.authority
    assert (await siege.town.find(f"@{handle}")).id == ada.id


async def test_sec_net_08_an_actor_document_without_end_is_given_up(siege: Siege) -> None:
    address = siege.server.url("huge.localhost", "/users/x")
    siege.server.plays("/users/x", endless_body, host="huge.localhost")
    like = siege.says("mallory", "Announce", address)
    before = await siege.everything()

    assert await siege.send("mallory", like) == 202

    assert await siege.everything() == before
    assert await siege.broken() == []


async def test_sec_net_11_no_anonymous_question_makes_us_ask_anybody(siege: Siege) -> None:
    stranger = siege.server.url("unknown.localhost", "/users/x")
    handle = f"x@unknown.localhost:{siege.server.port}"
    asked = len(siege.server.asked)
    port = siege.town.domain.rpartition(":")[2]

    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"Host": siege.town.domain}, trust_env=False
    ) as client:
        for path, parameters in (
            ("/.well-known/webfinger", {"resource": f"acct:{handle}"}),
            ("/.well-known/webfinger", {"resource": stranger}),
            ("/authorize_interaction", {"uri": stranger}),
            ("/authorize_interaction", {"uri": f"acct:{handle}"}),
            (f"/@{handle}", {}),
            ("/search", {"q": stranger, "resolve": "true"}),
            ("/api/v2/search", {"q": handle, "resolve": "true"}),
            ("/actors", {"q": handle}),
        ):
            for accept in ("text/html", "application/activity+json"):
                answer = await client.get(path, params=parameters, headers={"Accept": accept})
                assert answer.status_code < 500, path

    assert len(siege.server.asked) == asked
