"""Let a post offer or ask for something, in words that every reader of posts understands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from fedcommune import i18n
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.posts import deals, offers
from fedcommune.domain.posts.deals import Offer
from fedcommune.domain.posts.model import Post
from fedcommune.i18n import translate
from fedcommune.instance import Instance
from fedcommune.text import html
from federation.vocabulary import offers as vocabulary
from federation.vocabulary.notes import NoteView


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


_TITLE: Final = re.compile(r"\A<p><strong>[^<]*</strong></p>")
# Hashtags that carry it to who looks for such a thing: what the commune publishes is French.
_TAGS: Final = {"gift": "don", "loan": "pret", "exchange": "troc", "sale": "vente"}


def words(instance: Instance, offer: Offer, body: str) -> str:
    """Return what a post says that offers *offer*: its title, *body* (clean HTML), its facts.

    Mastodon shows only the content of a Note, so that everything stands in it (product 8.0).
    """
    language = instance.language
    title = _titled(language, offer)
    parts = [f"<p><strong>{html.escape(title)}</strong></p>", body]
    facts = facts_of(instance, language, offer)
    if facts:
        parts.append(f"<p>{html.escape(' · '.join(facts))}</p>")
    if offer.state == "open":
        if offer.kind == "need":
            note = _("You can help? Answer “I can help”, in a private message if you like.")
        else:
            note = _("To answer: in a private message.")
        parts.append(f"<p>{html.escape(translate(language, note))}</p>")
    return "".join(parts)


def without_title(content: str) -> str:
    """Return what a post says without the title that begins it: a page shows that above."""
    return _TITLE.sub("", content, count=1)


def facts_of(instance: Instance, language: str, offer: Offer) -> list[str]:
    """Return the facts about *offer*, a few words each, in *language*."""
    found = []
    if offer.kind == "need":
        if offer.wanted in deals.WANTED:
            found.append(translate(language, deals.WANTED[offer.wanted]))
        if offer.helpers_wanted is not None and offer.wanted == "people":
            said = translate(language, _("{n} of {wanted} found"))
            found.append(said.format(n=offer.helpers, wanted=offer.helpers_wanted))
    elif offer.exchange in deals.EXCHANGES:
        found.append(translate(language, deals.EXCHANGES[offer.exchange]))
    if offer.price:
        found.append(price_of(language, offer))
    if offer.category:
        category = deals.CATEGORIES.get(offer.category)
        found.append(translate(language, category) if category else offer.category)
    if offer.place:
        found.append(offer.place)
    if offer.needed_by is not None:
        said = translate(language, _("needed by {day}"))
        found.append(said.format(day=_day(instance, language, offer.needed_by)))
    elif offer.expires_at is not None and offer.state == "open":
        said = translate(language, _("until {day}"))
        found.append(said.format(day=_day(instance, language, offer.expires_at)))
    return found


def price_of(language: str, offer: Offer) -> str:
    """Return what is asked in return: "12,50 €"."""
    price = offer.price or Decimal(0)
    pattern = "#,##0" if price == price.to_integral_value() else "#,##0.00"
    number = format_decimal(price, format=pattern, locale=i18n.locale(language))
    return f"{number} {deals.CURRENCIES.get(offer.currency, offer.currency)}".strip()


def tags_of(offer: Offer) -> tuple[str, ...]:
    """Return the hashtags that *offer* has of itself."""
    if offer.kind == "need":
        return ("entraide",)
    tag = _TAGS.get(offer.exchange)
    return ("annonce", tag) if tag else ("annonce",)


async def hang(tx: Transaction, post: Post, offer: Offer) -> None:
    """Let our *post* offer *offer*."""
    await offers.put(tx.db, replace(offer, post_id=post.id))


def document(post: Post, author: Account, offer: Offer) -> dict[str, Any]:
    """Return what the document of our *post* says besides its words (product 8.5)."""
    return vocabulary.write(
        deals.said(offer, author=author.actor_id),
        object_id=post.object_id,
        description=html.plain(post.source),
    )


async def learn(tx: Transaction, view: NoteView, post: Post, author: Account) -> None:
    """Let a stranger's *post*, new or edited, offer what *view* offers, or nothing.

    What says that it is for neighbours is so only from a commune that ours follows: otherwise
    it is for whom it names (SEC-VIS-07).
    """
    offered = vocabulary.read(view.document)
    if offered is None or post.in_reply_to is not None:
        await offers.drop(tx.db, post.id)
        return
    offer = deals.told(post.id, offered)
    if post.visibility is deals.VISIBILITIES["public"]:
        offer = replace(offer, scope="public")
    elif offer.scope != "neighbours" or not await offers.is_neighbour(tx.db, author.domain):
        await offers.drop(tx.db, post.id)
        return
    if offer.expires_at is not None and offer.expires_at <= tx.now and offer.state == "open":
        offer = replace(offer, state="expired")
    await offers.put(tx.db, offer)


def _titled(language: str, offer: Offer) -> str:
    if offer.state == "expired":
        return translate(language, _("Over: {title}"), title=offer.title)
    if offer.state == "fulfilled":
        if offer.purpose == "request":
            return translate(language, _("Found: {title}"), title=offer.title)
        return translate(language, _("Taken: {title}"), title=offer.title)
    return offer.title


def _day(instance: Instance, language: str, moment: datetime) -> str:
    day = moment.astimezone(ZoneInfo(instance.timezone)).date()
    return i18n.day(day, "long", language)
