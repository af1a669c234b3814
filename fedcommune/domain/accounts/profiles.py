"""From what somebody types about an actor of ours to what is shown."""

from __future__ import annotations

from dataclasses import replace

from fedcommune.domain.accounts.model import Profile
from fedcommune.instance import Instance
from fedcommune.text import markdown
from fedcommune.text.mentions import Links


def written(instance: Instance, text: str, profile: Profile | None = None) -> Profile:
    """Return *profile* with the presentation *text* (Markdown), rendered and as typed."""
    summary = markdown.render(text, Links({}, instance.tag_page))
    return replace(profile or Profile(), summary=summary, source=text)
