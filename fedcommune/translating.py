"""Another language for an open post, asked of the service that the configuration names.

It speaks the protocol of LibreTranslate. Words that are not for everybody never leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import orjson

from fedcommune.commune import Commune
from fedcommune.domain.translations import queries
from fedcommune.domain.translations.model import Original, Translation
from fedcommune.errors import Invalid, NotFound
from fedcommune.text import html
from federation.errors import RefusedError, UnavailableError
from federation.network.bounded import Bounded


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


PROVIDER: Final = "LibreTranslate"
# What the service answers must fit through the guarded door.
MAX_LENGTH: Final = 15_000
MAX_ANSWER: Final = 64 * 1024
_REMEMBERED: Final = timedelta(hours=6)
_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}

Languages = Mapping[str, frozenset[str]]
_known: Bounded[str, Languages] = Bounded(4, _REMEMBERED)


def is_offered(commune: Commune) -> bool:
    """Tell whether there is a service to ask."""
    return bool(commune.config.translation.url)


async def languages(commune: Commune) -> Languages:
    """Return from which language to which others the service translates; none without one.

    Raises UnavailableError when it does not answer, RefusedError when it makes no sense.
    """
    if not is_offered(commune):
        return {}
    url, now = _address(commune, "languages"), commune.database.clock()
    known = _known.get(url, now)
    if known is None:
        answer = await commune.client.get(url, accept="application/json", limit=MAX_ANSWER)
        known = _languages(answer.body)
        _known.put(url, known, now)
    return known


async def translated(commune: Commune, original: Original, language: str) -> Translation:
    """Return *original* in *language*: as it was translated before, or by asking the service.

    Raises :class:`NotFound` without a service, :class:`Invalid` for what is too long or a
    language it does not know, UnavailableError or RefusedError when it does not help.
    """
    if not is_offered(commune):
        raise NotFound
    if original.length > MAX_LENGTH:
        raise Invalid(
            "status", _("At most {limit} characters can be translated."), limit=MAX_LENGTH
        )
    kept = await queries.kept(commune.database.pool, original, language)
    if kept is not None:
        return kept
    offered = await languages(commune)
    if language not in {target for targets in offered.values() for target in targets}:
        raise Invalid("lang", _("Nothing is translated into '{language}' here."), language=language)
    source = original.language if original.language in offered else None
    if source == language:
        raise Invalid("lang", _("This is said in that language already."))
    made = await _asked(commune, original, source, language)
    async with commune.database.transaction() as tx:
        await queries.keep(tx.db, original, made, tx.now)
    return made


async def _asked(
    commune: Commune, original: Original, source: str | None, language: str
) -> Translation:
    plain = [html.escape(each) for each in (original.summary, *original.descriptions)]
    texts = [original.content, *plain]
    # What is empty is the same in every language.
    wanted = [place for place, text in enumerate(texts) if text.strip()]
    body: dict[str, Any] = {
        "q": [texts[place] for place in wanted],
        "source": source or "auto",
        "target": language,
        "format": "html",
    }
    if commune.config.translation.api_key:
        body["api_key"] = commune.config.translation.api_key
    answer = await commune.client.post(
        _address(commune, "translate"), orjson.dumps(body), {**_JSON}
    )
    if answer.status != 200:
        raise UnavailableError("The translation service did not answer.")
    found, spoken = _read(answer.body, expected=len(wanted))
    for place, text in zip(wanted, found, strict=True):
        texts[place] = text
    content, summary, *descriptions = texts
    return Translation(
        language,
        html.clean(content),
        html.plain(summary),
        tuple(html.plain(each) for each in descriptions),
        source or spoken or "und",
        PROVIDER,
    )


def _read(body: bytes, *, expected: int) -> tuple[list[str], str]:
    """Return the texts and the language they were in. Raises RefusedError."""
    said = _json(body)
    found = said.get("translatedText") if isinstance(said, dict) else None
    if (
        not isinstance(found, list)
        or len(found) != expected
        or not all(isinstance(each, str) for each in found)
    ):
        raise RefusedError("The translation service did not answer in its own way.")
    spoken = said.get("detectedLanguage")
    first = spoken[0] if isinstance(spoken, list) and spoken else spoken
    code = first.get("language") if isinstance(first, dict) else None
    return found, code if isinstance(code, str) and _is_code(code) else ""


def _languages(body: bytes) -> Languages:
    said = _json(body)
    if not isinstance(said, list):
        raise RefusedError("The translation service did not answer in its own way.")
    found: dict[str, frozenset[str]] = {}
    for each in said[:500]:
        code = each.get("code") if isinstance(each, dict) else None
        targets = each.get("targets") if isinstance(each, dict) else None
        if isinstance(code, str) and _is_code(code) and isinstance(targets, list):
            found[code] = frozenset(
                target
                for target in targets[:500]
                if isinstance(target, str) and _is_code(target) and target != code
            )
    return found


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RefusedError("The translation service did not answer in its own way.") from None


def _is_code(text: str) -> bool:
    return 2 <= len(text) <= 12 and text.isascii() and text.replace("-", "").isalnum()


def _address(commune: Commune, path: str) -> str:
    return f"{commune.config.translation.url.rstrip('/')}/{path}"
