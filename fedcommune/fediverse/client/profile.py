"""Change one's own actor through the outbox: what is supplied, and nothing else (C2S-14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions, outgoing, profiles
from fedcommune.domain.accounts.model import Changes, Field
from fedcommune.domain.boxes import actions as boxes
from fedcommune.errors import Invalid
from fedcommune.fediverse.client.errand import Act, Errand
from fedcommune.text import html
from federation import documents
from federation.names import PUBLIC
from outbox import envelope


def update(errand: Errand, given: Mapping[str, Any]) -> Act:
    """Change the profile of the person; a member that is null is emptied."""
    errand.check_scope("write:accounts")
    types = documents.types(given)
    if types not in ((), (errand.account.type,)):
        raise Invalid("type", f"You are a {errand.account.type}, and stay one.")
    changes = _changes(errand, given)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        account = await actions.edit(tx, errand.account, changes)
        return boxes.told(tx, account, "Update") or envelope.update(
            tx.instance.activity(identifiers.new(tx.now)),
            account.actor_id,
            await outgoing.describe(tx, account),
            to=[PUBLIC],
        )

    return act


def _changes(errand: Errand, given: Mapping[str, Any]) -> Changes:
    summary, source = _presentation(errand, given)
    return Changes(
        name=documents.natural(given, "name")[0].strip() if "name" in given else None,
        summary=summary,
        source=source,
        icon=_picture(errand.account.icon, given, "icon"),
        image=_picture(errand.account.image, given, "image"),
        fields=_fields(given),
        locked=_truth(given, "manuallyApprovesFollowers"),
        discoverable=_truth(given, "discoverable"),
        indexable=_truth(given, "indexable"),
    )


def _presentation(errand: Errand, given: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the presentation as clean HTML and as it was typed; None where nothing is said."""
    source = documents.one(given.get("source"))
    if isinstance(source, Mapping) and documents.string(source, "mediaType") == "text/markdown":
        typed = documents.string(source, "content") or ""
        written = profiles.written(errand.commune.instance, typed)
        return written.summary, written.source
    if "summary" not in given and "summaryMap" not in given:
        return None, None
    cleaned = html.clean(documents.natural(given, "summary")[0])
    return cleaned, html.plain(cleaned)


def _picture(now: str | None, given: Mapping[str, Any], name: str) -> str | None:
    """Return an empty text for a picture that is removed, None for one that stays.

    Raises :class:`Invalid` for another one: an address is no proof that it is one's own.
    """
    if name not in given:
        return None
    value = documents.one(given[name])
    if value is None:
        return ""
    address = documents.link(value.get("url") if isinstance(value, Mapping) else value)
    if address is None or address != now:
        raise Invalid(name, "Pictures cannot be changed here.")
    return None


def _fields(given: Mapping[str, Any]) -> tuple[Field, ...] | None:
    if "attachment" not in given:
        return None
    found = []
    for each in documents.many(given["attachment"]):
        types = documents.types(each) if isinstance(each, Mapping) else ()
        name = documents.string(each, "name") if isinstance(each, Mapping) else None
        if not name or types not in (("PropertyValue",), ("schema:PropertyValue",)):
            raise Invalid("attachment", "A line of a profile is a PropertyValue with a name.")
        value = documents.string(each, "value") or ""
        found.append(Field(html.line(name), html.clean(value)))
    return tuple(found)


def _truth(given: Mapping[str, Any], name: str) -> bool | None:
    if name not in given:
        return None
    return documents.boolean(given[name]) or False
