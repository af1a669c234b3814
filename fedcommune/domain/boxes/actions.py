"""Keep what somebody did through their outbox, so that its id leads to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.boxes import queries
from fedcommune.domain.boxes.model import ABOUT_WORDS, Done
from federation import documents
from federation.boxes import without_blind_copies


def told(tx: Transaction, account: Account, kind: str) -> Mapping[str, Any] | None:
    """Return the latest activity of this *kind* that our *account* said in this transaction."""
    return next(
        (
            activity
            for activity in reversed(tx.told)
            if activity.get("type") == kind and activity.get("actor") == account.actor_id
        ),
        None,
    )


async def keep(tx: Transaction, account: Account, activity: Mapping[str, Any]) -> Done:
    """Keep *activity*, which our *account* just did, for that account to read again (C2S-09).

    The words of a Create or an Update are not kept twice: what is corrected or deleted later
    must not be found here.
    """
    document = without_blind_copies(activity)
    kind = str(document["type"])
    if kind in ABOUT_WORDS:
        document["object"] = documents.iri(document.get("object"))
    done = Done(identifiers.new(tx.now), account.id, str(document["id"]), kind, document, tx.now)
    await queries.insert(tx.db, done)
    return done
