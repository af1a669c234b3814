"""The social server of a commune."""

import federation

__version__ = "0.1.0"

if getattr(federation, "OWNER", None) != "fedcommune":
    raise ImportError(
        "Another package named 'federation' hides ours. Install fedcommune in an "
        "environment of its own (uv tool install, pipx, or a container)."
    )
