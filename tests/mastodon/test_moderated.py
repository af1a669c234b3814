"""What measures change for those whom they concern, and for everybody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.hosts.model import Rules
from fedcommune.domain.moderation import actions
from fedcommune.domain.visibility import Visibility
from tests.mastodon import schemas_admin as schemas
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.moderating import moderator


@pytest.fixture
async def simone(neighbours: Neighbours) -> App:
    """Somebody who moderates Saint-Leu."""
    return await moderator(neighbours)


async def act(simone: App, account: Account, kind: str, **more: Any) -> None:
    answer = await simone.http.post(
        f"/api/v1/admin/accounts/{account.id}/action", json={"type": kind, **more}
    )
    assert answer.status_code == 200, answer.text


async def undo(simone: App, account: Account, word: str) -> None:
    answer = await simone.http.post(f"/api/v1/admin/accounts/{account.id}/{word}")
    assert answer.status_code == 200, answer.text


async def seen(http: httpx.AsyncClient, path: str, account: Account) -> bool:
    """Tell whether *account*, or something of it, stands in the list at *path*."""
    found = (await http.get(path)).json()
    listed = found if isinstance(found, list) else [*found["accounts"], *found["statuses"]]
    return any(
        str(account.id) in (each.get("id"), each.get("account", {}).get("id")) for each in listed
    )


AROUND = (
    "/api/v1/timelines/public",
    "/api/v1/timelines/public?local=1",
    "/api/v1/timelines/tag/jardin",
    "/api/v2/search?q=rutabaga&type=statuses",
    "/api/v2/search?q=pau&type=accounts",
    "/api/v1/accounts/search?q=pau",
    "/api/v1/directory?local=1",
    "/api/v1/trends/statuses",
)


async def test_who_is_limited_is_shown_to_their_followers_alone(
    neighbours: Neighbours, simone: App
) -> None:
    here = neighbours.here
    paul, marie, lea = [await neighbours.app(name) for name in ("paul", "marie", "lea")]
    await here.commune.database.pool.execute("update commune.account set indexable = true")
    post = await here.say(paul.account, "Un rutabaga #jardin")
    await lea.http.post(f"/api/v1/accounts/{paul.account.id}/follow")
    await lea.http.post(f"/api/v1/statuses/{post.id}/favourite")
    for path in AROUND:
        assert await seen(marie.http, path, paul.account), path
    assert await seen(marie.http, "/api/v1/suggestions", paul.account)

    await act(simone, paul.account, "silence")

    anyone = await neighbours.http()
    for path in AROUND:
        assert not await seen(marie.http, path, paul.account), path
        if path != "/api/v1/accounts/search?q=pau":
            assert not await seen(anyone, path, paul.account), path
        assert await seen(lea.http, path, paul.account), path
    assert not await seen(marie.http, "/api/v1/suggestions", paul.account)
    assert (await anyone.get("/api/v1/trends/tags")).json() == []
    profile = (await anyone.get(f"/api/v1/accounts/{paul.account.id}")).json()
    assert profile["limited"]
    assert (await anyone.get(f"/api/v1/statuses/{post.id}")).status_code == 200
    # What they do to others waits, unless those follow them.
    question = await here.say(marie.account, "Qui vient ?")
    await paul.http.post(f"/api/v1/statuses/{question.id}/favourite")
    answer = {"status": "@marie @lea moi", "in_reply_to_id": str(question.id)}
    await paul.http.post("/api/v1/statuses", json=answer)
    assert (await marie.http.get("/api/v1/notifications")).json() == []
    (request,) = (await marie.http.get("/api/v1/notifications/requests")).json()
    assert request["account"]["id"] == str(paul.account.id)
    assert [each["type"] for each in (await lea.http.get("/api/v1/notifications")).json()] == [
        "mention"
    ]
    thread = (await anyone.get(f"/api/v1/statuses/{question.id}/context")).json()
    assert thread["descendants"] == []

    await undo(simone, paul.account, "unsilence")
    for path in AROUND:
        assert await seen(marie.http, path, paul.account), path


async def test_the_people_of_a_limited_server_are_shown_to_their_followers_alone(
    neighbours: Neighbours, simone: App
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, lea = await neighbours.app("marie"), await neighbours.app("lea")
    pierre = await there.citizen("pierre")
    known = await here.meet(pierre)
    async with here.commune.database.transaction() as tx:
        await follows.follow(tx, lea.account, known)
    await neighbours.settle()
    post = await there.say(pierre, "Bonjour @marie@" + here.domain)
    await neighbours.settle()
    assert await here.stored(post)
    assert await seen(marie.http, "/api/v1/timelines/public", known)

    decided = await simone.http.post(
        "/api/v1/admin/domain_blocks", json={"domain": there.domain, "severity": "silence"}
    )
    assert decided.status_code == 200
    await there.say(pierre, "Encore bonjour @marie@" + here.domain)
    await neighbours.settle()

    assert not await seen(marie.http, "/api/v1/timelines/public", known)
    assert await seen(lea.http, "/api/v1/timelines/public", known)
    assert (await marie.http.get(f"/api/v1/accounts/{known.id}")).json()["limited"]
    assert len((await marie.http.get("/api/v1/notifications")).json()) == 1
    (request,) = (await marie.http.get("/api/v1/notifications/requests")).json()
    assert request["account"]["id"] == str(known.id)


async def test_what_somebody_attaches_is_sensitive_here_and_elsewhere(
    neighbours: Neighbours, simone: App
) -> None:
    here, there = neighbours.here, neighbours.there
    paul = await neighbours.app("paul")
    reader = await there.citizen("pierre")
    known = await there.meet(paul.account)
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, reader, known)
    await neighbours.settle()

    await act(simone, paul.account, "sensitive")
    post = await here.say(await here.find("@paul"), "Une photo")
    await neighbours.settle()

    assert (await paul.http.get(f"/api/v1/statuses/{post.id}")).json()["sensitive"]
    assert (await there.seen(post)).sensitive
    await undo(simone, paul.account, "unsensitive")
    assert not (await paul.http.get(f"/api/v1/statuses/{post.id}")).json()["sensitive"]


async def test_who_is_shut_out_has_no_session_and_no_token_until_they_are_let_in(
    neighbours: Neighbours, simone: App
) -> None:
    here = neighbours.here
    paul = await neighbours.app("paul")
    post = await here.say(paul.account, "Bonjour")
    await here.commune.database.pool.execute(
        """
        insert into commune.session
            (id, token_hash, account_id, created_at, seen_at, expires_at)
        values (1, 'x', $1, now(), now(), now() + interval '1 day')
        """,
        paul.account.id,
    )

    await act(simone, paul.account, "disable")

    assert (await paul.http.get("/api/v1/timelines/home")).status_code == 401
    assert await here.count("commune.session") == 0
    anyone = await neighbours.http()
    assert (await anyone.get(f"/api/v1/statuses/{post.id}")).status_code == 200
    await undo(simone, paul.account, "enable")
    assert (await paul.http.get("/api/v1/timelines/home")).status_code == 200


async def test_sec_mod_03_a_suspension_hides_everything_and_its_end_gives_it_back(
    neighbours: Neighbours, simone: App
) -> None:
    here = neighbours.here
    paul, lea = await neighbours.app("paul"), await neighbours.app("lea")
    post = await here.say(paul.account, "Bonjour")
    await lea.http.post(f"/api/v1/accounts/{paul.account.id}/follow")
    anyone = await neighbours.http()
    json = {"Accept": "application/activity+json"}

    await act(simone, paul.account, "suspend")

    assert (await paul.http.get("/api/v1/timelines/home")).status_code == 401
    assert (await anyone.get(f"/api/v1/statuses/{post.id}")).status_code == 404
    assert (await anyone.get(post.object_id, headers=json)).status_code in (404, 410)
    assert (await anyone.get(paul.account.actor_id, headers=json)).status_code in (404, 410)
    assert not await seen(lea.http, "/api/v1/timelines/home", paul.account)
    await undo(simone, paul.account, "unsuspend")
    assert (await paul.http.get("/api/v1/timelines/home")).status_code == 200
    assert (await anyone.get(f"/api/v1/statuses/{post.id}")).status_code == 200
    assert (await anyone.get(paul.account.actor_id, headers=json)).status_code == 200
    assert await seen(lea.http, "/api/v1/timelines/home", paul.account)


async def test_whom_a_measure_concerns_is_told_in_the_app_and_by_letter_but_not_by_whom(
    neighbours: Neighbours, simone: App
) -> None:
    here = neighbours.here
    paul = await neighbours.app("paul")

    await act(simone, paul.account, "none", text="Moins fort", send_email_notification=True)
    await act(simone, paul.account, "silence", text="Trop fort")

    told = (await paul.http.get("/api/v1/notifications")).json()
    assert [each["type"] for each in told] == ["moderation_warning"] * 2
    warnings = [each["moderation_warning"] for each in told]
    for each in warnings:
        schemas.ACCOUNT_WARNING(each, "warning")
        assert each["target_account"]["id"] == str(paul.account.id)
    assert [(each["action"], each["text"]) for each in warnings] == [
        ("silence", "Trop fort"),
        ("none", "Moins fort"),
    ]
    assert "simone" not in str(told)
    groups = (await paul.http.get("/api/v2/notifications")).json()["notification_groups"]
    assert {each["moderation_warning"]["action"] for each in groups} == {"silence", "none"}
    kinds = await here.commune.database.pool.fetch("select kind, recipient from commune.letter")
    assert [tuple(each) for each in kinds] == [("strike", "paul@mail.example")]
    rows = await here.commune.database.pool.fetch(
        "select kind, by_id, account_id, reason from commune.measure where kind <> 'give_role' "
        "order by id"
    )
    assert [tuple(each) for each in rows] == [
        ("warn", simone.account.id, paul.account.id, "Moins fort"),
        ("silence", simone.account.id, paul.account.id, "Trop fort"),
    ]


async def test_sec_mod_04_moderators_are_told_of_reports_and_nobody_else(
    neighbours: Neighbours, simone: App
) -> None:
    paul, lea, marie = [await neighbours.app(name) for name in ("paul", "lea", "marie")]

    await lea.http.post(
        "/api/v1/reports", json={"account_id": str(paul.account.id), "comment": "Il crie"}
    )

    (told,) = (await simone.http.get("/api/v1/notifications")).json()
    assert (told["type"], told["account"]["id"]) == ("admin.report", str(lea.account.id))
    assert told["report"]["comment"] == "Il crie"
    assert told["report"]["target_account"]["id"] == str(paul.account.id)
    for other in (paul, marie, lea):
        assert (await other.http.get("/api/v1/notifications")).json() == []


async def test_posts_in_a_report_are_marked_or_deleted_here_and_elsewhere(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    paul = await here.citizen("paul")
    reader = await there.citizen("pierre")
    known = await there.meet(paul)
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, reader, known)
    await neighbours.settle()
    marked, deleted = await here.say(paul, "Un"), await here.say(paul, "Deux")
    kept = await here.say(paul, "Trois", Visibility.FOLLOWERS)
    await neighbours.settle()

    async with here.commune.database.transaction() as tx:
        await actions.mark_posts(tx, paul, [marked.id])
        await actions.delete_posts(tx, paul, [deleted.id], text="Insultes")
    await neighbours.settle()

    assert (await there.seen(marked)).sensitive
    assert (await there.seen(deleted)).deleted_at is not None
    assert (await there.seen(kept)).deleted_at is None
    anyone = await neighbours.http()
    assert (await anyone.get(f"/api/v1/statuses/{deleted.id}")).status_code == 404
    assert (await anyone.get(f"/api/v1/statuses/{marked.id}")).json()["sensitive"]


async def test_who_loses_follows_by_a_decision_about_a_server_is_told(
    neighbours: Neighbours, simone: App
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, lea = await neighbours.app("marie"), await neighbours.app("lea")
    pierre = await there.citizen("pierre")
    known = await here.meet(pierre)
    async with here.commune.database.transaction() as tx:
        await follows.follow(tx, marie.account, known)
    await neighbours.settle()

    answer = await simone.http.post(
        "/api/v1/admin/domain_blocks", json={"domain": there.domain, "severity": "suspend"}
    )

    assert answer.status_code == 200
    (told,) = (await marie.http.get("/api/v1/notifications")).json()
    assert told["type"] == "severed_relationships"
    schemas.SEVERANCE(told["event"], "event")
    assert told["event"]["target_name"] == there.domain
    assert (told["event"]["followers_count"], told["event"]["following_count"]) == (0, 1)
    assert (await lea.http.get("/api/v1/notifications")).json() == []


async def test_sec_mod_01_nothing_is_taken_of_what_a_server_attaches_nor_of_its_reports(
    neighbours: Neighbours,
) -> None:
    here, there = neighbours.here, neighbours.there
    marie, pierre = await here.citizen("marie"), await there.citizen("pierre")
    jeanne = await there.citizen("jeanne")
    seen_there = await there.meet(marie)
    async with here.commune.database.transaction() as tx:
        rules = Rules(reject_media=True, reject_reports=True)
        await actions.restrain_host(tx, there.domain, rules=rules)
    async with there.commune.database.transaction() as tx:
        await actions.report(tx, pierre, seen_there, content="Elle crie", forward=True)
    await neighbours.settle()
    assert await here.count("commune.report") == 0
    assert (await here.meet(pierre)).icon is None

    async with here.commune.database.transaction() as tx:
        await actions.allow_host(tx, there.domain)
    async with there.commune.database.transaction() as tx:
        await actions.report(tx, jeanne, seen_there, content="Encore", forward=True)
    await neighbours.settle()
    assert await here.count("commune.report") == 1
