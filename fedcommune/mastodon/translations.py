"""What a status says in the language of its reader."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from fedcommune import translating
from fedcommune.domain.posts import details
from fedcommune.domain.translations.model import original
from fedcommune.errors import NotAllowed
from fedcommune.mastodon import errors
from fedcommune.mastodon.call import Answer, Call, Endpoint
from fedcommune.mastodon.limits import TRANSLATION
from fedcommune.mastodon.render import media, readable
from fedcommune.mastodon.statuses import post_of
from federation.errors import FederationError


class TranslationAttachment(Struct, frozen=True, kw_only=True):
    """The description of something attached."""

    id: str
    description: str


class TranslationEntity(Struct, frozen=True, kw_only=True):
    """A status in another language."""

    content: str
    spoiler_text: str
    language: str
    media_attachments: list[TranslationAttachment]
    detected_source_language: str
    provider: str
    poll: dict[str, Any] | None = None


async def translate(call: Call) -> Answer:
    """Translate an open status into the caller's language (SEC-VIS-02).

    Whatever is not for everybody stays here: it is no business of another service.
    """
    post = await post_of(call)
    if not translating.is_offered(call.commune):
        return errors.refusal(404, "Nothing is translated here: no service was set up.")
    if not post.visibility.is_open:
        raise NotAllowed("Only a post for everybody is given to a translation service.")
    attached = (await details.attachments(call.db, [post.id])).get(post.id, [])
    language = call.params.text("lang").strip().lower() or call.instance.language
    words = original(post, readable.content(post), attached)
    try:
        found = await translating.translated(call.commune, words, language)
    except FederationError:
        return errors.refusal(503, "The translation service does not answer now: try later.")
    return TranslationEntity(
        content=found.content,
        spoiler_text=found.summary,
        language=found.language,
        media_attachments=[
            TranslationAttachment(id=shown.id, description=description)
            for shown, description in zip(
                media.attachments(call.instance, post, attached), found.descriptions, strict=False
            )
            if description
        ],
        detected_source_language=found.source_language,
        provider=found.provider,
    )


async def languages(call: Call) -> Answer:
    """From which languages into which others statuses are translated; none without a service."""
    try:
        found = await translating.languages(call.commune)
    except FederationError:
        found = {}
    return {source: sorted(targets) for source, targets in sorted(found.items())}


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/v1/statuses/{id}/translate",
        translate,
        "read:statuses",
        rate=TRANSLATION,
    ),
    Endpoint("GET", "/api/v1/instance/translation_languages", languages, access="anyone"),
)
