"""The JSON-LD contexts shipped with us; no other is ever loaded, and none from the network.

Each file says what its published namesake says, term by term, in an order of our own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from federation.errors import RefusedError
from federation.names import AS2_SPELLINGS, CID_V1, DATA_INTEGRITY_V2, SECURITY_V1

IDENTITY_V1: Final = "https://w3id.org/identity/v1"

_FILES: Final[Mapping[str, str]] = {
    **dict.fromkeys(sorted(AS2_SPELLINGS), "activitystreams.jsonld"),
    SECURITY_V1: "security-v1.jsonld",
    IDENTITY_V1: "identity-v1.jsonld",
    DATA_INTEGRITY_V2: "data-integrity-v2.jsonld",
    CID_V1: "cid-v1.jsonld",
}


def _read(name: str) -> dict[str, Any]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


_BY_FILE: Final = {name: _read(name) for name in sorted(set(_FILES.values()))}
DOCUMENTS: Final[Mapping[str, dict[str, Any]]] = {
    iri: _BY_FILE[name] for iri, name in _FILES.items()
}


def terms(iri: str) -> Mapping[str, Any]:
    """Return the term definitions of the bundled context *iri*; RefusedError(401) when unknown."""
    document = DOCUMENTS.get(iri)
    if document is None:
        raise RefusedError("The document leans on a JSON-LD context that we do not know.", 401)
    definitions: dict[str, Any] = document["@context"]
    return definitions


def load(iri: str, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the bundled context *iri* as PyLD wants it; RefusedError(401) for any other.

    Source: SEC-PAR-05, SEC-SIG-10 (a remote context is never fetched).
    """
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": iri,
        "document": {"@context": terms(iri)},
    }
