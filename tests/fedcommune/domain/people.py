"""Citizens, organisations and strangers for the tests, made by the real actions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts.model import Account, Kind, afresh
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.follows import actions as follows
from federation import activities, keys
from federation.activities import Activity
from federation.keys import Pair
from federation.webfinger import Handle
from inbox.gather import Gathered


@cache
def pair(number: int = 0) -> Pair:
    """Return a key pair, made once a session: RSA keys are slow to make."""
    return keys.generate()


def actor_document(
    username: str = "ada", domain: str = "elsewhere.example", **changes: Any
) -> dict[str, Any]:
    """Return an actor as its own server would serve it; *changes* replace or, None, remove."""
    actor_id = str(changes.pop("id", f"https://{domain}/users/{username}"))
    origin = "/".join(actor_id.split("/")[:3])
    document: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": actor_id,
        "type": "Person",
        "preferredUsername": username,
        "name": username.capitalize(),
        "summary": "<p>Hello</p>",
        "url": f"{origin}/@{username}",
        "inbox": f"{actor_id}/inbox",
        "outbox": f"{actor_id}/outbox",
        "followers": f"{actor_id}/followers",
        "following": f"{actor_id}/following",
        "featured": f"{actor_id}/featured",
        "endpoints": {"sharedInbox": f"{origin}/inbox"},
        "publicKey": {
            "id": f"{actor_id}#main-key",
            "owner": actor_id,
            "publicKeyPem": keys.to_pem(keys.load_public_der(pair(1).rsa_public)),
        },
    }
    document.update(changes)
    return {name: value for name, value in document.items() if value is not None}


def activity(type_: str, actor: str, object_: object, **more: Any) -> Activity:
    """Return a received activity; *more* are its other properties, None removes one."""
    document: dict[str, Any] = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{actor}#{type_.lower()}-1",
        "type": type_,
        "actor": actor,
        "object": object_,
        **more,
    }
    document = {name: value for name, value in document.items() if value is not None}
    return activities.read(document, raw=orjson.dumps(document))


def gathered(*documents: dict[str, Any]) -> Gathered:
    """Return what the inbox would have fetched: these actors, whenever they are asked for."""
    found = {str(document["id"]): document for document in documents}
    handles = {
        actor_id: Handle(document["preferredUsername"], actor_id.split("/")[2])
        for actor_id, document in found.items()
    }
    fresh = {afresh(actor_id): document for actor_id, document in found.items()}
    return Gathered({**found, **fresh}, handles)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that left: the document, and the inboxes it is on its way to."""

    document: dict[str, Any]
    inboxes: tuple[str, ...]

    @property
    def type(self) -> str:
        return str(self.document["type"])


class People:
    """Makes accounts in one commune's database."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    async def commune(self) -> Account:
        """Open the instance actor."""
        return await self.actor("commune", kind=Kind.COMMUNE, name=self.tx.instance.name)

    async def actor(
        self, username: str, *, kind: Kind = Kind.CITIZEN, name: str = "", locked: bool = False
    ) -> Account:
        """Open a local actor of any kind, without a citizen behind it."""
        return await accounts.open_(
            self.tx,
            kind=kind,
            username=username,
            name=name or username.capitalize(),
            pair=pair(),
            locked=locked,
        )

    async def citizen(self, username: str = "marie", *, locked: bool = False) -> Account:
        """Open a Person and its citizen."""
        if locked:
            return await self.actor(username, locked=True)
        _, account = await citizens.create(
            self.tx,
            email=f"{username}@mail.example",
            username=username,
            name=username.capitalize(),
            postal_code="97436",
            pair=pair(),
        )
        return account

    async def stranger(
        self, username: str = "ada", domain: str = "elsewhere.example", **changes: Any
    ) -> Account:
        """Learn of an actor of another server; *changes* go into its document."""
        return await accounts.learn(
            self.tx, actor_document(username, domain, **changes), Handle(username, domain)
        )

    async def follower(self, follower: Account, followed: Account) -> str:
        """Let a stranger follow one of ours; return the id of the Follow."""
        activity_id = f"{follower.actor_id}#follows/{followed.id}"
        await follows.gain_follower(self.tx, follower, followed, activity_id)
        return activity_id

    async def sent(self) -> list[Sent]:
        """Return everything that was queued so far, oldest first."""
        rows = await self.tx.db.fetch(
            """
            select activity.body,
                   array(
                       select delivery.inbox
                       from outbox.delivery
                       where delivery.activity = activity.key
                       order by delivery.key
                   ) as inboxes
            from outbox.activity
            order by activity.key
            """
        )
        return [Sent(orjson.loads(row["body"]), tuple(row["inboxes"])) for row in rows]
