"""The addresses of the agenda, of its calendars, and of what one does about one event."""

from __future__ import annotations

from typing import Final

from starlette.routing import Route

from fedcommune.web import agenda, announcing, events

# Such a number as addresses of ours have (see the documents for other servers).
_ONE: Final = "/events/{post:number}"


def routes() -> list[Route]:
    """All but the page of an event, which has a document of the same address."""
    return [
        Route("/agenda", agenda.show),
        Route("/agenda.ics", agenda.calendar_of_all),
        Route("/embed/agenda", agenda.embed),
        Route("/@{username:str}/agenda.ics", agenda.calendar_of_actor),
        Route("/tags/{name:str}/agenda.ics", agenda.calendar_of_tag),
        Route("/events/new", announcing.show_new, methods=["GET"]),
        Route("/events/new", announcing.announce, methods=["POST"]),
        Route(f"{_ONE}.ics", events.show_calendar),
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
        Route(f"{_ONE}/participants.csv", events.people_file),
    ]
