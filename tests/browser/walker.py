"""Every page that the application can show, and where one sees it."""

from __future__ import annotations

import re
from typing import Final

from starlette.routing import Route

from fedcommune.asgi import application
from fedcommune.fediverse import app as fediverse
from fedcommune.mastodon import app as mastodon
from fedcommune.mastodon.streams import doors
from tests.support.communes import Town

# What answers GET and is no page, and why nobody looks at it.
NO_PAGE: Final = {
    "/language": "leads back to where one was, in another language",
    "/agenda.ics": "a calendar",
    "/@{username:str}/agenda.ics": "a calendar",
    "/tags/{name:str}/agenda.ics": "a calendar",
    "/events/{post:number}.ics": "a calendar",
    "/events/{post:number}/participants.csv": "a file for spreadsheets",
    "/map.geojson": "points for the map",
    "/territory.geojson": "an outline for the map",
    "/tiles/{z:str}/{x:str}/{y:str}": "a picture",
    "/media/{name:str}": "a picture",
    "/media/copies/{purpose:str}/{seal:str}/{address:str}": "a picture",
}


def paths(town: Town) -> list[str]:
    """Return the paths that the web face of *town* answers to GET, from its own table."""
    app = application(town.commune)
    faces = (
        *mastodon.routes(town.commune),
        *fediverse.routes(),
        *doors.routes(town.commune, app.state.streams),
    )
    others = {getattr(each, "path", "") for each in faces}
    return [
        each.path
        for each in app.routes
        if isinstance(each, Route) and "GET" in (each.methods or ()) and each.path not in others
    ]


def told(html: str) -> str:
    """Return what a page says and how: without its frame, secrets and numbers."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.sub(r'value="[^"]*"|\d+', "", main)
