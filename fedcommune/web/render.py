"""A page: template, language, and the few filters templates need."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_time
from babel.numbers import format_decimal
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

import fedcommune
from fedcommune import i18n
from fedcommune.domain.accounts import lines
from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.domain.posts.model import Post
from fedcommune.errors import CommuneError
from fedcommune.instance import Instance
from fedcommune.text import html, places

TEMPLATES: Final = Path(__file__).parent / "templates"
STATIC: Final = Path(__file__).parent / "static"
# A wheel that ships Leaflet as files: it is found, never imported (decision 0012).
_LEAFLET: Final = importlib.util.find_spec("js_lib_leaflet")
LEAFLET: Final = Path((_LEAFLET and _LEAFLET.origin) or "").parent / "static" / "js_lib_leaflet"
VARY: Final = "Accept, Accept-Language, Cookie"
# The cookie of a browser in which somebody chose a language.
LANGUAGE: Final = "language"
_NUMBER: Final = re.compile(r"\b([0-9]{1,2}(?:er)?) (?=[^\W\d])")


def _(message: str) -> str:
    """Mark *message* for the catalogues; it is translated where it is shown."""
    return message


# The tags of clean HTML, and the words between colons beside them.
_TAGS: Final = re.compile(r"(<[^>]*>)")
_NAMED: Final = re.compile(r":([A-Za-z0-9_]{2,50}):")

KINDS: Final = {
    Kind.COMMUNE: _("Commune"),
    Kind.FEED: _("Feed"),
    Kind.SQUARE: _("Public square"),
    Kind.CITIZEN: _("Citizen"),
    Kind.ASSOCIATION: _("Association"),
    Kind.BUSINESS: _("Shop or service"),
    Kind.AUTHORITY: _("Local authority"),
    Kind.GROUP: _("Group"),
    Kind.PROJECT: _("Project"),
    Kind.STRANGER: _("Visitor"),
}


# The first that is found counts: most browsers also claim to be others.
_BROWSERS: Final = (
    ("Firefox/", "Firefox"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


class Pages:
    """Renders the pages of one commune."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def page(
        self,
        request: Request,
        template: str,
        status_code: int = 200,
        *,
        alternate: str | None = None,
        here: str = "",
        **values: Any,
    ) -> HTMLResponse:
        """Answer *request* with *template* in the reader's language.

        *alternate* is the id of the document that says the same to servers (W-DOC-01), *here*
        the part of the main navigation that the page belongs to.
        """
        language = self.language(request)
        environment = _environment(language, self._instance.timezone)
        # Who reads, when whoever answers looked (``acting.reader_of``): the header shows them.
        reader = getattr(request.state, "reader", None)
        body = environment.get_template(template).render(
            instance=self._instance,
            language=language,
            languages=i18n.names(),
            version=fedcommune.__version__,
            alternate=alternate,
            here=here,
            # What is absent and what is hidden are the same to the letter (SEC-VIS-03).
            this_page="/" if status_code in (404, 410) else _address(request),
            **{"reader": reader, "csrf": getattr(reader, "csrf", ""), **values},
        )
        response = HTMLResponse(body, status_code)
        response.headers["Content-Language"] = language
        # What is made for one reader is nobody else's.
        response.headers["Cache-Control"] = "no-cache" if reader is None else "no-store"
        response.headers["Vary"] = VARY
        if alternate is not None:
            link = f'<{alternate}>; rel="alternate"; type="application/activity+json"'
            response.headers["Link"] = link
        return response

    def say(self, request: Request, message: str, **values: object) -> str:
        """Return *message* in the reader's language."""
        return i18n.translate(self.language(request), message, **values)

    def tell(self, request: Request, error: CommuneError) -> str:
        """Return what *error* says in the reader's language."""
        return i18n.translate(self.language(request), error.msgid, **error.values)

    def language(self, request: Request) -> str:
        """Return the language that the reader chose, or prefers, among ours."""
        if (chosen := request.cookies.get(LANGUAGE)) in i18n.languages():
            return chosen
        accepted = ",".join(request.headers.getlist("accept-language"))
        return i18n.negotiate(accepted, self._instance.language)


@cache
def _environment(language: str, timezone: str) -> Environment:
    translations = i18n.translations(language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    gettext: Callable[[str], str] = translations.gettext
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        gettext, translations.ngettext, newstyle=False
    )
    environment.filters.update(
        emojis=emojis_of,
        browser=browser_name,
        groups=lambda text: " ".join(text[at : at + 4] for at in range(0, len(text), 4)),
        at=lambda name: places.at(name, language),
        of=lambda name: places.of(name, language),
        handle=handle,
        initials=initials,
        kind_name=lambda account: gettext(KINDS[account.kind]),
        page=_page_for,
        site=site,
        town=lambda zone: i18n.town(zone, language),
        plain=lambda text, limit=300: html.running(text, limit=limit),
        words=words,
        own_words=lambda text: own_words(words(text)),
        distance=lambda metres: distance_in(language, metres),
        moment=moment_in(language, ZoneInfo(timezone)),
        local=lambda value: value.astimezone(ZoneInfo(timezone)),
        day=day_in(language, ZoneInfo(timezone)),
    )
    environment.globals.update(static=static)
    return environment


def moment_in(language: str, zone: ZoneInfo) -> Callable[[datetime], str]:
    """Return how *language* tells a day and an hour in *zone*."""
    locale = i18n.locale(language)

    def moment(value: datetime) -> str:
        there = value.astimezone(zone)
        day = _bound(i18n.day(there.date(), "long", language))
        hour = format_time(there, "short", locale=locale)
        return f"{day}\N{NO-BREAK SPACE}·\N{NO-BREAK SPACE}{hour}"

    return moment


def _bound(day: str) -> str:
    """Keep the number of a *day* on one line with its month."""
    return _NUMBER.sub("\\1\N{NO-BREAK SPACE}", day)


def distance_in(language: str, metres: float) -> str:
    """Say how far something is, as precisely as one walks."""
    locale = i18n.locale(language)
    if metres < 950:
        return f"{format_decimal(round(metres, -1) or 10, locale=locale)} m"
    return f"{format_decimal(round(metres / 1000, 1), locale=locale)} km"


def day_in(language: str, zone: ZoneInfo) -> Callable[[date], str]:
    """Return how *language* tells a day, or the day of a moment in *zone*."""

    def day(value: date) -> str:
        there = value.astimezone(zone).date() if isinstance(value, datetime) else value
        return _bound(i18n.day(there, "full", language))

    return day


@cache
def static(name: str) -> str:
    """Return the address of a static file; it changes with the file, so that caches may keep it."""
    folder, _, rest = name.rpartition("/")
    path = LEAFLET / rest if folder == "leaflet" else STATIC / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def handle(account: Account) -> str:
    """``user@domain``, the way one writes it to follow somebody."""
    return account.handle


def initials(account: Account) -> str:
    """One or two letters that stand for a face."""
    words = [word for word in account.display_name.replace("'", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "·"


def _address(request: Request) -> str:
    """Return where the page is, to come back to; empty for an answer to what was sent."""
    if request.method != "GET":
        return ""
    query = request.scope["query_string"].decode("latin-1")
    return quote(request.scope["path"], safe="/@:~") + (f"?{query}" if query else "")


@pass_context
def _page_for(context: Context, account: Account) -> str:
    """Where the reader of a page reads *account*: who is signed in stays here."""
    if account.local or context.get("reader") is None:
        return page_of(account)
    return f"/people/{account.id}"


def page_of(account: Account) -> str:
    """Where a person reads *account*: here for ours, at home for the others.

    Only web addresses are given: a stranger chose theirs (SEC-XSS-03).
    """
    if account.local:
        return f"/@{account.username}"
    url = account.url or account.actor_id
    return url if url.startswith(("https://", "http://")) else "#"


def site(address: str) -> str:
    """Return a web address as one reads it: its host, and its path when it has one."""
    parts = urlsplit(address)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}"


def words(
    text: str, instance: Instance | None = None, emojis: Iterable[tuple[str, str]] = ()
) -> Markup:
    """Return HTML as it may be shown (SEC-XSS-01), with pictures for the words that they stand for.

    *emojis* says for which ones: what stands between the colons, and the address. Nothing is
    put into a tag.
    """
    clean = html.clean(text)
    known = {code: url for code, url in emojis if url.startswith(("https://", "http://"))}
    if not known or instance is None:
        return Markup(clean)  # noqa: S704  # the sanitiser's own output
    picture = instance.picture

    def drawn(found: re.Match[str]) -> str:
        url = known.get(found[1])
        if url is None:
            return found[0]
        address, code = html.escape(picture("emoji", url)), html.escape(found[0])
        return f'<img class="emoji" src="{address}" alt="{code}" title="{code}">'

    parts = [
        part if part.startswith("<") else _NAMED.sub(drawn, part) for part in _TAGS.split(clean)
    ]
    return Markup("".join(parts))  # noqa: S704  # the same, and our own tag


def own_words(shown: Markup) -> Markup:
    """Return words of a profile, whose links say that they lead to the same person (rel=me)."""
    return Markup(lines.own(str(shown)))  # noqa: S704  # the sanitiser's own output


def emojis_of(post: Post) -> list[tuple[str, str]]:
    """Return the pictures that *post* names."""
    return [
        (str(tag.get("name", "")).strip(":"), str(icon.get("url", "")))
        for tag in post.tags
        if tag.get("type") == "Emoji" and isinstance(icon := tag.get("icon"), Mapping)
    ]


def browser_name(agent: str) -> str:
    """Say which browser and system a User-Agent header means, as well as one can tell."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), agent[:60] or "?")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} · {system}" if system else browser
