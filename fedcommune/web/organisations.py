"""Found an association, a shop, an authority, a group or a project; say what it is; close it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune import geocoding
from fedcommune.commune import Commune
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.lines import ACCESSIBILITY
from fedcommune.domain.accounts.model import Account, Kind, is_username
from fedcommune.domain.links.model import JOINABLE, Openness
from fedcommune.domain.organisations import actions
from fedcommune.domain.organisations.model import WORDS, Draft, Facts, Revision, facts_of
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import CARRIERS, stage_named
from fedcommune.domain.projects.model import Draft as ProjectDraft
from fedcommune.domain.territory.addresses import Address
from fedcommune.errors import CommuneError, Invalid, NotAllowed, NotFound
from fedcommune.web import acting, forms
from fedcommune.web.signing import commune_of, onwards
from federation import keys


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# What one can found, and what each is, in one sentence.
KINDS: Final = {
    Kind.ASSOCIATION: (_("An association"), _("A club, a troupe, a collective with its statutes.")),
    Kind.BUSINESS: (_("A shop or a service"), _("A grocery, a garage, a nurse, a craftsman.")),
    Kind.PROJECT: (_("A project"), _("Something to build together, from the idea on.")),
    Kind.GROUP: (_("A group"), _("Neighbours, parents, walkers: no statutes needed.")),
    Kind.AUTHORITY: (_("A local authority"), _("The town hall, a school, a public service.")),
}
OPENNESS: Final = {
    Openness.OPEN: _("Whoever wants takes part at once"),
    Openness.MODERATED: _("Whoever wants asks, an administrator says yes"),
    Openness.INVITATION: _("One is invited"),
}


async def show_found(request: Request) -> Response:
    """First what it is; then how it is called."""
    reader = await acting.required(request)
    values = _choices(request.query_params.get("kind", ""), reader)
    return forms.page(request, "actors/found.html", here="actors", **values)


async def found(request: Request) -> Response:
    """Open it, its keys made before, and go on to where it is and how it is reached."""
    form = await forms.read(request)
    reader = await acting.required(request)
    kind = form.get("kind", "")
    try:
        if kind not in set(KINDS):
            raise Invalid("kind", _("Choose what it is."))
        username = form.get("username", "").strip().lower()
        if not is_username(username):
            raise Invalid("username", _("A short name has 1 to 30 letters a–z, digits and _."))
        if not form.get("name", "").strip():
            raise Invalid("name", _("Write the name that others will read."))
        openness = _openness(form)
        pair = await asyncio.to_thread(keys.generate)
        # A person runs it in any case; what they act as may carry a project.
        async with acting.doing(request, form) as (tx, chosen):
            name, words = form["name"].strip(), form.get("text", "").strip()
            if kind == Kind.PROJECT:
                project = ProjectDraft(username, name, words, openness=openness)
                carrier = chosen if chosen.kind in CARRIERS else None
                made = await projects.start(tx, reader.who.account, project, pair, carrier=carrier)
            else:
                draft = Draft(kind, username, name, words, openness)
                made = await actions.found(tx, reader.who.account, draft, pair)
    except CommuneError as error:
        if isinstance(error, NotAllowed):
            raise
        values = _choices(kind, reader)
        return forms.again(request, "actors/found.html", error, form, here="actors", **values)
    return onwards(f"/@{made.username}/edit?new=yes")


async def show_edit(request: Request) -> Response:
    """The whole page of an organisation or a project, to be said anew."""
    by, account = await administered(request)
    return _editing(request, account, _typed(account), by=by)


async def edit(request: Request) -> Response:
    """Keep what was said; the address is looked for before anything is written."""
    form = await forms.read(request)
    by, account = await administered(request)
    commune = commune_of(request)
    try:
        revision = _revision(form)
        revision.check()
        found_at = await _located(commune, account, revision)
        if found_at is not None:
            revision = replace(revision, latitude=found_at.latitude, longitude=found_at.longitude)
        elif revision.facts.address == facts_of(account).address:
            revision = replace(revision, latitude=account.latitude, longitude=account.longitude)
        async with commune.database.transaction() as tx:
            await actions.edit(tx, by, account.id, revision)
            if account.kind is Kind.PROJECT and form.get("stage"):
                await projects.move(tx, by, account, stage_named(form["stage"]))
    except CommuneError as error:
        if isinstance(error, NotFound):
            raise
        return _editing(request, account, form, error, by=by)
    return onwards(f"/@{account.username}")


async def show_close(request: Request) -> Response:
    """The page that says what deleting means."""
    _by, account = await administered(request)
    return forms.page(request, "actors/close.html", account=account)


async def close(request: Request) -> Response:
    """Delete it for good, its short name typed out."""
    form = await forms.read(request)
    by, account = await administered(request)
    try:
        async with commune_of(request).database.transaction() as tx:
            await actions.close(tx, by, account.id, form.get("username", ""))
    except Invalid as error:
        return forms.again(request, "actors/close.html", error, {}, account=account)
    return onwards("/settings/links")


async def administered(request: Request) -> tuple[Account, Account]:
    """Return who decides about the organisation or project of the address, and that.

    It is the person who reads, or as whom they act: an association runs the page of its
    project. Raises SignInFirst, NotFound for what is none of ours, NotAllowed for another's.
    """
    reader = await acting.required(request)
    account = await joinable(request)
    by = await acting.decider(commune_of(request).database.pool, reader, account)
    if by is None:
        raise NotAllowed(_("Only an administrator of this page can do this."))
    return by, account


async def joinable(request: Request) -> Account:
    """Return the living organisation or project of ours that the address names."""
    db = commune_of(request).database.pool
    name = str(request.path_params["username"]).lower()
    account = await accounts.local_by_username(db, name)
    if account is None or not account.is_active or account.kind not in JOINABLE:
        raise NotFound
    return account


def _choices(kind: str, reader: acting.Reader) -> dict[str, Any]:
    carriers = [each for each in reader.actors[1:] if each.kind in CARRIERS]
    return {
        "me": reader.account,
        "actors": [reader.who.account, *carriers] if kind == Kind.PROJECT else [],
        "kinds": KINDS,
        "kind": Kind(kind) if kind in set(KINDS) else None,
        "openness": OPENNESS,
    }


def _editing(
    request: Request,
    account: Account,
    form: Mapping[str, str],
    error: CommuneError | None = None,
    **values: Any,
) -> Response:
    values |= {
        "account": account,
        "openness": OPENNESS,
        "accessibility": ACCESSIBILITY,
        "stages": projects.STAGES if account.kind is Kind.PROJECT else {},
        "is_new": bool(request.query_params.get("new")),
    }
    template = "actors/edit.html"
    if error is not None:
        return forms.again(request, template, error, form, **values)
    return forms.page(request, template, form=form, **values)


def _typed(account: Account) -> dict[str, str]:
    """Return the fields of the form as they stand now."""
    details, facts = account.details, facts_of(account)
    return {
        "name": account.name,
        "text": account.source,
        "tags": " ".join(f"#{each}" for each in facts.tags),
        "openness": details.openness or Openness.MODERATED,
        "stage": details.stage or "",
        "siret": details.siret or "",
        "rna": details.rna or "",
        **{name: str(getattr(facts, name)) for name in WORDS},
    }


def _revision(form: Mapping[str, str]) -> Revision:
    def number(name: str) -> str | None:
        # People copy them with spaces.
        return "".join(form.get(name, "").split()).upper() or None

    said = {name: form.get(name, "").strip() for name in WORDS}
    return Revision(
        name=form.get("name", ""),
        text=form.get("text", ""),
        openness=_openness(form),
        siret=number("siret"),
        rna=number("rna"),
        facts=Facts(tags=tuple(form.get("tags", "").replace(",", " ").split()), **said),
    )


def _openness(form: Mapping[str, str]) -> Openness:
    try:
        return Openness(form.get("openness") or Openness.MODERATED)
    except ValueError:
        raise Invalid("openness", _("Choose one of the answers.")) from None


async def _located(commune: Commune, account: Account, revision: Revision) -> Address | None:
    """Return where a new address is, None when it is the old one or nobody can tell."""
    address = revision.facts.address
    unchanged = address == facts_of(account).address and account.latitude is not None
    if not address or unchanged:
        return None
    known = await geocoding.located(commune, address)
    return known[0] if known else None
