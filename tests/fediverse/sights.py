"""What a town has to show: a page of every kind."""

from __future__ import annotations

from fedcommune.domain.reactions import actions as reactions
from tests.support.communes import Town


async def every_page(town: Town) -> list[str]:
    """Return the addresses of pages of *town*, one of every kind, with something on each."""
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    await town.project(marie, "jardin")
    await town.organisation(paul, "theatre")
    post = await town.say(marie, "Bonjour #agenda", warning="attention")
    await town.say(paul, "Bonsoir", to=post)
    async with town.commune.database.transaction() as tx:
        await reactions.boost(tx, paul, post)
        await reactions.like(tx, paul, post)
    return [
        "/",
        "/?before=1",
        "/actors",
        "/actors?kind=project",
        "/@marie",
        "/@jardin",
        "/@agenda",
        "/actor",
        f"/@marie/{post.id}",
        "/tags/agenda",
        "/authorize_interaction?uri=https%3A%2F%2Felsewhere.example%2F1",
    ]
