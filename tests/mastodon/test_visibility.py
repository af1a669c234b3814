"""Who may read what over the API: every viewer, every visibility, every way to a status."""

from __future__ import annotations

from dataclasses import dataclass

import httpx
import pytest

from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Standing, Visibility, may_see
from tests.mastodon.conftest import App, Neighbours
from tests.mastodon.words import STATUSES, block, follow

SECRET = "perlimpinpin"
LINK = "https://lien.example/page"
ABSENT = 17

VIEWERS = {
    "marie": Standing(is_author=True),
    "suivi": Standing(follows_author=True),
    "nomme": Standing(is_mentioned=True),
    "passant": Standing(),
    "exclu": Standing(blocked_by_author=True),
    "fache": Standing(blocks_author=True),
    "": Standing(),
}
# What answers for one status: the same 404 for the absent and the forbidden (SEC-VIS-03).
ALONE = ("", "/context", "/history", "/favourited_by", "/reblogged_by")
SIGNED = ("/source",)
# What is done with one status.
VERBS = (
    *("favourite", "unfavourite", "reblog", "unreblog", "bookmark", "unbookmark"),
    *("mute", "unmute", "pin", "unpin"),
)


@dataclass
class Scene:
    """What Marie wrote, what it answers, what answers it, and who looks."""

    post: Post
    above: Post
    below: Post
    apps: dict[str, App]
    anyone: httpx.AsyncClient

    def http(self, name: str) -> httpx.AsyncClient:
        return self.apps[name].http if name else self.anyone

    def lists(self) -> list[str]:
        """Every list that a status could come up in."""
        author = self.apps["marie"].account.id
        return [
            f"{STATUSES}?id[]={self.post.id}",
            f"{STATUSES}/{self.above.id}/context",
            f"{STATUSES}/{self.below.id}/context",
            "/api/v1/timelines/public",
            "/api/v1/timelines/public?local=true",
            "/api/v1/timelines/tag/secret",
            f"/api/v1/timelines/link?url={LINK}",
            f"/api/v1/accounts/{author}/statuses",
            f"/api/v1/accounts/{author}/statuses?pinned=true",
            f"/api/v1/accounts/{author}/statuses?tagged=secret",
            f"/api/v2/search?q={SECRET}",
            f"/api/v2/search?q={self.post.object_id}",
            "/api/v1/trends/statuses",
        ]


PRIVATE_LISTS = ("/api/v1/timelines/home", "/api/v1/bookmarks", "/api/v1/favourites")


async def _scene(neighbours: Neighbours, visibility: Visibility) -> Scene:
    here = neighbours.here
    apps = {name: await neighbours.app(name) for name in VIEWERS if name}
    marie = apps["marie"].account
    await follow(here, apps["suivi"].account, marie)
    above = await here.say(marie, "Avant")
    post = await here.say(
        marie, f"@nomme {SECRET} #secret {LINK}", visibility, to=above, warning=f"W{SECRET}"
    )
    # Whoever marked it while they could see it, may not any more.
    pool = here.commune.database.pool
    await pool.execute("update commune.account set indexable = true where local")
    await pool.execute(
        "insert into commune.featured (account_id, post_id, created_at) values ($1, $2, now())",
        marie.id,
        post.id,
    )
    for number, app in enumerate(apps.values()):
        await pool.execute(
            "insert into commune.bookmark (id, account_id, post_id, created_at) "
            "values ($1, $2, $3, now())",
            number + 1,
            app.account.id,
            post.id,
        )
        await pool.execute(
            "insert into commune.reaction (id, kind, account_id, post_id, activity_id, created_at) "
            "values ($1, 'like', $2, $3, $4, now())",
            number + 1,
            app.account.id,
            post.id,
            f"https://x.example/{number}",
        )
    below = await here.say(marie, "Après", to=post)
    # An answer is never for more people than what it answers; this one is, to be looked around.
    await pool.execute("update commune.post set visibility = 'public' where id = $1", below.id)
    await block(here, marie, apps["exclu"].account)
    await block(here, apps["fache"].account, marie)
    return Scene(post, above, below, apps, await neighbours.http())


@pytest.mark.parametrize("visibility", list(Visibility))
async def test_sec_vis_01_and_03_each_viewer_reads_what_is_for_them_and_nothing_else(
    neighbours: Neighbours, visibility: Visibility
) -> None:
    scene = await _scene(neighbours, visibility)
    for name, standing in VIEWERS.items():
        allowed, http = may_see(visibility, standing), scene.http(name)
        for end in ALONE + (SIGNED if name else ()):
            answer = await http.get(f"{STATUSES}/{scene.post.id}{end}")
            absent = await http.get(f"{STATUSES}/{ABSENT}{end}")
            assert answer.status_code == (200 if allowed else 404), (name, end)
            if not allowed:
                assert answer.content == absent.content, (name, end)
        if allowed:
            several = await http.get(f"{STATUSES}?id[]={scene.post.id}")
            assert [each["id"] for each in several.json()] == [str(scene.post.id)], name
        if allowed and name:
            for path in PRIVATE_LISTS[1:]:
                assert f"W{SECRET}" in (await http.get(path)).text, (name, path)
        for path in [*scene.lists(), *(PRIVATE_LISTS if name else ())]:
            answer = await http.get(path)
            assert answer.status_code == 200 or (answer.status_code == 404 and not allowed), (
                name,
                path,
                answer.text,
            )
            if not allowed:
                # What was typed into the search comes back as a hashtag at most.
                assert f"W{SECRET}" not in answer.text, (name, path)
                assert f'"{scene.post.id}"' not in answer.text.replace(
                    f'"in_reply_to_id":"{scene.post.id}"', ""
                ), (name, path)


@pytest.mark.parametrize("verb", VERBS)
async def test_sec_vis_02_what_may_not_be_seen_cannot_be_acted_on(
    neighbours: Neighbours, verb: str
) -> None:
    here = neighbours.here
    marie, paul = await neighbours.app("marie"), await neighbours.app("paul")
    post = await here.say(marie.account, SECRET, Visibility.FOLLOWERS)
    tables = ("reaction", "bookmark", "thread_mute", "featured", "notification")
    before = [await here.count(f"commune.{table}") for table in tables]

    answer = await paul.http.post(f"{STATUSES}/{post.id}/{verb}")
    absent = await paul.http.post(f"{STATUSES}/{ABSENT}/{verb}")

    assert answer.status_code == absent.status_code == 404
    assert answer.content == absent.content
    assert [await here.count(f"commune.{table}") for table in tables] == before


async def test_sec_vis_02_what_may_not_be_seen_cannot_be_answered(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    post = await neighbours.here.say(marie.account, SECRET, Visibility.FOLLOWERS)

    answer = await paul.http.post(
        STATUSES, json={"status": "Quoi ?", "in_reply_to_id": str(post.id)}
    )

    assert answer.status_code == 404
    assert await neighbours.here.count("commune.post") == 1


async def test_sec_vis_07_an_answer_is_never_for_more_people_than_what_it_answers(
    neighbours: Neighbours, marie: App
) -> None:
    paul = await neighbours.app("paul")
    await follow(neighbours.here, paul.account, marie.account)
    post = await neighbours.here.say(marie.account, SECRET, Visibility.FOLLOWERS)

    answer = await paul.http.post(
        STATUSES, json={"status": "@marie oui", "in_reply_to_id": str(post.id)}
    )

    assert answer.json()["visibility"] == "private"
    shown = (await marie.http.get(f"{STATUSES}/{post.id}")).json()
    assert shown["replies_count"] == 0


async def test_sec_vis_11_ids_of_others_are_nobodys(neighbours: Neighbours, marie: App) -> None:
    paul = await neighbours.app("paul")
    await marie.http.post("/api/v1/featured_tags", json={"name": "jardin"})
    (tag,) = (await marie.http.get("/api/v1/featured_tags")).json()
    await marie.http.post("/api/v1/markers", json={"home": {"last_read_id": "7"}})
    await marie.http.post("/api/v1/tags/jardin/follow")

    removed = await paul.http.delete(f"/api/v1/featured_tags/{tag['id']}")

    assert removed.status_code == 404
    assert len((await marie.http.get("/api/v1/featured_tags")).json()) == 1
    assert (await paul.http.get("/api/v1/markers?timeline[]=home")).json() == {}
    assert (await paul.http.get("/api/v1/followed_tags")).json() == []
    await paul.http.post("/api/v1/tags/jardin/unfollow")
    assert len((await marie.http.get("/api/v1/followed_tags")).json()) == 1


@pytest.mark.parametrize("text", ["0", "-1", "abc", "9" * 30, "1.5"])
async def test_an_id_that_cannot_be_one_is_absent(marie: App, text: str) -> None:
    assert (await marie.http.get(f"{STATUSES}/{text}")).status_code == 404
