import pytest
from msgspec import structs

from fedcommune.database import Transaction
from fedcommune.domain.posts.model import (
    MAX_CHARACTERS,
    MAX_REMOTE_HOSTS,
    MAX_WARNING,
    Draft,
    Page,
    checked,
    hashtags,
)
from fedcommune.errors import Invalid
from tests.fedcommune.domain.people import People


def test_a_draft_is_tidied() -> None:
    draft = checked(Draft("  Bonjour\r\nà tous\x00 \ud800 ", summary=" un \n mot "))

    assert draft.text == "Bonjour\nà tous"
    assert draft.summary == "un mot"


def test_a_warning_makes_a_post_sensitive() -> None:
    assert checked(Draft("Bonjour", summary="Cuisine")).sensitive
    assert not checked(Draft("Bonjour")).sensitive


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(" \n\t"), "text"),
        (Draft("x" * (MAX_CHARACTERS + 1)), "text"),
        (Draft("x", summary="y" * (MAX_WARNING + 1)), "summary"),
    ],
)
def test_what_is_empty_or_too_long_needs_a_correction(draft: Draft, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(draft)

    assert refusal.value.field == field


def test_exactly_five_thousand_characters_are_a_post() -> None:
    assert len(checked(Draft("é" * MAX_CHARACTERS)).text) == MAX_CHARACTERS


async def test_sec_dos_07_people_of_fifty_one_servers_are_too_many(
    tx: Transaction, people: People
) -> None:
    ada = await people.stranger("ada")
    crowd = tuple(
        structs.replace(ada, id=number, domain=f"h{number}.example")
        for number in range(MAX_REMOTE_HOSTS + 1)
    )

    with pytest.raises(Invalid):
        checked(Draft("Bonjour", mentioned=crowd))

    assert len(checked(Draft("Bonjour", mentioned=crowd[1:])).mentioned) == MAX_REMOTE_HOSTS


def test_hashtags_are_stored_in_one_spelling() -> None:
    assert hashtags(["#Fête", "fête", "Saint_Leu", "12", "a b", "#" + "x" * 101]) == [
        "fête",
        "saint_leu",
    ]


@pytest.mark.parametrize("limit", [0, 41, -1])
def test_a_page_has_one_to_forty_entries(limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 40"):
        Page(limit=limit)
