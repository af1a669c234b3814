"""Two signature schemes and two media types: found out once, then remembered."""

from __future__ import annotations

from federation.names import ACTIVITY_JSON, LD_JSON_AS2
from outbox import upkeep
from tests.outbox.conftest import ALICE, Commune, public_key
from tests.outbox.peers import Peer


async def test_w_9421_05_a_peer_of_rfc_9421_is_knocked_at_twice_once(
    commune: Commune, peer: Peer
) -> None:
    peer.understands = {"rfc9421"}
    await commune.say(peer.inbox())
    await commune.deliver()
    assert [letter.scheme for letter in peer.letters] == ["cavage", "rfc9421"]
    peer.letters[1].verify(public_key(ALICE), commune.clock())

    commune.clock.move(days=29)
    await commune.say(peer.inbox())
    await commune.deliver()

    assert [letter.scheme for letter in peer.letters[2:]] == ["rfc9421"]


async def test_w_9421_05_the_winner_is_forgotten_after_thirty_days(
    commune: Commune, peer: Peer
) -> None:
    peer.understands = {"rfc9421"}
    await commune.say(peer.inbox())
    await commune.deliver()

    commune.clock.move(days=30)
    await commune.say(peer.inbox())
    await commune.deliver()

    schemes = [letter.scheme for letter in peer.letters]
    assert schemes == ["cavage", "rfc9421", "cavage", "rfc9421"]


async def test_w_9421_05_a_peer_that_changes_its_mind_is_learnt_again(
    commune: Commune, peer: Peer
) -> None:
    peer.understands = {"rfc9421"}
    await commune.say(peer.inbox())
    await commune.deliver()
    peer.letters.clear()

    peer.understands = {"cavage"}
    await commune.say(peer.inbox())
    await commune.deliver()
    await commune.say(peer.inbox())
    await commune.deliver()

    assert [letter.scheme for letter in peer.letters] == ["rfc9421", "cavage", "cavage"]
    assert await upkeep.pending(commune.pool) == 0


async def test_w_9421_05_accept_signature_asks_for_rfc_9421(commune: Commune, peer: Peer) -> None:
    await commune.say(peer.inbox())
    await commune.deliver()
    peer.letters.clear()

    peer.answers = [403]
    peer.headers = {"Accept-Signature": 'sig1=("@method" "@target-uri")'}
    await commune.say(peer.inbox())
    await commune.deliver()

    assert [letter.scheme for letter in peer.letters] == ["cavage", "rfc9421"]


async def test_s2s_01_a_peer_of_the_short_media_type_is_learnt(
    commune: Commune, peer: Peer
) -> None:
    peer.takes = {ACTIVITY_JSON}
    await commune.say(peer.inbox())
    await commune.deliver()
    await commune.say(peer.inbox())
    await commune.deliver()

    types = [letter.header("Content-Type") for letter in peer.letters]
    assert types == [LD_JSON_AS2, ACTIVITY_JSON, ACTIVITY_JSON]
    for letter in peer.letters:
        letter.verify(public_key(ALICE), commune.clock())


async def test_w_9421_05_a_refusal_for_another_reason_ends_after_the_knocks(
    commune: Commune, peer: Peer
) -> None:
    peer.status = 403
    await commune.say(peer.inbox())

    await commune.deliver()

    assert [letter.scheme for letter in peer.letters] == ["cavage", "rfc9421"]
    assert await upkeep.pending(commune.pool) == 0
