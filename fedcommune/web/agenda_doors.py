"""The addresses of the agenda, of its calendars, and of what one does about one event."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from fedcommune.web import agenda, announcing, calendars, events

# Such a number as addresses of ours have (see the documents for other servers).
_ONE: Final = "/events/{post:number}"


def files() -> list[Route]:
    """Calendars, what is shown in a frame, and who comes: nobody is greeted there."""
    return [
        Route("/agenda.ics", calendars.of_all),
        Route("/embed/agenda", agenda.embed),
        Route("/@{username:str}/agenda.ics", calendars.of_actor),
        Route("/tags/{name:str}/agenda.ics", calendars.of_tag),
        Route(f"{_ONE}.ics", events.show_calendar),
        Route(f"{_ONE}/participants.csv", events.people_file),
    ]


def pages() -> list[Route]:
    """All but the page of an event, which has a document of the same address."""
    return [
        Route("/agenda", agenda.show),
        Route("/events/new", announcing.show_new, methods=["GET"]),
        Route("/events/new", announcing.announce, methods=["POST"]),
        Route(f"{_ONE}/edit", announcing.show_change, methods=["GET"]),
        Route(f"{_ONE}/edit", announcing.change, methods=["POST"]),
        Route(f"{_ONE}/cancel", announcing.call_off, methods=["POST"]),
        Route(f"{_ONE}/join", events.join, methods=["POST"]),
        Route(f"{_ONE}/leave", events.show_leave, methods=["GET"]),
        Route(f"{_ONE}/leave", events.leave, methods=["POST"]),
        Route(f"{_ONE}/mail", events.ask_letter, methods=["POST"]),
        Route(f"{_ONE}/confirm", events.show_confirm, methods=["GET"]),
        Route(f"{_ONE}/confirm", events.confirm, methods=["POST"]),
        Route(f"{_ONE}/participants", events.show_people, methods=["GET"]),
        Route(f"{_ONE}/participants", events.decide, methods=["POST"]),
    ]
