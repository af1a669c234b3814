"""Documents of ours: found at their id, negotiated, as they are today, gone when deleted."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts import actions as account_actions
from fedcommune.domain.accounts.model import Changes
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.links import actions as links
from fedcommune.domain.links.model import Wish
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.reactions import queries as reaction_queries
from fedcommune.domain.reactions.model import Kind as ReactionKind
from fedcommune.domain.visibility import Visibility
from fedcommune.fediverse.negotiation import wants_document
from tests.fediverse.asking import AS2, PAGE, ask, document, walk
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town

PROFILED = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("text/html", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("image/avif,*/*", False),
        (AS2, True),
        ("Application/Activity+JSON", True),
        (f"{AS2}; charset=utf-8", True),
        (PROFILED, True),
        (PROFILED.replace("; ", ";"), True),
        ("application/ld+json", True),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams#"', False),
        ('application/ld+json; profile="http://iiif.io/api/3, a;b"', False),
        (
            'application/ld+json; profile="http://a.example https://www.w3.org/ns/activitystreams"',
            True,
        ),
        (f"text/html, {AS2};q=0.1", True),
        (f"{AS2};q=0", False),
        (f"{AS2};q=0.0, text/html", False),
        (f"{AS2}; q=0, {PROFILED}", True),
        (f"{AS2};q=nan", False),
        (f"{AS2};q=2", False),
        (f"{AS2};Q=0", False),
        ("application/json", True),
        ("application/json, text/html", False),
        ("application/json, */*;q=0.1", False),
        ("application/json;q=0", False),
        (",;,", False),
        ('"', False),
    ],
)
def test_w_doc_01_what_is_asked_for_decides(accept: str, *, expected: bool) -> None:
    assert wants_document(accept) is expected


async def test_w_doc_01_one_address_is_a_page_or_a_document(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "Bonjour")
    assert post.url is not None
    for address in (marie.actor_id, post.object_id, f"{here.origin}/@marie", post.url):
        for accept in (AS2, PROFILED, "application/ld+json", "application/json"):
            answer = await ask(here, address, accept=accept)
            assert answer.status_code == 200
            # A fetcher compares this: only these words will do (OBJ-02, OBJ-03).
            assert answer.headers["content-type"] == f"{AS2}; charset=utf-8"
            for name in ("Accept", "Signature", "Signature-Input"):
                assert name in answer.headers["vary"]
        for wanted in (PAGE, "*/*", None):
            shown = await ask(here, address, accept=wanted)
            assert shown.status_code == 200
            assert shown.headers["content-type"] == "text/html; charset=utf-8"
            for name in ("Accept", "Signature", "Signature-Input", "Accept-Language"):
                assert name in shown.headers["vary"]
            original = post.object_id if address in (post.object_id, post.url) else marie.actor_id
            assert shown.headers["link"] == f'<{original}>; rel="alternate"; type="{AS2}"'


async def test_w_doc_02_what_is_served_at_an_id_has_that_id(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    garden = await here.project(marie, "jardin")
    async with here.commune.database.transaction() as tx:
        await links.ask(tx, paul, garden, Wish())
    post = await here.say(marie, "Bonjour #agenda")
    answered = await here.say(paul, "Bonjour à toi", to=post)
    async with here.commune.database.transaction() as tx:
        await reactions.pin(tx, marie, post)
        boost = await reactions.boost(tx, paul, post)
        await posts.edit(tx, marie, post.id, Draft(text="Bonsoir"))
    link_ids = await here.commune.database.pool.fetch("select relationship_id from commune.link")
    said = await here.commune.database.pool.fetch("select id from outbox.activity where public")
    actors = [here.commune.instance.actor, marie.actor_id, garden.actor_id]
    addresses = [
        *actors,
        *(f"{actor}/{name}" for actor in actors for name in ("outbox", "followers", "following")),
        *(f"{actor}/featured" for actor in actors),
        f"{garden.actor_id}/members",
        f"{garden.actor_id}/members/page",
        f"{marie.actor_id}/outbox/page",
        post.object_id,
        answered.object_id,
        *(f"{post.object_id}/{name}" for name in ("replies", "context", "likes", "shares")),
        f"{post.object_id}/replies/page",
        boost.activity_id,
        *(row["relationship_id"] for row in link_ids),
        *(row["id"] for row in said),
    ]
    assert len(addresses) > 30
    for address in addresses:
        found = await document(here, address)
        assert found["id"] == address
        assert "?" not in address
        assert address.startswith(f"{here.origin}/")
        assert "@context" in found


@pytest.mark.parametrize("spelling", ["0{}", "{}0000000000000000000", "+{}", "{}/", "-{}", "{}.0"])
async def test_w_doc_02_an_id_has_one_spelling(neighbours: Neighbours, spelling: str) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    for accept in (AS2, PAGE):
        answer = await ask(here, f"/ap/actors/{spelling.format(marie.id)}", accept=accept)
        assert answer.status_code in (404, 307)


async def test_w_doc_02_the_instance_actor_has_one_address(neighbours: Neighbours) -> None:
    here = neighbours.here
    instance = await here.find("commune")
    assert (await document(here, "/actor"))["id"] == instance.actor_id
    for accept in (AS2, PAGE):
        answer = await ask(here, f"/ap/actors/{instance.id}", accept=accept)
        assert answer.status_code == 404


async def test_w_doc_03_an_actor_says_where_everything_is(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    found = await document(here, marie.actor_id)
    assert found["type"] == "Person"
    assert found["preferredUsername"] == "marie"
    assert found["url"] == f"{here.origin}/@marie"
    assert found["endpoints"]["sharedInbox"] == f"{here.origin}/inbox"
    assert found["publicKey"]["id"] == f"{marie.actor_id}#main-key"
    assert found["publicKey"]["owner"] == marie.actor_id
    assert [each["type"] for each in found["assertionMethod"]] == ["Multikey"]
    # ACT-01, ACT-02, COL-03
    assert (await document(here, found["outbox"]))["type"] == "OrderedCollection"
    for name in ("followers", "following", "featured"):
        assert (await document(here, found[name]))["type"] == "OrderedCollection"
    assert found["inbox"] == f"{marie.actor_id}/inbox"


async def test_w_doc_05_a_note_says_what_was_written(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "Il **pleut** #meteo", warning="temps")
    found = await document(here, post.object_id)
    assert found["type"] == "Note"
    assert found["attributedTo"] == marie.actor_id
    assert found["to"] == ["https://www.w3.org/ns/activitystreams#Public"]
    assert found["cc"] == [f"{marie.actor_id}/followers"]
    assert "<strong>pleut</strong>" in found["content"]
    assert found["contentMap"] == {"fr": found["content"]}
    assert found["summary"] == "temps"
    assert found["sensitive"] is True
    assert found["source"]["content"] == "Il **pleut** #meteo"
    assert found["url"] == f"{here.origin}/@marie/{post.id}"
    for name in ("replies", "likes", "shares", "context"):
        link = found[name] if isinstance(found[name], str) else found[name]["id"]
        assert link == f"{post.object_id}/{name}"


async def test_w_doc_12_what_was_deleted_is_a_tombstone(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "À jeter")
    (create,) = await walk(here, f"{marie.actor_id}/outbox")
    async with here.commune.database.transaction() as tx:
        await posts.delete(tx, marie, post.id)
    for address in (post.object_id, f"{post.object_id}/replies", f"{post.object_id}/likes"):
        answer = await ask(here, address)
        assert answer.status_code == 410
        buried = answer.json()
        assert (buried["type"], buried["id"]) == ("Tombstone", post.object_id)
        assert buried["formerType"] == "Note"
        assert "À jeter" not in answer.text
    assert (await ask(here, post.object_id, accept=PAGE)).status_code == 410
    # The activity that said it is not a way around (W-DOC-12).
    assert (await ask(here, create["id"])).status_code == 404
    assert await walk(here, f"{marie.actor_id}/outbox") == []


async def test_w_doc_12_a_deleted_actor_is_gone_everywhere(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    await here.say(marie, "Adieu")
    said = await here.commune.database.pool.fetch("select id from outbox.activity where public")
    async with here.commune.database.transaction() as tx:
        await account_actions.delete(tx, marie)
    for part in ("", "/outbox", "/outbox/page", "/followers", "/following", "/featured"):
        answer = await ask(here, f"{marie.actor_id}{part}")
        assert answer.status_code == 410
        assert (answer.json()["type"], answer.json()["id"]) == ("Tombstone", marie.actor_id)
    assert (await ask(here, "/@marie", accept=PAGE)).status_code == 410
    found = await ask(here, f"/.well-known/webfinger?resource=acct:marie@{here.domain}")
    assert found.status_code == 410
    for row in said:
        assert (await ask(here, row["id"])).status_code == 404


async def test_obj_05_a_deleted_private_post_never_existed(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "Entre nous", Visibility.FOLLOWERS)
    async with here.commune.database.transaction() as tx:
        await posts.delete(tx, marie, post.id)
    absent = await ask(here, "/ap/posts/1")
    answer = await ask(here, post.object_id)
    assert (answer.status_code, answer.content) == (404, absent.content)


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.LIMITED, "direct"])
async def test_sec_vis_03_invisible_and_absent_are_the_same(
    neighbours: Neighbours, visibility: str
) -> None:
    here = neighbours.here
    marie, _ = await here.citizen("marie"), await here.citizen("paul")
    post = await here.say(marie, f"@paul@{here.domain} secret", Visibility(visibility))
    for part in ("", "/replies", "/replies/page", "/context", "/likes", "/shares"):
        for accept in (AS2, PAGE):
            if part and accept == PAGE:
                continue
            hidden = await ask(here, f"/ap/posts/{post.id}{part}", accept=accept)
            absent = await ask(here, f"/ap/posts/12345{part}", accept=accept)
            assert hidden.status_code == absent.status_code == 404
            assert hidden.content == absent.content
            assert _settled(hidden.headers.raw) == _settled(absent.headers.raw)


def _settled(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return sorted((name, value) for name, value in headers if name.lower() != b"date")


async def test_w_doc_12_an_old_activity_says_what_the_post_says_now(
    neighbours: Neighbours,
) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "Le code est 1234")
    (create,) = await walk(here, f"{marie.actor_id}/outbox")
    sent = await document(here, create["id"])
    assert "1234" in sent["object"]["content"]
    assert "proof" in sent
    for text in ("Le code était 5678", "Le code a changé"):
        async with here.commune.database.transaction() as tx:
            await posts.edit(tx, marie, post.id, Draft(text=text))
    said = await here.commune.database.pool.fetch("select id from outbox.activity where public")
    shown = [await document(here, row["id"]) for row in said]
    about = [each for each in shown if each["type"] in ("Create", "Update")]
    assert len(about) == 3
    for each in about:
        assert "a changé" in each["object"]["content"]
    # What is not what was sent does not carry its proofs; the last one is what was sent.
    assert ["proof" in each for each in about].count(True) == 1
    assert not any("1234" in str(each) or "5678" in str(each) for each in shown)


async def test_w_doc_12_an_old_profile_is_not_served_again(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    for name in ("Marie Ancienne", "Marie Nouvelle"):
        async with here.commune.database.transaction() as tx:
            marie = await account_actions.edit(tx, marie, Changes(name=name))
    rows = await here.commune.database.pool.fetch(
        "select id from outbox.activity where public and type = 'Update'"
    )
    assert len(rows) == 2
    for row in rows:
        assert (await document(here, row["id"]))["object"]["name"] == "Marie Nouvelle"


async def test_w_doc_12_a_boost_that_was_taken_back_is_not_served(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    post = await here.say(marie, "À partager")
    async with here.commune.database.transaction() as tx:
        boost = await reactions.boost(tx, paul, post)
    assert (await document(here, boost.activity_id))["type"] == "Announce"
    async with here.commune.database.transaction() as tx:
        await reactions.unboost(tx, paul, post)
    assert (await ask(here, boost.activity_id)).status_code == 404
    found = await reaction_queries.between(
        here.commune.database.pool, ReactionKind.BOOST, paul.id, post.id
    )
    assert found is None


async def test_sec_vis_02_what_was_not_for_everybody_is_no_activity_to_read(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    await here.say(marie, f"@jean@{there.domain} psst", Visibility.DIRECT)
    await here.say(marie, "pour les miens", Visibility.FOLLOWERS)
    rows = await here.commune.database.pool.fetch("select id from outbox.activity where not public")
    assert rows
    for row in rows:
        for signer in (None, (there, jean)):
            assert (await ask(here, row["id"], signer=signer)).status_code == 404


async def test_s2s_32_what_is_known_is_not_sent_again(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    first = await ask(here, marie.actor_id)
    assert first.headers["cache-control"] == "public, max-age=180"
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    for known in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*"):
        again = await ask(here, marie.actor_id, headers={"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert "Accept" in again.headers["vary"]
    assert (await ask(here, marie.actor_id, headers={"If-None-Match": '"x"'})).status_code == 200
    async with here.commune.database.transaction() as tx:
        await account_actions.edit(tx, marie, Changes(name="Marie H."))
    changed = await ask(here, marie.actor_id, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


async def test_a_document_may_be_asked_for_by_head(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "Bonjour")
    for address in (
        marie.actor_id,
        post.object_id,
        f"{marie.actor_id}/outbox/page",
        "/.well-known/nodeinfo",
        f"/.well-known/webfinger?resource=acct:marie@{here.domain}",
    ):
        whole = await ask(here, address)
        head = await ask(here, address, method="HEAD")
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-type"] == whole.headers["content-type"]
        assert head.headers["content-length"] == str(len(whole.content))


async def test_a_suspended_actor_is_not_there(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    post = await here.say(marie, "Encore là")
    (create,) = await walk(here, f"{marie.actor_id}/outbox")
    await _suspend(here, marie.id)
    for address in (marie.actor_id, f"{marie.actor_id}/outbox", post.object_id, create["id"]):
        assert (await ask(here, address)).status_code == 404
    for address in (marie.actor_id, post.object_id, "/@marie"):
        assert (await ask(here, address, accept=PAGE)).status_code == 404
    home = await ask(here, "/", accept=PAGE)
    assert "Encore là" not in home.text


async def _suspend(town: Town, account_id: int) -> None:
    await town.commune.database.pool.execute(
        "update commune.account set suspended_at = now() where id = $1", account_id
    )


async def test_a_draft_published_by_a_feed_is_served_too(neighbours: Neighbours) -> None:
    here = neighbours.here
    agenda = await here.find("agenda")
    async with here.commune.database.transaction() as tx:
        post = await feeds.publish(tx, agenda, Draft(text="La semaine"))
    assert (await document(here, post.object_id))["attributedTo"] == agenda.actor_id
