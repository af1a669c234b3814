"""Words with which people recommend a shop, an association or a project; and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.database import Executor
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.links import queries as links
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import recommending
from fedcommune.domain.posts.model import Draft, Page, Post
from fedcommune.domain.visibility import Viewer, Visibility
from fedcommune.errors import CommuneError, Invalid, NotAllowed, NotFound
from fedcommune.web import forms, sessions
from fedcommune.web.signing import commune_of, onwards

SHOWN = 10
MAX_WORDS = 1_000


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Praise:
    """A post that recommends, who wrote it, where it is read, and what was answered."""

    post: Post
    author: Account
    page: str
    answers: list[Post]


async def of(db: Executor, viewer: Viewer, account: Account, limit: int = SHOWN) -> list[Praise]:
    """Return what is said in praise of *account*, the latest first, as *viewer* may see it."""
    if account.kind not in recommending.KINDS:
        return []
    found = await recommending.about(db, viewer, account.id, Page(limit=limit))
    people = await accounts.by_ids(db, [each.author_id for each in found])
    answered = await recommending.answers(db, viewer, [each.id for each in found], account.id)
    return [
        Praise(post, people[post.author_id], _page(post, people), answered.get(post.id, []))
        for post in found
    ]


async def show(request: Request) -> Response:
    """The form for a few words about somebody, of this commune or another."""
    who = await sessions.required(request)
    return forms.page(request, "actors/recommend.html", account=await _subject(request), who=who)


async def send(request: Request) -> Response:
    """Say it: a post of one's own that mentions whom it recommends, for everybody."""
    form = await forms.read(request)
    who = await sessions.required(request)
    account = await _subject(request)
    commune = commune_of(request)
    try:
        words = _words(form)
        handle = f"@{account.username}" if account.local else f"@{account.handle}"
        pages = request.app.state.pages
        said = pages.say(request, _("I recommend {name}: {words}"), name=handle, words=words)
        draft = Draft(
            said,
            language=commune.instance.language,
            mentioned=(account,),
            recommends=account,
        )
        async with commune.database.transaction() as tx:
            await feeds.publish(tx, who.account, draft)
    except CommuneError as error:
        return forms.again(request, "actors/recommend.html", error, form, account=account, who=who)
    return onwards(f"/@{account.username}" if account.local else f"/people/{account.id}")


async def show_answer(request: Request) -> Response:
    """The form with which whoever runs a page answers what is said about it."""
    who, account, post, author = await _answering(request)
    return forms.page(
        request, "actors/answer.html", account=account, post=post, author=author, who=who
    )


async def answer(request: Request) -> Response:
    """Answer in the name of who is recommended."""
    form = await forms.read(request)
    who, account, post, author = await _answering(request)
    try:
        handle = f"@{author.username}" if author.local else f"@{author.handle}"
        draft = Draft(
            f"{handle} {_words(form)}",
            visibility=Visibility.PUBLIC if post.visibility == "public" else post.visibility,
            in_reply_to=post.id,
            mentioned=(author,),
        )
        async with commune_of(request).database.transaction() as tx:
            if not await links.is_admin(tx.db, who.account.id, account.id):
                raise NotAllowed(_("Only an administrator of this page can do this."))
            await feeds.publish(tx, account, draft)
    except CommuneError as error:
        return forms.again(
            request,
            "actors/answer.html",
            error,
            form,
            account=account,
            post=post,
            author=author,
            who=who,
        )
    return onwards(f"/@{account.username}")


async def _subject(request: Request) -> Account:
    account = await accounts.by_id(
        commune_of(request).database.pool, _number(str(request.path_params["account"]))
    )
    if account is None or not account.is_active or account.kind not in recommending.KINDS:
        raise NotFound
    return account


async def _answering(request: Request) -> tuple[SignedIn, Account, Post, Account]:
    """Return who answers in whose name what. The same NotFound for absent and not allowed."""
    who = await sessions.required(request)
    account = await _subject(request)
    db = commune_of(request).database.pool
    if not account.local or not await links.is_admin(db, who.account.id, account.id):
        raise NotFound
    post = await posts.by_id(db, Viewer(account.id), _number(str(request.path_params["post"])))
    subject = None if post is None else await recommending.subject_of(db, post.id)
    if post is None or subject is None or subject.id != account.id:
        raise NotFound
    author = await accounts.by_id(db, post.author_id)
    assert author is not None, "a post goes with its author"
    return who, account, post, author


def _words(form: Mapping[str, str]) -> str:
    words = form.get("words", "").strip()
    if not 1 <= len(words) <= MAX_WORDS:
        raise Invalid("words", _("Write a few words, at most {limit} characters."), limit=MAX_WORDS)
    return words


def _page(post: Post, people: Mapping[int, Account]) -> str:
    if post.local:
        return f"/@{people[post.author_id].username}/{post.id}"
    url = post.url or post.object_id
    return url if url.startswith(("https://", "http://")) else "#"


def _number(text: str) -> int:
    """Return the id in an address. Raises NotFound for what is none (SEC-PAR-03)."""
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound
    return int(text)
