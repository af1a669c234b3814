"""What a post quotes, under all the words there are, and stamps (W-QUO-01, W-QUO-02)."""

from __future__ import annotations

from typing import Any

import pytest

from federation.errors import RefusedError
from federation.names import LD_JSON_AS2
from federation.vocabulary import quotes
from federation.vocabulary.quotes import QuoteView, Stamp

TARGET = "https://m.example/1"
REL = "https://misskey-hub.net/ns#_misskey_quote"


@pytest.mark.parametrize("word", quotes.OLD_WORDS)
def test_w_quo_01_the_words_of_before_ask_nobody(word: str) -> None:
    assert quotes.read({word: TARGET}) == QuoteView(TARGET, legacy=True)


def test_w_quo_01_the_word_of_today_wins_and_names_its_stamp() -> None:
    said = {"quote": TARGET, "quoteUri": "https://m.example/2"}

    assert quotes.read(said) == QuoteView(TARGET)
    assert quotes.read({**said, "quoteAuthorization": "https://m.example/stamps/3"}) == QuoteView(
        TARGET, "https://m.example/stamps/3"
    )
    assert quotes.read({**said, "quote": "javascript:alert(1)"}) == QuoteView(
        "https://m.example/2", legacy=True
    )


def test_fep_e232_a_link_tag_quotes_when_it_says_so() -> None:
    link = {"type": "Link", "href": TARGET, "mediaType": LD_JSON_AS2}

    assert quotes.read({"tag": [link]}) is None
    assert quotes.read({"tag": [{**link, "rel": REL}]}) == QuoteView(TARGET, legacy=True)
    assert quotes.read({"tag": quotes.link_tag(TARGET, "RE")}) == QuoteView(TARGET, legacy=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Note"},
        {"attributedTo": ["https://a.example/1", "https://a.example/2"]},
        {"interactingObject": None},
        {"interactionTarget": 7},
        {"id": None},
    ],
)
def test_w_quo_02_a_stamp_leaves_nothing_open(wrong: dict[str, Any]) -> None:
    stamp = Stamp("https://a.example/s/1", "https://a.example/1", "https://b.example/1", TARGET)
    document = quotes.write_stamp(stamp)
    assert quotes.read_stamp(document) == stamp

    with pytest.raises(RefusedError):
        quotes.read_stamp({**document, **wrong})
