"""Collections: ours in pages, strangers' on a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from federation import documents, iris

MAX_PAGES: Final = 10
MAX_ITEMS: Final = 500


def collection(
    collection_id: str,
    total: int | None,
    *,
    first: str | None = None,
    last: str | None = None,
    items: Sequence[Any] | None = None,
    ordered: bool = True,
    attributed_to: str | None = None,
) -> dict[str, Any]:
    """Return a (ordered) collection: a total, and the address of its first page or its items.

    Without a total nobody counts them.

    Neither is given when only the total may be known. Source: W-DOC-09, COL-02, COL-03.
    """
    document: dict[str, Any] = {
        "id": collection_id,
        "type": "OrderedCollection" if ordered else "Collection",
    }
    if total is not None:
        document["totalItems"] = total
    if attributed_to is not None:
        document["attributedTo"] = attributed_to
    if first is not None:
        document["first"] = first
    if last is not None:
        document["last"] = last
    if items is not None:
        document["orderedItems" if ordered else "items"] = list(items)
    return document


def page(
    page_id: str,
    part_of: str,
    items: Sequence[Any],
    *,
    next_: str | None = None,
    prev: str | None = None,
    total: int | None = None,
    ordered: bool = True,
) -> dict[str, Any]:
    """Return one page of the collection *part_of*; *next_* leads to what is older (W-DOC-09)."""
    document: dict[str, Any] = {
        "id": page_id,
        "type": "OrderedCollectionPage" if ordered else "CollectionPage",
        "partOf": part_of,
    }
    if total is not None:
        document["totalItems"] = total
    if next_ is not None:
        document["next"] = next_
    if prev is not None:
        document["prev"] = prev
    document["orderedItems" if ordered else "items"] = list(items)
    return document


def items(document: Mapping[str, Any], *, limit: int = MAX_ITEMS) -> list[Any]:
    """Return the items of a collection or page as they are: ids, or embedded documents.

    Those of an embedded first page count when it has none itself. Source: W-DOC-09.
    """
    for holder in (document, documents.one(document.get("first"))):
        if isinstance(holder, Mapping):
            found = documents.many(holder.get("orderedItems", holder.get("items")))
            if found:
                return found[:limit]
    return []


def ids(document: Mapping[str, Any], *, limit: int = MAX_ITEMS) -> list[str]:
    """Return the ids of the items, embedded or not, each once (W-DOC-09)."""
    return documents.iris(items(document, limit=limit))


def total(document: Mapping[str, Any]) -> int | None:
    """Return how many items there are, at least zero; None when it is not said (SEC-PAR-03)."""
    return documents.count(document.get("totalItems"))


def next_page(document: Mapping[str, Any]) -> str | None:
    """Return the address of what comes after *document*: the next page, or the first one."""
    first = documents.one(document.get("first"))
    if isinstance(first, Mapping) and ("items" in first or "orderedItems" in first):
        return documents.link(first.get("next"))
    return documents.link(document.get("next")) or documents.link(first)


next = next_page  # noqa: A001  # collections.next reads well


class Walk:
    """The budget of one walk through a stranger's collection; it asks nobody itself.

    ``next`` is the address to read now, None at the end; hand what it answered to
    :meth:`read`. Only pages of the collection's own origin are visited, none twice, at most
    *pages* of them, and at most *limit* items are handed out. Source: SEC-DOS-04.
    """

    def __init__(
        self, collection_id: str, *, pages: int = MAX_PAGES, limit: int = MAX_ITEMS
    ) -> None:
        self.next: str | None = collection_id
        self._collection_id = collection_id
        self._visited: set[str] = set()
        self._pages = pages
        self._left = limit

    def read(self, document: Mapping[str, Any]) -> list[Any]:
        """Return the items of *document*, the answer from ``next``, and move on."""
        if self.next is None:
            raise ValueError("This walk is over.")
        self._visited.add(self.next)
        found = items(document, limit=self._left)
        self._left -= len(found)
        after = next_page(document)
        # The collection itself comes on top of its pages.
        exhausted = self._left <= 0 or len(self._visited) > self._pages
        if (
            exhausted
            or after is None
            or after in self._visited
            or not iris.same_origin(after, self._collection_id)
        ):
            after = None
        self.next = after
        return found
