"""Statuses for later: on time, once, and with a word when it cannot be."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.classifieds.model import Need
from fedcommune.domain.events.queries import people as taking_part
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.moderation import actions as moderation
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts.choices import Asked
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.scheduled.model import MAX_WAITING, packed, unpacked
from fedcommune.domain.visibility import Visibility
from fedcommune.mail.letters import Letter
from tests.fediverse.test_events import announce
from tests.fediverse.test_needs import ask_for
from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import checked, identifier, listed, maybe, moment, shaped, text
from tests.mastodon.test_mastodon_py import away, library, names_of_this_machine
from tests.mastodon.words import STATUSES, ids, said
from tests.support.browsers import letters
from tests.support.communes import Town

__all__ = ["names_of_this_machine"]  # the names are found for every test here

PLANNED = "/api/v1/scheduled_statuses"
HOME = "/api/v1/timelines/home"
ENTITY = shaped(
    {
        "id": identifier,
        "scheduled_at": moment,
        "params": shaped({"text": text, "visibility": text, "spoiler_text": maybe(text)}),
        "media_attachments": listed(schemas.MEDIA),
    }
)


def at(neighbours: Neighbours, **ahead: float) -> str:
    return (neighbours.clock() + timedelta(**ahead)).isoformat()


async def plan(
    neighbours: Neighbours,
    app: App,
    words: str = "Plus tard",
    *,
    key: str = "",
    hours: float = 1,
    **more: Any,
) -> httpx.Response:
    body = {"status": words, "scheduled_at": at(neighbours, hours=hours), **more}
    headers = {"Idempotency-Key": key} if key else {}
    return await app.http.post(STATUSES, json=body, headers=headers)


async def planned(neighbours: Neighbours, app: App, words: str = "Plus tard", **more: Any) -> Any:
    answer = await plan(neighbours, app, words, **more)
    assert answer.status_code == 200, answer.text
    return checked(answer.json(), ENTITY)


async def due(neighbours: Neighbours, **ahead: float) -> None:
    """Let time pass, and what is due be done."""
    neighbours.clock.pass_by(**ahead)
    while await neighbours.here.commune.schedule.step():
        pass
    await neighbours.settle()


async def test_what_is_planned_is_published_on_time_as_it_was_written(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    waiting = await planned(
        neighbours,
        marie,
        "Bonjour @paul #jardin",
        spoiler_text="attention",
        visibility="unlisted",
        language="fr",
        poll={"options": ["Oui", "Non"], "expires_in": 600, "hide_totals": True},
    )
    params = waiting["params"]
    assert (params["text"], params["visibility"]) == ("Bonjour @paul #jardin", "unlisted")
    assert params["poll"] == {
        "options": ["Oui", "Non"],
        "expires_in": 600,
        "multiple": False,
        "hide_totals": True,
    }
    await due(neighbours, minutes=59)
    assert await ids(marie.http, HOME) == []
    assert (await marie.http.get(PLANNED)).json() == [waiting]

    await due(neighbours, minutes=1, seconds=1)

    (status,) = (await marie.http.get(HOME)).json()
    schemas.status(status)
    assert (status["visibility"], status["spoiler_text"]) == ("unlisted", "attention")
    assert [each["acct"] for each in status["mentions"]] == ["paul"]
    begun = datetime.fromisoformat(status["created_at"])
    assert datetime.fromisoformat(status["poll"]["expires_at"]) - begun == timedelta(minutes=10)
    assert [each["type"] for each in (await paul.http.get("/api/v1/notifications")).json()] == [
        "mention"
    ]
    assert (await marie.http.get(PLANNED)).json() == []
    await due(neighbours, hours=2)
    assert await neighbours.here.count("commune.post") == 1


async def test_one_looks_at_what_waits_moves_it_and_cancels_it(
    neighbours: Neighbours, marie: App
) -> None:
    first, second = [await planned(neighbours, marie, each) for each in ("un", "deux")]
    place = f"{PLANNED}/{first['id']}"

    listed_ = (await marie.http.get(PLANNED, params={"limit": 1})).json()
    assert [each["id"] for each in listed_] == [second["id"]]
    moved = await marie.http.put(place, json={"scheduled_at": at(neighbours, hours=3)})
    assert moved.json()["scheduled_at"] > first["scheduled_at"]
    assert (await marie.http.put(place, json={"scheduled_at": at(neighbours)})).status_code == 422
    assert (await marie.http.get(place)).json() == moved.json()
    assert (await marie.http.delete(f"{PLANNED}/{second['id']}")).json() == {}

    await due(neighbours, hours=2)
    assert await ids(marie.http, HOME) == []
    await due(neighbours, hours=2)
    assert len(await ids(marie.http, HOME)) == 1
    for verb in ("GET", "DELETE"):
        assert (await marie.http.request(verb, place)).status_code == 404


async def test_sec_vis_11_what_another_planned_is_neither_seen_nor_touched(
    neighbours: Neighbours, marie: App
) -> None:
    waiting = await planned(neighbours, marie)
    jean = await neighbours.app("jean")
    place = f"{PLANNED}/{waiting['id']}"

    assert (await jean.http.get(PLANNED)).json() == []
    for verb in ("GET", "PUT", "DELETE"):
        body = {"scheduled_at": at(neighbours, hours=9)}
        assert (await jean.http.request(verb, place, json=body)).status_code == 404
    assert (await marie.http.get(place)).json() == waiting


@pytest.mark.parametrize("when", ["demain", "2026-13-01", "4:59", "-60", "999999"])
async def test_a_moment_that_is_none_or_too_near_is_refused_and_nothing_waits(
    neighbours: Neighbours, marie: App, when: str
) -> None:
    if when == "4:59":
        when = at(neighbours, minutes=4, seconds=50)
    elif when == "-60":
        when = at(neighbours, minutes=-60)
    body = {"status": "Plus tard", "scheduled_at": when}

    assert (await marie.http.post(STATUSES, json=body)).status_code == 422

    assert await neighbours.here.count("commune.scheduled_post") == 0
    assert await neighbours.here.count("commune.post") == 0


async def test_what_could_not_be_published_now_is_not_planned(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.app("jean")
    private = await said(jean, "Pour moi", visibility="private")

    assert (await plan(neighbours, marie, "")).status_code == 422
    assert (await plan(neighbours, marie, "x" * 5_001)).status_code == 422
    answer = await plan(neighbours, marie, in_reply_to_id=private["id"])
    assert answer.status_code == 404
    assert await neighbours.here.count("commune.scheduled_post") == 0


async def test_sec_dos_06_at_most_25_a_day_and_300_in_all(
    neighbours: Neighbours, marie: App
) -> None:
    noon = neighbours.clock().replace(hour=12) + timedelta(days=30)
    body = {"status": "Plus tard", "scheduled_at": noon.isoformat()}
    at_once = await asyncio.gather(*(marie.http.post(STATUSES, json=body) for _ in range(28)))
    assert sorted(each.status_code for each in at_once) == [200] * 25 + [422] * 3
    other_day = (noon + timedelta(days=1)).isoformat()
    assert (await plan(neighbours, marie, scheduled_at=other_day)).status_code == 200

    pool = neighbours.here.commune.database.pool
    await pool.execute(
        """
        insert into commune.scheduled_post (id, account_id, draft, due_at, retry_at, created_at)
        select id + number, account_id, draft, due_at, due_at, created_at
        from (select * from commune.scheduled_post limit 1) one, generate_series(100000, $1) number
        """,
        100_000 + MAX_WAITING - 27,
    )
    assert await neighbours.here.count("commune.scheduled_post") == MAX_WAITING
    far = (noon + timedelta(days=2)).isoformat()
    assert (await plan(neighbours, marie, scheduled_at=far)).status_code == 422
    assert await neighbours.here.count("commune.scheduled_post") == MAX_WAITING


async def test_the_same_key_is_the_same_plan(neighbours: Neighbours, marie: App) -> None:
    twice = await asyncio.gather(*(plan(neighbours, marie, key="une-fois") for _ in range(2)))

    assert twice[0].json() == twice[1].json()
    assert await neighbours.here.count("commune.scheduled_post") == 1


async def test_the_loops_publish_what_is_due_without_being_asked(
    neighbours: Neighbours, marie: App
) -> None:
    await planned(neighbours, marie)
    workers = neighbours.here.commune.workers()
    workers.start()
    try:
        await asyncio.sleep(0.3)
        assert await neighbours.here.count("commune.post") == 0
        neighbours.clock.pass_by(hours=2)
        async with asyncio.timeout(30):
            while await neighbours.here.count("commune.post") == 0:  # noqa: ASYNC110  # another task
                await asyncio.sleep(0.1)
    finally:
        await workers.stop()

    assert await neighbours.here.count("commune.scheduled_post") == 0


async def test_several_processes_publish_a_plan_once(neighbours: Neighbours, marie: App) -> None:
    for number in range(4):
        await planned(neighbours, marie, f"numéro {number}")
    neighbours.clock.pass_by(hours=2)

    schedule = neighbours.here.commune.schedule
    await asyncio.gather(*(schedule.step() for _ in range(5)))
    while await schedule.step():
        pass

    assert await neighbours.here.count("commune.post") == 4
    assert await neighbours.here.count("commune.scheduled_post") == 0


async def test_a_crash_while_publishing_leaves_the_plan_and_no_half_of_a_post(
    neighbours: Neighbours, marie: App
) -> None:
    """The plan ends in the transaction that publishes; another plan does not wait for it."""
    here = neighbours.here
    await planned(neighbours, marie, "cassé")
    await planned(neighbours, marie, "entier")
    pool = here.commune.database.pool
    await pool.execute(
        """
        create function commune.tear() returns trigger language plpgsql as $$
        begin
            if new.source = 'cassé' then raise exception 'the power went out'; end if;
            return new;
        end
        $$;
        create trigger tear before insert on commune.post
            for each row execute function commune.tear();
        """
    )
    try:
        await due(neighbours, hours=1, minutes=1)
        assert await here.count("commune.post") == 1
        assert await here.count("commune.scheduled_post") == 1
    finally:
        await pool.execute("drop trigger tear on commune.post; drop function commune.tear()")
    await due(neighbours, minutes=4)
    assert await here.count("commune.post") == 1
    await due(neighbours, minutes=2)
    assert await here.count("commune.post") == 2
    assert await here.count("commune.scheduled_post") == 0


async def letters_of(town: Town) -> list[Letter]:
    return [each for each in await letters(town) if each.kind == "not_published"]


@pytest.mark.parametrize("why", ["deleted", "suspended"])
async def test_what_can_no_longer_be_published_is_dropped_and_who_planned_it_is_written_to(
    neighbours: Neighbours, marie: App, why: str
) -> None:
    here = neighbours.here
    jean = await neighbours.app("jean")
    post = await here.say(jean.account, "Qui vient ?")
    await planned(neighbours, marie, "Moi, sûrement", in_reply_to_id=str(post.id))
    async with here.commune.database.transaction() as tx:
        if why == "deleted":
            await posts.delete(tx, jean.account, post.id)
        else:
            await moderation.suspend(tx, marie.account)
    before = await here.count("commune.post")

    await due(neighbours, hours=1, minutes=1)
    await due(neighbours, hours=1)

    assert await here.count("commune.post") == before
    assert await here.count("commune.scheduled_post") == 0
    (letter,) = await letters_of(here)
    assert letter.recipient == "marie@mail.example"
    assert "Moi, sûrement" in letter.text
    wanted = "n'existe plus" if why == "deleted" else "ne peut plus publier"
    assert wanted in letter.text


async def test_who_leaves_leaves_no_vote_and_no_plan_behind(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.app("jean")
    poll = {"options": ["Oui", "Non"], "expires_in": 3_600}
    status = await said(jean, "Quand ?", poll=poll)
    await marie.http.post(f"/api/v1/polls/{status['id']}/votes", json={"choices": [0]})
    await planned(neighbours, marie)

    async with neighbours.here.commune.database.transaction() as tx:
        await accounts.delete(tx, marie.account)

    for table in ("commune.vote", "commune.scheduled_post"):
        assert await neighbours.here.count(table) == 0
    shown = (await jean.http.get(f"/api/v1/polls/{status['id']}")).json()
    assert shown["votes_count"] == 1


async def test_a_space_plans_with_the_token_that_acts_as_it(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    club = await here.organisation(marie.account, "club")
    token = await neighbours.token(here, marie.account, acting=club)
    await planned(neighbours, App(club, token, await neighbours.http(here, token)))

    await due(neighbours, hours=1, minutes=1)

    (status,) = (await marie.http.get(f"/api/v1/accounts/{club.id}/statuses")).json()
    assert status["account"]["username"] == "club"


def test_a_draft_is_kept_whole_and_what_was_not_known_then_is_as_usual() -> None:
    draft = Draft(
        "Quand ?",
        Visibility.FOLLOWERS,
        summary="attention",
        in_reply_to=7,
        poll=Asked(("Oui", "Non"), timedelta(minutes=10), multiple=True),
        application="Tusky",
    )

    assert unpacked(packed(draft)) == draft
    assert unpacked('{"text": "Bonjour", "of_another_time": 1}') == Draft("Bonjour")


async def test_mastodon_py_plans(neighbours: Neighbours, marie: App) -> None:
    of_marie = library(neighbours.here, marie)
    when = neighbours.clock() + timedelta(hours=1)

    waiting = await away(lambda: of_marie.status_post("Plus tard", scheduled_at=when))
    moved = await away(lambda: of_marie.scheduled_status_update(waiting, when + timedelta(hours=1)))
    found = await away(of_marie.scheduled_statuses)

    assert [each.id for each in found] == [waiting.id]
    assert moved.scheduled_at - waiting.scheduled_at == timedelta(hours=1)
    await away(lambda: of_marie.scheduled_status_delete(waiting))
    assert await away(of_marie.scheduled_statuses) == []


async def test_product_7_5_a_planned_answer_takes_part_when_it_is_published(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    event = await announce(neighbours.here, await neighbours.here.find("@paul"))
    need = await ask_for(
        neighbours.here,
        await neighbours.here.project(await neighbours.here.find("@paul"), "jardin"),
        Need("Des bras", helpers=2),
    )
    await planned(neighbours, marie, "Je participe !", in_reply_to_id=str(event.id))
    await planned(neighbours, marie, "Je peux aider", in_reply_to_id=str(need.id))
    pool = neighbours.here.commune.database.pool
    assert await taking_part.of_event(pool, event.id) == []
    assert await helpers.of_need(pool, need.id) == []

    await due(neighbours, hours=1, minutes=1)

    (one,) = await taking_part.of_event(pool, event.id)
    assert (one.takes_part, one.way) == (True, "reply")
    (offered,) = await helpers.of_need(pool, need.id)
    assert offered.helper.username == "marie"
    told = (await paul.http.get("/api/v1/notifications")).json()
    assert {"event_joined", "help_offered"} <= {each["type"] for each in told}
