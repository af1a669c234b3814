"""Write letters: one template each, as text and as HTML, in the language of who reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fedcommune import i18n
from fedcommune.instance import Instance
from fedcommune.text import places

TEMPLATES: Final = Path(__file__).parent / "templates"
WIDTH: Final = 76
_EMPTY_LINES: Final = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it leaves. ``link`` opens a door: it stands in the texts too.

    ``unsubscribe`` is where such letters are stopped by one click (RFC 8058).

    ``expires_at`` (UTC) is when it is not worth sending any more.
    """

    kind: str
    recipient: str
    subject: str
    language: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    link: str = field(default="", repr=False)
    expires_at: datetime | None = None
    unsubscribe: str = field(default="", repr=False)


def write(
    instance: Instance,
    kind: str,
    recipient: str,
    language: str,
    *,
    link: str = "",
    expires_at: datetime | None = None,
    **values: str,
) -> Letter:
    """Return the letter *kind* (a template here) to *recipient* in *language*.

    *values* are plain text; what strangers chose is one line and cannot become markup.
    """
    lines = {name: " ".join(text.split()) for name, text in values.items()}

    def rendered(layout: str) -> str:
        return (
            _environment(language, layout == "letter.html")
            .get_template(f"{kind}.jinja")
            .render(instance=instance, language=language, link=link, layout=layout, **lines)
        )

    return Letter(
        kind=kind,
        recipient=recipient,
        subject=" ".join(rendered("subject.txt").split()),
        language=language,
        text=rendered("letter.txt").strip() + "\n",
        html=rendered("letter.html"),
        link=link,
        expires_at=expires_at,
    )


def compose(
    instance: Instance,
    kind: str,
    recipient: str,
    language: str,
    *,
    unsubscribe: str,
    expires_at: datetime | None = None,
    **values: Any,
) -> Letter:
    """Return a gathered letter, of the template *kind* in ``gathered/``, that can be stopped.

    The texts in *values* are plain, on one line each where a stranger chose them; they cannot
    become markup. *unsubscribe* is the link that stops such letters.
    """

    def rendered(layout: str) -> str:
        return (
            _environment(language, layout.endswith(".html"))
            .get_template(f"gathered/{kind}.jinja")
            .render(
                instance=instance,
                language=language,
                unsubscribe=unsubscribe,
                layout=f"gathered/{layout}" if layout.startswith("layout") else layout,
                html=layout.endswith(".html"),
                **values,
            )
        )

    text = _EMPTY_LINES.sub("\n\n", rendered("layout.txt")).strip() + "\n"
    return Letter(
        kind=kind,
        recipient=recipient,
        subject=" ".join(rendered("subject.txt").split()),
        language=language,
        text=text,
        html=rendered("layout.html"),
        expires_at=expires_at,
        unsubscribe=unsubscribe,
    )


@cache
def _environment(language: str, html: bool) -> Environment:
    translations = i18n.translations(language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,  # noqa: S701  # the other one writes plain text
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
        lines=_lines,
        at=lambda name: places.at(name, language),
    )
    return environment


def _lines(text: str) -> str:
    """Fold a paragraph of a text letter; links stay whole."""
    return fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)
