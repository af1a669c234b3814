"""What there is to translate, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from fedcommune.domain.posts.model import Attachment, Post


@dataclass(frozen=True, slots=True)
class Original:
    """The words of one post; ``content`` is clean HTML, the others plain text."""

    post_id: int
    content: str
    summary: str = ""
    descriptions: tuple[str, ...] = ()
    language: str | None = None

    @property
    def digest(self) -> bytes:
        """What a kept translation is held to: other words need another one."""
        parts = (self.content, self.summary, *self.descriptions)
        return hashlib.sha256("\x00".join(parts).encode()).digest()

    @property
    def length(self) -> int:
        return len(self.content) + len(self.summary) + sum(map(len, self.descriptions))


@dataclass(frozen=True, slots=True)
class Translation:
    """The same in ``language``; ``source_language`` is what it was taken to be in."""

    language: str
    content: str
    summary: str
    descriptions: tuple[str, ...]
    source_language: str
    provider: str


def original(post: Post, content: str, attachments: Iterable[Attachment]) -> Original:
    """Return what there is to translate of *post*, shown as *content*."""
    return Original(
        post.id,
        content,
        post.summary,
        tuple(each.description for each in attachments),
        post.language,
    )
