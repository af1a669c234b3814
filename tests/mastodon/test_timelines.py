"""What one reads with an app: home, the commune, tags, links, one account."""

from __future__ import annotations

import pytest

from fedcommune.domain.timelines import queries
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.mastodon.render import status as render
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import cursors, did, follow, ids, listed, said

HOME = "/api/v1/timelines/home"
PUBLIC = "/api/v1/timelines/public"


async def test_home_has_what_one_follows_each_thing_once(
    neighbours: Neighbours, marie: App
) -> None:
    paul, luc = await neighbours.app("paul"), await neighbours.app("luc")
    await follow(neighbours.here, marie.account, paul.account)
    own = await said(marie, "De moi")
    theirs = await said(paul, "De Paul", visibility="private")
    other = await said(luc, "De Luc")
    await said(paul, "Réponse", in_reply_to_id=other["id"])
    boost = await did(paul, "reblog", other)

    home = await listed(marie.http, HOME)

    assert [each["id"] for each in home] == [boost["id"], theirs["id"], own["id"]]
    assert home[0]["reblog"]["id"] == other["id"]
    assert home[0]["account"]["username"] == "paul"
    assert home[0]["reblog"]["account"]["username"] == "luc"


async def test_a_followed_tag_brings_strangers_home(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    status = await said(paul, "Des tomates #Jardin")
    await said(paul, "Entre nous #jardin", visibility="unlisted")
    assert await ids(marie.http, HOME) == []

    await marie.http.post("/api/v1/tags/Jardin/follow")

    assert await ids(marie.http, HOME) == [status["id"]]


@pytest.mark.parametrize("path", [HOME, PUBLIC, "/api/v1/timelines/tag/suite"])
async def test_pages_lead_to_one_another_without_gaps(
    neighbours: Neighbours, marie: App, path: str
) -> None:
    made = [(await said(marie, f"{number} #suite"))["id"] for number in range(7)][::-1]

    first = await marie.http.get(path, params={"limit": "3"})
    second = await marie.http.get(cursors(first)["next"])
    back = await marie.http.get(cursors(second)["prev"])

    assert [each["id"] for each in first.json()] == made[:3]
    assert [each["id"] for each in second.json()] == made[3:6]
    assert [each["id"] for each in back.json()] == made[:3]
    assert cursors(first)["next"].startswith(f"{neighbours.here.origin}{path}?")
    assert await ids(marie.http, path, since_id=made[5], limit=2) == made[:2]
    assert await ids(marie.http, path, min_id=made[5], limit=2) == made[3:5]
    assert await ids(marie.http, path, max_id=made[5]) == made[6:]


async def test_the_public_timeline_is_ours_theirs_or_both(
    neighbours: Neighbours, marie: App
) -> None:
    jean = await neighbours.there.citizen("jean")
    known = await neighbours.here.meet(jean)
    await follow(neighbours.here, marie.account, known)
    await neighbours.settle()
    theirs = await neighbours.there.say(jean, "De loin")
    await neighbours.settle()
    ours = await said(marie, "D'ici")
    await said(marie, "Discret", visibility="unlisted")

    everything = await listed(marie.http, PUBLIC)
    local = await listed(marie.http, PUBLIC, local="true")
    remote = await listed(marie.http, PUBLIC, remote="1")

    assert [each["uri"] for each in everything] == [ours["uri"], theirs.object_id]
    assert [each["uri"] for each in local] == [ours["uri"]]
    assert [each["uri"] for each in remote] == [theirs.object_id]
    assert remote[0]["account"]["acct"] == f"jean@{neighbours.there.domain}"


async def test_only_what_has_media_when_that_is_asked_for(
    neighbours: Neighbours, marie: App
) -> None:
    await said(marie, "Rien #photo")
    shown = await said(marie, "Une photo #photo")
    await neighbours.here.commune.database.pool.execute(
        """
        insert into commune.attachment (post_id, position, media_type, url, width, height,
            description)
        values ($1, 0, 'image/png', 'https://x.example/1.png', 400, 300, 'Le port')
        """,
        int(shown["id"]),
    )
    account = f"/api/v1/accounts/{marie.account.id}/statuses"

    for path in (PUBLIC, "/api/v1/timelines/tag/photo", account):
        (found,) = await listed(marie.http, path, only_media="true")
        assert found["id"] == shown["id"]
    (picture,) = found["media_attachments"]
    assert picture["type"] == "image"
    assert picture["description"] == "Le port"
    assert picture["meta"]["original"] == {
        "width": 400,
        "height": 300,
        "size": "400x300",
        "aspect": 1.333333,
    }


async def test_tags_can_be_combined(marie: App) -> None:
    a = (await said(marie, "#a"))["id"]
    b = (await said(marie, "#b"))["id"]
    both = (await said(marie, "#a #b"))["id"]
    tag = "/api/v1/timelines/tag/a"

    assert await ids(marie.http, tag) == [both, a]
    assert await ids(marie.http, tag, **{"any[]": "B"}) == [both, b, a]
    assert await ids(marie.http, tag, **{"all[]": "b"}) == [both]
    assert await ids(marie.http, tag, **{"none[]": "b"}) == [a]
    assert await ids(marie.http, "/api/v1/timelines/tag/12") == []


async def test_a_link_has_those_who_lead_there(marie: App) -> None:
    status = await said(marie, "À lire : https://journal.example/une?x=1&y=2 !")
    await said(marie, "https://journal.example/autre")

    found = await ids(
        marie.http, "/api/v1/timelines/link", url="https://journal.example/une?x=1&y=2"
    )

    assert found == [status["id"]]
    assert (await marie.http.get("/api/v1/timelines/link")).status_code == 422


async def test_an_account_without_answers_without_boosts_with_a_tag_or_pinned(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    theirs = await said(paul, "De Paul")
    plain = await said(marie, "Un #jardin")
    thread = await said(marie, "La suite", in_reply_to_id=plain["id"])
    answer = await said(marie, "À Paul", in_reply_to_id=theirs["id"])
    boost = await did(marie, "reblog", theirs)
    await did(marie, "pin", plain)
    path = f"/api/v1/accounts/{marie.account.id}/statuses"
    everything = [each["id"] for each in (boost, answer, thread, plain)]

    assert await ids(paul.http, path) == everything
    assert await ids(paul.http, path, exclude_reblogs="true") == everything[1:]
    assert await ids(paul.http, path, exclude_replies="1") == [
        boost["id"],
        thread["id"],
        plain["id"],
    ]
    assert await ids(paul.http, path, tagged="Jardin") == [plain["id"]]
    (pinned,) = await listed(paul.http, path, pinned="true")
    assert (pinned["id"], pinned["pinned"]) == (plain["id"], False)
    (own,) = await listed(marie.http, path, pinned="true")
    assert own["pinned"] is True
    assert (await paul.http.get("/api/v1/accounts/17/statuses")).status_code == 404


@pytest.mark.parametrize(("quoting", "queries_"), [(False, 3), (True, 5)])
async def test_a_page_takes_the_same_number_of_queries_whatever_its_length(
    neighbours: Neighbours, marie: App, quoting: bool, queries_: int
) -> None:
    paul = await neighbours.app("paul")
    first = await said(marie, "Voyez https://example.org/1")
    quoted = {"quoted_status_id": first["id"]} if quoting else {}
    asked: list[int] = []
    for length in (1, 12):
        while await neighbours.here.count("commune.post") < length + 1:
            await said(paul, "@marie #mot https://example.org/2", visibility="unlisted", **quoted)
        async with neighbours.here.commune.database.readers.acquire() as connection:
            seen: list[object] = []
            viewer = Viewer(marie.account.id)
            entries = await queries.of_account(connection, viewer, paul.account.id)
            drawn = (connection, neighbours.here.commune.instance, entries, viewer)
            await render.statuses(*drawn, neighbours.clock())  # a connection learns types once
            connection.add_query_logger(seen.append)
            shown = await render.statuses(*drawn, neighbours.clock())
            connection.remove_query_logger(seen.append)
        assert len(shown) == length
        assert all((each.quote is not None) is quoting for each in shown)
        asked.append(len(seen))

    assert asked == [queries_, queries_]


async def test_projects_organisations_and_feeds_are_read_as_accounts(
    neighbours: Neighbours, marie: App
) -> None:
    project = await neighbours.here.project(marie.account, "verger")
    club = await neighbours.here.organisation(marie.account, "club")
    await neighbours.here.say(project, "On plante samedi", Visibility.PUBLIC)
    await neighbours.here.say(club, "Assemblée")

    found = {
        each["account"]["username"]: each["account"] for each in await listed(marie.http, PUBLIC)
    }

    assert found["verger"]["group"] is True
    assert {"name": "Étape", "value": "idée"} in [
        {"name": each["name"], "value": each["value"]} for each in found["verger"]["fields"]
    ]
    assert found["club"]["group"] is True
    assert found["club"]["bot"] is False


async def test_whom_one_muted_is_read_nowhere_but_at_home_with_them(
    neighbours: Neighbours, marie: App
) -> None:
    paul, luc = await neighbours.app("paul"), await neighbours.app("luc")
    for followed in (paul, luc):
        await follow(neighbours.here, marie.account, followed.account)
    loud = await said(paul, "Bruyant #jardin https://journal.example/une")
    await did(luc, "reblog", loud)
    quiet = await said(luc, "Calme #jardin https://journal.example/une")
    pool = neighbours.here.commune.database.pool
    await pool.execute(
        "insert into commune.mute (id, muter_id, muted_id, created_at) values (1, $1, $2, now())",
        marie.account.id,
        paul.account.id,
    )
    paths = [HOME, PUBLIC, "/api/v1/timelines/tag/jardin"]

    for path in [*paths, "/api/v1/timelines/link?url=https://journal.example/une"]:
        answer = await marie.http.get(path)
        assert [each["id"] for each in answer.json()] == [quiet["id"]], path
    assert loud["id"] in await ids(marie.http, f"/api/v1/accounts/{paul.account.id}/statuses")


async def test_boosts_languages_and_lists_of_ones_own_shape_home(
    neighbours: Neighbours, marie: App
) -> None:
    paul, luc = await neighbours.app("paul"), await neighbours.app("luc")
    await follow(neighbours.here, marie.account, paul.account)
    theirs = await said(luc, "De Luc")
    await did(paul, "reblog", theirs)
    english = await said(paul, "Hello", language="en")
    french = await said(paul, "Bonjour", language="fr")
    assert len(await ids(marie.http, HOME)) == 3
    pool = neighbours.here.commune.database.pool

    await pool.execute("update commune.follow set boosts = false")
    assert await ids(marie.http, HOME) == [french["id"], english["id"]]
    await pool.execute("update commune.follow set languages = '{fr}'")
    assert await ids(marie.http, HOME) == [french["id"]]
    await pool.execute(
        """
        insert into commune.list (id, account_id, title, exclusive, created_at)
        values (1, $1, 'À part', true, now())
        """,
        marie.account.id,
    )
    await pool.execute(
        "insert into commune.list_member (id, list_id, account_id) values (1, 1, $1)",
        paul.account.id,
    )
    assert await ids(marie.http, HOME) == []
