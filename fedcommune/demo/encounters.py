"""What happens between the two communes: everything here travels over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from fedcommune import lookup
from fedcommune.commune import Commune
from fedcommune.demo.steps import made, once, remember
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.follows import queries as follow_queries
from fedcommune.domain.links import actions as links
from fedcommune.domain.links import queries as link_queries
from fedcommune.domain.links.model import CONTRIBUTES_TO, State, Wish
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import Stage
from fedcommune.domain.reactions import actions as reactions

Advance = Callable[[], None]

# Seconds that one message may take between two processes of one machine.
PATIENCE: Final = 60.0

JARDIN, LAVOIR = "jardin_partage", "lavoir_retrouve"
# Who of the first commune follows whom of the second, and the other way round.
FOLLOWS: Final = (
    (
        ("marie_hoarau", "jean_clain"),
        ("marie_hoarau", "chorale_des_hauts"),
        ("loic_grondin", LAVOIR),
        ("solene_dijoux", "memoire_des_cases"),
    ),
    (
        ("jean_clain", "marie_hoarau"),
        ("jean_clain", JARDIN),
        ("ines_morel", "menuiserie_grondin"),
        ("samuel_turpin", "recif_vivant"),
    ),
)
SIZE: Final = 2 + sum(len(pairs) for pairs in FOLLOWS) + 7


class NothingArrived(Exception):
    """What one commune sent did not reach the other in time."""


async def meet(saint_leu: Commune, trois_bassins: Commune, advance: Advance) -> None:
    """Let the communes follow each other, work on each other's projects and talk, once."""
    both = ((saint_leu, trois_bassins), (trois_bassins, saint_leu))
    for here, there in both:
        await _follow(here, here.instance.host, there, there.instance.host)
        advance()
    for (here, there), pairs in zip(both, FOLLOWS, strict=True):
        for follower, followed in pairs:
            await _follow(here, follower, there, followed)
            advance()
    await _join(trois_bassins, "jean_clain", saint_leu, JARDIN, Wish(("fumier", "outils")))
    advance()
    await _join(
        saint_leu,
        "loic_grondin",
        trois_bassins,
        LAVOIR,
        Wish(("charpente",), message="J'ai les ciseaux et deux samedis."),
    )
    await _approve(trois_bassins, "ines_morel", "loic_grondin", saint_leu)
    advance()
    told = await _move_on(saint_leu, "nadine_lebon", JARDIN)
    seen = await _arrived(trois_bassins, told)
    advance()
    answer = await _answer(
        trois_bassins,
        "jean_clain",
        seen,
        "J'apporte deux remorques de fumier samedi. Gardez-moi un coin pour les songes.",
    )
    advance()
    heard = await _arrived(saint_leu, answer)
    await _like(saint_leu, "marie_hoarau", heard)
    await _like(saint_leu, "nadine_lebon", heard)
    advance()
    await _answer(
        saint_leu, "nadine_lebon", heard, "La parcelle 4 est à toi. Merci, voisin des Hauts !"
    )
    advance()
    concert = await _say(
        trois_bassins,
        "chorale_des_hauts",
        "Le concert de dimanche est complet : on chante une deuxième fois à 18 h. #agenda",
    )
    await _boost(saint_leu, "marie_hoarau", await _arrived(saint_leu, concert))
    advance()


async def _follow(here: Commune, follower: str, there: Commune, followed: str) -> None:
    target = await lookup.actor(here, f"@{followed}@{there.instance.domain}")
    async with once(here, f"follow {follower} {followed}") as tx:
        if tx is not None:
            await follows.follow(tx, await _ours(here, follower), target)
    us = await _ours(here, follower)

    async def accepted() -> bool:
        return await follow_queries.follows(here.database.pool, us.id, target.id)

    await _until(accepted, f"{follower} follows {followed}")


async def _join(here: Commune, subject: str, there: Commune, project: str, wish: Wish) -> None:
    target = await lookup.actor(here, f"@{project}@{there.instance.domain}")
    async with once(here, f"join {subject} {project}") as tx:
        if tx is not None:
            await links.ask(tx, await _ours(here, subject), target, wish)
    guest = await lookup.actor(there, f"@{subject}@{here.instance.domain}")
    ours = await _ours(there, project)

    async def arrived() -> bool:
        link = await link_queries.between(there.database.pool, guest.id, ours.id, CONTRIBUTES_TO)
        return link is not None

    await _until(arrived, f"{subject} asks to join {project}")


async def _approve(host: Commune, admin: str, subject: str, home: Commune) -> None:
    guest = await lookup.actor(host, f"@{subject}@{home.instance.domain}")
    target = await _ours(host, LAVOIR)
    async with once(host, f"approve {subject}") as tx:
        if tx is not None:
            link = await link_queries.between(tx.db, guest.id, target.id, CONTRIBUTES_TO)
            assert link is not None, "the request arrived before"
            if link.state == State.PENDING:
                await links.approve(tx, await _ours(host, admin), link, (guest, target))


async def _move_on(commune: Commune, admin: str, project: str) -> Post:
    async with once(commune, f"stage {project}") as tx:
        if tx is not None:
            post = await projects.move(
                tx, await _ours(commune, admin), await _ours(commune, project), Stage.DEVELOPMENT
            )
            assert post is not None, "the project stood at an earlier stage"
            await remember(tx.db, f"stage {project}", post.id)
    return await _made(commune, f"stage {project}")


async def _say(commune: Commune, author: str, text: str) -> Post:
    step = f"say {author} {text[:20]}"
    async with once(commune, step) as tx:
        if tx is not None:
            post = await feeds.publish(
                tx, await _ours(commune, author), Draft(text=text, language="fr")
            )
            await remember(tx.db, step, post.id)
    return await _made(commune, step)


async def _answer(commune: Commune, author: str, to: Post, text: str) -> Post:
    step = f"answer {author} {text[:20]}"
    async with once(commune, step) as tx:
        if tx is not None:
            draft = Draft(text=text, language="fr", in_reply_to=to.id)
            post = await feeds.publish(tx, await _ours(commune, author), draft)
            await remember(tx.db, step, post.id)
    return await _made(commune, step)


async def _like(commune: Commune, who: str, post: Post) -> None:
    async with once(commune, f"like {who} {post.object_id}") as tx:
        if tx is not None:
            await reactions.like(tx, await _ours(commune, who), post)


async def _boost(commune: Commune, who: str, post: Post) -> None:
    async with once(commune, f"boost {who} {post.object_id}") as tx:
        if tx is not None:
            await reactions.boost(tx, await _ours(commune, who), post)


async def _arrived(commune: Commune, post: Post) -> Post:
    """Return *post*, of the other commune, as it is kept in *commune*."""
    found: list[Post] = []

    async def kept() -> bool:
        stored = await posts.stored(commune.database.pool, post.object_id)
        if stored is not None:
            found.append(stored)
        return stored is not None

    await _until(kept, f"{post.object_id} arrives at {commune.instance.name}")
    return found[0]


async def _ours(commune: Commune, username: str) -> Account:
    return await lookup.actor(commune, f"@{username}")


async def _made(commune: Commune, step: str) -> Post:
    db = commune.database.pool
    post = await posts.locked(db, await made(db, step))
    assert post is not None, "the post was published by this step"
    return post


async def _until(happened: Callable[[], Awaitable[bool]], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not await happened():  # noqa: ASYNC110  # the other side is another server
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise NothingArrived(
            f"Waited {PATIENCE:.0f} seconds, in vain, for this: {what}. Look at "
            "'fedcommune outbox status' of both communes."
        ) from None
