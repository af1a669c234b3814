"""Classifieds and needs on pages, without scripts (product 7.4, 7.6)."""

from __future__ import annotations

import re

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.classifieds import actions
from fedcommune.domain.classifieds.model import Draft
from fedcommune.domain.helping import queries as helpers
from fedcommune.domain.posts import offers
from fedcommune.domain.posts.model import Post
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Clock, Town


async def offer(town: Town, author: Account, draft: Draft) -> Post:
    async with town.commune.database.transaction() as tx:
        return await actions.publish(tx, author, draft)


async def post_form(browser: Browser, address: str, action: str, **fields: str) -> None:
    """Fill in a form with a file field, and send it as a browser does."""
    page = await browser.open(address)
    form = {**forms_of(page)[action], **fields}
    form.pop("picture", None)
    browser.shown = await browser.client.post(
        action, data=form, files={"picture": ("", b"", "application/octet-stream")}
    )


async def test_somebody_publishes_changes_renews_and_concludes_it(
    town: Town, browser: Browser, clock: Clock
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)

    await post_form(
        browser,
        "/classifieds/new",
        "/classifieds/new",
        title="Donne 20 plants de tomates",
        place="12 chemin Dubuisson",
        category="plants",
    )
    address = browser.page.url.path
    number = int(address.rpartition("/")[2])
    page = await browser.open(address)
    assert "<h1><bdi>Donne 20 plants de tomates</bdi></h1>" in page.text
    assert "Dubuisson" not in page.text, "an address is not told"
    assert "Donne 20 plants" in (await browser.open("/classifieds")).text
    assert "Donne 20 plants" in (await browser.open("/classifieds?purpose=offer")).text
    assert "Donne 20 plants" not in (await browser.open("/classifieds?purpose=request")).text
    assert "Donne 20 plants" not in (await browser.open("/classifieds?category=books")).text

    clock.pass_by(minutes=1)
    edit = f"{address}/edit"
    assert forms_of(await browser.open(edit))[edit]["title"] == "Donne 20 plants de tomates"
    await post_form(browser, edit, edit, title="Donne 10 plants de tomates")
    assert "Donne 10 plants" in (await browser.open(address)).text

    for verb, state in (("renew", "open"), ("conclude", "fulfilled")):
        clock.pass_by(days=10)
        form = forms_of(await browser.open(address))[f"{address}/{verb}"]
        answer = await browser.client.post(f"{address}/{verb}", data=form)
        assert answer.url.path == address
        kept = await offers.of_post(town.commune.database.pool, number)
        assert kept is not None
        assert kept.state == state
    assert "Donne 10 plants" not in (await browser.open("/classifieds")).text


async def test_the_directory_tells_what_is_offered_and_not_its_title_again(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await offer(town, marie, Draft("Vélo d'enfant", "Freins revus.", category="plants"))
    await offer(town, marie, Draft("Cherche brouette", purpose="request"))

    page = await browser.open("/directory")

    offered, wanted = re.findall(r'<span class="told"><bdi>(.*?)</bdi>', page.text)
    assert offered.startswith("Don ·")
    assert wanted.startswith("Freins revus. Don ·")
    assert "message privé" not in page.text


async def test_what_is_wrong_is_said_and_nothing_is_published(town: Town, browser: Browser) -> None:
    await browser.sign_in(await town.citizen("marie"))
    for fields in (
        {"title": ""},
        {"title": "Vélo", "exchange": "sale"},
        {"title": "Vélo", "exchange": "sale", "price": "cher"},
        {"title": "Vélo", "category": "nonsense"},
        {"title": "Vélo", "scope": "nonsense"},
    ):
        await post_form(browser, "/classifieds/new", "/classifieds/new", **fields)
        assert browser.page.status_code == 422, fields
        assert 'role="alert"' in browser.page.text
    assert await town.count("commune.post") == 0


async def test_an_answer_is_private_and_a_visitor_is_led_to_sign_in(
    town: Town, browser: Browser
) -> None:
    """SEC-VIS-02: who answers writes to who offers, and to nobody else."""
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await offer(town, marie, Draft("Prête une échelle", exchange="loan"))
    address = f"/classifieds/{post.id}"
    page = await browser.open(address)
    assert f"/sign-in?return_to={address}" in page.text
    assert post.object_id in page.text

    await browser.sign_in(paul)
    form = forms_of(await browser.open(address))[f"{address}/contact"]
    form["text"] = "Pour samedi ?"
    answer = await browser.client.post(f"{address}/contact", data=form)
    assert answer.url.path == address
    assert 'role="status"' in answer.text
    visibility = await town.commune.database.pool.fetchval(
        "select visibility from commune.post where source = 'Pour samedi ?'"
    )
    assert visibility == "direct"
    assert "Pour samedi" not in (await browser.open(address)).text
    await browser.sign_in(await town.citizen("luc"))
    assert "Pour samedi" not in (await browser.open(address)).text
    assert "Pour samedi" not in (await browser.open(f"/@marie/{post.id}")).text


async def test_others_neither_change_nor_renew_nor_conclude_it(
    town: Town, browser: Browser
) -> None:
    """SEC-VIS-11, SEC-AUT-08: the same as if it did not exist; without a token, not at all."""
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await offer(town, marie, Draft("Prête une échelle", exchange="loan"))
    address = f"/classifieds/{post.id}"
    await browser.sign_in(paul)
    token = forms_of(await browser.open(address))[f"{address}/contact"]
    assert (await browser.open(f"{address}/edit")).status_code == 404
    for verb in ("renew", "conclude"):
        assert (await browser.client.post(f"{address}/{verb}", data=token)).status_code == 404
        assert (
            await browser.client.post(f"{address}/{verb}", data={"csrf": "x"})
        ).status_code == 403
    kept = await offers.of_post(town.commune.database.pool, post.id)
    assert kept is not None
    assert kept.state == "open"


async def test_what_is_for_the_commune_is_only_on_the_pages_of_who_lives_here(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await offer(town, marie, Draft("Prête une échelle", exchange="loan", scope="commune"))
    for address in ("/classifieds", f"/classifieds/{post.id}", "/", "/@marie", "/directory"):
        assert "Prête une échelle" not in (await browser.open(address)).text
    assert (await browser.open(f"/classifieds/{post.id}")).status_code == 404
    await browser.sign_in(paul)
    assert "Prête une échelle" in (await browser.open("/classifieds")).text
    assert "Prête une échelle" in (await browser.open(f"/classifieds/{post.id}")).text


async def test_a_need_is_published_helped_with_and_accepted(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    garden = await town.project(marie, "jardin_partage")
    await browser.sign_in(marie)
    form = forms_of(await browser.open("/needs/new"))["/needs/new"]
    form |= {"author": str(garden.id), "title": "Des bras samedi", "wanted": "people"}
    form |= {"helpers": "1", "needed_by": "2030-01-05"}
    answer = await browser.client.post("/needs/new", data=form)
    address = answer.url.path
    number = int(address.rpartition("/")[2])

    await browser.sign_in(paul)
    page = await browser.open(address)
    helping = f"/needs/{number}/help"
    await browser.client.post(helping, data=forms_of(page)[helping])
    (offered,) = await helpers.of_need(town.commune.database.pool, number)
    assert offered.help.state == "offered"
    accept = f"/help/{offered.help.id}/accept"
    page = await browser.open(address)
    assert accept not in page.text
    assert helping not in page.text, "once is enough"
    token = forms_of(await browser.open("/settings"))["/settings/language"]
    assert (await browser.client.post(accept, data=token)).status_code == 404

    await browser.sign_in(marie)
    page = await browser.open(address)
    assert "paul" in page.text.lower()
    answer = await browser.client.post(accept, data=forms_of(page)[accept])
    assert answer.url.path == address
    kept = await offers.of_post(town.commune.database.pool, number)
    assert kept is not None
    assert (kept.helpers, kept.state) == (1, "fulfilled")


async def test_a_person_without_a_project_is_told_what_to_do(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    page = await browser.open("/needs/new")
    assert "/classifieds/new" in page.text
    token = forms_of(await browser.open("/settings"))["/settings/language"]
    form = {**token, "title": "Des bras", "author": str(marie.id)}
    assert (await browser.client.post("/needs/new", data=form)).status_code == 403
    assert await town.count("commune.offer") == 0


async def test_what_is_near_a_point_is_shown_and_nonsense_is_no_point(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    draft = Draft("Donne une brouette", latitude=-21.17, longitude=55.29)
    await offer(town, marie, draft)

    near = await browser.open("/classifieds?lat=-21.17&lon=55.29&radius=5")
    far = await browser.open("/classifieds?lat=48.85&lon=2.35&radius=5")
    odd = await browser.open("/classifieds?lat=nan&lon=x")

    assert "brouette" in near.text
    assert forms_of(near)["/classifieds"]["lat"] == "-21.17000"
    assert "Around the point that was chosen" in far.text
    assert "brouette" not in far.text
    assert "brouette" in odd.text
    assert "data-near-me" in odd.text
