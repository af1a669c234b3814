"""Put an activity on the queue, in the caller's own transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

import structlog

from federation import documents, iris
from federation.boxes import without_blind_copies
from federation.errors import RefusedError
from federation.names import MAX_OUTGOING_BODY, PUBLIC
from outbox import required, store
from outbox.ports import Executor

_log = structlog.get_logger(__name__)

LARGE: Final = 48 * 1024  # bytes from which on some peers are near their limit
# Only what concerns posts is forwarded: a Follow or a Block that travels on can loop (W-FWD-02).
FORWARDED: Final = frozenset(
    {"Create", "Update", "Delete", "Announce", "Like", "Undo", "Add", "Remove"}
)


async def publish(
    db: Executor,
    document: Mapping[str, Any],
    *,
    actor_id: str,
    inboxes: Collection[str],
    now: datetime,
    order: str | None = None,
    public: bool,
) -> None:
    """Queue one body and one delivery for each of *inboxes*, kept if *db*'s transaction is.

    *document* is the whole activity with its ``@context``, said by *actor_id*; *now* is
    aware. Two activities with the same *order* (the id of the object they are about) reach
    the same inbox in the order in which they were published. A *public* one stays readable
    by its id (``store.public_activity``); published again under the same id, it keeps its
    first body and reaches only inboxes that are new. Hosts that are unavailable are left out
    (W-DEL-04). Raises RefusedError, and queues nothing, when the activity is incomplete,
    somebody else's, or longer than 60 KiB. Source: W-DEL-01, S2S-08 to S2S-11.
    """
    required.check(document)
    if documents.iri(document["actor"]) != actor_id:
        raise RefusedError("An activity is published by its own actor: give that actor_id.")
    if not documents.speaks_activitystreams(document):
        raise RefusedError("An activity needs the @context of ActivityStreams to be understood.")
    document = without_blind_copies(document)
    body = documents.write(document)
    if len(body) > MAX_OUTGOING_BODY:
        raise RefusedError(
            f"This {document['type']} would be {len(body)} bytes long, and other servers take "
            f"{MAX_OUTGOING_BODY}: shorten it.",
            413,
        )
    if len(body) > LARGE:
        _log.warning("activity_nearly_too_long", id=document["id"], bytes=len(body))
    about = documents.iris(document.get("object"))
    await store.add(
        db,
        activity_id=str(document["id"]),
        kind=str(document["type"]),
        actor_id=actor_id,
        object_id=about[0] if len(about) == 1 else None,
        public=public,
        body=body,
        inboxes=_by_host(inboxes),
        ordering=order,
        now=now,
    )


async def forward(
    db: Executor,
    body: bytes,
    *,
    activity_id: str,
    actor_id: str,
    inboxes: Collection[str],
    now: datetime,
    order: str | None = None,
) -> None:
    """Queue the original bytes of somebody else's activity, signed for the way by *actor_id*.

    *actor_id* is ours: the one whose followers are addressed. Nothing is queued, without an
    error, for what may not be forwarded (:func:`may_forward`) and for the host it came from.
    Source: W-FWD-01, W-FWD-02, S2S-18.
    """
    try:
        document = documents.read(body, limit=MAX_OUTGOING_BODY)
    except RefusedError as error:
        _log.info("not_forwarded", id=activity_id, reason=str(error))
        return
    if documents.iri(document.get("id")) != activity_id or not may_forward(document):
        _log.info("not_forwarded", id=activity_id, reason="not public, not proven, or not a post")
        return
    home = iris.authority(activity_id)
    about = documents.iris(document.get("object"))
    await store.add(
        db,
        activity_id=activity_id,
        kind=str(document["type"]),
        actor_id=actor_id,
        object_id=about[0] if len(about) == 1 else None,
        public=False,
        body=body,
        inboxes=[(host, inbox) for host, inbox in _by_host(inboxes) if host != home],
        ordering=order or (about[0] if len(about) == 1 else None),
        now=now,
    )


def may_forward(document: Mapping[str, Any]) -> bool:
    """Tell whether somebody else's activity may travel on (W-FWD-01, W-FWD-02).

    It must be about a post, name Public among its addressees, and carry a proof of its own.
    """
    if document.get("type") not in FORWARDED:
        return False
    addressed = (*documents.iris(document.get("to")), *documents.iris(document.get("cc")))
    return PUBLIC in addressed and bool(document.get("signature") or document.get("proof"))


def _by_host(inboxes: Collection[str]) -> list[tuple[str, str]]:
    """Return (host, inbox) for each distinct inbox; one that is nonsense is left out."""
    found: list[tuple[str, str]] = []
    for inbox in dict.fromkeys(inboxes):
        try:
            found.append((iris.authority(inbox), inbox))
        except RefusedError as error:
            _log.warning("inbox_left_out", inbox=inbox, reason=str(error))
    return found
