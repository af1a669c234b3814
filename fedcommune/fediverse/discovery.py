"""How others find us: WebFinger, host-meta, NodeInfo, and the meaning of our words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

import fedcommune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.posts import queries as posts
from fedcommune.fediverse.readers import commune_of
from federation import nodeinfo, webfinger
from federation.errors import RefusedError
from federation.names import FEDCOMMUNE, JRD_JSON, XRD_XML
from federation.vocabulary.context import CONTEXT
from federation.webfinger import Handle

THREE_DAYS: Final = int(timedelta(days=3).total_seconds())
THREE_MINUTES: Final = int(timedelta(minutes=3).total_seconds())
# How the instance actor may also be asked for.
COMMUNE: Final = "commune"


async def webfinger_of(request: Request) -> Response:
    """``GET /.well-known/webfinger?resource=…`` (W-WF-01…03, RFC 7033)."""
    commune = commune_of(request)
    asked = request.query_params.getlist("resource")
    if len(asked) != 1:
        return _json({"error": "Say which resource, once."}, JRD_JSON, 400, THREE_MINUTES)
    try:
        resource = webfinger.parse_resource(asked[0])
    except RefusedError as error:
        return _json({"error": str(error)}, JRD_JSON, 400, THREE_MINUTES)
    account = await _asked_for(request, resource)
    if account is None:
        return _json({"error": "Nobody here bears that name."}, JRD_JSON, 404, THREE_MINUTES)
    if not account.is_active:
        return _json({"error": "Gone."}, JRD_JSON, 410, THREE_MINUTES)
    instance = commune.instance
    answer = webfinger.jrd(
        Handle(account.username, instance.domain),
        account.actor_id,
        instance.profile_page(account.username),
        subscribe_template=f"{instance.origin}/authorize_interaction?uri={{uri}}",
        avatar=account.icon,
        service=account.kind is Kind.COMMUNE,
        rel=request.query_params.getlist("rel"),
    )
    return _json(answer, f"{JRD_JSON}; charset=utf-8", 200, THREE_DAYS)


async def _asked_for(request: Request, resource: Handle | str) -> Account | None:
    commune = commune_of(request)
    instance, db = commune.instance, commune.database.pool
    if isinstance(resource, Handle):
        if resource.domain not in (instance.domain, instance.host):
            return None
        name = resource.username.lower()
        found = await accounts.local_by_username(db, name)
        if found is None and name in (instance.host, instance.domain, COMMUNE):
            return await accounts.by_actor_id(db, instance.actor)
        return found
    if resource.rstrip("/") == instance.origin:
        return await accounts.by_actor_id(db, instance.actor)
    if not instance.owns(resource):
        return None
    return await accounts.by_actor_id(db, resource) or await accounts.by_url(db, resource)


async def host_meta(request: Request) -> Response:
    """``GET /.well-known/host-meta``: where WebFinger is (W-WF-04, RFC 6415)."""
    body = webfinger.host_meta(commune_of(request).instance.origin)
    return _answer(body, f"{XRD_XML}; charset=utf-8", 200, THREE_DAYS)


async def nodeinfo_links(request: Request) -> Response:
    """``GET /.well-known/nodeinfo`` (W-NI-01, FEP-2677)."""
    instance = commune_of(request).instance
    links = nodeinfo.discovery(instance.origin, instance.actor)
    return _json(links, "application/json; charset=utf-8", 200, THREE_DAYS)


async def nodeinfo_document(request: Request) -> Response:
    """``GET /nodeinfo/2.0`` and ``/nodeinfo/2.1`` (W-NI-02)."""
    commune = commune_of(request)
    version: nodeinfo.Version = "2.0" if request.path_params["version"] == "2.0" else "2.1"
    instance, db = commune.instance, commune.database.pool
    now = commune.database.clock()
    figures = nodeinfo.Figures(
        users=await citizens.count(db),
        active_month=await citizens.count_active(db, now - timedelta(days=30)),
        active_halfyear=await citizens.count_active(db, now - timedelta(days=182)),
        local_posts=await posts.count_local(db),
    )
    answer = nodeinfo.document(
        version,
        software_version=fedcommune.__version__,
        figures=figures,
        open_registrations=commune.config.registration.mode == "open",
        name=instance.name,
        description=instance.description,
        metadata={"territory": {"insee": instance.insee, "postalCodes": instance.postal_codes}},
    )
    return _json(answer, nodeinfo.content_type(version), 200, 1800)


async def vocabulary(request: Request) -> Response:
    """``GET /ns/v1``: the JSON-LD context of the words that we added."""
    terms = {"@context": [*CONTEXT[:-1], {**CONTEXT[-1], "cm": FEDCOMMUNE}]}
    return _json(terms, "application/ld+json; charset=utf-8", 200, THREE_DAYS)


def _json(content: dict[str, Any], media_type: str, status: int, max_age: int) -> Response:
    return _answer(orjson.dumps(content), media_type, status, max_age)


def _answer(body: bytes, media_type: str, status: int, max_age: int) -> Response:
    return Response(
        body,
        status,
        headers={
            "Content-Type": media_type,
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": f"public, max-age={max_age}",
        },
    )
