"""Look at a poll, and vote."""

from __future__ import annotations

from typing import Final

from fedcommune import standing
from fedcommune.domain.polls import actions
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.errors import Invalid, NotFound
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.render import status as render


async def show(call: Call) -> Answer:
    """A poll, by the id of its status; for somebody signed in, its own server is asked first."""
    post = await _post(call)
    if call.viewer.account_id is not None and not post.local:
        commune = call.commune
        await standing.ask(commune.database, commune.client, commune.signer, commune.policies, post)
    return await _shown(call, post)


async def vote(call: Call) -> Answer:
    """Vote: all of the choices are counted, or none."""
    post = await _post(call)
    choices = [_choice(each) for each in call.params.texts("choices")]
    async with call.transaction() as tx:
        await actions.vote(tx, call.account, post.id, choices)
    return await _shown(call, post)


async def _post(call: Call) -> Post:
    """Return the post that asks. Raises :class:`NotFound` (SEC-VIS-02, SEC-VIS-03)."""
    post = await posts.by_id(call.db, call.viewer, call.number())
    if post is None:
        raise NotFound
    return post


async def _shown(call: Call, post: Post) -> Answer:
    shown = await render.poll(call.db, call.instance, post, call.viewer, call.now)
    if shown is None:
        raise NotFound
    return shown


def _choice(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 4:
        raise Invalid("choices", "The chosen vote option does not exist.")
    return int(text)


_ONE: Final = "/api/v1/polls/{id}"

ENDPOINTS: Final = (
    Endpoint("GET", _ONE, show, "read:statuses", "anyone"),
    Endpoint("POST", f"{_ONE}/votes", vote, "write:statuses"),
)
