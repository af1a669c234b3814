"""Pictures sent, described, attached, shown, and forgotten: over HTTP, as apps do it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fedcommune.files import films
from tests.mastodon.conftest import App, Neighbours
from tests.support import pictures

PICTURE = ("cat.png", pictures.png(), "image/png")


async def sent(app: App, content: bytes = PICTURE[1], **words: str) -> dict[str, Any]:
    """Send a picture; return the attachment."""
    files = {"file": ("a.png", content, "image/png")}
    answer = await app.http.post("/api/v2/media", files=files, data=words)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def bytes_of(app: App, url: str) -> bytes:
    answer = await app.http.get(httpx.URL(url).path)
    assert answer.status_code == 200, url
    return answer.content


def kept_files(neighbours: Neighbours) -> list[str]:
    folder = neighbours.here.commune.workshop.files.folder
    return [each.name for each in folder.rglob("*") if each.is_file()]


async def test_a_picture_is_answered_with_sizes_a_blurhash_and_what_was_said(marie: App) -> None:
    media = await sent(marie, description="Un chat", focus="0.5,-0.25")

    assert media["type"] == "image"
    assert media["description"] == "Un chat"
    assert media["meta"]["original"]["size"] == "800x600"
    assert media["meta"]["small"]["width"] <= 640
    assert media["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    assert 20 <= len(media["blurhash"]) <= 40
    assert media["remote_url"] is None
    assert pictures.opened(await bytes_of(marie, media["url"])).size == (800, 600)
    assert pictures.opened(await bytes_of(marie, media["preview_url"])).format == "PNG"


async def test_sec_med_02_a_picture_is_turned_upright_and_tells_nothing_of_place_or_camera(
    marie: App,
) -> None:
    sent_bytes = pictures.from_a_telephone()
    assert pictures.CAMERA.encode() in sent_bytes

    media = await sent(marie, sent_bytes)

    for address in (media["url"], media["preview_url"]):
        kept = await bytes_of(marie, address)
        picture = pictures.opened(kept)
        assert picture.format == "JPEG"
        assert not dict(picture.getexif())
        for told in (b"Exif", b"GPS", pictures.CAMERA.encode(), b"secret comment", b"ICC_PROFILE"):
            assert told not in kept
        # What was at the left above is at the right above now.
        assert picture.height > picture.width
        assert min(picture.convert("RGB").getpixel((picture.width - 5, 5))) > 240  # type: ignore[arg-type]  # three bands


async def test_a_moving_picture_still_moves_and_its_preview_stands(marie: App) -> None:
    media = await sent(marie, pictures.moving())

    assert media["type"] == "image"
    whole = pictures.opened(await bytes_of(marie, media["url"]))
    assert (whole.format, getattr(whole, "n_frames", 1)) == ("GIF", 4)
    assert getattr(pictures.opened(await bytes_of(marie, media["preview_url"])), "n_frames", 1) == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", id="svg"),
        pytest.param(b"<!doctype html><script>alert(1)</script>", id="html"),
        pytest.param(b"%PDF-1.7 ...", id="pdf"),
        pytest.param(b'{"@context":"https://www.w3.org/ns/activitystreams"}', id="activity"),
        pytest.param(b"GIF89a/*" + b"<script>alert(1)</script>*/=1;", id="polyglot"),
        pytest.param(pictures.png()[:900], id="cut short"),
        pytest.param(pictures.bomb(), id="bomb"),
        pytest.param(pictures.moving(600, (4, 4)), id="too many frames"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\x00" * 2000, id="no picture"),
    ],
)
async def test_sec_med_02_sec_med_03_what_is_no_picture_is_refused_and_nothing_is_kept(
    neighbours: Neighbours, marie: App, content: bytes
) -> None:
    answer = await marie.http.post(
        "/api/v2/media", files={"file": ("cat.png", content, "image/png")}
    )

    assert answer.status_code == 422
    assert answer.json()["error"].startswith("Validation failed: ")
    assert await neighbours.here.count("commune.media") == 0
    assert await neighbours.here.count("commune.file") == 0
    assert kept_files(neighbours) == []


async def test_sec_med_02_what_hides_behind_a_picture_stays_behind(marie: App) -> None:
    media = await sent(marie, pictures.png() + b"<script>alert(1)</script>")

    assert b"script" not in await bytes_of(marie, media["url"])


async def test_sec_dos_01_a_file_that_is_too_large_is_refused_before_it_is_read(
    neighbours: Neighbours, marie: App
) -> None:
    large = b"\x89PNG" + b"\x00" * (films.MAX_BYTES + 17 * 1024 * 1024)
    answer = await marie.http.post("/api/v2/media", files={"file": ("a.png", large, "image/png")})

    assert answer.status_code == 413
    assert kept_files(neighbours) == []


async def test_a_sound_is_refused_in_words_where_only_pictures_can_be_worked_on(
    neighbours: Neighbours, marie: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours.here.commune.workshop, "films", films.Films(""))

    answer = await marie.http.post(
        "/api/v2/media", files={"file": ("a.ogg", b"OggS" + b"\x00" * 200, "audio/ogg")}
    )

    assert answer.status_code == 422
    assert "Only pictures" in answer.json()["error"]
    assert await neighbours.here.count("commune.media") == 0
    limits = (await marie.http.get("/api/v2/instance")).json()["configuration"]
    assert limits["media_attachments"]["video_size_limit"] == 0
    assert not [t for t in limits["media_attachments"]["supported_mime_types"] if "video" in t]


async def test_sec_med_07_what_another_sent_is_not_there(
    neighbours: Neighbours, marie: App
) -> None:
    media = await sent(marie)
    jean = await neighbours.app("jean")

    answers = [
        await jean.http.get(f"/api/v1/media/{media['id']}"),
        await jean.http.put(f"/api/v1/media/{media['id']}", data={"description": "mine"}),
        await jean.http.delete(f"/api/v1/media/{media['id']}"),
    ]
    post = await jean.http.post(
        "/api/v1/statuses", data={"status": "Mine", "media_ids[]": media["id"]}
    )

    assert [each.status_code for each in answers] == [404, 404, 404]
    assert post.status_code == 422
    assert await neighbours.here.count("commune.post") == 0
    mine = (await marie.http.get(f"/api/v1/media/{media['id']}")).json()
    assert mine["description"] is None


async def test_words_and_focus_are_changed_until_it_hangs_on_something(marie: App) -> None:
    media = await sent(marie)

    changed = await marie.http.put(
        f"/api/v1/media/{media['id']}",
        data={"description": "Le lagon", "focus": "-1,1"},
        files={"thumbnail": ("t.png", pictures.png((300, 300), "#aa3333"), "image/png")},
    )

    assert changed.status_code == 200
    assert changed.json()["description"] == "Le lagon"
    assert changed.json()["meta"]["focus"] == {"x": -1.0, "y": 1.0}
    assert changed.json()["preview_url"] != media["preview_url"]
    assert changed.json()["meta"]["small"]["size"] == "300x300"
    gone = await marie.http.get(httpx.URL(media["preview_url"]).path)
    assert gone.status_code == 404


@pytest.mark.parametrize(
    "words", [{"focus": "2,0"}, {"focus": "left"}, {"description": "x" * 1501}]
)
async def test_words_that_cannot_be_are_refused_and_nothing_is_kept(
    neighbours: Neighbours, marie: App, words: dict[str, str]
) -> None:
    answer = await marie.http.post("/api/v2/media", files={"file": PICTURE}, data=words)

    assert answer.status_code == 422
    assert await neighbours.here.count("commune.media") == 0


async def test_sec_dos_06_who_sends_and_never_publishes_is_stopped(
    neighbours: Neighbours, marie: App
) -> None:
    await sent(marie)
    await neighbours.here.commune.database.pool.execute(
        """
        insert into commune.media (id, account_id, kind, created_at)
        select number, $1, 'image', now() from generate_series(1, 39) number
        """,
        marie.account.id,
    )

    answer = await marie.http.post("/api/v2/media", files={"file": PICTURE})

    assert answer.status_code == 422
    assert await neighbours.here.count("commune.media") == 40


async def test_a_status_carries_pictures_in_the_order_said_and_no_text_is_needed(
    neighbours: Neighbours, marie: App
) -> None:
    first, second = await sent(marie), await sent(marie, pictures.from_a_telephone())

    made = await marie.http.post(
        "/api/v1/statuses", json={"media_ids": [second["id"], first["id"]]}
    )

    assert made.status_code == 200, made.text
    status = made.json()
    assert [each["id"] for each in status["media_attachments"]] == [second["id"], first["id"]]
    assert status["media_attachments"][0] == second
    again = await marie.http.post("/api/v1/statuses", json={"media_ids": [first["id"]]})
    assert again.status_code == 422
    listed = await marie.http.get(
        f"/api/v1/accounts/{marie.account.id}/statuses", params={"only_media": "true"}
    )
    assert [each["id"] for each in listed.json()] == [status["id"]]
    public = await marie.http.get("/api/v1/timelines/public", params={"only_media": "true"})
    assert [each["id"] for each in public.json()] == [status["id"]]


async def test_sec_dos_05_a_status_carries_four_at_most(neighbours: Neighbours, marie: App) -> None:
    ids = [(await sent(marie, pictures.png((8, 8))))["id"] for _ in range(5)]

    made = await marie.http.post("/api/v1/statuses", json={"status": "5", "media_ids": ids})

    assert made.status_code == 422
    assert await neighbours.here.count("commune.post") == 0


async def test_an_edit_changes_what_hangs_on_a_status_and_what_is_said_of_it(marie: App) -> None:
    first, second = await sent(marie), await sent(marie)
    made = await marie.http.post(
        "/api/v1/statuses", json={"status": "Deux", "media_ids": [first["id"], second["id"]]}
    )
    status_id = made.json()["id"]

    edited = await marie.http.put(
        f"/api/v1/statuses/{status_id}",
        json={
            "status": "Une",
            "media_ids": [second["id"]],
            "media_attributes": [{"id": second["id"], "description": "La mer", "focus": "0,0.5"}],
        },
    )
    kept = await marie.http.put(f"/api/v1/statuses/{status_id}", json={"status": "Une seule"})
    none = await marie.http.put(
        f"/api/v1/statuses/{status_id}", json={"status": "Aucune", "media_ids": []}
    )

    (attached,) = edited.json()["media_attachments"]
    assert (attached["id"], attached["description"]) == (second["id"], "La mer")
    assert attached["meta"]["focus"] == {"x": 0.0, "y": 0.5}
    assert edited.json()["edited_at"] is not None
    assert [each["id"] for each in kept.json()["media_attachments"]] == [second["id"]]
    assert none.json()["media_attachments"] == []


async def test_what_is_deleted_can_be_written_anew_for_a_day_then_it_is_gone(
    neighbours: Neighbours, marie: App
) -> None:
    media = await sent(marie)
    made = await marie.http.post(
        "/api/v1/statuses", json={"status": "Faute", "media_ids": [media["id"]]}
    )

    deleted = await marie.http.delete(f"/api/v1/statuses/{made.json()['id']}")
    anew = await marie.http.post(
        "/api/v1/statuses", json={"status": "Juste", "media_ids": [media["id"]]}
    )
    await marie.http.delete(f"/api/v1/statuses/{anew.json()['id']}")
    neighbours.clock.pass_by(hours=25)
    await neighbours.here.commune.chores.step()

    assert deleted.json()["media_attachments"][0]["id"] == media["id"]
    assert anew.status_code == 200
    assert (await marie.http.get(httpx.URL(media["url"]).path)).status_code == 404
    assert await neighbours.here.count("commune.media") == 0
    assert await neighbours.here.count("commune.file") == 0


async def test_sec_med_08_who_says_so_has_the_files_gone_at_once(
    neighbours: Neighbours, marie: App
) -> None:
    media = await sent(marie)
    made = await marie.http.post(
        "/api/v1/statuses", json={"status": "Adieu", "media_ids": [media["id"]]}
    )

    await marie.http.delete(
        f"/api/v1/statuses/{made.json()['id']}", params={"delete_media": "true"}
    )

    for address in (media["url"], media["preview_url"]):
        assert (await marie.http.get(httpx.URL(address).path)).status_code == 404
    assert await neighbours.here.count("commune.file") == 0


async def test_removing_is_for_what_hangs_on_nothing(neighbours: Neighbours, marie: App) -> None:
    loose, used = await sent(marie), await sent(marie)
    await marie.http.post("/api/v1/statuses", json={"status": "Une", "media_ids": [used["id"]]})

    removed = await marie.http.delete(f"/api/v1/media/{loose['id']}")
    refused = await marie.http.delete(f"/api/v1/media/{used['id']}")
    unchanged = await marie.http.put(f"/api/v1/media/{used['id']}", data={"description": "Non"})

    assert (removed.status_code, refused.status_code, unchanged.status_code) == (200, 422, 404)
    assert await neighbours.here.count("commune.media") == 1


async def test_sec_med_01_files_are_shown_as_what_they_are_and_can_do_nothing(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    media = await sent(marie)
    path = httpx.URL(media["url"]).path

    shown = await anyone.get(path, headers={"Accept": "application/activity+json"})
    head = await anyone.head(path)
    part = await anyone.get(path, headers={"Range": "bytes=0-9"})
    posted = await anyone.post(path)

    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["access-control-allow-origin"] == "*"
    assert shown.headers["content-disposition"] == "inline"
    assert "immutable" in shown.headers["cache-control"]
    assert "set-cookie" not in shown.headers
    assert (head.status_code, head.content) == (200, b"")
    assert (part.status_code, len(part.content)) == (206, 10)
    assert posted.status_code == 405


@pytest.mark.parametrize(
    "name",
    [
        "../secret.key",
        "..%2f..%2fsecret.key",
        "%2e%2e/secret.key",
        "/etc/passwd",
        "0" * 32 + ".png%00.html",
        "0" * 32 + ".html",
        "0" * 32 + ".png",
        "ａ" * 32 + ".png",
        "copies/whole/0123/aHR0cDovL2E",
    ],
)
async def test_sec_med_05_nothing_else_is_shown(anyone: httpx.AsyncClient, name: str) -> None:
    answer = await anyone.get(f"/media/{name}")

    assert answer.status_code in (400, 404)
    assert "root:" not in answer.text


async def test_sec_med_05_a_link_in_the_folder_leads_nowhere(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    media = await sent(marie)
    name = httpx.URL(media["url"]).path.rpartition("/")[2]
    path = neighbours.here.commune.workshop.files.path(name)
    path.unlink()
    path.symlink_to("/etc/passwd")

    assert (await anyone.get(f"/media/{name}")).status_code == 404


async def test_the_processes_that_draw_end_when_there_is_nothing_to_draw(
    neighbours: Neighbours, marie: App
) -> None:
    painters = neighbours.here.commune.workshop.painters
    assert painters.running == 0

    await sent(marie)
    assert painters.running == 1
    await painters.aclose()

    assert painters.running == 0
