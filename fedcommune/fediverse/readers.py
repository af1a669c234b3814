"""Who is asking, by the signature of a GET or by a token, and what that lets them see."""

from __future__ import annotations

from starlette.requests import Request

from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import queries as blocks
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import NotFound
from fedcommune.fediverse import tokens
from federation import iris, signatures
from federation.errors import GoneError, RefusedError, UnavailableError
from federation.signatures import Message


class SignatureRefused(Exception):
    """The signature of a request does not hold; the text says why."""


def commune_of(request: Request) -> Commune:
    """Return the commune that answers *request*."""
    commune = request.app.state.commune
    assert isinstance(commune, Commune), "the application is made with its commune"
    return commune


def is_personal(request: Request) -> bool:
    """Tell whether the answer to *request* may depend on who asks (SEC-VIS-04)."""
    return (
        "signature" in request.headers
        or tokens.bearer(request) is not None
        or commune_of(request).config.federation.secure_mode
    )


def refuse_blocked(request: Request) -> None:
    """Raise :class:`NotFound` when *request* names a key of a blocked server (W-AF-03).

    Nothing is verified and nobody is asked.
    """
    commune = commune_of(request)
    key_id = signatures.key_id(message_of(request, commune).headers)
    if key_id is not None and _is_refused(commune, key_id):
        raise NotFound


async def reader_of(request: Request) -> Viewer:
    """Return who signed *request*, or whose token it carries; anybody when it has neither.

    An app reads what its person may see, with the scope ``read:statuses``.
    Raises :class:`SignatureRefused` when the signature is wrong, or nobody signed in secure
    mode, and :class:`NotFound` when a blocked server did, even for what everybody may read
    (W-AF-01, W-AF-03, SEC-VIS-04). A signer whose key cannot be had is anybody. A token that
    is not good raises what :mod:`fedcommune.fediverse.tokens` says.
    """
    commune = commune_of(request)
    grant = await tokens.grant_of(commune, request)
    if grant is not None:
        tokens.check_scope(grant, "read:statuses")
        return Viewer(grant.token.account_id)
    secure = commune.config.federation.secure_mode
    if "signature" not in request.headers:
        if secure:
            raise SignatureRefused("This server answers signed requests only.")
        return ANYONE
    refuse_blocked(request)
    message = message_of(request, commune)
    now = commune.database.clock()
    try:
        claim = signatures.claim(message, now)
        key = await commune.keys.owner(claim.key_id, lambda key: signatures.verify(claim, key))
    except (UnavailableError, GoneError):
        if secure:
            raise SignatureRefused("Your key cannot be fetched for now.") from None
        return ANYONE
    except RefusedError as error:
        if error.status_code == 403:
            raise NotFound from None
        raise SignatureRefused(str(error)) from None
    account = await accounts.by_actor_id(commune.database.pool, key.owner)
    if account is None:
        return ANYONE
    if not account.is_active or commune.policies.refused(account.domain):
        raise NotFound
    return Viewer(account.id)


async def refuse_across_block(request: Request, viewer: Viewer, account: Account) -> None:
    """Raise :class:`NotFound` when a block stands between *viewer* and *account* (SEC-MOD-02)."""
    if viewer.account_id is not None:
        db = commune_of(request).database.pool
        if await blocks.between(db, viewer.account_id, account.id):
            raise NotFound


def _is_refused(commune: Commune, key_id: str) -> bool:
    try:
        return commune.policies.refused(iris.authority(key_id))
    except RefusedError:
        return False


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
