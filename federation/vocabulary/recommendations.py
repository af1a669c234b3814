"""A post that tells why its author recommends an actor: ``relatedWith`` (product 8.6 b, NeoDB)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from federation import documents

TYPES: Final = frozenset({"cm:Recommendation", "Recommendation"})
# How many of the things that a post relates to are looked at (SEC-DOS-05).
_MOST: Final = 10


def write(note_id: str, author: str, subject: str) -> dict[str, Any]:
    """Return what a Note of *author* says beside its words to recommend the actor *subject*."""
    return {
        "relatedWith": [
            {
                "type": "cm:Recommendation",
                "id": f"{note_id}#recommendation",
                "withRegardTo": subject,
                "attributedTo": author,
            }
        ]
    }


def read(document: Mapping[str, Any], author: str) -> str | None:
    """Return the id of the actor that the Note *document* of *author* recommends.

    None for a Note that recommends nobody, or in somebody else's name.
    """
    for item in documents.many(document.get("relatedWith"))[:_MOST]:
        if not isinstance(item, Mapping) or not TYPES & set(documents.types(item)):
            continue
        if documents.iri(item.get("attributedTo")) not in (None, author):
            continue
        return documents.link(item.get("withRegardTo"))
    return None
