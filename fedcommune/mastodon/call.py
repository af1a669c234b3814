"""One request to the client API: who asks, for what, with which parameters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from asyncpg import Pool, Record
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from fedcommune.commune import Commune
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Permission
from fedcommune.domain.grants.model import Grant
from fedcommune.domain.visibility import ANYONE, Viewer
from fedcommune.errors import NotFound
from fedcommune.instance import Instance
from fedcommune.mastodon.limits import Rate
from fedcommune.mastodon.parameters import Parameters

Access = Literal["anyone", "app", "citizen", "newcomer"]
Answer: TypeAlias = Response | Struct | Sequence[Any] | Mapping[str, Any]

# A form, or JSON; media say for themselves how much they take.
MAX_BODY: Final = 1024 * 1024
MOST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is: *account* acts, or nobody when the application calls for itself."""

    account: Account | None
    grant: Grant


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets. ``path`` has the parts of the address that vary, as text."""

    request: Request
    commune: Commune
    caller: Caller | None
    params: Parameters
    path: Mapping[str, str]

    @property
    def account(self) -> Account:
        """Who acts. There is somebody at every endpoint for citizens."""
        assert self.caller is not None, "an endpoint for citizens is not reached without a token"
        assert self.caller.account is not None, "nor with that of an application"
        return self.caller.account

    @property
    def viewer(self) -> Viewer:
        """With whose eyes the answer is seen."""
        account = self.caller.account if self.caller else None
        return ANYONE if account is None else Viewer(account.id)

    @property
    def instance(self) -> Instance:
        return self.commune.instance

    @property
    def db(self) -> Pool[Record]:
        """For reading; whatever is written needs :meth:`transaction`."""
        return self.commune.database.pool

    @property
    def now(self) -> datetime:
        return self.commune.database.clock()

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self.commune.database.transaction()

    def number(self, name: str = "id") -> int:
        """Return the id *name* of the address. Raises :class:`NotFound` when it is none."""
        text = self.path[name]
        if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > MOST:
            raise NotFound
        return int(text)


Handler: TypeAlias = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of the API, and who may call it.

    *path* has its varying parts in braces, each a whole segment: ``/api/v1/statuses/{id}``.
    *scope* is what the token must cover; several separated by spaces are alternatives.
    *access* says who may call: ``citizen`` needs a token of a person, ``app`` any token,
    ``newcomer`` that of who signed up and waits to be let in, ``anyone`` none; a token that
    comes along must cover the scope all the same, and is ignored when there is no scope.
    *rate* is counted beside the usual ones (SEC-DOS-11), *body* is the most bytes that may be
    sent. *token_in_address*: the token may come as ``access_token``, for what a browser opens
    without headers of its own. *permission* is what the caller's role must allow besides, at
    each call: whoever loses the role loses the power at once.
    """

    method: str
    path: str
    handler: Handler
    scope: str | None = None
    access: Access = "citizen"
    rate: Rate | None = None
    body: int = MAX_BODY
    token_in_address: bool = False
    permission: Permission | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        return tuple((self.scope or "").split())
