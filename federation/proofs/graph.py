"""A JSON-LD document as the RDF graph that a linked-data signature really signs.

What JSON-LD processing would silently drop never reaches a reader: ``signed_part`` keeps
only what is in the graph, and refuses every construction that could move things around
without changing the graph (W-LDS-03, SEC-SIG-10). PyLD is used here and nowhere else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyld import jsonld
from pyld.canon import URDNA2015

from federation import contexts
from federation.errors import RefusedError

# PyLD's own loader opens the network; whoever uses PyLD in this process gets ours instead.
jsonld.set_document_loader(contexts.load)

MAX_BLANK_NODES: Final = 200
# Steps of the hash that explores ways to name blank nodes: a poisonous graph needs millions.
MAX_STEPS: Final = 500

_NQUADS: Final = {"format": "application/n-quads"}
# JSON-LD leaves relative IRIs out of the graph. PyLD resolves them against any base it can
# find, so we lend it one by which they are known again.
_NOWHERE: Final = "https://relative.invalid/"
_OPTIONS: Final = {
    "documentLoader": contexts.load,
    "base": _NOWHERE,
    "compactToRelative": False,
}
# RFC 3986 lets nothing else into an IRI; PyLD drops or breaks on the rest.
_ABSOLUTE: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*+:[^\x00-\x20<>"{}|\\^`]++')
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*+")
_VALUE_KEYS: Final = frozenset({"@value", "@type", "@language"})


def expand(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return *document* in expanded form: one node, all names spelled out, nothing relative.

    RefusedError(401) when it is not exactly one node or leans on an unknown context.
    """
    nodes = _processed(lambda: jsonld.expand(dict(document), _OPTIONS))
    if not isinstance(nodes, list) or len(nodes) != 1 or not isinstance(nodes[0], dict):
        raise RefusedError("The document is not one JSON-LD node.", 401)
    node = _without_relatives(nodes[0])
    if not isinstance(node, dict):
        raise RefusedError("The document has no absolute id.", 401)
    return node


def compact(node: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the expanded *node* in the words of *context*, without ``@context``."""
    compacted = _processed(
        lambda: jsonld.compact(dict(node), {"@context": dict(context)}, _OPTIONS)
    )
    return {name: value for name, value in compacted.items() if name != "@context"}


def digest(node: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical N-Quads (URDNA2015) of *node* as hexadecimal text.

    RefusedError(401) for a graph made to be expensive: more than 200 blank nodes, or so
    alike that telling them apart takes too many steps (SEC-PAR-05).
    """
    quads = _processed(lambda: _Patient().main(_dataset(node), _NQUADS))
    return hashlib.sha256(quads.encode("utf-8")).hexdigest()


def signed_part(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the expanded *node* stands in its graph, and nothing else.

    Properties without IRI, relative ids and unknown types are left out, because the
    signature does not cover them. RefusedError(401) for keywords that restructure
    (``@graph``, ``@included``, ``@reverse``, ``@index``…), for blank node ids, and when one
    node is described in two places.
    """
    described: set[str] = set()
    kept = _node(node, described)
    if kept is None or "@id" not in kept:
        raise RefusedError("The signed document has no id.", 401)
    return kept


def _without_relatives(value: Any) -> Any:
    """Return *value* without what is named by a relative IRI; None when that is all of it."""
    if isinstance(value, list):
        kept = (_without_relatives(one) for one in value)
        return [one for one in kept if one is not None]
    if isinstance(value, dict):
        if _is_relative(value.get("@id")):
            return None
        return {name: _without_relatives(inner) for name, inner in value.items()}
    return None if _is_relative(value) else value


def _is_relative(iri: Any) -> bool:
    return isinstance(iri, str) and iri.startswith(_NOWHERE)


def _node(node: Mapping[str, Any], described: set[str]) -> dict[str, Any] | None:
    kept: dict[str, Any] = {}
    for name, value in node.items():
        if name == "@id":
            if not isinstance(value, str) or value.startswith("_:"):
                raise RefusedError("Nodes of a signed document must have real ids or none.", 401)
            if not _ABSOLUTE.fullmatch(value):
                return None
            kept[name] = value
        elif name == "@type":
            types = [one for one in value if _ABSOLUTE.fullmatch(one) and one[:2] != "_:"]
            if types:
                kept[name] = types
        elif name.startswith("@"):
            raise RefusedError(f"A signed document must not use {name}.", 401)
        elif _ABSOLUTE.fullmatch(name):
            values = [one for one in (_item(item, described) for item in value) if one is not None]
            if values:
                kept[name] = values
    if "@id" in kept and len(kept) > 1:
        if kept["@id"] in described:
            raise RefusedError("A signed document describes the same node twice.", 401)
        described.add(kept["@id"])
    return kept


def _item(item: Mapping[str, Any], described: set[str]) -> dict[str, Any] | None:
    if "@value" in item:
        if not _VALUE_KEYS.issuperset(item):
            raise RefusedError("A value of a signed document carries more than its language.", 401)
        kind, language = item.get("@type"), item.get("@language")
        if kind is not None and not _ABSOLUTE.fullmatch(kind):
            return None
        if language is not None and not _LANGUAGE.fullmatch(language):
            return None
        return dict(item)
    if "@list" in item:
        if len(item) != 1:
            raise RefusedError("A list of a signed document carries more than its items.", 401)
        items = [_item(one, described) for one in item["@list"]]
        if None in items:
            raise RefusedError("A list of a signed document holds something unsigned.", 401)
        return {"@list": items}
    return _node(item, described)


class _Patient(URDNA2015):  # type: ignore[misc]  # PyLD ships no types
    """The canonicalisation of PyLD, with an end to its patience."""

    def __init__(self) -> None:
        super().__init__()
        self._steps = 0

    def hash_n_degree_quads(self, id_: str, issuer: Any) -> Any:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise RefusedError("The blank nodes of the signed document are too much alike.", 401)
        return super().hash_n_degree_quads(id_, issuer)


def _dataset(node: Mapping[str, Any]) -> Any:
    dataset = jsonld.to_rdf(dict(node), _OPTIONS)
    blank = {
        component["value"]
        for component in _components(dataset)
        if component["type"] == "blank node"
    }
    if len(blank) > MAX_BLANK_NODES:
        raise RefusedError("The signed document has more than 200 blank nodes.", 401)
    return dataset


def _components(dataset: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for triples in dataset.values():
        for triple in triples:
            yield from triple.values()


def _processed(step: Any) -> Any:
    try:
        return step()
    except RefusedError:
        raise
    except Exception as error:
        # PyLD is not made for hostile documents: besides its own it raises errors of any kind.
        raise RefusedError("The document is not JSON-LD we can process.", 401) from error
