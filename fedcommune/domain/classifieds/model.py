"""What somebody types to offer or ask for something, and what one may look for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.model import Kind as ActorKind
from fedcommune.domain.posts.deals import LASTS, Offer
from fedcommune.domain.posts.model import Post
from fedcommune.errors import Invalid
from federation.vocabulary.offers import Exchange, Kind, Purpose, Scope, Wanted


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


MAX_RADIUS: Final = 100_000.0
# Who may need something of others: what several people build together.
NEEDY: Final = frozenset(
    {ActorKind.PROJECT, ActorKind.ASSOCIATION, ActorKind.GROUP, ActorKind.AUTHORITY}
)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody types: *text* is Markdown, *place* the name of a quarter.

    Angles may be as precise as they like: what is kept is rounded. *media* is what hangs on
    it; None for an edit leaves that as it is.
    """

    title: str
    text: str = ""
    purpose: Purpose = "offer"
    exchange: Exchange = "gift"
    category: str = ""
    price: Decimal | None = None
    currency: str = "EUR"
    scope: Scope = "public"
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    media: tuple[int, ...] | None = None

    def offer(self, now: datetime) -> Offer:
        """Return what is offered from *now* on."""
        return Offer(
            title=self.title,
            purpose=self.purpose,
            exchange=self.exchange,
            category=self.category,
            price=self.price,
            currency=self.currency,
            scope=self.scope,
            place=self.place,
            latitude=self.latitude,
            longitude=self.longitude,
            expires_at=now + LASTS,
        )


@dataclass(frozen=True, slots=True)
class Need:
    """What a project, an association or a group needs of others."""

    title: str
    text: str = ""
    wanted: Wanted = "people"
    helpers: int | None = None
    needed_by: datetime | None = None
    category: str = ""

    def offer(self, now: datetime) -> Offer:
        """Return what is asked for from *now* on: until it is needed, or for sixty days.

        Raises :class:`Invalid` when it was needed before now.
        """
        if self.needed_by is not None and self.needed_by <= now:
            raise Invalid("needed_by", _("This day has passed: choose one that is to come."))
        return Offer(
            title=self.title,
            kind="need",
            purpose="request",
            exchange="gift",
            category=self.category,
            wanted=self.wanted,
            helpers_wanted=self.helpers,
            needed_by=self.needed_by,
            expires_at=max(now + LASTS, (self.needed_by or now) + timedelta(days=1)),
        )


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for among what is open; whatever is not said does not matter.

    *near* is latitude and longitude in degrees, *radius* in metres; *author* an account.
    """

    purpose: Purpose | None = None
    exchange: Exchange | None = None
    category: str | None = None
    kind: Kind | None = None
    near: tuple[float, float] | None = None
    radius: float = 10_000.0
    author: int | None = None
    state: Literal["open", "any"] = "open"


@dataclass(frozen=True, slots=True)
class Classified:
    """A post with what it offers and who wrote it."""

    post: Post
    offer: Offer
    author: Account


def price_typed(text: str) -> Decimal | None:
    """Return the price that *text* is, None for nothing. Raises :class:`Invalid`."""
    typed = text.strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if not typed:
        return None
    try:
        return Decimal(typed)
    except InvalidOperation:
        raise Invalid("price", _("This is no price: write a number such as 5 or 12,50.")) from None
