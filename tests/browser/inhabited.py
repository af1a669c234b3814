"""A commune in which there is one of everything, for who walks through all of its pages."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal
from urllib.parse import urlencode

from fedcommune.database import Transaction
from fedcommune.domain.accounts import actions as accounts
from fedcommune.domain.accounts import queries as account_queries
from fedcommune.domain.accounts.model import Account, Changes
from fedcommune.domain.accounts.roles import Role
from fedcommune.domain.announcements import actions as announcements
from fedcommune.domain.announcements.model import Span
from fedcommune.domain.claims import actions as claims
from fedcommune.domain.claims.model import Ask, Proof
from fedcommune.domain.classifieds import actions as classifieds
from fedcommune.domain.classifieds.model import Draft as Offer
from fedcommune.domain.classifieds.model import Need
from fedcommune.domain.collections import actions as collections
from fedcommune.domain.collections import three
from fedcommune.domain.collections.model import Draft as CollectionDraft
from fedcommune.domain.conversations import queries as conversations
from fedcommune.domain.events.actions import announcing, joining, mailing
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.follows import actions as follows
from fedcommune.domain.links import actions as links
from fedcommune.domain.links.model import Wish
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import File, Words
from fedcommune.domain.moderation import actions as moderation
from fedcommune.domain.notices import actions as notices
from fedcommune.domain.organisations import actions as organisations
from fedcommune.domain.organisations.model import Draft as OrganisationDraft
from fedcommune.domain.organisations.model import Facts
from fedcommune.domain.places import actions as places
from fedcommune.domain.places import telling
from fedcommune.domain.places.model import Draft as PlaceDraft
from fedcommune.domain.polls import actions as polls
from fedcommune.domain.posts.choices import Asked
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.domain.posts.occasions import Occasion
from fedcommune.domain.posts.official import Given, Severity
from fedcommune.domain.projects import tasks
from fedcommune.domain.reactions import actions as reactions
from fedcommune.domain.scheduled import actions as scheduled
from fedcommune.domain.visibility import Visibility
from tests.browser import doors
from tests.support import browsers, pictures
from tests.support.communes import Town, pair, settle

HERE: Final = (-21.17, 55.288)
ZONE: Final = "Indian/Reunion"
LONG: Final = "https://example.org/une/adresse/plus/longue/que/la/page/d/un/telephone/tres/etroit"


class Inhabited:
    """What there is at *town*, of which *neighbour* is followed.

    *marie* has a hand in everything, *paul* in little, *simone* looks after the place.
    ``addresses`` are those of what was made, under the path of the route that shows it;
    ``of_marie`` are those that she alone may see, besides all addresses of some paths.
    """

    def __init__(self, town: Town, neighbour: Town) -> None:
        self.town, self.neighbour = town, neighbour
        self.addresses: dict[str, tuple[str, ...]] = {}
        self.of_marie: set[str] = set()

    async def fill(self) -> None:
        town = self.town
        self.marie, self.paul = await town.citizen("marie"), await town.citizen("paul")
        self.simone = await town.citizen("simone")
        await browsers.with_password(town, self.marie)
        async with self.transaction() as tx:
            await moderation.give_role(tx, self.simone, Role.ADMINISTRATOR)
        await self._meet_the_neighbour()
        await self._found()
        await self._talk()
        await self._announce()
        await self._offer()
        await self._tell_of_places()
        await self._appreciate()
        await self._moderate()
        self.addresses |= await doors.of_letters(town, self.marie)
        self.addresses |= await doors.of_an_application(town, self.marie)
        await settle([town, self.neighbour])

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self.town.commune.database.transaction()

    @property
    def now(self) -> datetime:
        return self.town.commune.database.clock()

    async def _meet_the_neighbour(self) -> None:
        """Follow Trois-Bassins, where somebody speaks, a club is open and a place is told of."""
        there = self.neighbour
        await self.town.find(f"@{there.commune.instance.host}@{there.domain}")
        async with browsers.browser(self.town) as browser:
            await browser.sign_in(self.simone)
            await browser.open("/neighbours")
            await browser.send("/neighbours/follow", domain=there.domain)
        await settle([self.town, there])
        jean = await there.citizen("jean")
        await there.say(jean, "Bonjour des Hauts.")
        theatre = await there.organisation(jean, "theatre")
        async with there.commune.database.transaction() as tx:
            voice = await account_queries.by_actor_id(tx.db, tx.instance.actor)
            assert voice is not None
            await telling.tell(tx, voice, PlaceDraft("Lavoir des Hauts", -21.1, 55.3))
        self.jean = await self.town.meet(jean)
        self.theatre = await self.town.meet(theatre)
        await settle([self.town, there])
        self.addresses["/people/{account:str}"] = (f"/people/{self.jean.id}",)

    async def _found(self) -> None:
        """Found a club with all that can be said of it, a town hall, and a project."""
        club = OrganisationDraft(
            *("association", "petanque", "Pétanque des Filaos", "On joue, on rit."),
            rna="W9R1234567",
            latitude=HERE[0],
            longitude=HERE[1],
            facts=Facts(
                tags=("pétanque", "boules"),
                street="12 rue du Lagon",
                postal_code="97436",
                locality="Saint-Leu",
                opening_hours="Tu-Su 14:00-18:00",
                accessibility="limited",
                website="https://petanque.example/",
                email="boules@petanque.example",
                phone="0262 34 00 00",
            ),
        )
        hall = OrganisationDraft("authority", "mairie", "Mairie de Saint-Leu", "À votre service.")
        async with self.transaction() as tx:
            self.club = await organisations.found(tx, self.marie, club, pair(4))
            self.hall = await organisations.found(tx, self.marie, hall, pair(5))
            await notices.entrust(tx, self.hall)
            await accounts.edit(
                tx, self.club, Changes(), pictures={"icon": await self._picture("face")}
            )
            # Somebody asks to take part, somebody is invited.
            await links.ask(tx, self.paul, self.club, Wish(("trésorier",), message="Je compte."))
            await links.invite(tx, self.marie, self.hall, self.paul, Wish(("élu",)))
        self.project = await self.town.project(self.marie, "jardin")
        async with self.transaction() as tx:
            await tasks.add(tx, self.marie, self.project, "Bêcher", doer=self.marie)
            await tasks.add(tx, self.marie, self.project, "Arroser", due_on=date(2020, 1, 1))
            need = await classifieds.need(tx, self.project, Need("Des bras samedi", helpers=3))
            help_ = Draft("Je peux aider", in_reply_to=need.id, mentioned=(self.project,))
            await feeds.publish(tx, self.paul, help_)
        self.addresses |= {
            "/@{username:str}": ("/@marie", "/@petanque", "/@jardin", "/@mairie", "/@paul"),
            "/@{username:str}/edit": ("/@petanque/edit", "/@jardin/edit", "/@mairie/edit?new=1"),
            "/@{username:str}/close": ("/@petanque/close",),
            "/@{username:str}/join": ("/@petanque/join",),
            "/@{username:str}/people": ("/@petanque/people",),
            "/found": ("/found", "/found?kind=association"),
            "/projects/{username:str}/edit": ("/projects/jardin/edit",),
            "/needs/{post:str}/edit": (f"/needs/{need.id}/edit",),
            "/needs/new": (f"/needs/new?author={self.project.id}",),
            "/settings/pictures": (
                "/settings/pictures",
                f"/settings/pictures?account={self.club.id}",
            ),
            "/ap/actors/{account:number}": (f"/ap/actors/{self.club.id}",),
        }
        self.of_marie.add(f"/settings/pictures?account={self.club.id}")
        self.need = need

    async def _talk(self) -> None:
        """Say all that can be said: a picture, a question, an answer, a whisper, a notice."""
        shown = await self._say(
            self.marie, Draft("Le lagon ce matin #lagon", media=(await self._drawn(),))
        )
        hidden = Draft("Chut", summary="À table", media=(await self._drawn(),))
        await self._say(self.marie, replace(hidden, sensitive=True))
        asked = Asked(("Samedi", "Dimanche"), timedelta(days=2), False)
        question = await self._say(self.marie, Draft("Quand ?", poll=asked))
        answer = await self.town.say(self.paul, f"@marie Superbe ! {LONG}", to=shown)
        whisper = Draft("Entre nous, @marie", Visibility.DIRECT, mentioned=(self.marie,))
        await self._say(self.paul, whisper)
        await self.town.say(self.marie, "En retard…", warning="Une très longue mise en garde " * 4)
        async with self.transaction() as tx:
            await polls.vote(tx, self.paul, question.id, [1])
            await reactions.like(tx, self.paul, shown)
            await reactions.boost(tx, self.marie, answer)
            await follows.follow(tx, self.paul, self.marie)
            ends_at = tx.now + timedelta(hours=20)
            for severity in Severity:
                words = Draft("Cyclone : restez chez vous.", notice=Given(severity, ends_at))
                await notices.give(tx, self.hall, words)
            await announcements.announce(tx, "Le marché change de place.", Span())
            later = Draft("Merci à toutes et à tous.", poll=asked)
            planned = await scheduled.plan(
                tx, self.marie, later, tx.now + timedelta(days=1), planned_by=self.marie.id
            )
        pool = self.town.commune.database.pool
        (conversation,) = await conversations.listed(pool, self.marie.id)
        post = str(shown.id)
        self.addresses |= {
            "/@{username:str}/{post:number}": (
                f"/@marie/{post}",
                f"/@marie/{question.id}",
                f"/@paul/{answer.id}",
            ),
            "/ap/posts/{post:number}": (f"/ap/posts/{post}",),
            "/posts/{post:str}": (f"/posts/{post}",),
            "/posts/{post:str}/edit": (f"/posts/{post}/edit",),
            "/posts/{post:str}/delete": (f"/posts/{post}/delete",),
            "/planned/{post:str}/edit": (f"/planned/{planned.id}/edit",),
            "/messages/{conversation:str}": (f"/messages/{conversation.id}",),
            "/people/{account:str}/report": (
                f"/people/{self.paul.id}/report?post={answer.id}",
                f"/people/{self.jean.id}/report",
            ),
            "/write": (
                "/write",
                f"/write?to={self.paul.id}",
                f"/write?answers={answer.id}",
                f"/write?quotes={answer.id}",
            ),
            "/find": ("/find", "/find?q=lagon"),
            "/tags/{name:str}": ("/tags/lagon",),
            "/authorize_interaction": (
                "/authorize_interaction?" + urlencode({"uri": shown.object_id}),
            ),
        }

    async def _announce(self) -> None:
        """Announce a market every week, a walk for few, and a feast that is called off."""
        start = (self.now + timedelta(days=3)).replace(hour=14, minute=0, second=0, microsecond=0)
        market = Occasion(
            *("Marché de nuit", start, ZONE, start + timedelta(hours=4)),
            category="FOOD_DRINK",
            place_name="Front de mer",
            latitude=HERE[0],
            longitude=HERE[1],
            price="Gratuit",
        )
        walk = replace(market, name="Balade contée", capacity=3, join_mode="restricted")
        feast = replace(market, name="Fête de la mer", starts_at=start + timedelta(days=1))
        async with self.transaction() as tx:
            every = Announcement(market, "Vingt producteurs. #maloya", rule="FREQ=WEEKLY;COUNT=4")
            first = await announcing.announce(tx, self.club, every)
            second = await announcing.announce(tx, self.marie, Announcement(walk, "Doucement."))
            third = await announcing.announce(
                tx, self.paul, Announcement(replace(feast, ends_at=None))
            )
            await announcing.cancel(tx, self.paul, third.id, reason="Pluie")
            await joining.join(tx, self.paul, second.id, message="À deux")
            await mailing.ask(tx, first.id, "lea@mail.example", "Léa", "fr")
        letter = await browsers.letter(self.town, "event_confirm")
        month = start.date().isoformat()
        event = f"/events/{first.id}"
        self.of_marie.add(f"/events/new?like={first.id}")
        self.addresses |= {
            "/events/{post:number}": (event, f"/events/{second.id}", f"/events/{third.id}"),
            "/events/new": ("/events/new", f"/events/new?like={first.id}"),
            "/events/{post:number}/edit": (f"{event}/edit",),
            "/events/{post:number}/confirm": (letter.link,),
            "/events/{post:number}/leave": (letter.link.replace("/confirm?", "/leave?"),),
            "/events/{post:number}/participants": (f"/events/{second.id}/participants",),
            "/agenda": (
                "/agenda",
                f"/agenda?view=week&from={month}",
                f"/agenda?view=month&from={month}",
                "/agenda?past=1",
            ),
        }

    async def _offer(self) -> None:
        """Offer, lend, swap, sell and look for something; conclude one of them."""
        picture = await self._drawn()
        async with self.transaction() as tx:
            plants = await classifieds.publish(
                tx, self.marie, Offer("Vingt plants de tomates", "Bien arrosés", media=(picture,))
            )
            for draft in (
                Offer("Échelle", exchange="loan", scope="commune"),
                Offer("Confiture contre œufs", exchange="exchange", scope="neighbours"),
                Offer("Un vélo", purpose="request", exchange="sale", price=Decimal("80")),
            ):
                wanted = await classifieds.publish(tx, self.paul, draft)
            over = await classifieds.publish(tx, self.marie, Offer("Chaise"))
            await classifieds.conclude(tx, self.marie, over.id)
        self.addresses |= {
            "/classifieds": ("/classifieds", "/classifieds?purpose=request"),
            "/classifieds/{post:str}": tuple(
                f"/classifieds/{each.id}" for each in (plants, wanted, over, self.need)
            ),
            "/classifieds/{post:str}/edit": (f"/classifieds/{plants.id}/edit",),
        }

    async def _tell_of_places(self) -> None:
        """Tell of a place that is corrected, and of two shops that are claimed."""
        shop = PlaceDraft(
            *("Le Fournil", *HERE, "business"),
            summary="Pain au levain.",
            opening_hours="Tu-Su 06:00-12:30",
            accessibility="yes",
            website="https://www.fournil.example/",
            claimable=True,
        )
        async with self.transaction() as tx:
            books = PlaceDraft("Boîte à livres", *HERE, category="sharedLibrary", tags=("lire",))
            told = await telling.tell(tx, self.marie, books)
            await places.correct(tx, self.marie, told.id, replace(books, name="Boîte aux livres"))
            voice = await account_queries.by_actor_id(tx.db, tx.instance.actor)
            assert voice is not None
            bakery = await places.add(tx, voice, replace(shop, imported_as="osm:1"))
            snack = await places.add(tx, voice, replace(shop, name="Snack", imported_as="osm:2"))
            word = Ask("snack", Proof.WORD, message="Je suis derrière le comptoir.")
            await claims.begin(tx, self.marie, snack.id, word)
            letter = Ask("fournil", Proof.LETTER, email="bonjour@fournil.example")
            await claims.begin(tx, self.marie, bakery.id, letter)
        page = f"/places/{told.id}"
        self.addresses |= {
            "/places/{place:number}": (page, f"/places/{bakery.id}"),
            "/ap/places/{place:number}": (f"/ap/places/{told.id}",),
            "/places/{place:number}/correct": (f"{page}/correct",),
            "/places/{place:number}/remove": (f"{page}/remove",),
            "/places/{place:number}/claim": (f"/places/{bakery.id}/claim",),
            "/claims/confirm": ((await browsers.letter(self.town, "claim")).link,),
            "/directory": ("/directory", "/directory?q=boite&kind=poi", "/directory?q=volcan"),
            "/map": ("/map", "/map?kind=business"),
        }

    async def _appreciate(self) -> None:
        """Put a club in a list, recommend it, and ask somebody into a collection."""
        async with self.transaction() as tx:
            await three.put(tx, self.marie, self.club)
            praise = await feeds.publish(
                tx,
                self.paul,
                Draft("Je recommande @petanque", mentioned=(self.club,), recommends=self.club),
            )
            draft = CollectionDraft(name="Voisines")
            collection = await collections.make(tx, self.paul, draft, [self.marie])
        self.addresses |= {
            "/recommend/{account:str}": (f"/recommend/{self.club.id}",),
            "/recommend/{account:str}/answer/{post:str}": (
                f"/recommend/{self.club.id}/answer/{praise.id}",
            ),
            "/collections/{collection:int}": (f"/collections/{collection.id}",),
            "/welcome": ("/welcome", "/welcome?step=2", "/welcome?step=3"),
            "/actors": ("/actors", "/actors?kind=association"),
        }

    async def _moderate(self) -> None:
        """Let somebody report somebody, and somebody wait for the moderators."""
        lea = await self.town.citizen("lea")
        post = await self.town.say(self.paul, "Bande de nuls")
        async with self.transaction() as tx:
            report = await moderation.report(
                tx, lea, self.paul, post_ids=[post.id], content="Des insultes"
            )
        self.addresses["/moderation/{number:str}"] = (f"/moderation/{report.id}",)

    async def _picture(self, use: Literal["face", "banner"]) -> File:
        return await self.town.commune.workshop.sized(pictures.png(), use)

    async def _drawn(self) -> int:
        """Let marie keep a picture; return its number."""
        made = await self.town.commune.workshop.attachment(pictures.png())
        async with self.transaction() as tx:
            return (await media.keep(tx, self.marie.id, made, Words("Le lagon"))).id

    async def _say(self, author: Account, draft: Draft) -> Post:
        async with self.transaction() as tx:
            return await feeds.publish(tx, author, draft)
