"""Strangers' bytes and documents, bent in every way: refused or read, and nothing else."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation import activities, audience, documents, parsing
from federation.documents import Kind
from federation.errors import RefusedError
from federation.vocabulary import actors, collections, links, notes
from tests.fuzz.samples import (
    ACTIVITY,
    ACTOR,
    ANA,
    COLLECTION,
    EVENT,
    MEMBER,
    NOTE,
    QUESTION,
    RELATIONSHIP,
)

unhurried = settings(deadline=None)

texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "\x00", "\ud800", "\ufffd", "javascript:alert(1)", "https://", "https://a@b.example/",
            "https://social.example/" + "x" * 3_000, "x" * 300_000, "9" * 5_000, "as:Public",
            "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "Note", "Person", "Create",
            "OrderedCollection", ANA, "https://victim.example/1", "\u202e", "https://[::1]:99999/",
        ]
    ),
)  # fmt: skip
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**30, -(10**30), 2**53, 0]),
    st.floats(),
    texts,
)
names = st.one_of(
    st.sampled_from(
        ["id", "@id", "type", "@type", "href", "url", "name", "actor", "attributedTo", "inbox",
         "outbox", "items", "first", "next", "mediaType", "publicKeyPem", "totalItems", "icon"]
    ),
    st.text(max_size=5),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)


def bent(document: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return *document* with some of its properties replaced, at the top or one level down."""
    replaced = st.dictionaries(
        st.sampled_from([*document, "@id", "@type", "href"]), values, max_size=3
    )
    inner = st.tuples(st.sampled_from(sorted(document)), names, values)

    def bend(changes: tuple[dict[str, Any], tuple[str, str, Any]]) -> dict[str, Any]:
        top, (name, member, value) = changes
        copy = json.loads(json.dumps(document))
        if isinstance(copy[name], dict):
            copy[name][member] = value
        elif isinstance(copy[name], list):
            copy[name].append(value)
        return {**copy, **top}

    return st.tuples(replaced, inner).map(bend)


@unhurried
@given(st.binary(max_size=300))
@example(b'{"a":' * 40)
@example(b'"\\')
def test_sec_par_01_any_bytes_are_refused_or_read(body: bytes) -> None:
    try:
        document = documents.read(body)
    except RefusedError:
        return

    assert documents.read(documents.write(document)) == document


@unhurried
@given(st.text(alphabet='{}[]",:\\u0d8a1eE.-+ntf ', max_size=60))
def test_sec_par_01_what_looks_like_json_is_read_as_the_standard_library_does(text: str) -> None:
    try:
        document = documents.read(text.encode())
    except RefusedError:
        return

    assert document == parsing._without_halves(json.loads(text))


objects = st.recursive(
    st.sampled_from(["1", '":"', '"\\u003A"', "[]", '"[{"']),
    lambda inner: st.lists(st.tuples(st.sampled_from(["a", "b", ":", "\\u003a"]), inner)).map(
        lambda pairs: "{" + ",".join(f'"{name}":{value}' for name, value in pairs) + "}"
    ),
)


@unhurried
@given(objects)
def test_sec_par_01_a_repeated_name_is_always_found(text: str) -> None:
    repeated = False

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        repeated = repeated or len({name for name, _ in pairs}) < len(pairs)
        return dict(pairs)

    expected = json.loads(text, object_pairs_hook=note)
    for body in (text, '{"x":[' + "[]," * 40 + text + "]}"):
        try:
            found = documents.read(body.encode())
        except RefusedError:
            assert repeated or not isinstance(expected, dict)
        else:
            assert not repeated
            assert found == expected or found["x"][-1] == expected


@unhurried
@given(st.dictionaries(st.text(), values, max_size=5))
def test_sec_par_01_what_python_writes_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        read = documents.read(json.dumps(document).encode())
    except RefusedError:
        return

    assert set(map(type, read.values())) <= {dict, list, str, int, float, bool, type(None)}
    assert documents.write(read)


@unhurried
@given(values)
def test_sec_par_04_no_reader_of_values_raises(value: Any) -> None:
    document = {"x": value, "xMap": value, "type": value, "@context": value}

    documents.one(value)
    documents.many(value)
    assert isinstance(documents.string(document, "x"), str | None)
    assert isinstance(documents.iri(value), str | None)
    assert all(isinstance(found, str) for found in documents.iris(value))
    assert isinstance(documents.link(value), str | None)
    assert isinstance(documents.moment(value), datetime | None)
    assert isinstance(documents.natural(document, "x")[0], str)
    assert isinstance(documents.number(value), int | None)
    assert isinstance(documents.decimal(value), float | None)
    assert isinstance(documents.boolean(value), bool | None)
    assert isinstance(documents.language(value), str | None)
    assert all(isinstance(name, str) for name in documents.types(document))
    assert isinstance(documents.speaks_activitystreams(document), bool)
    assert audience.read({"to": value, "cc": value}, followers=ANA) in audience.ORDER


def stored(value: Any) -> bool:
    """Tell whether PostgreSQL would take every text of *value* (SEC-PAR-02)."""
    if isinstance(value, str):
        return "\x00" not in value and value.encode("utf-8", "ignore").decode() == value
    if isinstance(value, tuple):
        return all(map(stored, value))
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if hasattr(value, "__dataclass_fields__"):
        return all(
            stored(getattr(value, name))
            for name in value.__dataclass_fields__
            if name not in ("document", "raw")
        )
    return True


@unhurried
@given(st.one_of(bent(NOTE), bent(QUESTION), bent(EVENT)))
def test_sec_par_04_any_post_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        view = notes.read(document)
    except RefusedError:
        return

    assert stored(view)


@unhurried
@given(bent(ACTOR))
def test_sec_par_04_any_actor_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        view = actors.read(document)
    except RefusedError:
        return

    assert stored(view)
    addresses = (view.inbox, view.outbox, view.shared_inbox, view.followers, view.following)
    own = "https://social.example/"
    assert all(address is None or address.startswith(own) for address in addresses)


@unhurried
@given(st.one_of(bent(RELATIONSHIP), bent(MEMBER)))
def test_sec_par_04_any_link_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        view = links.read(document)
    except RefusedError:
        return

    assert stored(view)


@unhurried
@given(bent(COLLECTION))
def test_sec_par_04_any_collection_is_read(document: dict[str, Any]) -> None:
    collections.items(document)
    collections.total(document)
    assert all(isinstance(found, str) for found in collections.ids(document))
    assert isinstance(collections.next_page(document), str | None)


@unhurried
@given(bent(ACTIVITY))
def test_sec_par_04_any_activity_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        activity = activities.read(document, raw=b"{}")
    except RefusedError:
        return

    assert stored(activity)
    assert activity.object is None or documents.kind(activity.object) in Kind
    activities.embedded(activity)
    activities.object_ids(activity)
    try:
        activities.objects(activity)
        activities.inner(activity)
        links.read_request(activity)
    except RefusedError:
        return


@pytest.mark.parametrize("document", [NOTE, QUESTION, EVENT])
def test_what_is_bent_here_is_whole_before(document: dict[str, Any]) -> None:
    assert notes.read(document).author == ANA
    assert actors.read(ACTOR).kind == "project"
    assert links.read(RELATIONSHIP).relation == links.read(MEMBER).relation
    assert activities.read(ACTIVITY, raw=b"").object == NOTE
