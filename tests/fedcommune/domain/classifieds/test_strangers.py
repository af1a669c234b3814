"""What strangers offer, in the shapes of flohmarkt, FEP-0837 and Mastodon (product 8.5)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fedcommune.database import Transaction
from fedcommune.domain.classifieds import actions, queries
from fedcommune.domain.classifieds.model import Need, Sought
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.links.model import Openness
from fedcommune.domain.posts import offers
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.deals import Offer
from fedcommune.domain.projects import actions as projects
from fedcommune.domain.projects.model import Draft
from fedcommune.domain.visibility import ANYONE, Viewer
from tests.fedcommune.domain.people import People, pair
from tests.fedcommune.domain.wire import PUBLIC, Wire, activity, befriend, note, told

FLOHMARKT: dict[str, Any] = {
    "content": "<p>Alte Lampe, 25 EUR</p>",
    "name": "Alte Lampe",
    "flohmarkt:data": {
        "name": "Alte Lampe",
        "description": "Geht noch.",
        "price": "25",
        "currency": "EUR",
        "coordinates": {"lat": 52.5174, "lng": 13.3951},
        "original_id": "11111111-1111-4111-8111-111111111111",
        "signature": "abc",
    },
}
PROPOSAL: dict[str, Any] = {
    "type": "Proposal",
    "name": "Used bike",
    "content": "<p>A bike, hardly used.</p>",
    "purpose": "offer",
    "unitBased": False,
    "publishes": {
        "type": "Intent",
        "id": "https://elsewhere.example/users/ada/notes/1#primary",
        "action": "transfer",
        "resourceConformsTo": "https://www.wikidata.org/wiki/Q11442",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "1"},
    },
    "reciprocal": {
        "type": "Intent",
        "id": "https://elsewhere.example/users/ada/notes/1#reciprocal",
        "action": "transfer",
        "resourceConformsTo": "https://www.wikidata.org/wiki/Q4916",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "30"},
    },
    "location": {"type": "Place", "name": "Rennes", "latitude": 48.11171, "longitude": -1.68099},
}


@pytest.fixture
async def wire(tx: Transaction, people: People) -> Wire:
    """A wire on which Ada, whom Marie follows, speaks."""
    marie, ada = await people.citizen("marie"), await people.stranger("ada")
    await befriend(tx, marie, ada)
    return Wire(tx)


async def offered(tx: Transaction) -> Offer | None:
    post = await posts.stored(tx.db, note()["id"])
    return None if post is None else await offers.of_post(tx.db, post.id)


async def test_a_listing_of_flohmarkt_stands_among_ours_and_is_marked(wire: Wire) -> None:
    await wire.receive(activity("Create", note(**FLOHMARKT)))

    found = await offered(wire.tx)
    assert found is not None
    assert (found.title, found.purpose, found.exchange) == ("Alte Lampe", "offer", "sale")
    assert (found.price, found.currency, found.shape) == (Decimal(25), "EUR", "flohmarkt")
    assert (found.latitude, found.longitude) == (52.52, 13.4), "rounded, whatever they say"
    (shown,) = await queries.found(wire.tx.db, ANYONE, Sought(), wire.now)
    assert shown.offer == found
    listing = await wire.tx.db.fetchrow("select kind, name, local, domain from commune.listing")
    assert listing is not None
    assert tuple(listing) == ("offer", "Alte Lampe", False, "elsewhere.example")


@pytest.mark.parametrize("shape", ["alone", "on a note", "attached"])
async def test_a_proposal_of_fep_0837_is_read_in_each_of_its_shapes(wire: Wire, shape: str) -> None:
    match shape:
        case "alone":
            said = note(**PROPOSAL)
        case "on a note":
            said = note(**{**PROPOSAL, "type": "Note"})
        case _:
            said = note(name=None, attachment=[{"id": f"{note()['id']}#p", **PROPOSAL}])
    await wire.receive(activity("Create", said))

    found = await offered(wire.tx)
    assert found is not None
    assert (found.title, found.purpose, found.exchange) == ("Used bike", "offer", "sale")
    assert (found.price, found.currency, found.shape) == (Decimal(30), "EUR", "proposal")
    assert (found.place, found.latitude) == ("Rennes", 48.11)


async def test_what_a_commune_offers_ends_with_its_update(wire: Wire) -> None:
    ours = {
        **PROPOSAL,
        "type": "Note",
        "kind": "classified",
        "cm:exchange": "loan",
        "cm:category": "tools",
        "cm:state": "open",
        "reciprocal": None,
    }
    await wire.receive(activity("Create", note(**ours)))
    found = await offered(wire.tx)
    assert found is not None
    assert (found.exchange, found.category, found.shape) == ("loan", "tools", "commune")

    over = {**ours, "cm:state": "fulfilled", "updated": "2026-09-01T08:00:00Z"}
    await wire.later(timedelta(minutes=1)).receive(activity("Update", note(**over), 2))
    found = await offered(wire.tx)
    assert found is not None
    assert found.state == "fulfilled"
    assert await wire.tx.db.fetchval("select count(*) from commune.listing") == 0

    nothing = note(updated="2026-09-01T08:01:00Z")
    await wire.later(timedelta(minutes=2)).receive(activity("Update", nothing, 3))
    assert await offered(wire.tx) is None, "an edit that offers nothing"


@pytest.mark.parametrize(
    "nonsense",
    [
        {"purpose": "offer"},
        {"purpose": "offer", "name": ""},
        {"flohmarkt:data": "x"},
        {"flohmarkt:data": {"price": "x"}},
        {"purpose": ["offer"], "name": {"a": 1}},
        {"type": "Proposal"},
    ],
)
async def test_what_is_no_offer_is_a_post_all_the_same(
    wire: Wire, nonsense: dict[str, Any]
) -> None:
    """SEC-PAR-04: nonsense offers nothing, and costs nobody the post."""
    await wire.receive(activity("Create", note(**nonsense)))
    assert await posts.stored(wire.tx.db, note()["id"]) is not None
    assert await offered(wire.tx) is None


async def test_nonsense_in_an_offer_is_left_out(wire: Wire) -> None:
    """SEC-PAR-04, SEC-DOS-05."""
    said = {
        **PROPOSAL,
        "type": "Note",
        "name": "x" * 5_000,
        "purpose": "theft",
        "cm:state": "eaten",
        "cm:exchange": 5,
        "cm:scope": "galaxy",
        "cm:helpersWanted": -3,
        "cm:category": "y" * 5_000,
        "reciprocal": {"resourceQuantity": {"hasNumericalValue": "NaN"}},
        "location": {"type": "Place", "latitude": 500, "longitude": "x"},
    }
    await wire.receive(activity("Create", note(**said)))
    found = await offered(wire.tx)
    assert found is not None
    assert (found.purpose, found.state, found.scope, found.price) == (
        "offer",
        "open",
        "public",
        None,
    )
    assert (len(found.title), len(found.category)) == (200, 100)
    assert (found.latitude, found.helpers_wanted) == (None, None)


async def test_sec_vis_07_what_a_stranger_says_is_for_neighbours_is_for_whom_it_names(
    wire: Wire, people: People
) -> None:
    """Only a commune that ours follows speaks to everybody who lives here."""
    marie, paul = await people.citizen("marie2"), await people.citizen("paul")
    said = {
        **PROPOSAL,
        "type": "Note",
        "cm:scope": "neighbours",
        "to": [marie.actor_id],
        "cc": [],
        "directMessage": False,
    }
    await wire.receive(activity("Create", note(**said)))
    post = await posts.stored(wire.tx.db, note()["id"])
    assert post is not None
    assert await offered(wire.tx) is None
    assert await posts.by_id(wire.tx.db, Viewer(marie.id), post.id) is not None
    assert await posts.by_id(wire.tx.db, Viewer(paul.id), post.id) is None


async def test_an_answer_from_mastodon_offers_help(wire: Wire, people: People) -> None:
    rose = await people.citizen("rose")
    garden = await projects.start(
        wire.tx, rose, Draft("jardin", "Jardin", openness=Openness.OPEN), pair()
    )
    need = await actions.need(wire.tx, garden, Need("Des bras", helpers=2))
    answer = note(
        inReplyTo=need.object_id,
        content=f'<p><a href="{garden.url}">@<span>jardin</span></a> Je\u00a0peux aider&nbsp;!</p>',
        to=[garden.actor_id],
        cc=[],
        tag=[{"type": "Mention", "href": garden.actor_id, "name": "@jardin@saint-leu.example"}],
    )
    await wire.receive(activity("Create", answer))
    again = note(2, inReplyTo=need.object_id, content="<p>I can help</p>", to=[PUBLIC])
    await wire.receive(activity("Create", again, 2))

    (found,) = await helpers.of_need(wire.tx.db, need.id)
    assert (found.helper.username, found.help.state) == ("ada", "offered")
    assert [kind for kind, _from, _post in await told(wire.tx, rose)].count("help_offered") == 1
