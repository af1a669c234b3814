"""Every word we write is defined by the context it is sent with (W-DOC-03, W-DOC-10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pyld import jsonld

from federation import contexts
from federation.names import AS2, CID_V1, FEDCOMMUNE, PUBLIC, SECURITY_V1
from federation.vocabulary import actors, collections, links, notes, tags
from federation.vocabulary.context import CONTEXT, with_context
from federation.vocabulary.notes import Attachment, NoteDraft, Poll, PollOption
from outbox import envelope
from tests.federation.vocabulary.test_actors import PROFILE

ANA = "https://saint-leu.example/ap/actors/1"
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
DRAFT = NoteDraft(
    id="https://saint-leu.example/ap/posts/1",
    author=ANA,
    content="<p>Bonjour</p>",
    published=NOW,
    updated=NOW,
    to=(PUBLIC,),
    cc=(f"{ANA}/followers",),
    url="https://saint-leu.example/@ana/1",
    title="Titre",
    summary="Attention",
    language="fr",
    in_reply_to="https://trois-bassins.example/ap/posts/2",
    context="https://trois-bassins.example/ap/posts/2/context",
    audience="https://saint-leu.example/ap/actors/9",
    direct_flag=False,
    source="Bonjour",
    tags=(
        tags.mention("https://trois-bassins.example/ap/actors/2", "bob@trois-bassins.example"),
        tags.hashtag_link("https://saint-leu.example/tags/fete", "fete"),
    ),
    attachments=(
        Attachment("https://m.example/1.jpg", "image/jpeg", "Place", 10, 20, "LEHV6n", (0.0, 1.0)),
        Attachment("https://m.example/1.pdf", "application/pdf"),
    ),
    replies="https://saint-leu.example/ap/posts/1/replies",
    likes="https://saint-leu.example/ap/posts/1/likes",
    shares="https://saint-leu.example/ap/posts/1/shares",
    extensions={"kind": "stage", "cm:stage": "testing"},
)  # fmt: skip
POLL = NoteDraft(
    id="https://saint-leu.example/ap/posts/3",
    author=ANA,
    content="<p>Un bus le dimanche ?</p>",
    published=NOW,
    to=(PUBLIC,),
    cc=(),
    poll=Poll((PollOption("Pour", 3), PollOption("Contre")), False, NOW, True, NOW, 3),
)
LINK = links.Link(
    id="https://saint-leu.example/ap/links/1",
    subject="https://trois-bassins.example/ap/actors/2",
    relation="contributesTo",
    target=ANA,
    state="active",
    is_admin=True,
    roles=("Trésorier",),
    since=NOW,
    until=NOW,
    consent="https://trois-bassins.example/ap/activities/1",
)
WRITTEN: dict[str, dict[str, Any]] = {
    "actor": actors.write(PROFILE),
    "note": notes.write(DRAFT),
    "question": notes.write(POLL),
    "tombstone": notes.tombstone(DRAFT.id, "Note", NOW),
    "relationship": links.write(LINK),
    "member": links.write_member(LINK),
    "join": {
        **envelope.join("https://a.example/1", ANA, "https://b.example/1", content="Bonjour"),
        **links.role_properties(("Trésorier",), admin=True),
    },
    "create": envelope.create("https://saint-leu.example/ap/activities/2", ANA, notes.write(DRAFT)),
    "collection": collections.collection("https://a.example/c", 2, first="https://a.example/c?p"),
    "page": collections.page("https://a.example/c?p", "https://a.example/c", [notes.write(DRAFT)]),
}


def words(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            if name == "type":
                yield from [inner] if isinstance(inner, str) else inner
            elif not name.endswith("Map"):
                yield from words(inner)
    elif isinstance(value, list):
        for item in value:
            yield from words(item)


def defined(context: Any) -> set[str]:
    found = {"type", "id"}
    for part in context if isinstance(context, list) else [context]:
        terms = contexts.terms(part) if isinstance(part, str) else part
        found |= terms.keys()
        for term in terms.values():
            # cid/v1 defines the words of a Multikey for Multikeys only.
            if isinstance(term, Mapping) and isinstance(term.get("@context"), Mapping):
                found |= term["@context"].keys()
    return found


@pytest.mark.parametrize("document", WRITTEN.values(), ids=WRITTEN.keys())
def test_w_doc_10_every_word_we_write_is_defined(document: dict[str, Any]) -> None:
    whole = with_context(document)
    known = defined(whole["@context"])

    for word in words(document):
        prefix, colon, _ = word.partition(":")
        assert (prefix if colon else word) in known, word


@pytest.mark.parametrize("document", WRITTEN.values(), ids=WRITTEN.keys())
def test_w_doc_10_a_json_ld_reader_loses_nothing(document: dict[str, Any]) -> None:
    whole = with_context(document)

    expanded = jsonld.expand(whole, {"documentLoader": contexts.load})
    compacted = jsonld.compact(expanded, whole["@context"], {"documentLoader": contexts.load})

    # Empty lists vanish, and a translated content is the content.
    vanishing = {"tag", "attachment", "cc", "content", "contentMap", "items"}
    assert set(words(document)) - vanishing <= set(words(compacted))
    assert "_:" not in str(sorted(set(words(expanded))))


def test_w_doc_03_the_context_names_what_is_used_and_no_more() -> None:
    assert with_context({"type": "Like", "actor": ANA})["@context"] == AS2
    assert with_context(notes.write(POLL))["@context"] == [
        AS2,
        {
            "toot": "http://joinmastodon.org/ns#",
            "sensitive": "as:sensitive",
            "votersCount": "toot:votersCount",
        },
    ]
    names = with_context(actors.write(PROFILE))["@context"][:3]
    assert names == [AS2, SECURITY_V1, CID_V1]


def test_a_context_of_before_is_replaced_and_others_may_be_named() -> None:
    whole = with_context(
        {"@context": "https://old.example/", "type": "Like"}, contexts=["https://w3id.org/x"]
    )

    assert whole == {"@context": [AS2, "https://w3id.org/x"], "type": "Like"}
    assert next(iter(whole)) == "@context"


def test_the_complete_context_expands() -> None:
    document = {"@context": CONTEXT, "id": ANA, "kind": "project"}

    [expanded] = jsonld.expand(document, {"documentLoader": contexts.load})

    assert expanded[FEDCOMMUNE + "kind"] == [{"@value": "project"}]
