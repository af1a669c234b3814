"""What takes place again and again, on pages: its picture at each of its times."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from fedcommune.domain.events.actions import announcing
from fedcommune.domain.media import actions as media
from fedcommune.domain.media.model import Words
from tests.support import pictures
from tests.support.browsers import Browser, forms_of
from tests.support.communes import Town
from tests.web.test_agenda import FIELDS, announce


async def test_every_time_of_a_series_shows_its_picture_until_it_is_taken_away(
    town: Town, browser: Browser
) -> None:
    marie = await town.citizen("marie")
    await browser.sign_in(marie)
    fields = forms_of(await browser.open("/events/new"))["/events/new"]
    first = town.commune.database.clock().date() + timedelta(days=3)
    weekly = {
        "starts_day": first.isoformat(),
        "repeat": "weekly",
        "until": (first + timedelta(days=21)).isoformat(),
        "banner_text": "L'affiche",
    }
    await browser.client.post(
        "/events/new",
        data={**fields, **FIELDS, **weekly},
        files={"banner": ("affiche.png", pictures.png(), "image/png")},
    )
    pool = town.commune.database.pool
    rows = await pool.fetch("select post_id from commune.event order by starts_at")
    times = [f"/events/{row['post_id']}" for row in rows]

    async def showing() -> list[bool]:
        return ["L&#39;affiche" in (await browser.open(each)).text for each in times]

    assert await showing() == [True] * 4
    await browser.open(times[1])
    form = forms_of(await browser.open(f"{times[1]}/edit"))[f"{times[1]}/edit"]
    answer = await browser.client.post(
        f"{times[1]}/edit",
        data={**FIELDS, **form, "name": "Grand pique-nique", "following": "1"},
        files={"banner": ("", b"", "application/octet-stream")},
    )
    assert answer.url.path == times[1]
    assert "Grand pique-nique" in (await browser.open(times[3])).text
    assert await showing() == [True] * 4
    await browser.open(times[0])
    await browser.send(f"{times[0]}/cancel", what="remove")
    assert await showing() == [False, True, True, True]
    picture = browser.page.text.partition('class="banner" src="')[2].partition('"')[0]
    assert (await browser.client.get(picture)).status_code == 200


async def test_sec_med_08_times_taken_away_at_once_leave_no_picture_behind(town: Town) -> None:
    marie = await town.citizen("marie")
    made = await town.commune.workshop.attachment(pictures.png())
    async with town.commune.database.transaction() as tx:
        voice = await announcing.voice_of(tx, marie)
        picture = await media.keep(tx, voice.id, made, Words("L'affiche"))
    await announce(town, marie, rule="FREQ=WEEKLY;COUNT=4", media=(picture.id,))
    rows = await town.commune.database.pool.fetch("select post_id from commune.event")
    assert await town.count("commune.attachment") == 4

    async def remove(post_id: int) -> None:
        async with town.commune.database.transaction() as tx:
            await announcing.remove(tx, marie, post_id)

    await asyncio.gather(*(remove(row["post_id"]) for row in rows))

    assert await town.count("commune.media") == 0
    assert await town.count("commune.file") == 0
