"""What one writes with an app, and what becomes of it."""

from __future__ import annotations

from datetime import datetime

import httpx
import pytest

from fedcommune.domain.visibility import Visibility
from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import STATUSES, said


async def test_what_is_written_is_shown_in_every_field(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")

    status = await said(
        marie, "Bonjour @paul, **demain** #Agenda", spoiler_text="attention", language="fr"
    )

    content = str(status["content"])
    assert f'<a href="{neighbours.here.origin}/@paul" class="u-url mention"' in content
    assert "<strong>demain</strong>" in content
    assert f'<a href="{neighbours.here.origin}/tags/agenda" class="mention hashtag"' in content
    assert status["spoiler_text"] == "attention"
    assert status["sensitive"] is True
    assert status["visibility"] == "public"
    assert status["language"] == "fr"
    assert status["url"] == f"{neighbours.here.origin}/@marie/{status['id']}"
    assert status["tags"] == [{"name": "agenda", "url": f"{neighbours.here.origin}/tags/agenda"}]
    assert status["mentions"] == [
        {
            "id": str(paul.account.id),
            "username": "paul",
            "acct": "paul",
            "url": f"{neighbours.here.origin}/@paul",
        }
    ]
    account = status["account"]
    assert isinstance(account, dict)
    assert account["acct"] == "marie"
    assert str(account["avatar"]).startswith(neighbours.here.origin)
    picture = await marie.http.get(str(account["avatar"]))
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["access-control-allow-origin"] == "*"


async def test_the_commune_carries_what_is_written_with_an_app(
    neighbours: Neighbours, marie: App
) -> None:
    status = await said(marie, "Un concert #agenda")

    boosters = (await marie.http.get(f"{STATUSES}/{status['id']}/reblogged_by")).json()
    assert [each["username"] for each in boosters] == ["agenda", "saint-leu.localhost"]
    assert [each["group"] for each in boosters] == [True, False]
    assert all(each["bot"] for each in boosters)


async def test_the_same_key_within_an_hour_is_the_same_status(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    key = {"Idempotency-Key": "abc"}
    body = {"status": "Une fois"}

    first = await marie.http.post(STATUSES, data=body, headers=key)
    again = await marie.http.post(STATUSES, data=body, headers=key)
    other = await paul.http.post(STATUSES, data=body, headers=key)

    assert first.json()["id"] == again.json()["id"] != other.json()["id"]
    assert await neighbours.here.count("commune.post") == 2

    neighbours.clock.pass_by(minutes=61)
    later = await marie.http.post(STATUSES, data=body, headers=key)
    assert later.json()["id"] != first.json()["id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "  "}, "text"),
        ({"status": "x" * 5_001}, "text"),
        ({"status": "x", "visibility": "secret"}, "visibility"),
        ({"status": "x", "language": "<b>"}, "language"),
    ],
)
async def test_what_needs_a_correction_is_refused_and_nothing_is_kept(
    neighbours: Neighbours, marie: App, body: dict[str, str], field: str
) -> None:
    answer = await marie.http.post(STATUSES, json=body)

    assert answer.status_code == 422
    assert field in answer.json()["details"]
    assert await neighbours.here.count("commune.post") == 0


async def test_visibilities_have_the_names_that_apps_know(
    neighbours: Neighbours, marie: App
) -> None:
    paul, luc = await neighbours.app("paul"), await neighbours.app("luc")
    for shown, kept in [
        ("public", Visibility.PUBLIC),
        ("unlisted", Visibility.UNLISTED),
        ("private", Visibility.FOLLOWERS),
        ("direct", Visibility.DIRECT),
    ]:
        status = await said(marie, "@paul coucou", visibility=shown)

        assert status["visibility"] == shown
        row = await neighbours.here.commune.database.pool.fetchval(
            "select visibility from commune.post where id = $1", int(str(status["id"]))
        )
        assert row == kept
        named = await paul.http.get(f"{STATUSES}/{status['id']}")
        other = await luc.http.get(f"{STATUSES}/{status['id']}")
        assert named.status_code == 200
        assert other.status_code == (200 if kept.is_open else 404)


async def test_an_edit_keeps_the_id_and_what_it_said_before(marie: App) -> None:
    status = await said(marie, "Première", spoiler_text="avis")

    answer = await marie.http.put(
        f"{STATUSES}/{status['id']}", data={"status": "Seconde", "spoiler_text": ""}
    )

    edited = schemas.status(answer.json())
    assert edited["id"] == status["id"]
    assert edited["content"] == "<p>Seconde</p>"
    assert edited["edited_at"] is not None
    assert edited["sensitive"] is False
    history = (await marie.http.get(f"{STATUSES}/{status['id']}/history")).json()
    assert [schemas.edit(each)["content"] for each in history] == [
        "<p>Première</p>",
        "<p>Seconde</p>",
    ]
    assert history[0]["spoiler_text"] == "avis"
    source = (await marie.http.get(f"{STATUSES}/{status['id']}/source")).json()
    assert source == {"id": status["id"], "text": "Seconde", "spoiler_text": ""}


async def test_deleting_gives_the_text_back_to_write_it_anew(marie: App) -> None:
    status = await said(marie, "Avec une **faute**")

    answer = await marie.http.delete(f"{STATUSES}/{status['id']}")

    assert schemas.status(answer.json())["text"] == "Avec une **faute**"
    assert (await marie.http.get(f"{STATUSES}/{status['id']}")).status_code == 404


async def test_sec_vis_11_what_another_wrote_is_neither_changed_nor_deleted(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    status = await said(marie, "À moi")

    changed = await paul.http.put(f"{STATUSES}/{status['id']}", data={"status": "À lui"})
    deleted = await paul.http.delete(f"{STATUSES}/{status['id']}")

    assert changed.status_code == deleted.status_code == 404
    shown = (await marie.http.get(f"{STATUSES}/{status['id']}")).json()
    assert shown["content"] == "<p>À moi</p>"


async def test_a_thread_is_told_answer_under_answer(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    root = await said(marie, "Racine")
    one = await said(paul, "Un", in_reply_to_id=root["id"])
    two = await said(paul, "Deux", in_reply_to_id=root["id"])
    under_one = await said(marie, "Sous un", in_reply_to_id=one["id"])

    thread = schemas.context((await marie.http.get(f"{STATUSES}/{root['id']}/context")).json())
    below = (await marie.http.get(f"{STATUSES}/{under_one['id']}/context")).json()

    ids = [each["id"] for each in thread["descendants"]]
    assert ids == [one["id"], under_one["id"], two["id"]]
    assert [each["id"] for each in below["ancestors"]] == [root["id"], one["id"]]
    assert thread["descendants"][0]["in_reply_to_id"] == root["id"]
    assert thread["descendants"][0]["in_reply_to_account_id"] == str(marie.account.id)
    assert (await marie.http.get(f"{STATUSES}/{root['id']}")).json()["replies_count"] == 2


async def test_several_statuses_come_in_the_order_asked(marie: App) -> None:
    first, second = await said(marie, "Un"), await said(marie, "Deux")

    answer = await marie.http.get(
        STATUSES, params={"id[]": [str(second["id"]), "17", str(first["id"])]}
    )

    assert [each["id"] for each in answer.json()] == [second["id"], first["id"]]


async def test_whom_a_status_names_elsewhere_is_gathered_and_reached(
    neighbours: Neighbours, marie: App
) -> None:
    theirs = await neighbours.app("jean", neighbours.there)

    status = await said(marie, f"Bonjour @jean@{neighbours.there.domain}")
    await neighbours.settle()

    assert isinstance(status["mentions"], list)
    assert status["mentions"][0]["acct"] == f"jean@{neighbours.there.domain}"
    home = (await theirs.http.get("/api/v1/timelines/public")).json()
    assert [each["uri"] for each in home] == [status["uri"]]
    assert schemas.status(home[0])["account"]["acct"] == f"marie@{neighbours.here.domain}"


async def test_moments_are_iso_8601_with_milliseconds(marie: App) -> None:
    status = await said(marie, "Quand ?")

    text = str(status["created_at"])
    assert text.endswith("Z")
    assert len(text) == len("2026-11-23T10:00:00.000Z")
    assert datetime.fromisoformat(text).utcoffset() is not None
    account = status["account"]
    assert isinstance(account, dict)
    assert str(account["created_at"]).endswith("T00:00:00.000Z")
    assert account["last_status_at"] == text[:10]
    assert account["statuses_count"] == 1


async def test_nobody_writes_without_a_token(
    neighbours: Neighbours, anyone: httpx.AsyncClient
) -> None:
    answer = await anyone.post(STATUSES, json={"status": "Bonjour"})

    assert answer.status_code == 401
    assert await neighbours.here.count("commune.post") == 0


async def test_what_an_app_does_not_say_is_as_its_owner_prefers(
    neighbours: Neighbours, marie: App
) -> None:
    await neighbours.here.commune.database.pool.execute(
        """
        insert into commune.preference (account_id, visibility, sensitive, language)
        values ($1, 'unlisted', true, 'rcf')
        """,
        marie.account.id,
    )

    usual = await said(marie, "Bonzour")
    other = await said(marie, "Bonjour", visibility="public", sensitive=False, language="fr")

    assert (usual["visibility"], usual["sensitive"], usual["language"]) == ("unlisted", True, "rcf")
    assert (other["visibility"], other["sensitive"], other["language"]) == ("public", False, "fr")
