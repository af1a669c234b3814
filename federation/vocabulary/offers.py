"""What people give, lend, sell or look for, in and out: FEP-0837, and flohmarkt's way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal, get_args

from federation import documents
from federation.vocabulary import places
from federation.vocabulary.places import Place

Kind = Literal["classified", "need"]
Purpose = Literal["offer", "request"]
Exchange = Literal["", "gift", "loan", "exchange", "sale"]
State = Literal["open", "fulfilled", "expired"]
Scope = Literal["commune", "neighbours", "public"]
Wanted = Literal["", "people", "material", "money"]
Shape = Literal["commune", "proposal", "flohmarkt"]

MAX_NAME: Final = 200
MAX_CATEGORY: Final = 100
MAX_CURRENCY: Final = 20
MAX_PRICE: Final = Decimal("9999999.99")
MAX_HELPERS: Final = 10_000

# What is given is work, not a thing: the rest is handed over (FEP-0837, ``action``).
SERVICES: Final = frozenset({"service", "skills", "job", "transport", "care"})
# What is asked in return, by the currency that people type.
_CONFORMS: Final[Mapping[str, str]] = {
    "EUR": "https://www.wikidata.org/wiki/Q4916",
    "G1": "https://w3id.org/fedcommune/ns#G1",
}
_CURRENCIES: Final = {address: name for name, address in _CONFORMS.items()}
# Time is counted in hours.
TIME: Final = "time"


@dataclass(frozen=True, slots=True)
class OfferView:
    """What a post offers or asks for. ``price`` is in ``currency``: EUR, G1, time (hours), …

    *shape* is how it was said: by a commune, as a Proposal of FEP-0837, or as flohmarkt does.
    ``project`` is whose need it is; ``helpers`` how many of ``helpers_wanted`` there are.
    """

    name: str
    kind: Kind = "classified"
    purpose: Purpose = "offer"
    exchange: Exchange = ""
    category: str = ""
    price: Decimal | None = None
    currency: str = ""
    state: State = "open"
    scope: Scope = "public"
    place: Place | None = None
    ends_at: datetime | None = None
    wanted: Wanted = ""
    needed_by: datetime | None = None
    helpers_wanted: int | None = None
    helpers: int = 0
    project: str | None = None
    shape: Shape = "commune"


def read(document: Mapping[str, Any]) -> OfferView | None:
    """Return what the post *document* offers or asks for, None when it does neither.

    Understood are ``purpose`` and ``publishes`` on the post itself (product 8.5), a Proposal
    (FEP-0837), alone or among the attachments of a Note, and ``flohmarkt:data``. What has an
    unexpected type is left out (SEC-PAR-04), what is too long is cut (SEC-DOS-05).
    """
    found = _proposal(document)
    if found is not None:
        return _of_proposal(found, document)
    data = document.get("flohmarkt:data")
    return _of_flohmarkt(data, document) if isinstance(data, Mapping) else None


def _proposal(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if document.get("purpose") is not None or "Proposal" in documents.types(document):
        return document
    for item in documents.many(document.get("attachment"))[:20]:
        if isinstance(item, Mapping) and "Proposal" in documents.types(item):
            return item
    return None


def _of_proposal(said: Mapping[str, Any], document: Mapping[str, Any]) -> OfferView | None:
    purpose = _one_of(said, "purpose", get_args(Purpose)) or "offer"
    name = _name(said) or _name(document)
    if not name:
        return None
    ours = _word(document, "cm:exchange") is not None or _word(document, "cm:state") is not None
    price, currency = _price(documents.one(said.get("reciprocal")))
    kind: Kind = "need" if _kind(document) == "need" else "classified"
    return OfferView(
        name=name,
        kind=kind,
        purpose="request" if purpose == "request" else "offer",
        exchange=_one_of(document, "cm:exchange", get_args(Exchange))  # type: ignore[arg-type]
        or ("sale" if price else ""),
        category=(_word(document, "cm:category") or "")[:MAX_CATEGORY],
        price=price,
        currency=currency,
        state=_one_of(document, "cm:state", get_args(State)) or "open",  # type: ignore[arg-type]
        scope=_one_of(document, "cm:scope", get_args(Scope)) or "public",  # type: ignore[arg-type]
        place=places.read(said.get("location") or document.get("location")),
        ends_at=documents.moment(document.get("endTime")),
        wanted=_one_of(document, "cm:wanted", get_args(Wanted)) or "",  # type: ignore[arg-type]
        needed_by=documents.moment(document.get("cm:neededBy")),
        helpers_wanted=_helpers(document.get("cm:helpersWanted")),
        helpers=_helpers(document.get("cm:helpers")) or 0,
        project=documents.iri(document.get("context")) if kind == "need" else None,
        shape="commune" if ours else "proposal",
    )


def _of_flohmarkt(data: Mapping[str, Any], document: Mapping[str, Any]) -> OfferView | None:
    """Flohmarkt only knows offers; what costs nothing is given."""
    name = _name(data) or _name(document)
    if not name:
        return None
    price = _amount(data.get("price"))
    coordinates = documents.one(data.get("coordinates"))
    place = None
    if isinstance(coordinates, Mapping):
        place = places.read(
            {
                "type": "Place",
                "latitude": coordinates.get("lat"),
                "longitude": coordinates.get("lng"),
            }
        )
    return OfferView(
        name=name,
        exchange="sale" if price else "gift",
        price=price or None,
        currency=(_word(data, "currency") or "")[:MAX_CURRENCY] if price else "",
        place=place,
        ends_at=documents.moment(document.get("endTime")),
        shape="flohmarkt",
    )


def write(
    view: OfferView, *, object_id: str, description: str, quantity: int = 1
) -> dict[str, Any]:
    """Return the words that make the post *object_id* an offer or a request (product 8.5).

    *description* is plain text, without the title. Source: FEP-0837, product 8.0 and 8.5.
    """
    action = "deliverService" if view.category in SERVICES else "transfer"
    primary: dict[str, Any] = {"type": "Intent", "id": f"{object_id}#primary", "action": action}
    wanted = view.helpers_wanted if view.wanted == "people" else None
    primary["resourceQuantity"] = _quantity("one", Decimal(wanted or quantity))
    said: dict[str, Any] = {
        "kind": view.kind,
        "name": view.name,
        "purpose": view.purpose,
        "publishes": primary,
        "reciprocal": _reciprocal(view, object_id),
        "cm:exchange": view.exchange or None,
        "cm:category": view.category or None,
        "cm:state": view.state,
        "cm:scope": None if view.scope == "public" else view.scope,
        "cm:wanted": view.wanted or None,
        "cm:neededBy": documents.timestamp(view.needed_by) if view.needed_by else None,
        "cm:helpersWanted": view.helpers_wanted,
        "cm:helpers": view.helpers if view.kind == "need" else None,
        "endTime": documents.timestamp(view.ends_at) if view.ends_at else None,
        "location": None if view.place is None else places.write(view.place),
        "context": view.project,
        "flohmarkt:data": _for_flohmarkt(view, object_id, description),
    }
    return {name: value for name, value in said.items() if value is not None}


def _reciprocal(view: OfferView, object_id: str) -> dict[str, Any] | None:
    if not view.price:
        return None
    said: dict[str, Any] = {"type": "Intent", "id": f"{object_id}#reciprocal"}
    if view.currency == TIME:
        quantity = _quantity("hour", view.price)
        return {**said, "action": "work", "resourceQuantity": quantity}
    return {
        **said,
        "action": "transfer",
        "resourceConformsTo": _CONFORMS.get(view.currency, view.currency),
        "resourceQuantity": _quantity("one", view.price),
    }


def _for_flohmarkt(view: OfferView, object_id: str, description: str) -> dict[str, Any] | None:
    """What is given or sold, as flohmarkt shows it; it knows no other way to exchange."""
    if view.kind != "classified" or view.purpose != "offer":
        return None
    if view.exchange not in ("gift", "sale") or view.currency == TIME:
        return None
    price = view.price or Decimal(0)
    said: dict[str, Any] = {
        "name": view.name,
        "description": description,
        "price": int(price) if price == price.to_integral_value() else float(price),
        "currency": view.currency or "EUR",
        "original_id": object_id,
    }
    place = view.place
    if place is not None and place.latitude is not None and place.longitude is not None:
        said["coordinates"] = {"lat": float(place.latitude), "lng": float(place.longitude)}
    return said


def _quantity(unit: str, value: Decimal) -> dict[str, str]:
    return {"hasUnit": unit, "hasNumericalValue": format(value.normalize(), "f")}


def _price(intent: object) -> tuple[Decimal | None, str]:
    """Return what is asked in return, and in what."""
    if not isinstance(intent, Mapping):
        return None, ""
    quantity = documents.one(intent.get("resourceQuantity"))
    if not isinstance(quantity, Mapping):
        return None, ""
    price = _amount(quantity.get("hasNumericalValue"))
    if not price:
        return None, ""
    unit = _word(quantity, "hasUnit") or ""
    if unit == "hour":
        return price, TIME
    thing = _word(intent, "resourceConformsTo") or ""
    return price, _CURRENCIES.get(thing, thing.rpartition(":")[2].rpartition("/")[2])[:MAX_CURRENCY]


def _amount(value: object) -> Decimal | None:
    """Return a number, or the number that begins a text ("25 €"); None for what is none."""
    value = documents.one(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value).strip()[:30].replace(",", ".").split(" ")[0])
    except InvalidOperation:
        return None
    if not found.is_finite() or not 0 <= found <= MAX_PRICE:
        return None
    return found.quantize(Decimal("0.01"))


def _name(document: Mapping[str, Any]) -> str:
    return documents.natural(document, "name", limit=MAX_NAME)[0].strip()


def _kind(document: Mapping[str, Any]) -> str | None:
    return _word(document, "cm:kind") or _word(document, "kind")


def _word(document: Mapping[str, Any], name: str) -> str | None:
    value = documents.one(document.get(name))
    return documents.clean(value)[:500].strip() if isinstance(value, str) else None


def _one_of(document: Mapping[str, Any], name: str, words: tuple[str, ...]) -> str | None:
    """Return the word after its prefix, when it is one of *words*."""
    value = _word(document, name)
    bare = None if value is None else value.rpartition(":")[2].rpartition("#")[2]
    return bare if bare in words else None


def _helpers(value: object) -> int | None:
    found = documents.count(value)
    return min(found, MAX_HELPERS) if found else None
