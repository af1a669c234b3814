"""Classifieds: what people give, lend, exchange, sell or look for."""

from __future__ import annotations

from typing import Any, cast

import click

from fedcommune import geocoding, lookup
from fedcommune.cli.commands import Call, command
from fedcommune.commune import Commune
from fedcommune.database import Executor
from fedcommune.domain.classifieds import actions, queries
from fedcommune.domain.classifieds.model import Classified, Draft, Sought, price_typed
from fedcommune.domain.posts.deals import CATEGORIES, CURRENCIES, EXCHANGES, VISIBILITIES, quarter
from fedcommune.domain.posts.model import MAX_PAGE, Page, Post
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import NotFound
from federation.vocabulary.offers import Exchange, Purpose, Scope

PURPOSE = click.Choice(["offer", "request"])
EXCHANGE = click.Choice(list(EXCHANGES))
CATEGORY = click.Choice(list(CATEGORIES))
COLUMNS = ["id", "purpose", "title", "exchange", "state", "author", "expires_at"]


@click.group()
def classified() -> None:
    """Offer and look for things and helping hands."""


@classified.command()
@click.argument("author")
@click.argument("title")
@click.option("--text", default="", help="More about it (Markdown).")
@click.option("--purpose", type=PURPOSE, default="offer", show_default=True, help="Which way.")
@click.option("--exchange", type=EXCHANGE, default="gift", show_default=True, help="For what.")
@click.option("--category", type=CATEGORY, default="other", show_default=True, help="What it is.")
@click.option("--price", default="", help="What it costs: 12,50.")
@click.option(
    "--currency",
    type=click.Choice(list(CURRENCIES)),
    default="EUR",
    show_default=True,
    help="Euros, Ğ1 or hours.",
)
@click.option(
    "--scope",
    type=click.Choice(list(VISIBILITIES)),
    default="public",
    show_default=True,
    help="For whom: this commune, the communes that it follows too, or everybody.",
)
@click.option("--place", default="", help="The quarter; no address is kept.")
@command
def add(
    call: Call,
    *,
    author: str,
    title: str,
    text: str,
    purpose: str,
    exchange: str,
    category: str,
    price: str,
    currency: str,
    scope: str,
    place: str,
) -> None:
    """Let AUTHOR offer or ask for TITLE, for sixty days."""

    async def run(commune: Commune) -> dict[str, Any]:
        account = await lookup.actor(commune, author)
        where = await geocoding.located(commune, place) if place else None
        draft = Draft(
            title=title,
            text=text,
            purpose=cast(Purpose, purpose),
            exchange=cast(Exchange, exchange),
            category=category,
            price=price_typed(price),
            currency=currency,
            scope=cast(Scope, scope),
            place=quarter(place) or (where[0].locality if where else ""),
            latitude=where[0].latitude if where else None,
            longitude=where[0].longitude if where else None,
        )
        async with commune.database.transaction() as tx:
            post = await actions.publish(tx, account, draft)
            return await told(tx.db, post)

    answer(call, call.run(run), "Published")


@classified.command("list")
@click.option("--purpose", type=PURPOSE, help="Only offers, or only requests.")
@click.option("--exchange", type=EXCHANGE, help="Only what is given, lent, exchanged or sold.")
@click.option("--category", type=CATEGORY, help="Only this category.")
@click.option("--author", default="", help="Only what this actor offers.")
@click.option("--all", "everything", is_flag=True, help="Also what is over.")
@command
def show_all(
    call: Call,
    *,
    purpose: str | None,
    exchange: str | None,
    category: str | None,
    author: str,
    everything: bool,
) -> None:
    """List what is offered and asked for, as the commune itself sees it, newest first."""

    async def run(commune: Commune) -> list[dict[str, Any]]:
        db = commune.database.pool
        voice = await lookup.actor(commune, commune.instance.actor)
        account = await lookup.actor(commune, author) if author else None
        sought = Sought(
            purpose=cast(Purpose | None, purpose),
            exchange=cast(Exchange | None, exchange),
            category=category,
            author=None if account is None else account.id,
            state="any" if everything else "open",
        )
        now, page = commune.database.clock(), Page(limit=MAX_PAGE)
        found: list[Classified] = []
        while part := await queries.found(db, Viewer(voice.id), sought, now, page):
            found += part
            page = Page(max_id=part[-1].post.id, limit=MAX_PAGE)
        return [described(each) for each in found]

    call.out.rows(call.run(run), COLUMNS, "Nothing is offered or asked for.")


@classified.command()
@click.argument("number", type=int)
@command
def renew(call: Call, *, number: int) -> None:
    """Let the classified NUMBER stand for sixty days more."""

    async def run(commune: Commune) -> dict[str, Any]:
        async with commune.database.transaction() as tx:
            account = (await ours(tx.db, number)).author
            return await told(tx.db, await actions.renew(tx, account, number))

    answer(call, call.run(run), "Renewed")


@classified.command()
@click.argument("number", type=int)
@command
def conclude(call: Call, *, number: int) -> None:
    """Say that the classified NUMBER was taken, or found."""

    async def run(commune: Commune) -> dict[str, Any]:
        async with commune.database.transaction() as tx:
            account = (await ours(tx.db, number)).author
            return await told(tx.db, await actions.conclude(tx, account, number))

    answer(call, call.run(run), "Concluded")


async def ours(db: Executor, number: int) -> Classified:
    """Return the classified or need of ours with this number. Raises NotFound."""
    found = await queries.known(db, number)
    if found is None or not found.post.local:
        raise NotFound(f"Nothing of ours is offered or asked for under the number {number}.")
    return found


async def told(db: Executor, post: Post) -> dict[str, Any]:
    """Return what a command tells of what *post* offers."""
    return described(await ours(db, post.id))


def described(found: Classified) -> dict[str, Any]:
    """Return what a command tells of something offered or asked for."""
    post, offer = found.post, found.offer
    return {
        "id": str(post.id),
        "object_id": post.object_id,
        "url": post.url,
        "author": f"@{found.author.handle}",
        "kind": offer.kind,
        "purpose": offer.purpose,
        "title": offer.title,
        "exchange": offer.exchange,
        "category": offer.category,
        "price": None if offer.price is None else f"{offer.price:f}",
        "currency": offer.currency,
        "state": offer.state,
        "scope": offer.scope,
        "place": offer.place,
        "expires_at": offer.expires_at,
        "wanted": offer.wanted,
        "needed_by": offer.needed_by,
        "helpers": offer.helpers,
        "helpers_wanted": offer.helpers_wanted,
    }


def answer(call: Call, values: dict[str, Any], done: str) -> None:
    """Say that it is *done*."""
    call.out.record(values, f"{done}: {values['title']} (number {values['id']}, {values['url']})")
