"""What the commune's own voices carry."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fedcommune.domain.feeds.model import FEEDS, carriers


def test_projects_and_shops_have_their_feed() -> None:
    assert carriers("project", (), ()) == ["projets"]
    assert carriers("business", (), ()) == ["commerces"]
    assert carriers("citizen", (), ()) == []


def test_a_hashtag_chooses_a_feed() -> None:
    assert carriers("citizen", {"agenda"}, ()) == ["agenda"]
    assert carriers("association", {"don", "democratie"}, ()) == ["annonces", "democratie"]


def test_the_square_carries_what_is_addressed_to_it() -> None:
    assert carriers("stranger", (), {"place", "marie"}) == ["place"]
    assert carriers("citizen", (), {"agenda"}) == []


@given(st.text(), st.sets(st.text()), st.sets(st.text()))
def test_only_feeds_that_exist_carry_and_each_once(
    kind: str, hashtags: set[str], mentioned: set[str]
) -> None:
    names = carriers(kind, hashtags, mentioned)

    assert len(names) == len(set(names))
    assert set(names) <= {feed.username for feed in FEEDS}
