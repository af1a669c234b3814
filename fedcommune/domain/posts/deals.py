"""What a post offers or asks for: who gives what for what, until when, and for whom."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from fedcommune.domain.visibility import Visibility
from fedcommune.errors import Invalid
from federation.vocabulary.offers import (
    MAX_CATEGORY,
    MAX_CURRENCY,
    MAX_HELPERS,
    MAX_NAME,
    MAX_PRICE,
    TIME,
    Exchange,
    Kind,
    OfferView,
    Purpose,
    Scope,
    Shape,
    State,
    Wanted,
)
from federation.vocabulary.places import Place


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# So long something stands that nobody renews, and so long before its author is told.
LASTS: Final = timedelta(days=60)
REMINDED: Final = timedelta(days=7)
MAX_PLACE: Final = 100
# Two decimals of a degree are about a kilometre: a quarter, not a house.
DECIMALS: Final = 2

EXCHANGES: Final = {
    "gift": _("Gift"),
    "loan": _("Loan"),
    "exchange": _("Exchange"),
    "sale": _("Sale"),
}
CURRENCIES: Final = {"EUR": "€", "G1": "Ğ1", TIME: "h"}
CATEGORIES: Final = {
    "plants": _("Plants and garden"),
    "food": _("Food"),
    "furniture": _("Furniture"),
    "kitchen": _("Household"),
    "clothes": _("Clothes"),
    "children": _("For children"),
    "books": _("Books and games"),
    "electronics": _("Electronics"),
    "tools": _("Tools"),
    "materials": _("Building materials"),
    "vehicles": _("Bicycles and vehicles"),
    "animals": _("Animals"),
    "sport": _("Sport and leisure"),
    "service": _("A helping hand"),
    "skills": _("Skills and lessons"),
    "job": _("Work"),
    "transport": _("Lifts and transport"),
    "care": _("Care and company"),
    "housing": _("Housing and rooms"),
    "other": _("Something else"),
}
WANTED: Final = {
    "people": _("Helping hands"),
    "material": _("Material"),
    "money": _("Money"),
}
# Whom something is for. It says who is told, not what is secret (docs/classifieds.md).
VISIBILITIES: Final = {
    "public": Visibility.PUBLIC,
    "neighbours": Visibility.LIMITED,
    "commune": Visibility.LIMITED,
}
# What has a number, or is called a street, may be a house.
_HOUSE: Final = re.compile(
    r"\d|\b(rue|ruelle|chemin|avenue|boulevard|impasse|allée|route|résidence|lotissement|sentier)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One row of ``commune.offer``. Times are UTC, angles degrees, rounded.

    Of a draft, ``post_id`` is 0. ``shape`` tells how a stranger said it.
    """

    title: str
    kind: Kind = "classified"
    purpose: Purpose = "offer"
    exchange: Exchange = "gift"
    category: str = ""
    price: Decimal | None = None
    currency: str = ""
    state: State = "open"
    scope: Scope = "public"
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    expires_at: datetime | None = None
    wanted: Wanted = ""
    needed_by: datetime | None = None
    helpers_wanted: int | None = None
    helpers: int = 0
    shape: Shape = "commune"
    post_id: int = 0

    def is_open(self, now: datetime) -> bool:
        """Tell whether somebody may still answer it."""
        return self.state == "open" and (self.expires_at is None or now < self.expires_at)

    @property
    def has_enough(self) -> bool:
        """Whether as many help as were wanted."""
        return self.helpers_wanted is not None and self.helpers >= self.helpers_wanted


def checked(offer: Offer) -> Offer:
    """Return *offer* tidied, its place no more precise than a quarter.

    Raises :class:`Invalid` for what needs a correction.
    """
    title = " ".join(offer.title.replace("\x00", "").split())
    if not title:
        raise Invalid("title", _("Give it a title."))
    if len(title) > MAX_NAME:
        raise Invalid(
            "title", _("A title has at most {limit} characters: shorten it."), limit=MAX_NAME
        )
    if offer.category not in ("", *CATEGORIES):
        raise Invalid("category", _("Choose what it is from the list."))
    if offer.kind == "need" and (offer.purpose != "request" or not offer.wanted):
        raise Invalid("wanted", _("Say what is needed: people, material or money."))
    if offer.helpers_wanted is not None and not 1 <= offer.helpers_wanted <= MAX_HELPERS:
        raise Invalid(
            "helpers_wanted", _("Say how many are wanted: 1 to {limit}."), limit=MAX_HELPERS
        )
    latitude, longitude = offer.latitude, offer.longitude
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        latitude = longitude = None
    return replace(
        offer,
        title=title,
        price=_price(offer),
        currency=offer.currency if offer.exchange == "sale" and offer.price else "",
        place=quarter(offer.place),
        latitude=None if latitude is None else round(latitude, DECIMALS),
        longitude=None if longitude is None else round(longitude, DECIMALS),
    )


def quarter(text: str) -> str:
    """Return the name of a place when it can be that of a quarter; nothing for an address.

    What has a number in it, or is a street, may be a house: it is not kept (product 8.5).
    """
    name = " ".join(text.replace("\x00", "").split())
    return "" if _HOUSE.search(name) else name[:MAX_PLACE]


def told(post_id: int, view: OfferView) -> Offer:
    """Return what a stranger's post offers, as its server tells it, cut to what we keep."""
    place = view.place or Place()
    return Offer(
        post_id=post_id,
        title=view.name[:MAX_NAME],
        kind=view.kind,
        purpose=view.purpose,
        exchange=view.exchange,
        category=view.category[:MAX_CATEGORY],
        price=view.price,
        currency=view.currency[:MAX_CURRENCY],
        state=view.state,
        scope=view.scope,
        place=quarter(place.name or place.locality),
        latitude=None if place.latitude is None else round(place.latitude, DECIMALS),
        longitude=None if place.longitude is None else round(place.longitude, DECIMALS),
        expires_at=view.ends_at,
        wanted=view.wanted,
        needed_by=view.needed_by,
        helpers_wanted=view.helpers_wanted,
        helpers=view.helpers,
        shape=view.shape,
    )


def said(offer: Offer, *, author: str) -> OfferView:
    """Return how *offer*, of the actor *author*, leaves."""
    place = None
    if offer.place or offer.latitude is not None:
        place = Place(name=offer.place, latitude=offer.latitude, longitude=offer.longitude)
    return OfferView(
        name=offer.title,
        kind=offer.kind,
        purpose=offer.purpose,
        exchange=offer.exchange,
        category=offer.category,
        price=offer.price,
        currency=offer.currency,
        state=offer.state,
        scope=offer.scope,
        place=place,
        ends_at=offer.expires_at,
        wanted=offer.wanted,
        needed_by=offer.needed_by,
        helpers_wanted=offer.helpers_wanted,
        helpers=offer.helpers,
        project=author if offer.kind == "need" else None,
    )


def _price(offer: Offer) -> Decimal | None:
    """Return what is asked in return; only what is sold has a price."""
    if offer.exchange != "sale":
        return None
    if not offer.price:
        raise Invalid("price", _("Say what it costs, or choose another way to exchange it."))
    if not offer.price.is_finite() or not 0 < offer.price <= MAX_PRICE:
        raise Invalid("price", _("This is no price: write a number such as 5 or 12,50."))
    if offer.currency not in CURRENCIES:
        raise Invalid("currency", _("Choose euros, Ğ1 or hours."))
    return offer.price.quantize(Decimal("0.01"))
