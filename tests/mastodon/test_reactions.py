"""Favourite, boost, keep, pin, and no longer hear of a thread."""

from __future__ import annotations

from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import STATUSES, cursors, did, ids, said


async def test_each_deed_shows_and_can_be_undone(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    status = await said(marie, "Bonjour")
    for verb, undo, shows, counts in [
        ("favourite", "unfavourite", "favourited", "favourites_count"),
        ("bookmark", "unbookmark", "bookmarked", None),
        ("mute", "unmute", "muted", None),
    ]:
        done = await did(paul, verb, status)
        again = await did(paul, verb, status)
        assert done[shows] is again[shows] is True
        if counts:
            assert again[counts] == 1
        assert (await marie.http.get(f"{STATUSES}/{status['id']}")).json()[shows] is False
        undone = await did(paul, undo, status)
        assert undone[shows] is False
        if counts:
            assert undone[counts] == 0


async def test_a_boost_is_a_status_around_a_status(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    status = await said(marie, "Bonjour", visibility="unlisted")

    boost = await did(paul, "reblog", status, visibility="unlisted")

    assert boost["id"] != status["id"]
    assert boost["visibility"] == "unlisted"
    assert boost["account"]["username"] == "paul"
    assert boost["content"] == status["content"]
    assert boost["reblog"]["id"] == status["id"]
    assert boost["reblog"]["reblogged"] is True
    assert boost["reblog"]["reblogs_count"] == 1
    shown = schemas.status((await marie.http.get(f"{STATUSES}/{boost['id']}")).json())
    assert shown["reblog"]["id"] == status["id"]
    # What is done to the boost is done to what it shows.
    liked = await did(marie, "favourite", boost)
    assert (liked["id"], liked["favourites_count"]) == (status["id"], 1)
    taken_back = await did(paul, "unreblog", boost)
    assert (taken_back["id"], taken_back["reblogged"]) == (status["id"], False)
    assert (await marie.http.get(f"{STATUSES}/{boost['id']}")).status_code == 404


async def test_a_boost_is_taken_back_by_deleting_it_but_not_by_others(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    status = await said(marie, "Bonjour", visibility="unlisted")
    boost = await did(paul, "reblog", status)

    refused = await marie.http.delete(f"{STATUSES}/{boost['id']}")
    deleted = await paul.http.delete(f"{STATUSES}/{boost['id']}")

    assert refused.status_code == 404
    assert deleted.status_code == 200
    shown = (await marie.http.get(f"{STATUSES}/{status['id']}")).json()
    assert shown["reblogs_count"] == 0


async def test_what_is_for_followers_is_boosted_by_nobody_else(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    status = await said(marie, "@paul pour toi", visibility="private")

    answer = await paul.http.post(f"{STATUSES}/{status['id']}/reblog")

    assert answer.status_code == 403
    assert await neighbours.here.count("commune.reaction") == 0


async def test_only_ones_own_open_status_is_pinned(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    status = await said(marie, "Bonjour")
    hidden = await said(marie, "Discret", visibility="private")

    assert (await did(marie, "pin", status))["pinned"] is True
    assert (await paul.http.post(f"{STATUSES}/{status['id']}/pin")).status_code == 422
    assert (await marie.http.post(f"{STATUSES}/{hidden['id']}/pin")).status_code == 422
    assert (await did(marie, "unpin", status))["pinned"] is False
    assert await neighbours.here.count("commune.featured") == 0


async def test_who_favourited_comes_in_pages(neighbours: Neighbours, marie: App) -> None:
    status = await said(marie, "Bonjour", visibility="unlisted")
    path = f"{STATUSES}/{status['id']}/favourited_by"
    for name in ("paul", "luc", "jean"):
        await did(await neighbours.app(name), "favourite", status)

    first = await marie.http.get(path, params={"limit": "2"})
    second = await marie.http.get(cursors(first)["next"])

    assert [each["username"] for each in schemas.accounts(first.json())] == ["jean", "luc"]
    assert [each["username"] for each in second.json()] == ["paul"]


async def test_of_a_muted_thread_nothing_more_is_told(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    status = await said(marie, "Bonjour", visibility="unlisted")
    answer = await said(paul, "@marie un", in_reply_to_id=status["id"])
    assert await neighbours.here.count("commune.notification") == 1

    await did(marie, "mute", status)
    await said(paul, "@marie deux", in_reply_to_id=answer["id"])
    assert await neighbours.here.count("commune.notification") == 1

    await did(marie, "unmute", status)
    await said(paul, "@marie trois", in_reply_to_id=answer["id"])
    assert await neighbours.here.count("commune.notification") == 2


async def test_bookmarks_and_favourites_come_as_they_were_kept_with_their_own_cursors(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    first, second, third = [await said(marie, text) for text in ("Un", "Deux", "Trois")]
    for verb, path in (("bookmark", "/api/v1/bookmarks"), ("favourite", "/api/v1/favourites")):
        for status in (second, third, first):
            await did(paul, verb, status)

        page = await paul.http.get(path, params={"limit": "2"})
        rest = await paul.http.get(cursors(page)["next"])
        back = await paul.http.get(cursors(rest)["prev"])

        assert [each["id"] for each in page.json()] == [first["id"], third["id"]]
        assert [each["id"] for each in rest.json()] == [second["id"]]
        assert [each["id"] for each in back.json()] == [first["id"], third["id"]]
        assert await ids(marie.http, path) == []


async def test_what_was_deleted_is_kept_by_nobody(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    status = await said(marie, "Un instant")
    await did(paul, "bookmark", status)
    await did(paul, "favourite", status)

    await marie.http.delete(f"{STATUSES}/{status['id']}")

    assert await ids(paul.http, "/api/v1/bookmarks") == []
    assert await ids(paul.http, "/api/v1/favourites") == []
    assert await neighbours.here.count("commune.bookmark") == 0
