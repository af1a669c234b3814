// Write, answer, react, change, and delete.
import assert from "node:assert/strict";

export default async function ({ client, marie, paul }) {
  const [ofMarie, ofPaul] = [client(marie), client(paul)];
  const status = await ofMarie.v1.statuses.create(
    { status: "Bonjour @paul #jardin", spoilerText: "attention", visibility: "unlisted", language: "fr" },
    { headers: new Headers({ "Idempotency-Key": "once" }) },
  );
  assert.equal(status.account.acct, "marie");
  assert.equal(status.mentions[0].acct, "paul");
  assert.equal(status.tags[0].name, "jardin");
  assert.equal(status.spoilerText, "attention");

  const one = ofPaul.v1.statuses.$select(status.id);
  const answer = await ofPaul.v1.statuses.create({ status: "Bonjour Marie", inReplyToId: status.id });
  assert.equal(answer.inReplyToId, status.id);
  assert.deepEqual((await one.context.fetch()).descendants.map((each) => each.id), [answer.id]);

  assert.ok((await one.favourite()).favourited);
  assert.ok((await one.bookmark()).bookmarked);
  const boost = await one.reblog();
  assert.equal(boost.reblog.id, status.id);
  assert.deepEqual((await one.favouritedBy.list()).map((each) => each.acct), ["paul"]);
  assert.deepEqual((await one.rebloggedBy.list()).map((each) => each.acct), ["paul"]);
  assert.deepEqual((await ofPaul.v1.bookmarks.list()).map((each) => each.id), [status.id]);
  assert.deepEqual((await ofPaul.v1.favourites.list()).map((each) => each.id), [status.id]);
  assert.ok(!(await one.unreblog()).reblogged);
  assert.ok(!(await one.unfavourite()).favourited);
  assert.ok(!(await one.unbookmark()).bookmarked);

  const mine = ofMarie.v1.statuses.$select(status.id);
  assert.ok((await mine.pin()).pinned);
  const edited = await mine.update({ status: "Rebonjour @paul #jardin" });
  assert.ok(edited.editedAt);
  assert.equal((await mine.history.list()).length, 2);
  assert.equal((await mine.source.fetch()).text, "Rebonjour @paul #jardin");
  assert.equal((await mine.remove()).text, "Rebonjour @paul #jardin");
  await assert.rejects(one.fetch(), { statusCode: 404 });
}
