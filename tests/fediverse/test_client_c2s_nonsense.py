"""Whatever an app posts: an answer that is not a bug, and nothing of others in it (C2S-26)."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.documents import ACTIVITIES
from federation.names import PUBLIC
from tests.fediverse.apps import new_app
from tests.fediverse.conftest import Neighbours

_SECRET = "mot-de-passe-de-paul"
_WORDS = st.text(max_size=30) | st.sampled_from(
    ["\x00", "\ufffd", "@paul", "#tag", "<p>a</p>", "<script>"]
)
_NAMES = st.sampled_from(
    [
        *("type", "id", "actor", "object", "target", "to", "cc", "bto", "bcc", "audience"),
        *("content", "contentMap", "source", "mediaType", "summary", "name", "tag", "href"),
        *("inReplyTo", "attachment", "value", "sensitive", "published", "icon", "url", "roles"),
        *("attributedTo", "directMessage", "manuallyApprovesFollowers", "@context", "origin"),
    ]
)


def _values(known: list[str]) -> st.SearchStrategy[Any]:
    ids = st.sampled_from([*known, PUBLIC, "as:Public", "https://[", "http://localhost:1/x", "x:y"])
    types = st.sampled_from([*sorted(ACTIVITIES), "Note", "Person", "Mention", "PropertyValue"])
    leaves = ids | types | _WORDS | st.none() | st.booleans() | st.integers() | st.just(2**60)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
        max_leaves=12,
    )


def _activities(known: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    values = _values(known)
    types = st.sampled_from([*sorted(ACTIVITIES), "Note"])
    ids = st.sampled_from(known)
    note = st.fixed_dictionaries(
        {"type": st.just("Note"), "content": _WORDS},
        optional={"id": ids, "to": values, "tag": values, "source": values, "inReplyTo": ids},
    )
    return st.fixed_dictionaries(
        {"type": types},
        optional={
            "object": ids | note | values,
            "target": ids | values,
            "to": values,
            "cc": values,
            "bto": values,
            "content": _WORDS,
            "actor": ids | values,
        },
    ) | st.dictionaries(_NAMES, values, max_size=6)


async def test_c2s_26_no_nonsense_is_a_bug_and_nothing_leaks(neighbours: Neighbours) -> None:
    here = neighbours.here
    marie, paul = await new_app(here, "marie"), await new_app(here, "paul")
    secret = await paul.says(_SECRET, to=[])
    note, mine = await paul.says("Bonjour"), await marie.says("Bonjour")
    known = [
        secret["id"],
        note["id"],
        mine["id"],
        paul.account.actor_id,
        marie.account.actor_id,
        str(marie.account.featured_url),
        str(paul.account.followers_url),
        f"{here.origin}/actor",
        f"{here.origin}/ap/posts/1",
    ]
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(_activities(known))
    def tried(activity: dict[str, Any]) -> None:
        answer = asyncio.run_coroutine_threadsafe(marie.post(activity), loop).result(30)
        assert answer.status_code in (201, 400, 403, 404, 409, 413, 429, 501, 503), answer.text
        assert _SECRET not in answer.text
        if answer.status_code != 201:
            assert set(answer.json()) == {"error"}

    await asyncio.to_thread(tried)
    # Whatever was done, what was only paul's stayed so, and as it was.
    assert (await paul.reads(secret["id"]))["content"] == _SECRET
    assert (await marie.call("GET", secret["id"])).status_code == 404
    for box in (marie.outbox, f"{marie.account.actor_id}/inbox"):
        assert _SECRET not in str(await marie.items(box))
