"""Posts, ours and strangers'."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from federation import audience, documents
from federation.errors import RefusedError
from federation.names import PUBLIC
from federation.vocabulary import notes, polls, tags
from federation.vocabulary.notes import Attachment, Emoji, Mention, NoteView, Poll, PollOption
from federation.vocabulary.tags import hashtag
from tests.federation.vocabulary.test_context import DRAFT, POLL

ANA = "https://social.example/users/ana"
ID = "https://social.example/notes/1"


def note(**properties: Any) -> dict[str, Any]:
    return {
        "id": ID,
        "type": "Note",
        "attributedTo": ANA,
        "content": "<p>Bonjour</p>",
        "to": PUBLIC,
        **properties,
    }


def read(**properties: Any) -> NoteView:
    return notes.read(note(**properties))


def test_w_doc_05_what_is_written_is_read_back() -> None:
    view = notes.read(documents.read(documents.write(notes.write(DRAFT))))

    assert (view.id, view.type, view.author, view.url) == (
        DRAFT.id,
        "Note",
        DRAFT.author,
        DRAFT.url,
    )
    assert (view.content, view.title, view.summary) == (DRAFT.content, "Titre", "Attention")
    assert view.sensitive
    assert view.language == "fr"
    assert view.in_reply_to == DRAFT.in_reply_to
    assert view.conversation == DRAFT.context
    assert (view.published, view.updated) == (DRAFT.published, DRAFT.updated)
    assert (view.to, view.cc, view.audience) == (DRAFT.to, DRAFT.cc, (DRAFT.audience,))
    assert view.direct_flag is False
    assert view.mentions == (
        Mention("https://trois-bassins.example/ap/actors/2", "@bob@trois-bassins.example"),
    )
    assert view.hashtags == ("fete",)
    assert view.attachments == DRAFT.attachments
    assert view.kind == "stage"


def test_w_poll_what_is_asked_is_read_back() -> None:
    view = notes.read(documents.read(documents.write(notes.write(POLL))))

    assert view.type == "Question"
    assert view.poll == POLL.poll


def test_product_8_0_lists_are_lists_and_the_language_stands_in_the_map_alone() -> None:
    document = notes.write(replace(DRAFT, tags=(), attachments=(), summary="", sensitive=False))

    assert (document["tag"], document["attachment"]) == ([], [])
    assert document["contentMap"] == {"fr": DRAFT.content}
    assert "language" not in document
    assert "summary" not in document
    assert document["sensitive"] is False


def test_obj_07_what_was_typed_goes_along() -> None:
    assert notes.write(DRAFT)["source"] == {"content": "Bonjour", "mediaType": "text/markdown"}
    assert "source" not in notes.write(replace(DRAFT, source=""))


def test_w_doc_06_alternative_texts_are_written_for_everybody() -> None:
    [picture, paper] = notes.write(DRAFT)["attachment"]

    assert (picture["type"], picture["name"], picture["summary"]) == ("Image", "Place", "Place")
    assert (paper["type"], "name" in paper) == ("Document", False)


def test_w_doc_12_a_tombstone_says_what_it_was_and_until_when() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)

    assert notes.tombstone(ID, "Note", at) == {
        "id": ID,
        "type": "Tombstone",
        "formerType": "Note",
        "deleted": "2026-11-23T00:00:00Z",
    }
    assert notes.tombstone(ID) == {"id": ID, "type": "Tombstone"}


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"id": None}, id="no id"),
        pytest.param({"id": [ID]}, id="id in a list"),
        pytest.param({"type": "Person"}, id="an actor"),
        pytest.param({"type": "Create", "actor": ANA}, id="an activity"),
        pytest.param({"type": "Place"}, id="nothing we show"),
        pytest.param({"type": None}, id="no type"),
        pytest.param({"attributedTo": None}, id="no author"),
        pytest.param({"attributedTo": "https://autre.example/users/bob"}, id="author elsewhere"),
        pytest.param({"attributedTo": [ANA, "https://autre.example/b"]}, id="one elsewhere"),
        pytest.param({"inbox": "i", "outbox": "o"}, id="also an actor"),
        pytest.param({"orderedItems": []}, id="also a collection"),
        pytest.param({"publicKeyPem": "p"}, id="also a key"),
    ],
)  # fmt: skip
def test_w_ori_02_what_is_no_post_of_its_author_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        read(**properties)


def test_the_person_of_several_authors_is_the_author() -> None:
    channel = {"type": "Group", "id": "https://social.example/channels/c"}
    view = read(type="Video", attributedTo=[channel, {"type": "Person", "id": ANA}])

    assert view.author == ANA
    assert view.authors == (ANA, channel["id"])


@pytest.mark.parametrize(
    "url", ["https://evil.example/phishing", "javascript:alert(1)", "data:text/html,x", 7, []]
)
def test_sec_xss_03_a_page_elsewhere_is_dropped(url: Any) -> None:
    assert read(url=url).url is None


def test_sec_dos_05_texts_are_cut() -> None:
    view = read(name="n" * 9_999, summary="s" * 9_999, content="c" * 150_000)

    assert (len(view.title), len(view.summary), len(view.content)) == (500, 2_000, 100_000)


def test_sec_dos_05_a_thousand_tags_are_looked_at() -> None:
    many = [{"type": "Mention", "href": f"https://a.example/{n}"} for n in range(1_500)]

    assert len(read(tag=many).mentions) == 1_000


def test_sec_dos_05_sixteen_attachments_are_kept() -> None:
    many = [{"type": "Image", "url": f"https://a.example/{n}.png"} for n in range(100)]

    assert len(read(attachment=many).attachments) == 16


def test_sec_dos_05_five_hundred_options_are_kept_and_their_names_cut() -> None:
    options = [{"type": "Note", "name": f"{n} " + "x" * 900} for n in range(700)]
    poll = read(type="Question", oneOf=options).poll

    assert poll is not None
    assert len(poll.options) == 500
    assert {len(option.name) for option in poll.options} == {500}


def test_w_poll_04_tallies_are_never_negative_and_names_unique() -> None:
    def choice(name: str, votes: Any) -> dict[str, Any]:
        return {"type": "Note", "name": name, "replies": {"totalItems": votes}}

    view = read(
        type="Question",
        anyOf=[choice("a", -3), choice("a", 9), choice("b", "4"), choice("", 1), 7, choice("c", 0)],
        closed=True,
        votersCount=-1,
        endTime="2026-12-01T00:00:00Z",
    )  # fmt: skip

    assert view.poll == Poll(
        (PollOption("a", 0), PollOption("b", 4), PollOption("c", 0)),
        multiple=True,
        ends_at=datetime(2026, 12, 1, tzinfo=UTC),
        is_closed=True,
        voters=0,
    )
    assert read(type="Question").poll is None
    assert read(type="Note", oneOf=[choice("a", 1)]).poll is None


def test_w_poll_02_a_ballot_is_told_from_a_post() -> None:
    vote = {"name": "Pour", "inReplyTo": "https://saint-leu.example/ap/posts/3", "content": None}

    assert read(**vote).is_vote
    assert not read(**{**vote, "content": "<p>Pour</p>"}).is_vote
    assert not read(**{**vote, "inReplyTo": None}).is_vote
    assert not read(**{**vote, "name": None}).is_vote
    for changes in ({}, {"content": "<p>Pour</p>"}, {"inReplyTo": None}, {"name": None}):
        document = {"type": "Note", **vote, **changes}
        assert polls.is_ballot(document) is (changes == {})
    assert polls.is_ballot({**vote, "type": "Answer", "content": ""})
    assert not polls.is_ballot({**vote, "type": "Question"})


def test_w_doc_07_tags_are_read_in_every_shape() -> None:
    view = read(
        tag=[
            {"type": "Mention", "href": "https://a.example/u/bob", "name": "@bob@a.example"},
            {"type": "Mention", "href": "https://a.example/u/bob"},
            {"type": "Mention", "href": "javascript:alert(1)", "name": "@evil"},
            {"type": "as:Hashtag", "name": "#Fête", "href": "https://social.example/t"},
            {"type": ["Hashtag"], "name": "fête"},
            {"type": "Hashtag", "name": "#<b>"},
            {"type": "Hashtag", "name": "#2026"},
            {"type": "Emoji", "name": ":soleil:", "icon": {"url": "https://a.example/s.png"}},
            {"type": "toot:Emoji", "name": "lune", "icon": [{"href": "https://a.example/l.png"}]},
            {"type": "Emoji", "name": ":<b>:", "icon": {"url": "https://a.example/s.png"}},
            {"type": "Emoji", "name": ":nul:", "icon": {"url": "javascript:alert(1)"}},
            {"type": "Mention"},
            "x",
            7,
        ]
    )

    assert view.mentions == (Mention("https://a.example/u/bob", "@bob@a.example"),)
    assert view.hashtags == ("fête",)
    assert view.emojis == (
        Emoji("soleil", "https://a.example/s.png"),
        Emoji("lune", "https://a.example/l.png"),
    )
    assert read(tag={"type": "Hashtag", "name": "#seul"}).hashtags == ("seul",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("#SaintLeu", "saintleu"), ("ＦＥＴＥ", "fete"), ("#déjà_vu", "déjà_vu"), ("#l·l", "l·l"),
        ("#a b", None), ("#", None), ("", None), ("#123", None), ("#" + "a" * 101, None),
        ("#a\u202eb", None), ("#a\x00b", None),
    ],
)  # fmt: skip
def test_fep_eb48_what_a_hashtag_may_be(text: str, name: str | None) -> None:
    assert hashtag(text) == name


def test_w_doc_06_attachments_are_read_in_every_shape() -> None:
    view = read(
        attachment=[
            {
                "type": "Document",
                "mediaType": "IMAGE/PNG",
                "url": "https://a.example/1.png",
                "name": "Par le nom",
                "summary": "Par le résumé",
                "width": "640",
                "height": -1,
                "blurhash": "<script>",
                "focalPoint": [5, 0],
            },
            {"type": "Image", "url": [{"href": "https://a.example/2", "mediaType": "image/png"}]},
            {"type": "Video", "href": "https://a.example/3.mp4", "focalPoint": [-0.5, 1]},
            {"type": "Image", "url": "https://a.example/1.png"},
            {"type": "Image", "url": "javascript:alert(1)"},
            {"type": "Link", "href": "https://a.example/"},
            {"type": "PropertyValue", "name": "x", "value": "y"},
            "https://a.example/4.png",
        ]
    )  # fmt: skip

    assert view.attachments == (
        Attachment("https://a.example/1.png", "image/png", "Par le résumé", 640),
        Attachment("https://a.example/2", "image/png"),
        Attachment("https://a.example/3.mp4", focus=(-0.5, 1.0)),
    )


def test_w_evt_04_an_event_becomes_title_summary_and_link() -> None:
    view = read(
        type="Event",
        name="Marché de nuit <b>",
        summary="Samedi 12 décembre, front de mer.",
        url=ID,
        status="CONFIRMED",
        startTime="2026-12-12T18:00:00+04:00",
    )

    assert view.content == (
        "<p><strong>Marché de nuit &lt;b&gt;</strong></p>"
        "<p>Samedi 12 décembre, front de mer.</p>"
        f'<p><a href="{ID}">{ID}</a></p>'
    )
    assert view.title == "Marché de nuit <b>"
    assert view.summary == ""
    assert view.event is not None
    assert view.event.starts_at == datetime(2026, 12, 12, 14, tzinfo=UTC)
    assert view.event.join_mode == "free"


@pytest.mark.parametrize(
    "said",
    [
        {"ical:status": "CANCELLED"},
        {"status": "cancelled"},
        {"eventStatus": "https://w3id.org/fep/8a8e/EventCancelled"},
        {"eventStatus": {"id": "fep8a8e:EventCancelled"}, "status": "CONFIRMED"},
    ],
)
def test_w_evt_02_a_cancelled_event_says_so(said: dict[str, Any]) -> None:
    view = read(type="Event", name="Bal", **said)

    assert view.event is not None
    assert view.event.status == "cancelled"
    assert "<strong>[CANCELLED] Bal</strong>" in view.content


def test_w_evt_02_an_event_without_summary_tells_day_and_place() -> None:
    view = read(
        type="Event",
        name="Marché",
        content="<p>Vingt producteurs.</p>",
        startTime="2026-12-12T18:00:00+04:00",
        endTime="2026-12-12T22:00:00+04:00",
        location=[
            {
                "type": "Place",
                "name": "Front de mer",
                "latitude": -21.1693,
                "longitude": 55.2866,
                "address": {"postalCode": "97436", "addressLocality": "Saint-Leu"},
            }
        ],
        attachment=[{"type": "Link", "name": "Website", "href": "https://marche.example"}],
    )  # fmt: skip

    assert "<p>2026-12-12 18:00 – 22:00, Front de mer, 97436 Saint-Leu</p>" in view.content
    assert "<p>Vingt producteurs.</p>" in view.content
    assert view.event is not None
    assert view.event.place is not None
    assert view.event.place.latitude == -21.1693
    assert view.event.link == "https://marche.example"


def test_w_evt_01_the_end_may_be_hidden_and_the_place_a_text() -> None:
    view = read(
        type="Event",
        name="Veillée",
        startTime="2026-12-12T18:00:00Z",
        endTime="2026-12-13T00:00:00Z",
        displayEndTime=False,
        location="Chez Paul",
    )

    assert view.event is not None
    assert view.event.ends_at is None
    assert view.event.facts == "2026-12-12 18:00, Chez Paul"


@pytest.mark.parametrize("type_", ["Article", "Page", "Video", "Audio", "Image", "Document"])
def test_longer_things_become_title_text_and_link(type_: str) -> None:
    view = read(type=type_, name="Un bus le dimanche", content="<p>Texte</p>")

    assert view.content == (
        "<p><strong>Un bus le dimanche</strong></p><p>Texte</p>"
        f'<p><a href="{ID}">{ID}</a></p>'
    )  # fmt: skip


def test_content_that_is_not_html_is_shown_as_written() -> None:
    view = read(content="a < b\n**c**", mediaType="text/markdown")

    assert view.content == "<p>a &lt; b<br>**c**</p>"


def test_the_conversation_is_found_by_both_its_names() -> None:
    thread = "tag:social.example,2026:objectId=1:objectType=Conversation"
    assert read(conversation=thread).conversation == thread
    assert read(conversation=thread, context=ID).conversation == ID


def test_w_evt_05_a_private_answer_to_a_public_event_stays_private() -> None:
    reply = note(
        to=["https://mobilizon.example/@organiser"], inReplyTo="https://mobilizon.example/events/1"
    )

    assert audience.read(reply, followers=ANA + "/followers") == "direct"
    assert audience.narrower("public", audience.read(reply, followers=None)) == "direct"


def test_mentions_and_hashtags_are_written_as_everybody_reads_them() -> None:
    assert tags.mention("https://a.example/1", "bob@a.example:8002") == {
        "type": "Mention",
        "href": "https://a.example/1",
        "name": "@bob@a.example:8002",
    }
    assert tags.hashtag_link("https://a.example/tags/x", "x")["name"] == "#x"
