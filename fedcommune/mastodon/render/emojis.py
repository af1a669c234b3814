"""Pictures that stand for words, as they came with what names them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fedcommune.instance import Instance
from fedcommune.mastodon import entities


def of_tags(instance: Instance, tags: Iterable[Mapping[str, Any]]) -> list[entities.CustomEmoji]:
    """Return the pictures among *tags*; those of strangers are shown from our own copies."""
    found = []
    for tag in tags:
        if tag.get("type") != "Emoji":
            continue
        icon = tag.get("icon")
        url = str(icon.get("url", "")) if isinstance(icon, Mapping) else ""
        if url.startswith(("https://", "http://")):
            found.append(emoji(instance, str(tag.get("name", "")), url))
    return found


def emoji(instance: Instance, name: str, url: str) -> entities.CustomEmoji:
    """Return one; none of them moves."""
    shown = instance.picture("emoji", url)
    return entities.CustomEmoji(
        shortcode=name.strip(":"), url=shown, static_url=shown, visible_in_picker=False
    )
