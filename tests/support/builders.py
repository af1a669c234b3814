"""Configurations with sensible defaults: a test says only what matters to it."""

from __future__ import annotations

import base64
from pathlib import Path

from fedcommune.config import Config, load

SECRET = bytes(range(32))


def an_environment(directory: Path, url: str = "", **settings: str) -> dict[str, str]:
    """Return the variables of a commune in development that keeps its files in *directory*.

    *url* is that of its database, empty for an embedded one. *settings* are named like
    ``commune_domain="b.localhost:8002"`` and win over the defaults.
    """
    values = {
        "commune_domain": "saint-leu.localhost:8001",
        "commune_name": "Saint-Leu",
        "commune_insee": "97413",
        "commune_timezone": "Indian/Reunion",
        "database_url": url,
        "storage_directory": str(directory),
        "development_enabled": "true",
        "development_plain_http": "true",
        "development_loopback_peers": "true",
        "secret_key": base64.b64encode(SECRET).decode(),
        **settings,
    }
    return {f"FEDCOMMUNE_{name.upper()}": value for name, value in values.items()}


def a_config(directory: Path, url: str = "", **settings: str) -> Config:
    """Return the configuration that :func:`an_environment` describes."""
    return load(None, an_environment(directory, url, **settings))
