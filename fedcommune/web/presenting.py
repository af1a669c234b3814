"""How one presents oneself, and those one administers: name, words, who may find and follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.domain.accounts import actions, profiles
from fedcommune.domain.accounts.model import MAX_FIELD, Account, Changes, Field, Kind
from fedcommune.errors import CommuneError, Invalid
from fedcommune.text import html, mentions
from fedcommune.text.mentions import Links
from fedcommune.web import acting, forms
from fedcommune.web.signing import commune_of, onwards

FIELDS: Final = 4


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def show(request: Request) -> Response:
    """``GET /settings/profile``: the profile of whom one acts as, in a form."""
    reader = await acting.required(request)
    account = reader.account
    said = {
        "name": account.name,
        "summary": account.source or html.plain(account.summary),
        "locked": "on" if account.locked else "",
        "discoverable": "on" if account.discoverable else "",
        "indexable": "on" if account.indexable else "",
        "listed": "on" if account.details.listed else "",
    }
    for place, line in enumerate(account.fields[:FIELDS], 1):
        said[f"field-{place}"] = line.name
        said[f"value-{place}"] = html.plain(line.value)
    return forms.page(request, "settings/profile.html", **_values(account), form=said)


async def change(request: Request) -> Response:
    """``POST /settings/profile``: keep it, and tell those who follow."""
    form = await forms.read(request)
    account = await acting.as_whom(request, form)
    try:
        async with acting.doing(request, form) as (tx, account):
            await actions.edit(tx, account, _changes(request, account, form))
    except Invalid as error:
        return await _again(request, account, error, form)
    return onwards(f"/@{account.username}")


async def _again(
    request: Request, account: Account, error: CommuneError, form: Mapping[str, str]
) -> Response:
    return forms.again(request, "settings/profile.html", error, form, **_values(account))


def _values(account: Account) -> dict[str, Any]:
    return {
        "here": "settings",
        "account": account,
        "lines": max(FIELDS, len(account.fields)),
        "is_person": account.kind is Kind.CITIZEN,
    }


def _changes(request: Request, account: Account, form: Mapping[str, str]) -> Changes:
    instance = commune_of(request).instance
    written = profiles.written(instance, form.get("summary", "").strip())
    listed = bool(form.get("listed")) and account.kind is Kind.CITIZEN
    return Changes(
        name=form.get("name", "").strip(),
        summary=written.summary,
        source=written.source,
        fields=_fields(form, Links({}, instance.tag_page)) + account.fields[FIELDS:],
        locked=bool(form.get("locked")),
        discoverable=bool(form.get("discoverable")),
        indexable=bool(form.get("indexable")),
        details=replace(account.details, listed=listed),
    )


def _fields(form: Mapping[str, str], links: Links) -> tuple[Field, ...]:
    """Return the lines of the profile, the empty ones left out. Raises Invalid."""
    found = []
    for place in range(1, FIELDS + 1):
        name, value = form.get(f"field-{place}", "").strip(), form.get(f"value-{place}", "").strip()
        if not name and not value:
            continue
        if not name or len(name) > MAX_FIELD or len(value) > MAX_FIELD:
            raise Invalid(f"field-{place}", _("A line has a name, and not more than 255 letters."))
        found.append(Field(name, html.clean(mentions.render_line(value, links))))
    return tuple(found)
