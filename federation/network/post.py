"""One signed POST: delivered, refused or unavailable."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from federation import iris, signatures
from federation.errors import RefusedError
from federation.names import MAX_OUTGOING_BODY
from federation.network.answers import Answer
from federation.network.client import Client

if TYPE_CHECKING:
    from federation.keys import Signer
    from federation.signatures import Scheme


async def activity(
    client: Client, inbox_url: str, body: bytes, *, signer: Signer, scheme: Scheme, now: datetime
) -> Answer:
    """Sign *body* for *inbox_url* and post it; return the answer, whatever its status.

    *now* is aware and becomes the date of the signature: take it fresh for every attempt
    (W-SIG-04). Raises RefusedError for an address that may not be asked or a body above
    60 KiB, UnavailableError when there was no answer.
    """
    if len(body) > MAX_OUTGOING_BODY:
        raise RefusedError("This activity is too long to be sent: shorten it.")
    address = iris.without_fragment(iris.check(inbox_url, client.reach))
    headers = signatures.sign(
        method="POST", url=address, body=body, signer=signer, scheme=scheme, now=now
    )
    return await client.post(address, body, headers)
