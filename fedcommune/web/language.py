"""The language of the pages: what the browser prefers, or what a reader chose."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from fedcommune import i18n
from fedcommune.web import sessions
from fedcommune.web.render import LANGUAGE

_KEPT: Final = 365 * 24 * 3600  # seconds


async def choose(request: Request) -> Response:
    """``GET /language?to=…``: remember a language in this browser, and go back to the page.

    Nothing is known of who chooses: the cookie holds the code of the language, and is set when
    somebody chooses only. What we do not speak changes nothing.
    """
    asked = request.query_params
    back = sessions.return_to(asked.get("return_to"))
    response = RedirectResponse(back, 303, headers={"Cache-Control": "no-store"})
    if asked.get("to") in i18n.languages():
        response.set_cookie(
            LANGUAGE,
            asked["to"],
            max_age=_KEPT,
            path="/",
            secure=request.app.state.commune.instance.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return response
