"""Sounds and films sent by apps, worked on afterwards; for machines with ffmpeg."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.fedcommune.files.test_films import film, with_ffmpeg
from tests.mastodon.conftest import App, Neighbours
from tests.support import pictures


@with_ffmpeg
async def test_a_film_is_accepted_then_ready_then_published(
    neighbours: Neighbours, marie: App, tmp_path: Path
) -> None:
    sent = await marie.http.post(
        "/api/v2/media", files={"file": ("film.mp4", film(tmp_path), "video/mp4")}
    )
    assert (sent.status_code, sent.json()["url"]) == (202, None)
    path = f"/api/v1/media/{sent.json()['id']}"
    waiting = await marie.http.get(path)
    early = await marie.http.post("/api/v1/statuses", json={"media_ids": [sent.json()["id"]]})

    assert await neighbours.here.commune.workshop.step()
    ready = await marie.http.get(path)
    published = await marie.http.post(
        "/api/v1/statuses", json={"status": "Film", "media_ids": [sent.json()["id"]]}
    )

    assert (waiting.status_code, early.status_code) == (206, 422)
    assert ready.status_code == 200
    media = ready.json()
    assert media["type"] == "video"
    assert 1.5 < media["meta"]["original"]["duration"] < 2.5
    assert published.json()["media_attachments"][0]["id"] == media["id"]
    preview = await marie.http.get(httpx.URL(media["preview_url"]).path)
    assert pictures.opened(preview.content).size == (320, 240)
    part = await marie.http.get(httpx.URL(media["url"]).path, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-type"] == "video/mp4"
    # What was sent, with all it told, is not kept.
    assert await neighbours.here.count("commune.file") == 2


@with_ffmpeg
async def test_a_film_of_which_nothing_can_be_made_is_told_of_and_forgotten(
    neighbours: Neighbours, marie: App
) -> None:
    rubbish = {"file": ("a.ogg", b"OggS" + b"\x00" * 500, "audio/ogg")}
    sent = await marie.http.post("/api/v2/media", files=rubbish)

    await neighbours.here.commune.workshop.step()

    answer = await marie.http.get(f"/api/v1/media/{sent.json()['id']}")
    assert (sent.status_code, answer.status_code) == (202, 422)
    assert await neighbours.here.count("commune.file") == 0
    neighbours.clock.pass_by(hours=25)
    await neighbours.here.commune.chores.step()
    assert await neighbours.here.count("commune.media") == 0


@with_ffmpeg
async def test_who_asks_the_old_way_waits(marie: App, tmp_path: Path) -> None:
    sent = await marie.http.post(
        "/api/v1/media", files={"file": ("film.mp4", film(tmp_path), "video/mp4")}
    )

    assert sent.status_code == 200
    assert sent.json()["url"] is not None
