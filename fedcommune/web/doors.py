"""The addresses of the pages behind forms: to come in, to decide, to moderate, to take part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from fedcommune.web import (
    acting,
    collections,
    conversations,
    feeds,
    finding,
    joining,
    language,
    letters,
    moderation,
    notices,
    official,
    organisations,
    pages,
    passkeys,
    people,
    personal,
    pictures,
    planning,
    presenting,
    reacting,
    recommendations,
    recovering,
    second_step,
    settings,
    signing,
    subscribing,
    taking_part,
    three_lists,
    writing,
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
        *_both("/settings/profile", presenting.show, presenting.change),
        *_both("/settings/email", settings.show_email, settings.change_email),
        _send("/settings/email/cancel", settings.cancel_email),
        *_both("/settings/email/confirm", settings.show_email_end, settings.confirm_email),
        *_both("/settings/letters", letters.show, letters.choose),
        *_both("/letters", subscribing.show, subscribing.ask),
        *_both("/letters/confirm", subscribing.show_confirm, subscribing.confirm),
        *_both("/settings/password", settings.show_password, settings.change_password),
        *_both("/settings/sessions", settings.show_sessions, settings.end_session),
        *_both("/settings/applications", settings.show_applications, settings.end_application),
        *_both("/settings/collections", collections.show_mine, collections.answer),
        *_both("/settings/links", taking_part.show_mine, taking_part.join_elsewhere),
        *_both("/found", organisations.show_found, organisations.found),
        *_both("/@{username:str}/edit", organisations.show_edit, organisations.edit),
        *_both("/@{username:str}/close", organisations.show_close, organisations.close),
        *_both("/@{username:str}/join", taking_part.show_join, taking_part.join),
        *_both("/@{username:str}/people", taking_part.show_people, taking_part.invite),
        _send("/links/{link:str}", taking_part.change),
        *_both("/settings/lists", three_lists.show, three_lists.change),
        *_both("/recommend/{account:str}", recommendations.show, recommendations.send),
        *_both(
            "/recommend/{account:str}/answer/{post:str}",
            recommendations.show_answer,
            recommendations.answer,
        ),
        *_both("/settings/personal", personal.show, personal.change),
        Route("/welcome", three_lists.welcome, methods=["GET"]),
        *_both("/settings/second-step", second_step.show, second_step.propose),
        _send("/settings/second-step/on", second_step.turn_on),
        _send("/settings/second-step/codes", second_step.renew),
        _send("/settings/second-step/off", second_step.turn_off),
        *_both("/settings/passkeys", passkeys.show, passkeys.add),
        _send("/settings/passkeys/remove", passkeys.remove),
        *_both("/settings/leave", settings.show_leave, settings.leave),
        *_both("/notices", official.show, official.give),
        _send("/notices/lift", official.lift),
        *_both("/moderation", moderation.show, moderation.decide),
        *_both("/moderation/{number:str}", moderation.show_report, moderation.look_into),
        *_taking_part(),
    ]


def _taking_part() -> list[Route]:
    """What one reads and does when one is signed in, as oneself or for those one administers."""
    return [
        _send("/acting", acting.switch),
        Route("/language", language.choose, methods=["GET"]),
        Route("/home", feeds.home, methods=["GET"]),
        Route("/nearby", feeds.neighbours, methods=["GET"]),
        Route("/bookmarks", feeds.bookmarks, methods=["GET"]),
        *_both("/write", writing.show, writing.publish),
        Route("/posts/{post:str}", pages.post_here, methods=["GET"]),
        *_both("/posts/{post:str}/edit", writing.show_edit, writing.edit),
        *_both("/posts/{post:str}/delete", writing.show_delete, writing.delete),
        _send("/posts/{post:str}/do", reacting.do),
        Route("/people/{account:str}", people.show, methods=["GET"]),
        _send("/people/{account:str}/do", people.do),
        *_both("/people/{account:str}/report", people.show_report, people.report),
        Route("/planned", planning.show, methods=["GET"]),
        _send("/planned/{post:str}", planning.change),
        *_both("/planned/{post:str}/edit", planning.show_edit, planning.edit),
        Route("/find", finding.show, methods=["GET"]),
        Route("/notifications", notices.show, methods=["GET"]),
        _send("/notifications/read", notices.read),
        Route("/messages", conversations.show_all, methods=["GET"]),
        *_both("/messages/{conversation:str}", conversations.show, conversations.answer),
    ]


def _both(path: str, show: Page, receive: Page) -> list[Route]:
    return [Route(path, show, methods=["GET"]), Route(path, receive, methods=["POST"])]


def _send(path: str, receive: Page) -> Route:
    return Route(path, receive, methods=["POST"])
