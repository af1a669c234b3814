from fedcommune.database import Transaction
from fedcommune.domain.posts import actions, outgoing
from fedcommune.domain.posts.model import Draft
from fedcommune.domain.visibility import Visibility
from tests.fedcommune.domain.people import People
from tests.fedcommune.domain.wire import PUBLIC


async def test_w_doc_05_a_note_says_what_others_look_for(tx: Transaction, people: People) -> None:
    marie, paul = await people.citizen("marie"), await people.citizen("paul")
    post = await actions.publish(
        tx, marie, Draft("Salut @paul #Fête", summary="Cuisine", mentioned=(paul,))
    )

    document = await outgoing.document(tx, post, marie)

    assert document["type"] == "Note"
    assert document["attributedTo"] == marie.actor_id
    assert (document["to"], document["cc"]) == ([PUBLIC], [marie.followers_url, paul.actor_id])
    assert document["summary"] == "Cuisine"
    assert document["sensitive"] is True
    assert document["contentMap"] == {"fr": document["content"]}
    assert document["published"] == "2026-09-01T08:00:00Z"
    assert "updated" not in document
    assert document["url"] == f"https://saint-leu.example/@marie/{post.id}"
    assert document["context"] == document["conversation"] == f"{post.object_id}/context"
    assert document["tag"] == [
        {"type": "Mention", "href": paul.actor_id, "name": "@paul@saint-leu.example"},
        {"type": "Hashtag", "href": "https://saint-leu.example/tags/f%C3%AAte", "name": "#fête"},
    ]
    for name in ("replies", "likes", "shares"):
        assert document[name] == f"{post.object_id}/{name}"
    assert "@context" not in document


async def test_w_thr_01_an_answer_in_a_thread_of_ours_keeps_its_context(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    first = await actions.publish(tx, marie, Draft("Un"))
    second = await actions.publish(tx, marie, Draft("Deux", in_reply_to=first.id))

    document = await outgoing.document(tx, second, marie)

    assert document["inReplyTo"] == first.object_id
    assert document["context"] == f"{first.object_id}/context"


async def test_create_has_one_id_for_ever_and_the_addresses_of_its_note(
    tx: Transaction, people: People
) -> None:
    marie = await people.citizen("marie")
    post = await actions.publish(tx, marie, Draft("Bonjour", Visibility.UNLISTED))

    created = await outgoing.create(tx, post, marie)

    assert created == await outgoing.create(tx, post, marie)
    assert created["to"] == created["object"]["to"] == [marie.followers_url]
    assert created["cc"] == created["object"]["cc"] == [PUBLIC]
    assert tx.instance.owns(created["id"])
