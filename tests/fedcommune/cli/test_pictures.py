"""Faces, banners and small pictures for words, from the command line."""

from __future__ import annotations

import pytest

from tests.fedcommune.cli.conftest import Terminal
from tests.support import pictures


def test_an_actor_gets_a_face_and_a_banner_and_loses_them(terminal: Terminal) -> None:
    file = terminal.folder / "me.jpg"
    file.write_bytes(pictures.from_a_telephone())

    given = terminal.ask(
        *("actor", "picture", "@marie", "--avatar", str(file), "--header", str(file))
    )
    taken = terminal.ask("actor", "picture", "@marie", "--without", "avatar")

    assert given["icon"].endswith(".jpg")
    assert given["image"] != given["icon"]
    assert taken["icon"] is None
    assert taken["image"] == given["image"]


def test_what_is_no_picture_is_refused_and_nothing_changes(terminal: Terminal) -> None:
    file = terminal.folder / "me.jpg"
    file.write_bytes(b"<svg/>")

    refused = terminal.ask("actor", "picture", "@marie", "--avatar", str(file), code=1)

    assert "not a picture" in refused["error"]
    assert terminal.type("actor", "picture", "@marie").exit_code == 2


def test_pictures_stand_for_words_until_they_are_removed(terminal: Terminal) -> None:
    file = terminal.folder / "gecko.png"
    file.write_bytes(pictures.png((200, 200)))

    added = terminal.ask("emoji", "add", ":gecko:", str(file), "--category", "Animaux")
    again = terminal.ask("emoji", "add", "gecko", str(file))
    listed = terminal.ask("emoji", "list")
    removed = terminal.ask("emoji", "remove", "gecko")

    assert added["shortcode"] == "gecko"
    assert again["url"] != added["url"]
    assert again["object_id"] == added["object_id"]
    assert [each["url"] for each in listed] == [again["url"]]
    assert removed == {"shortcode": "gecko", "removed": True}
    assert terminal.ask("emoji", "list") == []
    assert terminal.ask("emoji", "remove", "gecko", code=1)["exit_code"] == 1


@pytest.mark.parametrize("code", ["x", "un mot", "../x"])
def test_a_word_that_cannot_be_typed_is_refused(terminal: Terminal, code: str) -> None:
    file = terminal.folder / "gecko.png"
    file.write_bytes(pictures.png((20, 20)))

    assert terminal.ask("emoji", "add", code, str(file), code=1)["error"].startswith("shortcode: ")
    assert terminal.ask("emoji", "list") == []
