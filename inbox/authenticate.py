"""Who really said this: the signer, the author of a proof inside the body, or "ask its origin"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from federation import activities, documents, iris, signatures
from federation.activities import Activity
from federation.errors import GoneError, RefusedError
from federation.keys import PublicKey
from federation.proofs import integrity, linked_data
from federation.signatures import Claim
from inbox.gate import has_synthetic_id
from inbox.keys import Keys
from inbox.ports import Clock

How = Literal["signature", "proof", "linked data", "origin", "gone"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who brought an activity, and what was checked: made here and nowhere else.

    ``how`` says whose word it is:

    ``signature``    the actor signed the request
    ``proof``        the actor signed the document (FEP-8b32)
    ``linked data``  the actor signed the document (RsaSignature2017); ``activity`` is the
                     compacted result and nothing else (W-LDS-03)
    ``origin``       nobody has vouched for it yet: only what its origin shows at its id counts
    ``gone``         the actor's server says that the actor is gone, and this says so too

    ``actor`` is whose lane it joins: the activity's actor, or, as long as nothing is proven,
    the signer, so that nobody can fill somebody else's lane. ``activity`` is what may be kept.
    ``signature`` are the bytes of the request's signature.
    """

    actor: str
    how: How
    activity: Activity
    signature: bytes


async def sender(claim: Claim, activity: Activity, *, keys: Keys, clock: Clock) -> Sender:
    """Return who said *activity*, brought by a request with that *claim* (steps 7 and 8).

    A proof or signature in the document that does not hold refuses the whole message: it is
    never overlooked in favour of the one who brought it (SEC-SIG-09).

    Raises RefusedError (401 not authentic, 403 blocked host) and UnavailableError (503) when
    a key cannot be fetched for now.
    """
    try:
        signer = await keys.owner(claim.key_id, lambda key: signatures.verify(claim, key))
    except GoneError as gone:
        if is_own_delete(activity) and await _is_truly_gone(claim, activity, keys):
            return Sender(activity.actor, "gone", activity, claim.signature)
        raise RefusedError("The signer is gone, and so is the key.", 401) from gone
    if signer.owner == activity.actor:
        return Sender(activity.actor, "signature", activity, claim.signature)
    try:
        return await _forwarded(claim, signer, activity, keys, clock)
    except GoneError as gone:
        raise RefusedError("The author is gone, and so is the key.", 401) from gone


def is_own_delete(activity: Activity) -> bool:
    """Tell whether an actor says that it goes away itself (W-KEY-05)."""
    return activity.type == "Delete" and is_about_itself(activity)


def is_about_itself(activity: Activity) -> bool:
    """Tell whether the one object of *activity* is its actor."""
    return activities.object_ids(activity) == [activity.actor]


async def _is_truly_gone(claim: Claim, activity: Activity, keys: Keys) -> bool:
    if not iris.same_origin(claim.key_id, activity.actor):
        return False
    if iris.without_fragment(claim.key_id) == activity.actor:
        return True
    # The key has an address of its own: that it is gone says nothing about its owner.
    return await keys.is_gone(activity.actor)


async def _forwarded(
    claim: Claim, signer: PublicKey, activity: Activity, keys: Keys, clock: Clock
) -> Sender:
    document = activity.document
    if document.get("proof") is not None:
        await _check_proof(document, activity.actor, keys, clock)
        return Sender(activity.actor, "proof", activity, claim.signature)
    if document.get("signature") is not None:
        proven = await _by_linked_data(document, activity, keys, clock)
        return Sender(activity.actor, "linked data", proven, claim.signature)
    if has_synthetic_id(activity):
        raise RefusedError("The signer is not the actor, and there is nothing to ask for.", 401)
    return Sender(signer.owner, "origin", activity, claim.signature)


async def _check_proof(document: Mapping[str, Any], actor: str, keys: Keys, clock: Clock) -> None:
    method = integrity.method(document)
    if method is None or not iris.same_origin(method, actor):
        raise RefusedError("The proof is not one of the actor's.", 401)
    try:
        key = await keys.owner(method, lambda key: integrity.verify(document, key, clock()))
    except RefusedError as refusal:
        raise _unauthentic(refusal) from refusal
    if key.owner != actor:
        raise RefusedError("The proof is somebody else's than the actor's.", 401)


async def _by_linked_data(
    document: Mapping[str, Any], activity: Activity, keys: Keys, clock: Clock
) -> Activity:
    creator = linked_data.creator(document)
    if creator is None or not iris.same_origin(creator, activity.actor):
        raise RefusedError("The signature of the document is not one of the actor's.", 401)
    results: list[dict[str, Any]] = []

    def check(key: PublicKey) -> None:
        results[:] = [linked_data.verify(document, key, clock())]

    try:
        key = await keys.owner(creator, check)
        compacted = results[0]
        proven = activities.read(compacted, raw=documents.write(compacted))
    except RefusedError as refusal:
        raise _unauthentic(refusal) from refusal
    if key.owner != activity.actor or (proven.id, proven.actor, proven.type) != (
        activity.id,
        activity.actor,
        activity.type,
    ):
        raise RefusedError("The signature of the document is about something else.", 401)
    return proven


def _unauthentic(refusal: RefusedError) -> RefusedError:
    status = 403 if refusal.status_code == 403 else 401
    return RefusedError(str(refusal), status)
