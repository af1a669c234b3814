"""Ask with an app here, vote with an app next door: over real HTTP, both ways."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fedcommune.domain.timelines import queries as timelines
from fedcommune.domain.visibility import Viewer
from fedcommune.mastodon.render import status as render
from tests.mastodon import schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import checked
from tests.mastodon.test_mastodon_py import away, library, names_of_this_machine
from tests.mastodon.words import STATUSES, block, ids, said

__all__ = ["names_of_this_machine"]  # the names are found for every test here

AS2 = {"Accept": "application/activity+json"}
POLL = {"options": ["Samedi", "Dimanche"], "expires_in": 3_600}
POLLS = "/api/v1/polls"


async def ask(app: App, **changes: Any) -> Any:
    return await said(app, "Quand ?", poll={**POLL, **changes})


async def vote(app: App, poll_id: str, *choices: Any) -> httpx.Response:
    return await app.http.post(f"{POLLS}/{poll_id}/votes", json={"choices": list(choices)})


async def polled(http: httpx.AsyncClient, poll_id: str) -> Any:
    answer = await http.get(f"{POLLS}/{poll_id}")
    assert answer.status_code == 200, answer.text
    return checked(answer.json(), schemas.POLL)


async def pass_by(neighbours: Neighbours, **units: float) -> None:
    """Let time pass, and everybody do what is due."""
    neighbours.clock.pass_by(**units)
    for town in (neighbours.here, neighbours.there):
        while await town.commune.schedule.step():
            pass
    await neighbours.settle()


async def told(app: App) -> list[tuple[str, str]]:
    found = (await app.http.get("/api/v1/notifications", params={"types[]": "poll"})).json()
    return [(each["account"]["acct"], each["status"]["content"]) for each in found]


async def next_door(neighbours: Neighbours, marie: App) -> App:
    """Return jean of Trois-Bassins, who follows marie of Saint-Leu."""
    jean = await neighbours.app("jean", neighbours.there)
    seen = await neighbours.there.meet(marie.account)
    await jean.http.post(f"/api/v1/accounts/{seen.id}/follow")
    await neighbours.settle()
    return jean


async def home(app: App) -> Any:
    (status,) = (await app.http.get("/api/v1/timelines/home")).json()
    return schemas.status(status)


async def test_a_poll_asked_here_is_voted_next_door_and_both_are_told_how_it_ended(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await next_door(neighbours, marie)
    paul = await neighbours.app("paul")
    status = await ask(marie)
    own = status["poll"]
    assert (own["id"], own["voted"], own["own_votes"]) == (status["id"], True, [])
    assert (own["votes_count"], own["voters_count"], own["expired"]) == (0, 0, False)
    await neighbours.settle()

    there = await home(jean)
    assert [each["title"] for each in there["poll"]["options"]] == POLL["options"]
    assert there["content"] == status["content"]
    answer = await vote(jean, there["poll"]["id"], "1")
    assert answer.status_code == 200
    seen = checked(answer.json(), schemas.POLL)
    assert (seen["voted"], seen["own_votes"]) == (True, [1])
    assert (await vote(paul, status["id"], 0)).status_code == 200
    await neighbours.settle()
    assert (await polled(marie.http, status["id"]))["votes_count"] == 2

    await pass_by(neighbours, minutes=4)
    updated = await home(jean)
    assert [each["votes_count"] for each in updated["poll"]["options"]] == [1, 1]
    assert (updated["poll"]["voters_count"], updated["edited_at"]) == (2, None)

    await pass_by(neighbours, hours=1)
    await pass_by(neighbours, minutes=10)
    await pass_by(neighbours, minutes=10)
    assert (await home(jean))["poll"]["expired"] is True
    assert await told(marie) == [("marie", status["content"])]
    assert await told(paul) == [("marie", status["content"])]
    assert await told(jean) == [(f"marie@{neighbours.here.domain}", status["content"])]
    assert (await vote(jean, there["poll"]["id"], 0)).status_code == 422


async def test_w_poll_02_no_vote_is_seen_anywhere(neighbours: Neighbours, marie: App) -> None:
    jean = await next_door(neighbours, marie)
    status = await ask(marie)
    await neighbours.settle()
    await vote(jean, (await home(jean))["poll"]["id"], 0)
    await neighbours.settle()

    posts = [await town.count("commune.post") for town in (neighbours.here, neighbours.there)]
    assert posts == [1, 1]
    assert await ids(marie.http, "/api/v1/timelines/home") == [status["id"]]
    context = (await marie.http.get(f"{STATUSES}/{status['id']}/context")).json()
    assert context == {"ancestors": [], "descendants": []}
    search = await marie.http.get("/api/v2/search", params={"q": "Samedi", "type": "statuses"})
    assert search.json()["statuses"] == []
    told_marie = (await marie.http.get("/api/v1/notifications")).json()
    assert [each["type"] for each in told_marie] == ["follow"]
    outbox = await jean.http.get(f"{jean.account.actor_id}/outbox?page=true", headers=AS2)
    assert "Samedi" not in outbox.text
    votes = neighbours.there.commune.database.pool
    bodies = await votes.fetch("select id from outbox.activity where type = 'Create'")
    for row in bodies:
        assert (await jean.http.get(row["id"], headers=AS2)).status_code == 404


async def test_sec_mod_05_hidden_totals_are_told_nowhere_before_the_end(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    jean = await next_door(neighbours, marie)
    paul = await neighbours.app("paul")
    status = await ask(marie, hide_totals=True)
    await neighbours.settle()
    await vote(paul, status["id"], 1)
    await vote(jean, (await home(jean))["poll"]["id"], 1)
    await neighbours.settle()
    await pass_by(neighbours, minutes=10)

    for app in (marie, paul):
        poll = await polled(app.http, status["id"])
        assert [each["votes_count"] for each in poll["options"]] == [None, None]
        assert poll["votes_count"] == poll["voters_count"] == 2
    assert [each["votes_count"] for each in (await polled(anyone, status["id"]))["options"]] == [
        None,
        None,
    ]
    document = (await anyone.get(status["uri"], headers=AS2)).json()
    assert [each["replies"]["totalItems"] for each in document["oneOf"]] == [0, 0]
    page = await anyone.get(status["url"], headers={"Accept": "text/html"})
    assert " %" not in page.text
    assert "<progress" not in page.text

    await pass_by(neighbours, hours=1)
    poll = await polled(anyone, status["id"])
    assert [each["votes_count"] for each in poll["options"]] == [0, 2]
    document = (await anyone.get(status["uri"], headers=AS2)).json()
    assert [each["replies"]["totalItems"] for each in document["oneOf"]] == [0, 2]
    assert document["closed"] == document["endTime"]
    assert [each["votes_count"] for each in (await home(jean))["poll"]["options"]] == [0, 2]


@pytest.mark.parametrize(
    "choices", [[], [2], [-1], ["x"], [0, 1], ["99999999999999999999"], [None]]
)
async def test_what_cannot_be_chosen_is_refused_and_nothing_is_counted(
    neighbours: Neighbours, marie: App, choices: list[Any]
) -> None:
    paul = await neighbours.app("paul")
    poll_id = (await ask(marie))["id"]

    answer = await vote(paul, poll_id, *choices)

    assert answer.status_code == 422
    assert (await polled(paul.http, poll_id))["votes_count"] == 0


async def test_one_votes_once_not_in_ones_own_poll_and_not_when_it_is_over(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    poll_id = (await ask(marie))["id"]

    assert (await vote(marie, poll_id, 0)).status_code == 422
    assert (await vote(paul, poll_id, 0)).status_code == 200
    assert (await vote(paul, poll_id, 0)).status_code == 422
    assert (await vote(paul, poll_id, 1)).status_code == 422
    neighbours.clock.pass_by(hours=1)
    zoe = await neighbours.app("zoe")
    late = await vote(zoe, poll_id, 0)
    assert (late.status_code, "ended" in late.json()["error"]) == (422, True)
    poll = await polled(paul.http, poll_id)
    assert [each["votes_count"] for each in poll["options"]] == [1, 0]


async def test_several_choices_are_counted_together_or_not_at_all(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    poll_id = (await ask(marie, options=["a", "b", "c"], multiple=True))["id"]

    assert (await vote(paul, poll_id, 0, 2)).json()["own_votes"] == [0, 2]
    assert (await vote(paul, poll_id, 1, 2)).status_code == 422
    assert (await vote(paul, poll_id, 1)).json()["own_votes"] == [0, 1, 2]
    poll = await polled(paul.http, poll_id)
    assert (poll["votes_count"], poll["voters_count"]) == (3, 1)


async def test_sec_vis_02_nobody_votes_in_what_they_may_not_see(
    neighbours: Neighbours, marie: App, anyone: httpx.AsyncClient
) -> None:
    paul, zoe = await neighbours.app("paul"), await neighbours.app("zoe")
    private = await said(marie, "Entre nous ?", poll=POLL, visibility="private")
    public = await ask(marie)
    plain = await said(marie, "Bonjour")
    await block(neighbours.here, marie.account, zoe.account)

    for app, status in ((paul, private), (zoe, public), (paul, plain), (zoe, private)):
        assert (await vote(app, status["id"], 0)).status_code == 404
        assert (await app.http.get(f"{POLLS}/{status['id']}")).status_code == 404
    assert (await anyone.get(f"{POLLS}/{private['id']}")).status_code == 404
    assert (await anyone.post(f"{POLLS}/{public['id']}/votes")).status_code == 401
    assert await neighbours.here.count("commune.vote") == 0


@pytest.mark.parametrize(
    "poll",
    [
        {"options": ["Oui"], "expires_in": 3_600},
        {"options": ["Oui", "Oui"], "expires_in": 3_600},
        {"options": [str(n) for n in range(21)], "expires_in": 3_600},
        {"options": ["Oui", "x" * 101], "expires_in": 3_600},
        {"options": ["Oui", "Non"], "expires_in": 299},
        {"options": ["Oui", "Non"], "expires_in": 366 * 86_400},
        {"options": ["Oui", "Non"], "expires_in": "demain"},
        {"options": ["Oui", "Non"]},
        {"options": [{"a": "b"}, "Non"], "expires_in": 3_600},
        {"expires_in": 3_600},
        "Oui ou non",
    ],
)
async def test_a_poll_that_cannot_be_asked_is_refused_and_nothing_is_kept(
    neighbours: Neighbours, marie: App, poll: Any
) -> None:
    answer = await marie.http.post(STATUSES, json={"status": "Quand ?", "poll": poll})

    assert answer.status_code == 422, answer.text
    assert await neighbours.here.count("commune.post") == 0


async def test_forms_ask_as_well_and_the_limits_are_those_that_are_told(marie: App) -> None:
    limits = (await marie.http.get("/api/v2/instance")).json()["configuration"]["polls"]
    fields: dict[str, Any] = {
        "status": "Quand ?",
        "poll[options][]": [f"jour {n}" for n in range(limits["max_options"])],
        "poll[expires_in]": str(limits["max_expiration"]),
        "poll[multiple]": "true",
    }

    answer = await marie.http.post(STATUSES, data=fields)

    poll = schemas.status(answer.json())["poll"]
    assert len(poll["options"]) == 20
    assert poll["multiple"] is True


async def test_an_edit_begins_anew_with_other_choices_and_history_shows_both(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    status = await ask(marie)
    await vote(paul, status["id"], 0)
    place = f"{STATUSES}/{status['id']}"

    kept = (await marie.http.put(place, json={"status": "Quel jour ?"})).json()
    assert kept["poll"]["votes_count"] == 1
    changed = (
        await marie.http.put(
            place,
            json={"status": "Quel jour ?", "poll": {**POLL, "options": ["Lundi", "Mardi"]}},
        )
    ).json()
    assert (changed["poll"]["votes_count"], changed["poll"]["voters_count"]) == (0, 0)
    assert (await vote(paul, status["id"], 1)).json()["own_votes"] == [1]
    gone = (await marie.http.put(place, json={"status": "Tant pis", "poll": None})).json()
    assert gone["poll"] is None

    history = (await marie.http.get(f"{place}/history")).json()
    assert [
        each["poll"] and [option["title"] for option in each["poll"]["options"]] for each in history
    ] == [["Samedi", "Dimanche"], ["Samedi", "Dimanche"], ["Lundi", "Mardi"], None]


async def test_deleting_gives_the_poll_back_to_ask_it_anew(marie: App) -> None:
    status = await ask(marie)

    answer = (await marie.http.delete(f"{STATUSES}/{status['id']}")).json()

    assert answer["text"] == "Quand ?"
    assert [each["title"] for each in answer["poll"]["options"]] == POLL["options"]
    assert (await marie.http.get(f"{POLLS}/{status['id']}")).status_code == 404


async def test_looking_at_a_poll_next_door_asks_its_home_gently(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await next_door(neighbours, marie)
    paul = await neighbours.app("paul")
    status = await ask(marie)
    await neighbours.settle()
    there = (await home(jean))["poll"]["id"]
    await vote(paul, status["id"], 0)

    assert (await polled(await neighbours.http(neighbours.there), there))["votes_count"] == 0
    assert (await polled(jean.http, there))["votes_count"] == 1
    await vote(await neighbours.app("zoe"), status["id"], 0)
    assert (await polled(jean.http, there))["votes_count"] == 1  # asked a moment ago
    neighbours.clock.pass_by(minutes=2)
    assert (await polled(jean.http, there))["votes_count"] == 2


async def test_a_space_asks_with_the_token_that_acts_as_it_and_its_founder_may_vote(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    club = await here.organisation(marie.account, "club")
    token = await neighbours.token(here, marie.account, acting=club)
    status = await ask(App(club, token, await neighbours.http(here, token)))
    assert status["account"]["username"] == "club"

    assert (await vote(marie, status["id"], 0)).json()["votes_count"] == 1

    tagged = await said(marie, "Un rendez-vous ? #agenda", poll=POLL)
    boosters = (await marie.http.get(f"{STATUSES}/{tagged['id']}/reblogged_by")).json()
    assert "agenda" in [each["username"] for each in boosters]


async def test_a_page_of_polls_takes_one_query_more_whatever_its_length(
    neighbours: Neighbours, marie: App
) -> None:
    here, viewer, asked = neighbours.here, Viewer(marie.account.id), []
    for length in (1, 7):
        while await here.count("commune.post") < length:
            await ask(marie)
        async with here.commune.database.readers.acquire() as connection:
            seen: list[object] = []
            entries = await timelines.of_account(connection, viewer, marie.account.id)
            drawn = (connection, here.commune.instance, entries, viewer)
            await render.statuses(*drawn, neighbours.clock())  # a connection learns types once
            connection.add_query_logger(seen.append)
            shown = await render.statuses(*drawn, neighbours.clock())
            connection.remove_query_logger(seen.append)
        assert [each.poll is not None for each in shown] == [True] * length
        asked.append(len(seen))

    assert asked[0] == asked[1] == 2


async def test_mastodon_py_asks_and_votes(neighbours: Neighbours, marie: App) -> None:
    jean = await next_door(neighbours, marie)
    of_marie, of_jean = library(neighbours.here, marie), library(neighbours.there, jean)
    wanted = of_marie.make_poll(["a", "b", "c"], 3_600, multiple=True)
    status = await away(lambda: of_marie.status_post("Lesquels ?", poll=wanted))
    assert status.poll.expires_at - status.created_at == timedelta(hours=1)
    await neighbours.settle()

    (there,) = await away(of_jean.timeline_home)
    voted = await away(lambda: of_jean.poll_vote(there.poll, [0, 2]))
    await neighbours.settle()

    assert (voted.voted, voted.own_votes) == (True, [0, 2])
    poll = await away(lambda: of_marie.poll(status.poll))
    assert [option.votes_count for option in poll.options] == [1, 0, 1]
    assert poll.voters_count == 1
