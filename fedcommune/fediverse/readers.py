"""Who is asking, by the signature of a GET, and what that lets them see."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import NotFound
from federation import signatures
from federation.errors import GoneError, RefusedError, UnavailableError
from federation.signatures import Message


class SignatureRefused(Exception):
    """The signature of a request does not hold; the text says why."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who asks for a document. ``actor_id`` is None when nobody signed."""

    viewer: Viewer = ANYONE
    actor_id: str | None = None

    @property
    def is_signed(self) -> bool:
        return self.actor_id is not None


def commune_of(request: Request) -> Commune:
    """Return the commune that answers *request*."""
    commune = request.app.state.commune
    assert isinstance(commune, Commune), "the application is made with its commune"
    return commune


async def reader_of(request: Request) -> Reader:
    """Return who signed *request*; nobody when it carries no signature.

    Raises :class:`SignatureRefused` when the signature is wrong, and :class:`NotFound` when
    a blocked server signed, or nobody did in secure mode (W-AF-01, W-AF-03, SEC-VIS-04). A
    signer whose key cannot be had is nobody.
    """
    commune = commune_of(request)
    if "signature" not in request.headers:
        if commune.config.federation.secure_mode:
            raise SignatureRefused("This server answers signed requests only.")
        return Reader()
    message = message_of(request, commune)
    now = commune.database.clock()
    try:
        claim = signatures.claim(message, now)
        key = await commune.keys.owner(claim.key_id, lambda key: signatures.verify(claim, key))
    except (UnavailableError, GoneError):
        if commune.config.federation.secure_mode:
            raise SignatureRefused("Your key cannot be fetched for now.") from None
        return Reader()
    except RefusedError as error:
        if error.status_code == 403:
            raise NotFound from None
        raise SignatureRefused(str(error)) from None
    account = await accounts.by_actor_id(commune.database.pool, key.owner)
    if account is not None and not account.is_active:
        raise NotFound
    return Reader(Viewer(account.id) if account else ANYONE, key.owner)


def message_of(request: Request, commune: Commune) -> Message:
    """Return *request* as signatures see it: raw target, configured authority (W-SIG-09)."""
    target = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return Message(
        method=request.method,
        target=f"{target}?{query}" if query else target,
        authority=commune.instance.domain,
        scheme=commune.instance.scheme,
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in request.scope["headers"]
        ),
        body=None,
    )
