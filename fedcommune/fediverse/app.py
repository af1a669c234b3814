"""The list of documents that other servers read, and of inboxes that they post to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fedcommune.errors import CommuneError, NotFound, TooMany
from fedcommune.fediverse import (
    actors,
    collections,
    discovery,
    featured,
    happenings,
    listings,
    objects,
    readers,
    territory,
    tokens,
)
from fedcommune.fediverse.addresses import number
from fedcommune.fediverse.client import boxes, media, outbox, proxy
from fedcommune.fediverse.client.desk import (
    ACTIVITIES,
    FETCHES,
    READINGS,
    UPLOADS,
    Desk,
    of_error,
    preflight,
)
from fedcommune.fediverse.negotiation import VARY, Document, unless_known

Endpoint = Callable[[Request], Awaitable[Response]]

_ACTOR: Final = f"/ap/actors/{number('account')}"
_POST: Final = f"/ap/posts/{number('post')}"

_OF_ACTORS: Final = {
    "outbox": boxes.outbox,
    "followers": collections.followers,
    "following": collections.following,
    "featured": collections.featured,
    "collections": collections.recommended,
    "members": collections.members,
    "events": happenings.upcoming,
    "places": listings.places,
    "needs": listings.needs,
}
_OF_POSTS: Final = {
    "replies": collections.replies,
    "context": collections.context,
    "likes": collections.likes,
    "shares": collections.shares,
    "attendees": happenings.attendees,
    "organizers": happenings.organizers,
}


def document(endpoint: Endpoint) -> Endpoint:
    """Turn what *endpoint* returns or raises into an answer for a server."""

    async def answered(request: Request) -> Response:
        response = await _answer(endpoint, request)
        if isinstance(response, Document) and readers.is_personal(request):
            # No cache may show it to somebody else (SEC-VIS-04).
            response.headers["Cache-Control"] = "private, no-store"
        return unless_known(request, response)

    return answered


async def _answer(endpoint: Endpoint, request: Request) -> Response:
    try:
        return await endpoint(request)
    except actors.Buried as buried:
        return buried.document
    except readers.SignatureRefused as error:
        return _error(401, str(error))
    except (tokens.Unauthorised, tokens.OutOfScope) as refused:
        return of_error(refused)
    except NotFound:
        return _error(404, "Not found.")
    except TooMany as error:
        response = _error(429, str(error))
        response.headers["Retry-After"] = str(round(error.retry_after))
        return response
    except CommuneError as error:
        return _error(400, str(error))


def _error(status: int, message: str) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": VARY}
    return JSONResponse({"error": message}, status, headers=headers)


async def inbox(request: Request) -> Response:
    """``POST`` to an inbox: the shared one, or that of the actor in the address."""
    commune = readers.commune_of(request)
    account_id = request.path_params.get("account")
    owner = None
    if account_id is not None:
        owner = commune.instance.account(int(account_id))
    elif request.scope["path"].startswith("/actor"):
        owner = commune.instance.actor
    return await commune.receiver.receive(request, owner)


def routes() -> list[Route]:
    """Everything but what has a page of the same address."""
    found = [
        *_of_apps(),
        Route("/inbox", inbox, methods=["GET", "POST"]),
        Route("/actor/inbox", inbox, methods=["GET", "POST"]),
    ]
    for prefix in ("/actor", _ACTOR):
        found += _collections(prefix, _OF_ACTORS)
    found += _collections(_POST, _OF_POSTS)
    return [
        *found,
        Route(f"/ap/activities/{number('activity')}", document(objects.show_activity)),
        Route("/ap/answers/{answer:str}", document(objects.show_activity)),
        Route(f"{_POST}/quote_authorizations/{number('quoting')}", document(objects.show_stamp)),
        Route(f"/ap/emojis/{number('emoji')}", document(objects.show_emoji)),
        Route(f"/ap/links/{number('link')}", document(objects.show_link)),
        Route(f"/ap/links/{number('link')}/member", document(objects.show_member)),
        Route(f"/ap/collections/{number('collection')}", document(featured.show)),
        Route(f"/ap/collection-items/{number('item')}", document(featured.show_item)),
        Route(f"/ap/stamps/{number('stamp')}", document(featured.show_stamp)),
        Route(f"/ap/series/{number('series')}", document(happenings.series)),
        Route("/territory", document(territory.show)),
        Route("/.well-known/webfinger", document(discovery.webfinger_of)),
        Route("/.well-known/host-meta", document(discovery.host_meta)),
        Route("/.well-known/nodeinfo", document(discovery.nodeinfo_links)),
        Route("/nodeinfo/{version:str}", document(_nodeinfo)),
        Route("/ns/v1", document(discovery.vocabulary)),
    ]


def _of_apps() -> list[Route]:
    """What people's own apps use: the inbox and the outbox of an actor, and what goes with it."""
    desk = Desk()
    posting = desk.serving("activities", ACTIVITIES, outbox.posting(desk))
    reading = desk.serving("readings", READINGS, boxes.inbox)
    showing = desk.serving("readings", READINGS, media.show)
    sending = desk.serving("uploads", UPLOADS, media.upload)
    asking = desk.serving("fetches", FETCHES, proxy.proxy)
    return [
        Route(f"{_ACTOR}/inbox", inbox, methods=["POST"]),
        *(
            Route(f"{_ACTOR}/inbox{suffix}", reading, methods=["GET"])
            for suffix in ("", "/page", f"/page/{number('cursor')}")
        ),
        *(Route(f"{each}/outbox", posting, methods=["POST"]) for each in (_ACTOR, "/actor")),
        Route("/ap/proxy", asking, methods=["POST"]),
        Route("/ap/uploads", sending, methods=["POST"]),
        Route(f"/ap/uploads/{number('media')}", showing, methods=["GET"]),
        *(
            Route(path, preflight, methods=["OPTIONS"])
            for path in (f"{_ACTOR}/inbox", f"{_ACTOR}/outbox", "/ap/proxy", "/ap/uploads")
        ),
    ]


async def _nodeinfo(request: Request) -> Response:
    if request.path_params["version"] not in ("2.0", "2.1"):
        raise NotFound
    return await discovery.nodeinfo_document(request)


def _collections(prefix: str, endpoints: Mapping[str, Endpoint]) -> list[Route]:
    return [
        Route(f"{prefix}/{name}{suffix}", document(endpoint))
        for name, endpoint in endpoints.items()
        for suffix in ("", "/page", f"/page/{number('cursor')}")
    ]


show_actor = document(actors.show)
show_post = document(objects.show_post)
show_place = document(objects.show_place)
