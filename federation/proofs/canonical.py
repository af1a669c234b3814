"""Canonical JSON (RFC 8785): the same value always becomes the same bytes."""

from __future__ import annotations

from typing import Any

import rfc8785

from federation.errors import RefusedError


def jcs(value: Any) -> bytes:
    """Return *value* as canonical JSON in UTF-8.

    Names are sorted by UTF-16 units, numbers written as ECMAScript does, strings left as they
    are. RefusedError(400) for NaN, infinities, integers beyond 2⁵³, lone surrogates, names
    that are not strings, and anything that is not JSON (W-OIP-02).
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, ValueError, TypeError, AttributeError) as error:
        raise RefusedError("The document has no canonical form.", 400) from error
    except RecursionError as error:
        raise RefusedError("The document is nested too deeply.", 400) from error
