"""Long forms on a telephone, in French: what is wrong is in sight; and the pages of errors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.notices import actions as notices
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft
from tests.browser import usable
from tests.browser.visitor import Visitor, visitor
from tests.support import communes, pictures
from tests.support.communes import Clock, Town, pair

NO_PATH = "/rien-de-tout"


@pytest_asyncio.fixture(loop_scope="session", params=[True, False], ids=["scripts", "no_scripts"])
async def lea(
    browser: Browser, town: Town, request: pytest.FixtureRequest
) -> AsyncIterator[Visitor]:
    """Somebody who reads French on a telephone; and somebody whose browser runs no scripts."""
    async with visitor(browser, town, language="fr-FR", scripts=request.param) as come:
        await come.page.set_viewport_size({"width": usable.TELEPHONE, "height": 844})
        yield come


async def test_an_association_is_founded_and_told_of_with_mistakes(
    town: Town, lea: Visitor, marie: Account
) -> None:
    await lea.be(marie)
    await lea.open("/found?kind=association")
    await lea.fill(name="Ti Kaz", username="ti kaz")
    await lea.insist("Créer sa page")
    await lea.is_told("username", "sans espace ni accent")
    await lea.fill(username="ti_kaz")
    await lea.press("Créer sa page")
    await lea.sees("Étape 2 sur 2")
    for field, wrong, told in (
        ("postal_code", "974", "cinq chiffres"),
        ("website", "ti-kaz", "commence par https://"),
        ("email", "contact", "contact@exemple.org"),
        ("phone", "le soir", "en chiffres"),
        ("siret", "1234", "14 chiffres"),
        ("rna", "974", "lettre W"),
    ):
        await lea.fill(**{field: wrong})
        await lea.insist("Enregistrer")
        await lea.is_told(field, told)
        await lea.fill(**{field: ""})
    await lea.press("Enregistrer")
    await lea.is_at("/@ti_kaz")

    await lea.open("/@ti_kaz/edit")
    await lea.follow("Qui y participe")
    await lea.fill(handle="@personne")
    await lea.press("Inviter")
    await lea.is_told("handle", "Personne n'est trouvé")
    await lea.open("/@ti_kaz/close")
    await lea.fill(username="kaz")
    await lea.press("Supprimer pour de bon")
    await lea.is_told("username", "par erreur")
    await lea.open("/settings/links")
    await lea.fill(handle="@personne")
    await lea.press("Demander à participer")
    await lea.is_told("handle", "Personne n'est trouvé")
    assert await town.count("commune.link") == 1


async def test_a_place_is_told_of_and_corrected_with_mistakes(
    town: Town, lea: Visitor, marie: Account
) -> None:
    await lea.be(marie)
    await lea.open("/places/new")
    await lea.fill(name="Banc du port", website="le port")
    await lea.insist("Signaler ce lieu")
    await expect(lea.page.get_by_role("alert")).to_be_visible()
    await lea.fill(website="")
    await lea.insist("Signaler ce lieu")
    await expect(lea.page.get_by_role("alert")).to_contain_text("Dites où c'est")
    await lea.unfold("Ses coordonnées")
    await lea.fill(latitude="-21.17", longitude="55.288", opening_hours="du lever au coucher")
    await lea.press("Signaler ce lieu")
    await lea.sees("Banc du port", "du lever au coucher")
    await lea.follow("Corriger")
    await lea.fill(website="le port")
    await lea.insist("Corriger")
    await lea.is_told("website", "commence par https://")
    assert await town.count("commune.place") == 1


async def test_a_picture_stays_while_the_words_are_corrected(
    town: Town, lea: Visitor, marie: Account
) -> None:
    await lea.be(marie)
    await lea.open("/classifieds/new")
    await lea.fill(title="Vélo", price="cher", description="Un vélo rouge")
    await lea.page.locator("main [name=exchange][value=sale]").check(force=True)
    await lea.send_file("picture", pictures.png())
    await lea.press("Publier")
    await lea.is_told("price", "nombre")
    await lea.sees("Votre image est déjà là")
    await lea.fill(price="25")
    await lea.press("Publier")
    await expect(lea.main.get_by_role("img", name="Un vélo rouge")).to_be_visible()

    await lea.open("/events/new")
    await lea.fill(name="Bal", starts_day="2030-12-14", starts_time="18:00", ends_day="2030-12-13")
    await lea.send_file("banner", pictures.png())
    await lea.press("L'annoncer")
    await lea.is_told("ends_day", "finit après")
    await lea.sees("Votre image est déjà là")
    await lea.fill(starts_day="")
    await lea.insist("L'annoncer")
    await lea.is_told("starts_day", "le jour et l'heure")
    assert await town.count("commune.event") == 0


async def test_a_notice_without_words_is_not_given(
    town: Town, lea: Visitor, marie: Account
) -> None:
    async with town.commune.database.transaction() as tx:
        hall = Draft("authority", "mairie", "Mairie")
        await notices.entrust(tx, await organisations.found(tx, marie, hall, pair(5)))
    await lea.be(marie)
    await lea.open("/notices")
    await lea.insist("Prévenir tout le monde")
    await lea.is_told("text", "")
    assert await town.count("commune.post") == 0


async def test_errors_lead_somewhere(town: Town, lea: Visitor, marie: Account) -> None:
    paul = await town.citizen("paul")
    await town.organisation(paul, "theatre")
    await lea.be(marie)
    await lea.open(NO_PATH)
    await lea.sees("Il n'y a rien ici")
    await lea.open("/@theatre/edit")
    await lea.sees("Ce n'est pas permis")
    post = await town.say(marie, "À bientôt")
    await lea.open(f"/posts/{post.id}/delete")
    await lea.press("Supprimer")
    await lea.open(f"/@marie/{post.id}")
    await lea.sees("Ce n'est plus là")

    await lea.be(None)
    await lea.open("/sign-up?postal_code=97436")
    await lea.fill(email="lea@mail.example")
    await lea.page.context.clear_cookies()
    await lea.press("Continuer")
    await lea.sees("Cette page est restée ouverte trop longtemps")
    await lea.follow("Recharger la page")
    await expect(lea.page.get_by_label("Code postal")).to_have_value("97436")


async def test_who_tries_too_often_is_told_to_wait(
    browser: Browser, database_url: str, clock: Clock
) -> None:
    async with (
        communes.town("saint-leu", database_url, clock, limited=True) as town,
        visitor(browser, town, language="fr-FR") as lea,
    ):
        for _try in range(6):
            await lea.open("/sign-in")
            await lea.fill(email="marie@mail.example", password="n'importe quoi")
            await lea.press("Se connecter")
        await expect(lea.page.get_by_role("alert")).to_contain_text("attendez")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/agenda?category=MUSIC", "Rien de tel n'est annoncé"),
        ("/classifieds?category=books", "Rien trouvé"),
        ("/directory?q=volcan", "Rien trouvé"),
        ("/find?q=volcan", "Rien"),
        ("/notifications", "Tout est calme"),
        ("/messages", "Aucun message encore"),
        ("/bookmarks", "Vous ne gardez rien encore"),
        ("/planned", "Rien n’est prévu"),
        ("/claims", "Vous n'avez rien demandé"),
    ],
)
async def test_where_there_is_nothing_it_is_said(
    lea: Visitor, marie: Account, path: str, told: str
) -> None:
    await lea.be(marie)
    await lea.open(path)
    await lea.sees(told)
