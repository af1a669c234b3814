"""The addresses of the pages behind forms: to come in, to decide about oneself, to moderate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune.web import (
    collections,
    joining,
    moderation,
    passkeys,
    pictures,
    recovering,
    second_step,
    settings,
    signing,
)

Page = Callable[[Request], Awaitable[Response]]


def routes() -> list[Route]:
    """Every page has a form; what it sends goes to the same address, or to the one it names."""
    return [
        *_both("/sign-in", signing.show_sign_in, signing.sign_in),
        _send("/sign-in/second", signing.second_step),
        *_both("/sign-in/letter", recovering.show_letter, recovering.ask_letter),
        *_both("/sign-in/link", signing.show_link, signing.sign_in_by_link),
        *_both("/sign-in/passkey", passkeys.show_door, passkeys.sign_in),
        _send("/sign-out", signing.sign_out),
        *_both("/sign-up", joining.show, joining.begin),
        _send("/sign-up/who", joining.finish),
        *_both("/sign-up/confirm", joining.show_confirm, joining.confirm),
        *_both("/password", recovering.show_forgotten, recovering.ask_reset),
        *_both("/password/new", recovering.show_new, recovering.choose_new),
        Route("/settings", settings.overview, methods=["GET"]),
        _send("/settings/language", settings.change_language),
        *_both("/settings/pictures", pictures.show, pictures.change),
        *_both("/settings/email", settings.show_email, settings.change_email),
        _send("/settings/email/cancel", settings.cancel_email),
        *_both("/settings/email/confirm", settings.show_email_end, settings.confirm_email),
        *_both("/settings/password", settings.show_password, settings.change_password),
        *_both("/settings/sessions", settings.show_sessions, settings.end_session),
        *_both("/settings/applications", settings.show_applications, settings.end_application),
        *_both("/settings/collections", collections.show_mine, collections.answer),
        *_both("/settings/second-step", second_step.show, second_step.propose),
        _send("/settings/second-step/on", second_step.turn_on),
        _send("/settings/second-step/codes", second_step.renew),
        _send("/settings/second-step/off", second_step.turn_off),
        *_both("/settings/passkeys", passkeys.show, passkeys.add),
        _send("/settings/passkeys/remove", passkeys.remove),
        *_both("/settings/leave", settings.show_leave, settings.leave),
        *_both("/moderation", moderation.show, moderation.decide),
        *_both("/moderation/{number:str}", moderation.show_report, moderation.look_into),
    ]


def _both(path: str, show: Page, receive: Page) -> list[Route]:
    return [Route(path, show, methods=["GET"]), Route(path, receive, methods=["POST"])]


def _send(path: str, receive: Page) -> Route:
    return Route(path, receive, methods=["POST"])
