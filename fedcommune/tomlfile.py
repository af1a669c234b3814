"""Write the few kinds of values of config.toml: the standard library only reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def document(sections: Mapping[str, Mapping[str, Any]], comment: str) -> str:
    """Return the TOML text of *sections*; keys without a value (None, empty) are left out."""
    parts = [f"# {comment}"]
    for section, values in sections.items():
        lines = [
            f"{key} = {_value(value)}"
            for key, value in values.items()
            if value is not None and value != "" and value != ()
        ]
        if lines:
            parts.append("\n".join([f"[{section}]", *lines]))
    return "\n\n".join(parts) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    # A JSON string is a TOML string, but for one control character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
