"""Polls become the entities that apps read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fedcommune.domain.polls.model import Seen
from fedcommune.mastodon import entities
from fedcommune.mastodon.json import maybe


def poll(
    seen: Seen, emojis: Sequence[entities.CustomEmoji], now: datetime, *, own: bool
) -> entities.Poll:
    """Return the entity of a poll; *own*: who looks is who asked.

    While the totals are hidden, what each choice got is null, for who asked as well; how
    many voted is told (SEC-MOD-05). Who asked cannot vote: apps then show no form.
    """
    asked = seen.poll
    shown = asked.shows_totals(now)
    return entities.Poll(
        id=str(asked.post_id),
        expires_at=maybe(asked.ends_at),
        expired=asked.is_over(now),
        multiple=asked.multiple,
        votes_count=sum(asked.votes),
        voters_count=asked.voters,
        options=[
            entities.PollOption(title=name, votes_count=votes if shown else None)
            for name, votes in zip(asked.options, asked.votes, strict=True)
        ],
        emojis=[
            each
            for each in emojis
            if any(f":{each.shortcode}:" in option for option in asked.options)
        ],
        voted=own or bool(seen.own),
        own_votes=list(seen.own),
    )


def offered(options: Sequence[str]) -> dict[str, list[dict[str, str]]]:
    """Return what an earlier version asked."""
    return {"options": [{"title": option} for option in options]}
