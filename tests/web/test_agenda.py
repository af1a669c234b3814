"""The agenda on pages, without scripts: announce, look, come, leave, call off."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from fedcommune.domain.accounts.model import Account
from fedcommune.domain.events.actions import announcing, joining
from fedcommune.domain.events.model import Announcement
from fedcommune.domain.posts import happenings
from fedcommune.domain.posts.model import Post
from fedcommune.domain.posts.occasions import Event, Occasion
from fedcommune.web.weeks import IN_MONTH
from tests.support import browsers, pictures
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Clock, Town


async def announce(town: Town, by: Account, name: str = "Marché de nuit", **more: Any) -> Post:
    start = (town.commune.database.clock() + timedelta(days=3)).replace(hour=14, minute=0, second=0)
    said: dict[str, Any] = {
        "name": name,
        "starts_at": start.replace(microsecond=0),
        "ends_at": start.replace(microsecond=0) + timedelta(hours=4),
        "zone": "Indian/Reunion",
        "category": "FOOD_DRINK",
        "place_name": "Front de mer",
    }
    rule, pictures_ = more.pop("rule", ""), more.pop("media", None)
    occasion = Occasion(**{**said, **more})
    words = "Vingt producteurs. #maloya"
    async with town.commune.database.transaction() as tx:
        return await announcing.announce(
            tx, by, Announcement(occasion, words, rule=rule, media=pictures_)
        )


async def stands(town: Town, post: Post) -> Event:
    found = await happenings.of_post(town.commune.database.pool, post.id)
    assert found is not None
    return found


def read(content: bytes) -> Any:
    return Calendar.from_ical(content)


FIELDS = {
    "name": "Pique-nique partagé",
    "starts_day": "2030-12-14",
    "starts_time": "12:00",
    "ends_time": "15:30",
    "zone": "Indian/Reunion",
    "place": "Jardin de la Pointe",
    "text": "Chacun apporte un **cari**.",
    "category": "FOOD_DRINK",
    "tags": "#jardin",
    "join_mode": "free",
    "capacity": "30",
    "anonymous": "1",
    "named": "1",
}


async def test_a_citizen_announces_without_scripts_and_the_agenda_shows_it(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    page = await browser.open("/events/new")
    fields = {**forms_of(page)["/events/new"], **FIELDS}

    done = await browser.client.post(
        "/events/new",
        data=fields,
        files={"banner": ("affiche.png", pictures.png(), "image/png")},
        follow_redirects=True,
    )

    assert done.status_code == 200
    assert "Pique-nique partagé" in done.text
    assert "Saturday, 14 December 2030, 12:00\xa0– 15:30" in done.text
    assert "<strong>cari</strong>" in done.text
    assert 'class="banner"' in done.text
    listed = await browser.open("/agenda")
    assert "Pique-nique partagé" in listed.text
    assert "Food and drink" in listed.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("starts_day", "demain"),
        ("zone", "La Réunion"),
        ("ends_time", "25:00"),
        ("capacity", "beaucoup"),
        ("website", "javascript:alert(1)"),
        ("category", "MALOYA"),
        ("account", "12"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    town: Town, browser: Browser, field: str, value: str
) -> None:
    await browser.sign_in(await town.citizen("marie"))
    page = await browser.open("/events/new")
    fields = {**forms_of(page)["/events/new"], **FIELDS, field: value}

    answer = await browser.client.post(
        "/events/new", data=fields, files={"banner": ("", b"", "application/octet-stream")}
    )

    assert answer.status_code == 422
    assert 'class="problem"' in answer.text
    assert "Chacun apporte" in answer.text
    assert await town.count("commune.event") == 0


async def test_list_week_and_month_turn_pages_and_filter(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    await announce(town, marie)
    await announce(town, marie, "Répétition", category="MUSIC")
    past = town.commune.database.clock() - timedelta(days=40)
    await announce(town, marie, "Kermesse", starts_at=past, ends_at=past + timedelta(hours=1))

    week = (town.commune.database.clock() + timedelta(days=3)).date().isoformat()
    for path in ("/agenda", f"/agenda?view=week&from={week}", f"/agenda?view=month&from={week}"):
        page = await browser.open(path)
        assert page.status_code == 200
        assert "Marché de nuit" in page.text, path
        assert "Kermesse" not in page.text
    assert 'rel="prev"' in browser.page.text
    assert "<script" not in browser.page.text
    assert "Marché" not in (await browser.open("/agenda?category=MUSIC")).text
    assert "Marché" in (await browser.open("/agenda?tag=maloya")).text
    assert "Marché" not in (await browser.open("/agenda?tag=séga")).text
    assert "Kermesse" in (await browser.open("/agenda?past=1")).text
    assert (await browser.open("/agenda?view=month&from=nonsense&page=x")).status_code == 200


async def test_who_is_signed_in_comes_and_leaves_with_one_button(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await announce(town, marie, capacity=1)
    await browser.sign_in(paul)
    await browser.open(f"/events/{post.id}")

    page = await browser.send(f"/events/{post.id}/join")
    page = await browser.open(f"/events/{post.id}")

    assert "You are expected." in page.text
    assert (await stands(town, post)).participants == 1
    await browser.send(f"/events/{post.id}/leave")
    assert (await stands(town, post)).participants == 0


async def test_without_an_account_a_letter_a_link_and_a_way_back(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    post = await announce(town, marie)
    page = await browser.open(f"/events/{post.id}")
    assert f'href="/sign-in?return_to=/events/{post.id}"' in page.text

    await browser.send(f"/events/{post.id}/mail", name="Léa", email="lea@mail.example")
    assert "letter is on its way" in browser.page.text
    letter = await browsers.letter(town, "event_confirm")
    page = await browser.open(letter.link)
    # Looking does nothing: some programs open every link of a letter.
    assert (await stands(town, post)).participants == 0
    await browser.send()
    assert (await stands(town, post)).participants == 1

    await browser.open((await browsers.letter(town, "event_joined")).link)
    await browser.send()
    assert (await stands(town, post)).participants == 0
    wrong = await browser.open(f"/events/{post.id}/confirm?token={'x' * 43}")
    assert wrong.status_code == 404


async def test_letters_are_not_sent_without_end(strict: Town) -> None:
    """SEC-DOS-11."""
    marie = await strict.citizen("marie")
    post = await announce(strict, marie)
    async with browsers.browser(strict) as browser:
        for _ in range(6):
            await browser.open(f"/events/{post.id}")
            await browser.send(f"/events/{post.id}/mail", name="Léa", email="lea@mail.example")
        assert browser.page.status_code == 429
    assert len(await browsers.letters(strict)) == 5


async def test_the_organiser_sees_who_comes_in_a_file_without_formulas(
    town: Town, browser: Browser
) -> None:
    """SEC-ARC-04, SEC-VIS-01."""
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await announce(town, marie)
    await browser.open(f"/events/{post.id}")
    await browser.send(f"/events/{post.id}/mail", name="=HYPERLINK(1)", email="lea@mail.example")
    await browser.open((await browsers.letter(town, "event_confirm")).link)
    await browser.send()
    assert (await browser.open(f"/events/{post.id}/participants")).url.path == "/sign-in"

    await browser.sign_in(paul)
    for path in ("participants", "participants.csv", "edit"):
        assert (await browser.open(f"/events/{post.id}/{path}")).status_code == 403
    assert "lea@mail.example" not in (await browser.open(f"/events/{post.id}")).text

    await browser.sign_in(marie)
    file = await browser.open(f"/events/{post.id}/participants.csv")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert file.headers["cache-control"] == "no-store"
    assert file.text.startswith("\ufeff")
    assert '"\'=HYPERLINK(1)"' in file.text
    assert "lea@mail.example" in file.text


async def test_who_organises_lets_people_in_and_takes_them_off(
    town: Town, browser: Browser
) -> None:
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await announce(town, marie, join_mode="restricted")
    async with town.commune.database.transaction() as tx:
        await joining.join(tx, paul, post.id)
    await browser.sign_in(marie)
    await browser.open(f"/events/{post.id}/participants")

    await browser.send(decision="accept")
    assert (await stands(town, post)).participants == 1
    await browser.open(f"/events/{post.id}/participants")
    await browser.send(decision="refuse")
    assert (await stands(town, post)).participants == 0


async def test_change_duplicate_put_off_and_call_off(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    post = await announce(town, marie)
    await browser.sign_in(marie)
    page = await browser.open(f"/events/{post.id}/edit")
    fields = {**forms_of(page)[f"/events/{post.id}/edit"], "name": "Marché du soir"}
    fields |= {"category": "FOOD_DRINK", "join_mode": "free"}
    assert fields["place"] == "Front de mer"
    nothing = {"banner": ("", b"", "application/octet-stream")}
    await browser.client.post(f"/events/{post.id}/edit", data=fields, files=nothing)
    assert (await stands(town, post)).name == "Marché du soir"

    copied = forms_of(await browser.open(f"/events/new?like={post.id}"))["/events/new"]
    assert (copied["name"], copied["starts_day"]) == ("Marché du soir", "")

    await browser.open(f"/events/{post.id}")
    await browser.send(f"/events/{post.id}/cancel", what="postpone")
    assert (await stands(town, post)).status == "postponed"
    await browser.open(f"/events/{post.id}")
    await browser.send(f"/events/{post.id}/cancel", what="cancel", reason="Pluie")
    assert "Cancelled" in (await browser.open(f"/events/{post.id}")).text
    await browser.send(f"/events/{post.id}/cancel", what="remove")
    assert (await browser.open(f"/events/{post.id}")).status_code == 410
    assert await town.count("commune.event") == 0


async def test_the_same_address_is_a_page_and_a_document(town: Town, browser: Browser) -> None:
    marie = await town.citizen("marie")
    post = await announce(town, marie)

    document = await browser.client.get(
        f"/events/{post.id}", headers={"Accept": "application/activity+json"}
    )

    assert document.json()["id"] == post.object_id
    assert document.json()["type"] == "Event"


async def test_a_site_may_frame_the_embedded_agenda_and_nothing_else(
    town: Town, browser: Browser
) -> None:
    """SEC-XSS-04."""
    marie = await town.citizen("marie")
    post = await announce(town, marie, "<b>Marché</b>")

    framed = await browser.open("/embed/agenda")

    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert "&lt;b&gt;Marché" in framed.text
    assert "<form" not in framed.text
    assert "set-cookie" not in framed.headers
    for path in ("/agenda", f"/events/{post.id}", "/"):
        policy = (await browser.open(path)).headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy


async def test_calendars_have_clocks_numbers_and_what_was_called_off(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    gardeners = await town.organisation(marie, "jardiniers")
    post = await announce(town, gardeners)
    winter = datetime(2030, 1, 15, 17, 0, tzinfo=UTC)
    await announce(
        town,
        marie,
        "Visio",
        starts_at=winter,
        ends_at=winter + timedelta(hours=1),
        zone="Europe/Paris",
    )
    async with town.commune.database.transaction() as tx:
        await announcing.cancel(tx, gardeners, post.id)

    answer = await browser.open("/agenda.ics")

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    calendar = read(answer.content)
    found = {str(each["summary"]): each for each in calendar.walk("VEVENT")}
    market, visio = found["Marché de nuit"], found["Visio"]
    assert market["uid"] == f"{post.id}@{town.commune.instance.host}"
    assert (market["sequence"], market["status"]) == (1, "CANCELLED")
    assert market["dtstart"].params["TZID"] == "Indian/Reunion"
    assert market["dtstart"].dt.utcoffset() == timedelta(hours=4)
    assert visio["dtstart"].dt.hour == 18
    zones = {str(each["tzid"]) for each in calendar.walk("VTIMEZONE")}
    assert zones == {"Indian/Reunion", "Europe/Paris"}

    own = read((await browser.open("/@jardiniers/agenda.ics")).content)
    assert [str(each["summary"]) for each in own.walk("VEVENT")] == ["Marché de nuit"]
    tagged = read((await browser.open("/tags/maloya/agenda.ics")).content)
    assert len(tagged.walk("VEVENT")) == 2
    alone = read((await browser.open(f"/events/{post.id}.ics")).content)
    assert len(alone.walk("VEVENT")) == 1
    assert (await browser.open("/@personne/agenda.ics")).status_code == 404


async def test_a_form_from_elsewhere_makes_nobody_come(
    town: Town, browser: Browser, clock: Clock
) -> None:
    """SEC-AUT-08."""
    marie, paul = await town.citizen("marie"), await town.citizen("paul")
    post = await announce(town, marie)
    await browser.sign_in(paul)

    answer = await browser.client.post(f"/events/{post.id}/join", data={"csrf": "wrong"})

    assert answer.status_code == 403
    assert (await stands(town, post)).participants == 0
    assert re.search(r"csrf", (await browser.open(f"/events/{post.id}")).text)


async def test_a_full_day_of_a_month_leads_to_all_of_it_in_the_list(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    moment = datetime(2030, 6, 12, 14, tzinfo=UTC)
    for number in range(10):
        await announce(town, marie, f"Veillée {number}", starts_at=moment, ends_at=None)
    before = moment - timedelta(days=1)
    await announce(town, marie, "Kabar", starts_at=before, ends_at=None)

    month = await browser.open(f"/agenda?view=month&from={moment.date()}")
    link = re.search(r'href="/agenda\?([^"]+)">And more<', month.text)
    assert link is not None
    rest = await browser.open(f"/agenda?{link[1].replace('&amp;', '&')}")
    earlier = await browser.open(f"/agenda?from={before.date()}")
    week = await browser.open(f"/agenda?view=week&from={moment.date()}")

    assert [month.text.count(name) for name in ("Veillée", "Kabar")] == [IN_MONTH, 1]
    assert rest.text.count("<bdi>Veillée") == 10
    assert "Kabar" not in rest.text
    assert "And more" not in week.text
    assert week.text.count("Veillée") == 10
    assert "Kabar" in earlier.text
