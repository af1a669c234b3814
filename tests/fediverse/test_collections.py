"""Collections: everything once, newest first, nothing that is not for everybody."""

from __future__ import annotations

from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.links import actions as links
from fedcommune.domain.links.model import Wish
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import Visibility
from fedcommune.fediverse.collections import PAGE
from tests.fediverse.asking import ask, document, pages, walk
from tests.fediverse.conftest import Neighbours
from tests.support.communes import Town


async def _many(town: Town, username: str, count: int) -> list[Post]:
    author = await town.citizen(username)
    found = []
    for number in range(count):
        async with town.commune.database.transaction() as tx:
            found.append(await feeds.publish(tx, author, Draft(text=f"Nouvelle {number}")))
    return found


async def test_w_doc_09_paging_gives_everything_once_newest_first(neighbours: Neighbours) -> None:
    here = neighbours.here
    said = await _many(here, "marie", 2 * PAGE + 3)
    marie = await here.find("marie")
    address = f"{marie.actor_id}/outbox"

    collection = await document(here, address)
    assert collection["type"] == "OrderedCollection"
    assert collection["totalItems"] == len(said)
    found = [page async for page in pages(here, address)]
    assert [len(page["orderedItems"]) for page in found] == [PAGE, PAGE, 3]
    assert all(page["type"] == "OrderedCollectionPage" for page in found)
    items = [item["object"]["id"] for page in found for item in page["orderedItems"]]
    assert items == [post.object_id for post in reversed(said)]


async def test_w_doc_09_a_full_last_page_is_the_end(neighbours: Neighbours) -> None:
    here = neighbours.here
    said = await _many(here, "marie", PAGE)
    marie = await here.find("marie")
    items = await walk(here, f"{marie.actor_id}/outbox")
    assert len(items) == len(said)


async def test_sec_vis_08_the_outbox_has_only_what_is_open(neighbours: Neighbours) -> None:
    here, there = neighbours.here, neighbours.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    others = await here.citizen("paul")
    known = await there.meet(marie)
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, jean, known)
    await neighbours.settle()
    for visibility in Visibility:
        await here.say(marie, f"@jean@{there.domain} {visibility.value}", visibility)
    private = await here.say(others, "entre nous", Visibility.FOLLOWERS)
    shared = await here.say(others, "à tous")
    async with here.commune.database.transaction() as tx:
        await reactions.boost(tx, marie, shared)

    for signer in (None, (there, jean)):
        items = await walk(here, f"{marie.actor_id}/outbox", signer=signer)
        assert [item["type"] for item in items] == ["Announce", "Create", "Create"]
        assert items[0]["object"] == shared.object_id
        for item, word in zip(items[1:], ("unlisted", "public"), strict=True):
            assert word in item["object"]["content"]
        assert private.object_id not in str(items)
    assert (await document(here, f"{marie.actor_id}/outbox"))["totalItems"] == 3


async def test_col_01_answers_shares_and_likes_of_a_post(neighbours: Neighbours) -> None:
    here, there = neighbours.here, neighbours.there
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    post = await here.say(marie, "Qui vient ?", Visibility.UNLISTED)
    answers = [await here.say(paul, f"Moi {number}", to=post) for number in range(PAGE + 1)]
    await here.say(paul, "Rien que pour toi", Visibility.FOLLOWERS, to=post)
    async with here.commune.database.transaction() as tx:
        await reactions.boost(tx, paul, post)
        await reactions.like(tx, paul, post)

    replies = await document(here, f"{post.object_id}/replies")
    assert (replies["type"], replies["totalItems"]) == ("Collection", PAGE + 1)
    assert await walk(here, f"{post.object_id}/replies") == [each.object_id for each in answers]
    whole = await walk(here, f"{post.object_id}/context")
    assert whole == [post.object_id, *(each.object_id for each in answers)]
    assert (await document(here, f"{post.object_id}/context"))["attributedTo"] == marie.actor_id
    assert await walk(here, f"{post.object_id}/shares") == [paul.actor_id]
    # Who likes is told by a number alone.
    likes = await document(here, f"{post.object_id}/likes")
    assert likes["totalItems"] == 1
    assert paul.actor_id not in str(likes)
    assert await there.known(paul) is None


async def test_the_context_belongs_to_the_post_that_began_it(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    first = await here.say(marie, "Début")
    second = await here.say(marie, "Suite", to=first)
    assert (await ask(here, f"{second.object_id}/context")).status_code == 404


async def test_col_03_of_a_person_only_the_number_is_told(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    garden = await here.project(marie, "jardin")
    async with here.commune.database.transaction() as tx:
        await follows.follow(tx, paul, marie)
        await follows.follow(tx, paul, garden)
    for name, owner in (("followers", marie), ("following", paul)):
        found = await document(here, f"{owner.actor_id}/{name}")
        assert found["totalItems"] >= 1
        assert "first" not in found
        assert paul.actor_id not in str(found.get("orderedItems", ""))
        assert (await ask(here, f"{owner.actor_id}/{name}/page")).status_code == 404
    assert paul.actor_id in await walk(here, f"{garden.actor_id}/followers")


async def test_who_takes_part_in_a_project_is_listed(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie, paul = await here.citizen("marie"), await here.citizen("paul")
    garden = await here.project(marie, "jardin")
    async with here.commune.database.transaction() as tx:
        await links.ask(tx, paul, garden, Wish())
    members = await walk(here, f"{garden.actor_id}/members")
    assert {each["actor"] for each in members} == {marie.actor_id, paul.actor_id}
    assert {each["type"] for each in members} == {"Member"}
    assert (await ask(here, f"{marie.actor_id}/members")).status_code == 404


async def test_what_is_pinned_is_given_whole(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    shown = await here.say(marie, "Lisez-moi")
    async with here.commune.database.transaction() as tx:
        await reactions.pin(tx, marie, shown)
    found = await document(here, f"{marie.actor_id}/featured")
    assert [item["id"] for item in found["orderedItems"]] == [shown.object_id]
    assert found["totalItems"] == 1


async def test_sec_par_03_a_cursor_that_is_none_is_not_found(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie = await here.citizen("marie")
    for cursor in ("9" * 30, "-1", "٣", "1e3", "%00", "0x1", "9223372036854775808"):
        answer = await ask(here, f"{marie.actor_id}/outbox/page/{cursor}")
        assert answer.status_code in (400, 404)
    assert (await document(here, f"{marie.actor_id}/outbox/page/0"))["orderedItems"] == []
