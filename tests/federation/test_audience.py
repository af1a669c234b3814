"""Who may read it, from ``to`` and ``cc`` and back."""

from __future__ import annotations

from typing import Any

import pytest

from federation import audience
from federation.audience import ORDER
from federation.names import PUBLIC

FOLLOWERS = "https://social.example/users/ana/followers"
BOB = "https://autre.example/users/bob"


@pytest.mark.parametrize("public", [PUBLIC, "as:Public", "Public", {"id": PUBLIC}])
def test_w_doc_08_public_is_public_in_every_spelling(public: Any) -> None:
    assert audience.read({"to": public}, followers=FOLLOWERS) == "public"
    assert audience.read({"to": [BOB, public]}, followers=None) == "public"
    assert audience.read({"to": FOLLOWERS, "cc": [public]}, followers=FOLLOWERS) == "unlisted"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"to": [FOLLOWERS]}, "followers"),
        ({"to": [BOB], "cc": FOLLOWERS}, "followers"),
        ({"to": [BOB]}, "direct"),
        ({"to": [BOB], "directMessage": True}, "direct"),
        ({"to": [BOB], "directMessage": False}, "limited"),
        ({"to": [BOB], "directMessage": "false"}, "limited"),
        ({"to": [BOB], "audience": PUBLIC, "bto": PUBLIC}, "direct"),
        ({"to": ["https://autre.example/users/bob/followers"]}, "direct"),
        ({}, "direct"),
        ({"to": 7, "cc": {"x": 1}}, "direct"),
    ],
)
def test_w_doc_08_the_narrow_audiences(document: dict[str, Any], expected: str) -> None:
    assert audience.read(document, followers=FOLLOWERS) == expected


def test_w_doc_08_the_caller_may_know_better_than_the_document() -> None:
    assert audience.read({"to": [BOB]}, followers=None, direct_flag=False) == "limited"


def test_w_doc_08_without_a_known_collection_nothing_is_for_followers() -> None:
    assert audience.read({"to": [FOLLOWERS]}, followers=None) == "direct"


@pytest.mark.parametrize("wide", ORDER)
@pytest.mark.parametrize("narrow", ORDER)
def test_w_evt_05_the_narrower_of_a_reply_and_its_parent_counts(wide: Any, narrow: Any) -> None:
    found = audience.narrower(wide, narrow)

    assert found == audience.narrower(narrow, wide)
    assert ORDER.index(found) == max(ORDER.index(wide), ORDER.index(narrow))


@pytest.mark.parametrize("who", ORDER)
def test_w_doc_08_what_is_written_is_read_back(who: Any) -> None:
    to, cc = audience.write(who, followers=FOLLOWERS, mentioned=[BOB, BOB, FOLLOWERS, PUBLIC])
    flag = False if who == "limited" else None

    assert audience.read({"to": to, "cc": cc}, followers=FOLLOWERS, direct_flag=flag) == who
    assert (to + cc).count(BOB) == 1
    assert len(to + cc) == len(set(to + cc))


def test_an_audience_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="nobody"):
        audience.write("nobody", followers=None)
