"""Faces, banners, small pictures for words, and strangers' pictures: across two communes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Changes
from fedcommune.domain.emojis import actions as emojis
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.media import queries as media_queries
from fedcommune.domain.moderation import actions as moderation
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.test_media import sent
from tests.support import pictures
from tests.support.communes import Town

AS2 = {"Accept": "application/activity+json"}


def face(colour: str = "#aa3333") -> tuple[str, bytes, str]:
    return ("me.png", pictures.png((900, 700), colour), "image/png")


async def followed(neighbours: Neighbours, marie: App) -> App:
    """Return jean of Trois-Bassins, who follows marie of Saint-Leu."""
    jean = await neighbours.app("jean", neighbours.there)
    stranger = await neighbours.there.meet(marie.account)
    async with neighbours.there.commune.database.transaction() as tx:
        await follows.follow(tx, jean.account, stranger)
    await neighbours.settle()
    return jean


def is_of(town: Town, address: str) -> bool:
    return address.startswith(f"{town.origin}/")


async def shown(app: App, address: str) -> httpx.Response:
    return await app.http.get(httpx.URL(address).raw_path.decode())


async def home(app: App) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await app.http.get("/api/v1/timelines/home")).json()
    return found


async def test_w_doc_06_a_picture_arrives_next_door_with_words_focus_and_blur(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await followed(neighbours, marie)
    media = await sent(marie, pictures.from_a_telephone(), description="Le lagon", focus="0.1,0.2")

    made = await marie.http.post(
        "/api/v1/statuses", json={"status": "Regardez", "media_ids": [media["id"]]}
    )
    await neighbours.settle()

    document = (await marie.http.get(httpx.URL(made.json()["uri"]).path, headers=AS2)).json()
    (attached,) = document["attachment"]
    assert attached["type"] == "Image"
    assert attached["mediaType"] == "image/jpeg"
    assert attached["name"] == "Le lagon"
    assert attached["focalPoint"] == [0.1, 0.2]
    assert attached["blurhash"] == media["blurhash"]
    (status,) = await home(jean)
    (arrived,) = status["media_attachments"]
    assert arrived["type"] == "image"
    assert arrived["description"] == "Le lagon"
    assert arrived["blurhash"] == media["blurhash"]
    assert arrived["remote_url"] == media["url"]
    assert arrived["meta"]["focus"] == {"x": 0.1, "y": 0.2}


async def test_a_strangers_picture_is_shown_from_our_own_copy_fetched_once(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await followed(neighbours, marie)
    media = await sent(marie)
    await marie.http.post("/api/v1/statuses", json={"status": "Là", "media_ids": [media["id"]]})
    await neighbours.settle()
    (status,) = await home(jean)
    (arrived,) = status["media_attachments"]

    assert is_of(neighbours.there, arrived["url"])
    assert is_of(neighbours.there, arrived["preview_url"])
    whole, small = await shown(jean, arrived["url"]), await shown(jean, arrived["preview_url"])
    assert whole.status_code == small.status_code == 200
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert pictures.opened(whole.content).size == (800, 600)
    assert await neighbours.there.count("commune.copy") == 1


async def test_sec_med_08_our_copy_goes_with_the_post_it_was_attached_to(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await followed(neighbours, marie)
    media = await sent(marie)
    made = await marie.http.post(
        "/api/v1/statuses", json={"status": "Là", "media_ids": [media["id"]]}
    )
    await neighbours.settle()
    (status,) = await home(jean)
    address = status["media_attachments"][0]["url"]
    assert (await shown(jean, address)).status_code == 200

    await marie.http.delete(
        f"/api/v1/statuses/{made.json()['id']}", params={"delete_media": "true"}
    )
    await neighbours.settle()

    assert await neighbours.there.count("commune.file") == 0
    assert (await shown(jean, address)).status_code == 404


async def test_sec_med_06_only_addresses_with_our_seal_are_fetched(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await followed(neighbours, marie)
    media = await sent(marie)
    there = neighbours.there.commune.instance
    good = httpx.URL(there.copy("whole", media["url"])).path

    sealed = good.split("/")
    forged = [
        "/".join([*sealed[:4], "0" * 32, sealed[5]]),
        "/".join([*sealed[:3], "small", *sealed[4:]]),
        "/".join([*sealed[:3], "html", *sealed[4:]]),
        good + "AA",
        # A copy of a copy, and something of ours: sealed, and still not asked for.
        httpx.URL(there.copy("whole", there.copy("whole", media["url"]))).path,
        httpx.URL(there.copy("whole", f"{there.origin}/actor")).path,
        httpx.URL(there.copy("whole", "file:///etc/passwd")).path,
        httpx.URL(there.copy("whole", "http://169.254.169.254/latest")).path,
    ]
    answers = [await jean.http.get(path) for path in forged]

    assert [each.status_code for each in answers] == [404] * len(forged)
    assert not any("location" in each.headers for each in answers)
    assert await neighbours.there.count("commune.file") == 0


async def test_sec_med_06_what_is_no_picture_is_no_copy(neighbours: Neighbours, marie: App) -> None:
    jean = await followed(neighbours, marie)
    post = await neighbours.here.say(marie.account, "Pas une image")
    there = neighbours.there.commune.instance

    answer = await shown(jean, there.copy("whole", post.object_id))

    assert answer.status_code == 404
    assert await neighbours.there.count("commune.file") == 0
    # And is not asked for again at once.
    assert await neighbours.there.count("commune.copy") == 1


async def test_sec_mod_01_a_refused_server_is_not_asked_for_pictures(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await followed(neighbours, marie)
    media = await sent(marie)
    await marie.http.post("/api/v1/statuses", json={"status": "Là", "media_ids": [media["id"]]})
    await neighbours.settle()
    (status,) = await home(jean)
    async with neighbours.there.commune.database.transaction() as tx:
        await moderation.block_host(tx, neighbours.here.domain, reason="x")
    await neighbours.there.commune.reload_policies()

    answer = await shown(jean, status["media_attachments"][0]["url"])

    assert answer.status_code == 404
    assert await neighbours.there.count("commune.file") == 0


async def test_copies_that_nobody_looks_at_make_room(neighbours: Neighbours, marie: App) -> None:
    jean = await followed(neighbours, marie)
    there = neighbours.there.commune
    media = await sent(marie)
    await shown(jean, there.instance.copy("whole", media["url"]))
    assert await neighbours.there.count("commune.file") == 2
    neighbours.clock.pass_by(days=31)

    await there.chores.step()

    assert await neighbours.there.count("commune.copy") == 0
    assert await neighbours.there.count("commune.file") == 0
    async with there.database.transaction() as tx:
        await media_queries.evict(tx.db, unseen=tx.now, room=0)


async def test_a_face_and_a_banner_are_drawn_told_and_shown_next_door(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await followed(neighbours, marie)

    changed = await marie.http.patch(
        "/api/v1/accounts/update_credentials",
        data={"display_name": "Marie du lagon"},
        files={"avatar": face(), "header": face("#114477")},
    )
    await neighbours.settle()

    assert changed.status_code == 200, changed.text
    account = changed.json()
    assert account["display_name"] == "Marie du lagon"
    assert account["avatar"] == account["avatar_static"]
    assert pictures.opened((await shown(marie, account["avatar"])).content).size == (400, 400)
    assert pictures.opened((await shown(marie, account["header"])).content).size == (1500, 500)
    actor = (await marie.http.get(httpx.URL(account["uri"]).path, headers=AS2)).json()
    assert actor["icon"] == {"type": "Image", "mediaType": "image/png", "url": account["avatar"]}
    assert actor["image"]["url"] == account["header"]
    stranger = await neighbours.there.meet(marie.account)
    seen = (await jean.http.get(f"/api/v1/accounts/{stranger.id}")).json()
    assert is_of(neighbours.there, seen["avatar"])
    assert pictures.opened((await shown(jean, seen["avatar"])).content).size == (400, 400)
    assert pictures.opened((await shown(jean, seen["header"])).content).size == (1500, 500)


async def test_another_face_takes_the_place_of_the_first_and_can_be_taken_away(
    neighbours: Neighbours, marie: App
) -> None:
    path = "/api/v1/accounts/update_credentials"
    first = (await marie.http.patch(path, files={"avatar": face()})).json()["avatar"]
    second = (await marie.http.patch(path, files={"avatar": face("#113311")})).json()["avatar"]

    assert (await shown(marie, first)).status_code == 404
    assert (await shown(marie, second)).status_code == 200
    removed = (await marie.http.delete("/api/v1/profile/avatar")).json()

    assert removed["avatar"].endswith("/static/avatar.png")
    assert (await shown(marie, second)).status_code == 404
    assert await neighbours.here.count("commune.file") == 0


async def test_sec_med_02_what_is_no_face_is_refused_and_nothing_changes(
    neighbours: Neighbours, marie: App
) -> None:
    answer = await marie.http.patch(
        "/api/v1/accounts/update_credentials",
        data={"display_name": "Autre"},
        files={"avatar": ("me.png", b"<svg/>", "image/png")},
    )

    assert answer.status_code == 422
    assert "avatar" in answer.json()["details"]
    mine = (await marie.http.get("/api/v1/accounts/verify_credentials")).json()
    assert mine["display_name"] == "Marie"
    assert await neighbours.here.count("commune.file") == 0


async def test_an_association_has_a_face_too(neighbours: Neighbours, marie: App) -> None:
    garden = await neighbours.here.organisation(marie.account, "jardiniers")
    token = await neighbours.token(neighbours.here, marie.account, acting=garden)
    http = await neighbours.http(neighbours.here, token)

    changed = await http.patch("/api/v1/accounts/update_credentials", files={"avatar": face()})

    assert changed.json()["acct"] == "jardiniers"
    assert "/media/" in changed.json()["avatar"]
    mine = (await marie.http.get("/api/v1/accounts/verify_credentials")).json()
    assert "/static/" in mine["avatar"]


async def test_the_pictures_of_who_leaves_go_with_them(neighbours: Neighbours, marie: App) -> None:
    path = "/api/v1/accounts/update_credentials"
    avatar = (await marie.http.patch(path, files={"avatar": face()})).json()["avatar"]
    media = await sent(marie)
    await marie.http.post("/api/v1/statuses", json={"status": "Ici", "media_ids": [media["id"]]})

    async with neighbours.here.commune.database.transaction() as tx:
        await accounts.delete(tx, marie.account)

    for address in (avatar, media["url"], media["preview_url"]):
        assert (await shown(marie, address)).status_code == 404
    assert await neighbours.here.count("commune.file") == 0


async def test_w_doc_07_a_picture_stands_for_a_word_here_and_next_door(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await followed(neighbours, marie)
    here = neighbours.here.commune
    file = await here.workshop.sized(pictures.png((300, 200)), "emoji")
    async with here.database.transaction() as tx:
        made = await emojis.add(tx, ":gecko:", file, "Animaux")
        await accounts.edit(tx, marie.account, Changes(name="Marie :gecko:"))

    status = (
        await marie.http.post("/api/v1/statuses", json={"status": "Un :gecko: et un :autre:"})
    ).json()
    await neighbours.settle()

    listed = (await marie.http.get("/api/v1/custom_emojis")).json()
    assert [(each["shortcode"], each["category"]) for each in listed] == [("gecko", "Animaux")]
    assert [each["shortcode"] for each in status["emojis"]] == ["gecko"]
    assert [each["shortcode"] for each in status["account"]["emojis"]] == ["gecko"]
    assert pictures.opened((await shown(marie, listed[0]["url"])).content).size == (128, 85)
    note = (await marie.http.get(httpx.URL(status["uri"]).path, headers=AS2)).json()
    (tag,) = [each for each in note["tag"] if each["type"] == "Emoji"]
    assert tag["id"] == here.instance.emoji(made.id)
    assert tag["icon"] == {"type": "Image", "mediaType": "image/png", "url": listed[0]["url"]}
    document = (await marie.http.get(httpx.URL(tag["id"]).path, headers=AS2)).json()
    assert document["name"] == ":gecko:"
    (arrived,) = await home(jean)
    (seen,) = arrived["emojis"]
    assert is_of(neighbours.there, seen["url"])
    assert (await shown(jean, seen["url"])).status_code == 200
    assert [each["shortcode"] for each in arrived["account"]["emojis"]] == ["gecko"]


@pytest.mark.parametrize("code", ["a", "../../x", "é" * 5, "x" * 51, ""])
async def test_sec_med_05_a_word_that_cannot_be_typed_stands_for_nothing(
    neighbours: Neighbours, code: str
) -> None:
    here = neighbours.here.commune
    file = await here.workshop.sized(pictures.png((8, 8)), "emoji")

    with pytest.raises(Exception, match="A name has 2 to 50"):
        async with here.database.transaction() as tx:
            await emojis.add(tx, code, file)

    assert await neighbours.here.count("commune.emoji") == 0
