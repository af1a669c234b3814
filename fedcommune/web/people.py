"""People from here and from elsewhere: read them, follow, block, silence and report them here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.moderation import actions as moderation
from fedcommune.domain.moderation.categories import CATEGORIES
from fedcommune.domain.mutes import actions as mutes
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.relations import actions as relations
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import acting, forms, sessions
from fedcommune.web.moderation import KINDS
from fedcommune.web.pages import number, show_profile
from fedcommune.web.signing import commune_of, onwards

Act = Callable[[Commune, Transaction, Account, Account], Awaitable[None]]


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show(request: Request) -> Response:
    """``GET /people/{account}``: the profile of anybody known here, for who is signed in."""
    await acting.required(request)
    account = await _account(request)
    if account.local:
        return onwards(f"/@{account.username}")
    return await show_profile(request, account)


async def do(request: Request) -> Response:
    """``POST /people/{account}/do``: do what the button says, and come back."""
    form = await forms.read(request)
    await acting.as_whom(request, form)
    other = await _account(request)
    act = VERBS.get(form.get("verb", ""))
    if act is None:
        raise NotFound
    async with acting.doing(request, form) as (tx, account):
        await act(commune_of(request), tx, account, other)
    return onwards(sessions.return_to(form.get("return_to"), f"/people/{other.id}"))


async def show_report(request: Request) -> Response:
    """``GET /people/{account}/report``: say to the moderators what is wrong."""
    return await _report_page(request)


async def report(request: Request) -> Response:
    """``POST /people/{account}/report``: report somebody, or one of their posts."""
    form = await forms.read(request)
    await acting.as_whom(request, form)
    other = await _account(request)
    post_id = number(form.get("post", ""))
    category = next((each for each in CATEGORIES if each == form.get("category")), None)
    try:
        if category is None:
            raise Invalid("category", _("Choose what is wrong."))
        async with acting.doing(request, form) as (tx, account):
            await moderation.report(
                tx,
                account,
                other,
                post_ids=[] if post_id is None else [post_id],
                content=form.get("comment", "").strip(),
                category=category,
                forward=bool(form.get("forward")) and not other.local,
            )
    except NotFound:
        raise
    except CommuneError as error:
        return await _report_page(request, error, form)
    return forms.page(request, "social/reported.html", account=other)


async def _report_page(
    request: Request, error: CommuneError | None = None, form: Mapping[str, str] | None = None
) -> Response:
    reader = await acting.required(request)
    account = await _account(request)
    said = dict(request.query_params) if form is None else form
    post: Post | None = None
    post_id = number(said.get("post", ""))
    if post_id is not None:
        post = await posts.by_id(commune_of(request).database.pool, reader.viewer, post_id)
        if post is None or post.author_id != account.id:
            raise NotFound
    values: dict[str, Any] = {"account": account, "post": post, "kinds": KINDS}
    if error is not None:
        return forms.again(request, "social/report.html", error, said, **values)
    return forms.page(request, "social/report.html", **values)


async def _account(request: Request) -> Account:
    account_id = number(str(request.path_params["account"]))
    pool = commune_of(request).database.pool
    account = None if account_id is None else await accounts.by_id(pool, account_id)
    if account is None or not account.is_active:
        raise NotFound
    return account


async def _follow(_commune: Commune, tx: Transaction, account: Account, other: Account) -> None:
    await relations.follow(tx, account, other)


async def _unfollow(_commune: Commune, tx: Transaction, account: Account, other: Account) -> None:
    await follows.stop(tx, account, other)


async def _approve(_commune: Commune, tx: Transaction, account: Account, other: Account) -> None:
    await follows.approve(tx, account, other)


async def _refuse(_commune: Commune, tx: Transaction, account: Account, other: Account) -> None:
    await follows.refuse(tx, account, other)


async def _block(commune: Commune, tx: Transaction, account: Account, other: Account) -> None:
    await blocks.block(tx, account, other, send=commune.config.federation.send_blocks)


async def _unblock(commune: Commune, tx: Transaction, account: Account, other: Account) -> None:
    await blocks.unblock(tx, account, other, send=commune.config.federation.send_blocks)


async def _mute(_commune: Commune, tx: Transaction, account: Account, other: Account) -> None:
    await mutes.mute(tx, account, other)


async def _unmute(_commune: Commune, tx: Transaction, account: Account, other: Account) -> None:
    await mutes.unmute(tx, account, other)


VERBS: Final[Mapping[str, Act]] = {
    "follow": _follow,
    "unfollow": _unfollow,
    "approve": _approve,
    "refuse": _refuse,
    "block": _block,
    "unblock": _unblock,
    "mute": _mute,
    "unmute": _unmute,
}
