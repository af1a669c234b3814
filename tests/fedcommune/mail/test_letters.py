"""Letters: each in French and in English, as text and as HTML, with nothing smuggled in."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from fedcommune import i18n
from fedcommune.instance import Instance
from fedcommune.mail import letters
from tests.architecture.sources import ROOT

KINDS = sorted(path.stem for path in letters.TEMPLATES.glob("*.jinja"))
INSTANCE = Instance("saint-leu.example", "Saint-Leu")
LINK = "https://saint-leu.example/sign-up/confirm?token=abc_DEF-123"
VALUES = {
    name: f"some {name}"
    for name in (
        *("username", "email", "browser", "address", "passkey"),
        *("moment", "reason", "text", "action", "title", "day", "event", "facts", "name"),
        *("place", "organisation"),
    )
}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_written_in_both_languages(kind: str, language: str) -> None:
    letter = letters.write(
        INSTANCE, kind, "marie@mail.example", language, link=LINK, expires_at=None, **VALUES
    )

    assert letter.subject
    assert "{" not in letter.text + letter.subject
    assert ("Bonjour" in letter.text) is (language == "fr")
    assert LINK in letter.text
    assert f'href="{LINK}"' in letter.html
    assert f'lang="{language}"' in letter.html


@pytest.mark.parametrize("kind", KINDS)
def test_sec_xss_02_what_strangers_chose_cannot_become_markup_or_a_header(kind: str) -> None:
    evil = 'x"><script>alert(1)</script>\r\nBcc: y@z.example'
    letter = letters.write(
        INSTANCE,
        kind,
        "marie@mail.example",
        "en",
        link=LINK,
        expires_at=None,
        **dict.fromkeys(VALUES, evil),
    )

    assert "<script>" not in letter.html
    assert "\n" not in letter.subject
    assert "\r" not in letter.text


def _messages(folder: str, pattern: str, method: str) -> set[str]:
    found = extract_from_dir(
        ROOT / folder, method_map=[(pattern, method)], options_map={pattern: {"encoding": "utf-8"}}
    )
    return {
        message if isinstance(message, str) else message[0] for _f, _l, message, _c, _x in found
    }


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("folder", "pattern", "method"),
    [
        ("fedcommune/mail/templates", "**", "jinja2"),
        ("fedcommune/web/templates", "**.html", "jinja2"),
        ("fedcommune/web", "**.py", "python"),
        ("fedcommune/domain/citizens", "**.py", "python"),
    ],
)
def test_every_word_of_the_pages_and_letters_is_in_the_catalogue(
    language: str, folder: str, pattern: str, method: str
) -> None:
    path = Path(i18n.LOCALES) / language / "LC_MESSAGES" / f"{i18n.DOMAIN}.po"
    with path.open("rb") as source:
        catalogue = read_po(source)
    wanted = _messages(folder, pattern, method)
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue
        if message.string
    }

    assert wanted
    assert wanted - translated == set()
