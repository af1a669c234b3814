"""Choose what one gets letters about, stop them, write those that are due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.citizens import queries as citizens
from fedcommune.domain.letters import lines, queries, stopping, subscribers
from fedcommune.domain.letters.lines import Line
from fedcommune.domain.letters.model import Hours, Pace, Subject, check
from fedcommune.domain.letters.queries import Reader
from fedcommune.domain.letters.stopping import Stop
from fedcommune.domain.notifications import listing
from fedcommune.errors import NotFound
from fedcommune.mail import letters, queue


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


# So much stands in one letter; how much more there is, is said.
MOST: Final = 30
# So long is nobody written to again at once, but for a danger.
REST: Final = timedelta(minutes=10)
# A letter that could not leave for so long tells nothing new: what is at home is read there.
GOOD_FOR: Final = {
    Pace.AT_ONCE: timedelta(hours=12),
    Pace.DAILY: timedelta(hours=20),
    Pace.WEEKLY: timedelta(days=2),
}


async def choose(tx: Transaction, account: Account, chosen: Mapping[str, str]) -> None:
    """Keep how soon *account*, a citizen, wants to read about what.

    Raises Invalid for what cannot be chosen, NotFound for who is no citizen; then nothing is
    kept.
    """
    if await citizens.by_account(tx.db, account.id) is None:
        raise NotFound(_("Only a citizen gets letters."))
    wishes = dict(check(subject, pace) for subject, pace in chosen.items())
    await queries.wish(tx.db, account.id, wishes)


async def stop(tx: Transaction, stop: Stop) -> None:
    """Let somebody get no more letters of the kind that *stop* names; twice is once.

    Of gathered letters: nothing that comes with them now. A subscriber is forgotten. Raises
    NotFound for a citizen who is gone.
    """
    if stop.whose == "subscriber":
        await subscribers.remove(tx.db, stop.id)
        return
    if await citizens.by_account(tx.db, stop.id) is None:
        raise NotFound
    await queries.wish(tx.db, stop.id, dict.fromkeys(await stopped(tx, stop), Pace.NEVER))


async def stopped(tx: Transaction, stop: Stop) -> list[Subject]:
    """Return about what nobody is written to any more after *stop*."""
    if stop.whose == "subscriber":
        return [Subject.COMMUNE]
    if stop.what in (Pace.DAILY, Pace.WEEKLY):
        wishes = await queries.wishes(tx.db, stop.id)
        return [
            subject
            for subject, pace in wishes.items()
            if pace == stop.what and subject is not Subject.COMMUNE
        ]
    return [Subject(stop.what)] if stop.what in set(Subject) else []


async def write(tx: Transaction, account_id: int, hours: Hours) -> bool:
    """Write to a citizen what is due; return whether it was ours to do.

    Of several processes one does it. What they read meanwhile, may not see any more, or do not
    want letters about is in none; whoever is not confirmed gets none at all.
    """
    reader = await queries.hold(tx.db, account_id)
    if reader is None:
        return False
    due = await queries.due(tx.db, account_id, tx.now)
    ids = [each.notification_id for each in due]
    if not due or not reader.open:
        await queries.written(tx.db, ids)
        return bool(due)
    wishes = await queries.wishes(tx.db, account_id)
    found = await listing.untold(tx.db, account_id, ids, tx.now)
    told = await lines.of(tx, account_id, found, reader.language)
    at_once: dict[Subject, list[Line]] = defaultdict(list)
    gathered: dict[Pace, list[Line]] = defaultdict(list)
    for each in due:
        line = told.get(each.notification_id)
        pace = Pace.NEVER if line is None else wishes[line.subject]
        if line is None or pace is Pace.NEVER:
            continue
        if pace is Pace.AT_ONCE:
            rested = reader.rested_since is None or reader.rested_since + REST <= tx.now
            if not rested and line.subject is not Subject.DANGER:
                assert reader.rested_since is not None, "who rests was written to"
                again = reader.rested_since + REST
                await queries.postpone(tx.db, [each.notification_id], None, again)
                ids.remove(each.notification_id)
                continue
            at_once[line.subject].append(line)
        elif pace is each.pace or hours.next(pace, line.told_at) <= tx.now:
            gathered[pace].append(line)
        else:
            await queries.postpone(tx.db, [each.notification_id], pace, hours.next(pace, tx.now))
            ids.remove(each.notification_id)
    for subject, said in at_once.items():
        await _post(tx, reader, Pace.AT_ONCE, subject, said)
    for pace, said in gathered.items():
        await _post(tx, reader, pace, pace, said)
    if at_once:
        await queries.rest(tx.db, account_id, tx.now)
    await queries.written(tx.db, ids)
    return True


async def _post(
    tx: Transaction, reader: Reader, pace: Pace, what: Subject | Pace, said: Sequence[Line]
) -> None:
    stop = Stop("citizen", reader.account_id, what.value)
    letter = letters.compose(
        tx.instance,
        "told",
        reader.email,
        reader.language,
        unsubscribe=stopping.link(tx.instance, tx.keyring, stop),
        expires_at=tx.now + GOOD_FOR[pace],
        settings=f"{tx.instance.origin}/settings/letters",
        pace=pace.value,
        alarming=what is Subject.DANGER,
        lines=said[:MOST],
        more=max(0, len(said) - MOST),
    )
    await queue.post(tx, letter)
