"""Write, answer, react and act for others, by forms, without scripts."""

from __future__ import annotations

import pytest

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.queries import people as taking
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Viewer, Visibility
from tests.fediverse.test_events import announce
from tests.support import pictures
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Town

POSTS = "commune.post"
REACTIONS = "commune.reaction"


async def latest(town: Town, author: Account) -> Post:
    pool = town.commune.database.pool
    found = await pool.fetchval("select max(id) from commune.post where author_id = $1", author.id)
    post = await posts.by_id(pool, Viewer(author.id), found)
    assert post is not None
    return post


async def act_as(browser: Browser, account: Account) -> None:
    await browser.open("/home")
    await browser.send("/acting", account=str(account.id))


async def leave(town: Town, person: Account, organisation: Account) -> None:
    """Take the right to act for *organisation* away, as when somebody hands it over."""
    await town.commune.database.pool.execute(
        "update commune.link set state = 'ended' where subject_id = $1 and target_id = $2",
        person.id,
        organisation.id,
    )


async def test_somebody_writes_on_the_front_page_and_reads_it_there(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    await browser.open("/")

    sent = await browser.send(
        "/write",
        text="Bonjour **à tous** #fete",
        warning="Joie",
        visibility="public",
        language="fr",
    )

    assert sent.history[0].status_code == 303
    post = await latest(town, marie)
    assert sent.url.path == f"/@marie/{post.id}"
    assert (post.summary, post.language, post.visibility) == ("Joie", "fr", "public")
    assert "<strong>à tous</strong>" in (await browser.open("/")).text


async def test_the_same_form_sent_twice_is_one_post(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    form = forms_of(await browser.open("/write"))["/write"]
    for _ in range(2):
        await browser.client.post("/write", data={**form, "text": "Une fois"})

    assert await town.count(POSTS) == 1


async def test_a_picture_with_its_description_and_a_poll_hang_on_a_post(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    form = forms_of(await browser.open("/write"))["/write"]

    await browser.client.post(
        "/write",
        data={**form, "text": "Regardez", "alt-new-1": "Le lagon", "visibility": "public"},
        files={"picture-1": ("lagon.png", pictures.png(), "image/png")},
    )
    page = await browser.open(f"/@marie/{(await latest(town, marie)).id}")
    assert 'alt="Le lagon"' in page.text

    await browser.open("/write")
    await browser.send(
        "/write", **{"text": "Quand ?", "option-1": "Samedi", "option-2": "Dimanche", "lasts": "3"}
    )
    assert (await latest(town, marie)).type == "Question"


async def test_what_was_typed_and_sent_stays_when_something_must_be_corrected(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    form = forms_of(await browser.open("/write"))["/write"]

    answer = await browser.client.post(
        "/write",
        data={**form, "text": "Quand <ça> ?", "option-1": "Seul", "alt-new-1": "Le lagon"},
        files={"picture-1": ("lagon.png", pictures.png(), "image/png")},
    )

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Quand &lt;ça&gt; ?" in answer.text
    again = forms_of(answer)["/write"]
    assert again["option-1"] == "Seul"
    assert again[f"alt-{again['media']}"] == "Le lagon"
    assert await town.count(POSTS) == 0
    await browser.client.post("/write", data={**again, "text": "Quand ?", "option-1": ""})
    assert "Le lagon" in (await browser.open(f"/@marie/{(await latest(town, marie)).id}")).text


@pytest.mark.parametrize(
    "fields",
    [
        {"text": " "},
        {"text": "x" * 5_001},
        {"text": "x", "visibility": "moon"},
        {"text": "x", "option-1": "Oui", "option-2": "Oui"},
        {"text": "x", "language": "not a language"},
    ],
)
async def test_nothing_is_published_that_needs_a_correction(
    town: Town, browser: Browser, fields: dict[str, str]
) -> None:
    await browser.sign_in(await town.citizen("marie"))
    await browser.open("/write")

    assert (await browser.send("/write", **fields)).status_code == 422
    assert await town.count(POSTS) == 0


async def test_an_answer_names_whom_it_answers_and_is_no_wider(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await town.say(marie, "Entre amis", visibility=Visibility.UNLISTED)
    await browser.sign_in(paul)
    page = await browser.open(f"/@marie/{said.id}")
    assert ">@marie </textarea>" in page.text
    assert 'value="public"' not in page.text

    await browser.send("/write", text="@marie Oui !", visibility="public")

    answer = await latest(town, paul)
    assert (answer.parent_id, answer.visibility) == (said.id, Visibility.UNLISTED)
    assert await town.count("commune.notification") >= 1


async def test_somebody_changes_and_deletes_what_they_wrote(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    said = await town.say(marie, "Bonjuor")
    await browser.sign_in(marie)

    assert ">Bonjuor</textarea>" in (await browser.open(f"/posts/{said.id}/edit")).text
    await browser.send(f"/posts/{said.id}/edit", text="Bonjour")
    assert (await town.seen(said)).source == "Bonjour"

    await browser.open(f"/posts/{said.id}/delete")
    gone = await browser.send(f"/posts/{said.id}/delete")
    assert gone.url.path == "/@marie"
    assert (await browser.open(f"/@marie/{said.id}")).status_code == 410


async def test_sec_vis_11_nobody_changes_or_deletes_what_another_wrote(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await town.say(marie, "Bonjour")
    await browser.sign_in(paul)
    form = forms_of(await browser.open("/write"))["/write"]

    for path in (f"/posts/{said.id}/edit", f"/posts/{said.id}/delete"):
        assert (await browser.open(path)).status_code == 404
        sent = await browser.client.post(path, data={**form, "text": "Volé"})
        assert sent.status_code == 404
    await browser.client.post(f"/posts/{said.id}/do", data={**form, "verb": "pin"})

    assert (await town.seen(said)).source == "Bonjour"
    assert (await town.seen(said)).deleted_at is None
    assert await town.count("commune.featured") == 0


async def test_one_likes_boosts_keeps_and_takes_it_back(town: Town, browser: Browser) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await town.say(marie, "Bonjour")
    before = await town.count(REACTIONS)
    await browser.sign_in(paul)
    await browser.open("/")
    do = f"/posts/{said.id}/do"

    for verb in ("like", "boost", "bookmark"):
        back = await browser.send(do, verb=verb)
        assert back.url.path == "/"
    assert await town.count(REACTIONS) == before + 2
    assert await town.count("commune.bookmark") == 1
    assert back.text.count('aria-pressed="true"') == 3
    assert f'id="post-{said.id}"' in (await browser.open("/bookmarks")).text

    for verb in ("unlike", "unboost", "unbookmark"):
        await browser.send(do, verb=verb)
    assert await town.count(REACTIONS) == before
    assert await town.count("commune.bookmark") == 0


async def test_sec_aut_08_no_deed_without_the_token_of_the_form(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await town.say(marie, "Bonjour")
    before = await town.count(REACTIONS)
    await browser.sign_in(paul)
    await browser.open("/")

    for path, fields in (
        (f"/posts/{said.id}/do", {"verb": "like"}),
        ("/write", {"text": "Bonjour"}),
        (f"/people/{marie.id}/do", {"verb": "follow"}),
        ("/acting", {"account": str(marie.id)}),
    ):
        assert (await browser.client.post(path, data=fields)).status_code == 403
    assert await town.count(POSTS) == 1
    assert await town.count(REACTIONS) == before
    assert await town.count("commune.follow") == 0
    assert await town.count("commune.acting") == 0


async def test_sec_vis_02_what_one_may_not_see_is_not_there_to_react_to(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    said = await town.say(marie, "Pour moi", visibility=Visibility.DIRECT)
    await browser.sign_in(paul)
    form = forms_of(await browser.open("/write"))["/write"]

    for path in (f"/@marie/{said.id}", f"/posts/{said.id}", f"/write?answers={said.id}"):
        assert (await browser.open(path)).status_code == 404
    sent = await browser.client.post(f"/posts/{said.id}/do", data={**form, "verb": "like"})
    assert sent.status_code == 404
    answered = await browser.client.post(
        "/write", data={**form, "text": "Ah ?", "answers": str(said.id)}
    )
    assert answered.status_code == 404
    assert await town.count(POSTS) == 1
    assert await town.count(REACTIONS) == 0


async def test_one_acts_for_an_association_one_administers(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    club = await town.organisation(marie, "petanque")
    await browser.sign_in(marie)
    await act_as(browser, club)
    page = await browser.open("/")
    assert 'You act as </span><span class="name"><bdi>Petanque' in page.text

    sent = await browser.send("/write", text="Concours dimanche", visibility="public")

    assert sent.url.path.startswith("/@petanque/")
    assert (await latest(town, club)).source == "Concours dimanche"
    await act_as(browser, marie)
    assert await town.count("commune.acting") == 0


async def test_nobody_acts_for_an_association_of_others_or_one_they_left(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    club = await town.organisation(marie, "petanque")
    before = await town.count(POSTS)
    await browser.sign_in(paul)
    form = forms_of(await browser.open("/write"))["/write"]
    for path, fields in (
        ("/acting", {"account": str(club.id)}),
        ("/write", {"as": str(club.id), "text": "Volé"}),
        ("/settings/profile", {"as": str(club.id), "name": "Volé"}),
    ):
        sent = await browser.client.post(path, data={**form, **fields})
        assert sent.status_code == 403, path

    await browser.client.post("/sign-out", data=form)
    await browser.sign_in(marie)
    await act_as(browser, club)
    shown = forms_of(await browser.open("/write"))["/write"]
    await leave(town, marie, club)
    sent = await browser.client.post("/write", data={**shown, "text": "Encore nous"})

    assert sent.status_code == 403
    assert "may not act in this name" in sent.text
    assert await town.count(POSTS) == before
    assert forms_of(await browser.open("/write"))["/write"]["as"] == str(marie.id)


async def test_a_visitor_sees_no_form_and_is_led_to_sign_in(town: Town, browser: Browser) -> None:
    said = await town.say(await town.citizen("marie"), "Bonjour")

    for path in ("/", f"/@marie/{said.id}", "/@marie"):
        assert set(forms_of(await browser.open(path))) <= {"/directory"}  # a search asks nobody who
    for path in (
        "/home",
        "/nearby",
        "/bookmarks",
        "/write",
        "/find?q=marie",
        "/notifications",
        "/messages",
        "/settings/profile",
        f"/posts/{said.id}",
    ):
        assert (await browser.open(path)).url.path == "/sign-in"


async def test_product_7_5_an_answer_in_words_takes_part_in_an_event(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    event = await announce(town, paul)
    await browser.sign_in(marie)
    form = forms_of(await browser.open(f"/write?answers={event.id}"))["/write"]

    await browser.client.post("/write", data={**form, "text": "Je participe !"})

    (one,) = await taking.of_event(town.commune.database.pool, event.id)
    assert (one.account_id, one.takes_part) == (marie.id, True)
