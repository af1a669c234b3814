"""The forms by which people announce, change, put off and call off what takes place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import geocoding
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.events.queries.agenda import Line
from fedcommune.domain.events.recurrence import DAYS
from fedcommune.domain.places import queries as places
from fedcommune.domain.posts import attaching, occasions
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import JoinMode, Occasion
from fedcommune.errors import CommuneError, Invalid, NotAllowed
from fedcommune.files import painters
from fedcommune.web import acting, events, forms, one_picture, sessions
from fedcommune.web.agenda import CATEGORIES
from fedcommune.web.composing import Kept
from fedcommune.web.pages import commune_of, pages_of
from fedcommune.web.signing import onwards

LARGEST: Final = painters.MAX_BYTES + forms.LARGEST
_NEVER: Final = ""
_picture = partial(one_picture.of_form, name="banner", words="banner_text")


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


REPEATS: Final = {
    "": _("Once"),
    "daily": _("Every day"),
    "weekly": _("Every week"),
    "fortnightly": _("Every other week"),
    "monthly": _("Every month, on the same day of the week"),
    "monthday": _("Every month, on the same date"),
    "yearly": _("Every year"),
}
MODES: Final[Mapping[JoinMode, str]] = {
    "free": _("Whoever wants says so here"),
    "restricted": _("One asks, and the organisers answer"),
    "external": _("Elsewhere, at this address"),
    "none": _("Nobody needs to say so"),
}


async def show_new(request: Request) -> Response:
    """``GET /events/new``: an empty form, or one filled in like another event (``?like=``)."""
    reader = await acting.required(request)
    who = reader.who
    like = request.query_params.get("like", "")
    form: dict[str, str] = {}
    chosen = {"account": str(reader.account.id)}
    if like.isascii() and like.isdecimal() and len(like) < 19:
        async with commune_of(request).database.transaction() as tx:
            post, _author, event = await announcing.own(tx, who.account, int(like))
        form = {**filled(event, post), "starts_day": "", "ends_day": ""}
    return await _form(request, who.account, form={**(form or first(request)), **chosen})


async def announce(request: Request) -> Response:
    """``POST /events/new``: in one's own name, or that of an organisation one administers."""
    who = await sessions.required(request)
    form, files = await forms.read_files(request, largest=LARGEST)
    commune = commune_of(request)
    picture = None
    try:
        async with commune.database.transaction() as tx:
            by = _chosen(await acting.actors(tx.db, who.account), form)
            voice = await announcing.voice_of(tx, by)
        picture = await _picture(request, voice, form, files)
        wanted = await understood(request, form)
        if picture is not None:
            wanted = replace(wanted, media=(picture.id,))
        async with commune.database.transaction() as tx:
            # Who administers it may have changed meanwhile.
            by = _chosen(await acting.actors(tx.db, who.account), form)
            post = await announcing.announce(tx, by, wanted)
    except CommuneError as error:
        if isinstance(error, NotAllowed):
            raise
        return await _form(request, who.account, error, form, picture=picture)
    return onwards(f"/events/{post.id}")


async def show_change(request: Request) -> Response:
    """``GET /events/{id}/edit``: the form, filled in."""
    who = await sessions.required(request)
    post_id = int(request.path_params["post"])
    async with commune_of(request).database.transaction() as tx:
        post, author, event = await announcing.own(tx, who.account, post_id)
    line = Line(event, author, post.object_id, post.url)
    return await _form(request, who.account, form=filled(event, post), line=line)


async def change(request: Request) -> Response:
    """``POST /events/{id}/edit``: what is different; of later times too when that is wanted."""
    who = await sessions.required(request)
    form, files = await forms.read_files(request, largest=LARGEST)
    commune = commune_of(request)
    post_id = int(request.path_params["post"])
    async with commune.database.transaction() as tx:
        line = await events.organised(tx, who.account, post_id)
    picture = None
    try:
        picture = await _picture(request, line.author, form, files)
        wanted = await understood(request, form)
        async with commune.database.transaction() as tx:
            post, _author, event = await announcing.own(tx, who.account, post_id)
            occasion = replace(wanted.occasion, status=event.status)
            wanted = replace(wanted, occasion=occasion, rule="")
            if picture is not None:
                wanted = replace(wanted, media=(picture.id,))
            elif not form.get("without_banner"):
                wanted = replace(wanted, media=await attaching.attached(tx, post))
            else:
                wanted = replace(wanted, media=())
            await announcing.change(
                tx, who.account, post_id, wanted, following=bool(form.get("following"))
            )
    except CommuneError as error:
        if isinstance(error, NotAllowed):
            raise
        return await _form(request, who.account, error, form, line=line, picture=picture)
    return onwards(f"/events/{post_id}")


async def call_off(request: Request) -> Response:
    """``POST /events/{id}/cancel``: cancelled, put off, or taken away for good."""
    form = await forms.read(request)
    who = await sessions.required(request)
    post_id = int(request.path_params["post"])
    commune = commune_of(request)
    reason = form.get("reason", "").strip()[:500]
    following = bool(form.get("following"))
    try:
        async with commune.database.transaction() as tx:
            post, _author, event = await announcing.own(tx, who.account, post_id)
            match form.get("what"):
                case "cancel":
                    await announcing.cancel(
                        tx, who.account, post.id, reason=reason, following=following
                    )
                case "postpone":
                    moment = None
                    if form.get("starts_day"):
                        moment = _moment(form, "starts", event.zone)
                    await announcing.postpone(tx, who.account, post.id, moment, reason=reason)
                case "remove":
                    await announcing.remove(tx, who.account, post.id)
                case _:
                    raise Invalid("what", _("Choose what becomes of the event."))
    except Invalid as error:
        return await events.page(request, await events.seen(request, who), error, form)
    return onwards("/agenda" if form.get("what") == "remove" else f"/events/{post_id}")


async def understood(request: Request, form: Mapping[str, str]) -> Announcement:
    """Return what the form says. Raises Invalid. Looks outward for the address."""
    commune = commune_of(request)
    zone = form.get("zone", "").strip() or commune.instance.timezone
    if zone not in occasions.zones():
        raise Invalid("zone", _("Choose a time zone such as Indian/Reunion."))
    starts_at = _moment(form, "starts", zone)
    ends_at = None
    if form.get("ends_time") or form.get("ends_day"):
        ends_at = _moment({"ends_day": form.get("starts_day", ""), **_present(form)}, "ends", zone)
    capacity = form.get("capacity", "").strip()
    if capacity and not (capacity.isascii() and capacity.isdecimal() and len(capacity) < 8):
        raise Invalid("capacity", _("Say for how many there is room, or leave it empty."))
    mode = form.get("join_mode", "free")
    occasion = Occasion(
        name=form.get("name", ""),
        starts_at=starts_at,
        ends_at=ends_at,
        zone=zone,
        category=form.get("category", ""),
        online_url=form.get("online_url", "").strip() or None,
        website=form.get("website", "").strip() or None,
        price=form.get("price", ""),
        join_mode=next((each for each in get_args(JoinMode) if each == mode), "free"),
        join_url=form.get("join_url", "").strip() or None,
        capacity=int(capacity) if capacity else None,
        anonymous=bool(form.get("anonymous")),
        named=bool(form.get("named")),
    )
    return Announcement(
        await placed(request, occasion, form.get("place", ""), form.get("address", "")),
        form.get("text", "").strip(),
        tags=tuple(form.get("tags", "").replace(",", " ").split())[:20],
        rule=_rule(form, occasion),
    )


async def placed(request: Request, occasion: Occasion, place: str, address: str) -> Occasion:
    """Return *occasion* where it takes place: a place of the directory, or an address."""
    commune = commune_of(request)
    place, address = " ".join(place.split()), " ".join(address.split())
    known = None
    if place and not address:
        known = await places.by_name(commune.database.pool, place)
    if known is not None:
        return replace(occasion, place_id=known.id, place_name=known.name)
    occasion = replace(occasion, place_name=place[: occasions.MAX_LINE])
    if not address:
        return occasion
    found = await geocoding.located(commune, address)
    if not found:
        return replace(occasion, street=address[: occasions.MAX_LINE])
    best = found[0]
    return replace(
        occasion,
        street=best.street or address,
        postal_code=best.postal_code,
        locality=best.locality,
        latitude=best.latitude,
        longitude=best.longitude,
    )


def filled(event: Occasion, post: Post) -> dict[str, str]:
    """Return the fields of the form as they stand for an event."""
    start, end = event.local_start, event.local_end
    town = " ".join(part for part in (event.postal_code, event.locality) if part)
    return {
        "name": event.name,
        "text": post.source,
        "starts_day": start.date().isoformat(),
        "starts_time": f"{start:%H:%M}",
        "ends_day": "" if end is None else end.date().isoformat(),
        "ends_time": "" if end is None else f"{end:%H:%M}",
        "zone": event.zone,
        "category": event.category,
        "place": event.place_name,
        "address": ""
        if event.place_id is not None
        else ", ".join(part for part in (event.street, town) if part),
        "online_url": event.online_url or "",
        "website": event.website or "",
        "price": event.price,
        "join_mode": event.join_mode,
        "join_url": event.join_url or "",
        "capacity": "" if event.capacity is None else str(event.capacity),
        "anonymous": "1" if event.anonymous else _NEVER,
        "named": "1" if event.named else _NEVER,
    }


def first(request: Request) -> dict[str, str]:
    """Return the fields of an empty form: what most want."""
    return {
        "join_mode": "free",
        "category": "COMMUNITY",
        "anonymous": "1",
        "named": "1",
        "zone": commune_of(request).instance.timezone,
    }


async def _form(
    request: Request,
    who: Account,
    error: CommuneError | None = None,
    form: Mapping[str, str] | None = None,
    *,
    line: Line | None = None,
    picture: Kept | None = None,
) -> Response:
    commune, pages = commune_of(request), pages_of(request)
    categories = [(code, pages.say(request, name)) for code, name in CATEGORIES.items()]
    values: dict[str, Any] = {
        "here": "agenda",
        "event": None if line is None else line.event,
        "picture": picture,
        "actors": await acting.actors(commune.database.pool, who),
        "categories": sorted(categories, key=lambda each: each[1]),
        "repeats": [(code, pages.say(request, name)) for code, name in REPEATS.items()],
        "modes": [(code, pages.say(request, name)) for code, name in MODES.items()],
        "places": await places.names(commune.database.pool),
    }
    if error is not None:
        return forms.again(request, "agenda/form.html", error, form or {}, **values)
    return forms.page(request, "agenda/form.html", form=form or {}, **values)


def _chosen(found: list[Account], form: Mapping[str, str]) -> Account:
    for account in found:
        if form.get("account", "") in ("", str(account.id)):
            return account
    raise Invalid("account", _("Choose in whose name you announce it."))


def _present(form: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in form.items() if text.strip()}


def _moment(form: Mapping[str, str], which: str, zone: str) -> datetime:
    """Return the moment that a day and an hour on the clock of *zone* are. Raises Invalid."""
    try:
        day = date.fromisoformat(form.get(f"{which}_day", "").strip())
        hour = time.fromisoformat(form.get(f"{which}_time", "").strip() or "00:00")
        return datetime.combine(day, hour.replace(tzinfo=None), ZoneInfo(zone))
    except (ValueError, OverflowError):
        raise Invalid(f"{which}_at", _("Say the day and the hour.")) from None


def _rule(form: Mapping[str, str], occasion: Occasion) -> str:
    """Return the RRULE that the choice in the form means for the day it begins on."""
    start = occasion.local_start
    weekday = DAYS[start.weekday()]
    position = (start.day - 1) // 7 + 1
    rules = {
        "daily": "FREQ=DAILY",
        "weekly": f"FREQ=WEEKLY;BYDAY={weekday}",
        "fortnightly": f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}",
        "monthly": f"FREQ=MONTHLY;BYDAY={position if position < 5 else -1}{weekday}",
        "monthday": f"FREQ=MONTHLY;BYMONTHDAY={start.day}",
        "yearly": "FREQ=YEARLY",
    }
    rule = rules.get(form.get("repeat", ""), "")
    until = form.get("until", "").strip()
    if not rule or not until:
        return rule
    try:
        return f"{rule};UNTIL={date.fromisoformat(until):%Y%m%d}"
    except ValueError:
        raise Invalid("until", _("Say the last day as a date.")) from None
