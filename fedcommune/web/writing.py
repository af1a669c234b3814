"""Write, answer, quote, change and delete, by forms that work without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import answers
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import details
from fedcommune.domain.posts import queries as stored
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reading import markers
from fedcommune.domain.reading.model import MAX_KEY
from fedcommune.domain.scheduled import actions as scheduled
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import CommuneError, Conflict, Invalid, NotFound
from fedcommune.web import acting, composing, forms, items, planning
from fedcommune.web.acting import Reader
from fedcommune.web.composing import Composer, Kept
from fedcommune.web.signing import commune_of, onwards

_CORRECTED: Final = (Invalid, Conflict)


async def show(request: Request) -> Response:
    """``GET /write``: the form, for something new, an answer, a quote, or a few words to one."""
    reader = await acting.required(request)
    asked = request.query_params
    to = None
    if asked.get("to"):
        to = await accounts.by_id(commune_of(request).database.pool, _number(asked["to"]))
        if to is None or not to.is_active:
            raise NotFound
    return forms.page(
        request,
        "social/write.html",
        compose=await composing.composer(
            request,
            reader,
            answers=await _item(request, reader, asked.get("answers", "")),
            quotes=await _item(request, reader, asked.get("quotes", "")),
            to=to,
        ),
    )


async def publish(request: Request) -> Response:
    """``POST /write``: publish, now or later, once however often the button is pressed."""
    form, files = await forms.read_any(request, largest=composing.LARGEST)
    account = await acting.as_whom(request, form)
    kept: list[Kept] = []
    try:
        await composing.pictures(request, account, form, files, kept)
        draft = await composing.draft(request, form, kept)
        due_at = planning.due(request, form)
        reader = await acting.required(request)
        key = f"page {form.get('key', '')}"[:MAX_KEY]
        async with acting.doing(request, form) as (tx, author):
            made = await markers.made_before(tx.db, author.id, key, tx.now)
            if made is None or not form.get("key"):
                if due_at is None:
                    post = await feeds.publish(tx, author, draft)
                    await answers.heed(tx, author, post)
                    made = post.id
                else:
                    by = reader.who.account.id
                    made = (await scheduled.plan(tx, author, draft, due_at, planned_by=by)).id
                await markers.remember_made(tx.db, author.id, key, made, tx.now)
    except _CORRECTED as error:
        return await _again(request, error, form, kept)
    if due_at is not None:
        return onwards("/planned")
    return onwards(f"/@{account.username}/{made}")


async def show_edit(request: Request) -> Response:
    """``GET /posts/{post}/edit``: what one wrote, to be changed."""
    reader = await acting.required(request)
    post = await _own(request, reader.account)
    said = {
        "text": post.source,
        "warning": post.summary,
        "sensitive": "on" if post.sensitive and not post.summary else "",
        "language": post.language or "",
    }
    kept = await _hanging(request, post)
    return forms.page(
        request,
        "social/write.html",
        compose=await _edited(request, reader, post, said, kept),
    )


async def edit(request: Request) -> Response:
    """``POST /posts/{post}/edit``: say it otherwise; whoever read it is told (W-ACT-Update)."""
    form, files = await forms.read_any(request, largest=composing.LARGEST)
    account = await acting.as_whom(request, form)
    post = await _own(request, account)
    kept: list[Kept] = []
    try:
        await composing.pictures(request, account, form, files, kept)
        draft = await composing.draft(request, form, kept, post)
        async with acting.doing(request, form) as (tx, author):
            await posts.edit(tx, author, post.id, draft)
    except _CORRECTED as error:
        reader = await acting.required(request)
        return forms.again(
            request,
            "social/write.html",
            error,
            form,
            compose=await _edited(request, reader, post, form, tuple(kept)),
        )
    return onwards(f"/@{account.username}/{post.id}")


async def show_delete(request: Request) -> Response:
    """``GET /posts/{post}/delete``: what it means, before it is done."""
    reader = await acting.required(request)
    post = await _own(request, reader.account)
    commune = commune_of(request)
    (item,) = await items.of_posts(
        commune.database.pool, [post], commune.database.clock(), reader.viewer
    )
    return forms.page(request, "social/delete.html", item=item)


async def delete(request: Request) -> Response:
    """``POST /posts/{post}/delete``: delete what one wrote, here and everywhere (S2S-20)."""
    form = await forms.read(request)
    account = await acting.as_whom(request, form)
    post = await _own(request, account)
    async with acting.doing(request, form) as (tx, author):
        await posts.delete(tx, author, post.id)
    return onwards(f"/@{account.username}")


async def _again(
    request: Request, error: CommuneError, form: Mapping[str, str], kept: list[Kept]
) -> Response:
    """Show the form again: nothing that was typed is lost, nor a picture that arrived."""
    reader = await acting.required(request)
    compose = await composing.composer(
        request,
        reader,
        said=form,
        answers=await _item(request, reader, form.get("answers", "")),
        quotes=await _item(request, reader, form.get("quotes", "")),
        kept=tuple(kept),
    )
    return forms.again(request, "social/write.html", error, form, compose=compose)


async def _edited(
    request: Request,
    reader: Reader,
    post: Post,
    said: Mapping[str, str],
    kept: tuple[Kept, ...],
) -> Composer:
    made = await composing.composer(request, reader, said=said, kept=kept)
    return replace(made, action=f"/posts/{post.id}/edit", editing=True, audiences=())


async def _hanging(request: Request, post: Post) -> tuple[Kept, ...]:
    found = await details.attachments(commune_of(request).database.pool, [post.id])
    return tuple(
        Kept(each.media_id, each.preview_url or each.url, each.description)
        for each in found.get(post.id, [])
        if each.media_id is not None
    )


async def _item(request: Request, reader: Reader, text: str) -> items.Item | None:
    """Return the post that a field names, if it names one. Raises NotFound (SEC-VIS-02)."""
    return await composing.about(request, reader, _number(text)) if text else None


async def _own(request: Request, account: Account) -> Post:
    """Return the post of the address. Raises NotFound when *account* did not write it."""
    found = await stored.by_id(
        commune_of(request).database.pool,
        Viewer(account.id),
        _number(str(request.path_params["post"])),
    )
    if found is None or found.author_id != account.id or not found.local:
        raise NotFound
    return found


def _number(text: str) -> int:
    """Return an id of an address or a field. Raises NotFound for what is none (SEC-VIS-11)."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)
