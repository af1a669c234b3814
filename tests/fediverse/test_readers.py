"""Who may read what, on every way to it: unsigned, signed, by a follower, across a block."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.blocks import actions as blocks
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.hosts.model import Policy
from fedcommune.domain.posts.model import Post
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.visibility import Visibility
from fedcommune.settings import FederationSection
from federation import signatures
from federation.signatures import Scheme
from tests.fediverse.asking import PAGE, Signer, ask, document, set_policy
from tests.fediverse.conftest import Neighbours
from tests.support import communes
from tests.support.communes import Clock, Town

VIEWERS = ("anonymous", "follower", "mentioned", "other", "blocked")
OPEN = (Visibility.PUBLIC, Visibility.UNLISTED)


@dataclass
class Scene:
    """Marie here, four readers there, and one post of each visibility with a word of its own."""

    here: Town
    there: Town
    marie: Account
    signers: dict[str, Signer | None]
    posts: dict[Visibility, Post]

    def word(self, visibility: Visibility) -> str:
        return f"mot{visibility.value}"


@pytest.fixture
async def scene(neighbours: Neighbours) -> Scene:
    here, there = neighbours.here, neighbours.there
    marie = await here.citizen("marie")
    known = await there.meet(marie)
    signers: dict[str, Signer | None] = {"anonymous": None}
    for name in VIEWERS[1:]:
        account = await there.citizen(name)
        signers[name] = (there, account)
        met = await here.meet(account)
        if name in ("follower", "blocked"):
            async with there.commune.database.transaction() as tx:
                await follows.follow(tx, account, known)
            await neighbours.settle()
        if name == "blocked":
            async with here.commune.database.transaction() as tx:
                await blocks.block(tx, marie, met)
    said = {}
    for visibility in Visibility:
        word = f"mot{visibility.value}"
        text = f"@mentioned@{there.domain} {word} #{word}"
        said[visibility] = await here.say(marie, text, visibility)
        if visibility in OPEN:
            async with here.commune.database.transaction() as tx:
                await reactions.pin(tx, marie, said[visibility])
    return Scene(here, there, marie, signers, said)


def _may(viewer: str, visibility: Visibility) -> bool:
    if viewer == "blocked":
        return False
    if visibility in OPEN or viewer == "mentioned":
        return True
    return visibility is Visibility.FOLLOWERS and viewer == "follower"


async def test_sec_vis_01_who_reads_a_post_and_what_hangs_on_it(scene: Scene) -> None:
    for viewer in VIEWERS:
        signer = scene.signers[viewer]
        for visibility, post in scene.posts.items():
            for part in ("", "/replies", "/replies/page", "/context", "/context/page", "/shares"):
                answer = await ask(scene.here, post.object_id + part, signer=signer)
                case = (viewer, visibility, part)
                assert answer.status_code == (200 if _may(viewer, visibility) else 404), case
                if not _may(viewer, visibility):
                    assert scene.word(visibility) not in answer.text
                if signer is not None:
                    # SEC-VIS-04: no cache gives it to the next one.
                    assert "public" not in answer.headers["cache-control"], case


async def test_sec_vis_01_the_activity_of_a_post_is_for_everybody_or_nobody(scene: Scene) -> None:
    instance = scene.here.commune.instance
    for viewer in VIEWERS:
        for visibility, post in scene.posts.items():
            address = instance.answer("create", post.object_id)
            answer = await ask(scene.here, address, signer=scene.signers[viewer])
            expected = visibility in OPEN and viewer != "blocked"
            assert answer.status_code == (200 if expected else 404), (viewer, visibility)


async def test_sec_vis_01_lists_show_the_open_posts_to_all_but_the_blocked(scene: Scene) -> None:
    for viewer in VIEWERS:
        for part in ("outbox/page", "featured"):
            address = f"{scene.marie.actor_id}/{part}"
            answer = await ask(scene.here, address, signer=scene.signers[viewer])
            assert answer.status_code == (404 if viewer == "blocked" else 200)
            for visibility in Visibility:
                shown = scene.word(visibility) in answer.text
                assert shown is (visibility in OPEN and viewer != "blocked"), (viewer, part)


async def test_sec_vis_01_an_answer_in_a_thread_is_hidden_across_a_block(scene: Scene) -> None:
    here = scene.here
    paul = await here.citizen("paul")
    begun = await here.say(paul, "Une question")
    answers = {
        visibility: await here.say(scene.marie, "Une réponse", visibility, to=begun)
        for visibility in Visibility
    }
    for viewer in VIEWERS:
        for part in ("replies/page", "context/page"):
            answer = await ask(here, f"{begun.object_id}/{part}", signer=scene.signers[viewer])
            assert answer.status_code == 200
            for visibility, reply in answers.items():
                page = answer.json()
                listed = reply.object_id in page.get("items", page.get("orderedItems"))
                expected = visibility in OPEN and viewer != "blocked"
                assert listed is expected, (viewer, part, visibility)


async def test_sec_vis_01_pages_show_the_open_posts_only(scene: Scene) -> None:
    here = scene.here
    for visibility, post in scene.posts.items():
        word = scene.word(visibility)
        for address in (f"/ap/posts/{post.id}", f"/@marie/{post.id}"):
            answer = await ask(here, address, accept=PAGE)
            assert answer.status_code == (200 if visibility in OPEN else 404)
            assert (word in answer.text) is (visibility in OPEN)
        profile = await ask(here, "/@marie", accept=PAGE)
        assert (word in profile.text) is (visibility in OPEN)
        home = await ask(here, "/", accept=PAGE)
        assert (word in home.text) is (visibility is Visibility.PUBLIC)
        tag = await ask(here, f"/tags/{word}", accept=PAGE)
        assert (f"/{post.id}" in tag.text) is (visibility is Visibility.PUBLIC)
        found = await ask(here, f"/.well-known/webfinger?resource=acct:marie@{here.domain}")
        assert word not in found.text


@pytest.mark.parametrize("scheme", ["cavage", "rfc9421"])
async def test_sec_vis_04_a_followers_post_is_read_by_a_follower(
    scene: Scene, scheme: Scheme
) -> None:
    post = scene.posts[Visibility.FOLLOWERS]
    answer = await ask(
        scene.here,
        post.object_id,
        signer=scene.signers["follower"],
        scheme=scheme,
    )
    assert answer.status_code == 200
    assert "motfollowers" in answer.json()["content"]
    assert answer.headers["cache-control"] == "private, no-store"
    assert (await ask(scene.here, post.object_id)).status_code == 404


async def test_w_af_03_a_wrong_signature_is_refused_even_for_public_things(scene: Scene) -> None:
    public = scene.posts[Visibility.PUBLIC].object_id
    signer = scene.signers["other"]
    assert signer is not None
    _, other = signer
    good = await _signature(scene, signer, public)
    for changed in (
        {"Signature": good["Signature"].replace('signature="', 'signature="AAAA')},
        {"Signature": "nonsense"},
        {"Date": "Tue, 20 Apr 2021 02:07:55 GMT"},
        {"Signature": good["Signature"].replace(other.actor_id, scene.marie.actor_id)},
    ):
        answer = await ask(scene.here, public, headers={**good, **changed})
        assert answer.status_code in (400, 401)
        assert "content" not in answer.json()
        assert answer.headers["cache-control"] == "no-store"
    elsewhere = scene.posts[Visibility.UNLISTED].object_id
    assert (await ask(scene.here, elsewhere, headers=good)).status_code == 401


async def _signature(scene: Scene, signer: Signer, address: str) -> dict[str, str]:
    home, account = signer
    return signatures.sign(
        method="GET",
        url=address,
        body=None,
        signer=await home.commune.signers.signer(account.actor_id),
        scheme="cavage",
        now=home.commune.database.clock(),
    )


async def test_w_af_03_a_blocked_server_reads_nothing_not_even_public_things(
    scene: Scene,
) -> None:
    here, there = scene.here, scene.there
    public = scene.posts[Visibility.PUBLIC].object_id
    signer = scene.signers["other"]
    assert (await ask(here, public, signer=signer)).status_code == 200
    await set_policy(here, "trois-bassins.localhost", Policy.BLOCKED)
    absent = await ask(here, "/ap/posts/1")
    create = here.commune.instance.answer("create", public)
    for address in (
        public,
        f"{public}/replies",
        create,
        scene.marie.actor_id,
        f"{scene.marie.actor_id}/outbox",
        here.commune.instance.actor,
    ):
        answer = await ask(here, address, signer=signer)
        assert (answer.status_code, answer.content) == (404, absent.content), address
        assert (await ask(here, address)).status_code == 200
    stranger = await there.citizen("nouveau")
    assert (await ask(here, public, signer=(there, stranger))).status_code == 404
    assert await here.known(stranger) is None


@pytest.fixture
async def secured(database_url: str, second_database_url: str) -> AsyncIterator[Neighbours]:
    """Two communes that both answer signed requests only."""
    clock = Clock()
    secure = FederationSection(secure_mode=True)
    async with (
        communes.town("saint-leu", database_url, clock, federation=secure) as here,
        communes.town("trois-bassins", second_database_url, clock, federation=secure) as there,
    ):
        yield Neighbours(here, there, clock)


async def test_w_af_01_in_secure_mode_only_who_signs_reads(secured: Neighbours) -> None:
    here, there = secured.here, secured.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    post = await here.say(marie, "Bonjour")
    create = here.commune.instance.answer("create", post.object_id)
    for address in (
        marie.actor_id,
        f"{marie.actor_id}/outbox",
        post.object_id,
        f"{post.object_id}/replies",
        create,
        "/ap/actors/1",
        "/ap/posts/1",
    ):
        refused = await ask(here, address)
        assert refused.status_code == 401, address
        assert "Bonjour" not in refused.text
        answer = await ask(here, address, signer=(there, jean))
        assert answer.status_code == (404 if address.endswith("/1") else 200)
        if answer.status_code == 200:
            assert answer.headers["cache-control"] == "private, no-store"
    for address in (
        "/.well-known/nodeinfo",
        "/nodeinfo/2.1",
        f"/.well-known/webfinger?resource=acct:marie@{here.domain}",
    ):
        assert (await ask(here, address)).status_code == 200


async def test_w_af_02_the_instance_actor_is_always_read_unsigned(secured: Neighbours) -> None:
    here = secured.here
    found = await document(here, here.commune.instance.actor)
    assert found["type"] == "Application"
    assert found["preferredUsername"] == here.commune.instance.host
    assert found["inbox"] == f"{found['id']}/inbox"
    assert found["outbox"] == f"{found['id']}/outbox"
    assert found["publicKey"]["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")


async def test_w_af_02_two_secure_communes_do_not_wait_for_each_other(
    secured: Neighbours,
) -> None:
    here, there = secured.here, secured.there
    marie, jean = await here.citizen("marie"), await there.citizen("jean")
    known = await there.meet(marie)
    async with there.commune.database.transaction() as tx:
        await follows.follow(tx, jean, known)
    await secured.settle()
    post = await here.say(marie, "Bonjour", Visibility.FOLLOWERS)
    await secured.settle()
    assert "Bonjour" in (await there.seen(post)).content
