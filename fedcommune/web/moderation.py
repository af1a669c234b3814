"""The pages of those who moderate: reports, who waits to be let in, what was done.

For anybody else there is nothing here, not even a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.citizens.model import SignedIn
from fedcommune.domain.claims import queries as claims
from fedcommune.domain.moderation import actions, log, people, queries, told
from fedcommune.domain.moderation.model import Action, Measure, Report
from fedcommune.errors import CommuneError, Invalid, NotFound
from fedcommune.web import forms, sessions
from fedcommune.web.signing import commune_of, onwards

_LINES: Final = 30


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# What may be done about somebody, in the order in which it is offered.
MEASURES: Final = {
    Action.NONE: _("Only tell them"),
    Action.MARK_POSTS: _("Put the chosen posts behind a warning"),
    Action.DELETE_POSTS: _("Delete the chosen posts"),
    Action.SENSITIVE: _("Put all their pictures behind a warning"),
    Action.SILENCE: _("Show them only to those who follow them"),
    Action.DISABLE: _("Close the account: they no longer sign in"),
    Action.SUSPEND: _("Suspend the account: nobody sees it any more"),
}
# How the log says what was done; who did it stands before, to whom after.
DONE: Final = {
    Measure.SUSPEND: _("suspends"),
    Measure.UNSUSPEND: _("ended the suspension"),
    Measure.SILENCE: _("limits"),
    Measure.UNSILENCE: _("no longer limits"),
    Measure.SENSITIVE: _("put everything behind a warning"),
    Measure.UNSENSITIVE: _("ended the warning"),
    Measure.DISABLE: _("closed the account"),
    Measure.ENABLE: _("opened the account again"),
    Measure.WARN: _("wrote to"),
    Measure.APPROVE: _("let in"),
    Measure.REJECT: _("did not let in"),
    Measure.DELETE_DATA: _("deleted the data"),
    Measure.GIVE_ROLE: _("gave a role"),
    Measure.MARK_POSTS: _("put posts behind a warning"),
    Measure.DELETE_POSTS: _("deleted posts"),
    Measure.CLOSE_REPORT: _("closed a report"),
    Measure.REOPEN_REPORT: _("opened a report again"),
    Measure.ASSIGN_REPORT: _("gave somebody a report"),
    Measure.UNASSIGN_REPORT: _("took a report from somebody"),
    Measure.CHANGE_REPORT: _("changed a report"),
    Measure.BLOCK_HOST: _("keeps a server away"),
    Measure.LIMIT_HOST: _("limited a server"),
    Measure.RESTRAIN_HOST: _("rejects some of a server"),
    Measure.ALLOW_HOST: _("lets a server in again"),
    Measure.NOTE_HOST: _("noted a server down"),
    Measure.STRIKE_HOST: _("struck a server out"),
    Measure.BLOCK_EMAIL_DOMAIN: _("keeps an e-mail domain away"),
    Measure.UNBLOCK_EMAIL_DOMAIN: _("takes an e-mail domain again"),
    Measure.BLOCK_EMAIL: _("keeps an e-mail address away"),
    Measure.UNBLOCK_EMAIL: _("takes an e-mail address again"),
    Measure.BLOCK_ADDRESS: _("keeps a network away"),
    Measure.CHANGE_ADDRESS: _("changed what is kept from a network"),
    Measure.UNBLOCK_ADDRESS: _("lets a network in again"),
}
KINDS: Final = {
    "spam": _("Advertising"),
    "legal": _("Against the law"),
    "violation": _("Against the rules"),
    "other": _("Something else"),
}


async def show(request: Request) -> Response:
    """Open reports, who waits to be let in, the latest of the log."""
    return await _overview(request, await _moderator(request))


async def _overview(request: Request, who: SignedIn, error: CommuneError | None = None) -> Response:
    db = commune_of(request).database.pool
    reports = await queries.listed(db, limit=100)
    lines = await log.listed(db, limit=_LINES)
    ids = {each for report in reports for each in (report.account_id, report.reporter_id)}
    ids |= {each for line in lines for each in (line.by_id, line.account_id) if each}
    values: dict[str, Any] = {
        "here": "moderation",
        "who": who,
        "reports": reports,
        "waiting": await citizens.waiting(db),
        "claims": await claims.count_waiting(db),
        "lines": lines,
        "people": await accounts.by_ids(db, ids),
        "kinds": KINDS,
        "done": DONE,
    }
    if error is not None:
        return forms.again(request, "moderation/overview.html", error, {}, **values)
    return forms.page(request, "moderation/overview.html", **values)


async def decide(request: Request) -> Response:
    """Let somebody in who waits, or refuse them."""
    form = await forms.read(request)
    who = await _moderator(request)
    try:
        async with commune_of(request).database.transaction() as tx:
            account = await _named(tx, form.get("account", ""))
            if form.get("do") == "approve":
                _citizen, account = await actions.approve(tx, account, by=who.account)
                await actions.announce(tx, account)
            elif form.get("do") == "reject":
                await actions.reject(tx, account, by=who.account)
    except CommuneError as error:
        return await _overview(request, who, error)
    return onwards("/moderation")


async def show_report(request: Request) -> Response:
    """One report: who, about whom, what they wrote, and what may be done."""
    return await _report_page(request, await _moderator(request))


async def _report_page(
    request: Request,
    who: SignedIn,
    error: CommuneError | None = None,
    form: Mapping[str, str] | None = None,
) -> Response:
    commune = commune_of(request)
    db = commune.database.pool
    report = await _report(request)
    found = await people.by_ids(db, [report.account_id, report.reporter_id])
    values: dict[str, Any] = {
        "here": "moderation",
        "who": who,
        "report": report,
        "about": found[report.account_id],
        "reporter": found[report.reporter_id].account,
        "posts": list((await queries.reported_posts(db, report.post_ids)).values()),
        "strikes": await told.strikes_of(db, report.account_id),
        "rules": [
            text
            for number, text in enumerate(commune.config.commune.rules, start=1)
            if number in report.rule_ids
        ],
        "measures": [(each.value, words) for each, words in MEASURES.items()],
        "kinds": KINDS,
    }
    if error is not None:
        return forms.again(request, "moderation/report.html", error, form or {}, **values)
    return forms.page(request, "moderation/report.html", **values)


async def look_into(request: Request) -> Response:
    """Take a measure about whom a report is about, close it, open it again, or take it on."""
    form = await forms.read(request)
    who = await _moderator(request)
    report = await _report(request)
    try:
        async with commune_of(request).database.transaction() as tx:
            await _do(tx, who.account, report, form)
    except CommuneError as error:
        return await _report_page(request, who, error, form)
    return onwards("/moderation" if form.get("do") != "assign" else f"/moderation/{report.id}")


async def _do(tx: Transaction, by: Account, report: Report, form: Mapping[str, str]) -> None:
    match form.get("do"):
        case "assign":
            await actions.assign_report(tx, report.id, by, by=by)
        case "close":
            await actions.close_report(tx, report.id, by=by)
        case "reopen":
            await actions.reopen_report(tx, report.id, by=by)
        case "act":
            await _act(tx, by, report, form)
        case _:
            raise Invalid("do", _("Choose what to do."))


async def _act(tx: Transaction, by: Account, report: Report, form: Mapping[str, str]) -> None:
    action = next((each for each in MEASURES if each.value == form.get("action")), None)
    account = await accounts.by_id(tx.db, report.account_id)
    if action is None or account is None:
        raise Invalid("action", _("Choose what to do."))
    text, letter = form.get("text", "").strip(), form.get("letter") == "yes"
    if action not in (Action.MARK_POSTS, Action.DELETE_POSTS):
        await actions.act(tx, account, action, by=by, text=text, report_id=report.id, letter=letter)
        return
    chosen = [each for each in report.post_ids if form.get(f"post-{each}") == "yes"]
    if not chosen:
        raise Invalid("action", _("Choose the posts that this is about."))
    measure = actions.mark_posts if action is Action.MARK_POSTS else actions.delete_posts
    await measure(tx, account, chosen, by=by, text=text, report_id=report.id, letter=letter)
    if report.closed_at is None:
        await actions.close_report(tx, report.id, by=by)


async def _moderator(request: Request) -> SignedIn:
    """Return who reads, if they moderate here. Raises SignInFirst, NotFound for others."""
    who = await sessions.required(request)
    if not who.account.role.moderates:
        raise NotFound
    return who


async def _report(request: Request) -> Report:
    text = request.path_params["number"]
    found = None
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        found = await queries.by_id(commune_of(request).database.pool, int(text))
    if found is None:
        raise NotFound
    return found


async def _named(tx: Transaction, text: str) -> Account:
    found = None
    if text.isascii() and text.isdecimal() and len(text) <= 18:
        found = await accounts.by_id(tx.db, int(text))
    if found is None or not found.local or found.deleted_at is not None:
        raise NotFound
    return found
