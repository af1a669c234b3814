"""SQL on the inbox schema: what was received, once and for all time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from federation import activities, documents, iris
from federation.activities import Activity
from inbox.authenticate import Sender
from inbox.gate import has_synthetic_id
from inbox.ports import Connection, Executor

_MOST_ABOUT: Final = 12


def key_of(sender: Sender) -> str:
    """Return under which id the activity of *sender* is remembered for all time.

    Its own id, once its actor has vouched for it. Without an id of its own: the digest of
    its bytes with the bytes of the request's signature, so that a replay is one and a second
    Follow is another (SEC-SIG-05). When nobody has vouched for it: something that cannot
    stand in the way of the true one.
    """
    activity = sender.activity
    if sender.how == "origin":
        return f"urn:sha256:{_digest(f'{sender.actor} {activity.id}'.encode())}#unproven"
    if has_synthetic_id(activity):
        return f"{activity.id}#{_digest(sender.signature)}"
    return activity.id


def about(activity: Activity) -> list[str]:
    """Return the ids that *activity* is about: its own, its object's, and those inside."""
    found = [activity.id, *activities.object_ids(activity)]
    embedded = activities.embedded(activity)
    if embedded is not None:
        found += documents.iris(embedded.get("object"))
    return list(dict.fromkeys(found))[:_MOST_ABOUT]


async def keep(db: Connection, senders: Sequence[Sender], now: datetime) -> int:
    """Keep all activities of *senders* in one transaction; return how many were new.

    An activity already there is left as it is (S2S-15). Workers are notified when a lane
    that slept has something to do. Raises what the database raises; then nothing is kept.
    """
    rows = sorted(
        (
            (key_of(each), each.actor, each.activity.type, each.how, each.activity)
            for each in senders
        ),
        # Two processes that keep the same activities lock them in the same order.
        key=lambda row: row[0],
    )
    new = {row[0]: row for row in rows}
    order = {key_of(each): place for place, each in enumerate(senders)}
    actors = sorted({each.actor for each in senders})
    async with db.transaction():
        await db.execute(
            """
            insert into inbox.lane (sender, host)
            select sender, host
            from unnest($1::text[], $2::text[]) as t (sender, host)
            on conflict (sender) do nothing
            """,
            actors,
            [iris.authority(actor) for actor in actors],
        )
        fresh = await db.fetch(
            """
            insert into inbox.received (id, received_at)
            select id, $2
            from unnest($1::text[]) as t (id)
            on conflict (id) do nothing
            returning id
            """,
            list(new),
            now,
        )
        if not fresh:
            return 0
        kept = [new[row["id"]] for row in sorted(fresh, key=lambda row: order[row["id"]])]
        # The foreign key holds the lanes from here on, taken by their number as everywhere:
        # none of them can go to sleep before we commit.
        await db.execute(
            """
            insert into inbox.waiting (id, lane_id, type, how, about, body, received_at)
            select t.id, lane.id, t.type, t.how, string_to_array(t.about, ' '), t.body, $7
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
                with ordinality as t (id, sender, type, how, about, body, place)
            left join inbox.lane on lane.sender = t.sender
            order by lane.id, t.place
            """,
            [row[0] for row in kept],
            [row[1] for row in kept],
            [row[2] for row in kept],
            [row[3] for row in kept],
            [" ".join(about(row[4])) for row in kept],
            [row[4].raw for row in kept],
            now,
        )
        await db.execute(
            """
            with asleep as (
                select id
                from inbox.lane
                where sender = any($1::text[]) and (ready_at is null or ready_at > $2)
                order by id
                for no key update
            ), woken as (
                update inbox.lane
                set ready_at = $2
                from asleep
                where lane.id = asleep.id
                returning 1
            )
            select pg_notify('inbox', '')
            from woken
            limit 1
            """,
            list({row[1] for row in kept}),
            now,
        )
    return len(kept)


async def known(db: Executor, activity_id: str, now: datetime) -> bool:
    """Remember *activity_id*; return whether it was already there, in the caller's transaction."""
    return (
        await db.fetchval(
            """
            insert into inbox.received (id, received_at)
            values ($1, $2)
            on conflict (id) do nothing
            returning true
            """,
            activity_id,
            now,
        )
    ) is None


async def crowded(db: Executor, most: int) -> bool:
    """Tell whether more than *most* activities wait; cheap as long as they do not."""
    # The numbers between the first and the last one say at once that there are not so many.
    return bool(
        await db.fetchval(
            """
            select case
                when coalesce((select max(seq) - min(seq) from inbox.waiting), 0) < $1 then false
                else exists (select 1 from inbox.waiting offset $1)
            end
            """,
            most,
        )
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
