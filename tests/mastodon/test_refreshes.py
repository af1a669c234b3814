"""A thread that is completed while it is read, and our posts in the pages of others."""

from __future__ import annotations

import re

import pytest

from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import STATUSES, said

HEADER = "mastodon-async-refresh"


async def found_by(app: App, uri: str) -> str:
    """Let *app* find a status of elsewhere; return its id here."""
    answer = await app.http.get("/api/v2/search", params={"q": uri, "resolve": "true"})
    (status,) = answer.json()["statuses"]
    return str(status["id"])


async def test_w_thr_02_a_thread_is_completed_once_for_all_who_read_it(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.app("jean", neighbours.there)
    lea = await neighbours.app("lea", neighbours.there)
    question = await said(jean, "Qui vient ?")
    post = await said(jean, "À huit heures.", in_reply_to_id=question["id"])
    first = await said(lea, "Moi", in_reply_to_id=post["id"])
    second = await said(jean, "Bien", in_reply_to_id=first["id"])
    secret = await said(lea, "Psst", in_reply_to_id=post["id"], visibility="private")
    here = await found_by(marie, post["uri"])

    before = await marie.http.get(f"{STATUSES}/{here}/context")
    assert schemas.context(before.json())["descendants"] == []
    told = re.fullmatch(r'id="([0-9]+)", retry=[0-9]+, result_count=0', before.headers[HEADER])
    assert told is not None
    again = await marie.http.get(f"{STATUSES}/{here}/context")
    assert again.headers[HEADER] == before.headers[HEADER]
    path = f"/api/v1_alpha/async_refreshes/{told[1]}"
    assert (await marie.http.get(path)).json()["async_refresh"]["status"] == "running"
    assert await neighbours.here.commune.threads.step()

    refreshed = (await marie.http.get(path)).json()["async_refresh"]
    assert refreshed == {"id": told[1], "status": "finished", "result_count": 3}
    after = await marie.http.get(f"{STATUSES}/{here}/context")
    shown = schemas.context(after.json())
    assert [each["uri"] for each in shown["ancestors"]] == [question["uri"]]
    assert [each["uri"] for each in shown["descendants"]] == [first["uri"], second["uri"]]
    assert secret["uri"] not in after.text
    assert HEADER not in after.headers
    assert not await neighbours.here.commune.threads.step()
    assert (await marie.http.get("/api/v1/notifications")).json() == []
    neighbours.clock.pass_by(minutes=20)
    later = await marie.http.get(f"{STATUSES}/{here}/context")
    assert later.headers[HEADER] != before.headers[HEADER]


async def test_sec_net_11_only_somebody_signed_in_lets_us_ask(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.app("jean", neighbours.there)
    post = await said(jean, "Qui vient ?")
    here = await found_by(marie, post["uri"])
    mine = await said(marie, "Moi")

    anyone = await (await neighbours.http()).get(f"{STATUSES}/{here}/context")
    ours = await marie.http.get(f"{STATUSES}/{mine['id']}/context")

    assert HEADER not in anyone.headers
    assert HEADER not in ours.headers
    assert await neighbours.here.count("commune.thread_walk") == 0


@pytest.mark.parametrize("unknown", ["1", "x", "99999999999999999999"])
async def test_a_refresh_that_never_was_is_not_found(marie: App, unknown: str) -> None:
    answer = await marie.http.get(f"/api/v1_alpha/async_refreshes/{unknown}")

    assert answer.status_code == 404


async def test_an_open_post_of_ours_is_embedded_without_a_script(
    neighbours: Neighbours, marie: App
) -> None:
    status = await said(marie, "Bonjour <script>alert(1)</script> **toi**")
    anyone = await neighbours.http()

    found = (await anyone.get("/api/oembed", params={"url": status["url"]})).json()
    assert (found["type"], found["version"]) == ("rich", "1.0")
    assert (found["author_name"], found["author_url"]) == (
        "Marie",
        f"{neighbours.here.origin}/@marie",
    )
    assert "<strong>toi</strong>" in found["html"]
    assert "<script" not in found["html"]
    assert status["url"] in found["html"]
    page = await anyone.get(str(status["url"]), headers={"Accept": "text/html"})
    link = re.search(r'type="application/json\+oembed" href="([^"]+)"', page.text)
    assert link is not None
    assert (await anyone.get(link[1].replace("&amp;", "&"))).json() == found


async def test_sec_vis_01_oembed_shows_what_anyone_may_read(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.app("jean", neighbours.there)
    private = await said(marie, "Secret", visibility="private")
    theirs = await said(jean, "Ailleurs")
    gone = await said(marie, "Adieu")
    await marie.http.delete(f"{STATUSES}/{gone['id']}")

    for url in (private["url"], theirs["url"], gone["url"], "https://autre.example/", "x"):
        answer = await marie.http.get("/api/oembed", params={"url": url})
        assert answer.status_code == 404, url
    assert (await marie.http.get("/api/oembed")).status_code == 422
