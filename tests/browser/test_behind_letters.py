"""What stands behind the links of letters, in French: done, done wrongly, and opened too late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.citizens import actions as citizens
from fedcommune.domain.events.actions import announcing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.letters import stopping
from fedcommune.domain.letters.stopping import Stop
from fedcommune.domain.moderation import actions as moderation
from fedcommune.domain.places import actions as places
from fedcommune.domain.places.model import Draft as PlaceDraft
from fedcommune.domain.posts.occasions import Occasion
from fedcommune.settings import RegistrationSection
from tests.browser.conftest import SAINT_LEU, Letters
from tests.browser.visitor import Visitor, visitor
from tests.support import communes
from tests.support.browsers import PASSWORD
from tests.support.communes import Clock, Town

HERE = (-21.17, 55.288)
VOID = "Ce lien ne marche plus"


@pytest_asyncio.fixture(loop_scope="session")
async def lea(browser: Browser, town: Town) -> AsyncIterator[Visitor]:
    """Somebody who reads French, and whose browser runs no scripts."""
    async with visitor(browser, town, language="fr-FR", scripts=False) as come:
        yield come


async def begin(person: Visitor, postal_code: str = "97436") -> None:
    await person.open("/sign-up")
    await person.fill(email="lea@mail.example", postal_code=postal_code)
    await person.press("Continuer")


async def test_the_second_page_says_what_is_wrong_with_each_field_and_opens_the_account(
    lea: Visitor, letters: Letters
) -> None:
    await lea.open("/sign-up")
    await lea.fill(email="lea", postal_code="97436")
    await lea.insist("Continuer")
    await lea.is_told("email", "Ce n'est pas une adresse e-mail")
    await lea.fill(email="lea@mail.example", postal_code="9743")
    await lea.insist("Continuer")
    await lea.is_told("postal_code", "cinq chiffres")
    await lea.fill(postal_code="97436")
    await lea.press("Continuer")

    await lea.insist("Créer mon compte")
    await lea.is_told("username", "sans espace ni accent")
    await lea.fill(username="lea")
    await lea.insist("Créer mon compte")
    await lea.is_told("name", "Écrivez le nom")
    await lea.fill(name="Léa")
    await lea.insist("Créer mon compte")
    await lea.is_told("agree", "Cochez la case")
    await lea.tick("J'ai 15 ans ou plus")
    await lea.fill(password="court")
    await lea.insist("Créer mon compte")
    await lea.is_told("password", "12 caractères")
    await lea.fill(password=PASSWORD)
    await lea.press("Créer mon compte")
    await lea.sees("Regardez vos e-mails")
    await lea.follow("Corriger l'adresse")
    await lea.is_at("/sign-up")

    link = await letters.link("confirm")
    await lea.open(link)
    await lea.press("Confirmer cette adresse")
    await lea.is_at("/welcome")
    await lea.be(None)
    await lea.open(link)
    await lea.sees(VOID)
    await lea.follow("Demander un autre e-mail")
    await lea.is_at("/sign-in/letter")


async def test_a_friend_from_elsewhere_may_leave_the_password_out(lea: Visitor) -> None:
    await begin(lea, "75011")
    await lea.sees("75011 n'est pas un code postal de Saint-leu")
    await lea.press("Entrer comme ami·e")
    await lea.sees("Vous entrez comme ami·e")
    await lea.follow("Retour")
    await expect(lea.page.get_by_label("Code postal")).to_have_value("75011")


@pytest.mark.parametrize("mode", ["approval", "invitation"])
async def test_who_waits_or_needs_an_invitation_knows_it(
    browser: Browser, database_url: str, clock: Clock, mode: str
) -> None:
    registration = RegistrationSection(mode=mode, geo_api="")  # type: ignore[arg-type]
    async with (
        communes.town(
            "saint-leu", database_url, clock, commune=SAINT_LEU, registration=registration
        ) as town,
        visitor(browser, town, language="fr-FR") as lea,
    ):
        await lea.open("/sign-up")
        if mode == "invitation":
            await lea.sees("On entre ici sur invitation")
            async with town.commune.database.transaction() as tx:
                _invitation, token = await citizens.invite(tx)
            await lea.open(f"/sign-up?invitation={token}")
        else:
            await lea.sees("avant de l'ouvrir")
        await lea.fill(email="lea@mail.example", postal_code="97436")
        await lea.press("Continuer")
        await lea.fill(name="Léa", username="lea", password=PASSWORD)
        await lea.tick("J'ai 15 ans ou plus")
        if mode == "approval":
            await lea.fill(reason="x" * 1000)
        await lea.press("Créer mon compte")
        await lea.sees("Regardez vos e-mails")
        await lea.open("/sign-in")
        await lea.fill(email="lea@mail.example", password=PASSWORD)
        await lea.press("Se connecter")
        await lea.sees("Confirmez d'abord votre adresse")


async def test_a_password_is_forgotten_and_a_link_lets_in(
    lea: Visitor, marie: Account, letters: Letters
) -> None:
    await lea.open("/password")
    await lea.fill(email="marie")
    await lea.insist("Envoyer l'e-mail")
    await lea.is_told("email", "Ce n'est pas une adresse e-mail")
    await lea.fill(email="marie@mail.example")
    await lea.press("Envoyer l'e-mail")
    link = await letters.link("reset")
    await lea.open(link)
    await lea.fill(password="court")
    await lea.insist("Enregistrer")
    await lea.is_told("password", "12 caractères")
    await lea.fill(password="trois tortues traversent")
    await lea.press("Enregistrer")
    await lea.sees("Votre mot de passe est changé")
    await lea.open(link)
    await lea.sees(VOID)
    await lea.follow("Demander un autre e-mail")
    await lea.is_at("/password")

    await lea.open("/sign-in/letter")
    await lea.fill(email="marie@mail.example")
    await lea.press("Envoyer l'e-mail")
    await lea.open(await letters.link("sign_in"))
    await lea.press("Se connecter")
    await lea.is_at("/settings")


async def test_an_address_is_changed_and_an_account_deleted(
    lea: Visitor, marie: Account, letters: Letters
) -> None:
    await lea.be(marie)
    await lea.open("/settings/email")
    await lea.fill(email="marie@ailleurs.example", password=PASSWORD)
    await lea.press("Changer")
    await lea.open(await letters.link("leave_email"))
    await lea.press("Oui, la changer")
    await lea.sees("l'e-mail envoyé à l'autre adresse")
    link = await letters.link("take_email")
    await lea.open(link)
    await lea.press("Oui, la changer")
    await lea.sees("Votre adresse e-mail est changée")
    await lea.open(link)
    await lea.sees(VOID)

    await lea.open("/settings/leave")
    await lea.fill(username="maria", password=PASSWORD)
    await lea.press("Supprimer mon compte pour toujours")
    await lea.is_told("username", "par erreur")
    await lea.fill(username="marie", password=PASSWORD)
    await lea.press("Supprimer mon compte pour toujours")
    await lea.sees("Votre compte est supprimé")
    await expect(lea.page.locator(".mine")).to_have_count(0)


async def test_the_week_is_asked_for_confirmed_and_stopped(
    town: Town, lea: Visitor, marie: Account, letters: Letters
) -> None:
    await lea.open("/letters")
    await lea.fill(email="lea")
    await lea.insist("Recevoir la semaine")
    await lea.is_told("email", "Ce n'est pas une adresse e-mail")
    await lea.fill(email="lea@mail.example")
    await lea.press("Recevoir la semaine")
    await lea.open(await letters.link("weekly_confirm"))
    await lea.press("Oui, je m'abonne")
    await lea.sees("À bientôt")

    async with town.commune.database.transaction() as tx:
        stop = stopping.link(tx.instance, tx.keyring, Stop("citizen", marie.id, "weekly"))
    await lea.open(stop)
    await lea.press("Ne plus m'écrire")
    await lea.sees("C'est fait")
    await lea.open(stop)
    await lea.sees("vous n'en recevez déjà plus")
    await lea.open(stop[:-5])
    await lea.sees(VOID, "coupé en route")


async def test_who_has_no_account_comes_and_cannot_come_after_all(
    town: Town, lea: Visitor, marie: Account, letters: Letters
) -> None:
    start = town.commune.database.clock() + timedelta(days=3)
    occasion = Occasion("Bal la poussière", start, "Indian/Reunion", start + timedelta(hours=3))
    async with town.commune.database.transaction() as tx:
        post = await announcing.announce(tx, marie, Announcement(occasion, "Apportez un gâteau."))
    await lea.open(f"/events/{post.id}")
    await lea.unfold("Sans compte")
    await lea.fill(name="Léa", email="lea")
    await lea.insist("J'y participe")
    await lea.is_told("email", "Ce n'est pas une adresse e-mail")
    await lea.fill(email="lea@mail.example")
    await lea.press("J'y participe")
    await lea.sees("Un e-mail est en route", "Bal la poussière")
    confirm = await letters.link("event_confirm")
    await lea.open(confirm)
    await lea.press("Oui, je viens")
    await lea.sees("On vous attend", "Bal la poussière")
    await lea.open(await letters.link("event_joined"))
    await lea.press("Rendre ma place")
    await lea.sees("Votre place est rendue")
    await lea.open(confirm)
    await lea.open(f"{confirm}x")
    await lea.sees(VOID)
    await lea.follow("Voir l'événement")
    await lea.is_at(f"/events/{post.id}")


async def test_a_shop_is_claimed_by_a_letter_and_another_is_refused(
    town: Town, lea: Visitor, marie: Account, letters: Letters
) -> None:
    simone = await town.citizen("simone")
    async with town.commune.database.transaction() as tx:
        await moderation.give_role(tx, simone, Role.MODERATOR)
        draft = PlaceDraft(
            *("Le Fournil", *HERE, "business"),
            website="https://www.fournil.example/",
            claimable=True,
            imported_as="osm:1",
        )
        bakery = await places.add(tx, simone, draft)
    await lea.be(marie)
    await lea.open(f"/places/{bakery.id}/claim")
    await lea.fill(username="le fournil")
    await lea.insist("Envoyer")
    await lea.is_told("username", "sans espace ni accent")
    await lea.fill(username="fournil", email="bonjour@ailleurs.example")
    await lea.insist("Envoyer")
    await expect(lea.page.get_by_role("alert")).to_be_visible()
    await lea.fill(email="bonjour@fournil.example")
    await lea.press("Envoyer")
    await lea.sees("L'e-mail attend une réponse")
    link = await letters.link("claim")
    await lea.open(link)
    await lea.press("Oui, c'est à moi")
    await lea.open(link)
    await lea.sees(VOID)
    await lea.be(simone)
    await lea.open("/claims")
