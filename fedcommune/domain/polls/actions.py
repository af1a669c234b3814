"""Vote, count the votes of strangers, tell how a poll stands and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from fedcommune import identifiers
from fedcommune.database import Transaction
from fedcommune.domain.accounts import queries as accounts
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.notifications import actions as notifications
from fedcommune.domain.notifications.model import Kind
from fedcommune.domain.polls import model, outgoing, queries
from fedcommune.domain.polls.model import TELL_AFTER, Vote
from fedcommune.domain.posts import queries as posts
from fedcommune.domain.posts import questions
from fedcommune.domain.posts.choices import Poll
from fedcommune.domain.posts.model import Post
from fedcommune.domain.visibility import Viewer
from fedcommune.errors import Invalid, NotAllowed, NotFound
from federation.errors import IgnoredError


def _(message: str) -> str:
    """Mark *message* for the catalogues."""
    return message


async def vote(tx: Transaction, voter: Account, post_id: int, choices: Iterable[int]) -> Poll:
    """Let our *voter* take *choices* of the poll of a post; return how it stands then.

    Raises :class:`NotFound` when they may not see it or it asks nothing (SEC-VIS-02),
    :class:`Invalid` for their own poll, one that is over, one they voted in already, and
    what cannot be chosen: then nothing of it is counted.
    """
    if not voter.local or not voter.is_active:
        raise NotAllowed(_("Only a living account of ours can vote."))
    post = await posts.by_id(tx.db, Viewer(voter.id), post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    poll = await questions.locked(tx.db, post_id)
    if post is None or author is None or poll is None:
        raise NotFound
    if author.id == voter.id:
        raise Invalid("choices", _("You cannot vote in your own polls."))
    if poll.is_over(tx.now):
        raise Invalid("choices", _("The poll has already ended."))
    wanted = model.picked(poll, choices)
    before = await queries.taken(tx.db, post.id, voter.id)
    if model.unchosen(poll, before, wanted) != wanted:
        raise Invalid("choices", _("You have already voted in this poll."))
    votes = [Vote(identifiers.new(tx.now), choice) for choice in wanted]
    counted = await _count(tx, post, poll, voter, before, votes)
    if not author.local:
        await queries.await_end(tx.db, poll)
        await outgoing.voted(tx, voter, post, author, poll, votes)
    return counted


async def take(tx: Transaction, voter: Account, post: Post, names: Iterable[str]) -> None:
    """Count the choices *names* that a stranger took in our *post* (W-POLL-02, SEC-MOD-05).

    Nobody is told. Raises IgnoredError for a vote that does not count: in no poll, in one
    that is over, of nothing that can be chosen, or given already.
    """
    poll = await questions.locked(tx.db, post.id)
    if poll is None:
        raise IgnoredError("This asks nothing.")
    if post.author_id == voter.id or poll.is_over(tx.now):
        raise IgnoredError("This poll is not, or no longer, for this voter.")
    wanted = [poll.options.index(name) for name in names if name in poll.options]
    before = await queries.taken(tx.db, post.id, voter.id)
    new = model.unchosen(poll, before, wanted)
    if not new:
        raise IgnoredError("This vote counts already, or is for nothing that was asked.")
    votes = [Vote(identifiers.new(tx.now), choice) for choice in new]
    await _count(tx, post, poll, voter, before, votes)


async def tell(tx: Transaction, post_id: int) -> bool:
    """Tell what is due of a poll: new totals, or its end; return whether anything was.

    Its end is told once: to every server that has it, and here to who asked and to our
    people who voted. Several who come to do so do it once.
    """
    ended = await queries.due(tx.db, post_id, tx.now)
    if ended is None:
        return False
    post = await posts.locked(tx.db, post_id)
    author = None if post is None else await accounts.by_id(tx.db, post.author_id)
    await queries.told(tx.db, post_id, ended=ended)
    if post is None or post.deleted_at is not None or author is None or not author.is_active:
        return True
    if post.local:
        await outgoing.counted(tx, post, author)
    if ended:
        await notifications.tell(tx, author.id, Kind.POLL, author.id, post.id)
        for voter_id in await queries.local_voters(tx.db, post.id):
            await notifications.tell(tx, voter_id, Kind.POLL, author.id, post.id)
    return True


async def _count(
    tx: Transaction,
    post: Post,
    poll: Poll,
    voter: Account,
    before: Collection[int],
    votes: list[Vote],
) -> Poll:
    """Keep the votes and their totals, in a poll whose row is locked."""
    kept = await queries.insert(tx.db, poll, voter.id, votes, tx.now)
    assert kept == len(votes), "whoever votes holds the poll, so nobody voted in between"
    counted = model.counted(poll, before, [vote.choice for vote in votes])
    await queries.count(tx.db, counted)
    if post.local and not poll.hides_totals:
        await queries.tell_at(tx.db, post.id, tx.now + TELL_AFTER)
    return counted
