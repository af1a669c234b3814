"""A running commune, and everything strangers try against it: answered, and nothing changed."""

from __future__ import annotations

import pytest

from tests.hostile.attack import Attack
from tests.hostile.attacks import ALL
from tests.hostile.siege import Siege

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("attack", ALL, ids=lambda attack: attack.name)
async def test_an_attack_is_answered_and_changes_nothing(siege: Siege, attack: Attack) -> None:
    said = attack.said(siege)
    before = await siege.everything()

    answer = await siege.send(attack.by, said)

    assert answer == attack.answer
    assert await siege.everything() == before
    assert await siege.broken() == []


async def test_honest_words_of_the_same_people_are_heard(siege: Siege) -> None:
    """The gate is not simply shut: what the attacks pretend to be is taken when it is true."""
    post = siege.posts["public"]
    for by in ("ada", "trude", "mallory"):
        assert await siege.send(by, siege.says(by, "Like", post.object_id)) == 202
    note = siege.note("mallory", "true")
    assert await siege.send("mallory", siege.says("mallory", "Create", note)) == 202
    edited = siege.note("ada", "kept", content="<p>Mine</p>", updated="2026-09-20T08:00:00Z")
    assert await siege.send("ada", siege.says("ada", "Update", edited)) == 202
    assert await siege.send("bea", siege.says("bea", "Accept", siege.asked)) == 202
    undo = siege.says("ada", "Undo", f"{siege['ada'].id}/follow")
    assert await siege.send("ada", undo) == 202

    pool = siege.town.commune.database.pool
    assert (await siege.town.seen(post)).likes_count == 3
    contents = "select content from commune.post where object_id = $1"
    assert await pool.fetchval(contents, note["id"]) == "<p>true</p>"
    assert await pool.fetchval(contents, edited["id"]) == "<p>Mine</p>"
    follows = await pool.fetch("select activity_id, state from commune.follow")
    assert (siege.asked, "accepted") in {tuple(row) for row in follows}
    assert f"{siege['ada'].id}/follow" not in {row["activity_id"] for row in follows}
