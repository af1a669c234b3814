"""``POST`` to an outbox: an activity is done as if it came from the API, or leaves no trace."""

from __future__ import annotations

from starlette.responses import Response

from fedcommune.domain.boxes import actions as boxes
from fedcommune.fediverse.client import desk, errand, verbs
from fedcommune.fediverse.client.desk import Desk, Visit
from fedcommune.fediverse.negotiation import Document
from federation.boxes import without_blind_copies
from federation.vocabulary.context import with_context
from inbox import gate


def posting(reception: Desk) -> desk.Handler:
    """Return what answers a ``POST`` to an outbox."""

    async def post(visit: Visit) -> Response:
        """201 with the id of what was done (C2S-01, C2S-06, C2S-07)."""
        request, commune = visit.request, visit.commune
        desk.check_owner(visit, owner_of(visit))
        gate.check_headers(gate.headers_of(request))
        body = await gate.read_body(request)
        asked = errand.read(commune, visit.grant, visit.account, body)
        if asked.type == "Delete":
            reception.count(visit, "deletions", desk.DELETIONS)
        act = await verbs.prepare(asked)
        async with commune.database.transaction() as tx:
            done = await act(tx)
            await boxes.keep(tx, visit.account, done)
        response = Document(with_context(without_blind_copies(done)), 201)
        response.headers["Location"] = str(done["id"])
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return post


def owner_of(visit: Visit) -> str:
    """Return the id of the actor whose box the request names."""
    account_id = visit.request.path_params.get("account")
    instance = visit.commune.instance
    return instance.actor if account_id is None else instance.account(int(account_id))
