"""One's own profile as it was typed, what one shows of oneself, and what is said among few."""

from __future__ import annotations

import pytest

from fedcommune.domain.visibility import Visibility
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.schemas import (
    address,
    checked,
    identifier,
    listed,
    maybe,
    moment,
    shaped,
    text,
    truth,
)
from tests.mastodon.words import follow, ids

PROFILE = "/api/v1/profile"
SHAPE = shaped(
    {
        "id": identifier,
        "display_name": text,
        "note": text,
        "fields": listed(shaped({"name": text, "value": text, "verified_at": maybe(moment)})),
        "avatar": maybe(address),
        "avatar_static": maybe(address),
        "avatar_description": text,
        "header": maybe(address),
        "header_static": maybe(address),
        "header_description": text,
        "locked": truth,
        "bot": truth,
        "hide_collections": truth,
        "discoverable": truth,
        "indexable": truth,
        "show_media": truth,
        "show_media_replies": truth,
        "show_featured": truth,
        "attribution_domains": listed(text),
        "featured_tags": listed(shaped({"id": identifier, "name": text})),
    }
)


async def test_a_profile_is_read_and_changed_as_it_was_typed(marie: App) -> None:
    await marie.http.post("/api/v1/featured_tags", json={"name": "jardin"})
    before = checked((await marie.http.get(PROFILE)).json(), SHAPE)
    assert (before["avatar"], before["header"], before["note"]) == (None, None, "")
    assert [each["name"] for each in before["featured_tags"]] == ["jardin"]

    changed = await marie.http.patch(
        PROFILE,
        json={
            "note": "Salut & *bises*",
            "show_media": False,
            "attribution_domains": ["Journal.example"],
            "fields_attributes": [{"name": "Métier", "value": "maraîchère"}],
        },
    )

    assert changed.status_code == 200, changed.text
    after = checked(changed.json(), SHAPE)
    assert after == (await marie.http.get(PROFILE)).json()
    assert (after["note"], after["show_media"]) == ("Salut & *bises*", False)
    assert after["attribution_domains"] == ["journal.example"]
    assert after["fields"][0]["value"] == "maraîchère"
    assert after["show_featured"]
    seen = (await marie.http.get(f"/api/v1/accounts/{marie.account.id}")).json()
    assert (seen["show_media"], seen["show_featured"]) == (False, True)


@pytest.mark.parametrize(
    "domains", [["pas un nom"], ["https://x.example/"], [f"n{each}.example" for each in range(11)]]
)
async def test_what_is_no_website_is_refused(marie: App, domains: list[str]) -> None:
    refused = await marie.http.patch(PROFILE, json={"attribution_domains": domains, "note": "x"})

    assert refused.status_code == 422
    after = (await marie.http.get(PROFILE)).json()
    assert (after["attribution_domains"], after["note"]) == ([], "")


async def test_whom_one_follows_is_kept_from_others(marie: App, neighbours: Neighbours) -> None:
    jean = await neighbours.app("jean")
    await follow(neighbours.here, jean.account, marie.account)
    await follow(neighbours.here, marie.account, jean.account)
    lists = [f"/api/v1/accounts/{marie.account.id}/{what}" for what in ("followers", "following")]
    assert [len((await jean.http.get(path)).json()) for path in lists] == [1, 1]

    await marie.http.patch(PROFILE, json={"hide_collections": True})

    assert [len((await jean.http.get(path)).json()) for path in lists] == [0, 0]
    assert [len((await marie.http.get(path)).json()) for path in lists] == [1, 1]
    seen = (await jean.http.get(f"/api/v1/accounts/{marie.account.id}")).json()
    assert (seen["hide_collections"], seen["followers_count"]) == (True, 1)


async def test_what_is_said_among_few_is_read_by_them(marie: App, neighbours: Neighbours) -> None:
    jean, luc = await neighbours.app("jean"), await neighbours.app("luc")
    letter = await neighbours.here.say(jean.account, "Psst @marie", Visibility.DIRECT)
    await neighbours.here.say(jean.account, "Bonjour @marie")

    direct = "/api/v1/timelines/direct"
    assert await ids(marie.http, direct) == [str(letter.id)]
    assert await ids(jean.http, direct) == [str(letter.id)]
    assert await ids(luc.http, direct) == []
