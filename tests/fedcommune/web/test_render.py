"""What templates are given: faces, addresses, moments, files."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from fedcommune.domain.accounts.model import Account, Kind
from fedcommune.web import render

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def _account(name: str, *, local: bool = True, url: str | None = None) -> Account:
    return Account(
        id=1,
        actor_id="https://elsewhere.example/users/1",
        local=local,
        type="Person",
        kind=Kind.CITIZEN,
        username="marie",
        domain="commune.example",
        name=name,
        summary="",
        source="",
        url=url,
        inbox="https://elsewhere.example/inbox",
        shared_inbox=None,
        followers_url=None,
        featured_url=None,
        icon=None,
        image=None,
        fields=(),
        locked=False,
        discoverable=True,
        indexable=False,
        latitude=None,
        longitude=None,
        territory=None,
        also_known_as=(),
        moved_to=None,
        moved_at=None,
        created_at=NOW,
        updated_at=NOW,
        fetched_at=None,
        suspended_at=None,
        deleted_at=None,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Marie Hoarau", "MH"),
        ("marie", "M"),
        ("L'Écho du lagon", "LÉ"),
        ("", "M"),
        ("   ", "·"),
        ("😀 😀", "·"),
        ("<b> x", "X"),
        ("Les Amis de la Pointe", "LA"),
    ],
)
def test_a_face_has_letters(name: str, expected: str) -> None:
    assert render.initials(_account(name)) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://elsewhere.example/@marie", "https://elsewhere.example/@marie"),
        ("javascript:alert(1)", "#"),
        ("data:text/html,x", "#"),
        (None, "https://elsewhere.example/users/1"),
    ],
)
def test_sec_xss_03_the_page_of_a_stranger_is_on_the_web(url: str | None, expected: str) -> None:
    assert render.page_of(_account("Marie", local=False, url=url)) == expected
    assert render.page_of(structs.replace(_account("Marie"), url=url)) == "/@marie"


def test_moments_are_told_as_people_there_tell_them() -> None:
    moment = render.moment_in("fr", ZoneInfo("Indian/Reunion"))
    assert moment(NOW) == "1er\xa0septembre 2026\xa0·\xa012:00"
    assert render.moment_in("en", ZoneInfo("Europe/Paris"))(NOW).startswith("September 1, 2026")


def test_a_file_has_its_version_in_its_address() -> None:
    address = render.static("commune.css")
    assert address.startswith("/static/commune.css?v=")
    assert address == render.static("commune.css")
