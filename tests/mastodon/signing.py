"""An application that signs somebody in, as far as the consent page."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.grants import actions, model, queries
from fedcommune.domain.grants.model import Scopes, Wish
from tests.support.communes import Town

BACK = "https://app.example/back"
VERIFIER = "a-verifier-that-nobody-guesses-0123456789-abcdefgh"


@dataclass
class Client:
    """A registered application."""

    http: httpx.AsyncClient
    id: str
    secret: str
    town: Town

    @classmethod
    async def registered(
        cls, town: Town, http: httpx.AsyncClient, scopes: str = "read write", **more: str
    ) -> Client:
        values = {"client_name": "Un essai", "redirect_uris": BACK, "scopes": scopes, **more}
        answer = await http.post("/api/v1/apps", json=values)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        return cls(http, said["client_id"], said["client_secret"], town)

    @property
    def credentials(self) -> dict[str, str]:
        return {"client_id": self.id, "client_secret": self.secret}

    async def code(
        self,
        citizen: Account,
        scopes: str = "read",
        *,
        challenge: str | None = None,
        acting: Account | None = None,
    ) -> str:
        """Return a code, as if *citizen* had said yes on the consent page."""
        async with self.town.commune.database.transaction() as tx:
            application = await queries.application(tx.db, self.id)
            assert application is not None
            return await actions.authorise(
                tx,
                application,
                Wish(BACK, Scopes.parse(scopes), challenge),
                citizen_id=citizen.id,
                account_id=(acting or citizen).id,
            )

    async def exchange(self, code: str, **more: str) -> httpx.Response:
        values = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            **self.credentials,
            **more,
        }
        return await self.http.post("/oauth/token", data=values)


def challenge() -> str:
    """Return the challenge of :data:`VERIFIER`."""
    return model.s256(VERIFIER)
