"""Documents in the shape that each software sends, read and shown; their content is ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fedcommune.text import html
from federation import activities, audience, documents
from federation.activities import Activity
from federation.documents import ACTIVITIES, Kind
from federation.names import ACTORS, POSTS, PUBLIC
from federation.vocabulary import actors, collections, links, notes, quotes
from federation.vocabulary.actors import ActorView, Field
from federation.vocabulary.notes import NoteView
from federation.vocabulary.quotes import QuoteView

HERE = Path(__file__).parent
ALL = sorted(HERE.glob("*/*.json"))
ACTOR_FILES = [
    path for path in ALL if {json.loads(path.read_bytes())["type"]} & (ACTORS | {"Project"})
]
SOFTWARE = {
    "mastodon", "gotosocial", "misskey", "pleroma", "lemmy", "peertube", "mobilizon",
    "pixelfed", "friendica", "wordpress", "gancio", "communecter",
}  # fmt: skip


def load(name: str) -> dict[str, Any]:
    return documents.read((HERE / f"{name}.json").read_bytes())


def activity(name: str) -> Activity:
    raw = (HERE / f"{name}.json").read_bytes()
    return activities.read(documents.read(raw), raw=raw)


def posted(name: str) -> NoteView:
    """Return the post of a Create as its origin would serve it."""
    object_ = activities.embedded(activity(name))
    assert object_ is not None
    return notes.read(object_)


def actor(name: str) -> ActorView:
    return actors.read(load(name))


def test_every_software_is_there() -> None:
    assert {path.parent.name for path in ALL} == SOFTWARE


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_document_is_read_by_the_reader_of_its_kind(path: Path) -> None:
    raw = path.read_bytes()
    document = documents.read(raw)
    types = set(documents.types(document))

    assert documents.speaks_activitystreams(document)
    match documents.kind(document):
        case Kind.ACTOR:
            assert actors.read(document).inbox
        case Kind.ACTIVITY:
            assert activities.read(document, raw=raw).type in ACTIVITIES
        case Kind.COLLECTION:
            assert collections.ids(document)
        case _ if types & POSTS:
            assert html.clean(notes.read(document).content)
        case _ if "QuoteAuthorization" in types:
            assert quotes.read_stamp(document).id == document["id"]
        case _:
            assert links.read(document)


@pytest.mark.parametrize("path", ACTOR_FILES, ids=lambda path: path.parent.name)
def test_every_actor_has_what_a_profile_shows(path: Path) -> None:
    view = actors.read(documents.read(path.read_bytes()))

    assert view.name or view.username
    assert html.plain(view.summary)
    assert view.url is not None or view.id.startswith("https://lemmy.")
    assert view.type in ACTORS


def test_mastodon() -> None:
    view = actor("mastodon/actor")
    assert (view.username, view.kind, view.locked, view.indexable) == (
        "nadia", "stranger", False, False,
    )  # fmt: skip
    assert view.shared_inbox == "https://mastodon.example/inbox"
    assert view.published == datetime(2023, 4, 2, tzinfo=UTC)
    [field] = view.fields
    assert (field.name, html.plain(field.value)) == ("Site", "https://vanille.example")

    created = activity("mastodon/create")
    assert created.object is not None
    post = notes.read(created.object)
    assert audience.read(created.object, followers=view.followers) == "public"
    assert (post.language, post.hashtags, post.summary) == ("fr", ("vanille",), "")
    assert [mention.href for mention in post.mentions] == ["https://saint-leu.example/ap/actors/7"]
    assert post.attachments[0].description == "Des gousses qui sèchent au soleil"
    assert post.attachments[0].focus == (0.0, -0.4)
    shown = html.clean(post.content)
    assert 'class="u-url mention"' in shown
    assert html.plain(post.content) == "@agenda La récolte commence lundi. #vanille"

    asked = notes.read(load("mastodon/question"))
    assert asked.poll is not None
    assert [(option.name, option.votes) for option in asked.poll.options] == [
        ("Samedi", 4),
        ("Dimanche", 1),
    ]
    assert (asked.poll.voters, asked.poll.is_closed, asked.summary) == (5, True, "Sondage")
    assert audience.read(asked.document, followers=view.followers) == "followers"

    undone = activity("mastodon/undo")
    assert undone.object is not None
    assert documents.types(undone.object) == ("Follow",)
    inner = activities.inner(undone)
    assert inner is not None
    assert inner.object_id == "https://saint-leu.example/ap/actors/7"

    deleted = activity("mastodon/delete")
    assert (deleted.object, deleted.object_id) == (None, post.id)


def test_gotosocial() -> None:
    view = actor("gotosocial/actor")
    assert (view.shared_inbox, view.locked) == (None, True)
    assert documents.kind({"type": "Person", "id": view.id, "publicKey": {}}) is Kind.ACTOR

    created = activity("gotosocial/create")
    assert created.to == (PUBLIC,)
    assert created.object is not None
    post = notes.read(created.object)
    assert post.attachments[0].description == "Une pile de livres"
    assert post.hashtags == ("livres",)
    assert post.published == datetime(2026, 11, 19, 18, 30, 5, 123_000, tzinfo=UTC)

    votes = activities.objects(activity("gotosocial/vote"))
    assert [(vote.title, vote.is_vote) for vote in map(notes.read, votes)] == [
        ("Pour", True),
        ("Blanc", True),
    ]
    assert collections.ids(load("gotosocial/featured")) == [post.id]


def test_misskey() -> None:
    assert actor("misskey/actor").fields == (Field("Jardin", "Potager partagé"),)

    post = posted("misskey/create")
    assert post.quote == QuoteView(
        "https://mastodon.example/users/nadia/statuses/116000000000000001", legacy=True
    )
    assert audience.read(post.document, followers=f"{post.author}/followers") == "unlisted"
    assert html.plain(post.content).startswith("Regardez ces tomates !\n\nRE: https://mastodon")

    liked = activity("misskey/like")
    assert documents.string(liked.document, "content") == ":soleil:"
    assert liked.to == ()
    assert activity("misskey/follow").object_id == "https://saint-leu.example/ap/actors/7"


def test_pleroma() -> None:
    assert actor("pleroma/actor").url == "https://pleroma.example/users/ivan"

    post = posted("pleroma/create")
    assert (post.direct_flag, post.authors) == (None, ("https://pleroma.example/users/ivan",))
    assert audience.read(post.document, followers=None) == "direct"
    assert post.conversation == "https://pleroma.example/contexts/5c0e"
    assert activity("pleroma/create").object is not None

    reacted = activity("pleroma/react")
    assert (reacted.type, reacted.cc) == ("EmojiReact", (PUBLIC,))
    said = activities.embedded(activity("pleroma/chat"))
    assert said is not None
    assert documents.types(said) == ("ChatMessage",)


def test_lemmy() -> None:
    group = actor("lemmy/community")
    assert (group.type, group.kind, group.url) == ("Group", "stranger", None)

    announced = activity("lemmy/announce")
    assert announced.object is None
    inner = activities.inner(announced)
    assert inner is not None
    assert (inner.type, inner.actor) == ("Create", "https://lemmy.example/u/solene")
    assert inner.object is not None
    page = notes.read(inner.object)
    assert (page.type, page.language, page.audience) == ("Page", "fr", (group.id,))
    assert html.plain(page.content) == (
        "Quel compost pour un sol acide ?\n\nTout est dans le titre.\n\nhttps://lemmy.example/post/41"
    )
    assert page.attachments[0].url == "https://lemmy.example/pictrs/image/1.webp"
    assert activity("lemmy/announce_page").object_id == page.id


def test_peertube() -> None:
    channel = actor("peertube/channel")
    assert channel.icon == "https://peertube.example/lazy-static/avatars/48.png"

    video = notes.read(load("peertube/video"))
    assert video.author == "https://peertube.example/accounts/paul"
    assert channel.id in video.authors
    assert (video.url, video.language) == (video.id, "fr")
    assert html.plain(video.content) == (
        "Changer une chambre à air\n\nPas à pas, avec **trois** démonte-pneus.\n"
        "Et <un> peu de patience.\n\nhttps://peertube.example/videos/watch/6f0d"
    )
    assert activity("peertube/announce").object_id == video.id
    assert activity("peertube/view").type == "View"


def test_w_evt_02_mobilizon() -> None:
    group = actor("mobilizon/group")
    assert (group.openness, group.type) == ("moderated", "Group")
    assert group.location is not None
    assert (group.location.latitude, group.location.locality) == (45.7, "Lyon")

    created = activity("mobilizon/create")
    assert (created.actor, created.object) == ("https://mobilizon.example/@lucie", None)
    event = notes.read(load("mobilizon/event"))
    assert event.id == created.object_id
    assert event.authors == (group.id, created.actor)
    assert event.event is not None
    assert (event.event.status, event.event.link) == ("cancelled", "https://bal.example")
    assert event.event.ends_at == datetime(2027, 1, 1, 2, tzinfo=UTC)
    assert html.plain(event.content) == (
        "[CANCELLED] Bal de la Saint-Sylvestre\n\n"
        "2026-12-31 20:00 – 2027-01-01 03:00, Salle polyvalente, 2 rue du Four, 69000 Lyon\n\n"
        "Venez costumés.\n\nhttps://mobilizon.example/events/0f5c"
    )
    assert [file.url for file in event.attachments] == ["https://mobilizon.example/media/bal.jpg"]

    joined = links.read_request(activity("mobilizon/join"))
    assert (joined.message, joined.target) == (
        "Nous serons deux.",
        "https://saint-leu.example/ap/posts/42",
    )
    invited = links.read_request(activity("mobilizon/invite"))
    assert (invited.subject, invited.target) == ("https://saint-leu.example/ap/actors/1", group.id)
    member = links.read(load("mobilizon/member"))
    assert (member.subject, member.target, member.state) == (invited.subject, group.id, "active")
    removed = links.read_request(activity("mobilizon/remove"))
    assert (removed.subject, removed.target) == (member.id, group.id)


def test_pixelfed() -> None:
    post = posted("pixelfed/create")

    assert post.attachments[0].description == "Le lagon vu de la plage"
    assert html.plain(post.content) == "Le lagon à six heures #lagon"
    assert 'rel="tag nofollow' in html.clean(post.content)
    assert activity("pixelfed/story").type == "Add"
    assert actor("pixelfed/actor").indexable


def test_friendica() -> None:
    post = posted("friendica/create")

    assert html.plain(post.content) == (
        "Retour de pêche\n\nSix bars et un homard.\n\nhttps://friendica.example/display/77aa"
    )
    assert (post.direct_flag, post.type) == (False, "Article")
    followed = activity("friendica/follow_post")
    assert followed.object_id == "https://saint-leu.example/ap/posts/3"
    assert actor("friendica/actor").followers == "https://friendica.example/followers/yann"


def test_wordpress() -> None:
    view = actor("wordpress/author")
    assert view.capabilities == ("https://datatracker.ietf.org/doc/html/rfc9421",)
    assert (view.webfinger, len(view.fields)) == ("journal@wordpress.example", 1)

    post = posted("wordpress/create")
    assert html.plain(post.content) == (
        "Le vieux pont ferme\n\nSix mois de travaux à partir de lundi.\n\n"
        "https://wordpress.example/2026/11/11/le-vieux-pont-ferme/"
    )
    assert post.summary == ""
    assert post.attachments[0].description == "Le pont fermé"


def test_gancio() -> None:
    assert actor("gancio/actor").type == "Application"

    event = posted("gancio/create")
    assert event.event is not None
    assert event.event.place is not None
    assert (event.event.place.address, event.event.status) == (
        "30 rue Jean-Marie Le Bris, Brest",
        None,
    )
    assert html.plain(event.content) == (
        "Fest-noz\n\nLa Carène, samedi 5 décembre (20:30)\n\n"
        "https://gancio.example/event/fest-noz"
    )  # fmt: skip


def test_communecter() -> None:
    project = actor("communecter/project")
    assert (project.type, project.kind, project.stage) == ("Group", "project", "development")
    assert project.summary == "Remettre en route le four du village"

    joined = links.read_request(activity("communecter/join"))
    assert (joined.target, joined.roles) == (
        "https://saint-leu.example/ap/actors/5",
        ("Partenaire", "Directeur"),
    )
    invited = links.read_request(activity("communecter/invite"))
    assert (invited.subject, invited.target) == (
        "https://saint-leu.example/ap/actors/1",
        project.id,
    )


def test_the_quotes_of_mastodon() -> None:
    asked = activity("mastodon/quote_request")
    view = notes.read(asked.document["instrument"])
    assert asked.object_id == "https://saint-leu.example/ap/posts/12"
    assert view.quote == QuoteView("https://saint-leu.example/ap/posts/12")
    followers = "https://mastodon.example/users/nadia/followers"
    policy = quotes.read_policy(view.document, followers=followers)
    assert policy == quotes.PolicyView(automatic=("followers",))

    stamp = quotes.read_stamp(load("mastodon/quote_authorization"))
    assert (stamp.author, stamp.quoting) == (view.author, "https://saint-leu.example/ap/posts/13")
    assert quotes.write_stamp(stamp).items() <= load("mastodon/quote_authorization").items()
    everybody = quotes.read_policy(posted("mastodon/create").document, followers=None)
    assert everybody == quotes.PolicyView(automatic=("public",))
