"""Where a status leads to becomes the entity that apps read."""

from __future__ import annotations

from urllib.parse import urlsplit

from fedcommune.domain.cards.model import Card
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import maybe


def card(found: Card) -> entities.PreviewCard:
    """Return one entity: words alone, nothing to run and no picture to load from elsewhere."""
    parts = urlsplit(found.url)
    return entities.PreviewCard(
        url=found.url,
        title=found.title,
        description=found.description,
        language=found.language,
        authors=[entities.PreviewCardAuthor(name=found.author)] if found.author else [],
        author_name=found.author,
        provider_name=found.provider,
        provider_url=f"{parts.scheme}://{parts.netloc}",
        published_at=maybe(found.published_at),
    )
