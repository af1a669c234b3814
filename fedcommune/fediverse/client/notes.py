"""Write, correct and delete a post through the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fedcommune import identifiers, lookup
from fedcommune.database import Transaction
from fedcommune.domain.accounts.model import Account
from fedcommune.domain.boxes import actions as boxes
from fedcommune.domain.feeds import actions as feeds
from fedcommune.domain.posts import actions as posts
from fedcommune.domain.posts import details, reach
from fedcommune.domain.posts import outgoing as post_documents
from fedcommune.domain.posts.model import Draft, Post
from fedcommune.errors import Invalid, NotAllowed
from fedcommune.fediverse.client import addressing, finding, media, profile
from fedcommune.fediverse.client.errand import Act, Errand, Unsupported
from fedcommune.text import html
from federation import documents
from federation.names import PUBLIC
from outbox import envelope

_AS_TYPED: Final = ("text/markdown", "text/plain")


@dataclass(frozen=True, slots=True)
class _Words:
    """What a Note says: *text* as typed; or *content*, HTML, whose words *text* is then."""

    text: str
    content: str | None
    language: str | None


async def create(errand: Errand) -> Act:
    """A Note becomes a post, for whom the Create and the Note say (C2S-02, C2S-03, C2S-12)."""
    errand.check_scope("write:statuses")
    note = errand.object
    if note is None:
        raise Invalid("object", "Embed what you create: an id alone does not say what it is.")
    _check_note(note, errand.account)
    words = _words(note)
    audience = addressing.read(errand.account, errand.activity, note)
    answered = documents.iri(note.get("inReplyTo"))
    parent = None if answered is None else await finding.post(errand, answered, "inReplyTo")
    named = await _mentioned(errand, note)
    openly = await finding.people(errand, await _people(errand, audience, parent))
    attached = media.attached(errand.commune.instance, note)
    application = errand.grant.application
    draft = Draft(
        text=words.text,
        visibility=audience.visibility,
        summary=html.plain(documents.natural(note, "summary")[0]),
        sensitive=documents.boolean(note.get("sensitive")) or False,
        language=words.language,
        in_reply_to=None if parent is None else parent.id,
        mentioned=(*await _typed(errand, words), *openly),
        application=application.name,
        application_website=application.website,
        media=attached.ids,
        words=attached.words,
        content=words.content,
        named=named,
        blind=await finding.people(errand, audience.blind),
    )

    async def act(tx: Transaction) -> Mapping[str, Any]:
        post = await feeds.publish(tx, errand.account, draft)
        return await post_documents.create(tx, post, errand.account)

    return act


async def update(errand: Errand) -> Act:
    """Change what is supplied of a post or of oneself, and nothing else (C2S-14, C2S-15)."""
    given = errand.object
    changed_id = None if given is None else documents.identifier(given)
    if given is None or changed_id is None:
        raise Invalid("object", "Embed what changes, with the id of what it is about.")
    if changed_id == errand.account.actor_id:
        return profile.update(errand, given)
    errand.check_scope("write:statuses")
    if await finding.is_actor(errand, [changed_id]):
        raise NotAllowed("Only oneself can be changed here.")
    post = await _own(errand, changed_id)
    await _check_unchanged(errand, given, post)
    draft = await _changed(errand, given, post)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        edited = await posts.edit(tx, errand.account, post.id, draft)
        return boxes.told(tx, errand.account, "Update") or envelope.update(
            tx.instance.activity(identifiers.new(tx.now)),
            errand.account.actor_id,
            await post_documents.document(tx, edited, errand.account),
        )

    return act


async def delete(errand: Errand) -> Act:
    """Delete one's post; a Tombstone stays of what was open (C2S-15, C2S-16)."""
    errand.check_scope("write:statuses")
    deleted_id = errand.named()
    if await finding.is_actor(errand, [deleted_id]):
        raise NotAllowed("An account is closed on its own page, not by an app.")
    post = await _own(errand, deleted_id)

    async def act(tx: Transaction) -> Mapping[str, Any]:
        await posts.delete(tx, errand.account, post.id)
        said = boxes.told(tx, errand.account, "Delete")
        assert said is not None, "whoever deletes a post says so"
        return said

    return act


async def _own(errand: Errand, object_id: str) -> Post:
    """Return a post of the person's own. Raises NotFound, :class:`NotAllowed` (C2S-15)."""
    post = await finding.own_post(errand, object_id)
    if post.author_id != errand.account.id:
        raise NotAllowed("Only who wrote a post can change or delete it.")
    return post


def _check_note(note: Mapping[str, Any], account: Account) -> None:
    types = documents.types(note)
    if types != ("Note",):
        what = types[0][:50] if types else "thing without a type"
        raise Unsupported(f"A {what} cannot be written here: write a Note.")
    said = note.get("attributedTo")
    if said is not None and documents.iris(said) != [account.actor_id]:
        raise NotAllowed("What you write is yours: leave out attributedTo.")


def _words(note: Mapping[str, Any]) -> _Words:
    """Return what *note* says: its Markdown source when it has one, else its cleaned HTML."""
    content, language = documents.natural(note, "content")
    source = documents.one(note.get("source"))
    if isinstance(source, Mapping) and documents.string(source, "mediaType") in _AS_TYPED:
        typed = documents.string(source, "content")
        if typed is not None:
            return _Words(typed, None, language)
    media_type = documents.string(note, "mediaType") or "text/html"
    if media_type in _AS_TYPED:
        return _Words(content, None, language)
    if media_type != "text/html":
        raise Invalid("mediaType", "Write the content as text/html or text/markdown.")
    cleaned = html.clean(content)
    return _Words(html.plain(cleaned), cleaned, language)


async def _mentioned(errand: Errand, note: Mapping[str, Any]) -> tuple[Account, ...]:
    """Return whom the tags of *note* name."""
    found = [
        documents.iri(tag.get("href"))
        for tag in documents.many(note.get("tag"))
        if isinstance(tag, Mapping) and "Mention" in documents.types(tag)
    ]
    return await finding.people(errand, {each: None for each in found if each is not None})


async def _typed(errand: Errand, words: _Words) -> tuple[Account, ...]:
    """Return whom the text itself names; in HTML only its tags do."""
    if words.content is not None:
        return ()
    handles = posts.mentioned_in(words.text, errand.commune.instance.domain)
    return await lookup.mentioned(errand.commune, handles)


async def _people(
    errand: Errand, audience: addressing.Audience, parent: Post | None
) -> tuple[str, ...]:
    """Return the people of *audience*; those whom an open answer is for anyway are left out."""
    if parent is None or not audience.visibility.is_open:
        return audience.people
    anyway = await reach.open_audience_of(errand.commune.database.pool, parent.id)
    return tuple(each for each in audience.people if each != anyway)


async def _check_unchanged(errand: Errand, given: Mapping[str, Any], post: Post) -> None:
    """Raise :class:`Invalid` when *given* changes what stays as it is in a post."""
    if documents.types(given) not in ((), ("Note",)):
        raise Invalid("type", "A post stays a Note.")
    if "inReplyTo" in given and documents.iri(given["inReplyTo"]) != post.in_reply_to:
        raise Invalid("inReplyTo", "A post stays where it is in its thread.")
    if not any(name in given for name in addressing.NAMES):
        return
    async with errand.commune.database.transaction() as tx:
        to, cc = await post_documents.addressees(tx, post, errand.account)
    said = addressing.read(errand.account, given)
    people = {each for each in (*to, *cc) if each not in (PUBLIC, errand.account.followers_url)}
    if {*said.people, *said.blind} - people or said.visibility not in (
        post.visibility,
        # What is limited looks direct, where its flag is not repeated.
        post.visibility if not post.visibility.is_open and not said.is_empty else None,
    ):
        raise Invalid("to", "A post stays for whom it is: leave out the addressees.")


async def _changed(errand: Errand, given: Mapping[str, Any], post: Post) -> Draft:
    """Return what *post* is to say; a member that is null is emptied (C2S-14)."""
    db = errand.commune.database.pool
    if any(name in given for name in ("content", "contentMap", "source")):
        words = _words(given)
        named = await _mentioned(errand, given)
        mentioned = await _typed(errand, words)
    else:
        words = _Words(post.source, post.content, post.language)
        named = tuple(await reach.mentioned(db, post.id, silently=False))
        mentioned = ()
    summary = post.summary
    if "summary" in given or "summaryMap" in given:
        summary = html.plain(documents.natural(given, "summary")[0])
    sensitive = post.sensitive and not post.summary
    if "sensitive" in given:
        sensitive = documents.boolean(given["sensitive"]) or False
    known = (await details.attachments(db, [post.id])).get(post.id, [])
    attached = media.attached(errand.commune.instance, given, known)
    return Draft(
        text=words.text,
        visibility=post.visibility,
        summary=summary,
        sensitive=sensitive,
        language=words.language or post.language,
        mentioned=mentioned,
        media=attached.ids if "attachment" in given else None,
        words=attached.words,
        content=words.content,
        named=named,
    )
