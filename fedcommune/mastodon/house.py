"""The house rules and texts, the neighbours, and how lively the place is."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.citizens.queries import figures
from fedcommune.domain.hosts import queries as hosts
from fedcommune.domain.hosts.model import Host, Policy
from fedcommune.errors import NotFound
from fedcommune.mastodon.call import Call, Endpoint
from fedcommune.mastodon.entities_instance import (
    DomainBlock,
    ExtendedDescription,
    PrivacyPolicy,
    Rule,
    TermsOfService,
    Week,
)
from fedcommune.mastodon.instance import house_rules
from fedcommune.mastodon.json import day, moment
from fedcommune.text import markdown
from fedcommune.text.mentions import Links

WEEKS: Final = 12
_SEVERITY: Final = {Policy.BLOCKED: "suspend", Policy.LIMITED: "silence"}


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the house: Markdown as it was written, and when (UTC)."""

    source: str
    written_at: datetime


async def rules(call: Call) -> list[Rule]:
    """``GET /api/v1/instance/rules``."""
    return house_rules(call)


async def extended_description(call: Call) -> ExtendedDescription:
    """``GET /api/v1/instance/extended_description``: the file ``about``, or the description."""
    text = await _text(call, call.commune.config.commune.about)
    if text is None:
        voice = await accounts.by_actor_id(call.db, call.instance.actor)
        written_at = call.now if voice is None else voice.updated_at
        text = Text(call.instance.description, written_at)
    return ExtendedDescription(updated_at=moment(text.written_at), content=_html(call, text))


async def privacy_policy(call: Call) -> PrivacyPolicy:
    """``GET /api/v1/instance/privacy_policy``."""
    text = await _text(call, call.commune.config.commune.privacy)
    if text is None:
        raise NotFound
    return PrivacyPolicy(updated_at=moment(text.written_at), content=_html(call, text))


async def terms_of_service(call: Call) -> TermsOfService:
    """``GET /api/v1/instance/terms_of_service``, and the same with the day they date from."""
    text = await _text(call, call.commune.config.commune.terms)
    if text is None or call.path.get("date", day(text.written_at)) != day(text.written_at):
        raise NotFound
    return TermsOfService(
        effective_date=day(text.written_at), effective=True, content=_html(call, text)
    )


async def _text(call: Call, name: str) -> Text | None:
    """Return the text in the file *name* of the configuration, None when there is none."""
    if not name:
        return None
    path = call.commune.config.path(name)
    try:
        return await asyncio.to_thread(_read, path)
    except FileNotFoundError:
        return None


def _read(path: Path) -> Text:
    written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return Text(path.read_text(encoding="utf-8"), written_at)


def _html(call: Call, text: Text) -> str:
    return markdown.render(text.source, Links({}, call.instance.tag_page))


async def peers(call: Call) -> list[str]:
    """``GET /api/v1/instance/peers``."""
    return await hosts.peers(call.db)


async def activity(call: Call) -> list[Week]:
    """``GET /api/v1/instance/activity``: twelve weeks, this one first.

    ``logins`` counts the citizens who wrote: nobody notes down who only reads.
    """
    return [
        Week(
            week=str(int(each.begins_at.timestamp())),
            statuses=str(each.posts),
            logins=str(each.authors),
            registrations=str(each.joined),
        )
        for each in await figures.weeks(call.db, call.now, number=WEEKS)
    ]


async def domain_blocks(call: Call) -> list[DomainBlock]:
    """``GET /api/v1/instance/domain_blocks``: whom we keep away from, and what we say of why."""
    return [_block(each) for each in await hosts.restrained(call.db)]


def _block(host: Host) -> DomainBlock:
    return DomainBlock(
        domain=host.shown_name,
        digest=hashlib.sha256(host.name.encode()).hexdigest(),
        severity=_SEVERITY[host.policy],
        comment=host.rules.public_comment,
    )


_HERE: Final = "/api/v1/instance"
ENDPOINTS: Final = (
    Endpoint("GET", f"{_HERE}/rules", rules, access="anyone"),
    Endpoint("GET", f"{_HERE}/peers", peers, access="anyone"),
    Endpoint("GET", f"{_HERE}/activity", activity, access="anyone"),
    Endpoint("GET", f"{_HERE}/domain_blocks", domain_blocks, access="anyone"),
    Endpoint("GET", f"{_HERE}/extended_description", extended_description, access="anyone"),
    Endpoint("GET", f"{_HERE}/privacy_policy", privacy_policy, access="anyone"),
    Endpoint("GET", f"{_HERE}/terms_of_service", terms_of_service, access="anyone"),
    Endpoint("GET", f"{_HERE}/terms_of_service/{{date}}", terms_of_service, access="anyone"),
)
