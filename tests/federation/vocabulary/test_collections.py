"""Collections: ours as peers need them, strangers' within a budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.vocabulary import collections
from federation.vocabulary.collections import Walk

ID = "https://social.example/users/ana/outbox"


def test_w_doc_09_a_collection_tells_its_total_and_its_first_page() -> None:
    assert collections.collection(ID, 3, first=f"{ID}/page", last=f"{ID}/last") == {
        "id": ID,
        "type": "OrderedCollection",
        "totalItems": 3,
        "first": f"{ID}/page",
        "last": f"{ID}/last",
    }
    hidden = collections.collection(ID, 3, ordered=False, attributed_to="https://social.example/a")
    assert hidden["type"] == "Collection"
    assert not {"first", "items"} & hidden.keys()
    assert collections.collection(ID, 0, items=[], ordered=False)["items"] == []


def test_w_doc_09_a_page_tells_where_it_belongs_and_what_comes_next() -> None:
    page = collections.page(f"{ID}/2", ID, ["a"], next_=f"{ID}/3", prev=f"{ID}/1", total=9)

    assert page == {
        "id": f"{ID}/2",
        "type": "OrderedCollectionPage",
        "partOf": ID,
        "totalItems": 9,
        "next": f"{ID}/3",
        "prev": f"{ID}/1",
        "orderedItems": ["a"],
    }


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"orderedItems": ["https://a.example/1"]}, ["https://a.example/1"]),
        ({"items": {"id": "https://a.example/1", "type": "Note"}}, ["https://a.example/1"]),
        ({"first": {"items": ["https://a.example/1"]}}, ["https://a.example/1"]),
        ({"items": ["https://a.example/1", "https://a.example/1", 7, None, {}]}, ["https://a.example/1"]),
        ({"first": "https://a.example/1"}, []),
        ({"items": None}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_w_doc_09_items_are_read_embedded_or_not(
    document: dict[str, Any], expected: list[str]
) -> None:
    assert collections.ids(document) == expected


def test_sec_par_03_a_negative_total_is_none() -> None:
    assert collections.total({"totalItems": -5}) == 0
    assert collections.total({"totalItems": "12"}) == 12
    assert collections.total({"totalItems": 10**30}) == 2**63 - 1
    assert collections.total({}) is None


def walk(there: Mapping[str, Mapping[str, Any]], **limits: int) -> tuple[int, list[Any]]:
    """Walk through what is *there* and return how many were asked for, and the items."""
    path = Walk(ID, **limits)
    asked, found = 0, []
    while path.next is not None:
        asked += 1
        assert asked < 100
        found += path.read(there.get(path.next, {}))
    return asked, found


def test_a_walk_goes_through_all_pages() -> None:
    pages: dict[str, dict[str, Any]] = {
        ID: {"type": "OrderedCollection", "first": f"{ID}/1"},
        f"{ID}/1": {"orderedItems": ["a", "b"], "next": f"{ID}/2"},
        f"{ID}/2": {"orderedItems": ["c"], "next": {"type": "Link", "href": f"{ID}/3"}},
        f"{ID}/3": {"orderedItems": []},
    }

    assert walk(pages) == (4, ["a", "b", "c"])


def test_a_walk_reads_an_embedded_first_page_once() -> None:
    pages: dict[str, dict[str, Any]] = {
        ID: {"first": {"items": ["a"], "next": f"{ID}/2"}},
        f"{ID}/2": {"items": ["b"]},
    }

    assert walk(pages) == (2, ["a", "b"])


@pytest.mark.parametrize(
    "next_",
    [
        pytest.param(f"{ID}/1", id="itself"),
        pytest.param(ID, id="the first one"),
        pytest.param("https://saint-leu.example/inbox", id="our own server"),
        pytest.param("https://x.social.example/1", id="a sub-domain"),
        pytest.param("http://social.example/1", id="insecure"),
        pytest.param("javascript:alert(1)", id="no address"),
        pytest.param(7, id="a number"),
    ],
)
def test_sec_dos_04_a_walk_goes_nowhere_twice_and_not_elsewhere(next_: Any) -> None:
    pages = {ID: {"first": f"{ID}/1"}, f"{ID}/1": {"items": ["a"], "next": next_}}

    assert walk(pages) == (2, ["a"])


class Endless(dict[str, dict[str, Any]]):
    """Each page leads to another one."""

    def __init__(self, items: list[str]) -> None:
        super().__init__()
        self.items_ = items
        self.asked = 0

    def get(self, key: str, default: Any = None) -> Any:
        self.asked += 1
        return {"items": self.items_, "next": f"{ID}/{self.asked}"}


def test_sec_dos_04_a_walk_ends_after_its_pages() -> None:
    assert walk(Endless([])) == (11, [])
    assert walk(Endless([]), pages=3) == (4, [])


def test_sec_dos_04_a_walk_ends_after_its_items() -> None:
    asked, found = walk(Endless(["x"] * 70), limit=100)

    assert (asked, len(found)) == (2, 100)


def test_a_walk_that_is_over_reads_nothing() -> None:
    path = Walk(ID)
    path.read({})

    with pytest.raises(ValueError, match="over"):
        path.read({})


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just(ID) | st.just(f"{ID}/1"),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "href", "next"]), inner),
    max_leaves=5,
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["first", "next", "items", "orderedItems", "totalItems"]), json)
)
def test_sec_par_04_any_collection_is_read_without_raising(document: dict[str, Any]) -> None:
    path = Walk(ID)

    assert len(path.read(document)) <= collections.MAX_ITEMS
    assert collections.total(document) is None or collections.total(document) is not None
    assert all(isinstance(found, str) for found in collections.ids(document))
