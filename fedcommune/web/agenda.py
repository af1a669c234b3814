"""The agenda: what takes place, in a list, a week or a month, and in frames of other sites."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import i18n
from fedcommune.database import Executor
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.directory import queries as directory
from fedcommune.domain.events.queries import agenda
from fedcommune.domain.events.queries.agenda import Line, Wanted
from fedcommune.domain.posts import details, sentences
from fedcommune.domain.posts.model import Attachment
from fedcommune.domain.posts.occasions import Event
from fedcommune.web import weeks
from fedcommune.web.pages import commune_of, now_of, pages_of
from fedcommune.web.weeks import STATUSES, Day, View
from federation.vocabulary.events import CATEGORIES as KNOWN

PAGE: Final = 30
EMBEDDED: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'self'; "
    "img-src 'self' data:; frame-ancestors *"
)


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


CATEGORIES: Final = {
    "ARTS": _("Arts"),
    "AUTO_BOAT_AIR": _("Cars, boats, planes"),
    "BOOK_CLUBS": _("Reading"),
    "BUSINESS": _("Business"),
    "CAUSES": _("Causes"),
    "CLIMATE_ENVIRONMENT": _("Climate and environment"),
    "COMEDY": _("Humour"),
    "COMMUNITY": _("Life of the neighbourhood"),
    "CRAFTS": _("Crafts"),
    "CREATIVE_JAM": _("Creating together"),
    "DIY_MAKER_SPACES": _("Making and repairing"),
    "FAMILY_EDUCATION": _("Family and education"),
    "FASHION_BEAUTY": _("Fashion and beauty"),
    "FESTIVALS": _("Festivals"),
    "FILM_MEDIA": _("Films and media"),
    "FOOD_DRINK": _("Food and drink"),
    "GAMES": _("Games"),
    "INCLUSIVE_SPACES": _("Open to all"),
    "LANGUAGE_CULTURE": _("Languages and culture"),
    "LEARNING": _("Learning"),
    "LGBTQ": _("LGBTQ+"),
    "MEDITATION_WELLBEING": _("Well-being"),
    "MEETING": _("Meetings"),
    "MOVEMENTS_POLITICS": _("Politics and movements"),
    "MUSIC": _("Music"),
    "NETWORKING": _("Getting to know people"),
    "OUTDOORS_ADVENTURE": _("Outdoors"),
    "PARTY": _("Party"),
    "PERFORMING_VISUAL_ARTS": _("Performing arts"),
    "PETS": _("Animals"),
    "PHOTOGRAPHY": _("Photography"),
    "SCIENCE_TECH": _("Science and technology"),
    "SPIRITUALITY_RELIGION_BELIEFS": _("Spirituality and beliefs"),
    "SPORTS": _("Sports"),
    "THEATRE": _("Theatre"),
    "WORKSHOPS_SKILL_SHARING": _("Workshops"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An event as pages show it; *commune* names that of a neighbour."""

    event: Event
    author: Account
    page: str
    when: str
    day: date
    hour: str
    hours: str
    month: str
    weekday: str
    category: str
    status: str
    commune: str
    picture: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader wants to see; the list begins now unless a day was *chosen*."""

    view: View
    day: date
    wanted: Wanted
    past: bool
    page: int
    chosen: bool = False

    def query(self, **changes: Any) -> str:
        """Return the query of the same agenda, with *changes*."""
        pairs: dict[str, Any] = {
            "view": "" if self.view == "list" else self.view,
            "from": self.day.isoformat() if self.view != "list" or self.chosen else "",
            "category": self.wanted.category,
            "commune": self.wanted.domain,
            "tag": self.wanted.tag,
            "past": "1" if self.past else "",
        }
        return urlencode({name: each for name, each in {**pairs, **changes}.items() if each})


async def show(request: Request) -> Response:
    """``GET /agenda``: what takes place, as a list, a week or a month."""
    commune = commune_of(request)
    asked = understood(request)
    async with commune.database.reading() as db:
        if asked.view == "list":
            return await _list(request, db, asked)
        days, title, before, after = await weeks.days_of(
            request, db, asked.view, asked.day, asked.wanted
        )
        return await _page(
            request,
            db,
            asked,
            days=days,
            weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
            title=title,
            before=asked.query(**{"from": before.isoformat()}),
            after=asked.query(**{"from": after.isoformat()}),
            rest=asked.query(view="", **{"from": ""}),
        )


async def coming(request: Request, *, limit: int) -> list[Shown]:
    """Return the next *limit* events of the commune and of its neighbours."""
    wanted = Wanted(since=now_of(request))
    async with commune_of(request).database.reading() as db:
        found = await agenda.listed(db, wanted, limit=limit)
        return await shown(db, request, found, pictures=False)


async def embed(request: Request) -> Response:
    """``GET /embed/agenda``: what comes next, for pages of others to show in a frame.

    The only page that may be framed: it has no form, and knows nobody (SEC-XSS-04).
    """
    commune = commune_of(request)
    asked = understood(request)
    async with commune.database.reading() as db:
        found = await agenda.listed(db, _from(request, asked), limit=12)
        events = await shown(db, request, found, pictures=False)
    response = pages_of(request).page(request, "agenda/embed.html", found=events)
    response.headers["Content-Security-Policy"] = EMBEDDED
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


async def shown(
    db: Executor, request: Request, found: Sequence[Line], *, pictures: bool = True
) -> list[Shown]:
    """Return *found* as pages show it, in the language of who reads."""
    pages = pages_of(request)
    language = pages.language(request)
    names = await directory.communes(
        db, {line.author.domain for line in found if not line.author.local}
    )
    attached = {}
    if pictures:
        attached = await details.attachments(db, [line.event.post_id for line in found])

    def picture(post_id: int) -> Attachment | None:
        images = (
            each for each in attached.get(post_id, []) if each.media_type.startswith("image/")
        )
        return next(images, None)

    return [
        Shown(
            event=line.event,
            author=line.author,
            page=f"/events/{line.event.post_id}",
            when=sentences.when(line.event, language),
            day=line.event.local_start.date(),
            hour="" if line.event.is_all_day else sentences.hour(line.event.local_start, language),
            hours=sentences.hours(line.event, language),
            weekday=i18n.day(line.event.local_start.date(), "EEEE", language),
            month=i18n.day(line.event.local_start.date(), "LLL", language).rstrip("."),
            category=pages.say(request, CATEGORIES[line.event.category])
            if line.event.category in CATEGORIES
            else "",
            status=pages.say(request, STATUSES[line.event.status])
            if line.event.status in STATUSES
            else "",
            commune="" if line.author.local else names.get(line.author.domain, line.author.domain),
            picture=picture(line.event.post_id),
        )
        for line in found
    ]


def understood(request: Request) -> Asked:
    """Return what the query of *request* asks for; nonsense in it does not matter."""
    asked = request.query_params
    today = now_of(request).astimezone(ZoneInfo(commune_of(request).instance.timezone)).date()
    view: View = "list"
    if asked.get("view") in ("week", "month"):
        view = "week" if asked["view"] == "week" else "month"
    try:
        day = date.fromisoformat(asked.get("from", ""))
        chosen = 1971 <= day.year <= 2098
    except ValueError:
        chosen = False
    page = asked.get("page", "")
    category = asked.get("category", "").upper()
    return Asked(
        view,
        day if chosen else today,
        Wanted(
            category=category if category in KNOWN else "",
            domain=asked.get("commune", "").strip().lower().replace("\x00", "")[:253],
            tag=asked.get("tag", "").strip().lstrip("#").lower().replace("\x00", "")[:100],
        ),
        bool(asked.get("past")),
        int(page) if page.isascii() and page.isdecimal() and len(page) < 4 else 1,
        chosen,
    )


async def _list(request: Request, db: Executor, asked: Asked) -> Response:
    number = max(asked.page, 1)
    found = await agenda.listed(
        db,
        _from(request, asked),
        limit=PAGE + 1,
        skip=(number - 1) * PAGE,
    )
    events = await shown(db, request, found[:PAGE])
    language = pages_of(request).language(request)
    days = [
        Day(day, "", weeks.label(day, language), list(of_day))
        for day, of_day in itertools.groupby(events, lambda each: each.day)
    ]
    return await _page(
        request,
        db,
        asked,
        days=days,
        weeks=[],
        title="",
        before=asked.query(page=number - 1 if number > 2 else "") if number > 1 else None,
        after=asked.query(page=number + 1) if len(found) > PAGE else None,
    )


async def _page(request: Request, db: Executor, asked: Asked, **values: Any) -> Response:
    commune, pages = commune_of(request), pages_of(request)
    domains = await agenda.domains(db, now_of(request))
    own = commune.instance.domain
    names = await directory.communes(db, [each for each in domains if each != own])
    names[own] = commune.instance.name
    return pages.page(
        request,
        "agenda/agenda.html",
        here="agenda",
        asked=asked,
        categories=_categories(pages.language(request)),
        communes=[(each, names.get(each, each)) for each in domains],
        filters=urlencode(
            {
                name: each
                for name, each in (
                    ("category", asked.wanted.category),
                    ("commune", asked.wanted.domain),
                    ("tag", asked.wanted.tag),
                )
                if each
            }
        ),
        webcal=f"webcal://{own}/agenda.ics",
        **values,
    )


@cache
def _categories(language: str) -> Sequence[tuple[str, str]]:
    """Return the kinds of events, as *language* calls and sorts them."""
    said = ((code, i18n.translate(language, name)) for code, name in CATEGORIES.items())
    return sorted(said, key=lambda each: each[1])


def _from(request: Request, asked: Asked) -> Wanted:
    """What comes next, or was last; from the day on that was chosen."""
    now, wanted = now_of(request), asked.wanted
    since = now
    if asked.chosen:
        zone = ZoneInfo(commune_of(request).instance.timezone)
        since = datetime.combine(asked.day, time(), zone)
    return Wanted(
        since=None if asked.past else since,
        until=now if asked.past else None,
        category=wanted.category,
        domain=wanted.domain,
        tag=wanted.tag,
        backwards=asked.past,
    )
