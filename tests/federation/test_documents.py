"""What a stranger's bytes may be, and how each property is read whatever its shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from federation import documents
from federation.documents import Kind
from federation.errors import RefusedError
from federation.names import AS2, PUBLIC

ANA = "https://social.example/users/ana"


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="a hundred thousand brackets"),
        pytest.param(b'{"a":' * 100_000, id="a hundred thousand objects"),
        pytest.param(nested(33), id="33 levels"),
        pytest.param(b'{"a":[' + b"[]," * 20_000 + b"[]]}", id="20 000 lists"),
        pytest.param(b'{"a":[' + b"1," * 20_000 + b"1]}", id="20 000 numbers"),
        pytest.param(b'"' * 1_000_000, id="a million quotes"),
        pytest.param(b'{"a":1,"a":2}', id="a name twice"),
        pytest.param(b'{"a":{"b":[{"c":1,"c":1}]}}', id="a name twice, deep inside"),
        pytest.param(b'{"a":1,"\\u0061":2}', id="a name twice, once in disguise"),
        pytest.param(b'{"a":1,"a":2,"b":"\\u003a"}', id="a name twice, a colon in disguise"),
        pytest.param(b'{"a":1,"a":2,"b":"\\u003A"}', id="a name twice, another colon in disguise"),
        pytest.param(b'{"a":[' + b"[]," * 40 + b'{"b":1,"b":2}]}', id="a name twice among lists"),
        pytest.param(b'{"a":":","a":"::"}', id="a name twice with colons"),
        pytest.param(b'{"a":[' + b"1," * 30_000 + b"1]}", id="30 000 numbers in one list"),
        pytest.param(b'{"a":"\\ud800","b":1,"b":2}', id="a name twice beside half an emoji"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", id="5 000 digits"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b',"b":"\\udead"}', id="5 000 digits, slowly"),
        pytest.param(b'{"a":9007199254740992}', id="2^53"),
        pytest.param(b'{"a":-9007199254740993}', id="below -2^53"),
        pytest.param(b'{"a":18446744073709551616}', id="2^64"),
        pytest.param(b'{"a":1e300}', id="a number too large to count with"),
        pytest.param(b'{"a":1e999}', id="infinite"),
        pytest.param(b'{"a":NaN}', id="not a number"),
        pytest.param(b'{"a":NaN,"b":"\\ud800"}', id="not a number, slowly"),
        pytest.param(b'{"a":-Infinity}', id="minus infinity"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="byte order mark"),
        pytest.param('{"a":"é"}'.encode("latin-1"), id="latin-1"),
        pytest.param('{"a":1}'.encode("utf-16"), id="utf-16"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', id="a surrogate in UTF-8"),
        pytest.param(b'{"a":"\x01"}', id="a control character"),
        pytest.param(b'{"a":1,}', id="a comma too many"),
        pytest.param(b"{'a':1}", id="single quotes"),
        pytest.param(b'{"a":1}{"a":1}', id="two documents"),
        pytest.param(b'{"a":1}\x00', id="a zero byte after it"),
        pytest.param(b'{"a":"\\', id="half an escape"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"x"', id="a text"),
        pytest.param(b"null", id="null"),
    ],
)
def test_sec_par_01_what_is_not_strict_json_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError) as refusal:
        documents.read(body)

    assert refusal.value.status_code == 400


def test_sec_par_01_a_document_over_the_limit_is_refused_with_413() -> None:
    with pytest.raises(RefusedError) as refusal:
        documents.read(b'{"a":"12345"}', limit=12)

    assert refusal.value.status_code == 413


def test_brackets_colons_and_quotes_inside_of_strings_count_for_nothing() -> None:
    text = '[[[{{{"a":"b\\\\\\":,' * 100
    body = documents.write({"a": text, "b": [text, {'c":"': text}]})

    assert documents.read(body) == {"a": text, "b": [text, {'c":"': text}]}


def test_thirty_two_levels_and_the_largest_safe_number_are_read() -> None:
    assert documents.read(nested(32))
    assert documents.read(b'{"a":9007199254740991}') == {"a": 2**53 - 1}


def test_sec_par_02_half_an_emoji_does_not_lose_the_message() -> None:
    read = documents.read(b'{"name":"a\\ud83d b","\\udead":[{"b":"\\ud83d\\ude00"}]}')

    assert read == {"name": "a\ufffd b", "\ufffd": [{"b": "\U0001f600"}]}
    assert documents.write(read)


def test_sec_par_02_zero_characters_leave_texts_and_spoil_ids() -> None:
    document = documents.read(b'{"name":"a\\u0000b","id":"https://x.example/\\u0000"}')

    assert documents.string(document, "name") == "ab"
    with pytest.raises(RefusedError):
        documents.identifier(document)
    assert documents.iri(document["id"]) is None
    assert documents.clean("a\ud800\x00b") == "ab"


def test_w_evt_02_a_float_stays_a_float_when_written() -> None:
    assert documents.write({"latitude": 2.0}) == b'{"latitude":2.0}'


@pytest.mark.parametrize(
    "id_", [["https://a.example/1"], {"id": "https://a.example/1"}, 1, "", "a b"]
)
def test_sec_ori_02_an_id_that_is_not_one_iri_is_refused(id_: Any) -> None:
    with pytest.raises(RefusedError):
        documents.identifier({"id": id_})


def test_w_ori_04_a_document_without_id_is_anonymous() -> None:
    assert documents.identifier({}) is None
    assert documents.identifier({"id": None}) is None


def test_sec_ori_02_two_different_ids_in_two_spellings_are_refused() -> None:
    with pytest.raises(RefusedError):
        documents.identifier({"id": "https://a.example/1", "@id": "https://b.example/1"})


def test_w_doc_11_ids_and_types_are_read_in_their_json_ld_spelling() -> None:
    document = {"@id": "https://a.example/1", "@type": ["as:Note", AS2 + "#Article", 7]}

    assert documents.identifier(document) == "https://a.example/1"
    assert documents.types(document) == ("Note", "Article")


@pytest.mark.parametrize(
    "value",
    [ANA, {"id": ANA}, {"@id": ANA}, {"href": ANA}, [ANA], [{"id": ANA, "type": "Person"}, "x"]],
)
def test_w_doc_04_an_iri_is_read_from_every_shape(value: Any) -> None:
    assert documents.iri(value) == ANA


@pytest.mark.parametrize(
    "value",
    [None, 1, True, "", "a b", "https://a.example/\n", [], {}, [[ANA]], "x" * 2049, "é" * 1025],
)
def test_sec_par_04_what_is_no_iri_is_absent(value: Any) -> None:
    assert documents.iri(value) is None


def test_w_doc_08_the_three_spellings_of_public_are_one() -> None:
    assert documents.iris(["as:Public", ANA, {"id": PUBLIC}, "Public", ANA]) == [PUBLIC, ANA]


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example/",
        "https://bank.example@evil.example/",
        "//a.example/",
        "/path",
        {"href": "javascript:alert(1)"},
    ],
)
def test_sec_xss_03_only_web_addresses_without_user_name_are_links(value: Any) -> None:
    assert documents.link(value) is None


def test_w_doc_06_the_page_is_chosen_among_the_addresses_of_a_video() -> None:
    urls = [
        {"type": "Link", "mediaType": "application/x-mpegURL", "href": "https://v.example/1.m3u8"},
        {"type": "Link", "mediaType": "text/html", "href": "https://v.example/w/1"},
    ]

    assert documents.link(urls) == "https://v.example/w/1"
    assert documents.link("http://a.example/", secure=True) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-01T12:00:00Z", datetime(2026, 9, 1, 12, tzinfo=UTC)),
        ("2026-09-01T12:00:00.123456789Z", datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-09-01T12:00:00.5+04:00", datetime(2026, 9, 1, 8, 0, 0, 500000, tzinfo=UTC)),
        ("2026-09-01T12:00+0400", datetime(2026, 9, 1, 8, tzinfo=UTC)),
        ("2026-09-01 12:00:00", datetime(2026, 9, 1, 12, tzinfo=UTC)),
        ("2026-09-01t12:00:60z", datetime(2026, 9, 1, 12, 0, 59, tzinfo=UTC)),
        (["2026-09-01T12:00:00Z"], datetime(2026, 9, 1, 12, tzinfo=UTC)),
    ],
)
def test_w_doc_11_dates_are_read_with_and_without_zone_and_fraction(
    text: Any, expected: datetime
) -> None:
    assert documents.moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "1969-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "1970-01-01T00:00:00+04:00",
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:00+25:00",
        "2026-01-01",
        "2026-W01-1T00:00:00Z",
        "yesterday",
        "٢٠٢٦-01-01T00:00:00Z",
        "",
        None,
        1_700_000_000,
        True,
        {},
    ],
)
def test_sec_par_03_what_is_no_date_of_ours_is_absent(text: Any) -> None:
    assert documents.moment(text) is None


def test_a_moment_is_written_in_its_own_zone() -> None:
    from datetime import timedelta, timezone

    noon = datetime(2026, 9, 1, 12, 0, 0, 123456, tzinfo=UTC)

    assert documents.timestamp(noon) == "2026-09-01T12:00:00.123Z"
    local = datetime(2026, 9, 1, 12, tzinfo=timezone(timedelta(hours=4)))
    assert documents.timestamp(local) == "2026-09-01T12:00:00+04:00"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5), ("5", 5), (5.0, 5), (["5"], 5), (-3, -3), ("-3", -3), (10**30, 2**63 - 1),
        ("9" * 20, None), (5.5, None), (True, None), (None, None), ("x", None), ({}, None),
        ("٥", None),
    ],
)  # fmt: skip
def test_sec_par_03_numbers_are_read_from_text_and_kept_within_64_bits(
    value: Any, expected: int | None
) -> None:
    assert documents.number(value) == expected


def test_sec_par_03_a_count_is_never_below_zero() -> None:
    assert documents.count(-5) == 0
    assert documents.count("12") == 12
    assert documents.count("x") is None


def test_decimals_and_yes_or_no_are_read_as_such() -> None:
    assert documents.decimal(-21) == -21.0
    assert documents.decimal("1.0") is None
    assert documents.decimal(float("inf")) is None
    assert documents.decimal(True) is None
    assert documents.boolean("true") is True
    assert documents.boolean([False]) is False
    assert documents.boolean("yes") is None
    assert documents.boolean(1) is None


def test_w_doc_11_content_is_found_in_its_map_with_its_language() -> None:
    assert documents.natural({"contentMap": {"fr": "Bonjour"}}, "content") == ("Bonjour", "fr")
    both = {"content": "Hello", "contentMap": {"fr": "Bonjour", "en": "Hello"}}
    assert documents.natural(both, "content") == ("Hello", "en")
    assert documents.natural({"content": "x", "contentMap": {"und": "x"}}, "content") == ("x", None)
    odd = {"content": 7, "contentMap": {"fr": 7, "<b>": "x", "en": ["y"]}}
    assert documents.natural(odd, "content") == ("x", None)
    assert documents.natural({}, "content") == ("", None)


def test_a_text_is_cut_at_its_limit() -> None:
    assert documents.string({"name": "abcdef"}, "name", limit=3) == "abc"
    assert documents.string({"name": {"a": 1}}, "name") is None
    assert documents.language({"identifier": "fr", "name": "Français"}) == "fr"
    assert documents.language("<script>") is None


@pytest.mark.parametrize(
    "context",
    [AS2, [AS2], ["https://w3id.org/security/v1", AS2 + "#"], [{"x": "y"}, AS2]],
)
def test_w_doc_11_a_context_that_names_activitystreams_is_recognised(context: Any) -> None:
    assert documents.speaks_activitystreams({"@context": context})


@pytest.mark.parametrize(
    "context", [None, "https://schema.org/", [], {"@vocab": AS2 + "#"}, 7, [[AS2]]]
)
def test_w_doc_11_a_context_without_activitystreams_is_recognised(context: Any) -> None:
    assert not documents.speaks_activitystreams({"@context": context})


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"type": "Person", "inbox": "i", "outbox": "o", "publicKey": {"owner": "o"}}, "Actor"),
        ({"type": "Repository", "inbox": "i", "outbox": "o"}, "Actor"),
        ({"type": "Person", "id": "stub"}, "Actor"),
        ({"type": "Key", "owner": ANA, "publicKeyPem": "p"}, "Key"),
        ({"type": "Multikey", "publicKeyMultibase": "z"}, "Key"),
        ({"type": "Mention", "href": ANA}, "Link"),
        ({"type": "Create", "actor": ANA, "object": {}}, "Activity"),
        ({"type": "Unheard", "actor": ANA}, "Activity"),
        ({"type": "OrderedCollection", "totalItems": 0}, "Collection"),
        ({"type": "FeaturedCollection", "orderedItems": []}, "Collection"),
        ({"type": "Note", "content": "x"}, "Object"),
        ({"type": "Event", "actor": ANA, "attributedTo": ANA}, "Object"),
        ({"type": "Member", "actor": ANA, "object": "https://g.example/g"}, "Object"),
        ({"type": "Tombstone"}, "Object"),
        ({}, "Object"),
    ],
)  # fmt: skip
def test_w_ori_05_what_a_document_is_shows_in_its_shape(
    document: dict[str, Any], kind: str
) -> None:
    assert documents.kind(document) is Kind(kind)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "Note", "inbox": "i", "outbox": "o"},
        {"type": "Person", "inbox": "i", "outbox": "o", "actor": ANA},
        {"type": "Create", "actor": ANA, "orderedItems": []},
        {"type": ["Note", "Person"], "inbox": "i", "outbox": "o"},
        {"type": ["Create", "OrderedCollection"], "actor": ANA},
        {"type": "OrderedCollection", "publicKeyPem": "p"},
        {"type": "Note", "href": ANA},
        {"type": "Person", "publicKeyMultibase": "z"},
    ],
)
def test_w_ori_05_a_document_that_claims_to_be_two_things_is_refused(
    document: dict[str, Any],
) -> None:
    with pytest.raises(RefusedError):
        documents.kind(document)
