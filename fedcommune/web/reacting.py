"""Like, boost, keep, pin: one small form beside each post."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.reading import actions as reading
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import NotFound
from fedcommune.web import acting, forms, sessions
from fedcommune.web.signing import onwards

Act = Callable[[Transaction, Account, Post], Awaitable[Any]]


def _keeping(act: Callable[[Transaction, Account, int], Awaitable[Post]]) -> Act:
    async def keep(tx: Transaction, account: Account, post: Post) -> None:
        await act(tx, account, post.id)

    return keep


VERBS: Final[Mapping[str, Act]] = {
    "like": reactions.like,
    "unlike": reactions.unlike,
    "boost": reactions.boost,
    "unboost": reactions.unboost,
    "bookmark": _keeping(reading.bookmark),
    "unbookmark": _keeping(reading.unbookmark),
    "pin": reactions.pin,
    "unpin": reactions.unpin,
    "mute": _keeping(reading.mute_thread),
    "unmute": _keeping(reading.unmute_thread),
}


async def do(request: Request) -> Response:
    """``POST /posts/{post}/do``: do what the button says, and come back to the post."""
    form = await forms.read(request)
    await acting.as_whom(request, form)
    act = VERBS.get(form.get("verb", ""))
    text = str(request.path_params["post"])
    if act is None or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    async with acting.doing(request, form) as (tx, account):
        post = await posts.by_id(tx.db, Viewer(account.id), int(text))
        if post is None:
            raise NotFound
        await act(tx, account, post)
    back = sessions.return_to(form.get("return_to"), f"/posts/{text}")
    return onwards(back if "#" in back else f"{back}#post-{text}")
