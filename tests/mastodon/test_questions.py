"""What asks for an answer says of what, and where it is given: in apps, pushes and pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest

from fedcommune.domain.links import actions as links
from fedcommune.domain.links import queries
from fedcommune.domain.links.model import Wish
from fedcommune.domain.notifications import listing, words
from fedcommune.domain.notifications.model import Kind
from tests.mastodon.conftest import App, Neighbours
from tests.support import browsers

ALL = {"supported_types[]": ["mention"]}


async def told(app: App) -> list[Any]:
    found = (await app.http.get("/api/v1/notifications", params=ALL)).json()
    grouped = (await app.http.get("/api/v2/notifications", params=ALL)).json()
    groups = [each["fallback"] for each in grouped["notification_groups"]]
    assert [each["fallback"] for each in found] == groups
    return groups


async def pushed(neighbours: Neighbours, app: App, kind: Kind) -> dict[str, Any]:
    """Return the push about the latest thing of one kind that somebody was told."""
    commune = neighbours.here.commune
    found = await listing.listed(
        commune.database.pool,
        app.account.id,
        commune.database.clock() + timedelta(seconds=1),
        ceiling=2**63 - 1,
        limit=20,
    )
    notification = next(each for each in found if each.kind is kind)
    body = await words.message(
        commune.database.pool, commune.instance, notification, token="t", language="fr"
    )
    assert body is not None
    said = orjson.loads(body)
    assert isinstance(said, dict)
    return said


@pytest.mark.parametrize("name", ["Théâtre <b>", "Jardin"])
async def test_a_request_to_take_part_names_what_and_links_where_to_answer(
    neighbours: Neighbours, marie: App, name: str
) -> None:
    """SEC-XSS-01: names are words."""
    here = neighbours.here
    paul = await neighbours.app("paul")
    troupe = await here.organisation(marie.account, "theatre")
    await here.commune.database.pool.execute(
        "update commune.account set name = $2 where id = $1", troupe.id, name
    )
    async with here.commune.database.transaction() as tx:
        link = await links.ask(tx, paul.account, troupe, Wish())

    (fallback,) = await told(marie)

    page = f"{here.origin}/@theatre/people"
    escaped = name.replace("<", "&lt;").replace(">", "&gt;")
    assert fallback["title"] == f"Paul demande à participer à {escaped}"
    assert fallback["summary"] == f'Répondre ici\N{NO-BREAK SPACE}: <a href="{page}">{page}</a>'
    push = await pushed(neighbours, marie, Kind.JOIN_REQUEST)
    assert push["title"] == f"Paul demande à participer à {name}"
    assert page in push["body"]

    # Once somebody answered, there is nothing to answer.
    async with here.commune.database.transaction() as tx:
        waiting = await queries.by_id(tx.db, link.id)
        assert waiting is not None
        await links.approve(tx, marie.account, waiting, (paul.account, troupe))
    (after,) = [each for each in await told(marie) if "demande" in each["title"]]
    assert after["title"] == "Paul demande à participer"
    assert "<a" not in after["summary"]


async def test_an_invitation_links_where_to_answer(neighbours: Neighbours, marie: App) -> None:
    here = neighbours.here
    paul = await neighbours.app("paul")
    troupe = await here.organisation(marie.account, "theatre")
    async with here.commune.database.transaction() as tx:
        await links.invite(tx, marie.account, troupe, paul.account, Wish())

    (fallback,) = await told(paul)

    page = f"{here.origin}/settings/links"
    assert fallback["title"] == "Theatre vous invite"
    assert f'href="{page}"' in fallback["summary"]
    assert page in (await pushed(neighbours, paul, Kind.INVITE))["body"]
    async with browsers.browser(here) as browser:
        await browser.sign_in(paul.account)
        shown = await browser.open("/notifications")
        assert 'href="/settings/links"' in shown.text
