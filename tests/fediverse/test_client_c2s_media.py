"""Pictures that an app sends, and hangs on what it writes (ActivityPub media upload)."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from fedcommune.files import films
from federation.names import PUBLIC
from tests.fediverse.apps import App, app_of, new_app
from tests.fediverse.asking import ask, document
from tests.fediverse.conftest import Neighbours
from tests.support import pictures

SHELL = {"type": "Image", "name": "La plage de Saint-Leu"}


@pytest.fixture
async def marie(neighbours: Neighbours) -> App:
    return await new_app(neighbours.here, "marie")


async def send(
    app: App, content: bytes | None, shell: dict[str, Any] | bytes | None = SHELL
) -> httpx.Response:
    """Send *content* with *shell* to where the actor document says."""
    endpoint = (await document(app.town, app.account.actor_id))["endpoints"]["uploadMedia"]
    files: dict[str, Any] = {}
    if content is not None:
        files["file"] = ("x.png", content, "image/png")
    if shell is not None:
        body = shell if isinstance(shell, bytes) else orjson.dumps(shell)
        files["object"] = (None, body, "application/activity+json")
    request = httpx.Request("POST", app.town.origin, files=files)
    return await app.call(
        "POST",
        endpoint,
        content=request.read(),
        headers={"Content-Type": request.headers.get("content-type", "multipart/form-data")},
    )


async def test_c2s_24_and_c2s_25_a_file_and_its_object_become_an_object_with_an_address(
    neighbours: Neighbours, marie: App
) -> None:
    answer = await send(marie, pictures.png(), {**SHELL, "id": "https://a.example/mine"})
    assert answer.status_code == 201
    location = answer.headers["location"]
    found = await marie.reads(location)
    assert found["id"] == location != "https://a.example/mine"
    assert (found["type"], found["name"]) == ("Image", SHELL["name"])
    assert found["attributedTo"] == marie.account.actor_id
    shown = await ask(neighbours.here, found["url"], accept="*/*")
    assert shown.status_code == 200
    assert shown.headers["content-type"] == found["mediaType"]


async def test_c2s_24_what_was_sent_is_attached_by_its_id(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await new_app(neighbours.there, "jean")
    await jean.does({"type": "Follow", "object": marie.account.actor_id})
    await neighbours.settle()
    first, second = (
        (await send(marie, pictures.png())).json(),
        (await send(marie, pictures.png(colour="#aa2211"))).json(),
    )
    anew = {**second, "name": "Le sentier"}
    note = await marie.says("<p>Dimanche</p>", attachment=[first["id"], anew])
    assert [each["url"] for each in note["attachment"]] == [first["url"], second["url"]]
    assert [each["name"] for each in note["attachment"]] == [SHELL["name"], "Le sentier"]
    await neighbours.settle()
    (arrived,) = await jean.items(f"{jean.account.actor_id}/inbox")
    assert [each["name"] for each in arrived["object"]["attachment"]] == [
        SHELL["name"],
        "Le sentier",
    ]
    changes = {"id": note["id"], "attachment": note["attachment"][:1]}
    await marie.does({"type": "Update", "object": changes})
    now = await marie.reads(note["id"])
    assert [each["url"] for each in now["attachment"]] == [first["url"]]
    assert now["content"] == note["content"]


async def test_c2s_25_what_is_worked_on_has_its_id_and_no_address_yet(
    neighbours: Neighbours, marie: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours.here.commune.workshop, "films", films.Films("true"))
    answer = await send(marie, b"OggS" + b"\x00" * 200, {"type": "Audio", "name": "Le maloya"})
    assert answer.status_code == 202
    waiting = await marie.reads(answer.headers["location"])
    assert "url" not in waiting
    assert waiting["name"] == "Le maloya"
    note = {"type": "Note", "content": "Écoutez", "attachment": [waiting["id"]]}
    assert (await marie.post(note)).status_code == 400
    assert await neighbours.here.count("commune.post") == 0


async def test_c2s_26_nobody_attaches_what_others_sent(neighbours: Neighbours, marie: App) -> None:
    paul = await new_app(neighbours.here, "paul")
    theirs = (await send(paul, pictures.png())).json()
    assert (await marie.call("GET", theirs["id"])).status_code == 404
    assert (await marie.call("GET", theirs["id"], token="")).status_code == 401
    posts = await neighbours.here.count("commune.post")
    for attached in (
        theirs["id"],
        theirs,
        {"type": "Image", "url": theirs["url"]},
        {"type": "Image", "url": "https://a.example/x.png"},
        f"{neighbours.here.origin}/ap/uploads/{'9' * 30}",
    ):
        note = {"type": "Note", "content": "à moi", "to": [PUBLIC], "attachment": [attached]}
        assert (await marie.post(note)).status_code == 400
    assert await neighbours.here.count("commune.post") == posts
    assert await neighbours.here.count("commune.done") == 0


async def test_c2s_26_what_is_no_picture_is_refused(neighbours: Neighbours, marie: App) -> None:
    for content, shell, status in (
        (None, SHELL, 400),
        (pictures.png(), None, 400),
        (pictures.png(), b"{", 400),
        (pictures.png(), b"[]", 400),
        (pictures.png(), {**SHELL, "publicKeyPem": "x"}, 400),
        (pictures.png(), {**SHELL, "name": "x" * 2_000}, 400),
        (b"<svg onload='x()'/>", SHELL, 400),
        (pictures.bomb(), SHELL, 400),
    ):
        answer = await send(marie, content, shell)
        assert answer.status_code == status, (shell, answer.text)
        assert set(answer.json()) == {"error"}
    narrow = await app_of(neighbours.here, marie.account, "read write:statuses")
    assert (await send(narrow, pictures.png())).status_code == 403
    nobody = App(neighbours.here, marie.account, "nonsense")
    assert (await send(nobody, pictures.png())).status_code == 401
    form = await marie.call("POST", "/ap/uploads", content=b"x")
    assert form.status_code == 415
    assert await neighbours.here.count("commune.media") == 0
