"""The commune as people meet it in their apps: organisations, projects, feeds, itself."""

from __future__ import annotations

from functools import partial
from typing import Any

from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import Stage
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.test_mastodon_py import away, library, names_of_this_machine

__all__ = ["names_of_this_machine"]


async def test_everything_alive_is_found_followed_and_read(
    neighbours: Neighbours, marie: App
) -> None:
    here = neighbours.here
    jean = await here.citizen("jean")
    await here.organisation(jean, "jardiniers")
    project = await here.project(jean, "compost")
    mine = library(here, marie)

    for name, group in (
        ("jardiniers", True),
        ("compost", True),
        ("agenda", True),
        ("place", True),
        (here.commune.instance.host, False),
    ):
        found = await away(partial(mine.account_lookup, name))
        assert found.group is group, name
        handle = f"@{name}@{here.domain}"
        result = await away(partial(mine.search_v2, handle, result_type="accounts"))
        assert [each.id for each in result.accounts] == [found.id], name
        followed = await away(partial(mine.account_follow, found.id))
        assert followed.following, name

    names = {each.username for each in await away(mine.directory)}
    assert {"jardiniers", "compost", "agenda"} <= names
    async with here.commune.database.transaction() as tx:
        await projects.move(tx, project, project, Stage.DEVELOPMENT)
    shown = await away(lambda: mine.account(project.id))
    assert [each.value for each in shown.fields][:1] == ["en cours"]
    told: Any = (await away(mine.timeline_home))[0]
    assert told.account.username == "compost"
    assert "en cours" in told.content.lower()


async def test_a_neighbours_project_is_found_and_followed_too(
    neighbours: Neighbours, marie: App
) -> None:
    zoe = await neighbours.there.citizen("zoe")
    project = await neighbours.there.project(zoe, "verger")
    mine = library(neighbours.here, marie)

    (found,) = (
        await away(lambda: mine.search_v2(f"@verger@{neighbours.there.domain}", resolve=True))
    ).accounts
    assert found.acct == f"verger@{neighbours.there.domain}"
    await away(lambda: mine.account_follow(found.id))
    await neighbours.settle()
    async with neighbours.there.commune.database.transaction() as tx:
        await projects.move(tx, project, project, Stage.TESTING)
    await neighbours.settle()

    told: Any = (await away(mine.timeline_home))[0]
    assert told.account.acct == found.acct
    assert (await away(lambda: mine.account_relationships([found.id])))[0].following


async def test_the_instance_tells_its_rules_its_territory_and_its_limits(
    neighbours: Neighbours, marie: App
) -> None:
    said = (await marie.http.get("/api/v2/instance")).json()

    assert said["territory"]["insee"] == "97413"
    assert {"postal_codes", "epci", "latitude", "longitude"} <= said["territory"].keys()
    assert said["configuration"]["statuses"]["max_characters"] >= 5_000
    assert said["configuration"]["accounts"]["max_profile_fields"] >= 8
    assert isinstance(said["rules"], list)
    assert said["contact"]["account"]["username"] == neighbours.here.commune.instance.host
