"""Where apps want to be told while they are closed: one place for each token."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from cryptography.hazmat.primitives.asymmetric import ec

from fedcommune import identifiers
from fedcommune.database import Executor, Transaction
from fedcommune.errors import Invalid
from federation import iris
from federation.errors import RefusedError
from federation.iris import Reach


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# Of one account (SEC-DOS-06): the oldest gives way.
MAX_SUBSCRIPTIONS: Final = 25
MAX_ENDPOINT: Final = 2_000
_POINT: Final = 65
_SECRET: Final = 16
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{1,200}={0,2}")

Policy: TypeAlias = Literal["all", "followed", "follower", "none"]
POLICIES: Final[tuple[Policy, ...]] = ("all", "followed", "follower", "none")

_COLUMNS: Final = """id, token_id, account_id, endpoint, host, public_key, secret, standard, token,
    alerts, policy"""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One app that wants to hear of *alerts*, as far as *policy* says from whom.

    ``public_key`` and ``secret`` are the app's; ``standard`` says whether it reads RFC 8291,
    or the draft before it. ``token`` is its access token, sealed.
    """

    id: int
    token_id: int
    account_id: int
    endpoint: str
    host: str
    public_key: bytes
    secret: bytes
    standard: bool
    token: bytes
    alerts: tuple[str, ...]
    policy: Policy


@dataclass(frozen=True, slots=True)
class Place:
    """Where to tell it, and so that only the app can read it. Made by :func:`place`."""

    endpoint: str
    host: str
    public_key: bytes
    secret: bytes
    standard: bool


def place(endpoint: str, key: str, secret: str, *, standard: bool, reach: Reach) -> Place:
    """Return the checked place that an app names.

    An address on the public web, over https (SEC-AUT-12, SEC-NET-06); *key* is a point of
    P-256 and *secret* has 16 bytes (RFC 8291 §3.1), both in base64 of either kind. Raises
    :class:`Invalid`.
    """
    if not 0 < len(endpoint) <= MAX_ENDPOINT:
        raise Invalid("endpoint", _("Say at which address the app is told."))
    try:
        address = iris.without_fragment(iris.check(endpoint, reach))
    except RefusedError as error:
        raise Invalid("endpoint", _("The app cannot be told there: {error}"), error=error) from None
    point = _octets("p256dh", key, _POINT)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise Invalid("p256dh", _("This is not a point of the curve P-256.")) from None
    return Place(
        address, iris.authority(address), point, _octets("auth", secret, _SECRET), standard
    )


def _octets(name: str, text: str, length: int) -> bytes:
    text = text.strip()
    if _BASE64.fullmatch(text):
        plain = text.rstrip("=").replace("+", "-").replace("/", "_")
        try:
            octets = base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
        except binascii.Error:
            octets = b""
        if len(octets) == length:
            return octets
    raise Invalid(name, _("{name} must be {length} bytes in base64."), name=name, length=length)


def policy(text: str) -> Policy:
    """Return the policy called so. Raises :class:`Invalid`."""
    for known in POLICIES:
        if known == text:
            return known
    raise Invalid("policy", _("Choose one of {choices}."), choices=", ".join(POLICIES))


async def subscribe(
    tx: Transaction,
    where: Place,
    *,
    token_id: int,
    account_id: int,
    token: str,
    alerts: Collection[str],
    policy: Policy,
) -> Subscription:
    """Tell the app of that token *where* it wants; what it wanted before is forgotten."""
    await tx.db.execute("delete from commune.push_subscription where token_id = $1", token_id)
    subscription = Subscription(
        identifiers.new(tx.now),
        token_id,
        account_id,
        where.endpoint,
        where.host,
        where.public_key,
        where.secret,
        where.standard,
        tx.keyring.seal(token.encode(), sealed_for(token_id)),
        tuple(alerts),
        policy,
    )
    await tx.db.execute(
        """
        insert into commune.push_subscription (
            id, token_id, account_id, endpoint, host, public_key, secret, standard, token, alerts,
            policy, created_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """,
        subscription.id,
        token_id,
        account_id,
        where.endpoint,
        where.host,
        where.public_key,
        where.secret,
        where.standard,
        subscription.token,
        list(alerts),
        policy,
        tx.now,
    )
    await tx.db.execute(
        """
        delete from commune.push_subscription
        where id in (
            select id from commune.push_subscription
            where account_id = $1
            order by id desc
            offset $2
        )
        """,
        account_id,
        MAX_SUBSCRIPTIONS,
    )
    return subscription


def sealed_for(token_id: int) -> str:
    """Return what the token of a subscription is sealed for."""
    return f"push {token_id}"


def of_row(row: Any) -> Subscription:
    """Make a :class:`Subscription` of a row that has all of its columns, and perhaps more."""
    values = {name: row[name] for name in Subscription.__slots__}
    return Subscription(**{**values, "alerts": tuple(values["alerts"])})


async def of_token(db: Executor, token_id: int) -> Subscription | None:
    row = await db.fetchrow(
        f"select {_COLUMNS} from commune.push_subscription where token_id = $1", token_id
    )
    return None if row is None else of_row(row)


async def change(
    db: Executor, token_id: int, *, alerts: Collection[str], policy: Policy
) -> Subscription | None:
    """Say anew what an app hears of; None when it is told nothing at all."""
    row = await db.fetchrow(
        f"""
        update commune.push_subscription
        set alerts = $2, policy = $3
        where token_id = $1
        returning {_COLUMNS}
        """,
        token_id,
        list(alerts),
        policy,
    )
    return None if row is None else of_row(row)


async def end(db: Executor, token_id: int) -> None:
    """Tell the app of that token nothing more."""
    await db.execute("delete from commune.push_subscription where token_id = $1", token_id)
