"""Which letters one gets, and the page behind the link that stops them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.letters import actions, queries, stopping
from fedcommune.domain.letters.model import LABELS, PACES, USUAL, Pace, Subject
from fedcommune.domain.letters.stopping import Stop
from fedcommune.errors import CommuneError, NotFound
from fedcommune.web import forms, sessions
from fedcommune.web.pages import pages_of
from fedcommune.web.signing import commune_of, onwards

_FIELD: Final = "pace-"


async def show(request: Request) -> Response:
    """About what one gets letters, and how soon."""
    return await _page(request)


async def choose(request: Request) -> Response:
    """Keep what one chose."""
    form = await forms.read(request)
    who = await sessions.required(request)
    chosen = {
        name.removeprefix(_FIELD): pace for name, pace in form.items() if name.startswith(_FIELD)
    }
    try:
        async with commune_of(request).database.transaction() as tx:
            await actions.choose(tx, who.account, chosen)
    except CommuneError as error:
        return await _page(request, error, form)
    return onwards("/settings/letters?kept=1")


async def show_stop(request: Request) -> Response:
    """What the link of a letter stops, and a button: no mail scanner stops anything."""
    try:
        token, stop = _stop(request)
    except NotFound:
        return pages_of(request).page(request, "letters/stop.html", 404, what=None, done=False)
    return pages_of(request).page(
        request, "letters/stop.html", token=token, what=await _what(request, stop), done=False
    )


async def stop(request: Request) -> Response:
    """Stop these letters, for who holds the link: by the page, or by one click in a mail program.

    Nobody is signed in and no form of ours was shown then; the token alone says what is
    stopped, and lets nobody do anything else (RFC 8058 §3.2, SEC-GDP-08).
    """
    token, stop = _stop(request)
    what = await _what(request, stop)
    async with commune_of(request).database.transaction() as tx:
        await actions.stop(tx, stop)
    response = pages_of(request).page(
        request, "letters/stop.html", token=token, what=what, done=True
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _stop(request: Request) -> tuple[str, Stop]:
    """Return the token of the link, and what it stops. Raises NotFound for one that is not ours."""
    token = request.query_params.get("token", "")
    found = stopping.read(commune_of(request).database.keyring, token)
    if found is None:
        raise NotFound
    return token, found


async def _what(request: Request, stop: Stop) -> list[str]:
    """Return what is stopped, in words."""
    async with commune_of(request).database.transaction() as tx:
        return [LABELS[subject] for subject in await actions.stopped(tx, stop)]


async def _page(
    request: Request, error: CommuneError | None = None, form: Mapping[str, str] | None = None
) -> Response:
    who = await sessions.required(request)
    commune = commune_of(request)
    wishes = await queries.wishes(commune.database.pool, who.account.id)
    shown = [
        subject
        for subject in USUAL
        if subject is not Subject.MODERATION or who.account.role.moderates
    ]
    values: dict[str, Any] = {
        "here": "settings",
        "who": who,
        "kept": "kept" in request.query_params,
        "lines": [
            (
                subject,
                LABELS[subject],
                wishes[subject],
                [
                    (pace, label)
                    for pace, label in PACES.items()
                    if subject is not Subject.COMMUNE or pace in (Pace.WEEKLY, Pace.NEVER)
                ],
            )
            for subject in shown
        ],
    }
    if error is not None:
        return forms.again(request, "settings/letters.html", error, form or {}, **values)
    return forms.page(request, "settings/letters.html", **values)
