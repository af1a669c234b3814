"""What a document with a linked-data signature may not contain, before it is processed.

JSON-LD offers many ways to say the same graph in another shape, and shape is what readers
act upon. Whoever relays a signed document could use them; honest signers never do
(W-LDS-03; the attacks of CVE-2022-24307, CVE-2024-32983, CVE-2026-46349 and others).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from federation import contexts
from federation.errors import RefusedError
from federation.names import AS2, AS2_SPELLINGS, SECURITY_V1
from federation.vocabulary.context import PREFIXES, TERMS

MAX_DEPTH: Final = 32
MAX_VALUES: Final = 2000
MAX_CONTEXTS: Final = 10
MAX_TEXT: Final = 128 * 1024

_KEYWORDS: Final = frozenset({"@context", "@id", "@type", "@value", "@language", "@list", "@set"})
_ALIASES: Final = {"id": "@id", "type": "@type"}
_DEFINITION_KEYS: Final = frozenset({"@id", "@type", "@container", "@language", "@protected"})
_CONTAINERS: Final = frozenset({"@list", "@set", "@language"})
_TYPE_KEYWORDS: Final = frozenset({"@id", "@vocab"})
# Words we read and do not write, so that the vocabulary does not define them.
_READ_ONLY: Final[Mapping[str, Any]] = {
    "attributionDomains": "toot:attributionDomains",
    "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
    "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
    "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", "@type": "@id"},
    "quoteUri": "http://fedibird.com/ns#quoteUri",
}


def _absolute(definitions: Mapping[str, Any], prefixes: Mapping[str, Any]) -> dict[str, Any]:
    """Return *definitions* with every IRI spelled out, without the prefixes themselves."""
    spelled: dict[str, Any] = {}
    for term, definition in definitions.items():
        if term.startswith("@"):
            continue
        if isinstance(definition, str):
            if definition[-1] not in "#/":
                spelled[term] = _spelled(definition, prefixes)
        else:
            spelled[term] = {
                key: _spelled(value, prefixes) if key in ("@id", "@type") else value
                for key, value in definition.items()
            }
    return spelled


def _spelled(iri: str, prefixes: Mapping[str, Any]) -> str:
    prefix, colon, rest = iri.partition(":")
    if rest.startswith("//"):
        return iri
    expansion = prefixes.get(prefix)
    if isinstance(expansion, Mapping):
        expansion = expansion.get("@id")
    return expansion + rest if colon and isinstance(expansion, str) else iri


_AS2: Final = contexts.terms(AS2)
_SECURITY: Final = contexts.terms(SECURITY_V1)

# The words in which we read a signed document. No prefixes: an IRI either is one of these
# words or stays an IRI, which nobody reads. «id» and «type» are JSON-LD's own.
READING: Final[Mapping[str, Any]] = {
    **_absolute(_SECURITY, _SECURITY),
    **_absolute({**_READ_ONLY, **TERMS}, {**PREFIXES, "as": _AS2["as"]}),
    **_absolute(_AS2, _AS2),
}

_Meaning = tuple[str, str | None, frozenset[str]]


def _meaning(definition: Any, prefixes: Mapping[str, Any]) -> _Meaning:
    if isinstance(definition, str):
        return _spelled(definition, prefixes), None, frozenset()
    kind, container = definition.get("@type"), definition.get("@container", ())
    return (
        _spelled(definition["@id"], prefixes),
        _spelled(kind, prefixes) if kind is not None else None,
        frozenset([container] if isinstance(container, str) else container),
    )


def _fixed() -> dict[str, _Meaning]:
    fixed = {}
    for definitions in (_SECURITY, _AS2):
        for term, definition in definitions.items():
            if not term.startswith("@"):
                fixed[term] = _meaning(definition, definitions)
    return fixed


# What nobody may define otherwise: ActivityStreams and security to the letter…
_FIXED: Final = _fixed()
# … and of the other words we read, at least where they point to.
_POINTS_TO: Final = {term: _meaning(READING[term], {})[0] for term in (*_READ_ONLY, *TERMS)}


def check(document: Mapping[str, Any]) -> None:
    """Raise RefusedError(401) when *document* could be read otherwise than it was signed.

    Refused at any depth: restructuring keywords, contexts outside the bundle, inline
    contexts that do more than define plain new terms, and anything too large to
    canonicalise in a moment.
    """
    contexts_named = document.get("@context")
    top = contexts_named if isinstance(contexts_named, list) else [contexts_named]
    if not any(isinstance(one, str) and one in AS2_SPELLINGS for one in top):
        raise RefusedError("The signed document is not ActivityStreams.", 401)
    values = text = 0
    waiting: list[tuple[Any, int]] = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        values += 1
        if isinstance(value, str):
            text += len(value)
        elif isinstance(value, list):
            waiting += [(one, depth + 1) for one in value]
        elif isinstance(value, Mapping):
            for name, inner in value.items():
                text += len(name)
                if name == "@context":
                    values += _check_context(inner)
                    continue
                if name.startswith("@") and name not in _KEYWORDS:
                    raise RefusedError(f"A signed document must not use {name}.", 401)
                waiting.append((inner, depth + 1))
        if depth > MAX_DEPTH or values + len(waiting) > MAX_VALUES or text > MAX_TEXT:
            raise RefusedError("The signed document is too large to verify.", 401)


def _check_context(context: Any) -> int:
    """Return how many definitions *context* makes, all of them harmless."""
    parts = context if isinstance(context, list) else [context]
    if len(parts) > MAX_CONTEXTS:
        raise RefusedError("A node of a signed document has too many contexts.", 401)
    for one in parts:
        if isinstance(one, str):
            contexts.terms(one)
        elif isinstance(one, Mapping):
            if len(one) > MAX_VALUES:
                raise RefusedError("The signed document is too large to verify.", 401)
            prefixes = {**_AS2, **_SECURITY, **one}
            for term, definition in one.items():
                _check_term(term, definition, prefixes)
        else:
            raise RefusedError("A context of a signed document is neither named nor inline.", 401)
    return sum(len(one) for one in parts if isinstance(one, Mapping)) + len(parts)


def _check_term(term: str, definition: Any, prefixes: Mapping[str, Any]) -> None:
    if term in ("@version", "@protected") and not isinstance(definition, str | Mapping | list):
        return
    if term == "@language" and isinstance(definition, str):
        return
    if term.startswith("@"):
        raise RefusedError(f"A context of a signed document must not use {term}.", 401)
    if isinstance(definition, Mapping):
        _check_definition(definition)
        target = definition.get("@id")
    else:
        target = definition
    if not isinstance(target, str) or not target:
        raise RefusedError(f"The term {term} of a signed document has no plain meaning.", 401)
    if target.startswith("@") and _ALIASES.get(term) != target:
        raise RefusedError(f"The term {term} of a signed document renames {target}.", 401)
    meaning = _meaning(definition, prefixes)
    if meaning[0].startswith("@") and _ALIASES.get(term) != meaning[0]:
        raise RefusedError(f"The term {term} of a signed document renames a keyword.", 401)
    if _FIXED.get(term, meaning) != meaning or _POINTS_TO.get(term, meaning[0]) != meaning[0]:
        raise RefusedError(f"The term {term} is redefined in a signed document.", 401)


def _check_definition(definition: Mapping[str, Any]) -> None:
    if not _DEFINITION_KEYS.issuperset(definition):
        raise RefusedError("A term of a signed document is defined by more than its type.", 401)
    kind = definition.get("@type", "")
    if not isinstance(kind, str) or (kind.startswith("@") and kind not in _TYPE_KEYWORDS):
        raise RefusedError("A term of a signed document has a type that is not accepted.", 401)
    container = definition.get("@container", [])
    containers = [container] if isinstance(container, str) else container
    if not isinstance(containers, list) or not all(
        isinstance(one, str) and one in _CONTAINERS for one in containers
    ):
        raise RefusedError("A term of a signed document has a container not accepted.", 401)
