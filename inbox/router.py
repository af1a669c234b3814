"""Who handles which activity: a list that complains at start-up, and never guesses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from federation import activities, documents
from federation.activities import Activity

if TYPE_CHECKING:
    # Handlers run in a transaction: what they import must not lead to the network.
    from inbox.gather import Gathered

T = TypeVar("T")

# From an activity and what was gathered so far to the ids still to be gathered. It is asked
# again with what was found, until it names nothing new. Pure: it reaches nothing itself.
Needs = Callable[[Activity, "Gathered"], Iterable[str]]
Handler = Callable[[T, Activity, "Gathered"], Awaitable[None]]
Pair = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Route(Generic[T]):
    """A handler, and what must be gathered before it is called."""

    handler: Handler[T]
    needs: Needs | None


class Router(Generic[T]):
    """The handlers of one part of an application, or of all of it.

    ``T`` is whatever the application hands to its handlers, usually its transaction.
    """

    def __init__(self) -> None:
        self._routes: dict[Pair, Route[T]] = {}

    def receives(
        self, activity_type: str, *, of: str | None = None, needs: Needs | None = None
    ) -> Callable[[Handler[T]], Handler[T]]:
        """Register the decorated function for *activity_type* of objects of type *of*.

        Without *of*: for every object nobody else claims. Raises ValueError when the pair is
        taken.
        """

        def register(handler: Handler[T]) -> Handler[T]:
            self._add((activity_type, of), Route(handler, needs))
            return handler

        return register

    def include(self, other: Router[T]) -> None:
        """Take over the routes of *other*. Raises ValueError when both claim the same pair."""
        for pair, route in other._routes.items():
            self._add(pair, route)

    def wrapped(self, wrap: Callable[[Handler[T]], Handler[T]]) -> Router[T]:
        """Return a router with the same routes, each handler put into what *wrap* makes of it."""
        router: Router[T] = Router()
        for pair, route in self._routes.items():
            router._add(pair, Route(wrap(route.handler), route.needs))
        return router

    def find(self, activity: Activity) -> Route[T] | None:
        """Return the route for *activity*: of its object's type, else of any, else None."""
        for object_type in object_types(activity):
            route = self._routes.get((activity.type, object_type))
            if route is not None:
                return route
        return self._routes.get((activity.type, None))

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)

    def _add(self, pair: Pair, route: Route[T]) -> None:
        if pair in self._routes:
            raise ValueError(f"{pair} already has a handler: decide which part receives it.")
        self._routes[pair] = route


def object_types(activity: Activity) -> tuple[str, ...]:
    """Return the types of the embedded object, whoever it belongs to; none for a mere id."""
    embedded = activities.embedded(activity)
    return () if embedded is None else documents.types(embedded)
